package sensing

import (
	"fmt"
	"math"
)

// WaterFill returns the spectrum of the product at the global minimum of
//
//	Σ_i (x_i - s_i)² + (λ/d₁)·(Σ_i s_i)²   over s ≥ 0 with at most d₁ entries above 0,
//
// for the values x_1 ≥ x_2 ≥ ... and the width d₁: the singular values of M* for the population objective
// of sensing, ‖M* - UVᵀ‖_F² + λ·Σ_j‖u_j‖²‖v_j‖², those of the weighted M* for completion, and the
// eigenvalues of M for the tied autoencoder (Theorem 11.3.1, with the denominators d₁ + λj that the book
// garbles). A threshold is taken off the ρ largest values and the rest is set to 0:
//
//	s_i = x_i - τ for i ≤ ρ,   τ = λρκ_ρ/(d₁ + λρ),   κ_j = (x_1 + ... + x_j)/j,
//	ρ = max{j ≤ min(d₁, len(x)) : x_j > λjκ_j/(d₁ + λj)}, or 0.
//
// The j of that set are a prefix, so that one pass finds ρ. Values below 0 are allowed: their entries are
// 0. The spectrum has the length of values, value is the minimum. Errors are values that rise or are not
// finite, a width below 1 and a strength λ that is negative or not finite. Cost O(len(values)).
func WaterFill(values []float64, width int, lambda float64) (spectrum []float64, rho int, tau, value float64, err error) {
	const fn = "sensing.WaterFill"
	if width < 1 {
		return nil, 0, 0, 0, fmt.Errorf("%s: width %d, want at least 1", fn, width)
	}
	if !(lambda >= 0) || math.IsInf(lambda, 1) {
		return nil, 0, 0, 0, fmt.Errorf("%s: strength λ = %g, want a number of at least 0", fn, lambda)
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, 0, 0, 0, fmt.Errorf("%s: value %d is %g, want a number", fn, i, v)
		}
		if i > 0 && v > values[i-1] {
			return nil, 0, 0, 0, fmt.Errorf("%s: value %d is %g after %g, want them in falling order", fn, i, v, values[i-1])
		}
	}
	d := float64(width)
	sum := 0.0
	for j := 1; j <= min(width, len(values)); j++ {
		sum += values[j-1]
		level := lambda * sum / (d + lambda*float64(j)) // λjκ_j/(d₁ + λj)
		if !(values[j-1] > level) {
			break
		}
		rho, tau = j, level
	}
	spectrum = make([]float64, len(values))
	total := 0.0
	for i, v := range values {
		if i < rho {
			spectrum[i] = v - tau
		}
		total += spectrum[i]
		value += (v - spectrum[i]) * (v - spectrum[i])
	}
	value += lambda / d * total * total
	return spectrum, rho, tau, value, nil
}
