package completion

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Assumption is one hypothesis of Theorem 11.1.2 as it stands for some data: it passes if Got is on the
// right side of Want.
type Assumption struct {
	Name      string
	Got, Want float64
	AtMost    bool // Got ≤ Want is asked for, not ≥
	Pass      bool
}

func assume(name string, got, want float64, atMost bool) Assumption {
	pass := got >= want
	if atMost {
		pass = got <= want
	}
	return Assumption{name, got, want, atMost, pass}
}

// Bound is the right side of Theorem 11.1.2 term by term, with both unnamed constants set to 1.
type Bound struct {
	Loss        float64 // L̂
	Complexity  float64 // (1+γ)·√(α·d2·log d2/n)
	Confidence  float64 // (1+γ²)·√(log(2/δ)/(2n))
	Alpha       float64 // α = d1·R̂
	Gamma       float64 // γ, the largest squared norm of a row
	Assumptions []Assumption
}

// Total is the sum of the three terms.
func (b *Bound) Total() float64 { return b.Loss + b.Complexity + b.Confidence }

// Implied is the constant C = C' for which the bound would equal a risk; negative where the risk is
// below the training error.
func (b *Bound) Implied(risk float64) float64 { return (risk - b.Loss) / (b.Complexity + b.Confidence) }

// Generalization evaluates Theorem 11.1.2 for factors fitted to the cells of the problem, at confidence
// 1-2δ, and every assumption that it makes. star is M*, or nil where it is not known: the labels then
// stand for its entries. The book asks for ‖M*‖ ≤ 1 without saying in which norm; the argument needs
// bounded labels, the largest entry, and the spectral norm is reported beside it. The condition on n is
// taken with constant 1.
func Generalization(p *Problem, f Factors, star mat.Matrix, delta float64) (*Bound, error) {
	const fn = "completion.Generalization"
	if !(delta > 0 && delta < 1) {
		return nil, fmt.Errorf("%s: δ = %v, want a number in (0,1)", fn, delta)
	}
	parts, err := p.Evaluate(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	if star != nil {
		if r, c := star.Dims(); r != p.Rows || c != p.Cols {
			return nil, fmt.Errorf("%s: M* is %d×%d, want %d×%d", fn, r, c, p.Rows, p.Cols)
		}
	}
	n := p.total()
	d2, d0, d1 := float64(p.Rows), float64(p.Cols), float64(p.Width)
	b := &Bound{Loss: parts.Loss, Alpha: d1 * parts.Penalty, Gamma: f.MaxRow()}
	b.Complexity = (1 + b.Gamma) * math.Sqrt(b.Alpha*d2*math.Log(d2)/n)
	b.Confidence = (1 + b.Gamma*b.Gamma) * math.Sqrt(math.Log(2/delta)/(2*n))
	b.Assumptions = []Assumption{assume("rows d2 ≥ columns d0", d2, d0, false)}
	if star != nil {
		b.Assumptions = append(b.Assumptions,
			assume("largest |entry| of M* ≤ 1", math.Max(mat.Max(star), -mat.Min(star)), 1, true),
			assume("spectral norm of M* ≤ 1, if that is what is meant", spectral(star), 1, true))
	} else {
		most := 0.0
		for _, c := range p.Cells {
			most = max(most, math.Abs(c.Value))
		}
		b.Assumptions = append(b.Assumptions, assume("largest |label| ≤ 1", most, 1, true))
	}
	b.Assumptions = append(b.Assumptions,
		assume("least p(i)q(k) ≥ log d2/(n√(d2·d0))", least(p.RowProb)*least(p.ColProb), NonDegenerate(p.Rows, p.Cols, n), false),
		assume("n ≥ (d1γ²/α)²·log(2/δ), with constant 1", n, SampleSize(p.Width, b.Gamma, b.Alpha, delta), false))
	return b, nil
}

func spectral(m mat.Matrix) float64 {
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDNone) {
		return math.NaN()
	}
	return svd.Values(nil)[0]
}

func least(p []float64) float64 {
	m := p[0]
	for _, v := range p {
		m = min(m, v)
	}
	return m
}

// NonDegenerate is the least probability of a cell that Theorem 11.1.2 allows at n samples,
// log(rows)/(n·√(rows·cols)).
func NonDegenerate(rows, cols int, n float64) float64 {
	return math.Log(float64(rows)) / (n * math.Sqrt(float64(rows)*float64(cols)))
}

// SampleSize is (d1γ²/α)²·log(2/δ), the order of the number of samples that Theorem 11.1.2 asks for. The
// summands of R̂ lie in [0, γ²], so that by Hoeffding half as many put |R̂ - R| ≤ α/d1 with probability
// 1-δ: that is where it comes from.
func SampleSize(width int, gamma, alpha, delta float64) float64 {
	r := float64(width) * gamma * gamma / alpha
	return r * r * math.Log(2/delta)
}
