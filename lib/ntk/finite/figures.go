package finite

import (
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// halfSlope returns the reference line c·m^(-1/2) through the first point.
func halfSlope(m []float64, first float64) figure.Layer {
	y := make([]float64, len(m))
	for i := range m {
		y[i] = first * math.Sqrt(m[0]/m[i])
	}
	return figure.Line("slope -1/2", 0, m, y).As(figure.Reference)
}

// clipLow keeps an interval on a logarithmic axis.
func clipLow(y, r []float64) (low, high []float64) {
	low, high = figure.PlusMinus(y, r)
	for i := range low {
		low[i] = max(low[i], y[i]/100)
	}
	return low, high
}

// LazyFigure is the lazy-training monitor: movement of weights, flipped gates, drift of H and
// distance to the kernel's trajectory against width, both axes logarithmic, with the slope -1/2.
// Quantities that are zero at some width are left out.
func LazyFigure(r *LazyResult) *figure.Figure {
	m := make([]float64, len(r.Widths))
	for i, w := range r.Widths {
		m[i] = float64(w.Width)
	}
	panel := func(title, label string, items ...struct {
		name string
		of   func(LazyRun) float64
	}) figure.Panel {
		p := figure.Panel{Title: title, X: figure.Axis{Label: "width m", Scale: figure.Log}, Y: figure.Axis{Label: label, Scale: figure.Log}}
		reference := false
		for s, it := range items {
			mean, se := make([]float64, len(m)), make([]float64, len(m))
			ok := true
			for i, w := range r.Widths {
				mean[i], se[i] = w.Mean(it.of)
				ok = ok && mean[i] > 0
			}
			if !ok {
				continue
			}
			if !reference {
				p.Layers = append(p.Layers, halfSlope(m, mean[0]))
				reference = true
			}
			low, high := clipLow(mean, scale(se, 2))
			p.Layers = append(p.Layers, figure.Points(it.name, s+1, m, mean, low, high))
		}
		return p
	}
	type item = struct {
		name string
		of   func(LazyRun) float64
	}
	return &figure.Figure{
		ID: "9.I4", Title: "The lazy regime: what changes during training, against width",
		Alt: fmt.Sprintf("Log-log plots against width from %g to %g. Weight movement falls with slope %.2f, flipped gates %.2f, drift of H %.2f, distance to the kernel's trajectory %.2f; a grey line has slope -0.5.",
			m[0], m[len(m)-1], r.Slope(moveRMS), r.Slope(flipped), r.Slope(drift), r.Slope(trainError)),
		Caption: fmt.Sprintf(`Two-layer %s networks, first layer trained, $n=%d$ digits 3 and 8, %d steps of $\eta=%g$; mean and two standard errors over %d networks. Relative norms are divided by $\lambda_1(H^*)$.`,
			r.Config.Activation, r.Config.Train, r.Config.Steps, r.Config.LearningRate, r.Config.Seeds),
		Panels: []figure.Panel{
			panel("Movement", "change from start to end", item{"largest ‖w(T)-w(0)‖", move}, item{"RMS ‖w(T)-w(0)‖", moveRMS}, item{"fraction of gates flipped", flipped}),
			panel("Kernel and function", "distance", item{"‖H(T)-H(0)‖/λ₁", drift}, item{"‖H(0)-H*‖/λ₁", initError}, item{"training outputs to the kernel's", trainError}, item{"test outputs to the kernel's", testError}),
		},
	}
}

func scale(v []float64, c float64) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = c * v[i]
	}
	return out
}

// DeepFigure is the monitor for deep networks.
func DeepFigure(r *DeepResult) *figure.Figure {
	m := make([]float64, len(r.Widths))
	for i, w := range r.Widths {
		m[i] = float64(w.Width)
	}
	p := figure.Panel{X: figure.Axis{Label: "width m", Scale: figure.Log}, Y: figure.Axis{Label: "relative change or distance", Scale: figure.Log}}
	for s, it := range []struct {
		name string
		of   func(DeepWidth) Sample
	}{
		{"‖Θ_m(T)-Θ_m(0)‖/λ₁", func(w DeepWidth) Sample { return w.Drift }},
		{"‖Θ_m(0)-Θ‖/λ₁", func(w DeepWidth) Sample { return w.InitError }},
		{"outputs to those under Θ", func(w DeepWidth) Sample { return w.TrainError }},
		{"weights, relative", func(w DeepWidth) Sample { return w.Move }},
	} {
		mean, se := make([]float64, len(m)), make([]float64, len(m))
		for i, w := range r.Widths {
			mean[i], se[i] = it.of(w).Mean, 2*it.of(w).SE()
		}
		if s == 0 {
			p.Layers = append(p.Layers, halfSlope(m, mean[0]))
		}
		low, high := clipLow(mean, se)
		p.Layers = append(p.Layers, figure.Points(it.name, s+1, m, mean, low, high))
	}
	return &figure.Figure{
		ID: "9.R3", Title: fmt.Sprintf("Lazy training of %d hidden layers", r.Config.Depth),
		Alt:     fmt.Sprintf("Log-log plot against width from %g to %g: kernel drift, distance of the kernel to its limit, distance of the outputs to the kernel's trajectory and relative movement of the weights all fall, about as the grey line of slope -0.5 or faster.", m[0], m[len(m)-1]),
		Caption: fmt.Sprintf(`All layers trained, $n=%d$, %d steps of $\eta=%g$; mean and two standard errors over %d networks.`, r.Config.Train, r.Config.Steps, r.Config.LearningRate, r.Config.Seeds),
		Panels:  []figure.Panel{p},
	}
}

// LabelsFigure is the left half of figure 9.1: loss against steps for three label sets, the kernel's
// curve as a line and networks as points, the narrower widths hidden at first.
func LabelsFigure(r *LabelsResult) *figure.Figure {
	k := make([]float64, len(r.Steps))
	for i, s := range r.Steps {
		k[i] = float64(s)
	}
	every := make([]float64, r.Config.Steps+1)
	for i := range every {
		every[i] = float64(i)
	}
	p := figure.Panel{X: figure.Axis{Label: "steps of gradient descent"}, Y: figure.Axis{Label: "loss fraction ‖u-y‖²/n"}}
	for s, set := range r.Sets {
		p.Layers = append(p.Layers, figure.Line(set.Name+" labels, kernel", s, every, set.Curve))
		for i, m := range r.Config.Widths {
			l := figure.Points(fmt.Sprintf("%s labels, m = %d", set.Name, m), s, k, set.Measured[i], nil, nil)
			l.Hidden = i < len(r.Config.Widths)-1
			p.Layers = append(p.Layers, l)
		}
	}
	last := len(r.Steps) - 1
	return &figure.Figure{
		ID: "9.F1-finite", Title: "Finite networks on true, random and worst labels",
		Alt: fmt.Sprintf("Loss against steps up to %g. The kernel's curves end at %.3f for true, %.3f for random and %.3f for worst labels; the points of finite networks lie on or slightly above them.",
			k[last], r.Sets[0].Theory[last], r.Sets[1].Theory[last], r.Sets[2].Theory[last]),
		Caption: fmt.Sprintf(`$n=%d$ digits 3 and 8, $\eta=%g$. Lines: $\sum_i(1-\eta\lambda_i)^{2k}(v_i^\top y)^2/n$. Points: antisymmetric ReLU networks, first layer trained; narrower widths are in the legend.`, r.Config.Train, r.Config.LearningRate),
		Panels:  []figure.Panel{p},
	}
}

// WidthFigure shows the distance of the empirical kernel to its limit against width, by depth.
func WidthFigure(r *WidthResult) *figure.Figure {
	p := figure.Panel{X: figure.Axis{Label: "width m", Scale: figure.Log}, Y: figure.Axis{Label: "‖Θ_m-Θ‖_F / ‖Θ‖_F", Scale: figure.Log}}
	m := make([]float64, len(r.Config.Widths))
	for i, w := range r.Config.Widths {
		m[i] = float64(w)
	}
	alt := ""
	for s, depth := range r.Config.Depths {
		mean, se := make([]float64, len(m)), make([]float64, len(m))
		for i, w := range r.Config.Widths {
			k := r.At(depth, w).Kernel
			mean[i], se[i] = k.Mean, 2*k.SE()
		}
		line := halfSlope(m, mean[0])
		line.Name = ""
		if s == 0 {
			line.Name = "slope -1/2"
		}
		low, high := clipLow(mean, se)
		p.Layers = append(p.Layers, line, figure.Points(fmt.Sprintf("L = %d", depth), s+1, m, mean, low, high))
		slope, _ := r.Slope(depth, func(p *WidthPoint) Sample { return p.Kernel })
		alt += fmt.Sprintf(" depth %d from %.3f to %.3f with slope %.2f;", depth, mean[0], mean[len(mean)-1], slope)
	}
	return &figure.Figure{
		ID: "9.A5-empirical", Title: "The empirical kernel against width",
		Alt:     "Log-log plot of the relative distance of the empirical kernel to its limit against width:" + alt + " grey lines have slope -0.5.",
		Caption: fmt.Sprintf(`%d random unit points in $\mathbb R^{%d}$, ReLU, all layers; mean and two standard errors over networks at the start.`, r.Config.Points, r.Config.Inputs),
		Panels:  []figure.Panel{p},
	}
}

// OutputFigure shows the excess kurtosis of the output and the spread of the kernel against width,
// with their exact values 15/m and 3/m.
func OutputFigure(r *OutputResult) *figure.Figure {
	var m, kurt, kurtSE, spread, spreadSE, fifteen, three []float64
	for _, p := range r.Points {
		w := float64(p.Width)
		m = append(m, w)
		kurt, kurtSE = append(kurt, math.Max(p.Kurtosis.Value, 1e-4)), append(kurtSE, 2*p.Kurtosis.SE)
		spread, spreadSE = append(spread, p.KernelSpread.Value/w), append(spreadSE, 2*p.KernelSpread.SE/w)
		fifteen, three = append(fifteen, 15/w), append(three, 3/w)
	}
	kl, kh := clipLow(kurt, kurtSE)
	sl, sh := clipLow(spread, spreadSE)
	return &figure.Figure{
		ID: "9.A4-output", Title: "How Gaussian, how constant: one hidden layer at the start",
		Alt:     fmt.Sprintf("Log-log plot against width from %g to %g: the excess kurtosis of the output follows 15/m, the relative variance of the kernel 3/m.", m[0], m[len(m)-1]),
		Caption: "ReLU networks at the start. Points: sampled, with two standard errors; lines: exact at every width.",
		Panels: []figure.Panel{{
			X: figure.Axis{Label: "width m", Scale: figure.Log}, Y: figure.Axis{Label: "excess kurtosis, relative variance", Scale: figure.Log},
			Layers: []figure.Layer{
				figure.Line("15/m", 0, m, fifteen), figure.Points("excess kurtosis of f(x)", 0, m, kurt, kl, kh),
				figure.Line("3/m", 1, m, three), figure.Points("Var Θ_m(x,x) / (E Θ_m(x,x))²", 1, m, spread, sl, sh),
			},
		}},
	}
}

// EvolutionFigure shows the change of the outputs under a tiny step against -H(t)(u-y), one panel a
// network.
func EvolutionFigure(r *EvolutionResult) *figure.Figure {
	f := &figure.Figure{
		ID: "9.L1", Title: "One tiny step of gradient descent", Columns: 2,
		Alt:     fmt.Sprintf("%d scatter plots of the measured change of each output against the predicted one; all points lie on the diagonal.", len(r.Cases)),
		Caption: fmt.Sprintf(`$(u(w-\eta\nabla\ell)-u(w))/\eta$ at $\eta$ = %g against $-H(t)(u-y)$, $n=%d$ digits.`, r.Config.Tiny[len(r.Config.Tiny)-1], r.Config.Train),
	}
	for _, c := range r.Cases {
		p := c.Predicted(c.H)
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, v := range p {
			lo, hi = min(lo, v), max(hi, v)
		}
		f.Panels = append(f.Panels, figure.Panel{
			Title: c.Name,
			X:     figure.Axis{Label: "-H(t)(u-y)"}, Y: figure.Axis{Label: "measured change / η"},
			Layers: []figure.Layer{
				figure.Line("equal", 0, []float64{lo, hi}, []float64{lo, hi}),
				figure.Points("outputs", 0, p, c.Change[len(c.Change)-1], nil, nil),
			},
		})
	}
	return f
}

// StudentsFigure shows the final loss of students against their width.
func StudentsFigure(r *StudentsResult) *figure.Figure {
	var m, mid, all, allM []float64
	for i, w := range r.Config.Widths {
		m, mid = append(m, float64(w)), append(mid, math.Max(r.MedianLoss(i), 1e-12))
		for _, l := range r.Loss[i] {
			allM, all = append(allM, float64(w)), append(all, math.Max(l, 1e-12))
		}
	}
	return &figure.Figure{
		ID: "9.R0", Title: "Wider students are easier to train",
		Alt:     fmt.Sprintf("Log-log plot of the training loss after %d steps against the width of the student: the median falls from %.2g at width %g to %.2g at width %g.", r.Config.Steps, mid[0], m[0], mid[len(mid)-1], m[len(m)-1]),
		Caption: fmt.Sprintf(`Teachers of %d ReLU neurons, $n=%d$ points in $\mathbb R^{%d}$; each student trains both layers for %d steps of $\eta=%g$.`, r.Config.Teacher, r.Config.Train, r.Config.Inputs, r.Config.Steps, r.Config.LearningRate),
		Panels: []figure.Panel{{
			X: figure.Axis{Label: "width of the student", Scale: figure.Log}, Y: figure.Axis{Label: "training loss ‖u-y‖²/n", Scale: figure.Log},
			Layers: []figure.Layer{figure.Points("students", 1, allM, all, nil, nil), figure.Line("median", 0, m, mid).As(figure.Reference), figure.VRule("width of the teacher", float64(r.Config.Teacher))},
		}},
	}
}
