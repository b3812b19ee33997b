package completion

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Factors are U (d2×d1) and V (d0×d1); column j of both is hidden unit j. The matrix is UVᵀ.
type Factors struct{ U, V *mat.Dense }

// Matrix returns UVᵀ.
func (f Factors) Matrix() *mat.Dense {
	var m mat.Dense
	m.Mul(f.U, f.V.T())
	return &m
}

// MaxRow returns γ, the largest squared norm of a row of U or V.
func (f Factors) MaxRow() float64 {
	gamma := 0.0
	for _, a := range []*mat.Dense{f.U, f.V} {
		n, _ := a.Dims()
		for i := range n {
			gamma = max(gamma, square(a.RawRowView(i)))
		}
	}
	return gamma
}

func square(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return sum
}

// Width returns d1, or an error where U and V do not have the same number of columns.
func (f Factors) Width() (int, error) {
	if f.U == nil || f.V == nil {
		return 0, fmt.Errorf("completion.Factors: U or V is missing")
	}
	_, a := f.U.Dims()
	_, b := f.V.Dims()
	if a != b {
		return 0, fmt.Errorf("completion.Factors: U has %d columns and V %d, want the same number of hidden units", a, b)
	}
	return a, nil
}

// checked reports factors that do not fit the laws.
func (f Factors) checked(rowProb, colProb []float64) error {
	if _, err := f.Width(); err != nil {
		return err
	}
	d2, _ := f.U.Dims()
	d0, _ := f.V.Dims()
	if err := CheckLaw("RowProb", rowProb, d2); err != nil {
		return err
	}
	return CheckLaw("ColProb", colProb, d0)
}

// Expected returns the penalty that the sample's R̂ estimates,
//
//	R(U, V) = Σ_j (Σ_i p_i U_ij²)(Σ_k q_k V_kj²),
//
// the expectation of (u_jᵀAv_j)² over random indicators A, summed over the units. Section 11.1.2.
func Expected(f Factors, rowProb, colProb []float64) (float64, error) {
	if err := f.checked(rowProb, colProb); err != nil {
		return 0, fmt.Errorf("completion.Expected: %w", err)
	}
	sum := 0.0
	for _, v := range shares(f, rowProb, colProb) {
		sum += v
	}
	return sum, nil
}

// shares returns the part of R that each hidden unit carries.
func shares(f Factors, rowProb, colProb []float64) []float64 {
	_, d1 := f.U.Dims()
	a, b := make([]float64, d1), make([]float64, d1)
	for i, p := range rowProb {
		for j, u := range f.U.RawRowView(i) {
			a[j] += p * u * u
		}
	}
	for k, q := range colProb {
		for j, v := range f.V.RawRowView(k) {
			b[j] += q * v * v
		}
	}
	for j := range a {
		a[j] *= b[j]
	}
	return a
}

// Variance returns n·Var(R̂) of a sample of n cells, Σ_ik p_i q_k (Σ_j U_ij² V_kj²)² - R²: what decides
// how large a sample must be for R̂ to stand for R.
func Variance(f Factors, rowProb, colProb []float64) (float64, error) {
	r, err := Expected(f, rowProb, colProb)
	if err != nil {
		return 0, fmt.Errorf("completion.Variance: %w", err)
	}
	sum := 0.0
	for i, p := range rowProb {
		u := f.U.RawRowView(i)
		for k, q := range colProb {
			s := 0.0
			for j, v := range f.V.RawRowView(k) {
				s += u[j] * u[j] * v * v
			}
			sum += p * q * (s - r) * (s - r)
		}
	}
	return sum, nil
}

// Weighted returns diag(√p)·M·diag(√q), of which the trace norm is the weighted trace norm of M.
func Weighted(m mat.Matrix, rowProb, colProb []float64) (*mat.Dense, error) {
	d2, d0 := m.Dims()
	if err := CheckLaw("RowProb", rowProb, d2); err != nil {
		return nil, fmt.Errorf("completion.Weighted: %w", err)
	}
	if err := CheckLaw("ColProb", colProb, d0); err != nil {
		return nil, fmt.Errorf("completion.Weighted: %w", err)
	}
	w := mat.NewDense(d2, d0, nil)
	w.Apply(func(i, k int, v float64) float64 { return v * math.Sqrt(rowProb[i]*colProb[k]) }, m)
	return w, nil
}

// spectrum returns the singular values of the weighted matrix, decreasing, and its numerical rank:
// values above 1e-12 of the largest.
func spectrum(m mat.Matrix, rowProb, colProb []float64) (sigma []float64, rank int, err error) {
	w, err := Weighted(m, rowProb, colProb)
	if err != nil {
		return nil, 0, err
	}
	for _, v := range w.RawMatrix().Data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, 0, fmt.Errorf("the matrix has an entry that is not finite")
		}
	}
	var svd mat.SVD
	if !svd.Factorize(w, mat.SVDNone) {
		return nil, 0, fmt.Errorf("the singular values were not found")
	}
	sigma = svd.Values(nil)
	for _, s := range sigma {
		if s > 1e-12*sigma[0] {
			rank++
		}
	}
	return sigma, rank, nil
}

// TraceNorm returns the weighted trace norm ‖diag(√p)·M·diag(√q)‖_*.
func TraceNorm(m mat.Matrix, rowProb, colProb []float64) (float64, error) {
	sigma, _, err := spectrum(m, rowProb, colProb)
	if err != nil {
		return 0, fmt.Errorf("completion.TraceNorm: %w", err)
	}
	return sum(sigma), nil
}

func sum(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s
}

// Induced returns Θ(M), the least R over all factors of M with width hidden units,
//
//	Θ(M) = ‖diag(√p)·M·diag(√q)‖_*² / width  (Eq. 11.7),
//
// attained by Equalized. Where the rank of M exceeds the width there are no such factors: +Inf and an
// error.
func Induced(m mat.Matrix, rowProb, colProb []float64, width int) (float64, error) {
	const fn = "completion.Induced"
	if width < 1 {
		return 0, fmt.Errorf("%s: width %d, want at least one hidden unit", fn, width)
	}
	sigma, rank, err := spectrum(m, rowProb, colProb)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", fn, err)
	}
	if rank > width {
		return math.Inf(1), fmt.Errorf("%s: the matrix has rank %d, want at most the width %d: no factors exist", fn, rank, width)
	}
	s := sum(sigma)
	return s * s / float64(width), nil
}
