package eigenlearning

import (
	"errors"
	"fmt"
	"math"
)

// Theory is what is predicted for the average training set of n points: κ, the learnability of each
// level, and the factor by which the error exceeds the part of the target that is not learned.
type Theory struct {
	N       int
	Ridge   float64   // δ
	Kappa   float64   // κ
	Learn   []float64 // 𝓛 of one eigenfunction of each level
	Overfit float64   // n/(n - Σ𝓛²) ≥ 1
}

// Solve predicts ridge regression with kernel eigenvalues λ_i, each as often as its level counts, on n
// random points: κ ≥ 0 is the root of
//
//	Σ_i λ_i/(λ_i+κ) + δ/κ = n,
//
// and 𝓛_i = λ_i/(λ_i+κ). The ridge δ is absolute: predictions are k(x,X)(K+δI)⁻¹y. Without a ridge n
// must be less than the number of positive eigenvalues: from there on the kernel interpolates
// everything and κ = 0. Eigenvalues below 2⁻⁵²·λ_max count as zero. Simon et al. 2021, Eq. 4-6.
func Solve(levels []Level, n int, ridge float64) (*Theory, error) {
	const fn = "eigenlearning.Solve"
	var errs []error
	largest, trace, rank := 0.0, 0.0, 0
	for i, l := range levels {
		if l.Count < 1 || math.IsNaN(l.Lambda) || math.IsInf(l.Lambda, 0) {
			errs = append(errs, fmt.Errorf("%s: level %d has eigenvalue %g, %d times, want a finite value at least once", fn, i, l.Lambda, l.Count))
		}
		largest = max(largest, l.Lambda)
	}
	floor := largest * 0x1p-52 * 16
	for i, l := range levels {
		if l.Lambda < -floor {
			errs = append(errs, fmt.Errorf("%s: level %d has eigenvalue %g, want none below zero", fn, i, l.Lambda))
		}
		if l.Lambda > floor {
			rank += l.Count
			trace += float64(l.Count) * l.Lambda
		}
	}
	if len(errs) == 0 && rank == 0 {
		errs = append(errs, fmt.Errorf("%s: no positive eigenvalue", fn))
	}
	if n < 1 || ridge == 0 && n >= rank {
		errs = append(errs, fmt.Errorf("%s: n = %d, want 1 to %d, one less than the %d positive eigenvalues, or a ridge", fn, n, rank-1, rank))
	}
	if !(ridge >= 0) || math.IsInf(ridge, 0) {
		errs = append(errs, fmt.Errorf("%s: ridge %g, want a number ≥ 0", fn, ridge))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	excess := func(kappa float64) float64 {
		sum := ridge/kappa - float64(n)
		for _, l := range levels {
			if l.Lambda > floor {
				sum += float64(l.Count) * l.Lambda / (l.Lambda + kappa)
			}
		}
		return sum
	}
	// The left side falls in κ and is at most (Σλ+δ)/κ: the root is below (Σλ+δ)/n. Bisection in the
	// logarithm ends at neighbouring floats; 200 halvings are more than the 2100 binades ask for.
	lo, hi := math.Log(math.SmallestNonzeroFloat64), math.Log((trace+ridge)/float64(n))+1e-9
	for range 200 {
		mid := (lo + hi) / 2
		if excess(math.Exp(mid)) > 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	t := &Theory{N: n, Ridge: ridge, Kappa: math.Exp((lo + hi) / 2)}
	squares := 0.0
	for _, l := range levels {
		learn := 0.0
		if l.Lambda > floor {
			learn = l.Lambda / (l.Lambda + t.Kappa)
		}
		t.Learn = append(t.Learn, learn)
		squares += float64(l.Count) * learn * learn
	}
	t.Overfit = float64(n) / (float64(n) - squares)
	return t, nil
}

// MSE predicts the mean squared error over the domain, on noisy labels of variance noise,
//
//	n/(n - Σ𝓛²)·(Σ_i (1-𝓛_i)²c_i² + σ²),
//
// for a target with power[k] = Σc_i² in level k. The error to the target without noise is σ² less.
func (t *Theory) MSE(power []float64, noise float64) float64 {
	sum := noise
	for k, p := range power {
		sum += (1 - t.Learn[k]) * (1 - t.Learn[k]) * p
	}
	return t.Overfit * sum
}

// Sum is Σ𝓛_i over all eigenfunctions: n - δ/κ.
func (t *Theory) Sum(levels []Level) float64 {
	sum := 0.0
	for k, l := range levels {
		sum += float64(l.Count) * t.Learn[k]
	}
	return sum
}
