package conv

import "math"

// The ReLU expectations of a pair of pre-activations with variances a and b and covariance s need the
// angle θ between them and D = √(ab)·sin θ = √(ab - s²):
//
//	2·E[σ'σ'] = κ₀ = 1 - θ/π,   2·E[σσ'] = √(ab)·κ₁ = D/π + s·κ₀.
//
// One square root gives D. The angle comes from the smaller of its sine and its cosine in size, which
// is at most 1/√2: with u = min(D, |s|)/√(ab),
//
//	asin(u)/π = u·A(4u²-1)
//
// where A is a polynomial on [-1, 1]; asin has its nearest singularity at u² = 1, so that the terms
// of A fall by 3 + √8 = 5.8 each.

// terms is the number of terms of A: 16 leave 5e-15 of the angle, some tens of roundings.
const terms = 16

// sine holds the monomial coefficients of A, lowest first.
var sine = arcsine()

// arcsine interpolates asin(√w)/(π√w), w = (1+y)/4, at the Chebyshev nodes of [-1, 1].
func arcsine() [terms]float64 {
	var value [terms]float64
	for i := range value {
		u := math.Sqrt((1 + math.Cos(math.Pi*(float64(i)+.5)/terms)) / 4)
		value[i] = math.Asin(u) / (math.Pi * u)
	}
	// From Chebyshev coefficients to monomials by T_{k+1} = 2y·T_k - T_{k-1}: they stay small, because
	// the coefficients fall faster than the 2^k of T_k grows.
	var out, before, now [terms]float64
	now[0] = 1
	for k := range terms {
		c := 0.0
		for i, v := range value {
			c += v * math.Cos(math.Pi*float64(k)*(float64(i)+.5)/terms)
		}
		c *= 2. / terms
		if k == 0 {
			c /= 2
		}
		for j, t := range now {
			out[j] += c * t
		}
		next := [terms]float64{}
		for j := range terms - 1 {
			next[j+1] = 2 * now[j]
		}
		if k == 0 {
			next[1] = 1
		}
		for j, t := range before {
			next[j] -= t
		}
		before, now = now, next
	}
	return out
}

// base and sign turn asin(u)/π into κ₀, by whether D < |s| (1) and s < 0 (2).
var (
	base = [4]float64{.5, 1, .5, 0}
	sign = [4]float64{1, -1, -1, 1}
)

// rectifyGo is the ReLU layer at one place of one image with several others: s and t hold S and T, and
// with U = T + S become
//
//	K = (D/π + S·κ₀)/q²,   K̇·T + K = (D/π + U·κ₀)/q².
//
// The variances are a there and b in the others; ia and ib are one over their roots, and 0 where a
// variance is 0; scale is 1/q². All slices have the length of s, but t is nil where T is not carried.
//
// Rounding may leave ab - s² below 0: its size is then rounding too, and taken as it is. At s = a = b it
// is 0, so that the angle of equal inputs is exactly 0. Elsewhere the error of κ₀ is about 2⁻⁵²/θ, never
// more than 1e-8: what rounding of s costs near θ = 0.
func rectifyGo(s, t, b, ib []float64, a, ia, scale float64) {
	b, ib = b[:len(s)], ib[:len(s)]
	if t != nil {
		t = t[:len(s)]
	}
	c := &sine
	for k, v := range s {
		sin := math.Sqrt(math.Abs(a*b[k] - v*v))
		cos := math.Abs(v)
		u := min(sin, cos) * (ia * ib[k])
		y := 4*u*u - 1
		y2 := y * y
		y4 := y2 * y2
		poly := ((c[0] + c[1]*y) + (c[2]+c[3]*y)*y2) + ((c[4]+c[5]*y)+(c[6]+c[7]*y)*y2)*y4 +
			(((c[8]+c[9]*y)+(c[10]+c[11]*y)*y2)+((c[12]+c[13]*y)+(c[14]+c[15]*y)*y2)*y4)*(y4*y4)
		// No branch: on which side of π/4 an angle lies cannot be predicted.
		side := math.Float64bits(sin-cos)>>63 | math.Float64bits(v)>>63<<1
		k0 := base[side] + sign[side]*(u*poly)
		flat := sin * (1 / math.Pi)
		s[k] = (flat + v*k0) * scale
		if t != nil {
			t[k] = (flat + (v+t[k])*k0) * scale
		}
	}
}

func addThreeGo(dst, x, y, z []float64) {
	x, y, z = x[:len(dst)], y[:len(dst)], z[:len(dst)]
	for k := range dst {
		dst[k] = y[k] + x[k] + z[k]
	}
}
