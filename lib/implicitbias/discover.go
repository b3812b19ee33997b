package implicitbias

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Discovery is the mirror map of a parametrization from one start, found without knowing it.
type Discovery struct {
	Dual      [][]float64 // ψ = ∇R(w) - ∇R(w₀), the points asked for
	W         [][]float64 // w at ψ
	R         []float64   // D_R(w, w₀) = R(w) - R(w₀) - ⟨∇R(w₀), w - w₀⟩, as ∫ψ·dw
	Asymmetry float64     // largest relative distance of ∂w/∂ψ from the metric ∂G∂Gᵀ at the same point
	Loop      float64     // largest relative displacement of w by a closed loop in ψ: the curl test
}

// Discover follows θ' = ∂G(θ)ᵀψ from theta0 for time 1, for each ψ. If G commutes, the end depends on ψ alone
// and not on the way there, dw/dψ is the metric ∂G∂Gᵀ, and ψ is ∇R(w) - ∇R(w₀) for a potential R, which the
// integral of ψ·dw gives. The two tests measure whether that is so: dw/dψ by central differences against the
// metric, and closed loops (along ψ_i, along ψ_j, back along ψ_i, back along ψ_j), which must close.
func Discover(ctx context.Context, g *Parametrization, theta0 []float64, dual [][]float64) (*Discovery, error) {
	const fn = "implicitbias.Discover"
	if len(theta0) != g.In || len(dual) == 0 {
		return nil, fmt.Errorf("%s: start of %d entries and %d dual points, want %d entries for %s and at least one point", fn, len(theta0), len(dual), g.In, g.Name)
	}
	// ride moves θ along ψ for time 1 and returns the integral of s·ψ·dw/ds.
	ride := func(theta, psi []float64) ([]float64, float64, error) {
		x := append(slices.Clone(theta), 0, 0) // θ, time, integral
		run, err := Flow(ctx, func(dst, x []float64) {
			g.Pull(dst[:g.In], x[:g.In], psi)
			n := floats.Norm(dst[:g.In], 2)
			dst[g.In], dst[g.In+1] = 1, x[g.In]*n*n // ψ·dw/ds = ψᵀ∂G∂Gᵀψ
		}, x, FlowConfig{Time: 1, Tolerance: 1e-11})
		if err != nil {
			return nil, 0, err
		}
		if run.Status != Converged {
			return nil, 0, fmt.Errorf("%s: %s along ψ = %v: %s", fn, g.Name, psi, run.Status)
		}
		end := run.End()
		return end[:g.In], end[g.In+1], nil
	}
	d := &Discovery{}
	w0 := g.At(theta0)
	for k, psi := range dual {
		if len(psi) != g.Out {
			return nil, fmt.Errorf("%s: dual point %d has %d entries, want %d", fn, k, len(psi), g.Out)
		}
		theta, r, err := ride(theta0, psi)
		if err != nil {
			return nil, err
		}
		d.Dual, d.W, d.R = append(d.Dual, slices.Clone(psi)), append(d.W, g.At(theta)), append(d.R, r)
		metric := g.Metric(theta)
		scale := mat.Norm(metric, math.Inf(1))
		const h = 1e-4
		for j := range g.Out {
			var ends [2][]float64
			for s, sign := range []float64{1, -1} {
				moved := slices.Clone(psi)
				moved[j] += sign * h
				t, _, err := ride(theta0, moved)
				if err != nil {
					return nil, err
				}
				ends[s] = g.At(t)
			}
			for i := range g.Out {
				d.Asymmetry = max(d.Asymmetry, math.Abs((ends[0][i]-ends[1][i])/(2*h)-metric.At(i, j))/scale)
			}
		}
		for i := range g.Out {
			for j := range i {
				theta := theta0
				for _, leg := range []struct {
					at   int
					sign float64
				}{{i, 1}, {j, 1}, {i, -1}, {j, -1}} {
					along := make([]float64, g.Out)
					along[leg.at] = leg.sign * psi[leg.at]
					if theta, _, err = ride(theta, along); err != nil {
						return nil, err
					}
				}
				d.Loop = max(d.Loop, distance(g.At(theta), w0)/max(floats.Norm(w0, 2), floats.Norm(d.W[k], 2)))
			}
		}
	}
	return d, nil
}
