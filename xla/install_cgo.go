//go:build cgo && (linux || darwin || windows)

package xla

import (
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
	var names []string
	for _, n := range everything {
		if installers[n] != nil {
			names = append(names, n)
		}
	}
	return names
}

// install may panic: the installer does where it cannot find a user's home folder.
func install(what, dir string) error { return installers[what](dir) }
