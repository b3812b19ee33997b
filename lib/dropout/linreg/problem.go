package linreg

import (
	"context"
	"fmt"
	"math"
	"math/bits"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/dropout"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Problem is a linear regression with its moments: Ĉ = XᵀX/n and c = Xᵀy/n. It does not change.
type Problem struct {
	x      *mat.Dense
	y      []float64
	Moment *mat.SymDense // Ĉ, d×d
	Cross  []float64     // c
	Power  float64       // mean y²
}

// New returns the problem of X [n×d] and y [n]. Sizes that do not fit and values that are not finite
// are errors. It costs O(nd²).
func New(x *mat.Dense, y []float64) (*Problem, error) {
	if x == nil || x.IsEmpty() {
		return nil, fmt.Errorf("linreg.New: X is empty, want a row for each of the %d values of y", len(y))
	}
	n, d := x.Dims()
	if len(y) != n {
		return nil, fmt.Errorf("linreg.New: %d rows of X and %d values of y, want as many", n, len(y))
	}
	for i := range n {
		for j, v := range x.RawRowView(i) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("linreg.New: X[%d, %d] is %v, want a finite number", i, j, v)
			}
		}
		if math.IsNaN(y[i]) || math.IsInf(y[i], 0) {
			return nil, fmt.Errorf("linreg.New: y[%d] is %v, want a finite number", i, y[i])
		}
	}
	p := &Problem{x: mat.DenseCopyOf(x), y: append([]float64(nil), y...), Moment: mat.NewSymDense(d, nil), Cross: make([]float64, d)}
	p.Moment.SymOuterK(1/float64(n), p.x.T())
	for i, v := range y {
		floats.AddScaled(p.Cross, v/float64(n), p.x.RawRowView(i))
		p.Power += v * v / float64(n)
	}
	return p, nil
}

// Dims returns the numbers of examples and features.
func (p *Problem) Dims() (n, d int) { return p.x.Dims() }

// Loss is mean (y - x·u)².
func (p *Problem) Loss(u []float64) float64 {
	sum := 0.0
	for i, v := range p.y {
		r := v - floats.Dot(p.x.RawRowView(i), u)
		sum += r * r
	}
	return sum / float64(len(p.y))
}

// Penalty is what dropping inputs adds for each unit of λ: uᵀ·diag(Ĉ)·u.
func (p *Problem) Penalty(u []float64) float64 {
	sum := 0.0
	for j, v := range u {
		sum += v * v * p.Moment.At(j, j)
	}
	return sum
}

// Scaled is what the book prints in its place, and what dropping a single hidden unit adds: uᵀĈu.
func (p *Problem) Scaled(u []float64) float64 {
	v := mat.NewVecDense(len(u), u)
	return mat.Inner(v, p.Moment, v)
}

// InputLoss is the expected loss mean E(y - (b∘x)·u)² of dropping inputs at the rate: Loss + λ·Penalty.
// Section 11.4; spec of Eq. (11.8) with one layer.
func (p *Problem) InputLoss(u []float64, rate float64) (float64, error) {
	lambda, err := p.check("InputLoss", u, rate)
	if err != nil {
		return 0, err
	}
	return p.Loss(u) + lambda*p.Penalty(u), nil
}

// EnumerateInput is InputLoss by all 2^d masks; d above 20 is an error.
func (p *Problem) EnumerateInput(u []float64, rate float64) (float64, error) {
	if _, err := p.check("EnumerateInput", u, rate); err != nil {
		return 0, err
	}
	d := len(u)
	if d > 20 {
		return 0, fmt.Errorf("linreg.EnumerateInput: 2^%d masks, want at most 20 features", d)
	}
	total, masked := 0.0, make([]float64, d)
	for mask := range uint(1) << d {
		kept := bits.OnesCount(mask)
		w := math.Pow(1-rate, float64(kept)) * math.Pow(rate, float64(d-kept))
		if w == 0 {
			continue
		}
		for j := range d {
			masked[j] = 0
			if mask>>j&1 == 1 {
				masked[j] = u[j] / (1 - rate)
			}
		}
		total += w * p.Loss(masked)
	}
	return total, nil
}

// SampleInput is InputLoss by draws of one mask for each example, with its standard error; the stream is
// "linreg/sample".
func (p *Problem) SampleInput(ctx context.Context, u []float64, rate float64, draws int, seed uint64) (mean, se float64, err error) {
	if _, err := p.check("SampleInput", u, rate); err != nil {
		return 0, 0, err
	}
	if draws < 2 {
		return 0, 0, fmt.Errorf("linreg.SampleInput: %d draws, want at least 2", draws)
	}
	src := rng.Stream(seed, "linreg/sample")
	sum, square := 0.0, 0.0
	for k := range draws {
		if k%1000 == 0 && ctx.Err() != nil {
			return 0, 0, ctx.Err()
		}
		loss := 0.0
		for i, v := range p.y {
			for j, x := range p.x.RawRowView(i) {
				if src.Float64() >= rate {
					v -= x * u[j] / (1 - rate)
				}
			}
			loss += v * v
		}
		loss /= float64(len(p.y))
		sum += loss
		square += loss * loss
	}
	m := float64(draws)
	mean = sum / m
	return mean, math.Sqrt(max(square/m-mean*mean, 0) / (m - 1)), nil
}

// Least is the least-squares solution Ĉ⁻¹c; a singular Ĉ is a linalg.NotPositiveDefiniteError.
func (p *Problem) Least() ([]float64, error) { return p.solve("Least", func(*mat.SymDense) {}) }

// Input minimizes InputLoss: (Ĉ + λ·diag(Ĉ))u = c, ridge regression on features divided by their root
// mean squares.
func (p *Problem) Input(rate float64) ([]float64, error) {
	lambda, err := dropout.Lambda(rate)
	if err != nil {
		return nil, fmt.Errorf("linreg.Input: %w", err)
	}
	return p.solve("Input", func(a *mat.SymDense) {
		for j := range len(p.Cross) {
			a.SetSym(j, j, (1+lambda)*a.At(j, j))
		}
	})
}

// Hidden minimizes the expected loss where the units of a linear hidden layer of the width are dropped,
// u = Σ_j w2_j·w1_j, over all factorisations: least squares divided by 1 + λ/width. The book's display is
// width 1.
func (p *Problem) Hidden(rate float64, width int) ([]float64, error) {
	lambda, err := dropout.Lambda(rate)
	if err != nil {
		return nil, fmt.Errorf("linreg.Hidden: %w", err)
	}
	if width < 1 {
		return nil, fmt.Errorf("linreg.Hidden: width %d, want at least 1", width)
	}
	u, err := p.Least()
	if err != nil {
		return nil, err
	}
	floats.Scale(1/(1+lambda/float64(width)), u)
	return u, nil
}

// Ridge minimizes Loss + λ‖u‖², Tikhonov's penalty: (Ĉ + λI)u = c.
func (p *Problem) Ridge(lambda float64) ([]float64, error) {
	if !(lambda >= 0) || math.IsInf(lambda, 0) {
		return nil, fmt.Errorf("linreg.Ridge: strength λ = %v, want a finite number of at least 0", lambda)
	}
	return p.solve("Ridge", func(a *mat.SymDense) {
		for j := range len(p.Cross) {
			a.SetSym(j, j, a.At(j, j)+lambda)
		}
	})
}

// solve returns (Ĉ, changed)⁻¹c.
func (p *Problem) solve(name string, change func(*mat.SymDense)) ([]float64, error) {
	a := mat.NewSymDense(len(p.Cross), nil)
	a.CopySym(p.Moment)
	change(a)
	f, err := linalg.Cholesky(a)
	if err != nil {
		return nil, fmt.Errorf("linreg.%s: %w", name, err)
	}
	u, err := f.SolveVec(p.Cross)
	if err != nil {
		return nil, fmt.Errorf("linreg.%s: %w", name, err)
	}
	return u, nil
}

func (p *Problem) check(name string, u []float64, rate float64) (lambda float64, err error) {
	if len(u) != len(p.Cross) {
		return 0, fmt.Errorf("linreg.%s: %d coefficients, want %d", name, len(u), len(p.Cross))
	}
	lambda, err = dropout.Lambda(rate)
	if err != nil {
		return 0, fmt.Errorf("linreg.%s: %w", name, err)
	}
	return lambda, nil
}

// Fixture is the regression of the golden values: 8 examples of 3 correlated features.
func Fixture() *Problem {
	x, y := mat.NewDense(8, 3, nil), make([]float64, 8)
	for i := range 8 {
		for j := range 3 {
			t := float64(3*i + j)
			x.Set(i, j, math.Sin(1.3*t+.2*math.Pow(t, 1.5)))
		}
		y[i] = math.Cos(.9 * float64(i))
	}
	p, err := New(x, y)
	if err != nil {
		panic(err) // a constant of this package
	}
	return p
}
