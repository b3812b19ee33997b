package saddle

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/rng"
)

// couplingClaims are the claims on Lemma 7.3.3 and its proof.
func couplingClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "7.A3", Kind: claim.Algorithm, Title: "Two coupled runs", Ref: "Section 7.3.2",
			Statement: `Two runs start in the ball of perturbations at $x_0-x_0'=\eta\omega e_1$, $e_1$ the lowest eigenvector at the saddle. While both are near it their distance grows by $1+\eta\gamma$ a step; along any other eigenvector it would shrink.`,
			Source:    "saddle.Couple",
			Check:     checkCoupled(0),
			Alternatives: []claim.Alternative{
				{Name: "runs apart along e₂", Check: checkCoupled(1)},
			},
		},
		{
			ID: "7.L3", Kind: claim.Lemma, Title: "At least one of two coupled runs escapes", Ref: "Lemma 7.3.3",
			Statement: `With $\kappa=\ell/\sqrt{\rho\epsilon}$ and $\omega\ge\omega_0$, within $\mathcal T=2\kappa\log(\epsilon\kappa/\omega_0)$ steps one of the runs is further than $\epsilon\kappa/\ell$ from its start. So the stuck region is at most $\eta\omega_0$ wide along $e_1$.`,
			Source:    "saddle.Couple, saddle.Stuck.Width",
			Check:     checkEscapes(2),
			Alternatives: []claim.Alternative{
				{Name: "a quarter of the time", Check: checkEscapes(.5)},
			},
			Errata: []claim.Erratum{{
				Number: "7.3", Where: "after Lemma 7.3.3",
				Printed: `"the width of $\mathcal X_{stuck}$ in $e_1$ direction is $\eta\omega_0$"`,
				Correct: `it is at most $\eta\omega_0$`,
				Why:     `The lemma says that two points at a distance of $\eta\omega_0$ or more along $e_1$ are not both stuck, which bounds the width. On the quadratic saddle it is $2\sqrt{S^2-\|u_\perp\|^2}/G$, and $2S/G$ on the axis alone.`,
			}},
		},
		{
			ID: "7.I4", Kind: claim.Identity, Title: "The difference of the runs in two parts", Ref: "proof of Lemma 7.3.3",
			Statement: `$\hat x_t=p(t)-q(t)$ with $p(t)=(I-\eta\mathcal H)^t\hat x_0$, $q(t)=\eta\sum_{\tau<t}(I-\eta\mathcal H)^{t-1-\tau}\Delta_\tau\hat x_\tau$ and $\Delta_\tau=\int_0^1[\nabla^2f(x'_\tau+\theta(x_\tau-x'_\tau))-\mathcal H]d\theta$.`,
			Source:    "saddle.Averaged, saddle.Couple",
			Check:     checkParts(-1, 1),
			Alternatives: []claim.Alternative{
				{Name: "p + q", Check: checkParts(1, 1)},
				{Name: "the power t - τ in place of t - 1 - τ", Check: checkParts(-1, 0)},
			},
			Errata: []claim.Erratum{{
				Number: "7.4", Where: "proof of Lemma 7.3.3",
				Printed: `$\Delta_t=\int_0^1[\nabla^2f(x'_t+\theta(x_t-x'_t)-\mathcal H]d\theta$`,
				Correct: `$\Delta_t=\int_0^1[\nabla^2f(x'_t+\theta(x_t-x'_t))-\mathcal H]d\theta$`,
				Why:     `A parenthesis is missing: $\mathcal H$ is taken from the Hessian, not from its argument.`,
			}},
		},
		{
			ID: "7.I5", Kind: claim.Bound, Title: "Growth of the linear part", Ref: "proof of Lemma 7.3.3",
			Statement: `$\|p(t)\|=(1+\eta\gamma)^t\eta\omega\ge(1+\sqrt{\rho\epsilon}/\ell)^t\eta\omega_0$ for $\eta=1/\ell$, where $-\gamma=\lambda_{\min}(\mathcal H)\le-\sqrt{\rho\epsilon}$. On a quadratic $q\equiv0$.`,
			Source:    "saddle.Couple",
			Check:     checkGrowth(.3),
			Alternatives: []claim.Alternative{
				{Name: "ε > γ, for which 0 is an ε-SOSP", Check: checkGrowth(.7)},
			},
		},
		{
			ID: "7.I6", Kind: claim.Bound, Title: "The other part stays below half of it", Ref: "proof of Lemma 7.3.3",
			Statement: `As long as both runs are near the saddle, $\|\Delta_t\|\le\rho\max(\|x_t-\tilde x\|,\|x'_t-\tilde x\|)$ and $\|q(t)\|\le\frac12\|p(t)\|$; on $\frac12\cos x_1+\frac12\sum x_i^2$ as long as $|x_1|\le0.3$.`,
			Source:    "saddle.Couple",
			Check:     checkHalf(.3, 1),
			Alternatives: []claim.Alternative{
				{Name: "as long as |x₁| ≤ 3", Check: checkHalf(3, 1)},
				{Name: "‖Δ‖ at most a twentieth of that", Check: checkHalf(.3, .05)},
			},
			Errata: []claim.Erratum{{
				Number: "7.5", Where: "proof of Lemma 7.3.3, the bound on q(t+1)",
				Printed: `$\eta\sum_{\tau=0}^t\|\Delta_t\|\,\|(I-\eta\mathcal H)^{t-\tau}\|\,\|\hat x_\tau\|\le\tilde O(\eta\sqrt{\rho\epsilon})\sum_{\tau=0}^t(1+\eta\gamma)^t\eta\omega$`,
				Correct: `$\|\Delta_\tau\|$ in the sum, and $(1+\eta\gamma)^{t-\tau}\cdot2(1+\eta\gamma)^\tau\eta\omega=2(1+\eta\gamma)^t\eta\omega$ in each term`,
				Why:     `The sum is over $\tau$; the bound on $\|\Delta_\tau\|$ is the same for all, so that the conclusion stands. The factor 2 from $\|\hat x_\tau\|\le2\|p(\tau)\|$ is in the $\tilde O$.`,
			}},
		},
	}
}

func checkCoupled(other int) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		// M = diag(3, 2, 1, ½) in a random basis; the saddle √2·v₂ has curvature -1 along v₁.
		r := rng.Stream(env.Seed, "saddle/coupled")
		var qr mat.QR
		qr.Factorize(mat.NewDense(4, 4, rng.Normals(r, 16)))
		var q, full mat.Dense
		qr.QTo(&q)
		full.Product(&q, mat.NewDiagDense(4, []float64{3, 2, 1, .5}), q.T())
		m := mat.NewSymDense(4, nil)
		for i := range 4 {
			for j := i; j < 4; j++ {
				m.SetSym(i, j, (full.At(i, j)+full.At(j, i))/2)
			}
		}
		top, err := landscape.NewTopEigenvector(m)
		if err != nil {
			return nil, err
		}
		tilde := top.Eigenvector(2)
		floats.Scale(math.Sqrt2, tilde)
		const eta, omega, size = 1. / 12, .01, 1e-3
		u := make([]float64, 4)
		UniformBall(r, u, eta*size)
		floats.Add(u, tilde)
		p := Pair{Start: u, Omega: omega * size, Eta: eta, Steps: 40, Radius: .1}
		if other > 0 {
			p.Along = top.Eigenvector(other + 1)
		}
		c, err := Couple(ctx, top.Objective(), tilde, p)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		f.Add(claim.Equals("distance at the start over ηω", 1, c.Apart[0]/(eta*omega*size), claim.Because(1e-8, "rounding of coordinates of size 1 at a distance of 1e-6")),
			claim.Equals("curvature at the saddle, λ₂ - λ₁", -1, -c.Gamma, claim.Because(1e-8, "the eigensolver's residual")),
			claim.Equals("growth of the distance per step, 40 steps", 1+eta, math.Pow(c.Apart[40]/c.Apart[0], 1./40), claim.Because(1e-4, "distances up to 2e-3 times the third derivative")))
		return f, nil
	}
}

func checkEscapes(share float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const gamma, omega0 = .5, 1e-4
		f := &claim.Finding{}
		o, err := Cosine(10, gamma)
		if err != nil {
			return nil, err
		}
		r := rng.Stream(env.Seed, "saddle/escapes")
		for _, epsilon := range []float64{.05, .2, .4} {
			kappa := 1 / math.Sqrt(gamma*epsilon)
			limit := share * kappa * math.Log(epsilon*kappa/omega0)
			worst, alone := 0, 0
			for range 200 {
				u := make([]float64, 10)
				UniformBall(r, u, epsilon/10)
				// The worst pair straddles the stuck sheet x₁ = 0.
				u[0] = -omega0 * r.Float64()
				c, err := Couple(ctx, o, make([]float64, 10), Pair{Start: u, Omega: omega0, Steps: 400, Radius: epsilon * kappa})
				if err != nil {
					return nil, err
				}
				if c.Escape < 0 {
					return nil, fmt.Errorf("saddle: no escape within 400 steps")
				}
				worst = max(worst, c.Escape)
				last := len(c.First) - 1
				alone += int(indicator(c.First[last]*c.Second[last] < 0))
			}
			f.Add(claim.Below(fmt.Sprintf("ε = %g: steps until one of the runs is out, worst of 200 pairs", epsilon), limit, float64(worst), claim.Exact),
				claim.Above(fmt.Sprintf("ε = %g: pairs that leave on different sides", epsilon), 150, float64(alone), claim.Exact))
		}
		s, err := Stuck{Dim: 2}.filled("saddle.checkEscapes")
		if err != nil {
			return nil, err
		}
		width, err := s.Width()
		if err != nil {
			return nil, err
		}
		off := .9 // ‖u_⊥‖
		// The width there, by bisection on runs of 𝒯 steps.
		low, high := 0., math.Sqrt(1-off*off)
		for range 40 {
			mid := (low + high) / 2
			x := mid
			for range s.Steps {
				x *= 1 + s.Gamma
			}
			if math.Hypot(off, x-mid) <= s.Reach {
				low = mid
			} else {
				high = mid
			}
		}
		f.Add(claim.Below("width of the stuck region at ‖u_⊥‖ = 0.9, against that on the axis", width, 2*low, claim.Exact),
			claim.Equals("width of the stuck region at ‖u_⊥‖ = 0.9, as if it were ηω₀ everywhere", width, 2*low, claim.Because(1e-9, "40 bisections")).AsPrinted())
		return f, nil
	}
}

func checkParts(sign float64, shift int) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const d, steps, eta = 3, 12, 1. / 8
		o := bentObjective(.5, .3)
		r := rng.Stream(env.Seed, "saddle/parts")
		y := rng.Normals(r, d)
		floats.Scale(.1, y)
		x := append([]float64(nil), y...)
		x[0] += .05
		zero := make([]float64, d)
		h := o.Hessian(zero)
		power := func(v []float64, k int) []float64 { // (I-ηH)^k v
			out := mat.NewVecDense(d, append([]float64(nil), v...))
			for range k {
				var hv mat.VecDense
				hv.MulVec(h, out)
				out.AddScaledVec(out, -eta, &hv)
			}
			return out.RawVector().Data
		}
		hat := make([]float64, d)
		floats.SubTo(hat, x, y)
		first := append([]float64(nil), hat...)
		var terms [][]float64 // Δ_τ·x̂_τ
		worst, size := 0.0, 0.0
		g := make([]float64, d)
		for t := 1; t <= steps; t++ {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			var dx mat.VecDense
			dx.MulVec(Averaged(o, zero, x, y), mat.NewVecDense(d, append([]float64(nil), hat...)))
			terms = append(terms, dx.RawVector().Data)
			for _, v := range [][]float64{x, y} {
				o.Gradient(g, v)
				floats.AddScaled(v, -eta, g)
			}
			floats.SubTo(hat, x, y)
			sum := power(first, t)
			for tau, v := range terms {
				q := power(v, t-shift-tau)
				floats.AddScaled(sum, sign*eta, q)
				size = max(size, eta*floats.Norm(q, 2))
			}
			worst = max(worst, floats.Distance(hat, sum, 2)/floats.Norm(hat, 2))
		}
		f := &claim.Finding{}
		f.Add(claim.Equals("largest ‖x̂_t - (p(t) - q(t))‖/‖x̂_t‖, 12 steps", 0, worst, claim.Because(1e-10, "rounding; the quadrature is exact for a cubic")),
			claim.Above("the sum q is not empty: its largest term", 1e-4, size, claim.Exact))
		c, err := Couple(ctx, o, zero, Pair{Start: []float64{.01, .05, -.05}, Omega: .1, Eta: eta, Steps: steps, Radius: 1})
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("the same by differences of gradients, as Couple has it", 0, c.Off, claim.Because(1e-10, "rounding")))
		return f, nil
	}
}

func checkGrowth(epsilon float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const gamma, omega = .5, 1e-3
		f := &claim.Finding{}
		quadratic, err := Quadratic(-gamma, 1, .4)
		if err != nil {
			return nil, err
		}
		zero := make([]float64, 3)
		c, err := Couple(ctx, quadratic, zero, Pair{Start: []float64{1e-3, 2e-3, -1e-3}, Omega: omega, Steps: 40, Radius: 1})
		if err != nil {
			return nil, err
		}
		off, rest := 0.0, 0.0
		for t, a := range c.Apart {
			off = max(off, math.Abs(a/(math.Pow(1+gamma, float64(t))*omega)-1))
			rest = max(rest, c.Q[t]/c.P[t])
		}
		f.Add(claim.Equals("quadratic: ‖x̂_t‖ over (1+ηγ)^t·ηω, largest deviation in 40 steps", 0, off, claim.Because(1e-10, "rounding")),
			claim.Equals("quadratic: ‖q(t)‖/‖p(t)‖", 0, rest, claim.Because(1e-10, "rounding")))
		o, err := Cosine(3, gamma)
		if err != nil {
			return nil, err
		}
		if c, err = Couple(ctx, o, zero, Pair{Start: []float64{1e-3, 2e-3, -1e-3}, Omega: omega, Steps: 40, Radius: 1}); err != nil {
			return nil, err
		}
		least, exact := math.Inf(1), 0.0
		for t, p := range c.P {
			least = min(least, p/(math.Pow(1+math.Sqrt(gamma*epsilon), float64(t))*omega))
			exact = max(exact, math.Abs(p/(math.Pow(1+gamma, float64(t))*omega)-1))
		}
		f.Add(claim.Above(fmt.Sprintf("cosine: ‖p(t)‖ over (1+√(ρε)/ℓ)^t·ηω, ε = %g, least of 40 steps", epsilon), 1, least, claim.Rounding(1, 1024)),
			claim.Equals("cosine: ‖p(t)‖ over (1+ηγ)^t·ηω, largest deviation", 0, exact, claim.Because(1e-10, "rounding")))
		return f, nil
	}
}

func checkHalf(near, share float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const gamma, d = .5, 5
		o, err := Cosine(d, gamma)
		if err != nil {
			return nil, err
		}
		r := rng.Stream(env.Seed, "saddle/half")
		half, lip := 0.0, 0.0
		exit, theory := 0, 0.0
		for _, omega := range []float64{1e-2, 1e-4, 1e-6} {
			for range 30 {
				u := make([]float64, d)
				UniformBall(r, u, 5e-3)
				c, err := Couple(ctx, o, make([]float64, d), Pair{Start: u, Omega: omega, Steps: 60, Radius: near})
				if err != nil {
					return nil, err
				}
				for t := range c.P {
					if max(math.Abs(c.First[t]), math.Abs(c.Second[t])) > near {
						if omega == 1e-6 {
							exit = max(exit, t)
						}
						break
					}
					half = max(half, c.Q[t]/c.P[t])
					// Runs a few units of rounding apart have no Δ to speak of.
					if c.Apart[t] > 1e-5 {
						lip = max(lip, c.Delta[t]/(gamma*c.Near[t]*c.Apart[t]))
					}
				}
			}
			theory = math.Log(near/omega) / gamma
		}
		f := &claim.Finding{}
		f.Add(claim.Below(fmt.Sprintf("largest ‖q(t)‖/‖p(t)‖ while |x₁| ≤ %g, 90 pairs", near), .5, half, claim.Exact),
			claim.Below("largest ‖Δ_t·x̂_t‖ over ρ·max(‖x_t‖, ‖x'_t‖)·‖x̂_t‖", share, lip, claim.Because(1e-9, "rounding of gradients of runs 1e-5 apart")))
		f.Note("Pairs with ω = 1e-6 leave |x₁| ≤ %g after at most %d steps; log(%g/ω)/ηγ is %.0f.", near, exit, near, theory)
		return f, nil
	}
}
