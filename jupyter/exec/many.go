package exec

import (
	"context"
	"sync"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
)

// Job is one notebook of RunAll.
type Job struct {
	Notebook *ipynb.Notebook
	Options  Options
}

// Outcome is what Run returned for a Job.
type Outcome struct {
	Result *Result
	Err    error
}

// RunAll runs notebooks, at most n at a time (n < 1 means one), each in a kernel of its own, and
// returns their outcomes in the order of jobs. A failure of one does not stop the others;
// cancelling ctx does. Progress callbacks of different jobs may be called at the same time.
func RunAll(ctx context.Context, jobs []Job, n int) []Outcome {
	out := make([]Outcome, len(jobs))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(max(n, 1), len(jobs)) {
		wg.Go(func() {
			for i := range next {
				out[i].Result, out[i].Err = Run(ctx, jobs[i].Notebook, jobs[i].Options)
			}
		})
	}
	for i := range jobs {
		next <- i
	}
	close(next)
	wg.Wait()
	return out
}
