package landscape

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/linalg"
)

// Objective is a function f from R^d to R, twice differentiable, with what is known of it. Its functions
// may be called by several goroutines at once and leave their arguments alone.
type Objective struct {
	Name          string
	Dim           int                       // d
	Value         func(x []float64) float64 // f(x)
	Gradient      func(dst, x []float64)    // dst = ∇f(x)
	HessVec       func(dst, x, v []float64) // dst = ∇²f(x)·v
	Lipschitz     float64                   // ℓ of Definition 7.1.1; NaN where unknown
	HessLipschitz float64                   // ρ of Definition 7.1.2; NaN where unknown
	Min           float64                   // f*; NaN where unknown
}

// Validate reports what an objective lacks.
func (o *Objective) Validate() error {
	switch {
	case o.Dim < 1:
		return fmt.Errorf("landscape: objective %q has dimension %d, want at least 1", o.Name, o.Dim)
	case o.Value == nil || o.Gradient == nil || o.HessVec == nil:
		return fmt.Errorf("landscape: objective %q lacks its value, its gradient or its products with the Hessian", o.Name)
	case o.Lipschitz < 0 || o.HessLipschitz < 0:
		return fmt.Errorf("landscape: objective %q has constants ℓ = %g and ρ = %g, want neither negative", o.Name, o.Lipschitz, o.HessLipschitz)
	}
	return nil
}

// At checks that x is a finite point of R^d. fn names the caller in the error.
func (o *Objective) At(fn string, x []float64) error {
	if err := o.Validate(); err != nil {
		return err
	}
	if len(x) != o.Dim {
		return fmt.Errorf("%s: point of %d entries, want %d for objective %q", fn, len(x), o.Dim, o.Name)
	}
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s: entry %d of the point is %g, want a number", fn, i, v)
		}
	}
	return nil
}

// GradientNorm returns ‖∇f(x)‖.
func (o *Objective) GradientNorm(x []float64) float64 {
	g := make([]float64, o.Dim)
	o.Gradient(g, x)
	return floats.Norm(g, 2)
}

// Curvature returns vᵀ∇²f(x)v/‖v‖², for v ≠ 0.
func (o *Objective) Curvature(x, v []float64) float64 {
	h := make([]float64, o.Dim)
	o.HessVec(h, x, v)
	return floats.Dot(v, h) / floats.Dot(v, v)
}

// Hessian returns ∇²f(x) by d products; what rounding leaves of asymmetry is averaged away.
func (o *Objective) Hessian(x []float64) *mat.SymDense {
	return linalg.OpSym(func(dst, v []float64) { o.HessVec(dst, x, v) }, o.Dim)
}
