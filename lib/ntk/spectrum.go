package ntk

import (
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/linalg"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Spectrum is the eigendecomposition H = Σ λ_i v_i v_iᵀ of a kernel's Gram matrix, on which training
// under a constant kernel runs (section 9.3): each eigendirection of the residual shrinks on its own.
type Spectrum struct {
	Values  []float64  // λ_1 >= ... >= λ_n
	Vectors *mat.Dense // n×n, v_i in column i
}

// NewSpectrum decomposes h, which must be positive semi-definite up to rounding, n·2⁻⁵²·λ_1: below
// that it returns a *linalg.NotPositiveDefiniteError. Cost 14n³/3 flops.
func NewSpectrum(h *mat.SymDense) (*Spectrum, error) {
	values, vectors, err := linalg.EigenSym(h)
	if err != nil {
		return nil, fmt.Errorf("ntk.NewSpectrum: %w", err)
	}
	s := &Spectrum{values, vectors}
	if low := values[len(values)-1]; low < -s.rounding() {
		return nil, fmt.Errorf("ntk.NewSpectrum: %w", &linalg.NotPositiveDefiniteError{
			Func: "ntk.NewSpectrum", N: len(values), Pivot: -1, MinEigenvalue: low, MaxEigenvalue: values[0]})
	}
	return s, nil
}

// rounding is the error of an eigenvalue.
func (s *Spectrum) rounding() float64 { return float64(len(s.Values)) * 0x1p-52 * s.Values[0] }

// N is the number of training inputs.
func (s *Spectrum) N() int { return len(s.Values) }

// Project returns the coordinates v_iᵀy. It panics if y does not have n entries.
func (s *Spectrum) Project(y []float64) []float64 {
	s.check("Project", y)
	var c mat.VecDense
	c.MulVec(s.Vectors.T(), mat.NewVecDense(len(y), y))
	return c.RawVector().Data
}

// Expand returns Σ c_i v_i, the inverse of Project. It panics if c does not have n entries.
func (s *Spectrum) Expand(c []float64) []float64 {
	s.check("Expand", c)
	var y mat.VecDense
	y.MulVec(s.Vectors, mat.NewVecDense(len(c), c))
	return y.RawVector().Data
}

func (s *Spectrum) check(fn string, y []float64) {
	if len(y) != s.N() {
		panic(fmt.Errorf("ntk.Spectrum.%s: vector of %d entries, want %d", fn, len(y), s.N()))
	}
}

// Vector returns v_i, i = 0..n-1.
func (s *Spectrum) Vector(i int) []float64 { return mat.Col(nil, i, s.Vectors) }

// Energy returns the share of ‖y‖² that lies in the first k eigenvectors, for k up to n: how well the
// labels are aligned with the directions that train fast.
func (s *Spectrum) Energy(y []float64, k int) float64 {
	c := s.Project(y)
	top := c[:max(0, min(k, len(c)))]
	return floats.Dot(top, top) / floats.Dot(c, c)
}

// Residual returns what training leaves of a residual y - u(0): Σ R(λ_i)(v_iᵀr)v_i, with R the
// training's Remaining. Under gradient flow that is (9.10), e^{-Ht}·r.
func (s *Spectrum) Residual(tr Training, r []float64) ([]float64, error) {
	if err := tr.Check(s.Values[0]); err != nil {
		return nil, err
	}
	c := s.Project(r)
	for i, l := range s.Values {
		c[i] *= tr.Remaining(max(l, 0))
	}
	return s.Expand(c), nil
}

// Loss returns ‖u - y‖²/n after training from the residual r = y - u(0).
func (s *Spectrum) Loss(tr Training, r []float64) (float64, error) {
	if err := tr.Check(s.Values[0]); err != nil {
		return 0, err
	}
	sum := 0.0
	for i, c := range s.Project(r) {
		c *= tr.Remaining(max(s.Values[i], 0))
		sum += c * c
	}
	return sum / float64(s.N()), nil
}

// RandomLoss returns the mean of Loss over labels of independent random signs, Σ R(λ_i)²/n.
func (s *Spectrum) RandomLoss(tr Training) (float64, error) {
	if err := tr.Check(s.Values[0]); err != nil {
		return 0, err
	}
	sum := 0.0
	for _, l := range s.Values {
		sum += math.Pow(tr.Remaining(max(l, 0)), 2)
	}
	return sum / float64(s.N()), nil
}

// Weights returns α with f(x) - f₀(x) = k(x,X)·α after training from the residual r = y - u(0):
// α = H⁻¹(I - R(H))·r. Where training runs to its end that is H⁻¹r, and a singular H is a
// *linalg.NotPositiveDefiniteError.
func (s *Spectrum) Weights(tr Training, r []float64) ([]float64, error) {
	if err := tr.Check(s.Values[0]); err != nil {
		return nil, err
	}
	c := s.Project(r)
	for i, l := range s.Values {
		g := tr.Gain(max(l, 0))
		if math.IsInf(g, 0) || tr.Remaining(s.rounding()) == 0 && l <= s.rounding() {
			return nil, fmt.Errorf("ntk.Spectrum.Weights: training to the end divides by λ_%d: %w", i+1, &linalg.NotPositiveDefiniteError{
				Func: "ntk.Spectrum.Weights", N: s.N(), Pivot: -1, MinEigenvalue: s.Values[s.N()-1], MaxEigenvalue: s.Values[0]})
		}
		c[i] *= g
	}
	return s.Expand(c), nil
}
