package saddle

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/rng"
)

// PGD1 is perturbed gradient descent with noise in every step (section 7.2): x ← x - η(∇f(x) + ξ) with
// ξ ~ N(0, (r²/d)I), so that E‖ξ‖² = r². The error is for r ≤ 0.
func PGD1(ctx context.Context, o *landscape.Objective, x0 []float64, r float64, opt Options) (*Result, error) {
	const fn = "saddle.PGD1"
	if !(r > 0) || math.IsInf(r, 0) {
		return nil, fmt.Errorf("%s: r = %g, want a positive number", fn, r)
	}
	stream := rng.Stream(opt.Seed, "saddle/pgd1")
	s := r / math.Sqrt(float64(o.Dim))
	return descent(ctx, fn, o, x0, opt, nil, func(g []float64) {
		for i := range g {
			g[i] += s * stream.NormFloat64()
		}
	})
}

// NoiseFloor is the mean of f - f* at which PGD1 settles near a minimum whose Hessian has the given
// eigenvalues μ_i: Σ ½μ_i·η²s²/(1 - (1-ημ_i)²) with s² = r²/d, exact for a quadratic. The error is for an
// ημ_i outside (0, 2), where nothing settles.
func NoiseFloor(eigenvalues []float64, eta, r float64) (float64, error) {
	s2 := r * r / float64(len(eigenvalues))
	sum := 0.0
	for i, mu := range eigenvalues {
		if !(eta*mu > 0 && eta*mu < 2) {
			return 0, fmt.Errorf("saddle.NoiseFloor: η·μ = %g for eigenvalue %d, want between 0 and 2", eta*mu, i)
		}
		keep := 1 - eta*mu
		sum += mu / 2 * eta * eta * s2 / (1 - keep*keep)
	}
	return sum, nil
}
