package kernel

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// marker is the environment variable by which a kernel's processes are recognised.
const marker = "LEMMA_KERNEL_ID"

// environment returns the environment of a kernel whose private folder is dir. Later settings
// replace earlier ones of the same name.
func environment(cfg Config, id, dir string) ([]string, error) {
	base := cfg.Env
	if base == nil {
		base = os.Environ()
	}
	env := newEnv(base)
	path, err := searchPath(cfg.Tools, env.get("PATH"), filepath.Join(dir, "bin"))
	if err != nil {
		return nil, err
	}
	env.set("PATH", path)
	env.set("TMPDIR", filepath.Join(dir, "tmp"))
	env.set("GOTMPDIR", "")
	env.set("GO111MODULE", "")
	// The go command may add to go.mod what a cell needs. In a workspace it may not.
	env.set("GOWORK", "off")
	env.set("GOFLAGS", goflags(env.get("GOFLAGS"), "-mod=mod"))
	if cfg.Workspace {
		env.set("GOWORK", "")
		env.set("GOFLAGS", goflags(env.get("GOFLAGS"), ""))
	}
	env.set("CGO_ENABLED", "0")
	if cfg.CGO {
		env.set("CGO_ENABLED", "1")
	}
	if cfg.GOPROXY != "" {
		env.set("GOPROXY", cfg.GOPROXY)
	}
	env.set(marker, id)
	for _, kv := range cfg.ExtraEnv {
		k, v, _ := strings.Cut(kv, "=")
		env.set(k, v)
	}
	return env.list(), nil
}

// goflags sets the mode of modules ("" for the default), drops what debuggers need unless the user has
// flags for the linker, and keeps the user's other flags.
func goflags(user, mod string) string {
	var out []string
	if mod != "" {
		out = append(out, mod)
	}
	for _, f := range strings.Fields(user) {
		if !strings.HasPrefix(f, "-mod=") && !strings.HasPrefix(f, "--mod=") {
			out = append(out, f)
		}
	}
	if !slices.ContainsFunc(out, func(f string) bool { return strings.HasPrefix(strings.TrimLeft(f, "-"), "ldflags=") }) {
		out = append(out, noDebugger)
	}
	return strings.Join(out, " ")
}

// noDebugger leaves out what only debuggers read, which is a quarter of the time that a cell takes to
// build. Stack traces keep their lines.
const noDebugger = "-ldflags=-w"

// UserProxy returns the GOPROXY that cells would get from the user's environment and the go
// command's settings, as far as they name a place to fetch from: "" for "off".
func UserProxy(ctx context.Context, cfg Config) string {
	if cfg.Tools == nil {
		return ""
	}
	cmd := exec.CommandContext(ctx, cfg.Tools.Go, "env", "GOPROXY")
	cmd.Dir, cmd.Env = cfg.Dir, cfg.Env
	out, err := cmd.Output()
	proxy := strings.TrimSpace(string(out))
	if err != nil || proxy == "off" {
		return ""
	}
	return proxy
}

// searchPath puts the tools and the go command first, and leaves gopls out: GoNB starts it for
// completions, which nobody asks for here, in a process group of its own, and it outlives a
// killed kernel. A folder that holds gopls is replaced by one with links to everything else.
func searchPath(t *Tools, path, shadow string) (string, error) {
	dirs := []string{filepath.Dir(t.Goimports)}
	// Links to go are followed by go itself to find its root; its folder may hold gopls too.
	dirs = append(dirs, filepath.Dir(t.Go))
	dirs = append(dirs, filepath.SplitList(path)...)
	seen := map[string]bool{}
	var out []string
	for _, d := range dirs {
		if d == "" || seen[d] {
			continue
		}
		seen[d] = true
		if executable(filepath.Join(d, "gopls")) {
			var err error
			if d, err = without(d, "gopls", filepath.Join(shadow, fmt.Sprint(len(out)))); err != nil {
				return "", err
			}
		}
		out = append(out, d)
	}
	return strings.Join(out, string(filepath.ListSeparator)), nil
}

func without(dir, name, shadow string) (string, error) {
	if err := os.MkdirAll(shadow, 0o700); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		if e.Name() == name {
			continue
		}
		if err := os.Symlink(filepath.Join(dir, e.Name()), filepath.Join(shadow, e.Name())); err != nil {
			return "", err
		}
	}
	return shadow, nil
}

// env is an environment without doubles, in the order of first appearance.
type env struct {
	keys   []string
	values map[string]string
}

func newEnv(list []string) *env {
	e := &env{values: map[string]string{}}
	for _, kv := range list {
		if k, v, ok := strings.Cut(kv, "="); ok && k != "" {
			e.set(k, v)
		}
	}
	return e
}

func (e *env) get(k string) string { return e.values[k] }

func (e *env) set(k, v string) {
	if _, ok := e.values[k]; !ok {
		e.keys = append(e.keys, k)
	}
	e.values[k] = v
}

func (e *env) list() []string {
	out := make([]string, 0, len(e.keys))
	for _, k := range e.keys {
		// The go command reads an empty GO111MODULE or GOTMPDIR as unset.
		out = append(out, k+"="+e.values[k])
	}
	return out
}
