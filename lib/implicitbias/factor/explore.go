package factor

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/internal/keep"
)

// FigureSensing shows errors and nuclear norms of all runs against the scale of the start.
func FigureSensing(r *SensingResult) figure.Figure {
	var a, e, nuc []float64
	for _, draw := range r.Runs {
		for _, run := range draw {
			a, e, nuc = append(a, run.Scale), append(e, run.Error), append(nuc, run.Nuclear)
		}
	}
	x := figure.Axis{Label: "scale a of the start", Scale: figure.Log}
	return figure.Figure{
		ID: "8.A5", Title: "The start decides between solutions",
		Alt:     "Left: the distance to the true matrix grows with the scale of the start, from below a hundredth to above one. Right: the nuclear norm grows from one.",
		Caption: fmt.Sprintf("Every run fits its %d measurements. Median errors from the smallest scale up: %.2g.", r.Config.Measurements, r.Medians()),
		Panels: []figure.Panel{
			{X: x, Y: figure.Axis{Label: "‖UUᵀ - M‖ at the end", Scale: figure.Log}, Layers: []figure.Layer{
				figure.Line("median", 0, r.Config.Scales, r.Medians()).As(figure.Reference), figure.Points("runs", 1, a, e, nil, nil)}},
			{X: x, Y: figure.Axis{Label: "nuclear norm of UUᵀ", Scale: figure.Log}, Layers: []figure.Layer{
				figure.HRule("that of M", 1), figure.Points("runs", 1, a, nuc, nil, nil)}},
		},
	}
}

// FigureProduct shows the missing entry with its bound and the ratio of singular values; runs are those
// of depth 2 and 3.
func FigureProduct(runs [][]ProductPoint) figure.Figure {
	fig := figure.Figure{
		ID: "8.A5/product", Title: "The entry that nobody knows",
		Alt: "Left: the missing entry grows with the steps at depth 2 and faster at depth 3, above its bound. Right: the ratio of the singular values falls.",
		Panels: []figure.Panel{
			{X: figure.Axis{Label: "step", Scale: figure.Log}, Y: figure.Axis{Label: "missing entry x", Scale: figure.Log}},
			{X: figure.Axis{Label: "step", Scale: figure.Log}, Y: figure.Axis{Label: "σ₂/σ₁", Scale: figure.Log}},
		},
	}
	for k, path := range runs {
		var x, y, bx, bound, rx, ratio []float64
		for _, p := range path {
			if p.Step == 0 || p.P[0][0] <= 0 {
				continue
			}
			x, y = append(x, float64(p.Step)), append(y, p.P[0][0])
			if p.Ratio > 1e-12 { // below is rounding
				rx, ratio = append(rx, float64(p.Step)), append(ratio, p.Ratio)
			}
			if b := EntryBound(p.Loss); b > .05 && p.Loss > 1e-25 {
				bx, bound = append(bx, float64(p.Step)), append(bound, b)
			}
		}
		name := fmt.Sprintf("depth %d", k+2)
		fig.Panels[0].Layers = append(fig.Panels[0].Layers, figure.Points(name, k, x, y, nil, nil))
		if len(bx) > 0 {
			fig.Panels[0].Layers = append(fig.Panels[0].Layers, figure.Line(name+": bound by the loss", k, bx, bound).As(figure.Bound))
		}
		fig.Panels[1].Layers = append(fig.Panels[1].Layers, figure.Points(name, k, rx, ratio, nil, nil))
		end := path[len(path)-1]
		fig.Caption += fmt.Sprintf("Depth %d after %d steps: $x=%.2f$, nuclear norm %.2f where 2 would do. ", k+2, end.Step, end.P[0][0], end.Nuclear)
	}
	return fig
}

// At is singular value i at a time, between records by a straight line.
func (r *DepthResult) At(i int, t float64) float64 {
	for k := 1; k < len(r.Time); k++ {
		if t <= r.Time[k] {
			w := (t - r.Time[k-1]) / (r.Time[k] - r.Time[k-1])
			return (1-w)*r.Sigma[k-1][i] + w*r.Sigma[k][i]
		}
	}
	return math.NaN()
}

// FigureDepth shows singular values against time: descent on N full matrices beside the differential
// equation.
func FigureDepth(ctx context.Context, depth int, scale float64) (figure.Figure, error) {
	cfg := DepthConfig{Depth: depth, Scale: scale, Rate: .02}
	r, err := RunDepth(ctx, cfg)
	if err != nil {
		return figure.Figure{}, err
	}
	end := r.Time[len(r.Time)-1]
	fig := figure.Figure{
		ID: "8.A5/depth", Title: "Singular values against time",
		Alt:    fmt.Sprintf("Three singular values grow to 1, 0.5 and 0.25 at depth %d; points of descent lie on the lines of the differential equation.", depth),
		Panels: []figure.Panel{{X: figure.Axis{Label: "time, as a share of the whole"}.Range(0, 1), Y: figure.Axis{Label: "singular value"}.Range(0, 1.05)}},
	}
	layers := &fig.Panels[0].Layers
	for i, m := range r.Config.Values {
		// The line as a function of the value, where time is an integral.
		var x, y []float64
		for k := range 81 {
			s := scale + (.995*m-scale)*float64(k)/80
			if k < 20 {
				s = scale * math.Pow((scale+(.995*m-scale)*.25)/scale, float64(k)/20)
			}
			t, err := ReachTime(scale, s, m, depth)
			if err != nil {
				return figure.Figure{}, err
			}
			if t <= end {
				x, y = append(x, t/end), append(y, s)
			}
		}
		if last := x[len(x)-1]; last < 1 {
			x, y = append(x, 1), append(y, m) // within half a percent
		}
		*layers = append(*layers, figure.Line(fmt.Sprintf("towards %g", m), i, x, y))
		var px, py []float64
		for k := 0; k < len(r.Time); k += 12 {
			px, py = append(px, r.Time[k]/end), append(py, r.Sigma[k][i])
		}
		*layers = append(*layers, figure.Points("descent", i, px, py, nil, nil))
	}
	share := r.At(1, r.Reach(0, .9*r.Config.Values[0])) / r.Config.Values[1]
	fig.Caption = fmt.Sprintf("Depth %d from $a=%g$: when the first value is at 90%%, the second has %.0f%% of its own. The whole time is %.3g.", depth, scale, 100*share, end)
	return fig, nil
}

// ExploreDepth turns the depth.
func ExploreDepth() figure.Explorer {
	scales := []float64{1e-4, 1e-3, 1e-2, 5e-2}
	return figure.Explorer{
		ID: "8.A5/depth", Title: "Rank, one step after the other",
		Try: "Turn the depth up from 1: values that grew together come one after the other, in steps that get sharper. A larger start blurs them.",
		Controls: []figure.Control{
			figure.Slide("depth", "depth N", 1, 2, 3, 4, 5).From(2),
			figure.Slide("scale", "scale a of the start", scales...).From(1)},
		Play: "depth",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			if !slices.Contains(scales, at["scale"]) {
				return figure.Figure{}, fmt.Errorf("factor.ExploreDepth: scale %v is not on the grid", at["scale"])
			}
			return FigureDepth(ctx, at.Int("depth"), at["scale"])
		},
	}
}

// FigureConv shows spectra at the end and the residual along the run, of depths 1, 2, 3, ...
func FigureConv(runs [][]ConvPoint) figure.Figure {
	fig := figure.Figure{
		ID: "8.A7", Title: "Depth makes the spectrum sparse", Caption: "Share of the largest entry at the end, and how far from stationary. ",
		Alt: "Left: moduli of the Fourier coefficients of the predictor, fewer of them large as the depth grows. Right: the residual of the stationarity conditions falls with the steps.",
		Panels: []figure.Panel{
			{X: figure.Axis{Label: "frequency"}, Y: figure.Axis{Label: "modulus over the largest"}.Range(0, 1.05)},
			{X: figure.Axis{Label: "step", Scale: figure.Log}, Y: figure.Axis{Label: "residual at its own depth", Scale: figure.Log}},
		},
	}
	for k, path := range runs {
		end := path[len(path)-1]
		var freq, power, x, y []float64
		for d := 0; d <= len(end.Power)/2; d++ {
			freq, power = append(freq, float64(d)), append(power, end.Power[d])
		}
		for _, p := range path {
			x, y = append(x, float64(p.Step)), append(y, max(p.KKT, 1e-9))
		}
		name := fmt.Sprintf("depth %d", k+1)
		fig.Panels[0].Layers = append(fig.Panels[0].Layers, figure.Points(name, k, freq, power, nil, nil), figure.Line("", k, freq, power).As(figure.Reference))
		fig.Panels[1].Layers = append(fig.Panels[1].Layers, figure.Points(name, k, x, y, nil, nil))
		fig.Caption += fmt.Sprintf("Depth %d: residual %.2g, %.2g for the Euclidean norm. ", k+1, end.KKT, end.Flatter)
	}
	return fig
}

// ExploreConv shows one depth and draw of the data beside depth 1.
func ExploreConv() figure.Explorer {
	return figure.Explorer{
		ID: "8.A7/depth", Title: "A linear network that likes few frequencies",
		Try:      "Compare depth 1 with depth 2 and 3 on the same examples: all are linear predictors, but the deeper ones use fewer frequencies.",
		Controls: []figure.Control{figure.Slide("depth", "depth L", 1, 2, 3).From(1), figure.Slide("draw", "draw of the examples", 0, 1, 2, 3, 4, 5)},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			var runs [][]ConvPoint
			for l := 1; l <= at.Int("depth"); l++ {
				path, err := convs.Get(ctx, ConvConfig{Depth: l, Seed: uint64(at.Int("draw"))})
				if err != nil {
					return figure.Figure{}, err
				}
				runs = append(runs, path)
			}
			return FigureConv(runs), nil
		},
	}
}

// FigureReLU shows trained networks on the same data and the broken line: with decay, from a small and
// from a large start.
func FigureReLU(decay, small, large *ReLUResult) figure.Figure {
	x, y := decay.Config.X, decay.Config.Y
	lo, hi := x[0]-.1, x[len(x)-1]+.1
	var grid []float64
	for i := range 161 {
		grid = append(grid, lo+(hi-lo)*float64(i)/160)
	}
	of := func(n Net) []float64 {
		out := make([]float64, len(grid))
		for i, v := range grid {
			out[i] = n.Value(v)
		}
		return out
	}
	least, _ := LeastVariation(x, y) // the points passed the same check when the networks were trained
	return figure.Figure{
		ID: "8.A7/relu", Title: "Through the same points",
		Alt:     "Seven points, the broken line through them, and three networks: with weight decay or from a small start close to the broken line, from a large start smooth with overshoots.",
		Caption: fmt.Sprintf("$\\int|f''|$: broken line %.2f, with weight decay %.2f, small start %.2f, large start %.2f. Where the slope falls at two points in a row, at 0 and 0.3, the broken line is not the only one with the least change of slope.", least, decay.Variation, small.Variation, large.Variation),
		Panels: []figure.Panel{{X: figure.Axis{Label: "x"}, Y: figure.Axis{Label: "f(x)"}, Layers: []figure.Layer{
			figure.Line("broken line", 0, x, y),
			figure.Line("weight decay 0.001", 1, grid, of(decay.Net)).As(figure.Measured),
			figure.Line("small start, no decay", 2, grid, of(small.Net)).As(figure.Measured),
			figure.Line("large start, no decay", 3, grid, of(large.Net)).As(figure.Measured),
			figure.Points("data", 0, x, y, nil, nil),
		}}},
	}
}

// ExploreReLU turns the scale of the start.
func ExploreReLU() figure.Explorer {
	scales := []float64{.03, .1, .2, .3, .5, .7, 1}
	type key struct{ scale float64 }
	runs := keep.New(len(scales), func(ctx context.Context, k key) (*ReLUResult, error) {
		return relus.Get(ctx, nil, ReLUConfig{Scale: k.scale, Decay: -1, Rate: min(.02, .005/(k.scale*k.scale)), Steps: 15000})
	})
	return figure.Explorer{
		ID: "8.A7/start", Title: "From the broken line to a smooth curve",
		Try:      "Turn the scale of the start up: the network fits all points at each setting, but bends more and more to do it.",
		Controls: []figure.Control{figure.Slide("scale", "scale of the start", scales...).From(1)},
		Play:     "scale",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			r, err := runs.Get(ctx, key{at["scale"]})
			if err != nil {
				return figure.Figure{}, err
			}
			x, y := r.Config.X, r.Config.Y
			least, err := LeastVariation(x, y)
			if err != nil {
				return figure.Figure{}, err
			}
			var grid, f []float64
			for i := range 161 {
				v := -1.1 + 2.2*float64(i)/160
				grid, f = append(grid, v), append(f, r.Net.Value(v))
			}
			return figure.Figure{
				ID: "8.A7/start", Title: "A network through seven points",
				Alt:     fmt.Sprintf("The broken line and a network trained from scale %g, with variation of the slope %.1f against %.1f.", at["scale"], r.Variation, least),
				Caption: fmt.Sprintf("From scale %g: $\\int|f''|=%.2f$, the least is %.2f.", at["scale"], r.Variation, least),
				Panels: []figure.Panel{{X: figure.Axis{Label: "x"}.Range(-1.1, 1.1), Y: figure.Axis{Label: "f(x)"}.Range(-1.2, 1.2), Layers: []figure.Layer{
					figure.Line("broken line", 0, x, y), figure.Line("network", 1, grid, f).As(figure.Measured), figure.Points("data", 0, x, y, nil, nil)}}},
			}, nil
		},
	}
}

// Explorers lists the pictures with sliders of sections 8.2 and 8.5.
func Explorers() []figure.Explorer {
	return []figure.Explorer{ExploreDepth(), ExploreConv(), ExploreReLU()}
}
