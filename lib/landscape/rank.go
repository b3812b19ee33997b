package landscape

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// Aligned holds the terms of the identity that carries section 6.4.2 to rank r: for
// f(X) = ¼‖XXᵀ - ZZᵀ‖_F², N = XXᵀ - ZZᵀ and Δ = X - ZR with the orthogonal R that brings ZR nearest to X,
//
//	∇²f[Δ, Δ] = ½‖ΔΔᵀ‖² - (3/2)‖N‖² + 4⟨∇f, Δ⟩ ≤ -½‖N‖² + 4⟨∇f, Δ⟩ = -2f + 4⟨∇f, Δ⟩,
//
// as ‖ΔΔᵀ‖² ≤ 2‖N‖². At a second-order stationary point the gradient vanishes and the left side is not
// negative, so that f = 0 (Ge, Jin and Zheng 2017).
type Aligned struct {
	Delta     *mat.Dense
	Value     float64 // f(X)
	Gradient  float64 // ⟨∇f, Δ⟩ = ⟨NX, Δ⟩
	Curvature float64 // ∇²f[Δ, Δ] = ½‖XΔᵀ + ΔXᵀ‖² + ⟨N, ΔΔᵀ⟩
	Square    float64 // ‖ΔΔᵀ‖²
	Residual  float64 // ‖N‖²
}

// Align computes the terms, each by its definition, for X and Z of the same shape d×r. R is UVᵀ of
// ZᵀX = USVᵀ (Procrustes).
func Align(x, z *mat.Dense) (*Aligned, error) {
	const fn = "landscape.Align"
	d, r := x.Dims()
	if zd, zr := z.Dims(); zd != d || zr != r {
		return nil, fmt.Errorf("%s: X is %d×%d and Z %d×%d, want the same shape", fn, d, r, zd, zr)
	}
	var cross, rotation, delta mat.Dense
	cross.Mul(z.T(), x)
	var svd mat.SVD
	if !svd.Factorize(&cross, mat.SVDFull) {
		return nil, fmt.Errorf("%s: no singular values of ZᵀX: entries are not finite", fn)
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	rotation.Mul(&u, v.T())
	delta.Mul(z, &rotation)
	delta.Sub(x, &delta)

	var xx, zz, n, nx, mixed, dd mat.Dense
	xx.Mul(x, x.T())
	zz.Mul(z, z.T())
	n.Sub(&xx, &zz)
	nx.Mul(&n, x)
	dd.Mul(&delta, delta.T())
	mixed.Mul(x, delta.T())
	mixed.Add(&mixed, mat.DenseCopyOf(mixed.T()))
	a := &Aligned{Delta: &delta, Gradient: inner(&nx, &delta), Square: inner(&dd, &dd), Residual: inner(&n, &n)}
	a.Value = a.Residual / 4
	a.Curvature = inner(&mixed, &mixed)/2 + inner(&n, &dd)
	return a, nil
}

// inner is ⟨A, B⟩ = tr AᵀB.
func inner(a, b *mat.Dense) float64 {
	r, c := a.Dims()
	sum := 0.0
	for i := range r {
		for j := range c {
			sum += a.At(i, j) * b.At(i, j)
		}
	}
	return sum
}
