package ntk

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// Ensemble returns the law of the outputs at the rows of z (m×d) over the random initialisation of
// infinitely wide networks trained on (x, y): Gaussian, and with A = Θ(z,X)Θ⁻¹(I - R(Θ)),
//
//	mean = A·y,
//	covariance = 𝒦(z,z) + A𝒦(X,X)Aᵀ - A𝒦(X,z) - 𝒦(z,X)Aᵀ,
//
// where Θ is the kernel k and 𝒦 = Σ^{(L)} its NNGP kernel (Lee et al. 2019, Eq. 16). It is not the
// posterior of a Gaussian process, unless Θ = 𝒦: training only the last layer.
func Ensemble(ctx context.Context, k Kernel, x *mat.Dense, y []float64, z *mat.Dense, tr Training) (mean []float64, covariance *mat.SymDense, err error) {
	const fn = "ntk.Ensemble"
	if k.FirstLayerOnly || k.Unscaled {
		return nil, nil, fmt.Errorf("%s: %s: the law holds for the parametrisation of section 9.4, want FirstLayerOnly and Unscaled off", fn, k)
	}
	prior := k
	prior.NNGP, prior.FixedLayers = true, 0
	grams := make([]*mat.SymDense, 3) // Θ(X,X), 𝒦(X,X), 𝒦(z,z)
	for i, g := range []struct {
		k Kernel
		x *mat.Dense
	}{{k, x}, {prior, x}, {prior, z}} {
		if grams[i], err = g.k.GramContext(ctx, g.x); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", fn, err)
		}
	}
	n, m := grams[0].SymmetricDim(), grams[2].SymmetricDim()
	if len(y) != n {
		return nil, nil, fmt.Errorf("%s: %d inputs and %d labels, want the same number", fn, n, len(y))
	}
	theta, err := k.CrossContext(ctx, z, x)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", fn, err)
	}
	between, err := prior.CrossContext(ctx, z, x)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", fn, err)
	}
	s, err := NewSpectrum(grams[0])
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", fn, err)
	}
	a := mat.NewDense(m, n, nil)
	for i := range m { // row i of A is the symmetric matrix Θ⁻¹(I - R) applied to row i of Θ(z,X)
		w, err := s.Weights(tr, theta.RawRowView(i))
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", fn, err)
		}
		a.SetRow(i, w)
	}
	var mu mat.VecDense
	mu.MulVec(a, mat.NewVecDense(n, y))
	var ak, full, crossed mat.Dense
	ak.Mul(a, grams[1])
	full.Mul(&ak, a.T())
	crossed.Mul(a, between.T())
	covariance = mat.NewSymDense(m, nil)
	for i := range m {
		for j := i; j < m; j++ {
			covariance.SetSym(i, j, grams[2].At(i, j)+(full.At(i, j)+full.At(j, i))/2-crossed.At(i, j)-crossed.At(j, i))
		}
	}
	return mu.RawVector().Data, covariance, nil
}
