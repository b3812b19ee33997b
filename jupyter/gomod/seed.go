package gomod

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// Local is a module whose source lies in a folder that a person edits.
type Local struct {
	Path string // module path
	Dir  string // absolute
}

// Seed is the content of a go.mod and a go.sum.
type Seed struct {
	Go       string            // version of the go directive, such as "1.26.0"
	Require  map[string]string // module path -> version
	Replace  []*modfile.Replace
	Exclude  []module.Version
	Sum      map[string]bool // lines of go.sum
	Locals   []Local         // modules replaced by folders, in the order of their paths
	ToolsDir string          // folder of the module from which tools may be built; see kernel.Build
}

// noVersion is required of a module that a replace directive points at a folder.
const noVersion = "v0.0.0-00010101000000-000000000000"

// FromCheckout makes a seed that requires the module in dir and replaces it by dir. Its own
// replace directives are kept, relative folders made absolute.
func FromCheckout(dir string) (*Seed, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("gomod.FromCheckout: %w", err)
	}
	s, f, err := read(dir)
	if err != nil {
		return nil, fmt.Errorf("gomod.FromCheckout: %w", err)
	}
	path := f.Module.Mod.Path
	s.Require[path] = noVersion
	s.addReplace(path, "", dir, "")
	for _, r := range f.Replace {
		to := r.New.Path
		if r.New.Version == "" && !filepath.IsAbs(to) {
			to = filepath.Join(dir, to)
		}
		s.addReplace(r.Old.Path, r.Old.Version, to, r.New.Version)
	}
	for _, x := range f.Exclude {
		s.Exclude = append(s.Exclude, x.Mod)
	}
	return s, nil
}

// FromModule makes a seed that requires a module at a version. The module is taken from the
// module cache, or downloaded with the user's GOPROXY where it is not there.
func FromModule(ctx context.Context, path, version string) (*Seed, error) {
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", path+"@"+version)
	cmd.Dir = os.TempDir() // outside of any module
	cmd.Env = append(os.Environ(), "GOWORK=off", "GO111MODULE=on")
	out, err := cmd.Output()
	var info struct{ Dir, Sum, GoModSum, Version, Error string }
	if jerr := json.Unmarshal(out, &info); jerr != nil || info.Error != "" || info.Dir == "" {
		why := info.Error
		if why == "" && err != nil {
			why = err.Error()
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				why = strings.TrimSpace(string(exit.Stderr))
			}
		}
		return nil, fmt.Errorf("gomod.FromModule: %s@%s: %s", path, version, cmp.Or(why, "no answer from go mod download"))
	}
	s, _, err := read(info.Dir)
	if err != nil {
		return nil, fmt.Errorf("gomod.FromModule: %w", err)
	}
	s.Require[path] = info.Version
	s.Sum[fmt.Sprintf("%s %s %s", path, info.Version, info.Sum)] = true
	s.Sum[fmt.Sprintf("%s %s/go.mod %s", path, info.Version, info.GoModSum)] = true
	return s, nil
}

// Find returns the seed of the module around dir (the nearest folder above with a go.mod), or
// nil where there is none.
func Find(dir string) (*Seed, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("gomod.Find: %w", err)
	}
	for {
		_, err := os.Stat(filepath.Join(dir, "go.mod"))
		if err == nil {
			return FromCheckout(dir)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("gomod.Find: %w", err)
		}
		up := filepath.Dir(dir)
		if up == dir {
			return nil, nil
		}
		dir = up
	}
}

// read starts a seed from the go.mod and go.sum of a folder.
func read(dir string) (*Seed, *modfile.File, error) {
	name := filepath.Join(dir, "go.mod")
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, err
	}
	f, err := modfile.Parse(name, data, nil)
	if err != nil {
		return nil, nil, err
	}
	if f.Module == nil {
		return nil, nil, fmt.Errorf("%s: no module directive", name)
	}
	s := &Seed{Require: map[string]string{}, Sum: map[string]bool{}, ToolsDir: dir}
	if f.Go != nil {
		s.Go = f.Go.Version
	}
	for _, r := range f.Require {
		s.Require[r.Mod.Path] = r.Mod.Version
	}
	sum, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	for line := range bytes.Lines(sum) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			s.Sum[string(line)] = true
		}
	}
	return s, f, nil
}

func (s *Seed) addReplace(path, version, to, toVersion string) {
	s.Replace = append(s.Replace, &modfile.Replace{
		Old: module.Version{Path: path, Version: version},
		New: module.Version{Path: to, Version: toVersion},
	})
	if toVersion == "" {
		s.Locals = append(s.Locals, Local{Path: path, Dir: to})
		slices.SortFunc(s.Locals, func(a, b Local) int { return cmp.Compare(a.Path, b.Path) })
	}
}

// Merge returns a seed that requires what a and b require, each at the higher version. Where
// both replace the same module, a's replacement stands. Either may be nil.
func Merge(a, b *Seed) *Seed {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	m := &Seed{
		Go: a.Go, ToolsDir: a.ToolsDir,
		Require: maps.Clone(a.Require), Sum: maps.Clone(a.Sum),
		Replace: slices.Clone(a.Replace), Locals: slices.Clone(a.Locals),
		Exclude: append(slices.Clone(a.Exclude), b.Exclude...),
	}
	if semver.Compare("v"+b.Go, "v"+a.Go) > 0 {
		m.Go = b.Go
	}
	for path, v := range b.Require {
		if old, ok := m.Require[path]; !ok || semver.Compare(v, old) > 0 {
			m.Require[path] = v
		}
	}
	maps.Copy(m.Sum, b.Sum)
	for _, r := range b.Replace {
		if !slices.ContainsFunc(a.Replace, func(o *modfile.Replace) bool { return o.Old.Path == r.Old.Path }) {
			m.addReplace(r.Old.Path, r.Old.Version, r.New.Path, r.New.Version)
		}
	}
	return m
}

// GoMod returns the text of go.mod for a module of the given path. The same seed gives the same
// text.
func (s *Seed) GoMod(path string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "module %s\n", modfile.AutoQuote(path))
	if s.Go != "" {
		fmt.Fprintf(&b, "\ngo %s\n", s.Go)
	}
	if len(s.Require) > 0 {
		b.WriteString("\nrequire (\n")
		for _, p := range slices.Sorted(maps.Keys(s.Require)) {
			fmt.Fprintf(&b, "\t%s %s\n", modfile.AutoQuote(p), s.Require[p])
		}
		b.WriteString(")\n")
	}
	if len(s.Replace) > 0 {
		// In a block: GoNB watches every folder named by a replace directive on a line of its own.
		b.WriteString("\nreplace (\n")
		for _, r := range s.Replace {
			fmt.Fprintf(&b, "\t%s => %s\n", side(r.Old), side(r.New))
		}
		b.WriteString(")\n")
	}
	if len(s.Exclude) > 0 {
		b.WriteString("\nexclude (\n")
		for _, x := range s.Exclude {
			fmt.Fprintf(&b, "\t%s\n", side(x))
		}
		b.WriteString(")\n")
	}
	return []byte(b.String())
}

func side(v module.Version) string {
	s := modfile.AutoQuote(v.Path)
	if v.Version != "" {
		s += " " + v.Version
	}
	return s
}

// GoSum returns the text of go.sum.
func (s *Seed) GoSum() []byte {
	lines := slices.Sorted(maps.Keys(s.Sum))
	if len(lines) == 0 {
		return nil
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}

// WriteTo writes go.mod and go.sum into dir, for a module of the given path.
func (s *Seed) WriteTo(dir, path string) error {
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), s.GoMod(path), 0o600); err != nil {
		return fmt.Errorf("gomod.WriteTo: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "go.sum"), s.GoSum(), 0o600); err != nil {
		return fmt.Errorf("gomod.WriteTo: %w", err)
	}
	return nil
}
