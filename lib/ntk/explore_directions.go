package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/internal/keep"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// directionTimes are the times of ExploreDirections; a step of gradient descent there is directionEta.
var directionTimes = []float64{0, .02, .05, .1, .2, .5, 1, 2, 5, 10, 20, 50, 100}

const directionEta = .002

// directionRuns holds, by label set and time, the residual's coordinates after gradient descent in
// function space, u ← u - ηH*(u - y): no eigenvalue enters.
var directionRuns = keep.New(1, func(ctx context.Context, n int) ([][][]float64, error) {
	s, err := digits38(n)
	if err != nil {
		return nil, err
	}
	_, labels := ThreeLabels(s.S, s.Y, 0)
	out := make([][][]float64, len(labels))
	g := mat.NewVecDense(n, nil)
	for k, y := range labels {
		residual, step := append([]float64(nil), y...), 0
		for _, t := range directionTimes {
			for ; float64(step)*directionEta < t-directionEta/2; step++ {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				g.MulVec(s.H, mat.NewVecDense(n, residual))
				floats.AddScaled(residual, -directionEta, g.RawVector().Data)
			}
			out[k] = append(out[k], s.S.Project(residual))
		}
	}
	return out, nil
})

// ExploreDirections is Theorem (9.10) in motion: the residual's coordinate along each eigenvector of
// H* shrinks by its own e^{-λ_i t}, the top ones first. Bars are gradient descent, points the theorem.
func ExploreDirections() figure.Explorer {
	return figure.Explorer{
		ID: "9.T1/directions", Title: "Each eigendirection is learned at its own rate",
		Try:      "Press play: the bars sink from left to right, since eigenvalues fall from left to right. Random labels have as much on the right as on the left, the worst ones all of it on the last bar.",
		Controls: []figure.Control{figure.Slide("t", "time t", directionTimes...).From(6), figure.Choose("labels", "labels", "true", "random", "worst")},
		Play:     "t",
		Draw:     drawDirections,
	}
}

func drawDirections(ctx context.Context, at figure.Settings) (figure.Figure, error) {
	const fn, least = "ntk.ExploreDirections", 1e-3
	set, now := at.Int("labels"), -1
	for i, t := range directionTimes {
		if t == at["t"] {
			now = i
		}
	}
	if now < 0 {
		return outside(fn, "t", at["t"], fmt.Sprint("one of ", directionTimes))
	}
	s, err := digits38(stepDigits)
	if err != nil {
		return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
	}
	names, labels := ThreeLabels(s.S, s.Y, 0)
	if set < 0 || set >= len(names) {
		return outside(fn, "labels", at["labels"], fmt.Sprintf("one of %v", names))
	}
	runs, err := directionRuns.Get(ctx, stepDigits)
	if err != nil {
		return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
	}
	n, t := stepDigits, directionTimes[now]
	c := s.S.Project(labels[set])
	index, start, left, theory := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	unit, learned := math.Sqrt(float64(n)), 0
	for i, l := range s.S.Values {
		index[i] = float64(i + 1)
		start[i], left[i] = math.Abs(c[i])/unit, math.Abs(runs[set][now][i])/unit
		if theory[i] = start[i] * math.Exp(-l*t); theory[i] < least {
			theory[i] = math.NaN()
		}
		if l*t > 1 {
			learned++
		}
	}
	fine := LogSpace(.01, 100, 49)
	loss := figure.Panel{Title: "Loss", X: figure.Axis{Label: "time t", Scale: figure.Log}.Range(.01, 100), Y: figure.Axis{Label: "‖u - y‖²/n", Scale: figure.Log}.Range(least, 1.3)}
	for k, name := range names {
		line := make([]float64, len(fine))
		for j, t := range fine {
			if line[j], err = s.S.Loss(Flow{t}, labels[k]); err != nil {
				return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
			}
			if line[j] < least {
				line[j] = math.NaN()
			}
		}
		loss.Layers = append(loss.Layers, figure.Line(name+" labels", k, fine, line))
	}
	total := floats.Dot(runs[set][now], runs[set][now]) / float64(n)
	if t > 0 && total >= least {
		loss.Layers = append(loss.Layers, figure.Points("now", set, []float64{t}, []float64{total}, nil, nil))
	}
	return figure.Figure{
		ID: "9.T1.directions", Title: fmt.Sprintf("%s labels at t = %g", names[set], t),
		Alt: fmt.Sprintf("Left: what is left of the residual along each of %d eigenvectors at time %g, bars from gradient descent and points from the theorem: %.3g along the first, %.3g along the tenth, %.3g along the last, of %.3g, %.3g and %.3g at the start. Right: loss against time; %.3g of it is left.",
			n, t, left[0], left[9], left[n-1], start[0], start[9], start[n-1], total),
		Caption: fmt.Sprintf(`At $t=%g$, %s labels: directions 1 to %d have $\lambda_it>1$ and are mostly learned; %.4f of the loss is left. $|v_i^\top(u-y)|=e^{-\lambda_it}|v_i^\top y|$, $\lambda_1=%.2f$, $\lambda_{10}=%.3f$, $\lambda_{%d}=%.4f$; $n=%d$ digits 3 and 8.`,
			t, names[set], learned, total, s.S.Values[0], s.S.Values[9], n, s.S.Values[n-1], n),
		Panels: []figure.Panel{
			{Title: "What is left along each eigenvector", X: figure.Axis{Label: "index i, by falling eigenvalue"}.Range(.3, float64(n)+.7), Y: figure.Axis{Label: "|v_{i}ᵀ(u - y)|/√n", Scale: figure.Log}.Range(least, 1.3), Layers: []figure.Layer{
				figure.Points("at the start", set, index, floor(start, least/2), nil, nil).As(figure.Reference),
				figure.Bars("gradient descent", set, index, floor(left, least/2)),
				figure.Points("theory, e^{-λt}", set, index, theory, nil, nil).As(figure.Theory),
			}},
			loss,
		},
	}, nil
}
