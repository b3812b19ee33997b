package dropout

import (
	"context"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
)

// Noise is the law of the independent factors that multiply units. Every law has mean 1 and variance
// λ = p/(1-p), so that all have one penalty under squared loss; their higher moments differ.
type Noise string

// The laws.
const (
	Bernoulli Noise = "bernoulli" // 0 with probability p, else 1/(1-p)
	Gaussian  Noise = "gaussian"  // N(1, λ)
)

// Validate returns an error that lists the laws if n is none of them.
func (n Noise) Validate() error {
	if n != Bernoulli && n != Gaussian {
		return fmt.Errorf("dropout.Noise: %q, want %q or %q", string(n), Bernoulli, Gaussian)
	}
	return nil
}

// Draw returns count independent factors of rate p. At p = 0 all are 1.
func (n Noise) Draw(r *rand.Rand, p float64, count int) ([]float64, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	lambda, err := Lambda(p)
	if err != nil {
		return nil, err
	}
	out := make([]float64, count)
	n.fill(r, p, lambda, out)
	return out, nil
}

// fill draws into dst.
func (n Noise) fill(r *rand.Rand, p, lambda float64, dst []float64) {
	if n == Gaussian {
		sd := math.Sqrt(lambda)
		for i := range dst {
			dst[i] = 1 + sd*r.NormFloat64()
		}
		return
	}
	keep := 1 / (1 - p)
	for i := range dst {
		dst[i] = 0
		if r.Float64() >= p {
			dst[i] = keep
		}
	}
}

// MostUnits is the largest number of units of which Enumerate takes all masks: 2²⁰ of them.
const MostUnits = 20

// Enumerate returns all Bernoulli masks of rate p on the given number of units with their
// probabilities, which sum to 1. Masks of probability 0 are left out: at p = 0 there is one mask. The
// slice is reused from mask to mask. More than MostUnits units are an error.
func Enumerate(p float64, units int) (iter.Seq2[[]float64, float64], error) {
	if units < 1 || units > MostUnits {
		return nil, fmt.Errorf("dropout.Enumerate: %d units, want 1 to %d: there are 2^units masks", units, MostUnits)
	}
	if _, err := Lambda(p); err != nil {
		return nil, err
	}
	keep := 1 / (1 - p)
	return func(yield func([]float64, float64) bool) {
		mask := make([]float64, units)
		for code := range 1 << units {
			if p == 0 && code > 0 {
				return
			}
			probability := 1.0
			for j := range mask {
				if code>>j&1 == 1 {
					mask[j], probability = 0, probability*p
				} else {
					mask[j], probability = keep, probability*(1-p)
				}
			}
			if !yield(mask, probability) {
				return
			}
		}
	}, nil
}

// Expect returns E f(mask) over all Bernoulli masks, by enumeration: 2^units calls of f, exact but for
// rounding. f must not keep the mask.
func Expect(ctx context.Context, p float64, units int, f func(mask []float64) float64) (float64, error) {
	masks, err := Enumerate(p, units)
	if err != nil {
		return 0, err
	}
	sum, lost, k := 0.0, 0.0, 0
	for mask, probability := range masks {
		if k++; k%64 == 0 && ctx.Err() != nil {
			break
		}
		// Kahan's sum: a million terms lose nothing.
		term := probability*f(mask) - lost
		next := sum + term
		lost, sum = (next-sum)-term, next
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return sum, nil
}

// Estimate returns the mean of f over independent masks of rate p and its standard error sd/√draws. At
// least two draws are wanted.
func Estimate(ctx context.Context, r *rand.Rand, noise Noise, p float64, units, draws int, f func(mask []float64) float64) (mean, se float64, err error) {
	if err := noise.Validate(); err != nil {
		return 0, 0, err
	}
	lambda, err := Lambda(p)
	if err != nil {
		return 0, 0, err
	}
	if units < 1 || draws < 2 {
		return 0, 0, fmt.Errorf("dropout.Estimate: %d units and %d draws, want at least one unit and two draws", units, draws)
	}
	mask := make([]float64, units)
	square := 0.0 // Welford's sum of squares about the mean
	for k := range draws {
		if k%64 == 0 {
			if err := ctx.Err(); err != nil {
				return 0, 0, err
			}
		}
		noise.fill(r, p, lambda, mask)
		v := f(mask)
		d := v - mean
		mean += d / float64(k+1)
		square += d * (v - mean)
	}
	n := float64(draws)
	return mean, math.Sqrt(square / (n - 1) / n), nil
}
