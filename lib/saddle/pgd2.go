package saddle

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Kick says how PGD2 perturbs.
type Kick struct {
	Radius float64 // r; 0 means ε/10
	Wait   int     // 𝒯, steps without another perturbation; 0 means Patience
	Fail   float64 // δ in Patience; 0 means 0.01
	Gap    float64 // Δ ≥ f(x₀) - f* in Patience; 0 means that of the objective, which must then know f*
}

// Patience is 𝒯 = ⌈(ℓ/√(ρε))·log(dℓΔ/(ρεδ))⌉, the Θ̃(ℓ/√(ρε)) of Theorem 7.2.1 with a logarithm that is
// practical, at least 1. The error is for an argument that is not positive.
func Patience(d int, ell, rho, epsilon, gap, fail float64) (int, error) {
	if d < 1 || !(ell > 0 && rho > 0 && epsilon > 0 && gap > 0 && fail > 0) {
		return 0, fmt.Errorf("saddle.Patience: d = %d, ℓ = %g, ρ = %g, ε = %g, Δ = %g, δ = %g, want positive numbers", d, ell, rho, epsilon, gap, fail)
	}
	t := ell / math.Sqrt(rho*epsilon) * math.Log(float64(d)*ell*gap/(rho*epsilon*fail))
	return int(math.Ceil(max(t, 1))), nil
}

// PGD2 is perturbed gradient descent with noise where it is slow (section 7.2): if ‖∇f(x)‖ ≤ ε and no
// perturbation was made in the last 𝒯 steps, x ← x - ηξ with ξ uniform in the ball of radius r; then, in
// the same iteration, x ← x - η∇f(x). It needs opt.Epsilon.
func PGD2(ctx context.Context, o *landscape.Objective, x0 []float64, k Kick, opt Options) (*Result, error) {
	const fn = "saddle.PGD2"
	if err := o.At(fn, x0); err != nil {
		return nil, err
	}
	if !(opt.Epsilon > 0) {
		return nil, fmt.Errorf("%s: ε = %g, want a positive number", fn, opt.Epsilon)
	}
	if k.Radius == 0 {
		k.Radius = opt.Epsilon / 10
	}
	if !(k.Radius > 0) || math.IsInf(k.Radius, 0) || k.Wait < 0 {
		return nil, fmt.Errorf("%s: radius %g, 𝒯 = %d, want both positive", fn, k.Radius, k.Wait)
	}
	if k.Wait == 0 {
		if k.Fail == 0 {
			k.Fail = .01
		}
		if k.Gap == 0 {
			k.Gap = o.Value(x0) - o.Min
		}
		wait, err := Patience(o.Dim, o.Lipschitz, o.HessLipschitz, opt.Epsilon, k.Gap, k.Fail)
		if err != nil {
			return nil, fmt.Errorf("%s: %w; or name 𝒯", fn, err)
		}
		k.Wait = wait
	}
	eta := opt.Eta
	if eta == 0 {
		eta = 1 / o.Lipschitz
	}
	stream := rng.Stream(opt.Seed, "saddle/pgd2")
	xi := make([]float64, o.Dim)
	var from []float64 // where the last perturbation was made, until its outcome is known
	settle := func(t int, x []float64, f float64, res *Result) {
		p := &res.Perturbations[len(res.Perturbations)-1]
		p.After, p.Moved = f, floats.Distance(x, from, 2)
		from = nil
	}
	res, err := descent(ctx, fn, o, x0, opt, func(t int, x []float64, slope float64, res *Result) bool {
		n := len(res.Perturbations)
		if from != nil && t-res.Perturbations[n-1].Step >= k.Wait {
			settle(t, x, res.Values[t], res)
		}
		if slope > opt.Epsilon || n > 0 && t-res.Perturbations[n-1].Step <= k.Wait {
			return false
		}
		res.Perturbations = append(res.Perturbations, Perturbation{Step: t, Before: res.Values[t]})
		from = slices.Clone(x)
		UniformBall(stream, xi, k.Radius)
		floats.AddScaled(x, -eta, xi)
		return true
	}, nil)
	if err != nil {
		return nil, err
	}
	if from != nil {
		settle(res.Steps(), res.Last, res.Values[res.Steps()], res)
	}
	return res, nil
}
