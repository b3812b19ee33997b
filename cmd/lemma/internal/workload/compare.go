package workload

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/gomlx/gomlx/backends"
)

// A Result is what one workload took.
type Result struct {
	Name    string  `json:"name"`
	What    string  `json:"what"`
	N       int     `json:"n,omitempty"` // of a square product
	Double  bool    `json:"float64,omitempty"`
	Threads int     `json:"threads"`
	Seconds float64 `json:"seconds"`         // of ours, the fastest round; processor time on one thread, else on the clock
	Torch   float64 `json:"torch,omitempty"` // of PyTorch, likewise
	// Ratio is PyTorch's time over ours: the median over rounds, in each of which both ran, and the
	// quartiles. 0 without PyTorch.
	Ratio float64 `json:"ratio,omitempty"`
	Low   float64 `json:"low,omitempty"`
	High  float64 `json:"high,omitempty"`
	Floor float64 `json:"floor,omitempty"` // what the ratio should not fall below
	Rate  float64 `json:"rate,omitempty"`  // GFLOP/s, or GB/s where memory is what limits
	Unit  string  `json:"unit,omitempty"`
}

// Compare measures a workload on a backend of the given number of threads: rounds times about span,
// alternating with PyTorch where torch is not nil; of each turn the fastest tenth counts. On one thread
// it is processor time, which others on the machine disturb least. It stops at the next round when ctx is done.
func Compare(ctx context.Context, w Workload, backend backends.Backend, torch *Torch, threads, rounds int, span time.Duration) (Result, error) {
	r := Result{Name: w.Name, What: w.What, N: w.N, Double: w.Double, Threads: threads, Seconds: math.Inf(1), Torch: math.Inf(1), Floor: w.FloorAll}
	if threads == 1 {
		r.Floor = w.FloorOne
	}
	step, err := w.New(backend)
	if err != nil {
		return r, err
	}
	clock := now
	if threads == 1 {
		clock = processorTime
	}
	ours := func(n int) (float64, error) {
		part, parts := split(n)
		best := time.Duration(math.MaxInt64)
		for i := range warmup + parts {
			start := clock()
			for range part {
				if err := step(); err != nil {
					return 0, fmt.Errorf("workload: %s: %w", w.Name, err)
				}
			}
			if took := clock() - start; i >= warmup {
				best = min(best, took)
			}
		}
		return best.Seconds() / float64(part), nil
	}
	theirs := func(n int) (float64, error) {
		wall, cpu, err := torch.Run(w.Name, n)
		if threads == 1 {
			wall = cpu
		}
		return wall.Seconds(), err
	}
	n, err := repetitions(ours, span)
	if err != nil {
		return r, err
	}
	m := 0
	if torch != nil {
		if m, err = repetitions(theirs, span); err != nil {
			return r, err
		}
	}
	var ratios []float64
	for range rounds {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		a, err := ours(n)
		if err != nil {
			return r, err
		}
		r.Seconds = min(r.Seconds, a)
		if torch != nil {
			b, err := theirs(m)
			if err != nil {
				return r, err
			}
			r.Torch = min(r.Torch, b)
			ratios = append(ratios, b/a)
		}
	}
	if torch == nil {
		r.Torch = 0
	} else {
		slices.Sort(ratios)
		quartile := func(q int) float64 { return ratios[(len(ratios)-1)*q/4] }
		r.Low, r.Ratio, r.High = quartile(1), quartile(2), quartile(3)
	}
	switch {
	case w.FLOP > 0:
		r.Rate, r.Unit = w.FLOP/r.Seconds/1e9, "GFLOP/s"
	case w.Bytes > 0:
		r.Rate, r.Unit = w.Bytes/r.Seconds/1e9, "GB/s"
	}
	return r, nil
}

// A turn of n steps is timed in up to 12 parts, of which the fastest counts: what else the machine
// does takes time from a part and never gives any. The first two parts do not count: caches fill, and
// threads that slept during the other side's turn are spread over the processors again, which may
// take 50 ms.
const warmup = 2

// split returns the steps of a part, at least 1, and the number of parts that count.
func split(n int) (part, parts int) {
	part = max(1, n/10)
	return part, max(1, n/part)
}

// repetitions returns how often a step must be repeated to take about span. The first steps compile
// and warm up, and do not count.
func repetitions(run func(n int) (float64, error), span time.Duration) (int, error) {
	for range 2 {
		if _, err := run(1); err != nil {
			return 0, err
		}
	}
	for n := 1; ; n *= 4 {
		one, err := run(n)
		if err != nil {
			return 0, err
		}
		if took := one * float64(n); took > span.Seconds()/8 {
			return max(1, int(span.Seconds()/one)), nil
		}
	}
}

var began = time.Now()

func now() time.Duration { return time.Since(began) }
