package kernel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/lemma-ml/lemma/jupyter/wire"
)

// Serve runs gonb for a front end, such as Jupyter, that has written a connection file and talks
// to the kernel itself. It gives the kernel what Start gives: a private folder, goimports and
// no gopls on PATH, and nothing left behind at the end. prepare, if not nil, is called with the
// kernel's folder as soon as its go.mod is there, before a reader can have sent a cell; a seed is
// written there. Serve returns when the kernel has ended, with nil if the front end shut it down,
// or when ctx ends.
//
// A program whose kernelspec names it instead of gonb calls Serve with the
// connection file from its arguments.
func Serve(ctx context.Context, cfg Config, connectionFile string, prepare func(workDir string) error) error {
	if cfg.Tools == nil {
		return errors.New("kernel.Serve: Config.Tools is nil, want the result of Build")
	}
	file, err := filepath.Abs(connectionFile)
	if err == nil {
		_, err = os.Stat(file)
	}
	if err != nil {
		return fmt.Errorf("kernel.Serve: connection file: %w", err)
	}
	k := &Kernel{
		ID: wire.NewID(), cfg: cfg, log: &tail{most: 64 << 10},
		died: make(chan struct{}), reaped: make(chan struct{}),
	}
	defer k.Close()
	if k.dir, err = privateDir(); err != nil {
		return fmt.Errorf("kernel.Serve: %w", err)
	}
	env, err := environment(cfg, k.ID, k.dir)
	if err != nil {
		return fmt.Errorf("kernel.Serve: %w", err)
	}
	// A reader of Jupyter sees compile errors best as GoNB's HTML.
	k.cmd = exec.Command(cfg.Tools.Gonb, "--kernel", file)
	k.cmd.Dir, k.cmd.Env = cfg.Dir, env
	k.cmd.Stdout, k.cmd.Stderr = k.log, k.log
	if err := k.launch(); err != nil {
		return fmt.Errorf("kernel.Serve: %w", err)
	}
	if prepare != nil {
		if err := k.prepareFolder(ctx, prepare); err != nil {
			return err
		}
	}
	select {
	case <-k.died:
	case <-ctx.Done():
		return ctx.Err()
	}
	var died *DiedError
	if errors.As(k.Err(), &died) && died.Reason != exitedWell {
		return died
	}
	return nil
}

// prepareFolder waits for the go.mod that GoNB makes at its start, a few hundredths of a second.
func (k *Kernel) prepareFolder(ctx context.Context, prepare func(string) error) error {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		if dir := k.WorkDir(); dir != "" {
			// The go command names the Go version last; before that the file is not complete.
			if data, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil && strings.Contains(string(data), "\ngo ") {
				if err := prepare(dir); err != nil {
					return fmt.Errorf("kernel.Serve: %w", err)
				}
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-k.died:
			return k.Err()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
