package implicitbias

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Hyperbolic is the potential R_α(w) = (α²/4)·Σ_i q(w_i/α²) of Theorem 8.1.6, with
// q(z) = 2 - √(4+z²) + z·arcsinh(z/2): what gradient flow on w = θ₊² - θ₋² from θ₀ = (α, -α) minimizes.
// For α → 0 its minimizers tend to those of ‖w‖₁, for α → ∞ to those of ‖w‖₂.
type Hyperbolic struct {
	Alpha float64 // > 0
}

// Name is "R_α" with the number.
func (r Hyperbolic) Name() string { return fmt.Sprintf("R_α, α = %.4g", r.Alpha) }

// Check refuses α ≤ 0.
func (r Hyperbolic) Check([]float64) error {
	if !(r.Alpha > 0) || math.IsInf(r.Alpha, 0) {
		return fmt.Errorf("implicitbias.Hyperbolic: α = %g, want a positive number", r.Alpha)
	}
	return nil
}

// Value is (α²/4)Σq(w_i/α²).
func (r Hyperbolic) Value(w []float64) float64 {
	s, square := 0.0, r.Alpha*r.Alpha
	for _, v := range w {
		if a := math.Abs(v); a/r.Alpha > 1e8*r.Alpha {
			s += 2*square + a*(math.Log(a)-2*math.Log(r.Alpha)-1) // α²q(z) for large z = a/α², which may overflow
			continue
		}
		s += square * hyperbolicQ(v/square)
	}
	return s / 4
}

// Gradient is ¼·arcsinh(w/(2α²)), (8.18).
func (r Hyperbolic) Gradient(dst, w []float64) {
	for i, v := range w {
		if a := math.Abs(v); a/r.Alpha > 1e8*r.Alpha { // arcsinh z is ln 2z to the last digit
			dst[i] = math.Copysign((math.Log(a)-2*math.Log(r.Alpha))/4, v)
			continue
		}
		dst[i] = math.Asinh(v/(2*r.Alpha*r.Alpha)) / 4
	}
}

// Inverse is 2α²·sinh(4u).
func (r Hyperbolic) Inverse(dst, u []float64) {
	for i, v := range u {
		dst[i] = 2 * r.Alpha * r.Alpha * math.Sinh(4*v)
	}
}

// InverseHessian is diag 4√(w² + 4α⁴) = 8α²·cosh(4u), (8.20).
func (r Hyperbolic) InverseHessian(u []float64) *mat.SymDense {
	return diagonal(u, func(v float64) float64 { return 8 * r.Alpha * r.Alpha * math.Cosh(4*v) })
}

// arcsinh does not square large arguments: log(2|z|) + 1/(4z²) beyond 1e8.
func arcsinh(z float64) float64 {
	if a := math.Abs(z); a > 1e8 {
		return math.Copysign(math.Ln2+math.Log(a), z)
	}
	return math.Asinh(z)
}

// hyperbolicQ is q(z) of (8.12). Near 0 its terms cancel, and the integral of the series of arcsinh stands in.
func hyperbolicQ(z float64) float64 {
	a := math.Abs(z)
	if a < .05 {
		s := z * z
		return s / 4 * (1 + s*(-1./48+s*(1./640+s*(-5./28672+s*7./294912))))
	}
	return 2 - math.Hypot(2, a) + a*arcsinh(a/2)
}
