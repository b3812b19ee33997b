package ntk

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/integrate/quad"
)

const (
	quadratureNodes = 80    // nodes a dimension of the product rule of Smooth.Moments
	hermiteTerms    = 1000  // terms of Mehler's series, at most
	hermiteLimit    = 14.0  // range of the projection, in standard deviations
	hermiteStep     = .05   // step of its trapezoid rule
	hermiteLoss     = 1e-5  // share of E[σ²] or E[σ'²] that the series may miss
	hermiteRounding = 1e-17 // terms below this share are left out
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
// with h_k the orthonormal Hermite polynomials, which costs tens of products a pair in place of 6400
// evaluations. At unit variances both are exact to about 1e-12 for an entire σ (erf, sin,
// polynomials); tanh, with poles at ±iπ/2, is good to 2e-9 by the product rule and to 1e-12 by the
// series, in which coefficients enter squared.
//
// Inputs of large norm turn a smooth σ into a step, for which a thousand terms are too few: kernels
// then return an error that says how much the series misses (tanh: beyond ‖x‖² of about 28); divide
// the inputs by √d, as with Kernel.InputScale. What the series misses is at most a share of 1e-5 of
// E[σ²], times ρ^1000; diagonals do not depend on it. A σ with a kink, such as ReLU, converges like a power of
// the number of terms only: give it closed forms instead.
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

// The projection is a trapezoid rule, which for analytic integrands that vanish at the ends converges
// exponentially in 1/step, however high the polynomial: Gauss-Hermite rules lose their digits there.
var hermite = sync.OnceValue(func() hermiteTable {
	n := 2*int(hermiteLimit/hermiteStep) + 1
	t := hermiteTable{rule{make([]float64, n), make([]float64, n)}, make([][]float64, hermiteTerms)}
	for k := range t.wh {
		t.wh[k] = make([]float64, n)
	}
	for i := range n {
		x := float64(i-n/2) * hermiteStep
		t.x[i], t.w[i] = x, hermiteStep/math.Sqrt(2*math.Pi)*math.Exp(-x*x/2)
		// Orthonormal recurrence: √(k+1)·h_{k+1} = x·h_k - √k·h_{k-1}.
		before, h := 0.0, 1.0
		for k := range t.wh {
			t.wh[k][i] = t.w[i] * h
			before, h = h, (x*h-math.Sqrt(float64(k))*before)/math.Sqrt(float64(k+1))
		}
	}
	return t
})

// coefficients returns α_k(variance) of f for k = 0, 1, ..., as many as matter, and the mean of f²,
// which is the sum of their squares but for the share that the cut series misses.
func coefficients(f func(float64) float64, variance float64) (alpha []float64, square, missing float64) {
	t := hermite()
	sd := math.Sqrt(variance)
	values := make([]float64, len(t.x))
	for i, x := range t.x {
		values[i] = f(sd * x)
		square += t.w[i] * values[i] * values[i]
	}
	alpha = make([]float64, 0, 64)
	sum := 0.0
	small := 0 // terms in a row that do not matter; odd and even functions have every other one zero
	for k := 0; k < hermiteTerms && small < 4; k++ {
		a := floats.Dot(t.wh[k], values)
		alpha = append(alpha, a)
		sum += a * a
		if small++; a*a > hermiteRounding*square {
			small = 0
		}
	}
	if square > 0 {
		missing = 1 - sum/square
	}
	return alpha, square, missing
}

// mehler returns Σ_k p_k·q_k·ρ^k by Horner's rule.
func mehler(p, q []float64, rho float64) float64 {
	s := 0.0
	for k := min(len(p), len(q)) - 1; k >= 0; k-- {
		s = s*rho + p[k]*q[k]
	}
	return s
}
