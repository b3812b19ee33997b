package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

func versionCommand() *command {
	return &command{
		name:    "version",
		summary: "which lemma this is, for a report of an error",
		about: `Prints the module's version, or the revision that it was built from, with the versions of Go and of
the libraries that compute, and the platform.`,
		examples: []example{
			{"lemma version", "a few lines"},
			{"lemma version -json", "the same for a program"},
		},
		flags: func(fs *flag.FlagSet) action {
			asJSON := fs.Bool("json", false, "print JSON instead of text")
			return func(_ context.Context, t terminal, args []string) error {
				if len(args) > 0 {
					return badUsage("unexpected argument %q", args[0])
				}
				info, _ := debug.ReadBuildInfo()
				v := versionOf(info)
				if *asJSON {
					return printJSON(t.Out, v)
				}
				v.print(t.Out)
				return nil
			}
		},
	}
}

// version is what a program knows of its making; what it does not know is empty.
type version struct {
	Version  string            `json:"version"`            // of the module: "v1.2.3"
	Revision string            `json:"revision,omitempty"` // of the repository
	Time     string            `json:"time,omitempty"`     // of the revision
	Modified bool              `json:"modified,omitempty"` // changed since the revision
	Go       string            `json:"go"`
	Platform string            `json:"platform"`
	Cgo      bool              `json:"cgo"`
	Modules  map[string]string `json:"modules,omitempty"`
}

// shownModules are those that decide what is computed or how a notebook runs.
var shownModules = []string{"github.com/gomlx/gomlx", "github.com/gomlx/go-xla", "github.com/janpfeifer/gonb", "gonum.org/v1/gonum"}

func versionOf(info *debug.BuildInfo) version {
	v := version{Version: "unknown", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Modules: map[string]string{}}
	if info == nil {
		return v
	}
	switch info.Main.Version {
	case "":
	case "(devel)":
		v.Version = "development"
	default:
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.time":
			v.Time = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		case "CGO_ENABLED":
			v.Cgo = s.Value == "1"
		}
	}
	for _, m := range info.Deps {
		for _, path := range shownModules {
			if m.Path == path {
				v.Modules[path] = m.Version
			}
		}
	}
	return v
}

func (v version) print(w io.Writer) {
	fmt.Fprintf(w, "lemma %s", v.Version)
	if v.Revision != "" {
		fmt.Fprintf(w, ", revision %s", v.Revision)
		if v.Time != "" {
			fmt.Fprintf(w, " of %s", v.Time)
		}
		if v.Modified {
			fmt.Fprint(w, ", modified since")
		}
	}
	cgo := "without cgo"
	if v.Cgo {
		cgo = "with cgo"
	}
	fmt.Fprintf(w, "\n%s %s %s\n", v.Go, v.Platform, cgo)
	for _, path := range shownModules {
		if m := v.Modules[path]; m != "" {
			fmt.Fprintf(w, "%s %s\n", path, m)
		}
	}
}
