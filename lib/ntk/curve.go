package ntk

import (
	"math"
	"sync"
)

// curve evaluates a ReLU kernel of unit inputs as a function of ρ, at a cost that does not grow with
// the depth. The kernel has square roots at ρ = ±1, but on either side of 0 it is analytic in
//
//	s = √((1-|ρ|)/2) = sin(θ/2), 0 ≤ s ≤ 1/√2,
//
// because it is in the angle θ. Two Chebyshev series, one a sign of ρ, therefore hold it to rounding
// with about 30 terms each at depth 5. That is one square root a pair, where the recursion takes
// a square root and an arcsine a layer.
type curve struct {
	direct             func(theta float64) float64
	positive, negative []float64 // Chebyshev coefficients on the two sides; nil where direct is used
	atOne              float64   // the kernel at ρ = 1, exact
}

const (
	curveNodes = 128              // Chebyshev nodes a side
	curveTail  = 2e-16            // coefficients below this share of the kernel at ρ = 1 are rounding
	curveLimit = 96               // a series of more terms is no faster than the recursion
	halfRange  = 0.5 / math.Sqrt2 // half the length of the range of s
)

// newCurve fits f, the kernel as a function of the angle.
func newCurve(f func(theta float64) float64) *curve {
	c := &curve{
		direct:   f,
		positive: chebyshev(func(s float64) float64 { return f(2 * math.Asin(s)) }, f(0)),
		negative: chebyshev(func(s float64) float64 { return f(math.Pi - 2*math.Asin(s)) }, f(0)),
		atOne:    f(0),
	}
	if len(c.positive) > curveLimit || len(c.negative) > curveLimit {
		c.positive, c.negative = nil, nil
	}
	return c
}

// cosines[k] is cos(2πk/(4·curveNodes)): all that the transform of chebyshev needs.
var cosines = sync.OnceValue(func() []float64 {
	c := make([]float64, 4*curveNodes)
	for k := range c {
		c[k] = math.Cos(2 * math.Pi * float64(k) / float64(len(c)))
	}
	return c
})

// chebyshev returns the coefficients of f on [0, 1/√2], without the tail that is rounding at the
// given scale.
func chebyshev(f func(s float64) float64, scale float64) []float64 {
	cos := cosines()
	values := make([]float64, curveNodes)
	for i := range values {
		values[i] = f(halfRange * (1 + cos[2*i+1]))
	}
	coef := make([]float64, curveNodes)
	for k := range coef {
		for i, v := range values {
			coef[k] += v * cos[k*(2*i+1)%len(cos)]
		}
		coef[k] *= 2. / curveNodes
	}
	coef[0] /= 2
	n := len(coef)
	for n > 1 && math.Abs(coef[n-1]) <= curveTail*scale {
		n--
	}
	return coef[:n]
}

// apply replaces each s = sin(θ/2) of x by the kernel. At most segment values; those with the sign bit
// set stand for the negative side, ρ = 2s² - 1.
func (c *curve) apply(x []float64) {
	if c.positive == nil {
		for i, s := range x {
			theta := 2 * math.Asin(math.Abs(s))
			if math.Signbit(s) {
				theta = math.Pi - theta
			}
			x[i] = c.direct(theta)
		}
		return
	}
	// The places of either sign are collected first, so that four pairs at a time go through one
	// series, which hides the latency of its recurrence.
	var plus, minus [segment + 3]int
	p, m := 0, 0
	for i, s := range x {
		if math.Signbit(s) {
			minus[m] = i
			m++
		} else {
			plus[p] = i
			p++
		}
	}
	series(c.positive, x, plus[:], p)
	series(c.negative, x, minus[:], m)
}

// series replaces x at the first n places by the sum of the Chebyshev series there. Up to three
// places beyond n are filled up with the last one.
func series(coef, x []float64, places []int, n int) {
	if n == 0 {
		return
	}
	for k := n; k < n+3; k++ {
		places[k] = places[n-1]
	}
	for k := 0; k < n; k += 4 {
		q := places[k : k+4 : k+4]
		r0, r1, r2, r3 := position(x[q[0]]), position(x[q[1]]), position(x[q[2]]), position(x[q[3]])
		t0, t1, t2, t3 := 2*r0, 2*r1, 2*r2, 2*r3
		var a0, a1, a2, a3, b0, b1, b2, b3 float64
		for j := len(coef) - 1; j > 0; j-- { // Clenshaw's recurrence
			c := coef[j]
			a0, b0 = c+(t0*a0-b0), a0
			a1, b1 = c+(t1*a1-b1), a1
			a2, b2 = c+(t2*a2-b2), a2
			a3, b3 = c+(t3*a3-b3), a3
		}
		c := coef[0]
		x[q[0]], x[q[1]], x[q[2]], x[q[3]] = c+(r0*a0-b0), c+(r1*a1-b1), c+(r2*a2-b2), c+(r3*a3-b3)
	}
}

// position maps the range of s to [-1, 1].
func position(s float64) float64 { return math.Abs(s)*(1/halfRange) - 1 }
