package linalg

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/floats"
)

// Quadrature returns the Gauss quadrature of order at most m of the spectral measure of a symmetric
// operator A of dimension n at a vector v: nodes θ_i, ascending, and weights w_i > 0 of sum 1 with
//
//	vᵀp(A)v/‖v‖² = Σ_i w_i·p(θ_i)   for every polynomial p of degree at most 2m-1.
//
// The nodes are the Ritz values of m [Lanczos] steps from v, and w_i is the square of the first entry
// of the i-th eigenvector of T, not of the whole vector, whose entries' squares sum to 1 whatever T
// (Golub and Meurant, Matrices, Moments and Quadrature, theorem 6.2). A Krylov space that is exhausted
// before m steps gives fewer nodes and an exact measure. Cost m products and 4nm² flops, memory m·n
// doubles. Errors are those of Lanczos.
func Quadrature(ctx context.Context, op func(dst, src []float64), n, m int, v []float64) (nodes, weights []float64, err error) {
	const fn = "linalg.Quadrature"
	switch {
	case len(v) != n:
		return nil, nil, fmt.Errorf("%s: start vector has %d entries, want %d", fn, len(v), n)
	case m < 1:
		return nil, nil, fmt.Errorf("%s: %d steps, want at least 1", fn, m)
	}
	if err := checkFiniteVec(fn, v); err != nil {
		return nil, nil, err
	}
	if floats.Norm(v, 2) == 0 {
		return nil, nil, fmt.Errorf("%s: start vector is 0, want a direction", fn)
	}
	s := newSpace(op, n, v, 0)
	for s.m < min(m, n) {
		if err := s.step(ctx); err != nil {
			return nil, nil, fmt.Errorf("%s: step %d: %w", fn, s.m, err)
		}
		if s.beta[s.m-1] == 0 {
			break // what follows would have no weight
		}
	}
	s.solve()
	weights = make([]float64, s.m)
	for i := range weights {
		first := s.vecs[i]
		weights[i] = first * first
	}
	return s.vals, weights, nil
}
