package linalg

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// EigenSym returns the eigendecomposition A = Σ λ_i v_i v_iᵀ: the values in descending order, and
// the n×n matrix whose column i is the unit vector v_i.
//
// Sign convention: the entry of largest magnitude of each vector is positive; of several within
// 1e-8 of each other, the first. Vectors of a repeated eigenvalue are an orthonormal basis of its space, and no
// particular one. Each value is accurate to about n·2⁻⁵²·‖A‖, which for a tiny λ of a large A may
// be no correct digit. Householder tridiagonalisation and implicit QL, about 9n³ flops.
func EigenSym(a *mat.SymDense) (values []float64, vectors *mat.Dense, err error) {
	const fn = "linalg.EigenSym"
	if err := checkSym(fn, a); err != nil {
		return nil, nil, err
	}
	n := a.SymmetricDim()
	var e mat.EigenSym
	if ok := e.Factorize(a, true); !ok {
		return nil, nil, fmt.Errorf("%s: the QL iteration did not converge for the %d×%d matrix", fn, n, n)
	}
	values = e.Values(nil)
	floats.Reverse(values)
	var up mat.Dense // ascending
	e.VectorsTo(&up)
	vectors = mat.NewDense(n, n, nil)
	v := make([]float64, n)
	for i := range n {
		mat.Col(v, n-1-i, &up)
		orient(v)
		vectors.SetCol(i, v)
	}
	return values, vectors, nil
}

// EigenSymContext is [EigenSym] that returns when the context is done. gonum's routine cannot be
// stopped: it is left to end by itself, on a copy of a, and its result is dropped.
func EigenSymContext(ctx context.Context, a *mat.SymDense) (values []float64, vectors *mat.Dense, err error) {
	if ctx.Done() == nil || a == nil || a.IsEmpty() {
		return EigenSym(a)
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, fmt.Errorf("linalg.EigenSym: %w", err)
	}
	own := mat.NewSymDense(a.SymmetricDim(), nil)
	own.CopySym(a)
	type result struct {
		values  []float64
		vectors *mat.Dense
		err     error
	}
	done := make(chan result, 1)
	go func() {
		v, m, err := EigenSym(own)
		done <- result{v, m, err}
	}()
	select {
	case r := <-done:
		return r.values, r.vectors, r.err
	case <-ctx.Done():
		return nil, nil, fmt.Errorf("linalg.EigenSym: %w", ctx.Err())
	}
}

// EigenvaluesSym returns the eigenvalues in descending order, without the vectors: about 4n³/3
// flops, several times cheaper than [EigenSym].
func EigenvaluesSym(a *mat.SymDense) ([]float64, error) {
	const fn = "linalg.EigenvaluesSym"
	if err := checkSym(fn, a); err != nil {
		return nil, err
	}
	var e mat.EigenSym
	if ok := e.Factorize(a, false); !ok {
		n := a.SymmetricDim()
		return nil, fmt.Errorf("%s: the QL iteration did not converge for the %d×%d matrix", fn, n, n)
	}
	values := e.Values(nil)
	floats.Reverse(values)
	return values, nil
}

// orient flips v where its entry of largest magnitude is negative. The first entry within 1e-8 of
// the largest decides: vectors as (1,-1)/√2 would otherwise take their sign from rounding.
func orient(v []float64) {
	enough := floats.Norm(v, math.Inf(1)) * (1 - 1e-8)
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
	values, err := EigenvaluesSym(a)
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
