package landscape

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/linalg"
)

// Certificate says what is known of a point as an (ε, γ)-second-order stationary point (Definition
// 6.3.2): ‖∇f‖ ≤ ε and λ_min(∇²f) ≥ -γ.
type Certificate struct {
	Gradient  float64   // ‖∇f(x)‖
	Curvature float64   // estimate of λ_min(∇²f(x)), never below it up to rounding
	Residual  float64   // ‖Hv - λv‖ of it: an eigenvalue lies within
	Direction []float64 // its unit eigenvector
	Products  int       // with the Hessian
}

// SecondOrder says whether the point is an (ε, γ)-second-order stationary point. certain is false where
// the residual leaves it open: a curvature below -γ is certain at once, as no Ritz value is below λ_min.
func (c *Certificate) SecondOrder(epsilon, gamma float64) (yes, certain bool) {
	switch {
	case c.Gradient > epsilon, c.Curvature < -gamma:
		return false, true
	}
	return true, c.Curvature-c.Residual >= -gamma
}

// denseLimit is the dimension up to which Certify diagonalises the whole Hessian.
const denseLimit = 200

// Certify computes gradient and lowest curvature at x: by all eigenvalues up to dimension 200, beyond by
// Lanczos steps with a relative tolerance of 1e-8.
func Certify(ctx context.Context, o *Objective, x []float64) (*Certificate, error) {
	const fn = "landscape.Certify"
	if err := o.At(fn, x); err != nil {
		return nil, err
	}
	c := &Certificate{Gradient: o.GradientNorm(x)}
	steps := 0
	if o.Dim <= denseLimit {
		steps = o.Dim
	}
	r, err := linalg.Lanczos(ctx, func(dst, v []float64) { o.HessVec(dst, x, v) }, o.Dim, 1, linalg.LanczosConfig{MaxSteps: steps, Tolerance: 1e-8, Smallest: true})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	c.Curvature, c.Residual, c.Products = r.Values[0], r.Residuals[0], r.Products
	c.Direction = make([]float64, o.Dim)
	for i := range c.Direction {
		c.Direction[i] = r.Vectors.At(i, 0)
	}
	return c, nil
}
