package exec

import (
	"archive/zip"
	"os"
	"path/filepath"
	"testing"
)

// fileProxy makes a GOPROXY of files with one module.
func fileProxy(t *testing.T, module, version string, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, filepath.FromSlash(module), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"list": version + "\n", version + ".mod": files["go.mod"],
		version + ".info": `{"Version":"` + version + `","Time":"2026-01-01T00:00:00Z"}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(dir, version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	for name, text := range files {
		w, err := z.Create(module + "@" + version + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return "file://" + filepath.ToSlash(root)
}

// Modules beyond the seed come from the user's proxy: at once where a cell imports one, and
// after a failure where only goimports knew that the cell needs one.
func TestKernelForeignModule(t *testing.T) {
	opt := options(t)
	opt.Kernel.GOPROXY = "" // the user's
	t.Setenv("GOPROXY", fileProxy(t, "example.org/tiny", "v1.0.0", map[string]string{
		"go.mod": "module example.org/tiny\n\ngo 1.25\n", "tiny.go": "package tiny\n\nfunc Size() int { return 3 }\n",
	}))
	t.Setenv("GONOSUMDB", "*")
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOFLAGS", "-modcacherw") // the test's folder must be removed
	for _, src := range []string{
		"import \"example.org/tiny\"\n\n%%\nfmt.Println(tiny.Size())",
		"%%\nfmt.Println(tiny.Size())",
	} {
		res, err := run(t, notebook(src), opt)
		if err != nil {
			t.Fatal(err)
		}
		if got := stdout(res.Notebook.Cells[0]); got != "3\n" || errorOf(res.Notebook.Cells[0]) != nil {
			t.Errorf("%q printed %q", src, got)
		}
	}
}
