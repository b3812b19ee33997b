package eigenlearning

import (
	"errors"
	"fmt"
	"math"
	"math/cmplx"

	"github.com/lemma-ml/lemma/lib/linalg"
	"gonum.org/v1/gonum/dsp/fourier"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// maxCond is the condition number beyond which a matrix counts as one without inverse: the solution would
// keep four digits.
const maxCond = 1e12

// Fit is kernel ridge regression on some points of a finite domain, as the linear map from labels on
// those points to the function on all M.
type Fit struct {
	Train []int
	Ridge float64
	Rank  int        // of the Gram matrix of the training points; below n, labels may not be fit
	Cond  float64    // of the matrix that was inverted, on its range: rounding is n·2⁻⁵² times that
	Map   *mat.Dense // M×n, k(·,X)(K+δI)⁻¹; without a ridge the pseudo-inverse where K has no inverse
	shed  float64    // tr (K+δI)⁻¹ where there is a ridge
}

// NewFit fits on the training places, indices of the M×M Gram matrix k, each at most once. The ridge δ
// is absolute. Cost n³/3 + n²M multiplications.
func NewFit(k *mat.SymDense, train []int, ridge float64) (*Fit, error) {
	return newFit(k, train, ridge, false)
}

// newFit may allow places that repeat, for the alternative that counts them.
func newFit(k *mat.SymDense, train []int, ridge float64, repeats bool) (*Fit, error) {
	const fn = "eigenlearning.NewFit"
	m, n := k.SymmetricDim(), len(train)
	if n == 0 {
		return nil, fmt.Errorf("%s: no training points", fn)
	}
	if !(ridge >= 0) || math.IsInf(ridge, 0) {
		return nil, fmt.Errorf("%s: ridge %g, want a number ≥ 0", fn, ridge)
	}
	seen := make([]bool, m)
	for _, i := range train {
		if i < 0 || i >= m || seen[i] && !repeats {
			return nil, fmt.Errorf("%s: training place %d, want places of 0 to %d, each at most once", fn, i, m-1)
		}
		seen[i] = true
	}
	gram, rows := trainingGram(k, train, ridge), mat.NewDense(n, m, nil)
	for a, i := range train {
		for j := range m {
			rows.Set(a, j, k.At(i, j))
		}
	}
	f := &Fit{Train: append([]int(nil), train...), Ridge: ridge, Rank: n}
	factor, err := linalg.Cholesky(gram)
	var singular *linalg.NotPositiveDefiniteError
	switch {
	case err == nil && factor.Cond() < maxCond:
		solved, err := factor.Solve(rows) // n×M
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		f.Map, f.Cond = mat.DenseCopyOf(solved.T()), factor.Cond()
		if ridge > 0 {
			f.shed = mat.Trace(factor.Inverse())
		}
	case err == nil || errors.As(err, &singular): // no inverse: the shortest solution
		r, err := linalg.PSD(gram, 1/maxCond)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		var scaled, inverse, out mat.Dense
		scaled.Apply(func(_, j int, v float64) float64 { return v / r.Values[j] }, r.Vectors)
		inverse.Mul(&scaled, r.Vectors.T())
		out.Mul(rows.T(), &inverse)
		f.Map, f.Rank, f.Cond = &out, r.Rank, r.Values[0]/r.Values[r.Rank-1]
	default:
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	return f, nil
}

// trainingGram is K+δI of the training places.
func trainingGram(k *mat.SymDense, train []int, ridge float64) *mat.SymDense {
	n := len(train)
	gram := mat.NewSymDense(n, nil)
	for a, i := range train {
		for b := a; b < n; b++ {
			gram.SetSym(a, b, k.At(i, train[b]))
		}
		gram.SetSym(a, a, k.At(i, i)+ridge)
	}
	return gram
}

// Conserved is what the learnabilities of any orthonormal basis of the domain add up to: the trace of
// (K+δI)⁻¹K, which is n - δ·tr(K+δI)⁻¹, and without a ridge the rank of K, n where it has an inverse.
func (f *Fit) Conserved() float64 { return float64(f.Rank) - f.Ridge*f.shed }

// Tolerance is the rounding of a sum of the domain's M learnabilities: 16n·2⁻⁵² times the condition
// number for the solve, M·2⁻⁵² for the additions.
func (f *Fit) Tolerance() float64 {
	m, n := f.Map.Dims()
	return (16*float64(n)*f.Cond + float64(m)) * 0x1p-52
}

// Predict returns the fitted function at all M points for targets given on all M points: one of the
// columns of an M×c matrix each. Only the rows of the training points are read.
func (f *Fit) Predict(targets *mat.Dense) (*mat.Dense, error) {
	m, n := f.Map.Dims()
	rows, c := targets.Dims()
	if rows != m {
		return nil, fmt.Errorf("eigenlearning.Fit.Predict: targets of %d rows, want %d, one for each point of the domain", rows, m)
	}
	y := mat.NewDense(n, c, nil)
	for a, i := range f.Train {
		y.SetRow(a, targets.RawRowView(i))
	}
	var out mat.Dense
	out.Mul(f.Map, y)
	return &out, nil
}

// Learnability returns ⟨φ, f̂[φ]⟩/⟨φ, φ⟩ of each column φ of a basis, M×c: how much of φ comes back when
// φ itself is the target.
func (f *Fit) Learnability(basis *mat.Dense) ([]float64, error) {
	p, err := f.Predict(basis)
	if err != nil {
		return nil, err
	}
	_, c := basis.Dims()
	out := make([]float64, c)
	for j := range out {
		phi := mat.Col(nil, j, basis)
		out[j] = floats.Dot(phi, mat.Col(nil, j, p)) / floats.Dot(phi, phi)
	}
	return out, nil
}

// walshLearnability is Learnability of all M parities of a cube, in n·M·log M additions: the transform
// of a column of the map holds the coefficient of each parity in the answer to one label.
func (f *Fit) walshLearnability() []float64 {
	m, n := f.Map.Dims()
	out := make([]float64, m)
	column := make([]float64, m)
	for a := range n {
		mat.Col(column, a, f.Map)
		Walsh(column)
		for s := range out {
			out[s] += sign(f.Train[a], s) * column[s]
		}
	}
	floats.Scale(1/float64(m), out)
	return out
}

// fourierLearnability is the learnability of cosine and sine together, by frequency, on evenly spaced
// points of the circle: the same with a Fourier transform of each column.
func (f *Fit) fourierLearnability(levels []Level) []float64 {
	m, n := f.Map.Dims()
	fft := fourier.NewFFT(m)
	column := make([]float64, m)
	var c []complex128
	out := make([]float64, len(levels))
	for a := range n {
		mat.Col(column, a, f.Map)
		c = fft.Coefficients(c, column) // Σ_z f(z)e^{-2πikz/m}, k = 0..m/2
		for k, l := range levels {
			phase := 2 * math.Pi * float64(l.Degree*f.Train[a]%m) / float64(m)
			out[k] += float64(l.Count) / float64(m) * real(c[k]*cmplx.Exp(complex(0, phase)))
		}
	}
	return out
}
