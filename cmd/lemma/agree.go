package main

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/widgets"
)

// single is the relative difference that two backends may show beyond a claim's own tolerance: they
// add in another order, in float32 (unit 6e-8), over up to some thousand terms and steps.
const single = 1e-4

// agreement compares one quantity on two backends.
type agreement struct {
	ID        string  `json:"id"`
	Quantity  string  `json:"quantity"`
	A         finite  `json:"a"`
	B         finite  `json:"b"`
	Tolerance finite  `json:"tolerance"`
	Cause     string  `json:"cause"`
	Agree     bool    `json:"agree"`
	Err       string  `json:"error,omitempty"`
	diff      float64 // |a - b|
}

// runAgree checks the claims that use a backend on both and compares every measured quantity by name.
func (v *verify) runAgree(ctx context.Context, t terminal, claims []*claim.Claim, names []string, opened []backends.Backend) error {
	var using []*claim.Claim
	for _, c := range claims {
		if c.NeedsBackend {
			using = append(using, c)
		}
	}
	meter := widgets.NewProgress(t.Err, "agree", 2*len(using))
	var both [2][]claim.Outcome
	for i := range both {
		both[i] = check(ctx, using, checking{
			Env:     claim.Env{Seed: v.seed, Backend: opened[i]},
			Workers: v.workers,
			Done:    func(done int, label string) { meter.Set(i*len(using)+done, names[i]+" "+label) },
		})
	}
	meter.Done()
	if err := ctx.Err(); err != nil {
		return err
	}
	out := []agreement{}
	differ := 0
	for i := range using {
		for _, a := range compare(both[0][i], both[1][i]) {
			if !a.Agree {
				differ++
			}
			out = append(out, a)
		}
	}
	if v.json {
		if err := printJSON(t.Out, map[string]any{"backends": names, "quantities": out, "differ": differ}); err != nil {
			return err
		}
	} else {
		tab := table{head: []string{"ID", "quantity", names[0], names[1], "difference", "tolerance", ""}, flex: []int{1, 2, 3}}
		for _, a := range out {
			word := "agree"
			if !a.Agree {
				word = "DIFFER " + a.Err
			}
			tab.add(a.ID, a.Quantity, number(float64(a.A)), number(float64(a.B)), number(a.diff), number(float64(a.Tolerance)), word)
		}
		tab.write(t.Out, t.width())
		fmt.Fprintf(t.Out, "\n%s from %s that use a backend: %d differ\n", plural(len(out), "quantity"), plural(len(using), "claim"), differ)
	}
	if differ > 0 {
		return failed
	}
	return nil
}

// compare matches the evidence of one claim on two backends by name.
func compare(a, b claim.Outcome) []agreement {
	if a.Err != nil || b.Err != nil {
		msg := ""
		for _, err := range []error{a.Err, b.Err} {
			if err != nil {
				msg = err.Error()
			}
		}
		return []agreement{{ID: a.Claim.ID, Quantity: "(no evidence)", A: finite(math.NaN()), B: finite(math.NaN()), Err: msg, diff: math.NaN()}}
	}
	of := map[string]claim.Evidence{}
	for _, e := range b.Evidence {
		of[e.Name] = e
	}
	var out []agreement
	for _, e := range a.Evidence {
		f, ok := of[e.Name]
		if !ok {
			out = append(out, agreement{ID: a.Claim.ID, Quantity: e.Name, A: finite(e.Measured), B: finite(math.NaN()), Err: "only on one backend", diff: math.NaN()})
			continue
		}
		own := max(e.Tolerance.Value, f.Tolerance.Value)
		tol, cause := own, e.Tolerance.Cause
		if r := single * max(math.Abs(e.Measured), math.Abs(f.Measured)); r > own {
			tol, cause = r, "float32 on another backend, 1e-4 relative"
		}
		d := math.Abs(e.Measured - f.Measured)
		out = append(out, agreement{a.Claim.ID, e.Name, finite(e.Measured), finite(f.Measured), finite(tol), cause, d <= tol, "", d})
	}
	return out
}
