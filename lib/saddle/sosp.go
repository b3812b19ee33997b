package saddle

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/linalg"
)

// Answer says whether a point is an ε-second-order stationary point (Definition 7.1.5): ‖∇f‖ ≤ ε and
// λ_min(∇²f) ≥ -√(ρε).
type Answer struct {
	Yes       bool      // the conditions hold as far as the numbers tell
	Certain   bool      // and these numbers settle it
	Vacuous   bool      // ρε > ℓ²: every curvature is allowed, only the gradient is asked for
	Gradient  float64   // ‖∇f(x)‖
	Curvature float64   // estimate of λ_min, not below it; NaN if the gradient decided alone
	Residual  float64   // of that estimate
	Direction []float64 // its unit vector, the way down where Curvature < 0; nil if the gradient decided
	Threshold float64   // -√(ρε)
	Products  int       // Hessian-vector products spent
}

// slack is the rounding allowed in eigenvalues, relative to ℓ: a curvature of exactly -√(ρε) is allowed.
const slack = 1e-12

// shortKrylov is the number of Lanczos steps that Test tries first.
const shortKrylov = 24

// Test decides whether x is an ε-SOSP of o, whose ℓ and ρ must be known. The gradient comes first; where it
// is too large, no Hessian is looked at. Curvature is that of landscape.Certify, exact up to rounding, for
// d ≤ 24; beyond, of 24 Lanczos steps, and of Certify's if their residual exceeds √(ρε)/100. "No" is certain at once, since no Ritz value is below λ_min; "yes" is
// certain if the residual is within √(ρε)/10 and leaves the estimate above the threshold. What no Krylov
// method can exclude is an eigenvector to which its random start is orthogonal.
// Errors are ε ≤ 0, ℓ ≤ 0, ρ < 0 or unknown, and a bad point.
func Test(ctx context.Context, o *landscape.Objective, x []float64, epsilon float64) (*Answer, error) {
	const fn = "saddle.Test"
	if err := o.At(fn, x); err != nil {
		return nil, err
	}
	if !(epsilon > 0) || math.IsInf(epsilon, 0) {
		return nil, fmt.Errorf("%s: ε = %g, want a positive number", fn, epsilon)
	}
	if !(o.Lipschitz > 0) || !(o.HessLipschitz >= 0) {
		return nil, fmt.Errorf("%s: objective %q has ℓ = %g and ρ = %g, want ℓ > 0 and ρ ≥ 0, both known", fn, o.Name, o.Lipschitz, o.HessLipschitz)
	}
	limit := math.Sqrt(o.HessLipschitz * epsilon)
	a := &Answer{Gradient: o.GradientNorm(x), Curvature: math.NaN(), Threshold: -limit, Vacuous: limit > o.Lipschitz}
	if a.Gradient > epsilon {
		a.Certain = true
		return a, nil
	}
	quick := false
	if o.Dim > shortKrylov {
		// A short Krylov space settles most points; a hundredth of √(ρε) leaves no doubt about its convergence.
		r, err := linalg.Lanczos(ctx, func(dst, v []float64) { o.HessVec(dst, x, v) }, o.Dim, 1, linalg.LanczosConfig{MaxSteps: shortKrylov, Smallest: true})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		quick = r.Residuals[0] <= limit/100
		a.Curvature, a.Residual, a.Direction, a.Products = r.Values[0], r.Residuals[0], mat.Col(nil, 0, r.Vectors), r.Products
	}
	if !quick {
		c, err := landscape.Certify(ctx, o, x)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		a.Curvature, a.Residual, a.Direction, a.Products = c.Curvature, c.Residual, c.Direction, a.Products+c.Products
	}
	allowed := -limit - slack*o.Lipschitz
	if a.Curvature < allowed {
		a.Certain = true
		return a, nil
	}
	a.Yes = true
	rounding := slack * o.Lipschitz
	a.Certain = a.Residual <= max(limit/10, rounding) && a.Curvature-max(a.Residual-rounding, 0) >= allowed
	return a, nil
}
