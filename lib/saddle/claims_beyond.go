package saddle

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
)

// beyondClaims are the claims beyond the book.
func beyondClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "7.+/law", Kind: claim.Experiment, Title: "The law of escape times, exact and approximate", Ref: "beyond Section 7.3",
			Statement: `The closed form $\bar T$ of 7.L1 is within 0.05 steps of the exact mean $\sum_tP(|u_1|<a_t)$ for $d$ from 1 to $10^6$, growth from 1.05 to 1.5 and any radius that needs ten steps.`,
			Source:    "saddle.Escape.Law, saddle.Escape.Mean",
			Check:     checkClosed(.5),
			Alternatives: []claim.Alternative{
				{Name: "without the ½ for whole steps", Check: checkClosed(0)},
			},
		},
		{
			ID: "7.+/chain", Kind: claim.Experiment, Title: "Gradient descent needs exponential time on a chain of saddles", Ref: "beyond Section 7.2",
			Statement: `On the chain of $d$ saddles of Du et al. (2017), from random starts, each saddle multiplies the steps of gradient descent by $1+\log(1-2\eta L)^{-1}/\log(1+2\eta\gamma)$, while PGD-I leaves every one in the same time.`,
			Source:    "saddle.Chain",
			Check:     checkChain(0),
			Alternatives: []claim.Alternative{
				{Name: "gradient descent with noise", Check: checkChain(.01)},
			},
		},
		{
			ID: "7.+/neon", Kind: claim.Experiment, Title: "Negative curvature by gradients alone", Ref: "beyond Section 7.2",
			Statement: `Differences of gradients and Chebyshev polynomials find a direction of curvature below $-\delta/2$ in $O(\sqrt{\ell/\delta}\log d)$ gradients, the power method in $O((\ell/\delta)\log d)$; the curvature found is certified by $\rho\sigma/2$.`,
			Source:    "saddle.NegativeCurvature",
			Check:     checkNeon(false),
			Alternatives: []claim.Alternative{
				{Name: "the power method called accelerated", Check: checkNeon(true)},
			},
		},
		{
			ID: "7.+/network", Kind: claim.Experiment, Title: "A saddle of a network", Ref: "beyond Section 7.2",
			Statement: `A network of three ReLU neurons that learns three others, started with equal neurons: gradient descent ends on a saddle, with gradient 0, positive loss and curvature $-0.88$, and its neurons stay equal. With noise of size $10^{-6}$ the same run ends in a minimum of loss 0.`,
			Source:    "saddle.RunAudit",
			Check:     checkNetwork(0, 1e-6),
			Alternatives: []claim.Alternative{
				{Name: "noise in both runs", Check: checkNetwork(1e-6, 1e-6)},
				{Name: "noise in neither", Check: checkNetwork(0, 0)},
			},
		},
	}
}

func checkNetwork(quiet, noisy float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		gd, err := RunAudit(ctx, AuditConfig{Seed: env.Seed, Noise: quiet})
		if err != nil {
			return nil, err
		}
		pgd, err := RunAudit(ctx, AuditConfig{Seed: env.Seed, Noise: noisy})
		if err != nil {
			return nil, err
		}
		end := len(gd.Step) - 1
		f := &claim.Finding{}
		f.Add(claim.Equals("gradient descent: ‖∇f‖ at the end", 0, gd.Gradient[end], claim.Because(1e-12, "3000 steps of a geometric rate")),
			claim.Above("its loss", .2, gd.Loss[end], claim.Exact),
			claim.Below("its lowest curvature", -.5, gd.Curvature[end], claim.Exact),
			claim.Equals("distance between its neurons", 0, gd.Symmetric, claim.Exact),
			claim.Equals("with noise: loss at the end", 0, pgd.Loss[end], claim.Because(1e-9, "the noise floor")),
			claim.Above("its lowest curvature", 0, pgd.Curvature[end], claim.Exact),
			claim.Equals("distance between its neurons, √2 for orthonormal ones", math.Sqrt2, pgd.Symmetric, claim.Because(1e-4, "the slowest direction after 3000 steps")))
		for k, c := range pgd.Curvature {
			if c >= 0 {
				f.Note("With noise the lowest curvature turns positive between steps %d and %d.", pgd.Step[max(k-1, 0)], pgd.Step[k])
				break
			}
		}
		fig := figureAudit(gd, pgd)
		f.Figure = &fig
		return f, nil
	}
}

func checkClosed(half float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		worst := 0.0
		for _, d := range []int{1, 2, 10, 1000, 1_000_000} {
			for _, gamma := range []float64{.05, .2, .5} {
				for _, radius := range []float64{1e-3, 1e-6, 1e-9} {
					if err := ctx.Err(); err != nil {
						return nil, err
					}
					e := Escape{Dim: d, Gamma: gamma, Radius: radius}
					mean, err := e.Mean()
					if err != nil {
						return nil, err
					}
					law, err := e.Law()
					if err != nil {
						return nil, err
					}
					worst = max(worst, math.Abs(law-.5+half-mean))
				}
			}
		}
		f := &claim.Finding{}
		f.Add(claim.Below("largest difference in steps, 45 cases", .05, worst, claim.Exact))
		return f, nil
	}
}

// chainRuns are the exits of one method on chains, mean over starts: entry i is the step at which saddle i+1
// was left.
func chainRuns(ctx context.Context, d, runs int, eta, r float64, seed uint64) ([]float64, error) {
	mean := make([]float64, d)
	for k := range uint64(runs) {
		exits, err := Chain{Dim: d}.Exits(ctx, eta, r, 0, seed*uint64(runs)+k)
		if err != nil {
			return nil, err
		}
		if len(exits) < d {
			return nil, fmt.Errorf("saddle: run %d left %d of %d saddles", k, len(exits), d)
		}
		for i, t := range exits {
			mean[i] += float64(t) / float64(runs)
		}
	}
	return mean, nil
}

// chainEta is the step size on chains, and chainNoise the r of PGD-I.
const chainEta, chainNoise = .05, .01

func checkChain(r float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const d, runs = 7, 10
		gd, err := chainRuns(ctx, d, runs, chainEta, r, env.Seed)
		if err != nil {
			return nil, err
		}
		pgd, err := chainRuns(ctx, d, runs, chainEta, chainNoise, env.Seed)
		if err != nil {
			return nil, err
		}
		factor, err := Chain{}.Factor(chainEta)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		f.Add(claim.Equals("gradient descent: steps to leave 7 saddles over those for 6", factor, gd[6]/gd[5], claim.Because(.02*factor, "the constant time that each saddle adds, and starts")),
			claim.Equals("gradient descent: steps to leave 6 saddles over those for 5", factor, gd[5]/gd[4], claim.Because(.04*factor, "the constant time that each saddle adds, and starts")))
		f.Note("Steps to leave saddles 1 to 7: gradient descent %.0f, PGD-I %.0f.", gd, pgd)
		each := (pgd[6] - pgd[1]) / 5
		f.Add(claim.Equals("PGD-I: steps for the last two saddles, over the mean of saddles 3 to 7", 1, (pgd[6]-pgd[4])/2/each, claim.Because(.2, "10 runs of noise")),
			claim.Above("steps of gradient descent over those of PGD-I, 7 saddles", 3, gd[6]/pgd[6], claim.Exact))
		fig, err := FigureChain(ctx, env.Seed)
		f.Figure = &fig
		return f, err
	}
}

func checkNeon(plain bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		const d = 300
		var counts, powers []float64
		deltas := []float64{.1, .01, .001}
		for _, delta := range deltas {
			// One direction down, half of the others flat, the rest spread over [0, 1].
			r := rng.Stream(env.Seed, "saddle/neon-spectrum")
			c := make([]float64, d)
			for i := range c {
				if i%2 == 0 {
					c[i] = r.Float64()
				}
			}
			c[0], c[1] = -delta, 1
			o, err := Quadratic(c...)
			if err != nil {
				return nil, err
			}
			x := rng.Normals(r, d)
			mean := func(plain bool) (float64, error) {
				total := 0.0
				for k := range uint64(5) {
					s, err := NegativeCurvature(ctx, o, x, Search{Delta: delta, Plain: plain, Seed: 5*env.Seed + k})
					if err != nil {
						return 0, err
					}
					if !s.Found {
						return 0, fmt.Errorf("saddle: nothing found for δ = %g", delta)
					}
					total += float64(s.Gradients) / 5
				}
				return total, nil
			}
			a, err := mean(plain)
			if err != nil {
				return nil, err
			}
			b, err := mean(true)
			if err != nil {
				return nil, err
			}
			counts, powers = append(counts, a), append(powers, b)
		}
		f.Note("Gradients for δ = 0.1, 0.01, 0.001, means of 5 starts: accelerated %.0f, power method %.0f.", counts, powers)
		for i := range 2 {
			f.Add(claim.Below(fmt.Sprintf("gradients for δ = %g over those for δ = %g, accelerated; a root would be 3.2", deltas[i+1], deltas[i]), 5, counts[i+1]/counts[i], claim.Exact))
		}
		f.Add(claim.Above("power method over accelerated, δ = 0.001", 4, powers[2]/counts[2], claim.Exact))
		o, err := Cosine(d, .5)
		if err != nil {
			return nil, err
		}
		s, err := NegativeCurvature(ctx, o, make([]float64, d), Search{Delta: .25, Seed: env.Seed, Plain: plain})
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("found at the saddle of the cosine, d = 300", 1, indicator(s.Found), claim.Exact),
			claim.Equals("its curvature by differences against the Hessian", o.Curvature(make([]float64, d), s.Direction), s.Curvature, claim.Because(s.Error, "ρσ/2")))
		min := make([]float64, d)
		min[0] = math.Pi
		if s, err = NegativeCurvature(ctx, o, min, Search{Delta: .25, Seed: env.Seed, Plain: plain, Steps: 200}); err != nil {
			return nil, err
		}
		f.Add(claim.Equals("found at the minimum", 0, indicator(s.Found), claim.Exact))
		// On the cosine's saddle, gradients until f has dropped: with the direction found, and with PGD-II.
		res, err := PGD2(ctx, o, make([]float64, d), Kick{}, Options{Epsilon: .05, Stop: true, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		s, err = NegativeCurvature(ctx, o, make([]float64, d), Search{Delta: .25, Seed: env.Seed, Plain: plain})
		if err != nil {
			return nil, err
		}
		x := append([]float64(nil), s.Direction...)
		floats.Scale(.25, x)
		after, err := GD(ctx, o, x, Options{Epsilon: .05, Stop: true})
		if err != nil {
			return nil, err
		}
		f.Note("To an ε-SOSP of the cosine, d = 300, ε = 0.05: PGD-II with %d gradients, a search and descent with %d + %d.", res.Steps(), s.Gradients, after.Steps())
		return f, nil
	}
}
