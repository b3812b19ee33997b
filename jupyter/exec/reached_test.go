package exec

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/jupyter/cache"
	"github.com/lemma-ml/lemma/jupyter/ipynb"
	"github.com/lemma-ml/lemma/jupyter/kernel"
)

// withOutputs gives each cell an output of an earlier run.
func withOutputs(nb *ipynb.Notebook) *ipynb.Notebook {
	for i, c := range nb.Cells {
		c.Outputs = []*ipynb.Output{{Type: ipynb.Stream, Name: "stdout", Text: fmt.Sprintf("earlier %d", i+1)}}
		count := 7 + i
		c.ExecutionCount = &count
	}
	return nb
}

// A kernel that does not start leaves every output as it was.
func TestKernelThatDoesNotStartKeepsOutputs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gonb")
	if err := os.WriteFile(path, []byte("#!/bin/sh\nexit 7\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	opt := Options{Kernel: kernel.Config{Tools: &kernel.Tools{Gonb: path, Goimports: path, Go: path}}}
	res, err := Run(context.Background(), withOutputs(notebook("a", "b")), opt)
	var start *kernel.StartError
	if !errors.As(err, &start) {
		t.Fatalf("got %v, want a StartError", err)
	}
	for i, c := range res.Notebook.Cells {
		if want := fmt.Sprintf("earlier %d", i+1); stdout(c) != want || c.ExecutionCount == nil || *c.ExecutionCount != 7+i {
			t.Errorf("cell %d: %q, execution count %v; want %q, %d", i+1, stdout(c), c.ExecutionCount, want, 7+i)
		}
	}
}

// A cell's earlier outputs go when it starts: after a failure the rest keeps its own, also where
// the run comes from the cache.
func TestKernelCellsNotReachedKeepOutputs(t *testing.T) {
	opt := options(t)
	c, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	opt.Cache = c
	for _, cached := range []bool{false, true} {
		res, err := run(t, withOutputs(notebook("%%\nfmt.Println(1)", " ", "%%\nos.Exit(3)", "%%\nfmt.Println(4)")), opt)
		if ExitCode(err) != 1 || res.Cached != cached {
			t.Fatalf("got %v, from the cache %v, want %v", err, res.Cached, cached)
		}
		cells := res.Notebook.Cells
		if stdout(cells[0]) != "1\n" || len(cells[1].Outputs) != 0 || stdout(cells[3]) != "earlier 4" || *cells[3].ExecutionCount != 10 {
			t.Errorf("outputs %q, %d of the blank cell, %q", stdout(cells[0]), len(cells[1].Outputs), stdout(cells[3]))
		}
		// The end of the program is told once.
		if e := errorOf(cells[2]); len(cells[2].Outputs) != 1 || e.EName != "program ended" || e.EValue != "exit status 3" {
			t.Errorf("the failed cell has %+v", cells[2].Outputs)
		}
	}
}

// A cancelled run says so in the cell that it met, also if that prints without pause, and leaves
// the cells behind it alone.
func TestKernelInterrupted(t *testing.T) {
	opt := options(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	opt.Progress = func(e Event) {
		if e.Phase == CellStart && e.Done == 1 {
			time.AfterFunc(4*time.Second, cancel)
		}
	}
	begin := time.Now()
	res, err := Run(ctx, withOutputs(notebook("%%\nfmt.Println(1)", "%%\nfor {\n\tfmt.Println(\"on\")\n\ttime.Sleep(time.Millisecond)\n}", "%%\nfmt.Println(3)")), opt)
	t.Logf("ended after %v", time.Since(begin))
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want %v", err, context.Canceled)
	}
	if left := leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	cells := res.Notebook.Cells
	if e := errorOf(cells[1]); e == nil || e.EName != "Interrupted" || cells[1].Outputs[len(cells[1].Outputs)-1] != e {
		t.Errorf("the interrupted cell ends with %+v", e)
	}
	if !strings.HasPrefix(stdout(cells[1]), "on\non\n") {
		t.Errorf("the interrupted cell printed %.40q", stdout(cells[1]))
	}
	if stdout(cells[0]) != "1\n" || stdout(cells[2]) != "earlier 3" {
		t.Errorf("outputs %q and %q", stdout(cells[0]), stdout(cells[2]))
	}
	for i, want := range []CellStatus{CellOK, CellInterrupted, CellNotRun} {
		if got := res.Cells[i].Status; got != want {
			t.Errorf("cell %d: %s, want %s", i+1, got, want)
		}
	}
}

// Cells are numbered as in the notebook that the reader has, whatever is injected.
func TestKernelNumbers(t *testing.T) {
	opt := options(t)
	for _, row := range []struct {
		reason, first, value, last string
		want                       string // of the error
		events                     []string
	}{
		{"a cell behind the injected one", "var n int = 1", "5", "%%\nos.Exit(n)", "exec.Run: cell 4 (os.Exit(n)): exit status 5",
			[]string{" 0/2", "cell 2 0/2", "cell 2 1/2", "parameters cell 1/2", "parameters cell 1/2", "cell 4 1/2", "cell 4 2/2"}},
		{"the injected cell", "var n = f()\nfunc f() int { return 1 }", "nothing", "%%\nos.Exit(n)", "exec.Run: parameters cell (var n = nothing): compile error",
			[]string{" 0/2", "cell 2 0/2", "cell 2 1/2", "parameters cell 1/2", "parameters cell 1/2"}},
	} {
		t.Run(row.reason, func(t *testing.T) {
			nb := notebook("text", "[parameters] "+row.first, "[injected-parameters] var n int = 2", row.last)
			nb.Cells[0].Type = ipynb.Markdown
			var events []string
			opt.Progress = func(e Event) { events = append(events, fmt.Sprintf("%s %d/%d", e.Place, e.Done, e.Total)) }
			opt.Params = map[string]string{"n": row.value}
			res, err := run(t, nb, opt)
			if err == nil || !strings.HasPrefix(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
			if !slices.Equal(events, row.events) {
				t.Errorf("events %q, want %q", events, row.events)
			}
			if got := res.Count(); got != 2 || len(res.Cells) != 3 {
				t.Errorf("%d cells of the reader's among %d, want 2 of 3", got, len(res.Cells))
			}
		})
	}
}

// A parameters cell that does not parse is named by its number in the reader's notebook.
func TestParametersNumber(t *testing.T) {
	nb := notebook("[injected-parameters] var n int = 2", "[parameters] var (")
	if _, err := Run(context.Background(), nb, Options{}); err == nil || !strings.Contains(err.Error(), "cell 2: ") {
		t.Errorf("got %v, want cell 2", err)
	}
}

func TestFirstLine(t *testing.T) {
	for _, row := range []struct{ reason, src, want string }{
		{"an import says little", "import \"fmt\"\n\n%%\nfmt.Println()", "fmt.Println()"},
		{"so does a block of them", "import (\n\t\"fmt\"\n\n\t\"os\"\n)\n\nvar x = 1", "var x = 1"},
		{"a block on one line", "import (\"fmt\")\nvar x = 1", "var x = 1"},
		{"a name that starts like it", "importance := 3", "importance := 3"},
		{"comments", "// What comes:\n%%\nrun()", "run()"},
		{"nothing but imports", "import \"fmt\"\n", "import \"fmt\""},
		{"nothing but comments", "\n// later\n", "// later"},
		{"nothing", "", ""},
		{"long", strings.Repeat("é", 60), strings.Repeat("é", 50) + "..."},
	} {
		if got := firstLine(row.src); got != row.want {
			t.Errorf("%s: %q, want %q", row.reason, got, row.want)
		}
	}
}

func TestErrorsWithoutAPlaceCount(t *testing.T) {
	for want, err := range map[string]error{
		"exec.Run: cell 3 (x): panic: oh":                                        &CellError{Cell: 2, Source: "x", Name: "panic", Value: "oh"},
		"exec.Run: cell 5 (x): took longer than 1s and was interrupted":          &TimeoutError{Cell: 4, Source: "x", Limit: time.Second},
		"exec.Run: parameters cell (x): took longer than 1s and was interrupted": &TimeoutError{Cell: 4, Source: "x", Limit: time.Second, Place: "parameters cell"},
	} {
		if err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	}
}
