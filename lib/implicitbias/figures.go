package implicitbias

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// figureLasso draws the coordinates of the lasso path and of ε-boosting over ‖w‖₁. The problem must be in
// general position, as those of this package are.
func figureLasso(p *Regression, epsilon float64) *figure.Figure {
	ctx := context.Background()
	l := must(LassoPath(ctx, p))
	run := must(Descend(ctx, p, Boosting{p, epsilon}, zeros(p.d), DescentConfig{Every: 1, Steps: 100_000}))
	panel := figure.Panel{X: figure.Axis{Label: "‖w‖₁"}, Y: figure.Axis{Label: "w_j"}}
	for j := range p.d {
		var x, y, bx, by []float64
		for k := range l.W {
			x, y = append(x, Norm(l.W[k], 1)), append(y, l.W[k][j])
		}
		stride := max(1, len(run.Path)/40)
		for k := 0; k < len(run.Path); k += stride {
			bx, by = append(bx, Norm(run.Path[k], 1)), append(by, run.Path[k][j])
		}
		bx, by = append(bx, Norm(run.End(), 1)), append(by, run.End()[j])
		panel.Layers = append(panel.Layers, figure.Line(coordinate(j)+", lasso", j, x, y), figure.Points(coordinate(j)+", ε-boosting", j, bx, by, nil, nil))
	}
	a, b := Norm(l.At(0), 1), Norm(run.End(), 1)
	caption := fmt.Sprintf(`The lasso ends at $\|w\|_1=%.3f$, ε-boosting with ε = %g at %.3f. `, a, epsilon, b)
	if l.Monotone() {
		caption += "No coordinate of the path ever turns back, and the two agree."
	} else {
		caption += "A coordinate of the path turns back; ε-boosting does not give back what it has taken until it has to, and ends elsewhere."
	}
	return &figure.Figure{
		ID: "8.E1", Title: "The path of the lasso and ε-boosting",
		Alt:     fmt.Sprintf("Coordinates over the ℓ₁ norm: lines of the lasso path to norm %.3f, points of ε-boosting to norm %.3f.", a, b),
		Caption: caption, Panels: []figure.Panel{panel},
	}
}

// FigureAlpha shows the least R_α on the line of solutions of Example 2, and q beside its two limits.
func FigureAlpha(ctx context.Context, alpha float64) (figure.Figure, error) {
	p := Book()
	w, err := p.Closest(ctx, Hyperbolic{alpha}, zeros(3))
	if err != nil {
		return figure.Figure{}, err
	}
	at := func(s float64) []float64 { return []float64{s, 29./6 - (s-1./3)/2, -25./6 - (s-1./3)/2} }
	// Norms and R_α along 𝒢, each above its least value and divided by its range, so that they compare.
	var s []float64
	for k := range 121 {
		s = append(s, -.2+.01*float64(k))
	}
	scaled := func(f func(w []float64) float64) []float64 {
		v := make([]float64, len(s))
		lo, hi := math.Inf(1), math.Inf(-1)
		for k := range s {
			v[k] = f(at(s[k]))
			lo, hi = min(lo, v[k]), max(hi, v[k])
		}
		for k := range v {
			v[k] = (v[k] - lo) / (hi - lo)
		}
		return v
	}
	r := Hyperbolic{alpha}
	left := figure.Panel{X: figure.Axis{Label: "w₁ on the line of solutions"}.Range(-.2, 1), Y: figure.Axis{Label: "above the least, scaled to 1"}.Range(0, 1), Layers: []figure.Layer{
		figure.Line("‖w‖₁", 1, s, scaled(func(w []float64) float64 { return Norm(w, 1) })),
		figure.Line("‖w‖₂²", 2, s, scaled(func(w []float64) float64 { return Norm(w, 2) * Norm(w, 2) })),
		figure.Line("R_α", 0, s, scaled(r.Value)),
		figure.Points("least R_α", 0, []float64{w[0]}, []float64{0}, nil, nil),
		figure.VRule("gradient flow on w", 1./3)}}
	var z, q, abs, square []float64
	top := hyperbolicQ(1 / (alpha * alpha))
	for k := -40; k <= 40; k++ {
		v := float64(k) / 40
		z, q = append(z, v), append(q, hyperbolicQ(v/(alpha*alpha))/top)
		abs, square = append(abs, math.Abs(v)), append(square, v*v)
	}
	right := figure.Panel{X: figure.Axis{Label: "w"}.Range(-1, 1), Y: figure.Axis{Label: "R_α(w)/R_α(1)"}.Range(0, 1), Layers: []figure.Layer{
		figure.Line("|w|", 1, z, abs), figure.Line("w²", 2, z, square), figure.Line("R_α", 0, z, q)}}
	word := "between the two"
	switch {
	case w[0] < .01:
		word = "like $|w|$: nearly the solution of least $\\|w\\|_1$, which is sparse"
	case w[0] > .32:
		word = "like $w^2$: nearly the solution of least $\\|w\\|_2$, that of gradient descent"
	}
	return figure.Figure{
		ID: "8.T4", Title: "How the size of the start chooses the norm",
		Alt:     fmt.Sprintf("Left: R_α along the line of solutions between the norms, least at w₁ = %.4f. Right: R_α of one weight between |w| and w².", w[0]),
		Caption: fmt.Sprintf(`α = %.3g: $w=(%.4f,%.4f,%.4f)$, $\|w\|_1=%.4f$. $R_\alpha$ is %s.`, alpha, w[0], w[1], w[2], Norm(w, 1), word),
		Panels:  []figure.Panel{left, right},
	}, nil
}
