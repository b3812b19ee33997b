package exec

import (
	"time"

	"github.com/lemma-ml/lemma/jupyter/cache"
	"github.com/lemma-ml/lemma/jupyter/gomod"
	"github.com/lemma-ml/lemma/jupyter/ipynb"
	"github.com/lemma-ml/lemma/jupyter/kernel"
)

// Options says how a notebook is run. Only Kernel.Tools is required.
type Options struct {
	// Kernel says which gonb is started, where and with which environment.
	Kernel kernel.Config

	// Seed is the go.mod and go.sum that the kernel's folder gets before the first cell, so
	// that cells import the seeded modules without a network. nil leaves GoNB's empty module.
	Seed *gomod.Seed

	// Params override declarations of the cells tagged "parameters": name -> Go expression.
	// For a string variable the quotes may be left out.
	Params map[string]string

	// CellTimeout is the most a cell may take, compilation included; 0 means 10 minutes,
	// negative means no limit. A cell over it is interrupted, then the kernel is killed.
	CellTimeout time.Duration

	// WidgetIdle is how long a cell with live gonbui widgets may wait for a reader, who is not
	// there, before it is ended as if the reader had stopped it; 0 means 5 s. Such a cell
	// counts as run: CellResult.Status is CellInteractive.
	WidgetIdle time.Duration

	// MaxOutput bounds the text that one cell's streams keep, in bytes; 0 means 64 MiB.
	// What is over is dropped and counted in a note at the end.
	MaxOutput int

	// Times has each cell that ran state its time in metadata.lemma.seconds, rounded to
	// milliseconds. Metadata does not count for the cache; the time of a cached cell is that of
	// the earlier run. Without it an unchanged notebook is written as the same bytes.
	Times bool

	// Progress, if set, is called from Run's goroutine at the start and end of each code cell.
	Progress func(Event)

	// Cache, if set, is asked for the outputs of an earlier equal run, and given those of this
	// one. See package cache for what makes two runs equal. Force runs anyway.
	Cache *cache.Cache
	Force bool

	// Backend names the compute backend for the cache key, such as "go" or "xla:cuda".
	Backend string
}

// Phase says what an Event reports.
type Phase int

// The phases of a run, in order. FromCache replaces all of them.
const (
	Starting  Phase = iota // the kernel is being started
	CellStart              // a code cell starts
	CellEnd                // a code cell ended
	FromCache              // the whole result came from the cache
)

// Event reports progress.
type Event struct {
	Phase   Phase
	Cell    int           // index of the cell in the result's notebook, from 0
	Done    int           // code cells that have ended, without the injected one
	Total   int           // code cells of the notebook, without the injected one
	Elapsed time.Duration // since the start of the run; at CellEnd since the start of the cell
	Status  CellStatus    // at CellEnd

	// Place is what to call the cell at CellStart and CellEnd: "cell 3", counted from 1 over all
	// cells of the notebook that Run was given, or "parameters cell" for the one that carries
	// Options.Params.
	Place string
}

// CellStatus says how a code cell ended.
type CellStatus string

// The outcomes of a code cell.
const (
	CellOK          CellStatus = "ok"
	CellFailed      CellStatus = "failed"
	CellAllowed     CellStatus = "failed, allowed by its tag" // raises-exception
	CellSkipped     CellStatus = "skipped"                    // skip-execution, or nothing to run
	CellInteractive CellStatus = "stopped while waiting for a reader"
	CellTimedOut    CellStatus = "timed out"
	CellKilled      CellStatus = "kernel died"
	CellInterrupted CellStatus = "interrupted" // the run's context ended
	CellNotRun      CellStatus = "not run"     // after the first failure; the cell keeps its outputs
)

// CellResult is the outcome of one code cell.
type CellResult struct {
	Cell    int // index in Result.Notebook.Cells
	Status  CellStatus
	Elapsed time.Duration
}

// Result is what a run leaves.
type Result struct {
	Notebook *ipynb.Notebook // a copy of the input with outputs, also after an error
	Cells    []CellResult    // one per code cell, in order
	Elapsed  time.Duration   // of the run itself; of the earlier run where Cached
	Start    time.Duration   // until the kernel was ready
	Cached   bool
}

// Count returns the number of code cells without the one that carries Options.Params: those that
// the reader's notebook has.
func (r *Result) Count() int {
	n := 0
	for _, c := range r.Cells {
		if !r.Notebook.Cells[c.Cell].HasTag(tagInjected) {
			n++
		}
	}
	return n
}
