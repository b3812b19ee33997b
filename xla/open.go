package xla

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/backends"
	_ "github.com/gomlx/gomlx/backends/simplego" // registers "go", to compare with
	"github.com/gomlx/gomlx/pkg/core/graph"

	_ "github.com/lemma-ml/lemma/simd" // registers "simd", the backend that is always there
)

// Variable is the environment variable that "auto" obeys.
const Variable = backends.ConfigEnvVar

// Fallback is the backend that "auto" ends at where no plugin works. It needs nothing but Go.
const Fallback = "simd"

// simple is GoMLX's own backend in Go.
const simple = "go"

// errNoCgo is why a program built without cgo has no plugins.
var errNoCgo = errors.New("this program was built without cgo, so it cannot load PJRT plugins; install a C compiler (Debian, Ubuntu: apt-get install gcc libc6-dev) and build with CGO_ENABLED=1")

// aliases are the names under which GoMLX registers its XLA backend.
var aliases = []string{"xla", "stablehlo", "hlo", "shlo"}

// NeedsCgo reports whether a configuration, such as "simd:parallelism=2" or "xla:cuda", names a backend
// that is reached through C: GoMLX's for XLA, under any of its names.
func NeedsCgo(config string) bool {
	kind, _, _ := strings.Cut(config, ":")
	return slices.Contains(aliases, kind)
}

// Open returns the backend that name asks for (see the package's documentation; "" is "auto") and a
// report of the choice. The report is never nil and says what was passed over even where there is an
// error. Open returns when ctx is done, also from inside a plugin that does not answer; what the
// plugin was doing is then abandoned. The caller may Finalize the backend when done with it.
func Open(ctx context.Context, name string) (backends.Backend, *Report, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		name = "auto"
	}
	r := &Report{Asked: name}
	var b backends.Backend
	var err error
	if name == "auto" {
		b, err = r.auto(ctx)
	} else {
		r.Because = "asked for by name"
		b, err = r.named(ctx, name)
	}
	if err != nil {
		return nil, r, fmt.Errorf("xla.Open(%q): %w", name, err)
	}
	r.About = b.Description()
	for i := range b.NumDevices() {
		r.Devices = append(r.Devices, b.DeviceDescription(backends.DeviceNum(i)))
	}
	return b, r, nil
}

// MustOpen returns the backend that name asks for and panics if there is none: for notebooks, where
// a panic is how a cell fails.
func MustOpen(name string) backends.Backend {
	b, _, err := Open(context.Background(), name)
	if err != nil {
		panic(err)
	}
	return b
}

// Names returns the backends that can be asked for in this program.
func Names() []string {
	names := []string{"auto", "xla"}
	for _, n := range backends.List() {
		if !slices.Contains(aliases, n) {
			names = append(names, n)
		}
	}
	slices.Sort(names[2:])
	for _, p := range Plugins() {
		if n := "xla:" + p.Platform; !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// auto opens the first that works of: the environment's wish, plugins in order of preference, simd.
func (r *Report) auto(ctx context.Context) (backends.Backend, error) {
	if config := strings.TrimSpace(os.Getenv(Variable)); config != "" && config != "auto" {
		r.Because = "set in the environment by " + Variable
		b, err := r.named(ctx, config)
		if err != nil {
			err = fmt.Errorf("%s=%s in the environment: %w", Variable, config, err)
		}
		return b, err
	}
	plugins := Plugins()
	for _, p := range plugins {
		b, err := r.tryPlugin(ctx, p)
		if err == nil {
			r.Because = "the best PJRT plugin on this machine that works"
			return b, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
		r.Passed = append(r.Passed, Passed{"xla:" + p.Path, err.Error()})
	}
	if len(plugins) == 0 {
		r.Passed = append(r.Passed, Passed{"xla", "no PJRT plugin on this machine (lemma doctor -install xla fetches one)"})
	}
	r.Because = "it needs nothing but Go"
	return r.named(ctx, Fallback)
}

// tryPlugin opens a plugin for auto, which wants to know that it computes before it relies on it.
func (r *Report) tryPlugin(ctx context.Context, p Plugin) (backends.Backend, error) {
	if why := p.Obstacle(); why != "" {
		return nil, errors.New(why)
	}
	b, err := r.plugin(ctx, p, nil)
	if err != nil {
		return nil, err
	}
	if err := firstProgram(ctx, b); err != nil {
		b.Finalize()
		return nil, fmt.Errorf("it loads, but a first program fails: %w", err)
	}
	return b, nil
}

// named opens what a configuration in GoMLX's form says.
func (r *Report) named(ctx context.Context, config string) (backends.Backend, error) {
	kind, rest, _ := strings.Cut(config, ":")
	if NeedsCgo(config) {
		parts := strings.Split(rest, ",")
		p, err := find(parts[0])
		if err != nil {
			return nil, err
		}
		if !haveCgo {
			return nil, errNoCgo
		}
		return r.plugin(ctx, p, parts[1:])
	}
	if !slices.Contains(backends.List(), kind) {
		return nil, fmt.Errorf("no backend %q; known are %s", kind, strings.Join(Names(), ", "))
	}
	r.Config, r.Platform = config, kind
	return protect(ctx, func() (backends.Backend, error) { return backends.NewWithConfig(inOrder(config)) })
}

// inOrder has GoMLX's Go backend run the operations of a program one after the other, unless the
// configuration says otherwise. Side by side, which is its default, each operation holds one of the
// backend's workers while it waits for more of them to share its own work: when all of them wait, none
// goes on, and the program hangs. Operations in order still share their work, and programs still run
// side by side.
func inOrder(config string) string {
	kind, options, given := strings.Cut(config, ":")
	if kind != simple || strings.Contains(options, "ops_parallel") || strings.Contains(options, "ops_sequential") {
		return config
	}
	if !given || options == "" {
		return kind + ":ops_sequential"
	}
	return config + ",ops_sequential"
}

// find returns the plugin that the part after "xla:" names: nothing for the best, a platform, or a
// path.
func find(name string) (Plugin, error) {
	if strings.ContainsRune(name, filepath.Separator) {
		path, err := filepath.Abs(name)
		if err != nil {
			return Plugin{}, err
		}
		info, err := os.Stat(path)
		switch {
		case err != nil:
			return Plugin{}, fmt.Errorf("PJRT plugin: %w", err)
		case !info.Mode().IsRegular():
			return Plugin{}, fmt.Errorf("PJRT plugin %s is not a file", path)
		}
		platform := platformOf(path)
		if platform == "" {
			platform = "unknown"
		}
		return Plugin{Platform: platform, Path: path}, nil
	}
	plugins := Plugins()
	for _, p := range plugins {
		if name == p.Platform || name == "" && lacksDevice(p.Platform) == "" {
			return p, nil
		}
	}
	const help = "; `lemma doctor -install xla` fetches one, or give its file as xla:/path/to/plugin.so"
	if len(plugins) == 0 {
		return Plugin{}, fmt.Errorf("no PJRT plugin on this machine (looked in %d folders)%s", len(searchPath()), help)
	}
	var have []string
	for _, p := range plugins {
		have = append(have, "xla:"+p.Platform+" ("+p.Path+")")
	}
	if name == "" {
		return Plugin{}, fmt.Errorf("no PJRT plugin whose device is on this machine; found %s%s", strings.Join(have, ", "), help)
	}
	return Plugin{}, fmt.Errorf("no PJRT plugin for platform %q; found %s%s", name, strings.Join(have, ", "), help)
}

// plugin loads one plugin.
func (r *Report) plugin(ctx context.Context, p Plugin, options []string) (backends.Backend, error) {
	// GoMLX shares buffers with the host for a plugin called "cpu"; opened by path it needs the word.
	if p.Platform == "cpu" && !slices.Contains(options, "noshared_buffers") && !slices.Contains(options, "shared_buffers") {
		options = append(slices.Clone(options), "shared_buffers")
	}
	config := strings.Join(append([]string{p.Path}, options...), ",")
	b, err := protect(ctx, func() (backends.Backend, error) { return loadPlugin(p, config) })
	if err != nil {
		return nil, err
	}
	r.Config, r.Platform, r.Plugin, r.Version = "xla:"+config, p.Platform, p.Path, pluginVersion(p)
	return b, nil
}

// protect runs f, which cannot be interrupted, turns a panic into an error, and returns early when
// ctx is done.
func protect[T any](ctx context.Context, f func() (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		var res result
		defer func() {
			if p := recover(); p != nil {
				res.value, res.err = none, fmt.Errorf("panic: %v", p)
			}
			done <- res
		}()
		res.value, res.err = f()
	}()
	select {
	case res := <-done:
		return res.value, res.err
	case <-ctx.Done():
		return none, fmt.Errorf("gave up waiting for it: %w", context.Cause(ctx))
	}
}

// firstProgram computes 1 + 2 on the backend: a plugin whose version does not fit often loads and
// fails only when it compiles.
func firstProgram(ctx context.Context, b backends.Backend) error {
	_, err := protect(ctx, func() (struct{}, error) {
		out, err := graph.ExecOnce(b, func(x *graph.Node) *graph.Node { return graph.AddScalar(x, 2) }, float32(1))
		if err != nil {
			return struct{}{}, err
		}
		defer out.MustFinalizeAll()
		if got, ok := out.Value().(float32); !ok || got != 3 {
			return struct{}{}, fmt.Errorf("1 + 2 gave %v", out.Value())
		}
		return struct{}{}, nil
	})
	return err
}
