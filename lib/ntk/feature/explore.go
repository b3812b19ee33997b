package feature

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/internal/keep"
)

// exploreConfig is the run behind ExploreDial: a finer grid of scales, two seeds, about 0.9 s of
// processor time on simd.
func exploreConfig() Config {
	return Config{Alphas: []float64{.1, .3, 1, 3, 10, 30, 100}, Seeds: 2}
}

// ExploreDial shows one network at one output scale and time: test error beside the kernel's,
// alignment of H with the labels, share of the weights along the teacher, and the drift of H over all
// scales. The networks are trained once, on the first drawing of any setting, and all settings share
// the result.
func ExploreDial(b backends.Backend) figure.Explorer {
	cfg := exploreConfig()
	run := keep.New(1, func(ctx context.Context, _ struct{}) (*Result, error) { return Run(ctx, b, cfg) })
	// Every second observation from the first step on keeps the grid small.
	full := cfg.withDefaults()
	steps := observed(full.Steps)
	var at []int
	var times []float64
	for i := 1; i < len(steps); i++ {
		if i%2 == 1 || i == len(steps)-1 {
			at, times = append(at, i), append(times, math.Round(1e6*full.Rate*float64(steps[i]))/1e6)
		}
	}
	alpha := figure.Slide("alpha", "output scale α", cfg.Alphas...)
	time := figure.Slide("time", "time t", times...).From(len(times) - 1)
	return figure.Explorer{
		ID: "9.+/dial", Title: "One dial between the kernel and features",
		Try:      `Turn α up: the network becomes its kernel, in all four panels. Turn it down and play the time: first the kernel and the weights turn to the teacher, then the test error leaves the kernel's behind.`,
		Play:     "time",
		Controls: []figure.Control{alpha, time},
		Draw: func(ctx context.Context, s figure.Settings) (figure.Figure, error) {
			a, t := slices.Index(cfg.Alphas, s["alpha"]), slices.Index(times, s["time"])
			if a < 0 || t < 0 {
				return figure.Figure{}, fmt.Errorf("feature.ExploreDial: α = %g at time %g is not on the grid", s["alpha"], s["time"])
			}
			r, err := run.Get(ctx, struct{}{})
			if err != nil {
				return figure.Figure{}, err
			}
			return r.at(a, at[t]), nil
		},
	}
}

// at draws scale a, marked at observation i.
func (r *Result) at(a, i int) figure.Figure {
	x, t := r.Config.Alphas, r.Time()[1:]
	alpha, now := x[a], r.Time()[i]
	kernel := make([]float64, len(t))
	for k := range t {
		kernel[k] = r.kernels(func(b Baseline) float64 { return b.Test[k+1] })
	}
	best := r.kernels(Baseline.Best)
	axis := figure.Axis{Label: "time t", Scale: figure.Log}.Range(t[0], t[len(t)-1])
	// Lines of all networks up to the mark, so that playing the time draws them.
	grown := func(of func(Point) float64) figure.Layer {
		return figure.Line(fmt.Sprintf("network, α = %g", alpha), 1, t[:i], r.over(a, of)[:i]).As(figure.Measured)
	}
	lazy := len(x) - 1
	quiet := func(of func(Point) float64) figure.Layer {
		return figure.Line(fmt.Sprintf("α = %g", x[lazy]), 0, t, r.over(lazy, of)).As(figure.Reference)
	}
	moved := make([]float64, len(x))
	for k := range x {
		moved[k] = r.Mean(k, i, drift)
	}
	ref := make([]float64, len(x))
	for k := range x {
		ref[k] = moved[lazy] * x[lazy] / x[k]
	}
	highest := func(of func(Point) float64) float64 {
		top := 0.0
		for k := range x {
			top = max(top, slices.Max(r.over(k, of)))
		}
		return math.Ceil(top*11) / 10
	}
	p := func(of func(Point) float64) float64 { return r.Mean(a, i, of) }
	return figure.Figure{
		ID: "9.+dial-explorer", Title: "One network at one output scale", Columns: 2,
		Caption: fmt.Sprintf(`$\alpha=%g$, $t=%.3g$: test error %.3f, its kernel's %.3f, the best kernel's %.3f. $H$ has moved by %.2g of itself; alignment %.3f after %.3f at the start; share of the weights along the teacher %.2f.`,
			alpha, now, p(test), kernel[i-1], best, p(drift), p(alignment), r.Mean(a, 0, alignment), p(along)),
		Alt: fmt.Sprintf("Four panels at output scale %g up to time %.3g: test error of the network %.3f beside the kernel's %.3f, alignment %.3f, share along the teacher %.2f, and the drift of H against the scale, %.2g here.",
			alpha, now, p(test), kernel[i-1], p(alignment), p(along), p(drift)),
		Panels: []figure.Panel{
			{Title: "test error", X: axis, Y: figure.Axis{Label: "mean square over variance"}.Range(0, 1.1), Layers: []figure.Layer{
				figure.Line("its kernel, same steps", 0, t, kernel),
				constant("best kernel", 2, t, best).As(figure.Bound),
				grown(test), figure.VRule("", now),
			}},
			{Title: "alignment of H with the labels", X: axis, Y: figure.Axis{Label: "A(t)"}.Range(0, highest(alignment)), Layers: []figure.Layer{
				quiet(alignment), grown(alignment), figure.VRule("", now),
			}},
			{Title: "share of the weights along the teacher", X: axis, Y: figure.Axis{Label: "‖Wβ‖²/‖W‖²"}.Range(0, highest(along)), Layers: []figure.Layer{
				figure.HRule("1/d, by chance", 1/float64(r.Config.Inputs)), quiet(along), grown(along), figure.VRule("", now),
			}},
			{Title: "drift of H up to t", X: figure.Axis{Label: "output scale α", Scale: figure.Log}, Y: figure.Axis{Label: "‖H(t)-H(0)‖/‖H(0)‖", Scale: figure.Log}.Range(1e-5, 1), Layers: []figure.Layer{
				figure.Line("slope -1", 0, x, ref).As(figure.Reference),
				figure.Points("networks", 1, x, moved, nil, nil), figure.VRule("", alpha),
			}},
		},
	}
}
