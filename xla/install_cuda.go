//go:build cgo && linux && amd64

package xla

import "github.com/gomlx/go-xla/pkg/installer"

func init() {
	installers["cuda"] = func(dir string) error {
		return installer.CudaInstall("cuda13", "latest", dir, true, installer.Normal)
	}
	installers["tpu"] = func(dir string) error {
		return installer.TPUInstall("tpu", "latest", dir, true, installer.Normal)
	}
}
