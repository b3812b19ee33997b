package sensing

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/dropout"
)

// Problem is a sample of matrix sensing: matrices A⁽ⁱ⁾, all d₂×d₀, and the numbers y_i measured with them.
// Its methods evaluate the objective of (11.2),
//
//	L_drop(U, V) = (1/n)·Σ_i E_B (y_i - ⟨UBVᵀ, A⁽ⁱ⁾⟩)²,
//
// B diagonal with independent entries that are 0 with probability p and 1/(1-p) otherwise, by three
// routes: Objective, Enumerate and Sample.
type Problem struct {
	A []*mat.Dense
	Y []float64
}

// Validate reports what is wrong with the sample: none, a missing number, shapes that differ, an entry
// that is not finite.
func (p *Problem) Validate() error {
	const fn = "sensing.Problem"
	if len(p.A) == 0 {
		return fmt.Errorf("%s: no sensing matrix, want at least one", fn)
	}
	if len(p.A) != len(p.Y) {
		return fmt.Errorf("%s: %d matrices and %d numbers y, want as many", fn, len(p.A), len(p.Y))
	}
	for i, a := range p.A {
		if a == nil || a.IsEmpty() {
			return fmt.Errorf("%s: matrix %d is empty", fn, i)
		}
		r, c := a.Dims()
		if d2, d0 := p.A[0].Dims(); r != d2 || c != d0 {
			return fmt.Errorf("%s: matrix %d is %d×%d, want %d×%d like the first", fn, i, r, c, d2, d0)
		}
		if err := finite(fn, fmt.Sprintf("matrix %d", i), a); err != nil {
			return err
		}
		if math.IsNaN(p.Y[i]) || math.IsInf(p.Y[i], 0) {
			return fmt.Errorf("%s: y[%d] is %g, want a number", fn, i, p.Y[i])
		}
	}
	return nil
}

// responses checks everything and returns q, n×d₁ with q_ij = u_jᵀA⁽ⁱ⁾v_j, what unit j adds to the
// prediction of y_i.
func (p *Problem) responses(fn string, f *Factors) (*mat.Dense, error) {
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	if err := f.check(fn); err != nil {
		return nil, err
	}
	d2, d0 := p.A[0].Dims()
	u, _ := f.U.Dims()
	v, d1 := f.V.Dims()
	if u != d2 || v != d0 {
		return nil, fmt.Errorf("%s: U has %d rows and V has %d, want %d and %d for sensing matrices of that shape", fn, u, v, d2, d0)
	}
	q := mat.NewDense(len(p.A), d1, nil)
	var av mat.Dense
	for i, a := range p.A {
		av.Mul(a, f.V)
		for j := range d1 {
			q.Set(i, j, mat.Dot(f.U.ColView(j), av.ColView(j)))
		}
	}
	return q, nil
}

// Value is the objective in closed form with its two parts.
type Value struct {
	Loss    float64 // L̂ = (1/n)·Σ_i (y_i - ⟨UVᵀ, A⁽ⁱ⁾⟩)²
	Penalty float64 // R̂ = (1/n)·Σ_ij (u_jᵀA⁽ⁱ⁾v_j)², without λ
	Total   float64 // L̂ + λR̂, λ = p/(1-p)
}

// Objective returns L̂ + p/(1-p)·R̂ (Equations 11.3 and 11.4). Cost O(n·d₂d₀d₁). Errors are a rate outside
// [0, 1) and shapes that do not fit.
func (p *Problem) Objective(f *Factors, rate float64) (Value, error) {
	const fn = "sensing.Problem.Objective"
	lambda, err := dropout.Lambda(rate)
	if err != nil {
		return Value{}, fmt.Errorf("%s: %w", fn, err)
	}
	q, err := p.responses(fn, f)
	if err != nil {
		return Value{}, err
	}
	var v Value
	n := float64(len(p.Y))
	for i, y := range p.Y {
		sum := 0.0
		for _, x := range q.RawRowView(i) {
			sum += x
			v.Penalty += x * x / n
		}
		v.Loss += (sum - y) * (sum - y) / n
	}
	v.Total = v.Loss + lambda*v.Penalty
	return v, nil
}

// Enumeration is the expectation over all masks with its parts.
type Enumeration struct {
	Total    float64  // (1/n)·Σ_i E_B (y_i - ⟨UBVᵀ, A⁽ⁱ⁾⟩)²
	Bias     float64  // (1/n)·Σ_i (E_B[y_i - ⟨UBVᵀ, A⁽ⁱ⁾⟩])², the first term of Equation 11.5
	Variance float64  // (1/n)·Σ_i Var_B(y_i - ⟨UBVᵀ, A⁽ⁱ⁾⟩), the second
	Gradient *Factors // mean over the masks of the gradient of the loss under one mask
}

// Enumerate returns the objective as it is defined (11.2): the loss under each of the 2^d₁ masks, weighted
// by the probability of the mask. It knows nothing of R̂. Cost O(2^d₁·n·d₁); a width above
// dropout.MostUnits is refused.
func (p *Problem) Enumerate(ctx context.Context, f *Factors, rate float64) (*Enumeration, error) {
	const fn = "sensing.Problem.Enumerate"
	if err := f.check(fn); err != nil {
		return nil, err
	}
	d1 := f.Width()
	masks, err := dropout.Enumerate(rate, d1)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	q, err := p.responses(fn, f)
	if err != nil {
		return nil, err
	}
	n := len(p.Y)
	e := &Enumeration{}
	first, second := make([]float64, n), make([]float64, n) // moments of the residual
	c := mat.NewDense(n, d1, nil)                           // mean of ∂loss/∂q_ij
	done := 0
	for mask, chance := range masks {
		if done++; done&0xfff == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("%s: %w", fn, ctx.Err())
		}
		for i, y := range p.Y {
			res := floats.Dot(mask, q.RawRowView(i)) - y
			first[i] += chance * res
			second[i] += chance * res * res
			floats.AddScaled(c.RawRowView(i), chance*2*res/float64(n), mask)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	for i := range n {
		e.Total += second[i] / float64(n)
		e.Bias += first[i] * first[i] / float64(n)
	}
	e.Variance = e.Total - e.Bias
	e.Gradient = p.pull(c, f)
	return e, nil
}

// pull turns derivatives by q_ij into derivatives by U and V: ∂u_j = Σ_i c_ij A⁽ⁱ⁾v_j and
// ∂v_j = Σ_i c_ij A⁽ⁱ⁾ᵀu_j.
func (p *Problem) pull(c *mat.Dense, f *Factors) *Factors {
	d2, d1 := f.U.Dims()
	d0, _ := f.V.Dims()
	g := &Factors{mat.NewDense(d2, d1, nil), mat.NewDense(d0, d1, nil)}
	var av, au mat.Dense
	for i, a := range p.A {
		av.Mul(a, f.V)
		au.Mul(a.T(), f.U)
		for j := range d1 {
			x := c.At(i, j)
			for k := range d2 {
				g.U.Set(k, j, g.U.At(k, j)+x*av.At(k, j))
			}
			for k := range d0 {
				g.V.Set(k, j, g.V.At(k, j)+x*au.At(k, j))
			}
		}
	}
	return g
}

// Gradient returns the gradient of L̂ + λR̂: with q_ij = u_jᵀA⁽ⁱ⁾v_j and c_ij = (2/n)(Σ_k q_ik - y_i + λq_ij),
//
//	∂u_j = Σ_i c_ij A⁽ⁱ⁾v_j,   ∂v_j = Σ_i c_ij A⁽ⁱ⁾ᵀu_j.
func (p *Problem) Gradient(f *Factors, rate float64) (*Factors, error) {
	const fn = "sensing.Problem.Gradient"
	lambda, err := dropout.Lambda(rate)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	q, err := p.responses(fn, f)
	if err != nil {
		return nil, err
	}
	for i, y := range p.Y {
		row := q.RawRowView(i)
		res := -y
		for _, x := range row {
			res += x
		}
		for j := range row {
			row[j] = 2 / float64(len(p.Y)) * (res + lambda*row[j])
		}
	}
	return p.pull(q, f), nil
}

// Sample estimates the objective from random masks, one for the whole sample at each draw as in a step of
// training on the full batch: the mean over the draws and its standard error. Cost O(draws·n·d₁).
func (p *Problem) Sample(ctx context.Context, f *Factors, rate float64, draws int, r *rand.Rand) (mean, standardError float64, err error) {
	const fn = "sensing.Problem.Sample"
	q, err := p.responses(fn, f)
	if err != nil {
		return 0, 0, err
	}
	mean, standardError, err = dropout.Estimate(ctx, r, dropout.Bernoulli, rate, f.Width(), draws, func(mask []float64) float64 {
		loss := 0.0
		for i, y := range p.Y {
			res := floats.Dot(mask, q.RawRowView(i)) - y
			loss += res * res
		}
		return loss / float64(len(p.Y))
	})
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w", fn, err)
	}
	return mean, standardError, nil
}

// Gaussian draws n sensing matrices with independent N(0, 1) entries and measures star with them, without
// noise.
func Gaussian(r *rand.Rand, star *mat.Dense, n int) *Problem {
	d2, d0 := star.Dims()
	p := &Problem{A: make([]*mat.Dense, n), Y: make([]float64, n)}
	for i := range n {
		a := mat.NewDense(d2, d0, nil)
		for k := range a.RawMatrix().Data {
			a.RawMatrix().Data[k] = r.NormFloat64()
			p.Y[i] += a.RawMatrix().Data[k] * star.RawMatrix().Data[k]
		}
		p.A[i] = a
	}
	return p
}
