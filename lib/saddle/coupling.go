package saddle

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/landscape"
)

// Coupling is two runs of gradient descent that start at a distance along the most negative curvature of a
// saddle (section 7.3.2), with their difference taken apart: x̂_t = p(t) - q(t). Entry t of each list belongs
// to step t.
type Coupling struct {
	Gamma  float64   // γ, the curvature at the saddle is -γ
	P, Q   []float64 // ‖p(t)‖ = ‖(I-ηH)^t·x̂₀‖ and ‖q(t)‖
	Apart  []float64 // ‖x̂_t‖
	Moved  []float64 // max(‖x_t - x₀‖, ‖x'_t - x'₀‖)
	Near   []float64 // max(‖x_t - x̃‖, ‖x'_t - x̃‖)
	Delta  []float64 // ‖Δ_t·x̂_t‖, at most ρ·Near·Apart
	Off    float64   // largest ‖x̂_t - (p(t) - q(t))‖/‖p(t)‖: rounding
	Escape int       // first t with Moved > the radius, -1 if none
	First  []float64 // first coordinate along e₁ of x_t - x̃
	Second []float64 // and of x'_t - x̃
}

// Pair says which two runs.
type Pair struct {
	Start  []float64 // x'₀, the saddle and a perturbation
	Omega  float64   // ω: x₀ = x'₀ + ηω·e₁
	Along  []float64 // a unit vector in place of e₁; nil means e₁
	Eta    float64   // η; 0 means 1/ℓ
	Steps  int       // 𝒯
	Radius float64   // an escape is a move further than this
}

// Couple runs a pair beside the saddle x̃. H = ∇²f(x̃), and e₁ is its lowest eigenvector;
// Δ_t·x̂_t = ∇f(x_t) - ∇f(x'_t) - H·x̂_t holds exactly, so that q needs no integral. The error is for a point
// without negative curvature, or a pair without distance.
func Couple(ctx context.Context, o *landscape.Objective, saddle []float64, p Pair) (*Coupling, error) {
	const fn = "saddle.Couple"
	if err := o.At(fn, saddle); err != nil {
		return nil, err
	}
	if err := o.At(fn, p.Start); err != nil {
		return nil, err
	}
	if p.Eta == 0 {
		p.Eta = 1 / o.Lipschitz
	}
	if !(p.Eta > 0) || math.IsInf(p.Eta, 0) || !(p.Omega > 0) || p.Steps < 1 || !(p.Radius > 0) {
		return nil, fmt.Errorf("%s: η = %g, ω = %g, %d steps, radius %g, want positive numbers", fn, p.Eta, p.Omega, p.Steps, p.Radius)
	}
	c, err := landscape.Certify(ctx, o, saddle)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	if !(c.Curvature < 0) {
		return nil, fmt.Errorf("%s: lowest curvature %g, want a saddle", fn, c.Curvature)
	}
	d := o.Dim
	e1 := c.Direction
	if p.Along != nil {
		if len(p.Along) != d || math.Abs(floats.Norm(p.Along, 2)-1) > 1e-9 {
			return nil, fmt.Errorf("%s: Along has %d entries and norm %g, want %d and 1", fn, len(p.Along), floats.Norm(p.Along, 2), d)
		}
		e1 = p.Along
	}
	y := slices.Clone(p.Start)
	x := slices.Clone(y)
	floats.AddScaled(x, p.Eta*p.Omega, e1)
	x0, y0 := slices.Clone(x), slices.Clone(y)
	hat := make([]float64, d)
	floats.SubTo(hat, x, y)
	pv, qv := slices.Clone(hat), make([]float64, d)
	gx, gy, h, hp, hq, off := make([]float64, d), make([]float64, d), make([]float64, d), make([]float64, d), make([]float64, d), make([]float64, d)
	out := &Coupling{Gamma: -c.Curvature, Escape: -1}
	along := func(v []float64) float64 { return floats.Dot(v, e1) - floats.Dot(saddle, e1) }
	for t := 0; ; t++ {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%s: step %d: %w", fn, t, ctx.Err())
		}
		floats.SubTo(hat, x, y)
		o.Gradient(gx, x)
		o.Gradient(gy, y)
		o.HessVec(h, saddle, hat)
		floats.SubTo(gx, gx, gy) // ∇f(x) - ∇f(x')
		floats.SubTo(h, gx, h)   // Δ_t·x̂_t
		norm := floats.Norm(pv, 2)
		moved := max(floats.Distance(x, x0, 2), floats.Distance(y, y0, 2))
		out.P, out.Q = append(out.P, norm), append(out.Q, floats.Norm(qv, 2))
		out.Apart, out.Moved = append(out.Apart, floats.Norm(hat, 2)), append(out.Moved, moved)
		out.Near = append(out.Near, max(floats.Distance(x, saddle, 2), floats.Distance(y, saddle, 2)))
		out.Delta = append(out.Delta, floats.Norm(h, 2))
		out.First, out.Second = append(out.First, along(x)), append(out.Second, along(y))
		floats.SubTo(off, pv, qv)
		out.Off = max(out.Off, floats.Distance(hat, off, 2)/norm)
		if out.Escape < 0 && moved > p.Radius {
			out.Escape = t
		}
		if t == p.Steps {
			return out, nil
		}
		o.HessVec(hp, saddle, pv)
		o.HessVec(hq, saddle, qv)
		floats.AddScaled(pv, -p.Eta, hp)
		floats.AddScaled(qv, -p.Eta, hq)
		floats.AddScaled(qv, p.Eta, h)
		o.Gradient(gx, x)
		floats.AddScaled(x, -p.Eta, gx)
		floats.AddScaled(y, -p.Eta, gy)
	}
}

// Averaged is Δ = ∫₀¹(∇²f(x' + θ(x - x')) - H)dθ as the book defines it, by Gauss-Legendre quadrature of the
// Hessian with 20 nodes. Couple does without it.
func Averaged(o *landscape.Objective, saddle, x, y []float64) *mat.SymDense {
	d := o.Dim
	h := o.Hessian(saddle)
	nodes, weights := make([]float64, 20), make([]float64, 20)
	quad.Legendre{}.FixedLocations(nodes, weights, 0, 1)
	sum := mat.NewSymDense(d, nil)
	at := make([]float64, d)
	for k, theta := range nodes {
		for i := range at {
			at[i] = y[i] + theta*(x[i]-y[i])
		}
		there := o.Hessian(at)
		for i := range d {
			for j := i; j < d; j++ {
				sum.SetSym(i, j, sum.At(i, j)+weights[k]*(there.At(i, j)-h.At(i, j)))
			}
		}
	}
	return sum
}
