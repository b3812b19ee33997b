package eigenlearning

import (
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// FigureLearning draws the learning curves of the targets, prediction and measurement, and beside them
// how the n units of learnability are spread over the levels at each size.
func FigureLearning(r *Result) figure.Figure {
	f := figure.Figure{
		ID: "9.eigenlearning", Title: "What a kernel learns from n examples, predicted from its eigenvalues",
		Alt: fmt.Sprintf("Left: mean squared error against the number of examples for %d targets; measured points lie on the predicted lines.", len(r.Config.Degrees)),
		Caption: fmt.Sprintf(`%s, tangent kernel of depth %d. Lines: $\frac{n}{n-\sum\mathcal L^2}\sum_i(1-\mathcal L_i)^2c_i^2$. Points: mean and two standard errors over %d training sets. Right: the learnabilities of all %d eigenfunctions add up to $n$.`,
			r.domainName(), r.Config.Depth, r.Config.Draws, r.size()),
	}
	curves := r.curvePanel()
	for i, k := range r.Config.Degrees {
		line, points := r.curve(i, i)
		curves.Layers = append(curves.Layers, line, points)
		last := len(r.Points) - 1
		f.Alt += fmt.Sprintf(" %s: from %.3f to %.3f.", r.target(k), r.Points[0].MSE[i].Mean, r.Points[last].MSE[i].Mean)
	}
	f.Panels = append(f.Panels, curves)
	budget := figure.Panel{Title: "Where the n units go", X: r.levelAxis(), Y: figure.Axis{Label: "eigenfunctions × learnability"}}
	for i := range r.Points {
		p := &r.Points[i]
		x, want, mean, half := r.budget(p)
		low, high := figure.PlusMinus(mean, half)
		budget.Layers = append(budget.Layers, figure.Line(fmt.Sprintf("n = %d", p.N), i, x, want), figure.Points("", i, x, mean, low, high))
		f.Alt += fmt.Sprintf(" At n = %d the units add up to %.6f.", p.N, p.Sum.Mean)
	}
	f.Panels = append(f.Panels, budget)
	return f
}

func (r *Result) size() int {
	m := 0
	for _, l := range r.Levels {
		m += l.Count
	}
	return m
}

func (r *Result) domainName() string {
	if r.Config.Circle > 0 {
		return fmt.Sprintf("%d points of the circle", r.Config.Circle)
	}
	return fmt.Sprintf("%d points of the %d-cube", r.size(), r.Config.Bits)
}

// target names a target of degree k.
func (r *Result) target(k int) string {
	switch {
	case r.Config.Circle > 0:
		return fmt.Sprintf("frequency %d", k)
	case k == 1:
		return "one bit"
	}
	return fmt.Sprintf("parity of %d bits", k)
}

func (r *Result) levelAxis() figure.Axis {
	if r.Config.Circle > 0 {
		return figure.Axis{Label: "frequency k"}
	}
	return figure.Axis{Label: "level: bits k of the parity"}
}

func (r *Result) curvePanel() figure.Panel {
	return figure.Panel{Title: "Learning curve", X: figure.Axis{Label: "examples n", Scale: figure.Log}, Y: figure.Axis{Label: "mean squared error"}}
}

// curve is the learning curve of target i: prediction at every n of the range, measured points.
func (r *Result) curve(i, series int) (line, points figure.Layer) {
	first, last := r.Points[0].N, r.Points[len(r.Points)-1].N
	power := make([]float64, len(r.Levels))
	power[r.Config.Degrees[i]] = 1
	noise := r.Config.Noise * r.Config.Noise
	var x, y []float64
	for _, n := range between(first, last) {
		t, err := Solve(r.Levels, n, r.Config.Ridge)
		if err != nil {
			continue // at least as many examples as positive eigenvalues: no prediction
		}
		x, y = append(x, float64(n)), append(y, t.MSE(power, noise)-noise)
	}
	var n, mean, half []float64
	for _, p := range r.Points {
		n, mean, half = append(n, float64(p.N)), append(mean, p.MSE[i].Mean), append(half, 2*p.MSE[i].SE)
	}
	low, high := figure.PlusMinus(mean, half)
	name := r.target(r.Config.Degrees[i])
	return figure.Line(name, series, x, y), figure.Points("", series, n, mean, low, high)
}

// between lists sizes from first to last, both included, a twentieth apart or the next.
func between(first, last int) []int {
	var out []int
	for n := first; n < last; n = max(n+1, n*20/19) {
		out = append(out, n)
	}
	return append(out, last)
}

// learnabilities is the learnability of one eigenfunction of each level.
func (r *Result) learnabilities(p *Point, series int) (line, points figure.Layer) {
	x, mean, half := r.levels(p, func(int) float64 { return 1 })
	low, high := figure.PlusMinus(mean, half)
	return figure.Line("predicted", series, x, p.Theory.Learn), figure.Points("measured", series, x, mean, low, high)
}

// budget is the learnability of all eigenfunctions of each level together, predicted and measured, with
// two standard errors.
func (r *Result) budget(p *Point) (x, want, mean, half []float64) {
	x, mean, half = r.levels(p, func(k int) float64 { return float64(r.Levels[k].Count) })
	for k, l := range p.Theory.Learn {
		want = append(want, l*float64(r.Levels[k].Count))
	}
	return x, want, mean, half
}

func (r *Result) levels(p *Point, times func(k int) float64) (x, mean, half []float64) {
	for k, l := range p.Learn {
		x = append(x, float64(r.Levels[k].Degree))
		mean, half = append(mean, times(k)*l.Mean), append(half, times(k)*2*l.SE)
	}
	return x, mean, half
}

// FigureCurves draws learning curves of several targets on one data set, predictions as lines, with the
// error of the zero function.
func FigureCurves(names []string, curves []*Curve) figure.Figure {
	p := figure.Panel{X: figure.Axis{Label: "examples n", Scale: figure.Log}, Y: figure.Axis{Label: "mean squared error", Scale: figure.Log}}
	alt := "Mean squared error against the number of examples on logarithmic axes, measured points on predicted lines."
	for i, c := range curves {
		sizes := c.Config.Sizes
		first, last := sizes[0], sizes[len(sizes)-1]
		var x, y []float64
		for _, n := range between(first, last) {
			if t, err := Solve(c.levels(), n, c.Config.Ridge); err == nil {
				x, y = append(x, float64(n)), append(y, t.MSE(c.Power, 0))
			}
		}
		var n, mean, half []float64
		for k := range sizes {
			n, mean, half = append(n, float64(sizes[k])), append(mean, c.Measured[k].Mean), append(half, 2*c.Measured[k].SE)
		}
		low, high := figure.PlusMinus(mean, half)
		p.Layers = append(p.Layers, figure.Line(names[i], i, x, y), figure.Points("", i, n, mean, low, high))
		alt += fmt.Sprintf(" %s: from %.3f at n = %d to %.3f at n = %d.", names[i], mean[0], first, mean[len(mean)-1], last)
	}
	p.Layers = append(p.Layers, figure.HRule("zero function", 1))
	return figure.Figure{
		ID: "9.eigenlearning.digits", Title: "The learning curve of digits 3 and 8, predicted from eigenvalues", Alt: alt,
		Caption: fmt.Sprintf(`Kernel interpolation from $n$ random ones of %d points, error over all of them. Lines: predicted from the eigenvalues of the kernel matrix and the labels' coefficients, nothing fitted. Points: mean and two standard errors over %d training sets.`,
			curves[0].Points, max(curves[0].Config.Draws, 2)),
		Panels: []figure.Panel{p},
	}
}

// FigureLimit draws the learning curve on the circle, where the prediction is too low, the factor by
// which it is, and why: the error of each training set against its widest gap.
func FigureLimit(r *Result) figure.Figure {
	curves := r.curvePanel()
	curves.Y.Scale = figure.Log
	ratio := figure.Panel{Title: "How far off", X: curves.X, Y: figure.Axis{Label: "measured over predicted error"}, Layers: []figure.Layer{figure.HRule("equal", 1)}}
	alt := "On the circle the measured errors lie above the predicted lines."
	last := &r.Points[len(r.Points)-1]
	for i, k := range r.Config.Degrees {
		line, points := r.curve(i, i)
		for j := range points.Low { // on a logarithmic axis
			points.Low[j] = math.Max(points.Low[j], points.Y[j]/10)
		}
		curves.Layers = append(curves.Layers, line, points)
		var n, q, half []float64
		for _, p := range r.Points {
			n, q, half = append(n, float64(p.N)), append(q, p.MSE[i].Mean/p.Want[i]), append(half, 2*p.MSE[i].SE/p.Want[i])
		}
		low, high := figure.PlusMinus(q, half)
		ratio.Layers = append(ratio.Layers, figure.Points("", i, n, q, low, high))
		alt += fmt.Sprintf(" %s: %.1f times too low at n = %d, where error and widest gap have rank correlation %.2f.", r.target(k), q[len(q)-1], last.N, last.GapRank(i))
	}
	gaps := figure.Panel{
		Title: fmt.Sprintf("Why: %d training sets of n = %d", len(last.Gap), last.N),
		X:     figure.Axis{Label: "widest gap, share of the circle"}, Y: figure.Axis{Label: "error, " + r.target(r.Config.Degrees[0]), Scale: figure.Log},
		Layers: []figure.Layer{figure.Points("", 0, last.Gap, last.Error[0], nil, nil), figure.HRule("predicted mean", last.Want[0])},
	}
	return figure.Figure{
		ID: "9.eigenlearning.circle", Title: "In one dimension the prediction is too low", Alt: alt,
		Caption: fmt.Sprintf(`Tangent kernel of depth %d on %s, mean and two standard errors over %d training sets. A few sets with a wide gap make the mean; no average over eigenfunctions sees them. Learnabilities still add up to $n$.`,
			r.Config.Depth, r.domainName(), r.Config.Draws),
		Panels: []figure.Panel{curves, ratio, gaps},
	}
}
