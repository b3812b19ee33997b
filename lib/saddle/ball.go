package saddle

import (
	"math"
	"math/rand/v2"
)

// UniformBall fills dst with a uniform draw from the ball of the given radius: radius·U^{1/d}·z/‖z‖ with
// Gaussian z and uniform U. A Gaussian of variance radius²/d has the same mean square to first order and is
// not it: it leaves the ball half of the time.
func UniformBall(r *rand.Rand, dst []float64, radius float64) {
	norm := 0.0
	for norm == 0 {
		for i := range dst {
			dst[i] = r.NormFloat64()
			norm += dst[i] * dst[i]
		}
	}
	s := radius * math.Pow(r.Float64(), 1/float64(len(dst))) / math.Sqrt(norm)
	for i := range dst {
		dst[i] *= s
	}
}
