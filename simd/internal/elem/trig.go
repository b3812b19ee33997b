package elem

import "math"

// π in three parts; the first two have 32 bits, so that their products with small integers are exact.
const (
	pi1 = 0x1.921fb544p+1
	pi2 = 0x1.0b4611a6p-33
	pi3 = 0x1.3198a2e037073p-68
)

// sin is package math's but near multiples of π other than 0, where that one is 7 ulps off at π and
// more later: there it is ±(x - n·π), as far as n is less than a million.
func sin(x float64) float64 {
	y := math.Sin(x)
	if math.Abs(y) > 1./64 {
		return y
	}
	if n := math.RoundToEven(x / math.Pi); n != 0 && math.Abs(n) < 1<<20 {
		return alternate(math.Sin(lessPi(x, n)), n)
	}
	return y
}

// cos is package math's but near its zeros, as sin is.
func cos(x float64) float64 {
	y := math.Cos(x)
	if math.Abs(y) > 1./64 {
		return y
	}
	if n := math.Floor(x/math.Pi) + 0.5; math.Abs(n) < 1<<20 {
		return -alternate(math.Sin(lessPi(x, n)), n-0.5) // cos(π/2 + r) = -sin r
	}
	return y
}

// lessPi is x - n·π for n a multiple of one half.
func lessPi(x, n float64) float64 {
	return ((x - float64(n*pi1)) - float64(n*pi2)) - float64(n*pi3)
}

// alternate changes the sign of y for odd n.
func alternate(y, n float64) float64 {
	if math.Mod(n, 2) != 0 {
		return -y
	}
	return y
}
