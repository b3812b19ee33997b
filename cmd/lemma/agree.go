package main

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/widgets"
)

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
		fmt.Fprintf(t.Out, "\n%s from %s that use a backend: %d differ\n", pluralOf(len(out), "quantity", "quantities"), plural(len(using), "claim"), differ)
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
	names := func(o claim.Outcome) (out []string) {
		for _, e := range o.Evidence {
			out = append(out, e.Name)
		}
		return out
	}
	how := allowance{rel: single, cause: "float32 on another backend, 1e-4 relative"}
	var out []agreement
	for _, p := range pairs(names(a), names(b)) {
		nan := claim.Evidence{Measured: math.NaN()}
		x, y := nan, nan
		if p.a >= 0 {
			x = a.Evidence[p.a]
		}
		if p.b >= 0 {
			y = b.Evidence[p.b]
		}
		g := agreement{ID: a.Claim.ID, Quantity: x.Name, A: finite(x.Measured), B: finite(y.Measured), diff: apart(x.Measured, y.Measured)}
		if p.a < 0 || p.b < 0 {
			g.Quantity, g.Err, g.diff = x.Name+y.Name, "only on one backend", math.NaN()
			out = append(out, g)
			continue
		}
		tol, cause := how.of(x.Measured, y.Measured, x.Tolerance.Value, y.Tolerance.Value, x.Tolerance.Cause)
		g.Tolerance, g.Cause, g.Agree = finite(tol), cause, g.diff <= tol
		out = append(out, g)
	}
	return out
}
