package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lemma-ml/lemma/xla"
)

func doctorCommand() *command {
	return &command{
		name:    "doctor",
		summary: "what this machine has, what is missing and how to get it",
		about: `Looks at Go, the C compiler, the notebook kernel, Jupyter, Chromium, the processor, PJRT plugins and
their devices, and the cache folders. It uses no network. -install xla downloads the PJRT plugins
that suit the machine (cpu, cuda and tpu download one) into the home folder.

The exit code is 0 if everything that is required is there, 1 if not.`,
		examples: []example{
			{"lemma doctor", "look"},
			{"lemma doctor -json", "the same for a program"},
			{"lemma doctor -install xla", "download the PJRT plugins for this machine"},
			{"lemma doctor -install cpu -timeout 2m", "the plugin for CPUs, or give up"},
		},
		flags: func(fs *flag.FlagSet) action {
			asJSON := fs.Bool("json", false, "print JSON instead of text")
			install := fs.String("install", "", "download PJRT plugins: `xla`, cpu, cuda or tpu")
			timeout := fs.Duration("timeout", 15*time.Minute, "give up installing after `d`")
			return func(ctx context.Context, t terminal, args []string) error {
				if len(args) > 0 {
					return badUsage("unexpected argument %q", args[0])
				}
				if *timeout <= 0 {
					return badUsage("-timeout %v, want more than 0", *timeout)
				}
				if *install != "" && *asJSON {
					return badUsage("-json and -install: choose one; lemma doctor -json afterwards shows what there is")
				}
				if *install != "" {
					return installPlugin(ctx, t, *install, *timeout)
				}
				return doctor(ctx, t, *asJSON)
			}
		},
	}
}

// finding is one thing that doctor looked at.
type finding struct {
	Name    string `json:"name"`
	Status  string `json:"status"` // "ok", "missing" (optional) or "required" (missing and required)
	Detail  string `json:"detail"`
	Mend    string `json:"mend,omitempty"` // the command that mends it
	UsedFor string `json:"for,omitempty"`  // what it is for, where it is optional
}

const (
	statusOK       = "ok"
	statusMissing  = "missing"
	statusRequired = "required"
)

func doctor(ctx context.Context, t terminal, asJSON bool) error {
	var all []finding
	for _, look := range []func(context.Context) []finding{lookGo, lookCgo, lookKernel, lookJupyter, lookChromium, lookProcessor, lookPlugins, lookCaches} {
		all = append(all, look(ctx)...)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	open, cancel := context.WithTimeoutCause(ctx, 20*time.Second, errors.New("no answer within 20 s"))
	defer cancel()
	backend, report, err := xla.Open(open, "auto")
	if err == nil {
		defer backend.Finalize()
	}
	required := 0
	for _, f := range all {
		if f.Status == statusRequired {
			required++
		}
	}
	if asJSON {
		doc := map[string]any{"findings": all, "backend": report, "required": required}
		if err != nil {
			doc["backend_error"] = err.Error()
		}
		if err := printJSON(t.Out, doc); err != nil {
			return err
		}
	} else {
		for _, f := range all {
			mark := map[string]string{statusOK: "ok", statusMissing: "--", statusRequired: "!!"}[f.Status]
			fmt.Fprintf(t.Out, "%s  %-10s %s\n", mark, f.Name, strings.ReplaceAll(f.Detail, "\n", "\n"+strings.Repeat(" ", 15)))
			if f.UsedFor != "" && f.Status == statusMissing {
				fmt.Fprintf(t.Out, "%15sonly for %s\n", "", f.UsedFor)
			}
			if f.Mend != "" {
				fmt.Fprintf(t.Out, "%15sget it: %s\n", "", f.Mend)
			}
		}
		if err != nil {
			fmt.Fprintf(t.Out, "!!  %-10s %v\n", "backend", err)
		} else {
			fmt.Fprintf(t.Out, "ok  %-10s %s\n", "backend", strings.ReplaceAll(report.String(), "\n", "\n"+strings.Repeat(" ", 13)))
		}
	}
	if required > 0 || err != nil {
		return failed
	}
	return nil
}

// installPlugin downloads plugins and then says what auto would choose.
func installPlugin(ctx context.Context, t terminal, what string, timeout time.Duration) error {
	limited, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("not done within %v", timeout))
	defer cancel()
	if slices.Contains(xla.Installable(), what) {
		fmt.Fprintf(t.Err, "installing PJRT plugins (%s) into %s; Ctrl-C stops it\n", what, short(xla.InstallDir()))
	}
	if err := xla.Install(limited, what); err != nil {
		if known := xla.Installable(); !slices.Contains(known, what) {
			return failure{exitUsage, err}
		}
		return err
	}
	backend, report, err := xla.Open(limited, "auto")
	if err != nil {
		return err
	}
	backend.Finalize()
	fmt.Fprintln(t.Out, report)
	return nil
}
