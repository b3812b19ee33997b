package landscape

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/linalg"
)

// Link is the function σ of a generalized linear model y = σ(w*ᵀx) + ε (6.3), with its derivative and an
// antiderivative τ.
type Link struct {
	Name                       string
	Sigma, Derivative, Primary func(z float64) float64
	Second                     func(z float64) float64 // σ''
}

// Sigmoid is 1/(1+e^{-z}), with τ the softplus log(1 + e^z): the surrogate is the logistic loss.
var Sigmoid = Link{
	Name:       "sigmoid",
	Sigma:      sigmoid,
	Derivative: func(z float64) float64 { s := sigmoid(z); return s * (1 - s) },
	Primary:    func(z float64) float64 { return max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) },
	Second:     func(z float64) float64 { s := sigmoid(z); return s * (1 - s) * (1 - 2*s) },
}

func sigmoid(z float64) float64 {
	if z < 0 {
		e := math.Exp(z)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-z))
}

// Sine is sin z, which is not monotone: no generalized linear model.
var Sine = Link{
	Name: "sine", Sigma: math.Sin, Derivative: math.Cos,
	Primary: func(z float64) float64 { return -math.Cos(z) },
	Second:  func(z float64) float64 { return -math.Sin(z) },
}

// GLM is a generalized linear model over a weighted set of examples: the population of section 6.2.1 if
// the weights are those of a quadrature, a training set if they are equal.
type GLM struct {
	Link    Link
	X       *mat.Dense // an example a row
	Y       []float64  // E[y|x] of each
	Weights []float64  // of sum 1; nil means equal
	Star    []float64  // w*, if y = σ(w*ᵀx); nil if the model is not realizable
}

// NewGLM returns the model of examples X with labels σ(w*ᵀx). weights may be nil. Errors are shapes that
// do not fit, weights that are negative or not of sum 1 (to 1e-9), and a σ found decreasing along the
// examples' pre-activations.
func NewGLM(link Link, x *mat.Dense, star, weights []float64) (*GLM, error) {
	const fn = "landscape.NewGLM"
	n, d := x.Dims()
	if len(star) != d {
		return nil, fmt.Errorf("%s: w* has %d entries, want %d", fn, len(star), d)
	}
	if weights != nil {
		if len(weights) != n {
			return nil, fmt.Errorf("%s: %d weights for %d examples", fn, len(weights), n)
		}
		for i, w := range weights {
			if !(w >= 0) {
				return nil, fmt.Errorf("%s: weight %d is %g, want none negative", fn, i, w)
			}
		}
		if s := floats.Sum(weights); math.Abs(s-1) > 1e-9 {
			return nil, fmt.Errorf("%s: weights of sum %g, want 1", fn, s)
		}
	}
	m := &GLM{Link: link, X: x, Weights: weights, Star: star, Y: make([]float64, n)}
	for i := range n {
		z := floats.Dot(x.RawRowView(i), star)
		if link.Derivative(z) < 0 {
			return nil, fmt.Errorf("%s: %s decreases at %g, want a link that nowhere does", fn, link.Name, z)
		}
		m.Y[i] = link.Sigma(z)
	}
	return m, nil
}

// GaussianLine is the population of one input x ~ N(0, 1), as a trapezoid rule of step h on [-12, 12]. The
// integrands vary on the scale 1/w, so that Gauss-Hermite rules of a hundred nodes are some per cent off
// at w = 10.
func GaussianLine(link Link, star, h float64) (*GLM, error) {
	n := int(math.Round(24/h)) + 1
	x, weights := mat.NewDense(n, 1, nil), make([]float64, n)
	for i := range n {
		at := -12 + 24*float64(i)/float64(n-1)
		x.Set(i, 0, at)
		weights[i] = math.Exp(-at * at / 2)
	}
	floats.Scale(1/floats.Sum(weights), weights)
	return NewGLM(link, x, []float64{star}, weights)
}

func (m *GLM) weight(i int) float64 {
	if m.Weights == nil {
		return 1 / float64(len(m.Y))
	}
	return m.Weights[i]
}

// over builds an objective that is a mean over examples: value, and the first two derivatives with respect
// to the pre-activation z = w·x.
func (m *GLM) over(name string, value, first, second func(z, y float64) float64) *Objective {
	n, d := m.X.Dims()
	each := func(w []float64, f func(row []float64, z, y, weight float64)) {
		for i := range n {
			row := m.X.RawRowView(i)
			f(row, floats.Dot(row, w), m.Y[i], m.weight(i))
		}
	}
	return &Objective{
		Name: name, Dim: d, Lipschitz: math.NaN(), HessLipschitz: math.NaN(), Min: math.NaN(),
		Value: func(w []float64) float64 {
			sum := 0.0
			each(w, func(_ []float64, z, y, weight float64) { sum += weight * value(z, y) })
			return sum
		},
		Gradient: func(dst, w []float64) {
			clear(dst)
			each(w, func(row []float64, z, y, weight float64) { floats.AddScaled(dst, weight*first(z, y), row) })
		},
		HessVec: func(dst, w, v []float64) {
			clear(dst)
			each(w, func(row []float64, z, y, weight float64) {
				floats.AddScaled(dst, weight*second(z, y)*floats.Dot(row, v), row)
			})
		},
	}
}

// Loss is the squared loss ½·E[(y - σ(w·x))²] (6.4) without the noise's ½·E[ε²], which does not depend on w.
// Its gradient is E[(σ(w·x) - y)·σ'(w·x)·x].
func (m *GLM) Loss() *Objective {
	s, d := m.Link.Sigma, m.Link.Derivative
	o := m.over("squared loss of a generalized linear model",
		func(z, y float64) float64 { r := s(z) - y; return r * r / 2 },
		func(z, y float64) float64 { return (s(z) - y) * d(z) },
		func(z, y float64) float64 { return d(z)*d(z) + (s(z)-y)*m.Link.Second(z) })
	if m.Star != nil {
		o.Min = 0
	}
	return o
}

// Surrogate is g(w) = E[τ(w·x) - y·(w·x)] of section 6.2.2, τ' = σ, with gradient E[(σ(w·x) - y)·x] (6.5)
// and the Hessian E[σ'(w·x)·xxᵀ], which is positive semidefinite.
func (m *GLM) Surrogate() *Objective {
	return m.over("convex surrogate of a generalized linear model",
		func(z, y float64) float64 { return m.Link.Primary(z) - y*z },
		func(z, y float64) float64 { return m.Link.Sigma(z) - y },
		func(z, _ float64) float64 { return m.Link.Derivative(z) })
}

// Guarantee holds the constants that a bound on the slope of σ gives: if a ≤ σ' ≤ b wherever w·x and w*·x
// go, the squared loss is weakly quasi-convex with τ = 2a/b and satisfies the restricted secant inequality
// with μ = a²·λ_min(E[xxᵀ]).
//
// By the mean value theorem L - L* = ½E[σ'(ξ)²Δ²] and ⟨∇L, w - w*⟩ = E[σ'(ξ)σ'(w·x)Δ²] with
// Δ = (w - w*)·x; bound σ'(w·x) ≥ a and σ'(ξ) ≤ b in the first ratio, both from below in the second.
type Guarantee struct{ A, B, WQC, RSI float64 }

// Guarantee returns the constants for ‖w‖, ‖w*‖ ≤ radius, from the slopes of σ on [-r, r],
// r = radius·max‖x‖, at 4001 points.
func (m *GLM) Guarantee(radius float64) (*Guarantee, error) {
	const fn = "landscape.Guarantee"
	if !(radius > 0) {
		return nil, fmt.Errorf("%s: radius %g, want a positive number", fn, radius)
	}
	n, d := m.X.Dims()
	second := mat.NewSymDense(d, nil)
	largest := 0.0
	for i := range n {
		row := m.X.RawRowView(i)
		largest = max(largest, floats.Norm(row, 2))
		second.SymRankOne(second, m.weight(i), mat.NewVecDense(d, row))
	}
	values, err := linalg.EigenvaluesSym(second)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	g := &Guarantee{A: math.Inf(1)}
	for i := range 4001 {
		s := m.Link.Derivative(radius * largest * (float64(i)/2000 - 1))
		g.A, g.B = min(g.A, s), max(g.B, s)
	}
	g.WQC, g.RSI = 2*g.A/g.B, g.A*g.A*values[d-1]
	return g, nil
}
