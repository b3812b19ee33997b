package gomod

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// write makes files below a temporary folder.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const exampleMod = `module example.org/a

go 1.25.0

require (
	example.org/b v1.2.0
	example.org/c v0.1.0 // indirect
)

replace example.org/b => ../b

exclude example.org/c v0.0.9

tool example.org/c/cmd
`

func TestFromCheckout(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": exampleMod, "go.sum": "example.org/c v0.1.0 h1:x=\nexample.org/c v0.1.0/go.mod h1:y=\n"})
	s, err := FromCheckout(dir)
	if err != nil {
		t.Fatal(err)
	}
	f, err := modfile.Parse("go.mod", s.GoMod("gonb_1"), nil)
	if err != nil {
		t.Fatalf("%v in\n%s", err, s.GoMod("gonb_1"))
	}
	if f.Module.Mod.Path != "gonb_1" || f.Go.Version != "1.25.0" || len(f.Require) != 3 || len(f.Tool) != 0 {
		t.Errorf("got\n%s", s.GoMod("gonb_1"))
	}
	want := []Local{{"example.org/a", dir}, {"example.org/b", filepath.Join(filepath.Dir(dir), "b")}}
	if !reflect.DeepEqual(s.Locals, want) {
		t.Errorf("locals %v, want %v", s.Locals, want)
	}
	// GoNB watches folders named in one-line replace directives: there must be none.
	if strings.Contains(string(s.GoMod("x")), "\nreplace example") {
		t.Error("a replace directive stands on a line of its own")
	}
	if got := string(s.GoSum()); strings.Count(got, "\n") != 2 {
		t.Errorf("go.sum %q", got)
	}
	if err := s.WriteTo(dir, "x"); err != nil {
		t.Fatal(err)
	}
}

func TestErrors(t *testing.T) {
	rows := []struct{ reason, mod, want string }{
		{"no go.mod", "", "go.mod: no such file"},
		{"not a go.mod", "modul x\n", "unknown directive"},
		{"no module", "go 1.25\n", "no module directive"},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			dir := t.TempDir()
			if row.mod != "" {
				dir = write(t, map[string]string{"go.mod": row.mod})
			}
			if _, err := FromCheckout(dir); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
}

func TestFind(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": exampleMod, "notebooks/deep/x": ""})
	s, err := Find(filepath.Join(dir, "notebooks", "deep"))
	if err != nil || s == nil || s.ToolsDir != dir {
		t.Fatalf("got %+v, %v", s, err)
	}
	if s, err := Find(t.TempDir()); err != nil || s != nil {
		t.Errorf("outside of a module: got %v, %v", s, err)
	}
}

// A proxy in a folder and a module cache of its own: no network, and nothing that other tests or
// builds happen to have left in the user's cache.
func TestFromModule(t *testing.T) {
	const path, version = "example.org/m", "v1.2.3"
	source := write(t, map[string]string{"go.mod": "module example.org/m\n\ngo 1.24\n", "m.go": "package m\n"})
	proxy := write(t, map[string]string{
		path + "/@v/" + version + ".info": `{"Version":"` + version + `"}`,
		path + "/@v/" + version + ".mod":  "module example.org/m\n\ngo 1.24\n",
	})
	archive, err := os.Create(filepath.Join(proxy, path, "@v", version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	if err := zip.CreateFromDir(archive, module.Version{Path: path, Version: version}, source); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"GOPROXY": "file://" + filepath.ToSlash(proxy), "GOMODCACHE": t.TempDir(),
		"GOSUMDB": "off", "GONOPROXY": "", "GOPRIVATE": "", "GOFLAGS": "-modcacherw",
	} {
		t.Setenv(name, value)
	}
	s, err := FromModule(t.Context(), path, version)
	if err != nil {
		t.Fatal(err)
	}
	if s.Require[path] != version || !strings.Contains(string(s.GoSum()), path+" "+version+" h1:") {
		t.Errorf("got\n%s\n%s", s.GoMod("x"), s.GoSum())
	}
	_, err = FromModule(t.Context(), path, "v1.9.9")
	if err == nil || !strings.Contains(err.Error(), path+"@v1.9.9") {
		t.Errorf("a version that is not there: got %v", err)
	}
}

func TestMerge(t *testing.T) {
	a := &Seed{Go: "1.24", Require: map[string]string{"example.org/a": "v1.0.0", "example.org/b": "v2.0.0"}, Sum: map[string]bool{"a": true}}
	a.addReplace("example.org/a", "", "/a", "")
	b := &Seed{Go: "1.26.0", Require: map[string]string{"example.org/a": "v1.1.0", "example.org/b": "v1.9.0", "example.org/c": "v0.1.0"}, Sum: map[string]bool{"b": true}}
	b.addReplace("example.org/a", "", "/other", "")
	b.addReplace("example.org/c", "", "/c", "")
	m := Merge(a, b)
	want := map[string]string{"example.org/a": "v1.1.0", "example.org/b": "v2.0.0", "example.org/c": "v0.1.0"}
	if !reflect.DeepEqual(m.Require, want) || m.Go != "1.26.0" || len(m.Sum) != 2 {
		t.Errorf("got %+v", m)
	}
	if !reflect.DeepEqual(m.Locals, []Local{{"example.org/a", "/a"}, {"example.org/c", "/c"}}) {
		t.Errorf("locals %v", m.Locals)
	}
	if Merge(nil, b) != b || Merge(a, nil) != a {
		t.Error("nil is not neutral")
	}
}

func TestImports(t *testing.T) {
	rows := []struct {
		reason, cell string
		want         []string
	}{
		{"none", "x := 1", nil},
		{"one", `import "fmt"`, []string{"fmt"}},
		{"named, dotted, blank", "import a \"x.org/a\"\nimport . \"x.org/b\"\nimport _ `x.org/c`", []string{"x.org/a", "x.org/b", "x.org/c"}},
		{"a block after statements", "%%\nfmt.Println(\"import\")\nimport (\n\t\"os\" // comment\n\n\tm \"math\"\n)\n", []string{"math", "os"}},
		{"in a comment or a string", "// import \"a\"\nx := `import \"b\"`", nil},
		{"special lines", "!ls import\n%args \"x\"\nimport \"os\"", []string{"os"}},
		{"cut off", "import (\n\"os\"", []string{"os"}},
		{"import as a word", "import\nx := \"no\"", nil},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			if got := Imports(row.cell); len(got)+len(row.want) > 0 && !reflect.DeepEqual(got, row.want) {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestProvides(t *testing.T) {
	s := &Seed{Require: map[string]string{"example.org/a": "v1.0.0"}}
	s.addReplace("example.org/a", "", "/src/a", "")
	rows := []struct {
		reason string
		paths  []string
		want   bool
	}{
		{"nothing", nil, true},
		{"standard library", []string{"fmt", "encoding/json"}, true},
		{"package of a module", []string{"example.org/a/lib/x", "example.org/a"}, true},
		{"a module with a longer name", []string{"example.org/ab"}, false},
		{"foreign", []string{"fmt", "example.org/b"}, false},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			if got := s.Provides(row.paths); got != row.want {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
	if got := s.LocalDir("example.org/a/lib/x"); got != "/src/a/lib/x" {
		t.Errorf("got folder %q", got)
	}
	if s.LocalDir("fmt") != "" {
		t.Error("fmt has a local folder")
	}
	if (*Seed)(nil).Provides([]string{"example.org/a"}) {
		t.Error("no seed provides a module")
	}
}
