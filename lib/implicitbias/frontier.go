package implicitbias

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/figure"
)

// Frontier compares stopping mirror flow early with the penalty λ·D_R(w, w₀), at equal loss.
type Frontier struct {
	Potential string
	Lambda    []float64 // of the penalty, falling
	Time      []float64 // at which the flow has the same loss
	Loss      []float64 // common
	Penalty   []float64 // D_R(w, w₀) of the penalized solution
	Early     []float64 // of the flow: never less, since the penalized solution has the least of all with that loss
	Distance  []float64 // between the two, as a share of ‖w_∞ - w₀‖
}

// RunFrontier follows mirror flow from w0 and, for each λ, falling, compares it with Penalized where the two
// have the same loss.
func RunFrontier(ctx context.Context, p *Regression, r Potential, w0 []float64, lambdas []float64) (*Frontier, error) {
	const fn = "implicitbias.RunFrontier"
	if len(lambdas) == 0 {
		return nil, fmt.Errorf("%s: no λ", fn)
	}
	for i, l := range lambdas {
		if i > 0 && !(l < lambdas[i-1]) {
			return nil, fmt.Errorf("%s: λ %d is %g after %g, want them falling", fn, i, l, lambdas[i-1])
		}
	}
	end, err := p.Closest(ctx, r, w0)
	if err != nil {
		return nil, err
	}
	size := distance(end, w0)
	out := &Frontier{Potential: r.Name(), Lambda: slices.Clone(lambdas)}
	rhs := DualFlow(p, r)
	u, now := gradientOf(r, w0), 0.0
	primal := func(u []float64) []float64 {
		w := make([]float64, len(u))
		r.Inverse(w, u)
		return w
	}
	for _, lambda := range lambdas {
		pen, err := p.Penalized(ctx, r, w0, lambda)
		if err != nil {
			return nil, err
		}
		loss := p.Loss(pen)
		// To the last step of the flow above that loss, then by halves of the step that crosses it.
		before, at, step := slices.Clone(u), 0.0, 0.0
		if p.Loss(primal(u)) > loss {
			_, err := Flow(ctx, rhs, u, FlowConfig{Tolerance: 1e-11, Stop: func(x []float64) bool { return p.Loss(primal(x)) <= loss },
				Watch: func(t float64, x []float64) {
					if p.Loss(primal(x)) > loss {
						copy(before, x)
						at = t
					} else {
						step = t - at
					}
				}})
			if err != nil {
				return nil, err
			}
			lo, hi := 0.0, step
			u = before
			for range 40 {
				mid := (lo + hi) / 2
				if mid <= 0 {
					break
				}
				run, err := Flow(ctx, rhs, before, FlowConfig{Time: mid, Tolerance: 1e-11})
				if err != nil {
					return nil, err
				}
				if u = run.End(); p.Loss(primal(u)) > loss {
					lo = mid
				} else {
					hi = mid
				}
			}
			now += at + (lo+hi)/2
		}
		w := primal(u)
		out.Time, out.Loss = append(out.Time, now), append(out.Loss, loss)
		out.Penalty, out.Early = append(out.Penalty, Bregman(r, pen, w0)), append(out.Early, Bregman(r, w, w0))
		out.Distance = append(out.Distance, distance(w, pen)/size)
	}
	return out, nil
}

// falling returns n values from hi down to lo, evenly spaced in the logarithm.
func falling(hi, lo float64, n int) []float64 {
	out := make([]float64, n)
	for k := range out {
		out[k] = hi * math.Pow(lo/hi, float64(k)/float64(n-1))
	}
	return out
}

// Figure draws the two divergences against the loss, and the distance of the paths.
func (r *Frontier) Figure() figure.Figure {
	worst, at := 0.0, 0
	var percent []float64
	for k, d := range r.Distance {
		percent = append(percent, 100*d)
		if d > worst {
			worst, at = d, k
		}
	}
	return figure.Figure{
		ID: "8.+", Title: "Stopping early against a penalty, " + r.Potential,
		Alt:     fmt.Sprintf("Left: divergence from the start against the loss, the flow on or above the penalty. Right: distance of the two paths, at most %.2f percent.", 100*worst),
		Caption: fmt.Sprintf(`At equal loss the penalized solution has the least $D_R(w,w_0)$ there is; the flow comes within a factor %.4f of it, and the paths part by at most %.2f %% of the way, at loss %.2g.`, r.excess(), 100*worst, r.Loss[at]),
		Panels: []figure.Panel{
			{X: figure.Axis{Label: "loss L", Scale: figure.Log}, Y: figure.Axis{Label: "D_R(w, w₀)"}, Layers: []figure.Layer{
				figure.Line("least, by the penalty", 0, r.Loss, r.Penalty).As(figure.Bound), figure.Points("the flow, stopped", 1, r.Loss, r.Early, nil, nil)}},
			{X: figure.Axis{Label: "loss L", Scale: figure.Log}, Y: figure.Axis{Label: "distance of the paths", Unit: "% of the way"}, Layers: []figure.Layer{
				figure.Line("flow to penalty", 1, r.Loss, percent).As(figure.Measured)}},
		},
	}
}

// excess is the largest ratio of the two divergences.
func (r *Frontier) excess() float64 {
	worst := 1.0
	for k := range r.Early {
		if r.Penalty[k] > 0 {
			worst = max(worst, r.Early[k]/r.Penalty[k])
		}
	}
	return worst
}
