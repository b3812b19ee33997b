package implicitbias

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Potential is a strictly convex function R whose gradient maps its domain one to one to R^d: a function of
// Legendre type, which is what Theorem 8.1.2 needs.
type Potential interface {
	Name() string
	// Check reports what is wrong with the potential's parameters or with w, which must lie in its domain.
	Check(w []float64) error
	// Value is R(w).
	Value(w []float64) float64
	// Gradient sets dst = ∇R(w).
	Gradient(dst, w []float64)
	// Inverse sets dst to the w with ∇R(w) = u.
	Inverse(dst, u []float64)
	// InverseHessian is (∇²R(w))⁻¹ at the w with ∇R(w) = u, the metric of (8.8).
	InverseHessian(u []float64) *mat.SymDense
}

// Bregman returns D_R(w, from) = R(w) - R(from) - ⟨∇R(from), w - from⟩, which is not symmetric, and 0 only
// where w = from.
func Bregman(r Potential, w, from []float64) float64 {
	g := make([]float64, len(w))
	r.Gradient(g, from)
	d := r.Value(w) - r.Value(from)
	for i := range w {
		d -= g[i] * (w[i] - from[i])
	}
	return d
}

// Quadratic is R = ½wᵀDw, or ½‖w‖² where D is nil. Mirror descent with it is gradient descent
// preconditioned by D⁻¹.
type Quadratic struct {
	D *mat.SymDense
}

// Name is "½‖w‖²" or "½wᵀDw".
func (r Quadratic) Name() string {
	if r.D == nil {
		return "½‖w‖²"
	}
	return "½wᵀDw"
}

// Check refuses a D that is not positive definite or has another size.
func (r Quadratic) Check(w []float64) error {
	if r.D == nil {
		return nil
	}
	if n := r.D.SymmetricDim(); n != len(w) {
		return fmt.Errorf("implicitbias.Quadratic: D has order %d, want %d", n, len(w))
	}
	var c mat.Cholesky
	if !c.Factorize(r.D) {
		return fmt.Errorf("implicitbias.Quadratic: D is not positive definite")
	}
	return nil
}

// Value is ½wᵀDw.
func (r Quadratic) Value(w []float64) float64 {
	g := make([]float64, len(w))
	r.Gradient(g, w)
	return floats.Dot(g, w) / 2
}

// Gradient is Dw.
func (r Quadratic) Gradient(dst, w []float64) {
	if r.D == nil {
		copy(dst, w)
		return
	}
	var v mat.VecDense
	v.MulVec(r.D, mat.NewVecDense(len(w), w))
	copy(dst, v.RawVector().Data)
}

// Inverse is D⁻¹u.
func (r Quadratic) Inverse(dst, u []float64) {
	if r.D == nil {
		copy(dst, u)
		return
	}
	var v mat.VecDense
	v.MulVec(r.InverseHessian(u), mat.NewVecDense(len(u), u))
	copy(dst, v.RawVector().Data)
}

// InverseHessian is D⁻¹.
func (r Quadratic) InverseHessian(u []float64) *mat.SymDense {
	h := mat.NewSymDense(len(u), nil)
	if r.D == nil {
		for i := range u {
			h.SetSym(i, i, 1)
		}
		return h
	}
	var c mat.Cholesky
	c.Factorize(r.D)
	if err := c.InverseTo(h); err != nil {
		return mat.NewSymDense(len(u), nil) // Check has refused it
	}
	return h
}

// Entropy is R = Σ(w_i log w_i - w_i) on w > 0, with ∇R = log w: mirror descent is w·exp(-η∇L). Its minimum
// is at w = 1. It is strongly convex on bounded sets only.
type Entropy struct{}

// Name is "entropy".
func (Entropy) Name() string { return "entropy" }

// Check refuses entries that are not positive.
func (Entropy) Check(w []float64) error {
	for i, v := range w {
		if !(v > 0) {
			return fmt.Errorf("implicitbias.Entropy: entry %d is %g, want a positive number", i, v)
		}
	}
	return nil
}

// Value is Σ(w log w - w).
func (Entropy) Value(w []float64) float64 {
	s := 0.0
	for _, v := range w {
		s += v*math.Log(v) - v
	}
	return s
}

// Gradient is log w.
func (Entropy) Gradient(dst, w []float64) {
	for i, v := range w {
		dst[i] = math.Log(v)
	}
}

// Inverse is exp u.
func (Entropy) Inverse(dst, u []float64) {
	for i, v := range u {
		dst[i] = math.Exp(v)
	}
}

// InverseHessian is diag(exp u).
func (Entropy) InverseHessian(u []float64) *mat.SymDense {
	return diagonal(u, math.Exp)
}

// diagonal is diag(f(u_i)).
func diagonal(u []float64, f func(float64) float64) *mat.SymDense {
	h := mat.NewSymDense(len(u), nil)
	for i, v := range u {
		h.SetSym(i, i, f(v))
	}
	return h
}

// SquaredNorm is R = ½‖w‖_p² for 1 < p < ∞, with ∇R_i = ‖w‖_p^{2-p}·sgn(w_i)|w_i|^{p-1}; the inverse is
// the same map with the conjugate exponent. It is strongly convex for p ≤ 2.
type SquaredNorm struct {
	P float64
}

// Name is "½‖w‖_p²" with the number.
func (r SquaredNorm) Name() string { return "½‖w‖² in " + ell(r.P) }

// Check refuses p outside (1, ∞).
func (r SquaredNorm) Check([]float64) error {
	if !(r.P > 1) || math.IsInf(r.P, 0) {
		return fmt.Errorf("implicitbias.SquaredNorm: p = %g, want more than 1 and finite", r.P)
	}
	return nil
}

// Value is ½‖w‖_p².
func (r SquaredNorm) Value(w []float64) float64 {
	n := Norm(w, r.P)
	return n * n / 2
}

// Gradient is ‖w‖_p·(w_i/‖w‖_p)^{p-1}.
func (r SquaredNorm) Gradient(dst, w []float64) { duality(dst, w, r.P) }

// Inverse is the same map with q.
func (r SquaredNorm) Inverse(dst, u []float64) { duality(dst, u, conjugate(r.P)) }

// InverseHessian is the Hessian of ½‖u‖_q²: (2-q)s·sᵀ + (q-1)·diag(|u_i|/‖u‖_q)^{q-2}, where s is the
// gradient of ‖u‖_q. For p > 2 it is infinite where an entry of u is 0; that entry is moved to 1e-12·‖u‖.
func (r SquaredNorm) InverseHessian(u []float64) *mat.SymDense {
	q, d := conjugate(r.P), len(u)
	h := mat.NewSymDense(d, nil)
	n := Norm(u, q)
	if n == 0 {
		return h
	}
	for i := range d {
		for j := i; j < d; j++ {
			v := (2 - q) * power(u[i]/n, q-1) * power(u[j]/n, q-1)
			if i == j {
				v += (q - 1) * math.Pow(max(math.Abs(u[i])/n, 1e-12), q-2)
			}
			h.SetSym(i, j, v)
		}
	}
	return h
}

// duality sets dst to the gradient of ½‖w‖_p².
func duality(dst, w []float64, p float64) {
	n := Norm(w, p)
	for i, v := range w {
		if n == 0 {
			dst[i] = 0
			continue
		}
		dst[i] = n * power(v/n, p-1)
	}
}

// Scaled is c·R for c > 0: the same limits, and time of the flow in units of 1/c.
type Scaled struct {
	Potential
	Factor float64 // c
}

// Name is the potential's with the factor before it.
func (r Scaled) Name() string { return fmt.Sprintf("%.4g·(%s)", r.Factor, r.Potential.Name()) }

// Check refuses a factor that is not positive.
func (r Scaled) Check(w []float64) error {
	if !(r.Factor > 0) {
		return fmt.Errorf("implicitbias.Scaled: factor %g, want a positive number", r.Factor)
	}
	return r.Potential.Check(w)
}

// Value is c·R(w).
func (r Scaled) Value(w []float64) float64 { return r.Factor * r.Potential.Value(w) }

// Gradient is c·∇R(w).
func (r Scaled) Gradient(dst, w []float64) {
	r.Potential.Gradient(dst, w)
	floats.Scale(r.Factor, dst)
}

// Inverse is the w with ∇R(w) = u/c.
func (r Scaled) Inverse(dst, u []float64) {
	v := make([]float64, len(u))
	floats.ScaleTo(v, 1/r.Factor, u)
	r.Potential.Inverse(dst, v)
}

// InverseHessian is (∇²R)⁻¹/c.
func (r Scaled) InverseHessian(u []float64) *mat.SymDense {
	v := make([]float64, len(u))
	floats.ScaleTo(v, 1/r.Factor, u)
	h := r.Potential.InverseHessian(v)
	h.ScaleSym(1/r.Factor, h)
	return h
}
