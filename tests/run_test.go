package tests

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
)

// notebook writes a notebook of code cells and returns its path.
func notebook(t *testing.T, name string, cells ...*ipynb.Cell) string {
	t.Helper()
	nb := ipynb.New("gonb", "go")
	nb.Cells = cells
	path := filepath.Join(t.TempDir(), name)
	if err := nb.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func code(source string, tags ...string) *ipynb.Cell {
	c := ipynb.NewCell(ipynb.Code, source)
	for _, tag := range tags {
		c.AddTag(tag)
	}
	return c
}

// printed is all that the notebook's cells wrote.
func printed(t *testing.T, path string) string {
	t.Helper()
	nb, err := ipynb.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, c := range nb.Cells {
		for _, o := range c.Outputs {
			b.WriteString(o.Text + o.EName + o.EValue)
		}
	}
	return b.String()
}

const hello = "%%\nfmt.Println(\"hello\")"

// How notebooks fail, and what is kept. Each runs in the real kernel, through the command.
func TestRunFailures(t *testing.T) {
	slow(t)
	for _, c := range []struct {
		reason string
		cells  []*ipynb.Cell
		args   []string
		code   int
		keeps  string // in the outputs that are kept
		says   string // on standard error
	}{
		{"all is well", []*ipynb.Cell{code(hello)}, nil, 0, "hello", "1 cell"},
		{"a panic", []*ipynb.Cell{code(hello), code("%%\npanic(\"alas\")"), code(hello)}, nil, 1, "alas", "cell 2"},
		{"an exit status", []*ipynb.Cell{code(hello), code("%%\nos.Exit(3)")}, nil, 1, "hello", "exit status 3"},
		{"a compile error", []*ipynb.Cell{code("%%\nvar x int = \"text\"\nfmt.Println(x)")}, nil, 1, "", "cell 1"},
		{"a cell that may fail", []*ipynb.Cell{code("%%\npanic(\"alas\")", "raises-exception"), code(hello)}, nil, 0, "hello", ""},
		{"a cell that is skipped", []*ipynb.Cell{code("%%\npanic(\"alas\")", "skip-execution"), code(hello)}, nil, 0, "hello", ""},
		{"a loop without end", []*ipynb.Cell{code(hello), code("%%\nfor i := 0; ; i++ {\n\tif i%1e9 == 0 {\n\t\tfmt.Println(\"round\")\n\t}\n}")}, []string{"-timeout", "20s"}, 3, "hello", "20s"},
		{"a kernel that is killed", []*ipynb.Cell{code(hello), code("import \"syscall\"\n\n%%\nsyscall.Kill(os.Getppid(), syscall.SIGKILL)\ntime.Sleep(time.Minute)")}, nil, 4, "hello", "kernel"},
		{"a cell that asks for input", []*ipynb.Cell{code("%with_inputs\n%%\nvar s string\nfmt.Scanln(&s)\nfmt.Println(s)")}, nil, 1, "", "input"},
		{"100,000 lines", []*ipynb.Cell{code("%%\nfor i := range 100000 {\n\tfmt.Println(\"line\", i)\n}")}, nil, 0, "line 99999", ""},
		{"the library, without a set-up cell", []*ipynb.Cell{code("import \"github.com/lemma-ml/lemma/lib/rng\"\n\n%%\nfmt.Printf(\"%.4f\\n\", rng.NewSplitMix(1).Normals(2))")}, nil, 0, "[-0.0343 -1.2926]", ""},
		{"a parameter", []*ipynb.Cell{code("var depth = 3", "parameters"), code("%%\nfmt.Println(\"depth\", depth)")}, []string{"-p", "depth=5"}, 0, "depth 5", ""},
		{"an unknown parameter", []*ipynb.Cell{code("var depth = 3", "parameters"), code(hello)}, []string{"-p", "dept=5"}, 2, "", "depth"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			path := notebook(t, "nb.ipynb", c.cells...)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(filepath.Dir(path), "out.ipynb")
			r := lemma(t, append([]string{"run", path, "-o", out}, c.args...)...)
			if r.code != c.code || !strings.Contains(r.err, c.says) {
				t.Errorf("exit code %d, want %d and %q in\n%s", r.code, c.code, c.says, r.err)
			}
			if _, err := os.Stat(out); (err == nil) != (c.code != 2) {
				t.Errorf("exit code %d, and the output is there: %t", r.code, err == nil)
			}
			if c.keeps != "" {
				if got := printed(t, out); !strings.Contains(got, c.keeps) {
					t.Errorf("%q is not among the kept outputs:\n%.2000s", c.keeps, got)
				}
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
				t.Errorf("the notebook itself was changed (%v)", err)
			}
		})
	}
}

// Live widgets of gonbui wait for a browser; a run answers in its place.
func TestRunLiveWidgets(t *testing.T) {
	slow(t)
	path := notebook(t, "sliders.ipynb",
		code("import (\n\t\"github.com/janpfeifer/gonb/gonbui/widgets\"\n)\n\n%%\ns := widgets.Slider(1, 10, 4).Done()\nfmt.Println(\"value\", s.Value())"))
	r := lemma(t, "run", path)
	if r.code != 0 || !strings.Contains(r.out, "value 4") {
		t.Errorf("exit code %d\n%s%s", r.code, r.out, r.err)
	}
}

func TestRunIsCachedAndWrites(t *testing.T) {
	slow(t)
	// The text differs from run to run of the test, so that nothing is known at first.
	path := notebook(t, "nb.ipynb", ipynb.NewCell(ipynb.Markdown, "# Title"), code(fmt.Sprintf("%%%%\nfmt.Println(\"stamp\", %d)", time.Now().UnixNano())))
	first := lemma(t, "run", path, "-w")
	if first.code != 0 || strings.Contains(first.err, "unchanged") || !strings.Contains(printed(t, path), "stamp") {
		t.Fatalf("exit code %d\n%s", first.code, first.err)
	}
	if second := lemma(t, "run", path); second.code != 0 || !strings.Contains(second.err, "unchanged") || !strings.Contains(second.out, "stamp") {
		t.Errorf("the same again: exit code %d\n%s%s", second.code, second.out, second.err)
	}
	nb, err := ipynb.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	nb.Cells[0].Source = "# Another title"
	if err := nb.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	if r := lemma(t, "run", path); !strings.Contains(r.err, "unchanged") {
		t.Errorf("other prose was run again:\n%s", r.err)
	}
	if r := lemma(t, "run", path, "-force"); strings.Contains(r.err, "unchanged") {
		t.Errorf("-force did not run:\n%s", r.err)
	}
}

// Several notebooks, two at a time, one of them failing: the others are whole.
func TestRunSeveral(t *testing.T) {
	slow(t)
	var paths []string
	for i := range 3 {
		source := fmt.Sprintf("%%%%\nfmt.Println(\"notebook\", %d)", i)
		if i == 1 {
			source = "%%\npanic(\"alas\")"
		}
		paths = append(paths, notebook(t, fmt.Sprintf("nb%d.ipynb", i), code(source)))
	}
	dir := t.TempDir()
	r := lemma(t, append([]string{"run", "-j", "2", "-o", dir}, paths...)...)
	if r.code != 1 {
		t.Errorf("exit code %d, want 1\n%s", r.code, r.err)
	}
	for i, want := range []string{"notebook 0", "alas", "notebook 2"} {
		if got := printed(t, filepath.Join(dir, fmt.Sprintf("nb%d.ipynb", i))); !strings.Contains(got, want) {
			t.Errorf("notebook %d kept %q, want %q", i, got, want)
		}
	}
}
