package ntk

import "math"

// SeriesHStar is the Taylor series of H* for unit inputs with inner product z (Exercise 3a), cut after
// the given number of terms of the sum:
//
//	H*(z) = z/4 + (1/2π)·Σ_{ℓ>=1} ((2ℓ-3)!!/(2ℓ-2)!!)·z^{2ℓ}/(2ℓ-1),  (-1)!! = 0!! = 1.
//
// On matrices the powers are entrywise. All coefficients are positive, and besides the linear one
// only even powers occur: no other odd function is in the space of the kernel.
func SeriesHStar(z float64, terms int) float64 {
	sum, c, power := 0.0, 1.0, z*z
	for l := 1; l <= terms; l++ {
		sum += c * power / float64(2*l-1)
		c *= float64(2*l-1) / float64(2*l)
		power *= z * z
	}
	return z/4 + sum/(2*math.Pi)
}

// SeriesArccos is the series arccos z = π/2 - Σ_{ℓ>=1} ((2ℓ-3)!!/(2ℓ-2)!!)·z^{2ℓ-1}/(2ℓ-1) that Exercise 3
// starts from, cut after the given number of terms; the book's print of it is garbled.
func SeriesArccos(z float64, terms int) float64 {
	sum, c, power := 0.0, 1.0, z
	for l := 1; l <= terms; l++ {
		sum += c * power / float64(2*l-1)
		c *= float64(2*l-1) / float64(2*l)
		power *= z * z
	}
	return math.Pi/2 - sum
}
