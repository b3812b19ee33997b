//go:build cgo && (linux || darwin || windows)

package xla

import (
	"fmt"
	"path/filepath"

	"github.com/gomlx/go-xla/pkg/installer"
)

// installers are the platforms' own; install_cuda.go adds those that go-xla has on one system only.
var installers = map[string]func(dir string) error{
	"xla": func(dir string) error {
		return installer.AutoInstall(filepath.Dir(dir), true, installer.Normal)
	},
	"cpu": func(dir string) error {
		return installer.CPUAutoInstall(dir, true, installer.Normal)
	},
}

func installable() []string {
	names := []string{"xla", "cpu"}
	for _, n := range []string{"cuda", "tpu"} {
		if installers[n] != nil {
			names = append(names, n)
		}
	}
	return names
}

func install(what, dir string) (err error) {
	defer func() {
		if p := recover(); p != nil { // it panics where it cannot find a user's home folder
			err = fmt.Errorf("installer: %v", p)
		}
	}()
	return installers[what](dir)
}
