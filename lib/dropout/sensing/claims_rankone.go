package sensing

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
)

// rankOneClaim is an exact statement about samples of any size.
func rankOneClaim() claim.Claim {
	return claim.Claim{
		ID: "11.+/rankone", Kind: claim.Theorem, Title: "Rank one: what dropout finds does not depend on the sample", Ref: "beyond the book",
		Statement: `For $M_*=\sigma uv^\top$ without noise and any sensing matrices, $n\ge1$, the equalized factors of $\frac{d_1}{d_1+\lambda}M_*$ are a critical point of $\widehat L_{\mathrm{drop}}$: every $c_{ij}=\frac2n(\sum_kq_{ik}-y_i+\lambda q_{ij})$ vanishes, since all $q_{ij}=u_j^\top A^{(i)}v_j$ of one $i$ are equal. So with enough samples training ends at the population's minimum itself, whose risk is $\left(\frac{\lambda\sigma}{d_1+\lambda}\right)^2$, not only near it.`,
		Source:    "sensing.Problem.Gradient, sensing.Run",
		Check:     checkRankOne(rankOneTheory{rank: 1}),
		Alternatives: []claim.Alternative{
			{Name: "rank two", Check: checkRankOne(rankOneTheory{rank: 2})},
			{Name: "noise in y", Check: checkRankOne(rankOneTheory{rank: 1, noise: .1})},
			{Name: "shrinking by 1/(1 + λ), whatever the width", Check: checkRankOne(rankOneTheory{rank: 1, narrow: true})},
			{Name: "factors that are not equalized", Check: checkRankOne(rankOneTheory{rank: 1, uneven: true})},
		},
	}
}

type rankOneTheory struct {
	rank           int
	noise          float64
	narrow, uneven bool
}

func checkRankOne(h rankOneTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const size, width = 6, 4
		fd := &claim.Finding{}
		r := rng.Stream(env.Seed, "sensing/rankone")
		star := LowRank(r, size, size, h.rank)
		for _, n := range []int{1, 5, 200} {
			p := Gaussian(r, star, n)
			for i := range p.Y {
				p.Y[i] += h.noise * r.NormFloat64()
			}
			worst := 0.0
			for _, rate := range []float64{.1, .5, .9} {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				lambda := rate / (1 - rate)
				o, err := Solve(star, width, lambda)
				if err != nil {
					return nil, err
				}
				f := o.Factors
				if h.narrow {
					f.U.Scale(math.Sqrt((width+lambda)/(width*(1+lambda))), f.U)
					f.V.Scale(math.Sqrt((width+lambda)/(width*(1+lambda))), f.V)
				}
				if h.uneven {
					b, _, err := balanced("sensing", f.Product(), width)
					if err != nil {
						return nil, err
					}
					f = b
				}
				g, err := p.Gradient(f, rate)
				if err != nil {
					return nil, err
				}
				worst = max(worst, mat.Norm(g.U, math.Inf(1)), mat.Norm(g.V, math.Inf(1)))
			}
			fd.Add(claim.Equals(fmt.Sprintf("gradient of L̂ + λR̂ there, n = %d, largest of p = 0.1, 0.5, 0.9", n), 0, worst, claim.Because(1e-11, "rounding of d₁ rotations and of sums of 36 products")))
		}
		// Training, from random starts, with 30 numbers for 36 entries.
		rates := []Case{{.1, 1}, {.3, 1}, {.5, 1}}
		run, err := runs.Get(ctx, nil, Config{Size: size, Width: width, Rank: h.rank, Samples: 30, Cases: rates, Draws: 2, Seed: env.Seed, Tolerance: 1e-9})
		if err != nil {
			return nil, err
		}
		for _, k := range rates {
			off := 0.0
			for _, t := range run.Runs {
				if t.Case == k {
					off = max(off, math.Abs(t.Risk/t.Predicted-1))
				}
			}
			fd.Add(claim.Equals(fmt.Sprintf("risk of the trained factors over that of the population's minimum, less 1, p = %g", k.Rate), 0, off, claim.Because(1e-5, "training stops at a gradient of 1e-9")))
		}
		lambda := 1.0
		o, err := Solve(star, width, lambda)
		if err != nil {
			return nil, err
		}
		sigma := floats.Sum(singular(star))
		fd.Add(claim.Equals("risk of the population's minimum, p = ½", math.Pow(lambda*sigma/(width+lambda), 2), o.Risk, claim.Rounding(sigma*sigma, 64)))
		fd.Note("For rank two the q of one sample differ between units and the sample matters: see 11.+/sensing, where the risk is several times the population's at small rates.")
		return fd, nil
	}
}
