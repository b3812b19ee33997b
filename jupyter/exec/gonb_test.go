package exec

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
)

// gonbNotebooks is the folder of GoNB's own examples in the module cache.
func gonbNotebooks(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/janpfeifer/gonb")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "examples")
}

// GoNB's notebooks are the kind of thing users have: they read and write as they are.
func TestGonbNotebooksRoundTrip(t *testing.T) {
	dir := gonbNotebooks(t)
	a, _ := filepath.Glob(filepath.Join(dir, "*.ipynb"))
	b, _ := filepath.Glob(filepath.Join(dir, "tests", "*.ipynb"))
	if len(a)+len(b) < 10 {
		t.Fatalf("%d notebooks in %s", len(a)+len(b), dir)
	}
	for _, path := range append(a, b...) {
		nb, err := ipynb.ReadFile(path)
		if err != nil {
			t.Error(err)
			continue
		}
		var once, twice bytes.Buffer
		if err := nb.Write(&once); err != nil {
			t.Fatal(err)
		}
		if !sameJSON(t, path, once.Bytes()) {
			t.Errorf("%s: written, it is another JSON value", path)
		}
		again, err := ipynb.Parse(once.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if again.Write(&twice); !bytes.Equal(once.Bytes(), twice.Bytes()) {
			t.Errorf("%s: written twice, it differs", path)
		}
	}
}

// Those of GoNB's test notebooks that need nothing but this module's dependencies run, and
// print what their repository's own test expects of them.
func TestKernelGonbNotebooks(t *testing.T) {
	opt := withSeed(t, options(t))
	opt.WidgetIdle = 2 * time.Second
	dir := filepath.Join(gonbNotebooks(t), "tests")
	rows := []struct {
		file string
		want []string // stdout of the notebook contains
	}{
		{"hello.ipynb", []string{"Hello World!"}},
		{"functions.ipynb", []string{"incr: x=2, y=4.14"}},
		{"init.ipynb", []string{"init_a", "init_b"}},
		{"vartuple.ipynb", nil},
		{"goflags.ipynb", nil},
		{"script.ipynb", nil},
		{"bash_script.ipynb", nil},
		{"writefile.ipynb", nil},
		{"capture.ipynb", nil},
		{"gonbui.ipynb", nil},
		{"widgets.ipynb", []string{"clicked", "widget tested ok"}},
		{"comms.ipynb", []string{"got 2", "got 4", "closed", "ok", "No more."}},
		{"dom.ipynb", nil},
	}
	for _, row := range rows {
		t.Run(row.file, func(t *testing.T) {
			nb, err := ipynb.ReadFile(filepath.Join(dir, row.file))
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range nb.Cells {
				// The workspace of their repository's test is not ours.
				if strings.Contains(c.Source, "go.work") || strings.Contains(c.Source, "GONB_GIT_ROOT") {
					c.AddTag(tagSkip)
				}
				// One cell of script.ipynb is there to fail.
				if strings.Contains(c.Source, "X=17") {
					c.AddTag(tagRaises)
				}
			}
			work := t.TempDir()
			opt := opt
			opt.Kernel.Dir = work
			res, err := run(t, nb, opt)
			var out strings.Builder
			for _, c := range res.Notebook.Cells {
				out.WriteString(stdout(c))
			}
			if err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
			for _, want := range row.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("no %q in %q", want, out.String())
				}
			}
			for _, c := range res.Cells {
				if c.Status != CellOK && c.Status != CellSkipped && c.Status != CellAllowed {
					t.Errorf("cell %d: %s", c.Cell, c.Status)
				}
			}
			t.Logf("%v: %.300q", res.Elapsed.Round(time.Millisecond), out.String())
		})
	}
}

func sameJSON(t *testing.T, path string, b []byte) bool {
	t.Helper()
	a, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(canonical(t, a), canonical(t, b))
}
