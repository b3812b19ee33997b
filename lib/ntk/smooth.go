package ntk

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/integrate/quad"
)

const (
	quadratureNodes = 80  // nodes a dimension of the product rule of Smooth.Moments
	hermiteNodes    = 160 // nodes that project onto Hermite polynomials
	hermiteTerms    = 100 // terms of Mehler's series
)

// smooth integrates a smooth σ numerically.
type smooth struct {
	name         string
	value, slope func(float64) float64
}

// Smooth returns the activation with the given value and slope, whose Gaussian averages are
// computed numerically. Moments is an 80×80 Gauss-Hermite rule; kernels of whole data sets use
// Mehler's series
//
//	E[σ(u)σ(v)] = Σ_k α_k(a)·α_k(b)·ρ^k,  α_k(a) = E[σ(√a·z)·h_k(z)],
//
// with h_k the orthonormal Hermite polynomials, which costs 100 products a pair in place of 6400
// evaluations. Both are exact to about 1e-12 for a σ that is entire (erf, sin, polynomials) at unit
// variances; tanh, with poles at ±iπ/2, is good to 2e-9 by the product rule and, since the
// coefficients enter squared, to 1e-12 by the series. A σ with a kink, such as ReLU, converges like
// a power of the number of terms only: give it closed forms instead.
func Smooth(name string, value, slope func(float64) float64) Activation {
	return &smooth{name, value, slope}
}

func (s *smooth) Name() string            { return s.name }
func (s *smooth) Value(z float64) float64 { return s.value(z) }
func (s *smooth) Slope(z float64) float64 { return s.slope(z) }

// Moments integrates over u = √a·z₁, v = √b·(ρz₁ + √(1-ρ²)z₂) with 80 nodes each.
func (s *smooth) Moments(a, b, c float64) (value, slope float64) {
	g := gaussRule()
	rho := cosine(a, b, c)
	sa, sb := math.Sqrt(a), math.Sqrt(b)
	rest := math.Sqrt((1 - rho) * (1 + rho))
	for i, z1 := range g.x {
		var v, d float64
		for j, z2 := range g.x {
			t := sb * (rho*z1 + rest*z2)
			v += g.w[j] * s.value(t)
			d += g.w[j] * s.slope(t)
		}
		value += g.w[i] * s.value(sa*z1) * v
		slope += g.w[i] * s.slope(sa*z1) * d
	}
	return value, slope
}

// rule is a quadrature for E[f(z)], z ~ N(0, 1): Σ w_i f(x_i), with Σ w_i = 1.
type rule struct{ x, w []float64 }

var gaussRule = sync.OnceValue(func() rule { return newRule(quadratureNodes) })

// newRule turns the Gauss-Hermite rule for the weight exp(-x²) into one for the normal density.
func newRule(n int) rule {
	r := rule{make([]float64, n), make([]float64, n)}
	quad.Hermite{}.FixedLocations(r.x, r.w, math.Inf(-1), math.Inf(1))
	for i := range r.x {
		r.w[i] /= math.Sqrt(math.Pi)
		r.x[i] *= math.Sqrt2
	}
	return r
}

// hermiteTable holds w_i·h_k(x_i) of the projection rule, row k for polynomial k.
type hermiteTable struct {
	rule
	wh [][]float64
}

var hermite = sync.OnceValue(func() hermiteTable {
	t := hermiteTable{rule: newRule(hermiteNodes), wh: make([][]float64, hermiteTerms)}
	for k := range t.wh {
		t.wh[k] = make([]float64, hermiteNodes)
	}
	for i, x := range t.x {
		// Orthonormal recurrence: √(k+1)·h_{k+1} = x·h_k - √k·h_{k-1}.
		before, h := 0.0, 1.0
		for k := range t.wh {
			t.wh[k][i] = t.w[i] * h
			before, h = h, (x*h-math.Sqrt(float64(k))*before)/math.Sqrt(float64(k+1))
		}
	}
	return t
})

// coefficients writes α_k(variance) of f into dst for k = 0, 1, ...
func coefficients(dst []float64, f func(float64) float64, variance float64) {
	t := hermite()
	sd := math.Sqrt(variance)
	values := make([]float64, hermiteNodes)
	for i, x := range t.x {
		values[i] = f(sd * x)
	}
	for k := range dst {
		s := 0.0
		for i, w := range t.wh[k] {
			s += w * values[i]
		}
		dst[k] = s
	}
}

// mehler returns Σ_k p_k·q_k·ρ^k by Horner's rule.
func mehler(p, q []float64, rho float64) float64 {
	s := 0.0
	for k := len(p) - 1; k >= 0; k-- {
		s = s*rho + p[k]*q[k]
	}
	return s
}
