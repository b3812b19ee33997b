package margin

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/internal/keep"
)

// targets keeps the largest margins of the five points.
var targets = keep.New(8, func(ctx context.Context, n Norm) (*Separator, error) { return MaxMargin(ctx, Five(), n) })

var boosts = keep.OnHost(func(ctx context.Context, cfg BoostConfig) (*BoostResult, error) {
	return Boost(ctx, Boosting(), cfg)
})

// FigureRace shows the normalised margins of descent in ℓ₁, ℓ₂ and ℓ∞ on five points against the step, with
// what a linear or quadratic program says is possible.
func FigureRace(ctx context.Context) (*figure.Figure, error) {
	p := figure.Panel{X: figure.Axis{Label: "step", Scale: figure.Log}, Y: figure.Axis{Label: "margin in the norm of the method, over its largest value"}.Range(.5, 1.02)}
	gap := figure.Panel{X: figure.Axis{Label: "step", Scale: figure.Log}, Y: figure.Axis{Label: "what is missing, as a share", Scale: figure.Log}}
	for k, n := range norms() {
		run, err := runs.Get(ctx, nil, setting{Data: "five", Config: Config{Norm: n}})
		if err != nil {
			return nil, err
		}
		best, err := MaxMargin(ctx, Five(), n)
		if err != nil {
			return nil, err
		}
		x, y := rowsOf(run, best.Margin)
		p.Layers = append(p.Layers, figure.Points(fmt.Sprintf("%s, steps 1/(B²L)", n), k, x, y, nil, nil))
		if n != Largest { // there is no gap
			gx, gy := gapOf(x, y)
			gap.Layers = append(gap.Layers, figure.Points(fmt.Sprintf("%s, steps 1/(B²L)", n), k, gx, gy, nil, nil))
		}
	}
	slow, err := runs.Get(ctx, nil, setting{Data: "five", Config: Config{Rule: Capped, Steps: 100000}})
	if err != nil {
		return nil, err
	}
	best, err := MaxMargin(ctx, Five(), Euclidean)
	if err != nil {
		return nil, err
	}
	x, y := rowsOf(slow, best.Margin)
	p.Layers = append(p.Layers, figure.Points("ℓ₂, steps at most 1", 3, x, y, nil, nil), figure.HRule("the largest margin", 1))
	gx, gy := gapOf(x, y)
	gap.Layers = append(gap.Layers, figure.Points("ℓ₂, steps at most 1", 3, gx, gy, nil, nil))
	return &figure.Figure{
		ID: "8.T6", Title: "Each norm's descent wins its own race",
		Alt:     "Three series of points rise to 1, that of ℓ∞ at once, those of ℓ₁ and ℓ₂ within a thousand steps; a fourth, with bounded steps, is at 0.98 after a hundred thousand. On the right the gaps: two straight lines, of slope -1 for ℓ₁ and -2 for ℓ₂, and a nearly flat one.",
		Caption: `Five points in the plane. Steepest descent in each norm reaches the largest margin of that norm; with steps bounded as in Theorem 8.3.2 the gap closes like a power of $1/\log t$ only.`,
		Panels:  []figure.Panel{p, gap},
	}, nil
}

// gapOf returns the points (x, 1 - y) that are above rounding.
func gapOf(x, y []float64) (gx, gy []float64) {
	for i, v := range y {
		if 1-v > 1e-9 {
			gx, gy = append(gx, x[i]), append(gy, 1-v)
		}
	}
	return gx, gy
}

// rowsOf returns the steps and margins of a run, in units of the given one; steps whose margin is below
// half of it are left out.
func rowsOf(r *Result, unit float64) (x, y []float64) {
	for _, row := range r.Rows {
		if row.T > 0 && row.Margin > .5*unit {
			x, y = append(x, float64(row.T)), append(y, row.Margin/unit)
		}
	}
	return x, y
}

// FigureCycle shows boosting of eight learners: the margin against the round, and the weights of the eight
// points over the last 24 rounds. epsilon 0 means exact steps.
func FigureCycle(ctx context.Context, epsilon float64) (*figure.Figure, error) {
	return figureCycle(ctx, epsilon, 10000)
}

func figureCycle(ctx context.Context, epsilon float64, rounds int) (*figure.Figure, error) {
	r, err := boosts.Get(ctx, nil, BoostConfig{Epsilon: epsilon, Rounds: rounds})
	if err != nil {
		return nil, err
	}
	var x, y []float64
	for k, t := range r.T {
		if r.Margin[k] > 0 {
			x, y = append(x, float64(t)), append(y, r.Margin[k])
		}
	}
	first := float64(rounds - len(r.Shares) + 1)
	cols, rows := make([]float64, len(r.Shares)), make([]float64, 8)
	z := make([][]float64, 8)
	for i := range z {
		rows[i], z[i] = float64(i+1), make([]float64, len(cols))
		for t := range cols {
			cols[t], z[i][t] = first+float64(t), r.Shares[t][i]
		}
	}
	word, ends := "exact steps: AdaBoost", "The weights repeat every three rounds: three learners share the work, and the margin ends at $\\frac13$."
	if epsilon > 0 {
		word, ends = fmt.Sprintf("steps of %g", epsilon), "The weights wander, all eight learners are used, and the margin rises to $\\frac38$, up to a term of the size of the step over $\\|w\\|_1$."
	}
	name, _ := r.Period()
	alt := "weights without a period"
	if name > 0 {
		alt = fmt.Sprintf("weights of the points that repeat every %d rounds", name)
	}
	return &figure.Figure{
		ID: "8.E6", Title: "Boosting eight weak learners, " + word,
		Alt:     fmt.Sprintf("Left: the margin against the round, %.4f at the end, with rules at 1/3 and 3/8. Right: %s.", r.Margin[len(r.Margin)-1], alt),
		Caption: fmt.Sprintf("After %d rounds the margin is %.4f. %s", rounds, r.Margin[len(r.Margin)-1], ends),
		Panels: []figure.Panel{
			{X: figure.Axis{Label: "round", Scale: figure.Log}, Y: figure.Axis{Label: "ℓ₁ margin"}.Range(0, .42), Layers: []figure.Layer{
				figure.HRule("largest margin 3/8", 3./8), figure.HRule("1/3", 1./3), figure.Points(word, 0, x, y, nil, nil)}},
			{X: figure.Axis{Label: "round"}, Y: figure.Axis{Label: "point"}, Layers: []figure.Layer{
				figure.Heat("weight of the point", cols, rows, z).Coloured(figure.Axis{Label: "weight"}.Range(0, .35))}},
		},
	}, nil
}

// FigureProof shows the margin of a run on five points beside what the proof of Theorem 8.3.2 says about it.
func FigureProof(ctx context.Context, n Norm, rule Rule) (*figure.Figure, error) {
	run, err := runs.Get(ctx, nil, setting{Data: "five", Config: Config{Norm: n, Rule: rule, Steps: 10000}})
	if err != nil {
		return nil, err
	}
	best, err := targets.Get(ctx, n)
	if err != nil {
		return nil, err
	}
	var x, y, main, late, bound []float64 // the bound starts far below 0
	for _, row := range run.Rows {
		if row.T > 0 {
			x, y = append(x, float64(row.T)), append(y, row.Margin)
			main = append(main, row.Main)
			if row.Bound > -1 {
				late, bound = append(late, float64(row.T)), append(bound, row.Bound)
			}
		}
	}
	words := "Bounded steps: term (II) dies out and the bound creeps up to the largest margin, like $1/\\log t$."
	if rule == Adaptive {
		words = "Steps of $1/(B^2L)$ are longer than the theorem allows: the bound of its proof ends at half of the largest margin, the run at all of it."
	}
	last := run.Last()
	return &figure.Figure{
		ID: "8.I7", Title: "What the proof knows about the margin",
		Alt:     fmt.Sprintf("The measured margin ends at %.3f of the largest one, the bound (8.33) below it at %.3f; its main term lies above.", last.Margin/best.Margin, last.Bound/best.Margin),
		Caption: fmt.Sprintf("%s on five points, %s steps. %s", n, rule, words),
		Panels: []figure.Panel{{
			X: figure.Axis{Label: "step", Scale: figure.Log}, Y: figure.Axis{Label: "margin over " + n.String() + " norm"}.Range(-1, 2.5),
			Layers: []figure.Layer{
				figure.Line("term (I)", 1, x, main), figure.Line("bound (8.33)", 0, late, bound).As(figure.Bound),
				figure.Points("measured", 0, x, y, nil, nil), figure.HRule("largest margin γ", best.Margin)},
		}},
	}, nil
}

// FigureResidual shows the KKT residual and the margin of three homogeneous nets along normalised descent.
func FigureResidual(ctx context.Context, seed uint64) (*figure.Figure, error) {
	left := figure.Panel{X: figure.Axis{Label: "step of normalised descent", Scale: figure.Log}, Y: figure.Axis{Label: "KKT residual", Scale: figure.Log}}
	right := figure.Panel{X: figure.Axis{Label: "step of normalised descent", Scale: figure.Log}, Y: figure.Axis{Label: "margin over its last value"}.Range(0, 1.05)}
	for k, j := range []journey{{Net: "diagonal", FlowConfig: FlowConfig{Steps: 100000}}, {Net: "relu", Seed: seed, FlowConfig: FlowConfig{Steps: 20000}}, {Net: "cubic", Seed: seed, FlowConfig: FlowConfig{Steps: 20000}}} {
		run, err := flows.Get(ctx, nil, j)
		if err != nil {
			return nil, err
		}
		p, err := predictor(j.Net, j.Seed)
		if err != nil {
			return nil, err
		}
		var x, y, residual []float64
		for _, row := range run.Rows {
			s, err := Stationary(p, row.W, .02)
			if row.T == 0 || err != nil {
				continue // a point is still misclassified
			}
			x, y = append(x, float64(row.T)), append(y, row.Margin/run.Last().Margin)
			residual = append(residual, max(s.Residual, 1e-9))
		}
		name := []string{"diagonal, degree 2", "ReLU, degree 2", "cubed ReLU, degree 4"}[k]
		left.Layers = append(left.Layers, figure.Points(name, k, x, residual, nil, nil))
		right.Layers = append(right.Layers, figure.Points(name, k, x, y, nil, nil))
	}
	right.Layers = append(right.Layers, figure.HRule("", 1))
	return &figure.Figure{
		ID: "8.T7", Title: "Directions that become stationary",
		Alt:     "Left: the residuals of three nets fall from about 1 by two orders of magnitude and more. Right: their margins rise to their last values.",
		Caption: `Residual $\min_{\lambda\ge0}\|\bar w-\sum\lambda_iy_i\nabla f_i(\bar w)\|$ over the points within 2% of the smallest margin. The theorem covers the first and the third net; ReLU is not smooth and behaves alike.`,
		Panels:  []figure.Panel{left, right},
	}, nil
}
