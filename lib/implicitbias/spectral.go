package implicitbias

import (
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/linalg"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// SpectralEntropy is R(W) = tr(W log W - W) on symmetric positive definite matrices of the given order, which
// stand as w row by row: entropy of the eigenvalues. ∇R = log W, and the inverse is the exponential of a
// matrix. The gradients it is given must be symmetric, as those of measurements ⟨A_i, W⟩ with symmetric A_i
// are.
type SpectralEntropy struct {
	Order int
}

// Name is "spectral entropy".
func (SpectralEntropy) Name() string { return "spectral entropy" }

// Check refuses what is not a symmetric positive definite matrix.
func (r SpectralEntropy) Check(w []float64) error {
	if len(w) != r.Order*r.Order {
		return fmt.Errorf("implicitbias.SpectralEntropy: %d entries, want %d×%d", len(w), r.Order, r.Order)
	}
	scale := floats.Norm(w, 2)
	for i := range r.Order {
		for j := range i {
			if math.Abs(w[i*r.Order+j]-w[j*r.Order+i]) > 1e-10*scale {
				return fmt.Errorf("implicitbias.SpectralEntropy: entries (%d, %d) and (%d, %d) differ, want a symmetric matrix", i, j, j, i)
			}
		}
	}
	if v, _ := r.eigen(w); !(v[0] > 0) {
		return fmt.Errorf("implicitbias.SpectralEntropy: smallest eigenvalue %g, want a positive definite matrix", v[0])
	}
	return nil
}

// eigen returns eigenvalues, ascending, and eigenvectors of the symmetric part.
func (r SpectralEntropy) eigen(w []float64) ([]float64, *mat.Dense) {
	var e mat.EigenSym
	e.Factorize(linalg.Symmetrize(mat.NewDense(r.Order, r.Order, w)), true)
	var v mat.Dense
	e.VectorsTo(&v)
	return e.Values(nil), &v
}

// spectral sets dst to V·diag(f(λ))·Vᵀ.
func (r SpectralEntropy) spectral(dst, w []float64, f func(float64) float64) {
	values, v := r.eigen(w)
	for i := range r.Order {
		for j := range r.Order {
			s := 0.0
			for k, l := range values {
				s += f(l) * v.At(i, k) * v.At(j, k)
			}
			dst[i*r.Order+j] = s
		}
	}
}

// Value is Σ(λ log λ - λ).
func (r SpectralEntropy) Value(w []float64) float64 {
	v, _ := r.eigen(w)
	return Entropy{}.Value(v)
}

// Gradient is log W.
func (r SpectralEntropy) Gradient(dst, w []float64) { r.spectral(dst, w, math.Log) }

// Inverse is exp U.
func (r SpectralEntropy) Inverse(dst, u []float64) { r.spectral(dst, u, math.Exp) }

// InverseHessian is the derivative of exp at U: in the eigenbasis of U entry (i, j) is multiplied by
// (e^{u_i} - e^{u_j})/(u_i - u_j), and by e^{u_i} where the two are equal (Daleckii and Krein).
func (r SpectralEntropy) InverseHessian(u []float64) *mat.SymDense {
	values, v := r.eigen(u)
	n := r.Order
	ratio := mat.NewDense(n, n, nil)
	for i, a := range values {
		for j, b := range values {
			h := (a - b) / 2
			s := 1 + h*h/6
			if math.Abs(h) > 1e-4 {
				s = math.Sinh(h) / h
			}
			ratio.Set(i, j, math.Exp((a+b)/2)*s)
		}
	}
	var rot mat.Dense // of vec: the Kronecker product V⊗V takes the eigenbasis back
	rot.Kronecker(v, v)
	full := mat.NewDense(n*n, n*n, nil)
	var scaled mat.Dense
	scaled.CloneFrom(&rot)
	scaled.Apply(func(_, k int, x float64) float64 { return x * ratio.At(k/n, k%n) }, &scaled)
	full.Mul(&scaled, rot.T())
	return linalg.Symmetrize(full)
}
