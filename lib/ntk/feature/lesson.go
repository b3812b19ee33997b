package feature

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/internal/keep"
	"github.com/lemma-ml/lemma/lib/lesson"
)

// PredictDial asks for the test error of the network against the output scale, beside that of its
// kernel, which no scale changes. It takes a result of Run with at least two scales.
func PredictDial(r *Result) (lesson.Prediction, error) {
	if r == nil || len(r.Config.Alphas) < 2 {
		return lesson.Prediction{}, fmt.Errorf("feature.PredictDial: want a result of Run with at least two output scales")
	}
	x := r.Config.Alphas
	y, _, _ := r.against(test)
	kernel, top := r.kernels(last), 0.0
	for a := range x {
		top = max(top, y[a], kernel)
	}
	baseline := make([]float64, len(x))
	for a := range baseline {
		baseline[a] = kernel
	}
	end := len(x) - 1
	return lesson.Prediction{
		ID: "9.+/predict-dial", Title: "One network, one start, other scales",
		Question: fmt.Sprintf(`A two-layer network $f$ learns $|\beta^\top x|$ from %d points of the sphere in $\mathbb R^{%d}$. The model is $\alpha(f-f_0)$, the loss is divided by $\alpha^2$, and nothing else depends on $\alpha$: the kernel $H(0)$ is the same for all, and so is the speed of the outputs. The line is the test error of regression with that kernel. Draw the test error of the **network** from $\alpha=%g$ to $\alpha=%g$.`,
			r.Config.Train, r.Config.Inputs, x[0], x[end]),
		Curve: &lesson.Curve{
			Figure: figure.Figure{
				ID: "9.+/predict-dial", Title: "Test error against the output scale",
				Alt:     fmt.Sprintf("The network's test error rises from %.3f at α = %g to %.3f at α = %g, where it meets its kernel's, %.3f.", y[0], x[0], y[end], x[end], kernel),
				Caption: fmt.Sprintf("Mean over %d seeds.", r.Config.Seeds),
				Panels: []figure.Panel{{
					X: figure.Axis{Label: "output scale α", Scale: figure.Log}.Range(x[0], x[end]), Y: figure.Axis{Label: "test error"}.Range(0, 1.2*top),
					Layers: []figure.Layer{
						constant("its kernel", 0, x, kernel),
						figure.Line("network", 1, x, y).As(figure.Measured),
					},
				}},
			},
			Layer: 1, X: x,
			Before:  fmt.Sprintf("Empty axes with one line: the test error of the kernel, %.3f at every output scale from %g to %g.", kernel, x[0], x[end]),
			Obvious: "on the kernel's line: the kernel does not know α", Baseline: baseline,
		},
		Reading: fmt.Sprintf(`Large $\alpha$: the weights need to move by $O(1/\alpha)$ only, $H(t)$ stays $H(0)$, and the network **is** its kernel. Small $\alpha$: the weights must move far, and on the way they turn to $\beta$; at $\alpha=%g$ the error is %.3f against the kernel's %.3f. The kernel at the start does not know $\beta$; the kernel at the end does.`, x[0], y[0], kernel),
	}, nil
}

// near is the distance to the kernel's predictions, over the labels' standard deviation, up to which
// BreakScale calls a network lazy.
const near = .02

// BreakScale is lazy training with two things to drop: the large output scale, and the centring. Its
// states train ten networks once, about 0.3 s of processor time on simd.
func BreakScale(b backends.Backend) lesson.Break {
	run := keep.New(2, func(ctx context.Context, uncentred bool) (*Result, error) {
		return Run(ctx, b, Config{Alphas: []float64{1, 3, 10, 30, 100}, Seeds: 1, Train: 60, Steps: 300, Uncentred: uncentred})
	})
	return lesson.Break{
		ID: "9.+/break-dial", Title: "What makes a network lazy",
		Claim: fmt.Sprintf(`A two-layer network of 64 neurons, trained as $\alpha(f-f_0)$ with $\alpha\ge30$, predicts what regression with its kernel $H(0)$ predicts, within %g%% of the labels' standard deviation.`, 100*near),
		Hypotheses: []lesson.Hypothesis{
			{Name: "scale", Held: `the output scale is large, $\alpha\ge30$`, Drop: "let the output scale be 1 to 10"},
			{Name: "centre", Held: "the output at the start is taken off", Drop: "leave the output at the start in"},
		},
		State: func(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
			r, err := run.Get(ctx, dropped["centre"])
			if err != nil {
				return nil, fmt.Errorf("feature.BreakScale: %w", err)
			}
			return r.lazyState(dropped["scale"]), nil
		},
	}
}

// lazyState judges the two largest scales of five, or the three others.
func (r *Result) lazyState(small bool) *lesson.State {
	x := r.Config.Alphas
	y, _, _ := r.against(distance)
	from, to := 3, 5
	if small {
		from, to = 0, 3
	}
	s := &lesson.State{Holds: true, Verdict: fmt.Sprintf(`At $\alpha=%g$ the network is %.2g from its kernel's predictions, at $\alpha=%g$ %.2g.`, x[from], y[from], x[to-1], y[to-1])}
	worst := -1
	for a := from; a < to; a++ {
		if y[a] > near && (worst < 0 || y[a] < y[worst]) {
			worst = a
		}
	}
	if worst >= 0 {
		s.Holds = false
		s.Counterexample = fmt.Sprintf(`The nearest miss: $\alpha=%g$, at a distance of %.2g where %g is allowed.`, x[worst], y[worst], near)
	}
	role := figure.Measured
	if !s.Holds {
		role = figure.Wrong
	}
	s.Figure = figure.Figure{
		ID: "9.+/break-dial", Title: "Distance from network to kernel",
		Alt: fmt.Sprintf("Distance to the kernel's predictions against the output scale, from %.2g at α = %g to %.2g at α = %g; %g is allowed.", y[0], x[0], y[4], x[4], near),
		Panels: []figure.Panel{{
			X: figure.Axis{Label: "output scale α", Scale: figure.Log}.Range(.8, 125), Y: figure.Axis{Label: "distance over the labels' deviation", Scale: figure.Log}.Range(1e-4, 1e3),
			Layers: []figure.Layer{
				figure.HRule("allowed", near),
				figure.Points("all scales", 0, x, y, nil, nil),
				figure.Points("judged", 1, x[from:to], y[from:to], nil, nil).As(role),
			},
		}},
	}
	return s
}
