package ntk

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Teacher is a two-layer net that labels inputs: y = Σ_j α_j·φ(β_jᵀx), with φ(z) = z^Power or, for
// Power 0, cos z - 1 (section 9.3.1).
type Teacher struct {
	Power int
	Alpha []float64
	Beta  [][]float64
}

// Label returns y at the rows of x. A β of another length than a row is an error.
func (t Teacher) Label(x *mat.Dense) ([]float64, error) {
	n, d := x.Dims()
	if t.Power < 0 || len(t.Alpha) != len(t.Beta) {
		return nil, fmt.Errorf("ntk.Teacher: power %d, %d α and %d β, want a power >= 0 and as many α as β", t.Power, len(t.Alpha), len(t.Beta))
	}
	y := make([]float64, n)
	for j, beta := range t.Beta {
		if len(beta) != d {
			return nil, fmt.Errorf("ntk.Teacher: β_%d has %d entries, want %d as the inputs", j+1, len(beta), d)
		}
		for i := range y {
			y[i] += t.Alpha[j] * t.Activation(floats.Dot(beta, x.RawRowView(i)))
		}
	}
	return y, nil
}

// Activation is φ.
func (t Teacher) Activation(z float64) float64 {
	if t.Power == 0 {
		return math.Cos(z) - 1
	}
	return math.Pow(z, float64(t.Power))
}

// Bound returns a bound on √C = √(yᵀ(H*)⁻¹y), whatever the training inputs on the unit sphere, and
// so √2 times it over √n bounds the generalization gap:
//
//	power 1            2·Σ|α_j|‖β_j‖                     (Exercise 3d; tight)
//	even power p       3p·Σ|α_j|‖β_j‖^p
//	cos z - 1          3·Σ|α_j|‖β_j‖·sinh‖β_j‖
//	odd power p >= 3   +Inf: the kernel has no odd part beyond degree 1, and √C diverges with n
//
// Even powers: the coefficient of K^{∘p} in the series of H* is at least 1/(9p²), ‖z^p‖ <= 3p‖β‖^p.
// Cosine: that bound on each even power of its series, Σ_{p even} 3p‖β‖^p/p! = 3‖β‖·sinh‖β‖. The book
// prints a stray p and ‖β‖² there.
func (t Teacher) Bound() float64 {
	sum := 0.0
	for j, beta := range t.Beta {
		a, b := math.Abs(t.Alpha[j]), floats.Norm(beta, 2)
		switch p := float64(t.Power); {
		case t.Power == 0:
			sum += 3 * a * b * math.Sinh(b)
		case t.Power == 1:
			sum += 2 * a * b
		case t.Power%2 == 0:
			sum += 3 * p * a * math.Pow(b, p)
		default:
			return math.Inf(1)
		}
	}
	return sum
}

// String names the teacher: "power 2", "cosine".
func (t Teacher) String() string {
	if t.Power == 0 {
		return "cosine"
	}
	return fmt.Sprintf("power %d", t.Power)
}
