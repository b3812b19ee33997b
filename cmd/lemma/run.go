package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	nbexec "github.com/lemma-ml/lemma/jupyter/exec"
	"github.com/lemma-ml/lemma/jupyter/html"
	"github.com/lemma-ml/lemma/jupyter/ipynb"
)

func runCommand() *command {
	return &command{
		name:    "run",
		args:    "notebook.ipynb ...",
		summary: "run notebooks in the Go kernel",
		about: `Runs any GoNB notebook from top to bottom in a kernel of its own, in the notebook's folder. Cells
import this project's packages and those of the module around the notebook without a network. The
input file is left alone unless -w is given. Without -o and -w what the cells print is printed.

A notebook that was run before with the same code, modules, parameters and backend is not run
again; -force runs it. Cells may be tagged parameters, skip-execution, raises-exception, hide-input
and remove-input.

The exit code is 0 if every cell ran, 1 if one failed (also a panic or exit status that the kernel
calls a success), 2 for bad usage or input, 3 for a timeout, 4 if the kernel died; of several
notebooks, the largest. What was done until then is written, with the error in it; nothing is
written where no cell ran.`,
		examples: []example{
			{"lemma run notebooks/09-ntk.ipynb", "run and print"},
			{"lemma run nb.ipynb -o out.html", "one self-contained page"},
			{"lemma run nb.ipynb -p depth=5 -p name=erf -o out.ipynb", "set declarations of the cells tagged parameters"},
			{"lemma run *.ipynb -w -j 2 -timeout 5m", "two at a time, outputs written into the notebooks"},
		},
		flags: func(fs *flag.FlagSet) action {
			r := runner{params: params{}}
			fs.StringVar(&r.out, "o", "", "write the notebook with its outputs, or the page, to `file` (.ipynb or .html); a folder for several")
			fs.Var(r.params, "p", "set a parameter: `name=value`; may be repeated")
			fs.DurationVar(&r.timeout, "timeout", 10*time.Minute, "the most that one cell may take, compilation included: `d`; 0 means no limit")
			fs.BoolVar(&r.write, "w", false, "write the outputs into the notebook itself")
			fs.IntVar(&r.workers, "j", 1, "run `n` notebooks at a time")
			fs.BoolVar(&r.force, "force", false, "run although the same run is known")
			fs.BoolVar(&r.times, "times", false, "say how long each cell took, the slowest first")
			fs.BoolVar(&r.trust, "trust", false, "write scripts and HTML of the notebook's outputs into the page as they are; without it those of a notebook outside this project are made harmless")
			return r.run
		},
	}
}

// runner holds the flags of run.
type runner struct {
	out     string
	params  params
	timeout time.Duration
	write   bool
	force   bool
	trust   bool
	times   bool
	workers int
}

// job is one notebook on its way.
type job struct {
	path string
	nb   *ipynb.Notebook
	res  *nbexec.Result
	err  error

	wrote string // the file that holds the outputs
}

func (r *runner) run(ctx context.Context, t terminal, args []string) error {
	jobs, err := r.check(args)
	if err != nil {
		return err
	}
	w, err := openWorkshop(ctx, t)
	if err != nil {
		return err
	}
	display := newTally(t.Err, "run", cells(jobs))
	err = runAll(ctx, display, w, jobs, runAllOptions{workers: r.workers, timeout: r.timeout, params: r.params, force: r.force})
	display.Done()
	if err != nil {
		return err
	}
	code := exitOK
	for _, j := range jobs {
		code = max(code, r.finish(ctx, t, w, j, len(jobs) > 1))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if code != exitOK {
		return failure{code, failed.err}
	}
	return nil
}

// check reads the notebooks and refuses what cannot go well, before anything runs.
func (r *runner) check(args []string) ([]*job, error) {
	switch {
	case len(args) == 0:
		return nil, badUsage("which notebook?")
	case r.workers < 1:
		return nil, badUsage("-j %d, want at least 1", r.workers)
	case r.timeout < 0:
		return nil, badUsage("-timeout %v, want 0 or more", r.timeout)
	case r.write && r.out != "":
		return nil, badUsage("-w and -o: choose one")
	}
	if r.out != "" {
		if len(args) > 1 {
			if info, err := os.Stat(r.out); err != nil || !info.IsDir() {
				return nil, badUsage("-o %s: several notebooks need an existing folder", r.out)
			}
		} else if ext := filepath.Ext(r.target(args[0])); ext != ".ipynb" && ext != ".html" {
			return nil, badUsage("-o %s: want an ending .ipynb or .html", r.out)
		}
		if err := hasFolder("-o", r.target(args[0])); err != nil {
			return nil, err
		}
		from := map[string]string{}
		for _, a := range args {
			to := r.target(a)
			if same(a, to) {
				return nil, badUsage("-o %s would overwrite the notebook; use -w for that", r.out)
			}
			if first, twice := from[to]; twice {
				return nil, badUsage("%s and %s would both be written to %s", first, a, to)
			}
			from[to] = a
		}
	}
	var jobs []*job
	for _, a := range args {
		nb, err := ipynb.ReadFile(a)
		if err != nil {
			return nil, failure{exitUsage, err}
		}
		jobs = append(jobs, &job{path: a, nb: nb})
	}
	return jobs, nil
}

// target is the file that -o means for a notebook.
func (r *runner) target(path string) string {
	if info, err := os.Stat(r.out); err == nil && info.IsDir() {
		return filepath.Join(r.out, filepath.Base(path))
	}
	return r.out
}

func same(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// hasFolder refuses, before any work, an output file whose folder is not there.
func hasFolder(flag, path string) error {
	dir := filepath.Dir(path)
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return badUsage("%s %s: %v", flag, path, err)
	case !info.IsDir():
		return badUsage("%s %s: %s is not a folder", flag, path, dir)
	}
	return nil
}

// finish writes or prints what one notebook left, says how it ended, and returns its exit code.
func (r *runner) finish(ctx context.Context, t terminal, w *workshop, j *job, several bool) int {
	code := nbexec.ExitCode(j.err)
	if j.err != nil && ctx.Err() != nil && errors.Is(j.err, context.Canceled) {
		code = exitInterrupted
	}
	var formulas []html.CellError
	var failure error
	if code != exitUsage && (j.err == nil || anyRan(j)) {
		formulas, failure = r.keep(t, w, j, several)
	}
	printResult(t.Err, j)
	if r.times {
		printTimes(t.Err, j)
	}
	printFormulas(t.Err, j.path, formulas)
	if failure != nil {
		fmt.Fprintf(t.Err, "%s: its outputs could not be written: %v\n", j.path, failure)
		code = max(code, exitFailed)
	}
	return code
}

// anyRan reports whether the run of a notebook reached a cell: else there is nothing new to keep.
func anyRan(j *job) bool {
	return j.res != nil && slices.ContainsFunc(j.res.Cells, func(c nbexec.CellResult) bool {
		return c.Status != "" && c.Status != nbexec.CellNotRun && c.Status != nbexec.CellSkipped
	})
}

// keep writes or prints the outputs of a notebook. It returns the formulas that a page could not draw.
func (r *runner) keep(t terminal, w *workshop, j *job, several bool) ([]html.CellError, error) {
	if j.res == nil || j.res.Notebook == nil {
		return nil, nil
	}
	if !r.write && r.out == "" {
		if several {
			fmt.Fprintf(t.Out, "== %s\n", j.path)
		}
		printOutputs(t.Out, j.res.Notebook)
		return nil, nil
	}
	path := j.path
	if !r.write {
		path = r.target(j.path)
	}
	var stats html.Stats
	var err error
	if strings.HasSuffix(path, ".html") {
		stats, err = html.WritePage(path, j.res.Notebook, html.PageOptions{
			Trusted:  r.trust || w.owns(j.path),
			Name:     strings.TrimSuffix(filepath.Base(j.path), ".ipynb"),
			Failed:   failedWords(j.err),
			ReadFile: besides(j.path),
		})
	} else {
		err = j.res.Notebook.WriteFile(path)
	}
	if err == nil {
		j.wrote = path
	}
	return stats.TeXErrors, err
}

// printFormulas says which formulas a page shows as source, because they could not be drawn.
func printFormulas(w io.Writer, path string, list []html.CellError) {
	for _, e := range list {
		fmt.Fprintf(w, "%s: cell %d: %v\n", path, e.Cell+1, e.Err) // as a reader counts
	}
	if len(list) > 0 {
		fmt.Fprintf(w, "%s: %s shown as source\n", path, plural(len(list), "formula"))
	}
}

// failedWords is what a page's banner says of a run that was not stopped by a cell's own error, which
// the page shows by itself.
func failedWords(err error) string {
	var cell *nbexec.CellError
	if err == nil || errors.As(err, &cell) {
		return ""
	}
	return err.Error()
}

// besides reads files of a notebook's folder, for the images that its prose names. A path that leads
// out of the folder is refused.
func besides(path string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		root, err := os.OpenRoot(filepath.Dir(path))
		if err != nil {
			return nil, err
		}
		defer root.Close()
		return root.ReadFile(name)
	}
}

// printResult says in a line or a few how a notebook ended, and where its outputs are.
func printResult(w io.Writer, j *job) {
	to := ""
	if j.wrote != "" {
		to = " -> " + j.wrote
	}
	if j.err != nil {
		words := strings.TrimPrefix(j.err.Error(), "exec.Run: ")
		if errors.Is(j.err, context.Canceled) {
			words = "interrupted"
		}
		fmt.Fprintf(w, "%s: %s\n", j.path, words)
		var cell *nbexec.CellError
		if errors.As(j.err, &cell) && cell.Detail != "" && cell.Detail != cell.Name && cell.Detail != cell.Value {
			fmt.Fprintf(w, "  %s\n", strings.ReplaceAll(strings.TrimRight(cell.Detail, "\n"), "\n", "\n  "))
		}
		if to != "" {
			fmt.Fprintf(w, "%s: what ran%s\n", j.path, to)
		}
		return
	}
	what, took := plural(j.res.Count(), "cell"), j.res.Elapsed.Round(10*time.Millisecond)
	if j.res.Cached {
		fmt.Fprintf(w, "%s: %s, unchanged, from cache; the run took %v%s\n", j.path, what, took, to)
	} else {
		fmt.Fprintf(w, "%s: %s in %v%s\n", j.path, what, took, to)
	}
}

// printTimes lists the cells that ran by the time they took, of the earlier run where it was known.
func printTimes(w io.Writer, j *job) {
	if j.res == nil {
		return
	}
	cells := slices.Clone(j.res.Cells)
	slices.SortStableFunc(cells, func(a, b nbexec.CellResult) int { return cmp.Compare(b.Elapsed, a.Elapsed) })
	for _, c := range cells {
		if c.Elapsed > 0 {
			fmt.Fprintf(w, "%9.2f s  cell %d  %s\n", c.Elapsed.Seconds(), c.Cell+1, firstLine(j.nb.Cells[c.Cell].Source))
		}
	}
}

// firstLine is the first line of a cell that says something.
func firstLine(source string) string {
	for line := range strings.Lines(source) {
		if line = strings.TrimSpace(line); line != "" && line != "%%" && line != "import (" {
			return line
		}
	}
	return ""
}

type runAllOptions struct {
	workers int
	timeout time.Duration
	params  params
	force   bool
}

// cells counts the code cells of notebooks, the steps of runAll.
func cells(jobs []*job) int {
	n := 0
	for _, j := range jobs {
		for _, c := range j.nb.Cells {
			if c.Type == ipynb.Code {
				n++
			}
		}
	}
	return n
}

// runAll runs notebooks, several at a time, each with a part of the display of its own.
func runAll(ctx context.Context, display *tally, w *workshop, jobs []*job, how runAllOptions) error {
	list := make([]nbexec.Job, len(jobs))
	for i, j := range jobs {
		opt, err := w.options(j.path)
		if err != nil {
			return err
		}
		opt.Params, opt.Force, opt.CellTimeout = how.params, how.force, how.timeout
		if how.timeout == 0 {
			opt.CellTimeout = -1 // no limit, as Options has it
		}
		progress := display.part()
		opt.Progress = func(e nbexec.Event) {
			if e.Phase == nbexec.FromCache {
				e.Done = e.Total
			}
			progress(e.Done, fmt.Sprintf("%s, cell %d of %d", filepath.Base(j.path), min(e.Done+1, e.Total), e.Total))
		}
		list[i] = nbexec.Job{Notebook: j.nb, Options: opt}
	}
	for i, o := range nbexec.RunAll(ctx, list, how.workers) {
		jobs[i].res, jobs[i].err = o.Result, o.Err
	}
	return nil
}

// printOutputs prints what the cells wrote and showed, as far as it is text.
func printOutputs(w io.Writer, nb *ipynb.Notebook) {
	for _, c := range nb.Cells {
		for _, o := range c.Outputs {
			switch o.Type {
			case "stream":
				io.WriteString(w, o.Text)
			case "error":
				fmt.Fprintf(w, "%s: %s\n", o.EName, o.EValue)
			default:
				printBundle(w, o)
			}
		}
	}
}

func printBundle(w io.Writer, o *ipynb.Output) {
	for _, mime := range []string{"text/plain", "text/markdown"} {
		if text, ok := o.MIME(mime); ok {
			fmt.Fprintln(w, strings.TrimRight(text, "\n"))
			return
		}
	}
	if len(o.Data) > 0 {
		fmt.Fprintf(w, "[%s: give -o file.html to see it]\n", strings.Join(slices.Sorted(maps.Keys(o.Data)), ", "))
	}
}
