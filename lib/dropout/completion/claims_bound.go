package completion

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
)

func boundClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "11.D3", Kind: claim.Theorem, Title: "A bound on what is not seen", Ref: "Theorem 11.1.2",
			Statement: `With probability $1-2\delta$, $L\le\hat L+C(1+\gamma)\sqrt{\alpha d_2\log d_2/n}+C'(1+\gamma^2)\sqrt{\log(2/\delta)/(2n)}$ for a minimizer of the dropout objective, $\alpha=d_1\hat R$ and rows of squared norm at most $\gamma$. It holds with $C=C'=1$ on fits at seven rates, and where a heavy row meets a heavy column; it is loose.`,
			Source:    "completion.Generalization",
			Check:     checkBound(boundTheory{complexity: 1, confidence: 2}),
			Alternatives: []claim.Alternative{
				{Name: "without γ", Check: checkBound(boundTheory{})},
				{Name: "γ in the second term alone", Check: checkBound(boundTheory{complexity: 1})},
				{Name: "the training error alone", Check: checkBound(boundTheory{complexity: 1, confidence: 2, off: true})},
			},
		},
		{
			ID: "11.D4", Kind: claim.Definition, Title: "The class of bounded weighted trace norm", Ref: "Section 11.1.2, after Theorem 11.1.2",
			Statement: `$\mathcal M_\alpha=\{M:\|\mathrm{diag}(\sqrt p)M\mathrm{diag}(\sqrt q)\|_*^2\le\alpha\}$ has the Rademacher complexity $\frac{\sqrt\alpha}n\mathbb E\|\sum_t\frac{\epsilon_t}{\sqrt{p_iq_k}}e_ie_k^\top\|_2$. Its square has a mean of at least $\alpha d_2/n$, and it is at most $\sqrt\alpha\big(\sqrt{2d_2\log(d_2+d_0)/n}+\frac{\log(d_2+d_0)}{3n\sqrt{\min p_iq_k}}\big)$, for $d_2\ge d_0$.`,
			Source:    "completion.Rademacher, completion.ComplexityBound",
			Check:     checkComplexity(complexityTheory{power: -.5}),
			Alternatives: []claim.Alternative{
				{Name: "a complexity that falls as 1/n", Check: checkComplexity(complexityTheory{power: -1})},
				{Name: "a ball of the weighted Frobenius norm, √(d2·d0/n)", Check: checkComplexity(complexityTheory{power: -.5, frobenius: true})},
				{Name: "an upper bound without the logarithm, √(d2/n)", Check: checkComplexity(complexityTheory{power: -.5, noLog: true})},
			},
		},
		{
			ID: "11.D5", Kind: claim.Remark, Title: "Sampling must not be degenerate", Ref: "Section 11.1.2, after Theorem 11.1.2",
			Statement: `If $\min p(i)q(k)\ge\frac{\log d_2}{n\sqrt{d_2d_0}}$, the part of the bound on the complexity that sees rare cells is at most a third of the rest. Where it is violated by many rare rows and columns, the complexity exceeds $\sqrt{\alpha d_2\log d_2/n}$, which it does not for uniform sampling.`,
			Source:    "completion.NonDegenerate, completion.ComplexityBound",
			Check:     checkDegenerate(false),
			Alternatives: []claim.Alternative{
				{Name: "without the condition", Check: checkDegenerate(true)},
			},
		},
		{
			ID: "11.D9", Kind: claim.Bound, Title: "Which term leads, and how many samples", Ref: "Section 11.1.2, after Theorem 11.1.2",
			Statement: `The second term is $(1+\gamma)\sqrt{\alpha d_2\log d_2/n}$; the third is $\frac{1+\gamma^2}{1+\gamma}\sqrt{\log(2/\delta)/(2\alpha d_2\log d_2)}$ times as large for every $n$. $n=\frac12(d_1\gamma^2/\alpha)^2\log(2/\delta)$ puts $|\hat R-R|\le\alpha/d_1$ with probability $1-\delta$ by Hoeffding; by Bernstein $\frac83(d_1\gamma^2/\alpha)\log(2/\delta)$, without the square, is enough.`,
			Source:    "completion.SampleSize, completion.Generalization",
			Check:     checkLeading(leadingTheory{fraction: 1, gammaPower: 2}),
			Alternatives: []claim.Alternative{
				{Name: "a tenth of the samples", Check: checkLeading(leadingTheory{fraction: .1, gammaPower: 2})},
				{Name: "γ in place of γ² in the number of samples", Check: checkLeading(leadingTheory{fraction: 1, gammaPower: 1})},
			},
			Errata: []claim.Erratum{{
				Number: "11.D9", Where: "Section 11.1.2, remarks after Theorem 11.1.2",
				Printed: `"given that the sample size is large enough, the third term can be made arbitrarily small. Having said that, the second term … dominates the right hand side"`,
				Correct: `both terms fall as $n^{-1/2}$: their ratio does not depend on $n$`,
				Why:     `A large sample makes both small and neither dominant. What decides is $\alpha d_2\log d_2$ against $\log(2/\delta)$ and $\gamma$; at high rates, where $\alpha$ is small, the third is the larger.`,
			}},
		},
	}
}

type boundTheory struct {
	complexity, confidence float64 // powers of γ in the two terms
	off                    bool
}

func checkBound(th boundTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		s, err := sweeps.Get(ctx, nil, SweepConfig{Table: TableConfig{Seed: env.Seed}})
		if err != nil {
			return nil, err
		}
		h, err := heavies.Get(ctx, nil, SweepConfig{Table: TableConfig{Seed: env.Seed}})
		if err != nil {
			return nil, err
		}
		n := float64(len(s.Table.Cells))
		d2 := float64(len(s.Table.RowProb))
		total := func(loss, alpha, gamma float64) float64 {
			if th.off {
				return loss
			}
			return loss + (1+math.Pow(gamma, th.complexity))*math.Sqrt(alpha*d2*math.Log(d2)/n) +
				(1+math.Pow(gamma, th.confidence))*math.Sqrt(math.Log(2/delta)/(2*n))
		}
		f := &claim.Finding{}
		for _, o := range append(append([]Outcome{}, s.Runs...), s.Wild) {
			e := claim.Below(fmt.Sprintf("risk at rate %g from a start of size %g", o.Rate, o.Init), total(o.Loss, o.Bound.Alpha, o.Bound.Gamma), o.Risk, claim.Exact)
			e.Trivial = (1 + o.Bound.Gamma) * (1 + o.Bound.Gamma) // |M| ≤ γ and |M*| ≤ 1
			f.Add(e)
		}
		o := h.Careful
		for i, t := range h.Line {
			if i%10 == 0 && i > 0 {
				gamma := max(t, o.Bound.Gamma)
				e := claim.Below(fmt.Sprintf("risk where a unit adds %g to the hidden cell (%d, %d)", t, h.Row, h.Col),
					total(o.Loss, o.Bound.Alpha*(1+1/float64(o.Width)), gamma), h.LineRisk[i], claim.Exact)
				e.Trivial = (1 + gamma) * (1 + gamma)
				f.Add(e)
			}
		}
		mid := s.Runs[4]
		for _, a := range mid.Bound.Assumptions {
			word := "fails"
			if a.Pass {
				word = "passes"
			}
			f.Note("Assumption at rate 0.5: %s: %.4g against %.4g, %s.", a.Name, a.Got, a.Want, word)
		}
		f.Note("Predicting 0 has the risk %.3g, below every bound here: at n = 400 the theorem, with constants 1, tells nothing that could be used. Implied constant at rate 0.5: %.2g.", s.Zero, mid.Bound.Implied(mid.Risk))
		f.Figure = figureTerms(s)
		return f, nil
	}
}

type complexityTheory struct {
	power            float64
	frobenius, noLog bool
}

func checkComplexity(th complexityTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		p, q := PowerLaw(30, .5), PowerLaw(20, .5)
		const draws = 60
		f := &claim.Finding{}
		var means []float64
		for _, n := range []int{400, 1600, 6400} {
			c, err := Rademacher(ctx, p, q, n, draws, env.Seed)
			if err != nil {
				return nil, err
			}
			bulk, rare, err := ComplexityBound(p, q, n)
			if err != nil {
				return nil, err
			}
			got := c.Mean
			if th.frobenius {
				got = math.Sqrt(30 * 20 / float64(n))
			}
			upper := bulk + rare
			if th.noLog {
				upper = math.Sqrt(30 / float64(n))
			}
			means = append(means, got)
			name := fmt.Sprintf("complexity at α = 1, n = %d", n)
			f.Add(claim.Below(name, upper, got, claim.Sampling(c.SD, draws)),
				claim.Above(name+", root mean square", math.Sqrt(30/float64(n)), math.Hypot(got, c.SD), claim.Sampling(c.SD, draws)))
		}
		slope := math.Log(means[2]/means[0]) / math.Log(16)
		f.Add(claim.Equals("slope of log complexity in log n, 400 to 6400", th.power, slope, claim.Because(.05, "60 draws, and rare cells at n = 400")))

		// The supremum is attained, by uvᵀ of the top singular pair with the weights divided out, and
		// exceeds what other members of the class reach.
		r := rng.Stream(env.Seed, "completion/claims/complexity")
		cells := Sample(r, p, q, 400, func(int, int) float64 { return 1 - 2*float64(r.Uint64()&1) })
		z := mat.NewDense(30, 20, nil)
		for _, c := range cells {
			z.Set(c.Row, c.Col, z.At(c.Row, c.Col)+c.Value/math.Sqrt(p[c.Row]*q[c.Col])/400)
		}
		var svd mat.SVD
		if !svd.Factorize(z, mat.SVDThin) {
			return nil, fmt.Errorf("completion: the singular values were not found")
		}
		var u, v mat.Dense
		svd.UTo(&u)
		svd.VTo(&v)
		member := mat.NewDense(30, 20, nil)
		member.Outer(1, u.ColView(0), v.ColView(0))
		reach := func(m *mat.Dense) float64 { // of weighted matrix m, scaled into M_1
			sum := 0.0
			for _, c := range cells {
				sum += c.Value * m.At(c.Row, c.Col) / math.Sqrt(p[c.Row]*q[c.Col]) / 400
			}
			return sum
		}
		most := 0.0
		for range 100 {
			m := mat.NewDense(30, 20, nil)
			m.Outer(1, mat.NewVecDense(30, rng.Normals(r, 30)), mat.NewVecDense(20, rng.Normals(r, 20)))
			m.Scale(1/mat.Norm(m, 2), m) // of rank one: the trace norm is the Frobenius norm
			most = max(most, math.Abs(reach(m)))
		}
		top := svd.Values(nil)[0]
		f.Add(claim.Equals("what the best member of M_1 reaches on one sample of signs", top, reach(member), claim.Rounding(top, 200)),
			claim.Below("what 100 others reach", top, most, claim.Exact))
		return f, nil
	}
}

func checkDegenerate(without bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		// A law on the edge of the condition: one row and one column are as rare as it allows.
		for _, d := range [][3]int{{30, 20, 400}, {100, 100, 2000}, {500, 20, 3000}} {
			least := math.Sqrt(NonDegenerate(d[0], d[1], float64(d[2])))
			if without {
				least /= 100
			}
			bulk, rare, err := ComplexityBound(rareLaw(d[0], 1, least), rareLaw(d[1], 1, least), d[2])
			if err != nil {
				return nil, err
			}
			f.Add(claim.Below(fmt.Sprintf("%d×%d, n = %d: rare part over the rest", d[0], d[1], d[2]), 1./3, rare/bulk, claim.Exact))
		}
		// Half of the rows and of the columns so rare that one cell of theirs is expected in the sample.
		const d, n, draws = 128, 4000, 24
		rate := math.Sqrt(d * math.Log(d) / n)
		even := PowerLaw(d, 0)
		rare := rareLaw(d, d/2, math.Sqrt(1./(n*d/2*d/2)))
		good, bad := even, rare
		if without {
			good = rare
		}
		a, err := Rademacher(ctx, good, good, n, draws, env.Seed)
		if err != nil {
			return nil, err
		}
		b, err := Rademacher(ctx, bad, bad, n, draws, env.Seed)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Below("complexity over √(d2 log d2/n), d = 128, n = 4000, uniform", 1, a.Mean/rate, claim.Sampling(a.SD/rate, draws)),
			claim.Above("the same with half of the rows and columns rare", 1.2, b.Mean/rate, claim.Exact))
		return f, nil
	}
}

// rareLaw is a law on n of which the last k have the probability least and the others share the rest.
func rareLaw(n, k int, least float64) []float64 {
	p := make([]float64, n)
	for i := range p {
		if p[i] = least; i < n-k {
			p[i] = (1 - float64(k)*least) / float64(n-k)
		}
	}
	return p
}

type leadingTheory struct{ fraction, gammaPower float64 }

func checkLeading(th leadingTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		// The two terms at n and at 10⁴n: the same cells, each seen 10⁴ times.
		fac, p, q := goldenPair()
		stream := rng.Stream(env.Seed, "completion/claims/leading")
		pr := &Problem{Rows: 4, Cols: 3, RowProb: p, ColProb: q, Width: 3, Cells: Sample(stream, p, q, 50, fac.Matrix().At)}
		small, err := Generalization(pr, fac, nil, delta)
		if err != nil {
			return nil, err
		}
		for i := range pr.Cells {
			pr.Cells[i].Weight = 1e4
		}
		large, err := Generalization(pr, fac, nil, delta)
		if err != nil {
			return nil, err
		}
		g := small.Gamma
		want := (1 + g*g) / (1 + g) * math.Sqrt(math.Log(2/delta)/(2*small.Alpha*4*math.Log(4)))
		f.Add(claim.Equals("third term over second, n = 50", want, small.Confidence/small.Complexity, claim.Rounding(want, 100)),
			claim.Equals("third term over second, n = 500,000", want, large.Confidence/large.Complexity, claim.Rounding(want, 1e4)),
			claim.Equals("second term, from n = 50 to 500,000", 100, small.Complexity/large.Complexity, claim.Rounding(100, 1e4)),
			claim.Below("third term over second at large n, if the third could be made small beside it", want/50, large.Confidence/large.Complexity, claim.Exact).AsPrinted())

		// One unit on one cell of probability π: R̂ is γ² times a binomial share, so that the probability
		// of |R̂ - R| > α/d1 = R is exact, P(X > 2nπ). (Hoeffding asks for fewer only where π > 3/16.)
		const gamma = 10.
		for _, pi := range []float64{.1, .05, .01} {
			r := gamma * gamma * pi
			n := math.Ceil(th.fraction * 8 / 3 * math.Pow(gamma, th.gammaPower) / r * math.Log(2/delta))
			tail := 1 - distuv.Binomial{N: n, P: pi}.CDF(math.Floor(2*n*pi))
			f.Add(claim.Below(fmt.Sprintf("P(|R̂ - R| > α/d1), one cell of probability %g, n = %g", pi, n), delta, tail, claim.Exact),
				claim.Above("samples that Hoeffding asks for, against Bernstein", 8./3/pi*math.Log(2/delta), SampleSize(1, gamma, r, delta)/2, claim.Exact))
		}
		// And on dense factors, by sampling.
		r, err := Expected(fac, p, q)
		if err != nil {
			return nil, err
		}
		n := int(math.Ceil(8. / 3 * g * g / r * math.Log(2/delta)))
		const runs = 400
		misses := 0.0
		for range runs {
			sum := 0.0
			for _, c := range Sample(stream, p, q, n, func(int, int) float64 { return 0 }) {
				for j := range 3 {
					sum += math.Pow(fac.U.At(c.Row, j)*fac.V.At(c.Col, j), 2)
				}
			}
			if math.Abs(sum/float64(n)-r) > r {
				misses++
			}
		}
		f.Add(claim.Below(fmt.Sprintf("share of 400 samples of %d cells with |R̂ - R| > α/d1, dense factors", n), delta, misses/runs, claim.Exact))
		f.Note("The theorem asks for n = Ω((d1γ²/α)² log(2/δ)). The variance of a summand is at most γ²R, which Hoeffding does not use; with it the square goes.")
		return f, nil
	}
}
