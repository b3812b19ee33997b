package cache

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/jupyter/gomod"
	"github.com/lemma-ml/lemma/jupyter/ipynb"
)

// module writes a local module and returns its seed and folder.
func module(t *testing.T) (*gomod.Seed, string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":            "module example.org/m\n\ngo 1.25.0\n",
		"lib/a/a.go":        "package a\n\nimport _ \"example.org/m/lib/b\"\n",
		"lib/a/a_test.go":   "package a\n",
		"lib/b/b.go":        "package b\n\nimport _ \"embed\"\n\n//go:embed data/*.txt\nvar s string\n",
		"lib/b/data/x.txt":  "1",
		"lib/b/data/x.csv":  "1",
		"lib/b/notes.md":    "1",
		"lib/unused/u.go":   "package unused\n",
		"lib/implicit/i.go": "package implicit\n",
	} {
		write(t, dir, name, text)
	}
	seed, err := gomod.FromCheckout(dir)
	if err != nil {
		t.Fatal(err)
	}
	return seed, dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func inputs(seed *gomod.Seed) Inputs {
	return Inputs{
		Cells: []Cell{
			{Source: "import \"example.org/m/lib/a\"\n", Tags: []string{"parameters", "x"}},
			{Source: "%%\na.F(implicit.G())"},
		},
		Params: map[string]string{"p": "1", "q": "2"},
		Seed:   seed, Gonb: "v1", Go: "go1.26.0", Platform: "linux/amd64", Backend: "go",
	}
}

func key(t *testing.T, in Inputs) string {
	t.Helper()
	k, err := in.Key()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKey(t *testing.T) {
	seed, _ := module(t)
	base := key(t, inputs(seed))
	if len(base) != 64 || key(t, inputs(seed)) != base {
		t.Fatalf("key %q is not the same twice", base)
	}
	rows := []struct {
		reason string
		change func(*Inputs)
		same   bool
	}{
		{"order of tags", func(in *Inputs) { in.Cells[0].Tags = []string{"x", "parameters"} }, true},
		{"a space in the code", func(in *Inputs) { in.Cells[1].Source += " " }, false},
		{"a tag", func(in *Inputs) { in.Cells[1].Tags = []string{"raises-exception"} }, false},
		{"order of cells", func(in *Inputs) { in.Cells[0], in.Cells[1] = in.Cells[1], in.Cells[0] }, false},
		{"one cell made two", func(in *Inputs) { in.Cells = append(in.Cells, Cell{}) }, false},
		{"a parameter", func(in *Inputs) { in.Params["p"] = "2" }, false},
		{"values of parameters exchanged", func(in *Inputs) { in.Params = map[string]string{"p": "2", "q": "1"} }, false},
		{"GoNB", func(in *Inputs) { in.Gonb = "v2" }, false},
		{"Go", func(in *Inputs) { in.Go = "go1.27" }, false},
		{"backend", func(in *Inputs) { in.Backend = "xla" }, false},
		{"environment", func(in *Inputs) { in.Env = []string{"A=1"} }, false},
		{"go.mod", func(in *Inputs) { s := *in.Seed; s.Require = map[string]string{"x.org/x": "v1.0.0"}; in.Seed = &s }, false},
		{"go.sum", func(in *Inputs) { s := *in.Seed; s.Sum = map[string]bool{"x": true}; in.Seed = &s }, false},
		{"no seed", func(in *Inputs) { in.Seed = nil }, false},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			in := inputs(seed)
			row.change(&in)
			if got := key(t, in) == base; got != row.same {
				t.Errorf("same key: %v, want %v", got, row.same)
			}
		})
	}
}

func TestSources(t *testing.T) {
	rows := []struct {
		reason, file string
		same         bool
	}{
		{"an imported package", "lib/a/a.go", false},
		{"a package behind it", "lib/b/b.go", false},
		{"a new file of a package", "lib/a/new.go", false},
		{"assembly", "lib/b/b_amd64.s", false},
		{"an embedded file", "lib/b/data/x.txt", false},
		{"a new embedded file", "lib/b/data/y.txt", false},
		{"a package that goimports will find", "lib/implicit/i.go", false},
		{"a file beside the embedded ones", "lib/b/data/x.csv", true},
		{"a text", "lib/b/notes.md", true},
		{"a test", "lib/a/a_test.go", true},
		{"a package that nobody uses", "lib/unused/u.go", true},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			seed, dir := module(t)
			before := key(t, inputs(seed))
			old, _ := os.ReadFile(filepath.Join(dir, row.file))
			write(t, dir, row.file, string(old)+"\n// changed\n")
			if got := key(t, inputs(seed)) == before; got != row.same {
				t.Errorf("same key: %v, want %v", got, row.same)
			}
		})
	}
}

func TestGetPut(t *testing.T) {
	c, err := Open(filepath.Join(t.TempDir(), "deep", "runs"))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Get("k"); ok {
		t.Error("an empty cache has an entry")
	}
	nb := ipynb.New("gonb", "go")
	cell := ipynb.NewCell(ipynb.Code, "x")
	cell.Outputs = []*ipynb.Output{{Type: ipynb.Stream, Name: "stdout", Text: "1\n"}}
	nb.Cells = append(nb.Cells, cell)
	if err := c.Put("k", &Entry{Notebook: nb, Run: json.RawMessage(`{"a":1}`)}); err != nil {
		t.Fatal(err)
	}
	e, ok := c.Get("k")
	if !ok || e.Notebook.Cells[0].Outputs[0].Text != "1\n" || !strings.Contains(string(e.Run), `"a"`) {
		t.Errorf("got %+v, %v", e, ok)
	}
	if nb.Metadata[runField] != nil {
		t.Error("Put changed its argument")
	}
	os.WriteFile(c.path("broken"), []byte("{"), 0o644)
	if _, ok := c.Get("broken"); ok {
		t.Error("a broken entry was returned")
	}
	if _, err := os.Stat(c.path("broken")); err == nil {
		t.Error("a broken entry was kept")
	}
}

func TestPrune(t *testing.T) {
	c, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"old", "middle", "young"} {
		os.WriteFile(c.path(name), make([]byte, 100), 0o644)
		when := time.Unix(int64(1000*(i+1)), 0)
		os.Chtimes(c.path(name), when, when)
	}
	if err := c.Prune(250); err != nil {
		t.Fatal(err)
	}
	left, _ := filepath.Glob(filepath.Join(c.Dir(), "*"))
	if len(left) != 2 || strings.Contains(strings.Join(left, " "), "old") {
		t.Errorf("left %v", left)
	}
}

func BenchmarkKey(b *testing.B) {
	seed, err := gomod.FromCheckout("../..")
	if err != nil {
		b.Fatal(err)
	}
	in := Inputs{Seed: seed, Cells: []Cell{{Source: "import \"github.com/lemma-ml/lemma/lib/claim\"\nvar _ = claim.Claim{}"}}}
	for b.Loop() {
		if _, err := in.Key(); err != nil {
			b.Fatal(err)
		}
	}
}
