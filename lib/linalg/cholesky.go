package linalg

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/linalg/internal/kernel"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// panel is the number of columns factored together: deep enough for a fast product, few enough that
// the triangles on the diagonal, done without one, do not count.
const panel = 96

// eps is the distance from 1 to the next float64.
const eps = 0x1p-52

// Factor is the Cholesky factor L of a positive definite matrix A = L·Lᵀ, lower triangular with a
// positive diagonal. It is made by [Cholesky], never changes, and may be shared by goroutines.
type Factor struct {
	n      int
	l      []float64 // row-major n×n; entries above the diagonal are 0
	minEig float64
	maxEig float64
}

// Cholesky factors the symmetric matrix a = L·Lᵀ. A matrix that is not positive definite to working
// precision is refused with a *[NotPositiveDefiniteError] that carries an estimate of λ_min; no
// jitter is ever added. The cost is n³/3 flops on all processors and n² doubles; a is left alone.
func Cholesky(a *mat.SymDense) (*Factor, error) { return CholeskyContext(context.Background(), a) }

// CholeskyContext is [Cholesky] that a context can stop, between panels of 96 columns.
//
// The factorisation is right-looking by panels (Golub and Van Loan, Matrix Computations, section
// 4.2.6): once the panel J is known, the rest loses L_iJ·L_jJ. In the end
// L_ij = (a_ij - Σ_{k<j} L_ik L_jk)/L_jj. Nearly all of it is one matrix product a panel.
func CholeskyContext(ctx context.Context, a *mat.SymDense) (*Factor, error) {
	const fn = "linalg.Cholesky"
	if err := checkSym(fn, a); err != nil {
		return nil, err
	}
	n := a.SymmetricDim()
	team := newTeam(ctx, math.Pow(float64(n), 3)/6)
	defer team.Close()
	f := &Factor{n: n, l: make([]float64, n*n)}
	if err := lowerCopy(ctx, f.l, a); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	for j0 := 0; j0 < n; j0 += panel {
		j1 := min(j0+panel, n)
		if pivot, d := f.diagonal(j0, j1); pivot >= 0 {
			low, high := f.refute(ctx, a, pivot, d)
			if err := ctx.Err(); err != nil {
				return nil, fmt.Errorf("%s: %w", fn, err)
			}
			return nil, &NotPositiveDefiniteError{Func: fn, N: n, Pivot: pivot, MinEigenvalue: low, MaxEigenvalue: high}
		}
		f.below(team, j0, j1)
		if err := team.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
	}
	for i := range n { // the tiles on the diagonal reached across it
		clear(f.l[i*n+i+1 : (i+1)*n])
	}
	if err := f.extremes(ctx, a); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	if f.minEig <= float64(n)*eps*f.maxEig {
		return nil, &NotPositiveDefiniteError{Func: fn, N: n, Pivot: -1, MinEigenvalue: f.minEig, MaxEigenvalue: f.maxEig}
	}
	return f, nil
}

// lowerCopy fills the lower triangle of the n×n array l from the upper triangle of a.
func lowerCopy(ctx context.Context, l []float64, a *mat.SymDense) error {
	const tile = 32
	raw := a.RawSymmetric()
	n := raw.N
	return Parallel(ctx, n, tile, func(lo, hi int) {
		for j0 := 0; j0 < hi; j0 += tile {
			for i := lo; i < hi; i++ {
				for j := j0; j < min(j0+tile, i+1); j++ {
					l[i*n+j] = raw.Data[j*raw.Stride+i]
				}
			}
		}
	})
}

// diagonal factors the square block [j0,j1) and returns the row and value of the first pivot that
// is not positive, or -1.
func (f *Factor) diagonal(j0, j1 int) (int, float64) {
	for i := j0; i < j1; i++ {
		f.row(i, j0, i)
		ri := f.l[i*f.n+j0 : i*f.n+i]
		d := f.l[i*f.n+i] - floats.Dot(ri, ri)
		if !(d > 0) {
			return i, d
		}
		f.l[i*f.n+i] = math.Sqrt(d)
	}
	return -1, 0
}

// below computes the entries of the columns [j0,j1) in all rows from j1 on, and takes their
// products off the rows and columns from j1 on.
func (f *Factor) below(team *kernel.Team, j0, j1 int) {
	if j1 == f.n {
		return
	}
	f.solve(team, j0, j1, j1)
	l := kernel.RowMajor(f.l, f.n).From(j1, j0)
	kernel.Gemm(team, f.n-j1, f.n-j1, j1-j0, -1, l, l.T(), f.l[j1*f.n+j1:], f.n, kernel.Lower)
}

// solve computes the entries of the columns [j0,j1) in the rows from i0 on, by halves: the second half
// loses the product with the first.
func (f *Factor) solve(team *kernel.Team, j0, j1, i0 int) {
	const few, rows = 12, 32
	if j1-j0 <= few {
		team.Run((f.n-i0+rows-1)/rows, func(b int) {
			for i := i0 + b*rows; i < min(f.n, i0+(b+1)*rows); i++ {
				f.row(i, j0, j1)
			}
		})
		return
	}
	mid := j0 + (j1-j0+1)/2
	f.solve(team, j0, mid, i0)
	l := kernel.RowMajor(f.l, f.n)
	kernel.Gemm(team, f.n-i0, j1-mid, mid-j0, -1, l.From(i0, j0), l.From(mid, j0).T(), f.l[i0*f.n+mid:], f.n, kernel.Whole)
	f.solve(team, mid, j1, i0)
}

// row computes L_ij for j in [j0,j1), j1 ≤ i, from what the earlier panels left there.
func (f *Factor) row(i, j0, j1 int) {
	ri := f.l[i*f.n+j0 : i*f.n+j1]
	for j := j0; j < j1; j++ {
		k := j - j0
		ri[k] = (ri[k] - floats.Dot(ri[:k], f.l[j*f.n+j0:j*f.n+j])) / f.l[j*f.n+j]
	}
}

// refute returns an upper bound on λ_min and an estimate of λ_max after row p met the pivot d ≤ 0.
// With c the p entries of row p before the diagonal and L' the factor so far, v = (-L'⁻ᵀ c, 1) has
// vᵀAv = d, so λ_min ≤ d/‖v‖² ≤ 0; a few Lanczos steps from v can only lower it. When d is exactly
// 0 and A is PSD, that is λ_min itself.
func (f *Factor) refute(ctx context.Context, a *mat.SymDense, p int, d float64) (low, high float64) {
	v := make([]float64, f.n)
	for j, c := range f.l[p*f.n : p*f.n+p] {
		v[j] = -c
	}
	f.backward(v[:p])
	v[p] = 1
	norm := floats.Norm(v, 2)
	low, high = d/(norm*norm), a.At(p, p)
	if !finite(norm) {
		return d, high
	}
	if r, err := krylov(ctx, symOp(a), f.n, v, min(f.n, 40)); err == nil {
		low, high = min(low, r.values[len(r.values)-1]), max(high, r.values[0])
	}
	return low, high
}

// extremeSteps is enough for one digit of each end of the spectrum, and cheap beside n³/3.
const extremeSteps = 8

// extremes estimates λ_max and λ_min from short Krylov spaces of A and of A⁻¹.
func (f *Factor) extremes(ctx context.Context, a *mat.SymDense) error {
	start := randomUnit(f.n, 0)
	up, err := krylov(ctx, symOp(a), f.n, start, min(f.n, extremeSteps))
	if err != nil {
		return err
	}
	down, err := krylov(ctx, func(dst, src []float64) {
		copy(dst, src)
		f.forward(dst)
		f.backward(dst)
	}, f.n, start, min(f.n, extremeSteps))
	f.maxEig = up.values[0]
	switch {
	case errors.Is(err, errNonFinite): // A⁻¹ overflowed: as singular as can be
		return nil
	case err != nil:
		return err
	}
	if inv := down.values[0]; inv > 0 {
		f.minEig = 1 / inv
	}
	return nil
}

// N is the order of the matrix.
func (f *Factor) N() int { return f.n }

// Extremes returns estimates of λ_min and λ_max of A, from 8 Lanczos steps with A⁻¹ and with A.
// The first is never below the true λ_min, the second never above the true λ_max, up to rounding.
func (f *Factor) Extremes() (low, high float64) { return f.minEig, f.maxEig }

// Cond estimates the condition number λ_max/λ_min from [Factor.Extremes]. A solve loses about
// log10(Cond) of its 16 digits.
func (f *Factor) Cond() float64 { return f.maxEig / f.minEig }

// LogDet returns ln det A = 2·Σ ln L_ii.
func (f *Factor) LogDet() float64 {
	s := 0.0
	for i := range f.n {
		s += math.Log(f.l[i*f.n+i])
	}
	return 2 * s
}

// At returns L_ij, 0 above the diagonal.
func (f *Factor) At(i, j int) float64 { return f.l[i*f.n+j] }

// forward overwrites b, shorter than n or equal, by L⁻¹b for the leading block of that size.
func (f *Factor) forward(b []float64) {
	for i := range b {
		b[i] = (b[i] - floats.Dot(b[:i], f.l[i*f.n:i*f.n+i])) / f.l[i*f.n+i]
	}
}

// backward overwrites b, shorter than n or equal, by L⁻ᵀb for the leading block of that size.
func (f *Factor) backward(b []float64) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] /= f.l[i*f.n+i]
		floats.AddScaled(b[:i], -b[i], f.l[i*f.n:i*f.n+i])
	}
}
