package sensing

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/internal/keep"
	"github.com/lemma-ml/lemma/lib/rng"
)

// runs keeps training runs that several claims and pictures look at.
var runs = keep.OnHost(Run)

// trainingClaims are the claims on where training leads, with and without dropout.
func trainingClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "11.B2", Kind: claim.Remark, Title: "Wide factors have many bad solutions", Ref: "Section 11.1",
			Statement: `For $n<d_2d_0$ and $d_1\ge\min(d_2,d_0)$ the loss (11.1) vanishes on a set without bound: $M_*+tN$ for every $t$ and every $N$ that all $\langle A^{(i)},\cdot\rangle$ miss. Gradient descent from a large start ends at such a point.`,
			Source:    "sensing.Problem, sensing.Run",
			Check:     checkBadSolutions(badTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "more samples than entries", Check: checkBadSolutions(badTheory{samples: 70})},
				{Name: "factors as narrow as the rank of M*", Check: checkBadSolutions(badTheory{width: 2})},
			},
		},
		{
			ID: "11.B3", Kind: claim.Remark, Title: "Small starts prefer low rank", Ref: "Section 11.1",
			Statement: `Without dropout, gradient descent on wide factors from a start of scale $\alpha$ ends, as $\alpha$ falls, at a solution of ever smaller nuclear norm, and at $M_*$ if that is the least (Gunasekar et al. 2017; Li, Ma and Zhang 2018).`,
			Source:    "sensing.Run",
			Check:     checkSmallStarts(.01),
			Alternatives: []claim.Alternative{
				{Name: "a start of scale 1", Check: checkSmallStarts(1)},
				{Name: "a start of scale 0.3", Check: checkSmallStarts(.3)},
			},
		},
		{
			ID: "11.+/waterfill", Kind: claim.Theorem, Title: "The population's minimum: one threshold for all singular values", Ref: "beyond the book",
			Statement: `The global minimum of $\|M_*-UV^\top\|_F^2+\lambda\sum_j\|u_j\|^2\|v_j\|^2$ has the singular values $\sigma_i-\tau$ for $i\le\rho$ and 0 for the others, $\tau=\frac{\lambda\sum_{i\le\rho}\sigma_i}{d_1+\lambda\rho}$, $\rho$ the largest $j\le\min(d_1,d_2,d_0)$ with $\sigma_j>\frac{\lambda\sum_{i\le j}\sigma_i}{d_1+\lambda j}$. Descent from every start that was tried ends there, with equal shares.`,
			Source:    "sensing.WaterFill, sensing.Solve, sensing.Descend",
			Check:     checkWaterFill(WaterFill),
			Alternatives: []claim.Alternative{
				{Name: "the strength λ whatever the width", Check: checkWaterFill(func(s []float64, width int, lambda float64) ([]float64, int, float64, float64, error) {
					return WaterFill(s, width, lambda*float64(width))
				})},
				{Name: "a threshold λ/2, of a nuclear norm that is not squared", Check: checkWaterFill(func(s []float64, width int, lambda float64) ([]float64, int, float64, float64, error) {
					out := make([]float64, len(s))
					value, rho := 0.0, 0
					for i, v := range s {
						if out[i] = max(v-lambda/2, 0); out[i] > 0 {
							rho++
						}
						value += (v-out[i])*(v-out[i]) + lambda*out[i]
					}
					return out, rho, lambda / 2, value, nil
				})},
				{Name: "shrinking by 1/(1 + λ/d₁), of the Frobenius norm", Check: checkWaterFill(func(s []float64, width int, lambda float64) ([]float64, int, float64, float64, error) {
					out := scaled(s, 1/(1+lambda/float64(width)))
					value := lambda / float64(width) * floats.Dot(out, out)
					for i, v := range s {
						value += (v - out[i]) * (v - out[i])
					}
					return out, len(s), 0, value, nil
				})},
			},
		},
		{
			ID: "11.+/sensing", Kind: claim.Experiment, Title: "Few samples, wide factors, dropout", Ref: "beyond the book",
			Statement: `A $12\times12$ matrix of rank 2, 100 Gaussian numbers, $d_1=12$. Dropout at $p=0.05$ divides the risk of plain training from a large start by more than 100. The nuclear norm falls with $p$ and is that of the population's minimum, up to sampling.`,
			Source:    "sensing.Run",
			Check:     checkSensing(sensingTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "plain training in place of p = 0.05", Check: checkSensing(sensingTheory{none: true})},
				{Name: "the strength λ whatever the width", Check: checkSensing(sensingTheory{strength: func(p float64) float64 { return 12 * p / (1 - p) }})},
				{Name: "p is the probability to stay", Check: checkSensing(sensingTheory{strength: func(p float64) float64 { return (1 - p) / p }})},
			},
		},
	}
}

type badTheory struct{ samples, width int }

func checkBadSolutions(h badTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		cfg := small(env.Seed)
		cfg.Cases = []Case{{0, 1}}
		cfg.Samples, cfg.Width = or(h.samples, 32), or(h.width, cfg.Size)
		star, problem := cfg.draw(0)
		size := cfg.Size * cfg.Size
		rows := mat.NewDense(cfg.Samples, size, nil)
		for i, a := range problem.A {
			rows.SetRow(i, a.RawMatrix().Data)
		}
		var svd mat.SVD
		if !svd.Factorize(rows, mat.SVDFullV) {
			return nil, errors.New("sensing: the singular values of the sensing matrices did not converge")
		}
		var v mat.Dense
		svd.VTo(&v)
		fd := &claim.Finding{}
		for _, t := range []float64{1, 30} {
			bad := mat.NewDense(cfg.Size, cfg.Size, nil)
			for k := range size {
				bad.RawMatrix().Data[k] = star.RawMatrix().Data[k] + t*v.At(k, size-1)
			}
			fd.Add(claim.Below(fmt.Sprintf("rank of M* + %gN, for factors of the width", t), float64(cfg.Width), float64(rank(singular(bad))), claim.Exact))
			e, err := Equalize(bad, cfg.Width)
			var infeasible *InfeasibleError
			if errors.As(err, &infeasible) {
				continue
			}
			if err != nil {
				return nil, err
			}
			l, err := problem.Objective(&e.Factors, 0)
			if err != nil {
				return nil, err
			}
			diff := e.Product()
			diff.Sub(diff, star)
			fd.Add(
				claim.Equals(fmt.Sprintf("loss at M* + %gN", t), 0, l.Loss, claim.Because(1e-20*t*t*float64(size), "squares of rounding errors of sums of 64 terms")),
				claim.Equals(fmt.Sprintf("risk at M* + %gN", t), t*t, math.Pow(mat.Norm(diff, 2), 2), claim.Rounding(t*t+float64(cfg.Size), 256)),
			)
		}
		r, err := runs.Get(ctx, nil, cfg)
		if err != nil {
			return nil, err
		}
		end := r.Runs[0]
		fd.Add(
			claim.Below("loss where gradient descent from scale 1 ends", 1e-4, end.Loss, claim.Because(0, "it stops at a gradient of 1e-4")),
			claim.Above("risk there, in units of ‖M*‖²", 1, end.Risk/float64(cfg.Size), claim.Exact),
		)
		return fd, nil
	}
}

// small is an experiment of 8×8 matrices, for claims about single cases.
func small(seed uint64) Config {
	return Config{Size: 8, Samples: 52, Seed: seed}.withDefaults()
}

func checkSmallStarts(scale float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		cfg := small(env.Seed)
		cfg.Draws = 2
		cfg.Cases = []Case{{0, 1}, {0, .3}, {0, .1}, {0, .03}, {0, .01}, {0, .001}, {.05, 1}, {.1, 1}, {.3, 1}, {.5, 1}, {.7, 1}, {.9, 1}}
		r, err := runs.Get(ctx, nil, cfg)
		if err != nil {
			return nil, err
		}
		risk := func(t Trained) float64 { return t.Risk }
		excess := func(t Trained) float64 { return t.Nuclear/t.Star - 1 }
		large, end, smallest := Case{0, 1}, Case{0, scale}, Case{0, .001}
		fd := &claim.Finding{}
		fd.Add(
			claim.Below(fmt.Sprintf("risk from scale %g over that from scale 1", scale), .01, r.Mean(end, risk)/r.Mean(large, risk), claim.Exact),
			claim.Equals(fmt.Sprintf("nuclear norm from scale %g over that of M*", scale), 1, 1+r.Mean(end, excess), claim.Because(.05, "the bias of a start that is not infinitely small, and the stop at a gradient of 1e-4")),
			claim.Above("nuclear norm from scale 1 over that of M*", 2, 1+r.Mean(large, excess), claim.Exact),
			claim.Equals("nuclear norm from scale 0.001 over that of M*", 1, 1+r.Mean(smallest, excess), claim.Because(.01, "as before, smaller")),
		)
		last := math.Inf(1)
		falls := 0.0
		for _, k := range cfg.Cases[:6] {
			if v := r.Mean(k, excess); v < last+1e-4 {
				falls++
				last = v
			}
		}
		fd.Add(claim.Equals("of 6 scales from 1 to 0.001, those with no larger nuclear norm than all before", 6, falls, claim.Exact))
		best := math.Inf(1)
		for _, k := range cfg.Cases[6:] {
			best = min(best, r.Mean(k, risk))
		}
		fd.Note("Dropout is not needed to find M* without noise: from scale 0.001 plain gradient descent has a risk of %.2g, the best rate of dropout from scale 1 one of %.2g. What dropout does is to make the start irrelevant.", r.Mean(smallest, risk), best)
		quasi := 0.0
		for i := range r.Config.Draws {
			star, problem := r.Config.draw(i)
			x := r.Config.start(i, .01)
			e, err := minimize(ctx, newSample(problem, r.Config.Width, 0).objective, x, 1e-6, 2000)
			if err != nil {
				return nil, err
			}
			m := unflatten(e.x, cfg.Size, cfg.Size, cfg.Width).Product()
			m.Sub(m, star)
			quasi += math.Pow(mat.Norm(m, 2), 2) / float64(r.Config.Draws)
		}
		fd.Note("It is the method that is biased: from the same starts of scale 0.01 gradient descent has a mean risk of %.2g, L-BFGS, which also fits the sample, %.2g.", r.Mean(Case{0, .01}, risk), quasi)
		fig := r.Figure()
		fig.ID = "11.B3"
		fd.Figure = &fig
		return fd, nil
	}
}

func checkWaterFill(fill func(values []float64, width int, lambda float64) ([]float64, int, float64, float64, error)) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		star := Fixture(1, 6, 5)
		sigma := singular(star)
		fd := &claim.Finding{}
		for i, want := range []float64{3.15676823, 1.85378886, 1.08032798, .6894227, .03741087} {
			fd.Add(claim.Equals(fmt.Sprintf("σ%d of F(1; 6, 5)", i+1), want, sigma[i], claim.Digits(1e-8)))
		}
		for _, c := range []struct {
			width      int
			lambda     float64
			rho        int
			tau, value float64
		}{{5, 2, 2, 1.1134571317503814, 7.222852292980162}, {5, .5, 4, .4843076975156015, 3.2851548154206798}, {8, 2, 3, .8701264385414639, 5.7765433595140045}, {3, 1, 3, 1.015147511631708, 6.659850048404332}} {
			s, rho, tau, value, err := fill(sigma, c.width, c.lambda)
			if err != nil {
				return nil, err
			}
			name := fmt.Sprintf(", d₁ = %d, λ = %g", c.width, c.lambda)
			ends, err := Descend(ctx, star, c.width, c.lambda, DescentConfig{Seed: env.Seed})
			if err != nil {
				return nil, err
			}
			var gap, off, spread, gradient float64
			for _, e := range ends {
				gap = max(gap, math.Abs(e.Value-value))
				for i := range s {
					off = max(off, math.Abs(e.Spectrum[i]-s[i]))
				}
				spread, gradient = max(spread, e.Spread), max(gradient, e.Gradient)
			}
			fd.Add(
				claim.Equals("rank ρ"+name, float64(c.rho), float64(rho), claim.Exact),
				claim.Equals("threshold τ"+name, c.tau, tau, claim.Because(1e-10*c.tau, "printed to all digits of float64")),
				claim.Equals("least value"+name, c.value, value, claim.Because(1e-10*c.value, "printed to all digits of float64")),
				claim.Equals(fmt.Sprintf("value where descent ends less the least, worst of %d starts", len(ends))+name, 0, gap, claim.Because(1e-8, "descent stops at a gradient of 1e-9 or where values cannot be told apart")),
				claim.Equals("singular values where descent ends, worst difference"+name, 0, off, claim.Because(1e-6, "the root of the rounding of values")),
				claim.Equals("spread of the shares ‖u_j‖‖v_j‖, worst"+name, 0, spread, claim.Because(1e-6, "the root of the rounding of values")),
				claim.Below("largest entry of the gradient at the end"+name, 1e-7, gradient, claim.Exact),
			)
		}
		// Other spectra: no other rank does better, and what qualifies is a prefix.
		r := rng.Stream(env.Seed, "sensing/waterfill")
		better, gaps := 0.0, 0.0
		for k := range 500 {
			if k%50 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			values := make([]float64, 1+r.IntN(8))
			for i := range values {
				values[i] = -math.Log(1 - r.Float64())
			}
			descending(values)
			width, lambda := 1+r.IntN(8), math.Exp(3*r.NormFloat64())
			_, rho, _, value, err := fill(values, width, lambda)
			if err != nil {
				return nil, err
			}
			sum := 0.0
			for j := 1; j <= min(width, len(values)); j++ {
				sum += values[j-1]
				tau := lambda * sum / (float64(width) + lambda*float64(j))
				if (values[j-1] > tau) != (j <= rho) {
					gaps++
				}
				total, other := 0.0, 0.0
				for i, v := range values {
					s := 0.0
					if i < j {
						s = max(v-tau, 0)
					}
					total, other = total+s, other+(v-s)*(v-s)
				}
				better = max(better, (value-other-lambda/float64(width)*total*total)/(1+value))
			}
		}
		fd.Add(
			claim.Below("what another rank gains, most of 500 random spectra", 0, better, claim.Rounding(1, 64)),
			claim.Equals("j that qualify above ρ or fail below, 500 random spectra", 0, gaps, claim.Exact),
		)
		fig, err := FigureWater(sigma, 5, 2)
		if err != nil {
			return nil, err
		}
		fd.Figure = &fig
		return fd, nil
	}
}

type sensingTheory struct {
	none     bool
	strength func(p float64) float64 // nil means p/(1-p)
}

func checkSensing(h sensingTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		cfg := Config{Seed: env.Seed, Draws: 2, Progress: env.Progress}
		r, err := runs.Get(ctx, nil, cfg)
		if err != nil {
			return nil, err
		}
		strength := h.strength
		if strength == nil {
			strength = func(p float64) float64 { return p / (1 - p) }
		}
		risk := func(t Trained) float64 { return t.Risk }
		plain, dropout := Case{0, 1}, Case{.05, 1}
		if h.none {
			dropout = plain
		}
		fd := &claim.Finding{}
		// The table's column: M* with singular values √5 ± 1.
		for _, c := range []struct{ p, risk, unit float64 }{{.05, .00076, 1e-5}, {.1, .0033, 1e-4}, {.3, .044, 1e-3}, {.5, .204, 1e-3}, {.7, .784, 1e-3}, {.9, 3.451, 1e-3}} {
			s := []float64{math.Sqrt(5) + 1, math.Sqrt(5) - 1}
			left, _, _, _, err := WaterFill(s, 12, strength(c.p))
			if err != nil {
				return nil, err
			}
			fd.Add(claim.Equals(fmt.Sprintf("risk of the population's minimum, σ = √5 ± 1, p = %g", c.p), c.risk, math.Pow(floats.Distance(s, left, 2), 2), claim.Digits(c.unit)))
		}
		fd.Add(
			claim.Below("risk at p = 0.05 over that at p = 0, both from scale 1", .01, r.Mean(dropout, risk)/r.Mean(plain, risk), claim.Exact),
			claim.Below("loss at p = 0 from scale 1", 1e-4, r.Mean(plain, func(t Trained) float64 { return t.Loss }), claim.Exact),
		)
		last, falls, below, converged, rates := math.Inf(1), 0.0, 0, 0.0, 0.0
		least := math.Inf(1)
		for _, k := range r.Config.Cases {
			if k.Rate == 0 {
				continue
			}
			rates++
			n := r.Mean(k, func(t Trained) float64 { return t.Nuclear })
			if n < last {
				falls++
			}
			last = n
			predicted := 0.0
			for _, t := range r.Runs {
				if t.Case != k {
					continue
				}
				star, _ := r.Config.draw(t.Draw)
				s, _, _, _, err := WaterFill(singular(star), r.Config.Width, strength(k.Rate))
				if err != nil {
					return nil, err
				}
				predicted += floats.Sum(s) / float64(r.Config.Draws)
				least = min(least, t.Penalty/t.Theta)
				if t.Sampled < t.Theta {
					below++
				}
				if t.Converged {
					converged++
				}
			}
			if k.Rate < .3 {
				continue
			}
			tol := claim.Because(.1, "sampling with n = 100: over 12 other draws the ratio had sd 0.016 at p = 0.3, 0.025 at 0.5")
			if k.Rate > .5 {
				tol = claim.Because(.2, "sampling with n = 100: over 12 other draws the ratio had sd 0.057 at p = 0.9, which is 0.04 for the mean of two")
			}
			fd.Add(claim.Equals(fmt.Sprintf("nuclear norm over the population's, p = %g", k.Rate), 1, n/predicted, tol))
		}
		fd.Add(
			claim.Equals(fmt.Sprintf("of %g rates, those with a smaller nuclear norm than the one before", rates), rates, falls, claim.Exact),
			claim.Above("least R/Θ at the minimizers", 1, least, claim.Rounding(1, 64)),
			claim.Equals("share of runs with dropout that reached the tolerance", 1, converged/(rates*float64(r.Config.Draws)), claim.Exact),
		)
		fd.Note("R̂ is below Θ(UVᵀ) in %d of %g runs with dropout: a minimizer is chosen with the sample, and makes the sampled penalty small beyond the expected one. R ≥ Θ holds always, R̂ ≥ Θ does not.", below, rates*float64(r.Config.Draws))
		fd.Note("Mean risk: %.3g without dropout from scale 1, %.3g with p = 0.05; without dropout %.2g from scale 0.01 and %.2g from 0.001. On data without noise a small enough start does better still; dropout does its work from any start.", r.Mean(plain, risk), r.Mean(Case{.05, 1}, risk), r.Mean(Case{0, .01}, risk), r.Mean(Case{0, .001}, risk))
		fig := r.Figure()
		fd.Figure = &fig
		return fd, nil
	}
}

// descending sorts v, largest first.
func descending(v []float64) {
	for i := range v {
		for j := i; j > 0 && v[j] > v[j-1]; j-- {
			v[j], v[j-1] = v[j-1], v[j]
		}
	}
}
