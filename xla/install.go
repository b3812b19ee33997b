package xla

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// everything is what Install knows on some platform.
var everything = []string{"xla", "cpu", "cuda", "tpu"}

// Installable returns what Install knows on this platform.
func Installable() []string { return installable() }

// InstallDir returns the folder that Install writes to and that Plugins searches first:
// $HOME/.local/lib/go-xla on Linux. It is empty if there is no home folder.
func InstallDir() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	switch runtime.GOOS {
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "go-xla")
	case "windows":
		return filepath.Join(home, "AppData", "Local", "go-xla")
	}
	return filepath.Join(home, ".local", "lib", "go-xla")
}

// Install downloads PJRT plugins into InstallDir with go-xla's installer: "xla" is what suits the
// devices of this machine, "cpu", "cuda" (which takes gigabytes) and "tpu" are one platform's. It
// returns when ctx is done: the installer has no deadline of its own and cannot be interrupted, so
// its download is then abandoned, and ends at the latest with the program. Files are renamed into
// place when complete, so an abandoned download leaves no half plugin. The installer writes its
// progress to standard output.
func Install(ctx context.Context, what string) error {
	known := Installable()
	if len(known) == 0 {
		known = everything
	}
	switch {
	case !slices.Contains(everything, what) || haveCgo && !slices.Contains(known, what):
		return fmt.Errorf("xla.Install(%q): not known on %s/%s; known are %s", what, runtime.GOOS, runtime.GOARCH, strings.Join(known, ", "))
	case !haveCgo:
		return fmt.Errorf("xla.Install(%q): %w", what, errNoCgo)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("xla.Install(%q): %w", what, err)
	}
	dir := InstallDir()
	if dir == "" {
		return fmt.Errorf("xla.Install(%q): no home folder to install into; set HOME", what)
	}
	_, err := protect(ctx, func() (struct{}, error) { return struct{}{}, install(what, dir) })
	switch {
	case err != nil && ctx.Err() != nil:
		return fmt.Errorf("xla.Install(%q): %w (is the network there?)", what, err)
	case err != nil:
		return fmt.Errorf("xla.Install(%q): %w", what, err)
	}
	return nil
}
