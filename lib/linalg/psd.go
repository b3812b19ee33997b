package linalg

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/linalg/internal/kernel"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Range is a positive semi-definite matrix seen on its numerical range: the eigenvectors whose
// eigenvalues exceed a cutoff. On that range it inverts; off it, the pseudo-inverse is 0.
type Range struct {
	N       int
	Rank    int
	Cutoff  float64    // absolute: eigenvalues at or below it count as 0
	Values  []float64  // the Rank kept eigenvalues, descending
	Vectors *mat.Dense // N×Rank, orthonormal columns; nil when Rank is 0
	Dropped []float64  // the other eigenvalues, descending
}

// PSD decomposes the positive semi-definite matrix a. Eigenvalues above relative·λ_max are kept,
// the rest count as 0; relative = 0 means n·2⁻⁵², the rounding of [EigenSym]. An eigenvalue below
// -max(relative, n·2⁻⁵²)·λ_max says that a is not PSD and returns a *[NotPositiveDefiniteError] with
// the exact λ_min. Cost that of EigenSym.
func PSD(a *mat.SymDense, relative float64) (*Range, error) {
	const fn = "linalg.PSD"
	if !(relative >= 0 && relative < 1) {
		return nil, fmt.Errorf("%s: relative cutoff %g, want 0 ≤ cutoff < 1", fn, relative)
	}
	values, vectors, err := EigenSym(a)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	n := len(values)
	rounding := float64(n) * eps
	if relative == 0 {
		relative = rounding
	}
	cut := relative * max(values[0], 0)
	if low := values[n-1]; low < -max(cut, rounding*values[0]) {
		return nil, &NotPositiveDefiniteError{Func: fn, N: n, Pivot: -1, MinEigenvalue: low, MaxEigenvalue: values[0]}
	}
	rank := 0
	for rank < n && values[rank] > cut {
		rank++
	}
	r := &Range{N: n, Rank: rank, Cutoff: cut, Values: values[:rank:rank], Dropped: values[rank:]}
	if rank > 0 {
		r.Vectors = mat.DenseCopyOf(vectors.Slice(0, n, 0, rank))
	}
	return r, nil
}

// Project returns the orthogonal projection of b onto the range.
func (r *Range) Project(b []float64) ([]float64, error) {
	return r.apply("linalg.Range.Project", b, func(float64) float64 { return 1 })
}

// SolveVec returns A⁺b, the shortest x that minimises ‖Ax-b‖. For b in the range, Ax = b.
func (r *Range) SolveVec(b []float64) ([]float64, error) {
	return r.apply("linalg.Range.SolveVec", b, func(v float64) float64 { return 1 / v })
}

// Quad returns bᵀA⁺b = Σ (v_iᵀb)²/λ_i over the range; the part of b outside the range is ignored,
// so look at [Range.Project] first where that matters.
func (r *Range) Quad(b []float64) (float64, error) {
	x, err := r.apply("linalg.Range.Quad", b, func(v float64) float64 { return 1 / v })
	if err != nil {
		return 0, err
	}
	return floats.Dot(b, x), nil
}

// Inverse returns the pseudo-inverse A⁺ = Σ v_i v_iᵀ/λ_i over the range, exactly symmetric, with both
// triangles of its backing array filled. Cost n²·Rank flops.
func (r *Range) Inverse() *mat.SymDense {
	data := make([]float64, r.N*r.N)
	if r.Rank > 0 {
		scaled := mat.DenseCopyOf(r.Vectors)
		for i := range r.N {
			row := scaled.RawRowView(i)
			for j, v := range r.Values {
				row[j] /= v
			}
		}
		// Background is never done, so these cannot fail.
		_ = product(context.Background(), r.N, r.N, r.Rank, rowsOf(scaled), rowsOf(r.Vectors).T(), data, kernel.Upper)
		_ = mirror(context.Background(), data, r.N)
	}
	return mat.NewSymDense(r.N, data)
}

// apply returns Σ g(λ_i)·(v_iᵀb)·v_i.
func (r *Range) apply(fn string, b []float64, g func(float64) float64) ([]float64, error) {
	if len(b) != r.N {
		return nil, fmt.Errorf("%s: vector has %d entries, want %d", fn, len(b), r.N)
	}
	if err := checkFiniteVec(fn, b); err != nil {
		return nil, err
	}
	x := make([]float64, r.N)
	v := make([]float64, r.N)
	for i, value := range r.Values {
		mat.Col(v, i, r.Vectors)
		floats.AddScaled(x, g(value)*floats.Dot(v, b), v)
	}
	return x, nil
}
