package exec

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/lemma-ml/lemma/jupyter/cache"
	"github.com/lemma-ml/lemma/jupyter/ipynb"
)

// kept is what a cache entry says besides the outputs.
type kept struct {
	Cells   []CellResult  `json:"cells"`
	Elapsed time.Duration `json:"elapsed"`
	Start   time.Duration `json:"start"`
	Failure *CellError    `json:"failure,omitempty"`
}

// cacheLimit bounds the disk that kept runs take, in bytes. A run of a chapter is under 1 MiB.
const cacheLimit = 1 << 30

// keyTags are the tags that count for the cache key.
var keyTags = []string{tagParameters, tagInjected, tagSkip, tagRaises}

// key returns the cache key of the run; "" without a cache.
func (r *runner) key() (string, error) {
	if r.opt.Cache == nil {
		return "", nil
	}
	k := r.opt.Kernel
	in := cache.Inputs{
		Params: r.opt.Params, Seed: r.opt.Seed, Backend: r.opt.Backend,
		Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Env:      append([]string{fmt.Sprintf("cgo=%v html=%v output=%d", k.CGO, k.HTMLErrors, r.opt.MaxOutput)}, k.ExtraEnv...),
	}
	if k.Tools != nil {
		in.Gonb, in.Go = k.Tools.GonbVersion, k.Tools.GoVersion
	}
	for _, i := range r.code {
		c := r.nb.Cells[i]
		cell := cache.Cell{Source: c.Source}
		for _, t := range c.Tags() {
			if slices.Contains(keyTags, t) {
				cell.Tags = append(cell.Tags, t)
			}
		}
		in.Cells = append(in.Cells, cell)
	}
	key, err := in.Key()
	if err != nil {
		return "", fmt.Errorf("exec.Run: %w", err)
	}
	return key, nil
}

// fromCache fills the result from an entry. The error is that of the earlier run.
func (r *runner) fromCache(key string) (ok bool, err error) {
	e, ok := r.opt.Cache.Get(key)
	if !ok {
		return false, nil
	}
	var k kept
	if json.Unmarshal(e.Run, &k) != nil || len(k.Cells) != len(r.code) || len(e.Notebook.Cells) != len(r.code) {
		return false, nil
	}
	for n, i := range r.code {
		// The prose may have changed since, and with it the positions of cells.
		k.Cells[n].Cell = i
		if k.Cells[n].Status == CellNotRun || k.Cells[n].Status == CellSkipped && r.nb.Cells[i].HasTag(tagSkip) {
			continue // keeps its own outputs
		}
		from := e.Notebook.Cells[n]
		r.nb.Cells[i].Outputs, r.nb.Cells[i].ExecutionCount = from.Outputs, from.ExecutionCount
	}
	r.res.Cells, r.res.Elapsed, r.res.Start, r.res.Cached = k.Cells, k.Elapsed, k.Start, true
	r.opt.Progress(Event{Phase: FromCache, Done: r.res.Count(), Total: r.res.Count(), Elapsed: time.Since(r.begin)})
	if k.Failure != nil {
		for n, c := range k.Cells {
			if c.Status == CellFailed {
				k.Failure.Cell, k.Failure.Place, k.Failure.Source = r.code[n], r.place(r.code[n]), r.nb.Cells[r.code[n]].Source
			}
		}
		return true, k.Failure
	}
	return true, nil
}

// toCache keeps the run if it ended by itself: well, or with a failed cell. Timeouts, dead
// kernels and cancelled runs say nothing about the notebook.
func (r *runner) toCache(key string, err error) error {
	k := kept{Cells: r.res.Cells, Elapsed: r.res.Elapsed, Start: r.res.Start}
	if err != nil && !errors.As(err, &k.Failure) {
		return nil
	}
	nb := &ipynb.Notebook{NBFormat: 4, NBFormatMinor: 4}
	for n, i := range r.code {
		c := &ipynb.Cell{Type: ipynb.Code, Metadata: ipynb.Object{}, Outputs: []*ipynb.Output{}}
		if r.res.Cells[n].Status != CellNotRun { // whose outputs are not of this run
			c.Outputs, c.ExecutionCount = r.nb.Cells[i].Outputs, r.nb.Cells[i].ExecutionCount
		}
		nb.Cells = append(nb.Cells, c)
	}
	raw, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("exec.Run: %w", err)
	}
	if err := r.opt.Cache.Put(key, &cache.Entry{Notebook: nb, Run: raw}); err != nil {
		return fmt.Errorf("exec.Run: %w", err)
	}
	if err := r.opt.Cache.Prune(cacheLimit); err != nil {
		return fmt.Errorf("exec.Run: %w", err)
	}
	return nil
}
