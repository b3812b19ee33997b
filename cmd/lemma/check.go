package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/lemma-ml/lemma/lib/claim"
)

// checking says how to check claims.
type checking struct {
	Env     claim.Env
	Power   bool                         // also run the alternatives
	Workers int                          // 0: as many as there are cores, at most 4
	Done    func(done int, label string) // progress; called from several goroutines, one at a time
}

// check runs the claims, several at a time, and returns their outcomes in the order of the claims:
// scheduling decides nothing but the time. When ctx is done it returns with those that are finished;
// the others' outcomes hold the context's error. A check that panics has found a bug of its own: it
// becomes an outcome without evidence, so that the others' are not lost.
func check(ctx context.Context, claims []*claim.Claim, how checking) []claim.Outcome {
	out := make([]claim.Outcome, len(claims))
	for i, c := range claims {
		out[i] = claim.Outcome{Claim: c, Seed: how.Env.Seed, Verdict: claim.Inconclusive, Err: context.Canceled}
	}
	workers := how.Workers
	if workers == 0 {
		workers = min(runtime.GOMAXPROCS(0), 4)
	}
	type finished struct {
		i int
		o claim.Outcome
	}
	next, results := make(chan int), make(chan finished)
	var wg sync.WaitGroup
	for range min(workers, len(claims)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				o := checkOne(ctx, claims[i], how)
				select {
				case results <- finished{i, o}:
				case <-ctx.Done():
					return
				}
			}
		}()
	}
	go func() {
		defer close(next)
		for i := range claims {
			select {
			case next <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	for n := 0; n < len(claims); {
		select {
		case r := <-results:
			n++
			out[r.i] = r.o
			if how.Done != nil {
				how.Done(n, r.o.Claim.ID)
			}
		case <-ctx.Done():
			// Checks end within a second of their context. One that does not is left behind rather
			// than waited for.
			return out
		}
	}
	wg.Wait()
	return out
}

func checkOne(ctx context.Context, c *claim.Claim, how checking) (o claim.Outcome) {
	defer func() {
		if p := recover(); p != nil {
			o = claim.Outcome{Claim: c, Seed: how.Env.Seed, Verdict: claim.Inconclusive, Err: fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
		}
	}()
	o = claim.Run(ctx, c, how.Env)
	if how.Power && o.Err == nil {
		o.Power = claim.RunPower(ctx, c, how.Env)
		if err := ctx.Err(); err != nil {
			o.Err = err // its alternatives did not get to finish
		}
	}
	return o
}

// telling returns the piece of evidence that tells most: the first that fails, else the first too
// coarse, else the one that uses most of its tolerance, printed errata last.
func (c claimJSON) telling() *evidenceJSON {
	var best *evidenceJSON
	score := math.Inf(-1)
	for i := range c.Evidence {
		e := &c.Evidence[i]
		s := e.use()
		switch e.Verdict {
		case claim.Fails:
			return e
		case claim.Inconclusive:
			s += 1e6
		}
		if e.Printed {
			s = -1
		}
		if s > score {
			best, score = e, s
		}
	}
	return best
}

// use is the part of the tolerance that an equality uses, 0 for a bound.
func (e evidenceJSON) use() float64 {
	if e.Relation != string(claim.Equal) || !(e.Tolerance > 0) {
		return 0
	}
	return math.Abs(float64((e.Measured - e.Theory) / e.Tolerance))
}

// summary is the end of a verification: counts and what is missing.
type summary struct {
	outcomes                             []claim.Outcome
	checked, holds, failed, inconclusive int
	alternatives, survived               int
	missing                              []claim.Row
}

// summarise counts. An outcome without evidence counts as failed: what could not be checked does not
// pass.
func summarise(outcomes []claim.Outcome, missing []claim.Row) summary {
	s := summary{outcomes: outcomes, missing: missing}
	for _, o := range outcomes {
		if notChecked(o) {
			continue
		}
		s.checked++
		switch {
		case o.Err != nil || o.Verdict == claim.Fails:
			s.failed++
		case o.Verdict == claim.Holds:
			s.holds++
		default:
			s.inconclusive++
		}
		for _, p := range o.Power {
			s.alternatives++
			if p.Survived {
				s.survived++
			}
		}
	}
	return s
}
