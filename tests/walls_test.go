package tests

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/lemma-ml/lemma"

// pkg is what go list says of one package of this module.
type pkg struct {
	ImportPath, Dir, Name string
	GoFiles, CgoFiles     []string
	TestGoFiles           []string
	XTestGoFiles          []string
	Imports, Deps         []string
	TestImports           []string
	XTestImports          []string
	rel                   string // path within the module, "lib/ntk"
}

// packages lists this module's packages, as `go list` sees them without test files in Deps.
var packages = sync.OnceValues(func() ([]pkg, error) {
	cmd := exec.Command("go", "list", "-json", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return nil, errors.New("go list: " + string(exit.Stderr))
		}
		return nil, err
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		p.rel = strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		all = append(all, p)
	}
})

func mustPackages(t *testing.T) []pkg {
	t.Helper()
	all, err := packages()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("go list found %d packages, want the whole module", len(all))
	}
	return all
}

// walls says which rooms of this module a room may use, directly or through others: the first entry
// whose prefix fits decides. Imports run downwards only.
var walls = []struct {
	room  string
	may   []string // nil means anything
	tests []string // what its tests may import beside that
}{
	{room: "cmd"},
	{room: "tests"},
	{"lib", []string{"lib"}, []string{"simd"}},                                                               // any backend serves lib; its tests run on ours
	{"widgets", []string{"widgets", "lib/figure", "lib/claim", "lib/lesson", "lib/rng", "jupyter/tex"}, nil}, // lib/lesson draws its trials from lib/rng
	{"jupyter", []string{"jupyter"}, nil},
	{"xla", []string{"simd"}, nil},
	{"simd", []string{"simd"}, nil},
}

func within(path, room string) bool { return path == room || strings.HasPrefix(path, room+"/") }

func TestWalls(t *testing.T) {
	for _, p := range mustPackages(t) {
		var may, tests []string
		found := false
		for _, w := range walls {
			if within(p.rel, w.room) {
				may, tests, found = w.may, slices.Concat(w.may, w.tests), true
				break
			}
		}
		if !found {
			t.Errorf("%s lies in no known room: add it to the walls, with what it may import", p.rel)
			continue
		}
		if may == nil {
			continue
		}
		for _, list := range []struct{ imports, may []string }{{p.Deps, may}, {p.TestImports, tests}, {p.XTestImports, tests}} {
			for _, dep := range list.imports {
				if !within(dep, module) || dep == p.ImportPath {
					continue
				}
				rel := strings.TrimPrefix(dep, module+"/")
				if !slices.ContainsFunc(list.may, func(room string) bool { return within(rel, room) }) {
					t.Errorf("%s imports %s; it may import %s", p.rel, rel, strings.Join(list.may, ", "))
				}
			}
		}
	}
}

// outside says what package simd and those below it may import beyond the standard library and this
// module: what GoMLX's interface needs, no other backend. Generators may import a writer of assembly.
var outside = []string{
	"github.com/gomlx/gomlx/backends",
	"github.com/gomlx/gomlx/backends/notimplemented",
	"github.com/gomlx/gomlx/backends/shapeinference",
	"github.com/gomlx/gomlx/pkg/core/dtypes",
	"github.com/gomlx/gomlx/pkg/core/dtypes/bfloat16",
	"github.com/gomlx/gomlx/pkg/core/shapes",
	"github.com/pkg/errors",
	"github.com/x448/float16",
	"golang.org/x/sys/cpu",
}

const generator = "github.com/mmcloughlin/avo"

// foreign returns what a package of simd imports and may not.
func foreign(p pkg) []string {
	var bad []string
	for _, path := range p.Imports {
		first, _, _ := strings.Cut(path, "/")
		switch {
		case !strings.Contains(first, "."): // the standard library
		case within(path, module): // TestWalls
		case slices.Contains(outside, path):
		case p.Name == "main" && filepath.Base(p.rel) == "gen" && within(path, generator):
		default:
			bad = append(bad, path)
		}
	}
	return bad
}

func TestSimdIsNative(t *testing.T) {
	for _, c := range []struct {
		reason string
		p      pkg
		want   []string
	}{
		{"all that is allowed", pkg{Imports: append([]string{"fmt", "encoding/json", module + "/simd/internal/ir"}, outside...)}, nil},
		{"another backend", pkg{Imports: []string{"github.com/gomlx/gomlx/backends/simplego"}}, []string{"github.com/gomlx/gomlx/backends/simplego"}},
		{"GoMLX's graphs", pkg{Imports: []string{"unsafe", "github.com/gomlx/gomlx/pkg/core/graph"}}, []string{"github.com/gomlx/gomlx/pkg/core/graph"}},
		{"below what is allowed", pkg{Imports: []string{"golang.org/x/sys/cpu/more"}}, []string{"golang.org/x/sys/cpu/more"}},
		{"a generator", pkg{Name: "main", rel: "simd/internal/x/gen", Imports: []string{generator + "/build"}}, nil},
		{"a package that would link one", pkg{Name: "x", rel: "simd/internal/x", Imports: []string{generator + "/build"}}, []string{generator + "/build"}},
	} {
		if got := foreign(c.p); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.reason, got, c.want)
		}
	}
	n := 0
	for _, p := range mustPackages(t) {
		if !within(p.rel, "simd") {
			continue
		}
		n++
		for _, path := range foreign(p) {
			t.Errorf("%s imports %s; outside the standard library it may import %s", p.rel, path, strings.Join(outside, ", "))
		}
	}
	if n < 10 {
		t.Errorf("%d packages looked at, want all of simd", n)
	}
}

// Only xla may reach the plugins, and no package of ours has C in it: a cell or a program that does
// not ask for XLA neither links it nor needs a C compiler.
func TestOnlyXLAReachesC(t *testing.T) {
	for _, p := range mustPackages(t) {
		if len(p.CgoFiles) > 0 {
			t.Errorf("%s has files that import \"C\": %v", p.rel, p.CgoFiles)
		}
		if within(p.rel, "xla") || within(p.rel, "cmd") || within(p.rel, "tests") {
			continue
		}
		for _, dep := range p.Deps {
			if dep == "github.com/gomlx/gomlx/backends/xla" || strings.HasPrefix(dep, "github.com/gomlx/go-xla") {
				t.Errorf("%s links %s", p.rel, dep)
			}
		}
	}
}

func TestBuildsWithoutCgo(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: builds everything a second time")
	}
	cmd := exec.Command("go", "build", "./...")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("CGO_ENABLED=0 go build ./...: %v\n%s", err, out)
	}
}

// Every package opens with a doc.go that teaches and shows itself in an Example, or its doc.go says
// why there is none, in a sentence that begins with "No example:".
func TestEveryPackageIsDocumented(t *testing.T) {
	for _, p := range mustPackages(t) {
		if p.Name == "main" || within(p.rel, "tests") || strings.Contains(p.rel, "internal") {
			continue
		}
		doc, err := os.ReadFile(filepath.Join(p.Dir, "doc.go"))
		if err != nil {
			t.Errorf("%s has no doc.go", p.rel)
			continue
		}
		if !strings.Contains(string(doc), "// Package "+p.Name+" ") {
			t.Errorf("%s/doc.go does not begin with \"// Package %s \"", p.rel, p.Name)
		}
		example := strings.Contains(string(doc), "No example:")
		for _, name := range append(slices.Clone(p.TestGoFiles), p.XTestGoFiles...) {
			src, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			example = example || strings.Contains(string(src), "\nfunc Example")
		}
		if !example {
			t.Errorf("%s has no Example, and its doc.go does not say why (\"No example: ...\")", p.rel)
		}
	}
}

func TestFormat(t *testing.T) {
	gofmt, err := exec.LookPath("gofmt")
	if err != nil {
		t.Skip("no gofmt on the PATH")
	}
	var files []string
	for _, p := range mustPackages(t) {
		m, err := filepath.Glob(filepath.Join(p.Dir, "*.go")) // also those that build constraints leave out
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, m...)
	}
	out, err := exec.Command(gofmt, append([]string{"-l"}, files...)...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("gofmt -l: %v\n%s", err, out)
	}
}
