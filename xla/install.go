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
	if !slices.Contains(known, what) {
		if !haveCgo {
			return fmt.Errorf("xla.Install(%q): %w", what, errNoCgo)
		}
		return fmt.Errorf("xla.Install(%q): not known on %s/%s; known are %s", what, runtime.GOOS, runtime.GOARCH, strings.Join(known, ", "))
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("xla.Install(%q): %w", what, err)
	}
	dir := InstallDir()
	if dir == "" {
		return fmt.Errorf("xla.Install(%q): no home folder to install into; set HOME", what)
	}
	if err := wait(ctx, func() error { return install(what, dir) }); err != nil {
		return fmt.Errorf("xla.Install(%q): %w", what, err)
	}
	return nil
}

// wait runs f, which cannot be interrupted, and returns early when ctx is done.
func wait(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("gave up: %w (is the network there?)", context.Cause(ctx))
	}
}
