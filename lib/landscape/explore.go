package landscape

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// FigureConditions shows w² + a·sin² w, descent on it and the constants of the three conditions on
// [-8, 8].
func FigureConditions(ctx context.Context, a float64) (figure.Figure, error) {
	o := Wavy(a)
	grid := Grid(-8, 8, 4e-3)
	c, err := BestConstants(o, []float64{0}, grid)
	if err != nil {
		return figure.Figure{}, err
	}
	var x, y []float64
	for i := 0; i < len(grid); i += 16 {
		x, y = append(x, grid[i][0]), append(y, o.Value(grid[i]))
	}
	l := o.Lipschitz
	path, err := Descend(ctx, o, []float64{7}, 1/l, 60, func(_ int, w []float64) bool { return o.Value(w) < 1e-14 })
	if err != nil {
		return figure.Figure{}, err
	}
	var steps, gap, bound, px, py []float64
	for t, w := range path {
		v := o.Value(w)
		px, py = append(px, w[0]), append(py, v)
		steps, gap = append(steps, float64(t)), append(gap, max(v, 1e-16))
		bound = append(bound, max(o.Value(path[0])*math.Pow(1-max(c.PL, 0)/(2*l), float64(t)), 1e-16))
	}
	caption := fmt.Sprintf(`$a=%.3g$: PL %.3g, weak quasi-convexity %.3g, RSI %.3g, on a grid of $[-8,8]$. `, a, c.PL, c.WQC, c.RSI)
	switch {
	case a >= WavyThreshold:
		caption += `There are other stationary points, so that no condition can hold: descent may stop early.`
	case a > 1:
		caption += `Not convex, yet every step of $1/L$ shrinks $f$ by $1-\mu/(2L)$ or better.`
	default:
		caption += `Convex.`
	}
	return figure.Figure{
		ID: "6.D4", Title: "Nonconvex and still easy",
		Alt:     "Left: a parabola with waves and the points that descent visits. Right: the value of f on a logarithmic axis, below the line of the PL rate.",
		Caption: caption,
		Panels: []figure.Panel{
			{X: figure.Axis{Label: "w"}, Y: figure.Axis{Label: "f(w)"}, Layers: []figure.Layer{
				figure.Line("w² + a·sin² w", 0, x, y), figure.Points("descent from 7", 1, px, py, nil, nil)}},
			{X: figure.Axis{Label: "step of size 1/L"}, Y: figure.Axis{Label: "f - f*", Scale: figure.Log}.Range(1e-16, 1e3), Layers: []figure.Layer{
				figure.Line("rate 1 - μ/(2L)", 0, steps, bound).As(figure.Bound), figure.Points("descent", 1, steps, gap, nil, nil)}},
		},
	}, nil
}

// ExploreConditions turns the waves up until PL is lost.
func ExploreConditions() figure.Explorer {
	var values []float64
	for i := range 25 {
		values = append(values, float64(i)/4)
	}
	return figure.Explorer{
		ID: "6.D4/waves", Title: "How much nonconvexity gradient descent bears",
		Try:      "Turn up $a$. From 1 on the function is not convex; up to 4.6 the constants stay positive and descent converges; beyond, it can stop at a wave.",
		Controls: []figure.Control{figure.Slide("a", "size of the waves a", values...).From(12)},
		Play:     "a",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			return FigureConditions(ctx, at["a"])
		},
	}
}

// FigurePlateau compares the squared loss and the convex surrogate of one sigmoid neuron with parameter
// w*: values above the minimum, and slopes.
func FigurePlateau(ctx context.Context, star float64) (figure.Figure, error) {
	m, err := GaussianLine(Sigmoid, star, .02)
	if err != nil {
		return figure.Figure{}, err
	}
	loss, g := m.Loss(), m.Surrogate()
	low := g.Value([]float64{star})
	var x, lv, gv, ls, gs []float64
	for _, w := range Grid(-6, 12, .15) {
		if err := ctx.Err(); err != nil {
			return figure.Figure{}, err
		}
		x = append(x, w[0])
		lv, gv = append(lv, loss.Value(w)), append(gv, g.Value(w)-low)
		ls, gs = append(ls, max(loss.GradientNorm(w), 1e-6)), append(gs, max(g.GradientNorm(w), 1e-6))
	}
	d := make([]float64, 2)
	loss.Gradient(d[:1], []float64{10})
	g.Gradient(d[1:], []float64{10})
	return figure.Figure{
		ID: "6.A2", Title: "A plateau, and a surrogate without one",
		Alt:     "Left: both losses have one minimum at w*; the squared loss flattens away from it, the surrogate keeps growing. Right: their slopes on a logarithmic axis.",
		Caption: fmt.Sprintf(`One sigmoid neuron, $w_*=%.3g$. At $w=10$ the squared loss has the slope %.2g, the surrogate %.2g.`, star, d[0], d[1]),
		Panels: []figure.Panel{
			{X: figure.Axis{Label: "w"}, Y: figure.Axis{Label: "above the minimum"}, Layers: []figure.Layer{
				figure.Line("squared loss L", 0, x, lv), figure.Line("surrogate g", 1, x, gv), figure.VRule("w*", star)}},
			{X: figure.Axis{Label: "w"}, Y: figure.Axis{Label: "|slope|", Scale: figure.Log}, Layers: []figure.Layer{
				figure.Line("squared loss L", 0, x, ls), figure.Line("surrogate g", 1, x, gs)}},
		},
	}, nil
}

// ExplorePlateau moves w*.
func ExplorePlateau() figure.Explorer {
	var values []float64
	for i := range 17 {
		values = append(values, float64(i-4)/2)
	}
	return figure.Explorer{
		ID: "6.A2/plateau", Title: "One neuron, two losses",
		Try:      "Move $w_*$ to the right: the plateau of the squared loss gets flatter, the surrogate keeps its slope.",
		Controls: []figure.Control{figure.Slide("star", "w*", values...).From(8)},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			return FigurePlateau(ctx, at["star"])
		},
	}
}

// ExploreLemma shows Lemma 6.4.3 for a scale τ.
func ExploreLemma() figure.Explorer {
	return figure.Explorer{
		ID: "6.L1/tau", Title: "Which test shows the way down",
		Try:      "Lower $\\tau$: the region that no test certifies shrinks to the solution, and never leaves $f\\le\\tau$.",
		Controls: []figure.Control{figure.Slide("tau", "scale τ", .02, .05, .1, .15, .2, .24, .3, .4, .5, .7, .9).From(4)},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			return *figureLemma(at["tau"]), ctx.Err()
		},
	}
}

// Explorers lists the pictures with sliders of chapter 6.
func Explorers() []figure.Explorer {
	return []figure.Explorer{ExploreObstacles(), ExploreConditions(), ExplorePlateau(), ExploreLemma()}
}
