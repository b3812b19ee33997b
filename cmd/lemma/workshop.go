package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/lemma-ml/lemma/jupyter/cache"
	nbexec "github.com/lemma-ml/lemma/jupyter/exec"
	"github.com/lemma-ml/lemma/jupyter/gomod"
	"github.com/lemma-ml/lemma/jupyter/kernel"
	"github.com/lemma-ml/lemma/xla"
	"golang.org/x/mod/modfile"
)

// workshop is what running notebooks takes: the kernel's programs, the modules that cells may
// import, the results of earlier runs, and the backend that cells will find.
type workshop struct {
	tools   *kernel.Tools
	own     *gomod.Seed
	runs    *cache.Cache
	backend string
	cgo     bool
}

// openWorkshop finds or builds everything.
func openWorkshop(ctx context.Context, t terminal) (*workshop, error) {
	w := &workshop{}
	var err error
	if w.own, err = ownModule(ctx); err != nil {
		return nil, err
	}
	if w.tools, err = kernel.Build(ctx, kernel.BuildConfig{ModuleDir: w.own.ToolsDir, Progress: building(t)}); err != nil {
		return nil, err
	}
	if w.runs, err = cache.Open(""); err != nil {
		return nil, err
	}
	w.backend, w.cgo = cellBackend()
	return w, nil
}

// building shows what kernel.Build says: a line each in a pipe, one line that changes on a terminal.
func building(t terminal) func(string) {
	live := t.errWidth()
	return func(s string) {
		if live > 0 && strings.HasPrefix(s, "compiling") {
			fmt.Fprintf(t.Err, "\r\x1b[K%.*s\r", live-1, s)
			return
		}
		fmt.Fprintln(t.Err, s)
	}
}

// options returns how to run the notebook at path: in its folder, with the modules around it and
// Lemma's own within reach.
func (w *workshop) options(path string) (nbexec.Options, error) {
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nbexec.Options{}, err
	}
	around, err := gomod.Find(dir)
	if err != nil {
		return nbexec.Options{}, err
	}
	seed := w.own
	if around != nil && around.ToolsDir != w.own.ToolsDir {
		seed = gomod.Merge(around, w.own)
	}
	return nbexec.Options{
		Kernel:  kernel.Config{Tools: w.tools, Dir: dir, CGO: w.cgo},
		Seed:    seed,
		Cache:   w.runs,
		Backend: w.backend,
	}, nil
}

// owns reports whether a notebook lies in this project, whose outputs are trusted.
func (w *workshop) owns(path string) bool {
	abs, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(w.own.ToolsDir, abs)
	return err == nil && filepath.IsLocal(rel)
}

// ownModule returns this module as cells import it: the checkout around the current folder, else the
// source that this program was built from, else the released version that it is.
func ownModule(ctx context.Context) (*gomod.Seed, error) {
	if dir, err := findCheckout(); err == nil {
		return gomod.FromCheckout(dir)
	}
	if _, file, _, ok := runtime.Caller(0); ok {
		dir := filepath.Dir(filepath.Dir(filepath.Dir(file)))
		if data, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil && modfile.ModulePath(data) == modulePath {
			return gomod.FromCheckout(dir)
		}
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path != modulePath || !strings.HasPrefix(info.Main.Version, "v") {
		return nil, errors.New("cannot find the source of Lemma that cells import: run it inside of a checkout, or install a release with go install " + modulePath + "/cmd/lemma@latest")
	}
	return gomod.FromModule(ctx, modulePath, info.Main.Version)
}

// cellBackend says which backend xla.Open("auto") will take in a cell, and whether cells need cgo
// for it. Without a usable plugin they are built without cgo, which needs no C compiler and links in
// a fraction of the time.
func cellBackend() (name string, cgo bool) {
	if name = strings.TrimSpace(os.Getenv(xla.Variable)); name != "" && name != "auto" {
		return name, xla.NeedsCgo(name)
	}
	cc := "gcc"
	if v := os.Getenv("CC"); v != "" {
		cc = strings.Fields(v)[0]
	}
	if _, err := exec.LookPath(cc); err == nil {
		for _, p := range xla.Plugins() {
			if p.Obstacle() == "" {
				return "xla:" + p.Path, true
			}
		}
	}
	return xla.Fallback, false
}

// params collects -p name=value.
type params map[string]string

func (p params) String() string { return "" }

func (p params) Set(s string) error {
	name, value, ok := strings.Cut(s, "=")
	if !ok || name == "" {
		return fmt.Errorf("%q, want name=value", s)
	}
	if _, twice := p[name]; twice {
		return fmt.Errorf("%s is given twice", name)
	}
	p[name] = value
	return nil
}
