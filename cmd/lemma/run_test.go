package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	nbexec "github.com/lemma-ml/lemma/jupyter/exec"
	"github.com/lemma-ml/lemma/jupyter/ipynb"
	"github.com/lemma-ml/lemma/jupyter/kernel"
)

func oneCell(output string) *ipynb.Notebook {
	nb := ipynb.New("gonb", "go")
	c := ipynb.NewCell(ipynb.Code, "%%\nfmt.Println(1)")
	c.Outputs = []*ipynb.Output{{Type: "stream", Name: "stdout", Text: output}}
	nb.Cells = []*ipynb.Cell{c}
	return nb
}

// What must never happen to a file: outputs that took hours replaced by nothing.
func TestRunKeepsWhatIsThere(t *testing.T) {
	interrupted, interrupt := context.WithCancel(context.Background())
	interrupt()
	for _, c := range []struct {
		reason string
		ctx    context.Context
		status nbexec.CellStatus
		err    error
		code   int
		writes bool
	}{
		{"the cell ran", context.Background(), nbexec.CellOK, nil, 0, true},
		{"the cell failed", context.Background(), nbexec.CellFailed, &nbexec.CellError{Name: "panic"}, 1, true},
		{"interrupted in the cell", interrupted, nbexec.CellInterrupted, context.Canceled, 130, true},
		{"interrupted before the cell", interrupted, nbexec.CellNotRun, context.Canceled, 130, false},
		{"the kernel did not start", context.Background(), nbexec.CellNotRun, &kernel.StartError{}, 4, false},
		{"an unknown parameter", context.Background(), nbexec.CellNotRun, &nbexec.ParameterError{Name: "deph"}, 2, false},
		{"a notebook of another language", context.Background(), "", errors.New("python"), 2, false},
	} {
		for _, r := range []*runner{{write: true}, {out: "out.ipynb"}} {
			write(t, nil)
			target := "nb.ipynb"
			if r.out != "" {
				target = r.out
			}
			if err := oneCell("before").WriteFile(target); err != nil {
				t.Fatal(err)
			}
			j := &job{path: "nb.ipynb", nb: oneCell("before"), err: c.err, res: &nbexec.Result{Notebook: oneCell("after")}}
			if c.status != "" {
				j.res.Cells = []nbexec.CellResult{{Status: c.status}}
			}
			var errs bytes.Buffer
			if code := r.finish(c.ctx, terminal{Out: &bytes.Buffer{}, Err: &errs}, nil, j, false); code != c.code {
				t.Errorf("%s: exit code %d, want %d", c.reason, code, c.code)
			}
			raw, err := os.ReadFile(target)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(string(raw), "after"); got != c.writes || strings.Contains(errs.String(), "-> "+target) != c.writes {
				t.Errorf("%s, write %t: written %t, want %t\n%s", c.reason, r.write, got, c.writes, &errs)
			}
		}
	}
}

// A notebook whose outputs cannot be written does not stop those after it.
func TestRunGoesOnAfterAFailedWrite(t *testing.T) {
	j := &job{path: filepath.Join(t.TempDir(), "gone", "nb.ipynb"), res: &nbexec.Result{Notebook: oneCell("after"), Cells: []nbexec.CellResult{{Status: nbexec.CellOK}}}}
	var errs bytes.Buffer
	code := (&runner{write: true}).finish(context.Background(), terminal{Out: &bytes.Buffer{}, Err: &errs}, nil, j, false)
	if code != 1 || !strings.Contains(errs.String(), "could not be written") {
		t.Errorf("exit code %d, want 1\n%s", code, &errs)
	}
}

func TestRunChecksTargets(t *testing.T) {
	write(t, nil)
	for _, dir := range []string{"a", "b", "out"} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"a/x.ipynb", "b/x.ipynb"} {
		if err := oneCell("").WriteFile(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		reason string
		args   []string
		want   string
	}{
		{"two notebooks of one name", []string{"run", "a/x.ipynb", "b/x.ipynb", "-o", "out"}, "would both be written to out/x.ipynb"},
		{"a folder that is not there", []string{"run", "a/x.ipynb", "-o", "no/x.html"}, "-o no/x.html"},
		{"the notebook itself", []string{"run", "a/x.ipynb", "-o", "a/x.ipynb"}, "use -w"},
	} {
		if _, errs, code := lemma(t, "", c.args...); code != 2 || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit code %d, want 2 and %q in\n%s", c.reason, code, c.want, errs)
		}
	}
}

// What the environment has wrong is told before any notebook runs, and leaves nothing behind.
func TestReportChecksTheBackendFirst(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "tensorflow")
	out := filepath.Join(t.TempDir(), "pages")
	if _, errs, code := lemma(t, "", "report", "-o", out); code != 2 || !strings.Contains(errs, "known are") {
		t.Errorf("exit code %d, want 2 and the known backends in\n%s", code, errs)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("the folder was made although nothing was written")
	}
}

// What a page could not draw is told, with the cell as a reader counts it.
func TestRunTellsOfFormulas(t *testing.T) {
	write(t, nil)
	nb := oneCell("after")
	nb.Cells = append(nb.Cells, ipynb.NewCell(ipynb.Markdown, `$\nosuchcommand x$`))
	j := &job{path: "nb.ipynb", nb: nb, res: &nbexec.Result{Notebook: nb, Cells: []nbexec.CellResult{{Status: nbexec.CellOK}}}}
	var errs bytes.Buffer
	code := (&runner{out: "nb.html", trust: true}).finish(context.Background(), terminal{Out: &bytes.Buffer{}, Err: &errs}, nil, j, false)
	if code != 0 || !strings.Contains(errs.String(), "nb.ipynb: cell 2: ") || !strings.Contains(errs.String(), "1 formula shown as source") {
		t.Errorf("exit code %d\n%s", code, &errs)
	}
}
