package linalg

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/linalg/internal/kernel"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// EigenSym returns the eigendecomposition A = Σ λ_i v_i v_iᵀ: the values in descending order, and
// the n×n matrix whose column i is the unit vector v_i.
//
// Sign convention: the entry of largest magnitude of each vector is positive; of several within
// 1e-8 of each other, the first. Vectors of a repeated eigenvalue are an orthonormal basis of its space, and no
// particular one. Each value is accurate to about n·2⁻⁵²·‖A‖, which for a tiny λ of a large A may
// be no correct digit. A value beyond the largest float64 is refused.
//
// Householder reduction to tridiagonal form, divide and conquer, and back: at most 14n³/3 flops, less
// where eigenvalues are crowded, most of them matrix products on all processors. Memory: six arrays
// of n² doubles.
func EigenSym(a *mat.SymDense) (values []float64, vectors *mat.Dense, err error) {
	return EigenSymContext(context.Background(), a)
}

// EigenSymContext is [EigenSym] that a context can stop, at any of its pieces of a few milliseconds.
func EigenSymContext(ctx context.Context, a *mat.SymDense) (values []float64, vectors *mat.Dense, err error) {
	const fn = "linalg.EigenSym"
	if err := checkSym(fn, a); err != nil {
		return nil, nil, err
	}
	n := a.SymmetricDim()
	team := newTeam(ctx, math.Pow(float64(n), 3))
	defer team.Close()
	work, exponent := unitCopy(team, a)
	t := newTridiagonal(team, work, n)
	if err := team.Err(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", fn, err)
	}
	d, q, order, err := tridiagonalVectors(team, t)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: the %d×%d matrix: %w", fn, n, n, err)
	}
	t.apply(team, q, n, t.ld)
	slices.Reverse(order)
	data := make([]float64, n*n)
	columns(team, data, q, t.ld, order)
	if err := team.Err(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", fn, err)
	}
	values = make([]float64, n)
	for i, r := range order {
		values[i] = d[r]
	}
	if err := rescale(fn, values, exponent); err != nil {
		return nil, nil, err
	}
	return values, mat.NewDense(n, n, data), nil
}

// EigenvaluesSym returns the eigenvalues in descending order, without the vectors: 4n³/3 flops, about
// three times cheaper than [EigenSym], and one array of n² doubles.
func EigenvaluesSym(a *mat.SymDense) ([]float64, error) {
	return eigenvalues(context.Background(), "linalg.EigenvaluesSym", a)
}

func eigenvalues(ctx context.Context, fn string, a *mat.SymDense) ([]float64, error) {
	if err := checkSym(fn, a); err != nil {
		return nil, err
	}
	n := a.SymmetricDim()
	team := newTeam(ctx, math.Pow(float64(n), 3))
	defer team.Close()
	work, exponent := unitCopy(team, a)
	t := newTridiagonal(team, work, n)
	if err := team.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	if err := qlValues(t.d, t.e, team.Err); err != nil {
		return nil, fmt.Errorf("%s: the %d×%d matrix: %w", fn, n, n, err)
	}
	slices.Reverse(t.d)
	return t.d, rescale(fn, t.d, exponent)
}

// unitCopy returns the upper triangle of 2⁻ᵏ·A as [newTridiagonal] wants it, with k such that the
// largest entry lies in [1/2, 1): no square over- or underflows on the way, and scaling A by a power
// of two scales its eigenvalues by exactly that.
func unitCopy(team *kernel.Team, a *mat.SymDense) (work []float64, k int) {
	raw := a.RawSymmetric()
	n, ld := raw.N, leading(raw.N)
	largest := 0.0
	for i := range n {
		for _, v := range raw.Data[i*raw.Stride+i : i*raw.Stride+n] {
			largest = max(largest, math.Abs(v))
		}
	}
	_, k = math.Frexp(largest)
	k = max(k, -1000) // 2^-k must be a number; what is smaller is close enough to 1/2
	unit := math.Ldexp(1, -k)
	work = make([]float64, pad4(n)*ld)
	const few = 32
	team.Run((n+few-1)/few, func(b int) {
		for i := b * few; i < min(n, (b+1)*few); i++ {
			to := work[i*ld+i : i*ld+n]
			for j, v := range raw.Data[i*raw.Stride+i : i*raw.Stride+n] {
				to[j] = v * unit
			}
		}
	})
	return work, k
}

// rescale multiplies the values by 2ᵏ.
func rescale(fn string, values []float64, k int) error {
	for i, v := range values {
		values[i] = math.Ldexp(v, k)
		if math.IsInf(values[i], 0) {
			return fmt.Errorf("%s: an eigenvalue is %g·2^%d, beyond the largest float64", fn, v, k)
		}
	}
	return nil
}

// columns fills the n×n array data: column i is row order[i] of q, oriented.
func columns(team *kernel.Team, data, q []float64, ld int, order []int) {
	n := len(order)
	const few = 16
	team.Run((n+few-1)/few, func(b int) {
		lo, hi := b*few, min(n, (b+1)*few)
		var rows [few][]float64
		for i, r := range order[lo:hi] {
			rows[i] = q[r*ld : r*ld+n]
			orient(rows[i])
		}
		for j := range n {
			for i, row := range rows[:hi-lo] {
				data[j*n+lo+i] = row[j]
			}
		}
	})
}

// orient flips v where its entry of largest magnitude is negative. The first entry within 1e-8 of
// the largest decides: vectors as (1,-1)/√2 would otherwise take their sign from rounding.
func orient(v []float64) {
	largest := 0.0
	for _, x := range v {
		if a := math.Abs(x); a > largest {
			largest = a
		}
	}
	enough := largest * (1 - 1e-8)
	for _, x := range v {
		if math.Abs(x) >= enough {
			if x < 0 {
				floats.Scale(-1, v)
			}
			return
		}
	}
}

// denseNorm is the order up to which [SpectralNorm] takes the dense route.
const denseNorm = 96

// SpectralNorm returns ‖A‖ = max|λ_i| of a symmetric matrix, to about 1e-12 relative. Beyond order
// 96 it takes Lanczos steps at both ends of the spectrum until their residuals say so, and falls
// back to all eigenvalues when they do not. Cost a few tens of products, each 2n² flops.
func SpectralNorm(a *mat.SymDense) (float64, error) {
	return SpectralNormContext(context.Background(), a)
}

// SpectralNormContext is [SpectralNorm] that a context can stop.
func SpectralNormContext(ctx context.Context, a *mat.SymDense) (float64, error) {
	const fn = "linalg.SpectralNorm"
	if err := checkSym(fn, a); err != nil {
		return 0, err
	}
	n := a.SymmetricDim()
	if n > denseNorm {
		norm, ok, err := lanczosNorm(ctx, a)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", fn, err)
		}
		if ok {
			return norm, nil
		}
	}
	values, err := eigenvalues(ctx, fn, a)
	if err != nil {
		return 0, err
	}
	return max(math.Abs(values[0]), math.Abs(values[n-1])), nil
}

// lanczosNorm takes steps until the end of larger magnitude has a residual so small that the
// eigenvalue's error, at most residual²/gap and in any case at most the residual, is rounding.
func lanczosNorm(ctx context.Context, a *mat.SymDense) (float64, bool, error) {
	const tol = 1e-12
	n := a.SymmetricDim()
	s := newSpace(symOp(a), n, randomUnit(n, 0), 0)
	look := 0
	for s.m < min(n, 240) {
		if err := s.step(ctx); err != nil {
			if errors.Is(err, errNonFinite) { // finite entries whose products overflow
				return 0, false, nil
			}
			return 0, false, err
		}
		if s.m < look {
			continue
		}
		look = nextLook(s.m)
		s.solve()
		low, high := math.Abs(s.vals[0]), math.Abs(s.vals[s.m-1])
		if low == 0 && high == 0 && s.beta[s.m-1] == 0 {
			continue // the zero matrix so far: let the restarts look on
		}
		if s.converged(1, tol, low > high) {
			return max(low, high), true, nil
		}
	}
	return 0, false, nil
}
