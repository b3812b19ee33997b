package main

import (
	"context"
	"errors"
	"flag"
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
