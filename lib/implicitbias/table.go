package implicitbias

import (
	"context"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// Row is what one method does against what one would guess of it.
type Row struct {
	Method   string
	Limit    []float64 // where it ends
	Guess    string    // what it might minimize over the solutions
	Attained float64   // of that, at the limit
	Optimal  float64   // the least of all solutions, by a convex solver
	Holds    bool      // equal to 1e-6 relative
}

// Table runs the methods of section 8.1 on the rows of Example 2 with labels (3, 4), from ½·1, and compares
// each limit with the solution that is nearest in the method's own geometry.
func Table(ctx context.Context) ([]Row, error) {
	p := rows([]float64{3, 4}, []float64{1, 1, 1}, []float64{1, 2, 0})
	w0 := fill(3, .5)
	moved, err := NewRegression(p.x, sub(fill(2, 0), p.Residual(w0)))
	if err != nil {
		return nil, err
	}
	const eta = .01
	var out []Row
	add := func(m Method, cfg DescentConfig, guess string, value func(w []float64) float64, best []float64) error {
		run, err := Descend(ctx, p, m, w0, cfg)
		if err != nil {
			return err
		}
		r := Row{Method: m.Name(), Limit: run.End(), Guess: guess, Attained: value(run.End()), Optimal: value(best)}
		r.Holds = math.Abs(r.Attained/r.Optimal-1) < 1e-6
		out = append(out, r)
		return nil
	}
	for _, r := range []Potential{Quadratic{}, Entropy{}, SquaredNorm{1.5}, Hyperbolic{.3}} {
		best, err := p.Closest(ctx, r, w0)
		if err != nil {
			return nil, err
		}
		if err := add(Mirror{r}, DescentConfig{Eta: eta}, "divergence of "+r.Name(), func(w []float64) float64 { return Bregman(r, w, w0) }, best); err != nil {
			return nil, err
		}
	}
	for _, t := range []struct {
		m    Method
		norm float64
		cfg  DescentConfig
	}{
		{Momentum{.9}, 2, DescentConfig{Eta: eta}},
		{Steepest{4. / 3}, 4. / 3, DescentConfig{Eta: eta}},
		{Steepest{1}, 1, DescentConfig{Eta: eta}},
		{Steepest{math.Inf(1)}, math.Inf(1), DescentConfig{Eta: eta}},
		{Adam{}, 2, DescentConfig{Schedule: func(t int) float64 { return .01 / math.Sqrt(1+float64(t)/100) }, Steps: 30_000}},
	} {
		best, err := moved.LeastNorm(ctx, t.norm)
		if err != nil {
			return nil, err
		}
		if err := add(t.m, t.cfg, "distance in "+ell(t.norm), func(w []float64) float64 { return Norm(sub(w, w0), t.norm) }, added(w0, 1, best)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// FigureTable draws how far above the least each method ends.
func FigureTable(list []Row) figure.Figure {
	var x, y []float64
	var names []string
	failed := ""
	for i, r := range list {
		x, y = append(x, float64(i)), append(y, 100*max(0, r.Attained/r.Optimal-1))
		names = append(names, r.Method)
		if !r.Holds {
			if failed != "" {
				failed += ", "
			}
			failed += r.Method
		}
	}
	return figure.Figure{
		ID: "8.T2", Title: "Methods against the nearest solution in their own geometry",
		Alt:     "Bars: how far above the least divergence or distance each method ends, in percent. Not zero for " + failed + ".",
		Caption: "Mirror descent and the heavy ball end at the nearest solution of their geometry, always; coordinate descent sometimes, as here; not so " + failed + ".",
		Panels: []figure.Panel{{X: figure.Axis{Label: "method", Categories: names}, Y: figure.Axis{Label: "above the least", Unit: "%"}, Layers: []figure.Layer{
			figure.Bars("excess", 0, x, y)}}},
	}
}
