package saddle

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
)

// stuckClaims are the claims on the stuck region, section 7.3.2.
func stuckClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "7.D6", Kind: claim.Definition, Title: "The part of the ball that is stuck", Ref: "Section 7.3.2",
			Statement: `The stuck region is the set of perturbations from which $\mathcal T$ steps never lead further than $S$. On the quadratic saddle with curvatures $-\gamma,1,\dots,1$, $\eta=1$ and a unit ball it is $\|u_\perp\|^2+u_1^2((1+\gamma)^{\mathcal T}-1)^2\le S^2$.`,
			Source:    "saddle.Stuck",
			Check:     checkStuck(.1),
			Alternatives: []claim.Alternative{
				{Name: "growth by 1.09 in place of 1.1", Check: checkStuck(.09)},
			},
		},
		{
			ID: "7.I3", Kind: claim.Bound, Title: "The probability to be stuck, by volumes", Ref: "Section 7.3.2",
			Statement: `If the stuck region is at most $\omega$ wide along $e_1$ in a ball of radius $r$, it takes at most $\frac{\omega}{r\sqrt\pi}\frac{\Gamma(d/2+1)}{\Gamma(d/2+1/2)}\le\frac\omega r\sqrt{d/\pi}$ of it. For large $d$ the first is $\frac\omega r\sqrt{d/2\pi}$: the second is loose by $\sqrt2$.`,
			Source:    "saddle.SlabBound, saddle.SlabCoefficient",
			Check:     checkSlab(SlabCoefficient),
			Alternatives: []claim.Alternative{
				{Name: "√(d/2π), the limit, as a bound", Check: checkSlab(func(d int) float64 { return math.Sqrt(float64(d) / (2 * math.Pi)) })},
				{Name: "Γ(d/2+½)/Γ(d/2), one dimension less", Check: checkSlab(func(d int) float64 {
					a, _ := math.Lgamma(float64(d)/2 + .5)
					b, _ := math.Lgamma(float64(d) / 2)
					return math.Exp(a-b) / math.Sqrt(math.Pi)
				})},
			},
		},
		{
			ID: "7.F1", Kind: claim.Figure, Title: "A pancake and a band", Ref: "Figure 7.1",
			Statement: `At a saddle with cubic terms the stuck region is a thin sheet across the whole ball, and each step more makes it thinner by the factor $1+\eta\gamma$.`,
			Source:    "saddle.FigureStuck, saddle.ExploreStuck",
			Check:     checkPancake(1),
			Alternatives: []claim.Alternative{
				{Name: "curvature γ in place of -γ, a minimum", Check: checkPancake(-1)},
			},
		},
	}
}

func checkStuck(gamma float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		times := []int{10, 20, 40}
		for _, c := range []struct {
			d      int
			golden [3]float64
		}{{2, [3]float64{.808500, .231066, .029945}}, {3, [3]float64{.849052, .249949, .032447}}, {10, [3]float64{.965630, .347665, .045764}}, {100, [3]float64{1, .773250, .122079}}} {
			shares, err := Stuck{Dim: c.d, Gamma: .1}.Shares(ctx, times, 200_000, env.Seed)
			if err != nil {
				return nil, err
			}
			for k, t := range times {
				s := Stuck{Dim: c.d, Gamma: gamma, Steps: t}
				p, err := s.Probability()
				if err != nil {
					return nil, err
				}
				q, err := s.Integral()
				if err != nil {
					return nil, err
				}
				width, err := s.Width()
				if err != nil {
					return nil, err
				}
				name := fmt.Sprintf("d = %d, 𝒯 = %d: ", c.d, t)
				f.Add(claim.Equals(name+"incomplete beta functions against the golden number", c.golden[k], p, claim.Digits(1e-6)),
					claim.Equals(name+"quadrature against incomplete beta functions", p, q, claim.Because(1e-7, "200 nodes on each smooth piece")),
					claim.Equals(name+"share of 2·10⁵ perturbations", p, shares[k], claim.Because(.004, "4 standard errors, at most 0.0045 at p = ½")))
				bound := claim.Below(name+"share against the slab bound", SlabBound(c.d, width, 1), shares[k], claim.Because(4*math.Sqrt(p*(1-p)/200_000)+1e-12, "4 standard errors of 2·10⁵ draws, and rounding of a sum of counts"))
				bound.Trivial = 1
				f.Add(bound)
			}
		}
		for d, want := range map[int]float64{10: .0701, 100: .2169} {
			width, err := Stuck{Dim: d, Gamma: gamma, Steps: 40}.Width()
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(fmt.Sprintf("d = %d, 𝒯 = 40: slab bound", d), want, SlabBound(d, width, 1), claim.Digits(1e-4)))
		}
		return f, nil
	}
}

func checkSlab(coefficient func(int) float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		for _, c := range []struct {
			d            int
			exact, loose float64
			tol          float64
		}{{1, .5, .56419, 1e-5}, {2, .63662, .79788, 1e-5}, {3, .75, .97721, 1e-5}, {10, 1.293450, 1.784124, 1e-6}, {100, 3.999409, 5.641896, 1e-6}, {1000, 12.618817, 17.841241, 1e-6}} {
			name := fmt.Sprintf("d = %d: ", c.d)
			loose := math.Sqrt(float64(c.d) / math.Pi)
			f.Add(claim.Equals(name+"Γ(d/2+1)/(√π·Γ(d/2+½))", c.exact, coefficient(c.d), claim.Digits(c.tol)),
				claim.Equals(name+"√(d/π)", c.loose, loose, claim.Digits(c.tol)),
				claim.Below(name+"the first bound against the second", loose, coefficient(c.d), claim.Exact))
		}
		f.Add(claim.Equals("second bound over first, d = 10⁶", math.Sqrt2, math.Sqrt(1e6/math.Pi)/coefficient(1_000_000), claim.Because(1e-6, "terms of order 1/d")))
		// Slabs through the centre, by sampling: the coefficient is attained by thin ones.
		const n = 200_000
		r := rng.Stream(env.Seed, "saddle/slab")
		for _, d := range []int{1, 2, 10} {
			u := make([]float64, d)
			for _, width := range []float64{.02, .3} {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				in := 0.0
				for range n {
					UniformBall(r, u, 1)
					in += indicator(math.Abs(u[0]) < width/2) / n
				}
				p := width * coefficient(d)
				name := fmt.Sprintf("d = %d, a slab of width %g", d, width)
				f.Add(claim.Below(name+": its share of the ball", p, in, claim.Sampling(math.Sqrt(p*(1-min(p, 1))), n)))
				if width < .1 {
					f.Add(claim.Equals(name+": the bound is attained", p, in, claim.Sampling(math.Sqrt(p*(1-p)), n)))
				}
			}
		}
		return f, nil
	}
}

func checkPancake(sign float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r := rng.Stream(env.Seed, "saddle/pancake")
		const n = 100_000
		times := []int{20, 30, 40}
		var share [3]float64
		across, along, middle := 0.0, 0.0, 0
		u := make([]float64, 3)
		for i := range n {
			if i&1023 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			UniformBall(r, u, 1)
			out := bent(sign*.1, .3, 1, pancakeReach, u, 40)
			for k, t := range times {
				share[k] += indicator(out > t) / n
			}
			if out > 40 {
				across = max(across, math.Hypot(u[1], u[2]))
				if math.Hypot(u[1], u[2]) < .2 {
					along = max(along, math.Abs(u[0]))
					middle++
				}
			}
		}
		f := &claim.Finding{}
		growth := func(t int) float64 { return math.Pow(1.1, float64(t)) - 1 }
		for k := range 2 {
			// The region is a slab of width ∝ 1/G with sampled share; its edge at the ball's surface is a correction.
			want := growth(times[k]) / growth(times[k+1])
			f.Add(claim.Equals(fmt.Sprintf("share stuck for %d steps over that for %d", times[k+1], times[k]), want, share[k+1]/share[k],
				claim.Because(.12*want, "the cubic terms, the edge of the ball, and 4/√n of the counts")))
		}
		f.Add(claim.Above("the stuck sheet reaches out to, of the ball's radius", .95, across, claim.Exact),
			claim.Above("stuck points near the axis", 10, float64(middle), claim.Exact),
			claim.Below("and is thick there, at most", .05, along, claim.Exact))
		fig, err := FigureStuck(ctx, 20, 3)
		f.Figure = &fig
		return f, err
	}
}
