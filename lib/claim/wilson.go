package claim

import "math"

// Wilson returns the 95% score interval of a proportion, k of n (Wilson 1927); all of [0, 1] for n = 0.
func Wilson(k, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	return WilsonShare(float64(k)/float64(n), float64(n))
}

// WilsonShare is [Wilson] for a share p of n > 0 independent trials, of which there need not be a whole
// number: an effective one, where trials depend on each other.
func WilsonShare(p, n float64) (low, high float64) {
	const z = 1.959963984540054
	centre := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return max(0, centre-half), min(1, centre+half)
}
