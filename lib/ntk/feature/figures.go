package feature

import (
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"gonum.org/v1/gonum/stat"
)

// spread returns the smallest and the largest over seeds of a quantity at the end.
func (r *Result) spread(a int, of func(Point) float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, t := range r.Tracks[a] {
		v := of(t.Points[len(t.Points)-1])
		low, high = min(low, v), max(high, v)
	}
	return low, high
}

// against returns a quantity at the end for every α, with its range over seeds.
func (r *Result) against(of func(Point) float64) (y, low, high []float64) {
	for a := range r.Config.Alphas {
		l, h := r.spread(a, of)
		y, low, high = append(y, r.End(a, of)), append(low, l), append(high, h)
	}
	return y, low, high
}

// kernels returns the mean over seeds of a number of the kernel side.
func (r *Result) kernels(of func(Baseline) float64) float64 {
	v := make([]float64, len(r.Kernels))
	for k, b := range r.Kernels {
		v[k] = of(b)
	}
	return stat.Mean(v, nil)
}

func last(b Baseline) float64 { return b.Test[len(b.Test)-1] }

// constant is a line at one height over the range of x.
func constant(name string, series int, x []float64, y float64) figure.Layer {
	return figure.Line(name, series, []float64{x[0], x[len(x)-1]}, []float64{y, y})
}

// FigureDial draws the dial: test error and drift against α, alignment and share against time.
func FigureDial(r *Result) figure.Figure {
	alpha := figure.Axis{Label: "output scale α", Scale: figure.Log}
	time := figure.Axis{Label: "time t = ηk", Scale: figure.Log}
	x := r.Config.Alphas
	error, low, high := r.against(test)
	moved, movedLow, movedHigh := r.against(drift)
	apart, apartLow, apartHigh := r.against(distance)
	end := len(x) - 1
	ref := make([]float64, len(x))
	for a := range x {
		ref[a] = moved[end] * x[end] / x[a]
	}
	f := figure.Figure{
		ID: "9.+dial", Title: "From the kernel to features: one dial", Columns: 2,
		Alt: fmt.Sprintf("Four panels. Test error against the output scale rises from %.3f at α = %g to %.3f at α = %g, where it meets the kernel's line; the drift of H falls with slope %.2f at the lazy end; alignment of H with the labels and the share of the weights along the teacher grow in time for small α and stay flat for large.",
			error[0], x[0], error[end], x[end], r.Slope(max(0, len(x)-2), drift)),
		Caption: fmt.Sprintf(`Two-layer %s networks, $m=%d$, first layer trained, $n=%d$ points of the sphere in $\mathbb R^{%d}$, teacher $g(\sqrt d\,\beta^\top x)$ with $g$ %q; mean and range over %d seeds.`,
			r.Config.Activation, r.Config.Width, r.Config.Train, r.Config.Inputs, r.Config.Teacher, r.Config.Seeds),
		Panels: []figure.Panel{
			{Title: "test error", X: alpha, Y: figure.Axis{Label: "mean square over variance"}, Layers: []figure.Layer{
				constant("kernel H(0), same steps", 0, x, r.kernels(last)),
				constant("best kernel, chosen on the test set", 2, x, r.kernels(Baseline.Best)).As(figure.Bound),
				figure.Points("networks", 1, x, error, low, high),
			}},
			{Title: "how far from lazy", X: alpha, Y: figure.Axis{Label: "relative", Scale: figure.Log}, Layers: []figure.Layer{
				figure.Line("slope -1", 0, x, ref).As(figure.Reference),
				figure.Points("drift ‖H(T)-H(0)‖/‖H(0)‖", 1, x, moved, movedLow, movedHigh),
				figure.Points("outputs to the kernel's", 2, x, apart, apartLow, apartHigh),
			}},
		},
	}
	t := r.Time()[1:]
	for _, panel := range []struct {
		title, label string
		of           func(Point) float64
	}{{"alignment of H with the labels", "A(t)", alignment}, {"share of the weights along the teacher", "‖Wβ‖²/‖W‖²", along}} {
		p := figure.Panel{Title: panel.title, X: time, Y: figure.Axis{Label: panel.label}}
		for a := range x {
			p.Layers = append(p.Layers, figure.Line(fmt.Sprintf("α = %g", x[a]), a+1, t, r.over(a, panel.of)).As(figure.Measured))
		}
		f.Panels = append(f.Panels, p)
	}
	return f
}

// over returns the mean of a quantity at the observations after the start.
func (r *Result) over(a int, of func(Point) float64) []float64 {
	y := make([]float64, len(r.Step)-1)
	for i := range y {
		y[i] = r.Mean(a, i+1, of)
	}
	return y
}

// FigureGap draws test errors against the number of training points.
func FigureGap(g *Gap) figure.Figure {
	var n, rich, richLow, richHigh, lazy, lazyLow, lazyHigh, own, best, after []float64
	for i, r := range g.Results {
		n = append(n, float64(g.Config.Sizes[i]))
		rich, lazy = append(rich, r.End(0, test)), append(lazy, r.End(1, test))
		l, h := r.spread(0, test)
		richLow, richHigh = append(richLow, l), append(richHigh, h)
		l, h = r.spread(1, test)
		lazyLow, lazyHigh = append(lazyLow, l), append(lazyHigh, h)
		own, best = append(own, r.kernels(last)), append(best, r.kernels(Baseline.Best))
		v := 0.0
		for _, t := range r.Tracks[0] {
			v += t.After / float64(len(r.Tracks[0]))
		}
		after = append(after, v)
	}
	end := len(n) - 1
	return figure.Figure{
		ID: "9.O1-miniature", Title: "A trained network against its own kernel",
		Alt: fmt.Sprintf("Test error against the number of training points from %g to %g: the network at α = %g falls from %.3f to %.3f, its kernel from %.3f to %.3f; the network at α = %g lies on the kernel's line.",
			n[0], n[end], g.Config.Rich, rich[0], rich[end], own[0], own[end], g.Config.Lazy),
		Caption: `Points: networks, mean and range over seeds. Lines: the network's kernel at the start, trained by the same steps; the best that this kernel or its limit $H^*$ reaches with a ridge or a stopping time chosen on the test set; and regression with the kernel of the small-$\alpha$ network after training.`,
		Panels: []figure.Panel{{
			X: figure.Axis{Label: "training points n", Scale: figure.Log}, Y: figure.Axis{Label: "test error", Scale: figure.Log},
			Layers: []figure.Layer{
				figure.Line("kernel H(0), same steps", 0, n, own),
				figure.Line("best kernel", 2, n, best).As(figure.Bound),
				figure.Line("kernel after training", 3, n, after),
				figure.Points(fmt.Sprintf("network, α = %g", g.Config.Rich), 1, n, rich, richLow, richHigh),
				figure.Points(fmt.Sprintf("network, α = %g", g.Config.Lazy), 0, n, lazy, lazyLow, lazyHigh),
			},
		}},
	}
}
