package sensing

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// InfeasibleError says that no factors of the width have the product.
type InfeasibleError struct {
	Rank, Width int
}

func (e *InfeasibleError) Error() string {
	return fmt.Sprintf("a matrix of rank %d is no product of factors with %d columns", e.Rank, e.Width)
}

// rank counts the singular values above 10⁻¹² of the largest.
func rank(values []float64) int {
	r := 0
	for r < len(values) && values[r] > 1e-12*values[0] {
		r++
	}
	return r
}

// Theta returns the regularizer that dropout induces in Gaussian sensing,
//
//	Θ(M) = min{R(U, V) : UVᵀ = M} = ‖M‖_*²/d₁
//
// (Equation 11.6), if the rank of M is at most the width d₁, which the book takes for granted. Beyond it
// there are no such factors: the value is +Inf and the error an *InfeasibleError. Singular values up to
// 10⁻¹² of the largest count as 0. Θ(0) = 0.
func Theta(m mat.Matrix, width int) (float64, error) {
	const fn = "sensing.Theta"
	s, err := spectrum(fn, m, width)
	if err != nil {
		return math.NaN(), err
	}
	if r := rank(s); r > width {
		return math.Inf(1), fmt.Errorf("%s: %w", fn, &InfeasibleError{r, width})
	}
	t := floats.Sum(s)
	return t * t / float64(width), nil
}

func spectrum(fn string, m mat.Matrix, width int) ([]float64, error) {
	if width < 1 {
		return nil, fmt.Errorf("%s: width %d, want at least 1", fn, width)
	}
	if r, c := m.Dims(); r == 0 || c == 0 {
		return nil, fmt.Errorf("%s: a matrix of %d×%d, want entries", fn, r, c)
	}
	if err := finite(fn, "M", m); err != nil {
		return nil, err
	}
	return singular(m), nil
}

// Envelope returns the convex envelope of Θ over all matrices, ‖M‖_*²/d₁ whatever the rank: the largest
// convex function that is nowhere above Θ. Mixture shows that none is larger.
func Envelope(m mat.Matrix, width int) (float64, error) {
	s, err := spectrum("sensing.Envelope", m, width)
	if err != nil {
		return math.NaN(), err
	}
	t := floats.Sum(s)
	return t * t / float64(width), nil
}

// Mixture writes M as a convex combination of matrices of rank one, M = Σ_i (σ_i/S)·S·w_iy_iᵀ with
// S = ‖M‖_*. Each has Θ = S²/d₁ at every width d₁ ≥ 1, so that a convex function that is nowhere above Θ is
// at most S²/d₁ at M. M = 0 has one weight, 1.
func Mixture(m mat.Matrix) (weights []float64, parts []*mat.Dense, err error) {
	const fn = "sensing.Mixture"
	if _, err := spectrum(fn, m, 1); err != nil {
		return nil, nil, err
	}
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDThin) {
		return nil, nil, fmt.Errorf("%s: the singular values of M did not converge", fn)
	}
	s := svd.Values(nil)
	total := floats.Sum(s)
	if total == 0 {
		return []float64{1}, []*mat.Dense{mat.DenseCopyOf(m)}, nil
	}
	var w, y mat.Dense
	svd.UTo(&w)
	svd.VTo(&y)
	for i := range rank(s) {
		part := &mat.Dense{}
		part.Outer(total, w.ColView(i), y.ColView(i))
		weights, parts = append(weights, s[i]/total), append(parts, part)
	}
	return weights, parts, nil
}
