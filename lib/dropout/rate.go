package dropout

import "fmt"

// Lambda returns λ = p/(1-p), the strength of the penalty that dropping with probability p puts on a
// squared loss, and the variance of a mask entry (0 with probability p, else 1/(1-p)). p is the
// probability that a unit is dropped. p = 0 gives 0, no dropout at all. A p outside [0,1) or NaN is an
// error and never clamped: at p = 1 nothing is left to rescale. Section 11.1, Eq. (11.4).
func Lambda(p float64) (float64, error) {
	if !(p >= 0 && p < 1) {
		return 0, fmt.Errorf("dropout.Lambda: rate %v, want a probability of dropping in [0,1)", p)
	}
	return p / (1 - p), nil
}

// Rate returns the probability of dropping whose strength is λ, p = λ/(1+λ): the inverse of Lambda.
// A negative, infinite or NaN λ is an error.
func Rate(lambda float64) (float64, error) {
	if !(lambda >= 0 && lambda <= maxLambda) {
		return 0, fmt.Errorf("dropout.Rate: strength λ = %v, want a finite number of at least 0", lambda)
	}
	return lambda / (1 + lambda), nil
}

// maxLambda is the strength of the largest float64 rate below 1, 1-2⁻⁵³: a larger one has no rate.
const maxLambda = 1<<53 - 1
