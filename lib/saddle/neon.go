package saddle

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Search is a search for negative curvature by gradients alone, the NEON of Xu, Jin and Yang (2018) and Allen-Zhu and
// Li (2018). The zero value of each field but Delta has a meaning.
type Search struct {
	Delta float64 // δ > 0: curvature below -δ is to be found, one below -δ/2 is enough
	Sigma float64 // distance of the differences; 0 means δ/(20ρ), so that the third order adds δ/40 at most
	Steps int     // 0 means 100·√(ℓ/δ)·log(100d), 1000 times that root without acceleration
	Plain bool    // power steps v - (∇f(x+v)-∇f(x))/ℓ in place of Chebyshev's
	Seed  uint64
}

// Curved is what a search found.
type Curved struct {
	Found     bool      // the curvature along Direction is below -δ/2 for certain
	Curvature float64   // vᵀ(∇f(x+σv) - ∇f(x))/σ, within Error of vᵀ∇²f(x)v
	Error     float64   // ρσ/2
	Direction []float64 // v, a unit vector
	Gradients int       // evaluated
}

// NegativeCurvature looks for a direction of negative curvature at x. It multiplies a random vector by
// polynomials of the Hessian through differences of gradients, (∇f(x+σv)-∇f(x))/σ = ∇²f(x)v up to ρσ/2. The
// polynomials are Chebyshev's, which stay bounded for eigenvalues from -¾δ to ℓ and grow as
// (1+√(δ/2ℓ))^t for -δ: the square root of the steps that the power method takes. Not found after all
// steps means that, with probability close to 1 over the start, no curvature is below -δ. ℓ and ρ must be
// known.
func NegativeCurvature(ctx context.Context, o *landscape.Objective, x []float64, s Search) (*Curved, error) {
	const fn = "saddle.NegativeCurvature"
	if err := o.At(fn, x); err != nil {
		return nil, err
	}
	ell, rho := o.Lipschitz, o.HessLipschitz
	if !(ell > 0) || !(rho >= 0) || !(s.Delta > 0) || !(s.Sigma >= 0) || s.Steps < 0 {
		return nil, fmt.Errorf("%s: ℓ = %g, ρ = %g, δ = %g, σ = %g, %d steps, want ℓ, δ > 0 and no other negative", fn, ell, rho, s.Delta, s.Sigma, s.Steps)
	}
	if s.Sigma == 0 {
		s.Sigma = 1e-3
		if rho > 0 {
			s.Sigma = s.Delta / (20 * rho)
		}
	}
	root := math.Sqrt(ell / s.Delta)
	if s.Steps == 0 {
		s.Steps = int(math.Ceil(100 * root * math.Log(100*float64(o.Dim))))
		if s.Plain {
			s.Steps = int(math.Ceil(float64(s.Steps) * 10 * root))
		}
	}
	d := o.Dim
	g0, g := make([]float64, d), make([]float64, d)
	o.Gradient(g0, x)
	out := &Curved{Error: rho * s.Sigma / 2, Gradients: 1, Curvature: math.Inf(1)}
	at := make([]float64, d)
	// apply sets g = (∇f(x+σv)-∇f(x))/σ for a unit v.
	apply := func(v []float64) {
		copy(at, x)
		floats.AddScaled(at, s.Sigma, v)
		o.Gradient(g, at)
		floats.Sub(g, g0)
		floats.Scale(1/s.Sigma, g)
		out.Gradients++
	}
	v := rng.Normals(rng.Stream(s.Seed, "saddle/neon"), d)
	floats.Scale(1/floats.Norm(v, 2), v)
	before := make([]float64, d) // the vector before v, on the same scale
	shift := 1 - .75*s.Delta/ell
	for t := range s.Steps {
		if t&63 == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("%s: step %d: %w", fn, t, ctx.Err())
		}
		apply(v)
		if c := floats.Dot(v, g); c < out.Curvature {
			out.Curvature, out.Direction = c, append(out.Direction[:0], v...)
			if c+out.Error <= -s.Delta/2 {
				out.Found = true
				return out, nil
			}
		}
		// M = (1 - ¾δ/ℓ)I - H/ℓ takes [-¾δ, ℓ] into [-1, 1] and -δ to 1 + δ/4ℓ. T_{t+1} = 2M·T_t - T_{t-1}.
		for i := range v {
			next := shift*v[i] - g[i]/ell
			if s.Plain {
				next = v[i] - g[i]/ell
			} else if t > 0 {
				next = 2*next - before[i]
			}
			before[i], v[i] = v[i], next
		}
		n := floats.Norm(v, 2)
		if n == 0 {
			return out, nil // H = ℓI
		}
		floats.Scale(1/n, v)
		floats.Scale(1/n, before)
	}
	return out, nil
}
