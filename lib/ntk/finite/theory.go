package finite

import (
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/linalg"
	"gonum.org/v1/gonum/mat"
)

// theory is gradient descent with step η under a kernel that does not change: the limit that finite
// networks are measured against. With H = VΛVᵀ and residual r₀ = y - u(0),
//
//	u_k = y - V(I-ηΛ)^k Vᵀr₀,   f_k(x) = f₀(x) + k(x,X)·V[(I-(I-ηΛ)^k)Λ⁻¹]Vᵀr₀.
type theory struct {
	lambda []float64  // descending
	v      *mat.Dense // eigenvectors in columns
	eta    float64
}

// newTheory decomposes H. A step that does not converge, η ≥ 2/λ₁, is an error.
func newTheory(h *mat.SymDense, eta float64) (*theory, error) {
	t, err := linearised(h, eta)
	if err != nil {
		return nil, err
	}
	if !(eta > 0) || eta*t.lambda[0] >= 2 {
		return nil, fmt.Errorf("finite: step size %g, want in (0, 2/λ₁ = %g): gradient descent diverges beyond", eta, 2/t.lambda[0])
	}
	return t, nil
}

// linearised is newTheory for the kernel of one network, whose λ₁ is random: a step beyond 2/λ₁ is
// followed where it leads.
func linearised(h *mat.SymDense, eta float64) (*theory, error) {
	lambda, v, err := linalg.EigenSym(h)
	if err != nil {
		return nil, err
	}
	return &theory{lambda, v, eta}, nil
}

// outputs returns u after k steps from u0 (nil is zero).
func (t *theory) outputs(y, u0 []float64, k int) []float64 {
	c := t.project(y, u0)
	for i := range c {
		c[i] *= math.Pow(1-t.eta*t.lambda[i], float64(k))
	}
	u := t.expand(c)
	for i := range u {
		u[i] = y[i] - u[i]
	}
	return u
}

// predict returns f after k steps at inputs with kernel rows cross (n'×n) and initial outputs f0 (nil
// is zero).
func (t *theory) predict(cross *mat.Dense, y, u0, f0 []float64, k int) []float64 {
	c := t.project(y, u0)
	for i, l := range t.lambda {
		// (1-(1-ηλ)^k)/λ, which is kη at λ = 0.
		switch el := t.eta * l; {
		case math.Abs(el) < 1e-12:
			c[i] *= float64(k) * t.eta
		case el < 1:
			c[i] *= -math.Expm1(float64(k)*math.Log1p(-el)) / l
		default:
			c[i] *= (1 - math.Pow(1-el, float64(k))) / l
		}
	}
	var f mat.VecDense
	f.MulVec(cross, mat.NewVecDense(len(c), t.expand(c)))
	out := f.RawVector().Data
	for i := range f0 {
		out[i] += f0[i]
	}
	return out
}

func (t *theory) project(y, u0 []float64) []float64 {
	r := make([]float64, len(y))
	copy(r, y)
	for i := range u0 {
		r[i] -= u0[i]
	}
	var c mat.VecDense
	c.MulVec(t.v.T(), mat.NewVecDense(len(r), r))
	return c.RawVector().Data
}

func (t *theory) expand(c []float64) []float64 {
	var u mat.VecDense
	u.MulVec(t.v, mat.NewVecDense(len(c), c))
	return u.RawVector().Data
}
