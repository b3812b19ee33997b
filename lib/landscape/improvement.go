package landscape

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
)

// Improves says whether δ is an (ε, γ)-direction of improvement of o at x (Definition 6.4.2):
// |⟨∇f(x), δ⟩| > ε‖δ‖ or δᵀ∇²f(x)δ < -γ‖δ‖². With ε = γ = 0 it is a direction of improvement, on
// paper; on a machine take ε and γ above the rounding errors. δ = 0 never is one. Errors are a point or
// direction of the wrong length or not finite, ε or γ negative.
func (o *Objective) Improves(x, delta []float64, epsilon, gamma float64) (bool, error) {
	const fn = "landscape.Improves"
	if err := o.At(fn, x); err != nil {
		return false, err
	}
	if err := o.At(fn, delta); err != nil {
		return false, err
	}
	if !(epsilon >= 0) || !(gamma >= 0) {
		return false, fmt.Errorf("%s: ε = %g and γ = %g, want neither negative", fn, epsilon, gamma)
	}
	norm := floats.Norm(delta, 2)
	if norm == 0 {
		return false, nil
	}
	g := make([]float64, o.Dim)
	o.Gradient(g, x)
	return math.Abs(floats.Dot(g, delta)) > epsilon*norm || o.Curvature(x, delta) < -gamma, nil
}

// Plane is where a point x stands to the solution z of (6.8), f = ¼‖zzᵀ - xxᵀ‖_F² with ‖z‖ = 1: only
// p = ⟨x, z⟩ and q = ‖x‖² ≥ p² matter.
type Plane struct{ P, Q float64 }

// Value is f = ¼(1 - 2p² + q²).
func (a Plane) Value() float64 { return (1 - 2*a.P*a.P + a.Q*a.Q) / 4 }

// GradientX is |⟨∇f, x⟩|/‖x‖ = |q² - p²|/√q, and 0 at x = 0.
func (a Plane) GradientX() float64 {
	if a.Q == 0 {
		return 0
	}
	return math.Abs(a.Q*a.Q-a.P*a.P) / math.Sqrt(a.Q)
}

// GradientZ is |⟨∇f, z⟩| = |p(q - 1)|.
func (a Plane) GradientZ() float64 { return math.Abs(a.P * (a.Q - 1)) }

// CurvatureX is xᵀ∇²f·x/‖x‖² = 3q - p²/q, and at x = 0, where x is no direction, +∞.
func (a Plane) CurvatureX() float64 {
	if a.Q == 0 {
		return math.Inf(1)
	}
	return 3*a.Q - a.P*a.P/a.Q
}

// CurvatureZ is zᵀ∇²f·z = q + 2p² - 1.
func (a Plane) CurvatureZ() float64 { return a.Q + 2*a.P*a.P - 1 }

// Certificate names the first of the tests of Lemma 6.4.3 that shows x or z to be a (cτ, γ)-direction of
// improvement: "gradient along x", "gradient along z", "curvature along x", "curvature along z", or "" if
// none does.
func (a Plane) Certificate(ctau, gamma float64) string {
	switch {
	case a.GradientX() > ctau:
		return "gradient along x"
	case a.GradientZ() > ctau:
		return "gradient along z"
	case a.CurvatureX() < -gamma:
		return "curvature along x"
	case a.CurvatureZ() < -gamma:
		return "curvature along z"
	}
	return ""
}

// SharpConstant is the largest c of Lemma 6.4.3: 1/√2. Among the points at which no curvature is below
// -¼ the gradients along x and z are, relative to f, smallest together at p = 1/(2√2), q = ½, where
// f = ¼, both gradients are ¼·c and the curvature along z is -¼ exactly.
var SharpConstant = 1 / math.Sqrt2

// Worst searches a grid of the half-plane p ≥ 0, p² ≤ q, with so many points a side, for the least
// max(GradientX, GradientZ)/min(f, 1) among points with f ≥ floor whose curvatures are at least -γ: no c
// above it will do in Lemma 6.4.3. The box p ≤ 3, q ≤ 6 is large enough: beyond, one of the gradients
// exceeds 1.
func Worst(gamma, floor float64, side int) (c float64, at Plane) {
	c = math.Inf(1)
	for i := range side + 1 {
		p := 3 * float64(i) / float64(side)
		for j := range side + 1 {
			a := Plane{P: p, Q: p*p + (6-p*p)*float64(j)/float64(side)}
			if p*p > 6 || a.Value() < floor || a.CurvatureX() < -gamma || a.CurvatureZ() < -gamma {
				continue
			}
			if r := max(a.GradientX(), a.GradientZ()) / min(a.Value(), 1); r < c {
				c, at = r, a
			}
		}
	}
	return c, at
}
