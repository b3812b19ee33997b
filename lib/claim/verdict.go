package claim

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/lemma-ml/lemma/lib/figure"
)

// Verdict is what the evidence says about a claim.
type Verdict string

// The verdicts.
const (
	Holds        Verdict = "holds"
	Fails        Verdict = "fails"
	Inconclusive Verdict = "inconclusive"
)

// Verdict of the whole finding: Fails if any piece fails, else Inconclusive if any is too coarse or
// there is none, else Holds.
func (f *Finding) Verdict() Verdict {
	v := Holds
	if len(f.Evidence) == 0 {
		return Inconclusive
	}
	for _, e := range f.Evidence {
		switch e.Verdict() {
		case Fails:
			return Fails
		case Inconclusive:
			v = Inconclusive
		}
	}
	return v
}

// Outcome is a claim with what was found: what the command prints and a claim card shows.
type Outcome struct {
	Claim    *Claim
	Seed     uint64
	Verdict  Verdict
	Evidence []Evidence
	Figure   *figure.Figure
	Notes    []string
	Seconds  float64
	Err      error   // why there is no evidence; Verdict is then Inconclusive
	Power    []Power // filled by RunPower
}

// WithoutFigure returns the outcome without its figure, for a card beside a figure that shows the same.
func (o Outcome) WithoutFigure() Outcome {
	o.Figure = nil
	return o
}

// Power is the fate of one alternative.
type Power struct {
	Name     string
	Verdict  Verdict
	Survived bool   // the check did not notice: a defect
	Err      error  // why it could not be run; counts as survived
	By       string // the first piece of evidence that refuted it
}

// Run checks one claim. A panic of graph-building code becomes Outcome.Err: this is the one border
// between functions that panic and functions that return errors.
func Run(ctx context.Context, c *Claim, env Env) Outcome {
	start := time.Now()
	f, err := call(ctx, c, c.Check, env)
	o := Outcome{Claim: c, Seed: env.Seed, Verdict: Inconclusive, Err: err}
	if err == nil {
		o.Verdict, o.Evidence, o.Figure, o.Notes = f.Verdict(), f.Evidence, f.Figure, f.Notes
	}
	o.Seconds = time.Since(start).Seconds()
	return o
}

// RunPower runs every alternative of the claim. A claim without alternatives has one that survived.
func RunPower(ctx context.Context, c *Claim, env Env) []Power {
	if len(c.Alternatives) == 0 {
		return []Power{{Name: "no alternative is named", Verdict: Inconclusive, Survived: true}}
	}
	out := make([]Power, len(c.Alternatives))
	for i, a := range c.Alternatives {
		out[i] = Power{Name: a.Name, Verdict: Inconclusive, Survived: true}
		f, err := call(ctx, c, a.Check, env)
		if err != nil {
			out[i].Err = err
			continue
		}
		out[i].Verdict = f.Verdict()
		out[i].Survived = out[i].Verdict != Fails
		for _, e := range f.Evidence {
			if e.Verdict() == Fails {
				out[i].By = e.Name
				break
			}
		}
	}
	return out
}

func call(ctx context.Context, c *Claim, check Check, env Env) (f *Finding, err error) {
	defer func() {
		// Graph-building functions panic with an error value; anything else is a bug and goes on.
		if r := recover(); r != nil {
			e, ok := r.(error)
			if _, bug := r.(runtime.Error); !ok || bug {
				panic(r)
			}
			f, err = nil, fmt.Errorf("claim %s: %w", c.ID, e)
		}
	}()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.NeedsBackend && env.Backend == nil {
		return nil, fmt.Errorf("claim %s: needs a backend, got none", c.ID)
	}
	if f, err = check(ctx, env); err != nil {
		return nil, fmt.Errorf("claim %s: %w", c.ID, err)
	}
	if f == nil {
		return nil, fmt.Errorf("claim %s: the check returned neither finding nor error", c.ID)
	}
	return f, nil
}

// Tightness is the smallest tightness among the bounds of the evidence, printed statements aside;
// NaN where there is no bound.
func (o Outcome) Tightness() float64 {
	t := math.NaN()
	for _, e := range o.Evidence {
		if r := e.Tightness(); !e.Printed && !math.IsNaN(r) && !(r >= t) {
			t = r
		}
	}
	return t
}

// Vacuous reports whether any bound of the evidence is vacuous.
func (o Outcome) Vacuous() bool {
	for _, e := range o.Evidence {
		if e.Vacuous() {
			return true
		}
	}
	return false
}
