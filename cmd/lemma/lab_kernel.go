package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/lemma-ml/lemma/jupyter/gomod"
	"github.com/lemma-ml/lemma/jupyter/kernel"
)

func kernelCommand() *command {
	return &command{
		name:    "kernel",
		args:    "connection-file",
		summary: "the Go kernel, for a front end to start; lemma lab registers it",
		about: `Runs gonb for a front end that has written a connection file, in the current folder. Cells import this
project's packages and those of the module around the folder, as with lemma run. It ends when the
front end shuts it down or has ended itself, and leaves nothing behind.`,
		examples: []example{
			{"lemma kernel /run/user/1000/jupyter/kernel-1.json", "what Jupyter does when a notebook is opened"},
		},
		flags: func(fs *flag.FlagSet) action {
			module := fs.String("module", "", "the checkout of this project that cells import is in `folder`")
			offline := fs.Bool("offline", false, "cells fetch no modules")
			return func(ctx context.Context, t terminal, args []string) error {
				if len(args) != 1 {
					return badUsage("got %s, want the connection file", plural(len(args), "argument"))
				}
				return serveKernel(ctx, t, args[0], *module, *offline)
			}
		},
	}
}

// jupyterName is the name under which notebooks ask for the kernel.
const jupyterName = "gonb"

// registerKernel writes a kernelspec whose program is this one into a folder of JUPYTER_PATH.
func registerKernel(dir, module string, tools *kernel.Tools, offline bool) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	spec := kernel.KernelSpec(tools)
	spec.Env = map[string]string{} // serveKernel sets the kernel's environment
	spec.Argv = []string{self, "kernel", "-module", module}
	if offline {
		spec.Argv = append(spec.Argv, "-offline")
	}
	spec.Argv = append(spec.Argv, "{connection_file}")
	_, err = kernel.InstallSpec(dir, jupyterName, spec)
	return err
}

// serveKernel runs the kernel with the modules that cells may import.
func serveKernel(ctx context.Context, t terminal, connection, module string, offline bool) error {
	if err := checkConnection(connection); err != nil {
		return failure{exitUsage, err}
	}
	own, err := kernelModule(ctx, module)
	if err != nil {
		return err
	}
	tools, err := kernel.Build(ctx, kernel.BuildConfig{ModuleDir: own.ToolsDir, Progress: building(t)})
	if err != nil {
		return err
	}
	around, err := gomod.Find(".")
	if err != nil {
		return err
	}
	seed := own
	if around != nil && around.ToolsDir != own.ToolsDir {
		seed = gomod.Merge(around, own)
	}
	cfg := kernel.Config{Tools: tools}
	_, cfg.CGO = cellBackend()
	if offline {
		cfg.GOPROXY = "off"
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go whileParentLives(ctx, stop)
	err = kernel.Serve(ctx, cfg, connection, func(dir string) error { return seed.WriteTo(dir, "notebook") })
	if errors.Is(err, context.Canceled) {
		return nil // the front end has ended, or ends its kernels
	}
	return err
}

// checkConnection says what is wrong with a connection file, before anything is built for it.
func checkConnection(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("the connection file: %w", err)
	}
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%s is no connection file of Jupyter: "+format, append([]any{path}, args...)...)
	}
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		return wrong("it is not a JSON object (%s)", shape(err))
	}
	for _, name := range []string{"transport", "ip", "key", "signature_scheme"} {
		if _, ok := doc[name].(string); !ok {
			return wrong("%s is %v, want a text", name, orNothing(doc[name]))
		}
	}
	for _, name := range []string{"shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"} {
		if p, ok := doc[name].(float64); !ok || p != math.Trunc(p) || p < 1 || p > 65535 {
			return wrong("%s is %v, want 1 to 65535", name, orNothing(doc[name]))
		}
	}
	return nil
}

// orNothing names what is not there.
func orNothing(v any) any {
	if v == nil {
		return "not there"
	}
	return v
}

// kernelModule is this project as cells import it: the checkout in a folder, else whatever this
// program finds.
func kernelModule(ctx context.Context, dir string) (*gomod.Seed, error) {
	if dir == "" {
		return ownModule(ctx)
	}
	seed, err := gomod.FromCheckout(dir)
	if err != nil {
		return nil, failure{exitUsage, err}
	}
	return seed, nil
}

// whileParentLives calls stop when the program that started this one has ended without a word: its
// kernels have no reader any more.
func whileParentLives(ctx context.Context, stop func()) {
	parent := os.Getppid()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if os.Getppid() != parent {
				stop()
				return
			}
		}
	}
}
