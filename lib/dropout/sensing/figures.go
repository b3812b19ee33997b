package sensing

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/lemma-ml/lemma/lib/figure"
)

// FigureEqualizer shows the rotation of Equalize after the given number of steps: the diagonal of QᵀΣQ,
// which is ‖u_j‖² of each unit, beside its goal, and the whole matrix.
func FigureEqualizer(e *Equalized, step int) (figure.Figure, error) {
	if e == nil || step < 0 || step >= len(e.Grams) {
		return figure.Figure{}, fmt.Errorf("sensing.FigureEqualizer: step %d, want 0 to the width less 1 of an equalized pair", step)
	}
	g := e.Grams[step]
	n := g.SymmetricDim()
	var unit, diagonal []float64
	z := make([][]float64, n)
	top, penalty := 0.0, 0.0
	for i := range n {
		unit, diagonal = append(unit, float64(i+1)), append(diagonal, g.At(i, i))
		penalty += g.At(i, i) * g.At(i, i)
		top = max(top, e.Grams[0].At(i, i))
		for j := range n {
			z[i] = append(z[i], g.At(i, j))
		}
	}
	word := "steps"
	if step == 1 {
		word = "step"
	}
	least := e.Share * e.Share * float64(n)
	return figure.Figure{
		ID: "11.C5", Title: fmt.Sprintf("The equalizer after %d %s", step, word),
		Alt:     fmt.Sprintf("Left: the squared norms of %d units as bars; the first %d are at the goal %.3f. Right: the matrix of their inner products as a heat map.", n, step, e.Share),
		Caption: fmt.Sprintf(`The first %d entries stand at $\|M\|_*/d_1=%.3f$. $R=\sum_jG_{jj}^2=%.3f$; its least value is $\|M\|_*^2/d_1=%.3f$.`, step, e.Share, penalty, least),
		Panels: []figure.Panel{
			{X: figure.Axis{Label: "unit j"}.Range(.4, float64(n)+.6), Y: figure.Axis{Label: "‖u_j‖² = ‖v_j‖²"}.Range(0, 1.05*top),
				Layers: []figure.Layer{figure.Bars("now", 0, unit, diagonal), figure.HRule("‖M‖_*/d₁", e.Share)}},
			{X: figure.Axis{Label: "unit k"}, Y: figure.Axis{Label: "unit j"},
				Layers: []figure.Layer{figure.Heat("QᵀΣQ", unit, unit, z).Coloured(figure.Axis{Label: "u_j·u_k"}.Range(-top, top))}},
		},
	}, nil
}

// FigureWater shows the values, the threshold that dropout of strength λ at width d₁ takes off them, and
// what is left; and the threshold and the rank against λ.
func FigureWater(values []float64, width int, lambda float64) (figure.Figure, error) {
	s, rho, tau, value, err := WaterFill(values, width, lambda)
	if err != nil {
		return figure.Figure{}, fmt.Errorf("sensing.FigureWater: %w", err)
	}
	var place []float64
	for i := range values {
		place = append(place, float64(i+1))
	}
	var x, taus, shares []float64
	total := floats.Sum(values)
	for k := range 61 {
		l := math.Pow(10, -2+float64(k)/15)
		sk, _, t, _, err := WaterFill(values, width, l)
		if err != nil {
			return figure.Figure{}, fmt.Errorf("sensing.FigureWater: %w", err)
		}
		x, taus, shares = append(x, l), append(taus, t), append(shares, floats.Sum(sk)/total)
	}
	top := max(values[0], 1e-300)
	now := []float64{max(lambda, .01)}
	return figure.Figure{
		ID: "11.+/water", Title: "Dropout takes the same amount off every singular value that survives",
		Alt:     fmt.Sprintf("Left: %d singular values as bars with what is left of them; the threshold is at %.3f and %d survive. Right: the threshold over the largest value and the share of the nuclear norm that is left, against λ.", len(values), tau, rho),
		Caption: fmt.Sprintf(`$\lambda=%.3g$ ($p=%.3g$), $d_1=%d$: $\tau=%.3f$ comes off, %d of %d survive, and the least objective is %.3f. Only $\lambda/d_1$ counts as long as no value is lost to the width.`, lambda, lambda/(1+lambda), width, tau, rho, len(values), value),
		Panels: []figure.Panel{
			{X: figure.Axis{Label: "singular value i"}.Range(.4, float64(len(values))+.6), Y: figure.Axis{Label: "size"}.Range(0, 1.05*top),
				Layers: []figure.Layer{figure.Bars("of M*", 1, place, values).As(figure.Reference), figure.Bars("of the minimizer", 0, place, s).As(figure.Theory), figure.HRule("threshold τ", tau)}},
			{X: figure.Axis{Label: "strength λ = p/(1-p)", Scale: figure.Log}.Range(.01, 100), Y: figure.Axis{Label: "share"}.Range(0, 1.02),
				Layers: []figure.Layer{figure.Line("nuclear norm left", 0, x, shares), figure.Line("threshold over σ₁", 1, x, scaled(taus, 1/top)),
					figure.Points("now", 0, now, []float64{floats.Sum(s) / total}, nil, nil)}},
		},
	}, nil
}

func scaled(v []float64, by float64) []float64 {
	out := append([]float64(nil), v...)
	floats.Scale(by, out)
	return out
}

// Figure shows the risk and the nuclear norm against the rate with the population's curves, and the risk
// of gradient descent without dropout against the scale of its start: means over the draws, with their
// ranges.
func (r *Result) Figure() figure.Figure {
	risk := func(t Trained) float64 { return max(t.Risk, 1e-9) }
	nuclear := func(t Trained) float64 { return t.Nuclear / t.Star }
	var p, y, low, high, n, nl, nh, start, sy, sl, sh []float64
	for _, k := range r.Config.Cases {
		if k.Rate > 0 {
			p = append(p, k.Rate)
			m, a, b := r.span(k, risk)
			y, low, high = append(y, m), append(low, a), append(high, b)
			m, a, b = r.span(k, nuclear)
			n, nl, nh = append(n, m), append(nl, a), append(nh, b)
			continue
		}
		start = append(start, k.Start)
		m, a, b := r.span(k, risk)
		sy, sl, sh = append(sy, m), append(sl, a), append(sh, b)
	}
	var grid, riskLine, normLine []float64
	draws := float64(r.Config.Draws)
	stars := make([][]float64, r.Config.Draws)
	for i := range stars {
		m, _ := r.Config.draw(i)
		stars[i] = singular(m)
	}
	for k := range 48 {
		rate := .02 * float64(k+1)
		if rate > .951 {
			break
		}
		a, b := 0.0, 0.0
		for _, s := range stars {
			sp, _, _, _, err := WaterFill(s, r.Config.Width, rate/(1-rate))
			if err != nil {
				continue
			}
			a += floats.Distance(s, sp, 2) * floats.Distance(s, sp, 2) / draws
			b += floats.Sum(sp) / floats.Sum(s) / draws
		}
		grid, riskLine, normLine = append(grid, rate), append(riskLine, max(a, 1e-9)), append(normLine, b)
	}
	x := figure.Axis{Label: "rate of dropout p"}.Range(0, 1)
	bottom, top := 1e-4, 3e2
	f := figure.Figure{
		ID: "11.+/sensing", Title: "Few samples, wide factors, dropout",
		Alt:     "Left: risk against the rate of dropout, lowest at the smallest rate, above the curve of the population. Middle: the nuclear norm falls along the curve. Right: without dropout the risk depends on the scale of the start.",
		Caption: fmt.Sprintf(`%d numbers for a $%d\times%d$ matrix of rank %d, width %d. Lines: the minimum with infinitely many samples.`, r.Config.Samples, r.Config.Size, r.Config.Size, r.Config.Rank, r.Config.Width),
		Panels: []figure.Panel{
			{X: x, Y: figure.Axis{Label: "risk ‖UVᵀ - M*‖²", Scale: figure.Log}.Range(bottom, top), Layers: []figure.Layer{figure.Line("infinitely many samples", 0, grid, riskLine)}},
			{X: x, Y: figure.Axis{Label: "nuclear norm over that of M*"}.Range(0, 1.5), Layers: []figure.Layer{figure.Line("infinitely many samples", 0, grid, normLine)}},
			{X: figure.Axis{Label: "scale of the start, p = 0", Scale: figure.Log}.Range(5e-4, 2), Y: figure.Axis{Label: "risk ‖UVᵀ - M*‖²", Scale: figure.Log}.Range(bottom, top)},
		},
	}
	if len(p) > 0 {
		f.Panels[0].Layers = append(f.Panels[0].Layers, figure.Points("trained", 0, p, y, low, high))
		f.Panels[1].Layers = append(f.Panels[1].Layers, figure.Points("trained", 0, p, n, nl, nh))
		best := floats.MinIdx(y)
		f.Panels[2].Layers = append(f.Panels[2].Layers, figure.HRule(fmt.Sprintf("dropout, p = %g", p[best]), y[best]))
	}
	if len(start) > 0 {
		f.Panels[2].Layers = append(f.Panels[2].Layers, figure.Points("gradient descent", 1, start, sy, sl, sh))
	}
	return f
}

// span is the mean of a column over the draws of a case with its least and largest value.
func (r *Result) span(k Case, column func(Trained) float64) (mean, low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, t := range r.Runs {
		if t.Case == k {
			v := column(t)
			low, high = min(low, v), max(high, v)
		}
	}
	return r.Mean(k, column), low, high
}
