package margin

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
)

func stationaryClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "8.T7", Kind: claim.Theorem, Title: "Limit directions of homogeneous nets are stationary", Ref: "Theorem 8.4.5",
			Statement: `If gradient flow on (8.35) drives $L$ to 0 and $w_t/\|w_t\|$ converges, the limit is a first-order stationary direction of Max-Margin. The diagonal net $\langle u\odot u-v\odot v,x\rangle$ ends in the direction of largest $\ell_1$ margin; from a start with $u_2=v_2=0$ it ends in a stationary direction of smaller margin. Residuals of two-layer nets fall along the run as well, ReLU ones (outside Assumption 8.4.2) too.`,
			Source:    "margin.Flow, margin.Stationary",
			Check:     checkLimits(limitTheory{norm: Sum, trapped: .5, steps: 100000}),
			Alternatives: []claim.Alternative{
				{Name: "the ℓ₂ direction", Check: checkLimits(limitTheory{norm: Euclidean, trapped: .5, steps: 100000})},
				{Name: "always the best direction", Check: checkLimits(limitTheory{norm: Sum, trapped: 18.5 / 22, steps: 100000})},
				{Name: "after 300 steps already", Check: checkLimits(limitTheory{norm: Sum, trapped: .5, steps: 300})},
			},
		},
		{
			ID: "8.L1", Kind: claim.Lemma, Title: "How far the gradient is from that at the limit direction", Ref: "Lemma 8.4.6, Eq. 8.38",
			Statement: `For $w=g(\bar w+\delta)$, $\|\nabla f_i(w)-\nabla f_i(g\bar w)\|\le Bg^{\alpha-1}\|\delta\|$ with $B=\sup\|\nabla^2f_i\|$ over the segment from $\bar w$ to $\bar w+\delta$. For the diagonal net $B=2\max|x_{ij}|$ is attained. At a kink of ReLU there is no such $B$.`,
			Source:    "margin.Predictor, margin.Flow",
			Check:     checkGradientError(expansionTheory{power: -1, bound: 1}),
			Alternatives: []claim.Alternative{
				{Name: "g^α in place of g^{α-1}", Check: checkGradientError(expansionTheory{bound: 1})},
				{Name: "‖δ‖² in place of ‖δ‖", Check: checkGradientError(expansionTheory{power: -1, bound: 1, square: true})},
				{Name: "half of B", Check: checkGradientError(expansionTheory{power: -1, bound: .5})},
			},
		},
		{
			ID: "8.L2", Kind: claim.Lemma, Title: "The loss sits on the support vectors", Ref: "Lemma 8.4.7",
			Statement: `$a_i=\lim\ell_{it}/\|\ell_t\|_1=0$ for $i\notin S$: the logarithm of such a share falls as $-g_t^\alpha(y_if_i(\bar w)-\gamma)$. On $S$ the limits are the multipliers of Definition 8.4.1, normalised to sum 1; for the diagonal net they are the weights of the dual program.`,
			Source:    "margin.Flow, margin.Edge",
			Check:     checkShares(2, false),
			Alternatives: []claim.Alternative{
				{Name: "a fall with g in place of g^α", Check: checkShares(1, false)},
				{Name: "equal shares on S", Check: checkShares(2, true)},
			},
		},
		{
			ID: "8.I8", Kind: claim.Identity, Title: "The direction as a sum of gradients of support vectors", Ref: "proof of Theorem 8.4.5, Eq. 8.39 and 8.40",
			Statement: `$\dot w_t/\|\dot w_t\|=\sum_{i\in S}a_iy_i\nabla f_i(\bar w)/\|\cdot\|+o(1)$ and $\lim w_t/\|w_t\|=\lim\dot w_t/\|\dot w_t\|=\frac1{\alpha\gamma}\sum_{i\in S}a_iy_i\nabla f_i(\bar w)$, where $\gamma$ is the margin of $\bar w$.`,
			Source:    "margin.Flow",
			Check:     checkDirection(2, false),
			Alternatives: []claim.Alternative{
				{Name: "1/γ in place of 1/(αγ)", Check: checkDirection(1, false)},
				{Name: "equal weights on S", Check: checkDirection(2, true)},
			},
			Errata: []claim.Erratum{{
				Number: "8.10/flow", Where: "Eq. 8.39, Eq. 8.40 and the line between them",
				Printed: `$\frac{\dot w_t}{\|\dot w_t\|}=\sum_{i\in S}a_i\nabla f_i(g_t\bar w)+o(1)$, $\lim\frac{w_t}{\|w_t\|}=\lim\frac{\dot w_t}{\|w_t\|}$, $\lim\frac{w_t}{\|w_t\|}=\sum_{i\in S}\nabla f_i(g_t\bar w)$`,
				Correct: `the sum divided by its norm, which grows as $\alpha\gamma g_t^{\alpha-1}$; $\lim\dot w_t/\|\dot w_t\|$; and weights $a_i$ in (8.40), with a positive factor`,
				Why:     `The left sides have norm 1. Without $a_i$ the sum has another direction as soon as two support vectors have different shares.`,
			}},
		},
	}
}

type limitTheory struct {
	norm    Norm
	trapped float64
	steps   int
}

func checkLimits(h limitTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		net := Diagonal{Five()}
		run, err := flows.Get(ctx, nil, journey{Net: "diagonal", FlowConfig: FlowConfig{Steps: h.steps}})
		if err != nil {
			return nil, err
		}
		best, err := MaxMargin(ctx, Five(), h.norm)
		if err != nil {
			return nil, err
		}
		beta := net.Induced(run.Last().W)
		floats.Scale(1/floats.Norm(beta, 1), beta)
		length := floats.Norm(best.W, 1)
		for j := range beta {
			f.Add(claim.Equals(fmt.Sprintf("coordinate %d of w/‖w‖₁ of the diagonal net", j+1), best.W[j]/length, beta[j], claim.Because(1e-3, "the golden run of 100,000 steps")))
		}
		f.Add(claim.Equals("its margin", .840909, run.Last().Margin, claim.Digits(1e-6)),
			claim.Below("its KKT residual", 0, run.Last().Residual, claim.Because(1e-5, "100,000 steps of 0.01: the direction is within 1/g²")))
		trap, err := flows.Get(ctx, nil, journey{Net: "diagonal", Start: []float64{.5, 0, .4, 0}, FlowConfig: FlowConfig{Steps: 20000}})
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("margin from a start with u₂ = v₂ = 0", h.trapped, trap.Last().Margin, claim.Because(1e-3, "v₁ is left behind")),
			claim.Below("KKT residual there", 0, trap.Last().Residual, claim.Because(.01, "v₁ is left behind at 0.1 of 200")))
		for _, name := range []string{"relu", "cubic"} {
			run, err := flows.Get(ctx, nil, journey{Net: name, Seed: env.Seed, FlowConfig: FlowConfig{Steps: 20000}})
			if err != nil {
				return nil, err
			}
			p, err := predictor(name, env.Seed)
			if err != nil {
				return nil, err
			}
			at := func(t int) float64 {
				if s, err := Stationary(p, run.at(t).W, .02); err == nil {
					return s.Residual
				}
				return 1
			}
			f.Add(claim.Below(name+" net: residual after 20,000 steps, points within 2% counted as support", map[string]float64{"relu": .02, "cubic": .08}[name], at(20000), claim.Exact),
				claim.Above(name+" net: residual after 200 steps over that after 20,000", 10, at(200)/at(20000), claim.Exact),
				claim.Above(name+" net: cosine between w and the mean direction of the last steps", .999, meanCosine(run), claim.Exact))
		}
		f.Figure, err = FigureResidual(ctx, env.Seed)
		return f, err
	}
}

// meanCosine compares the last w with what was added since step 10,000.
func meanCosine(r *FlowResult) float64 {
	last, before := r.Last(), r.at(10000)
	d := make([]float64, len(last.W))
	floats.SubTo(d, last.W, before.W)
	return floats.Dot(d, last.W) / (floats.Norm(d, 2) * last.Length)
}

type expansionTheory struct {
	power  float64 // added to α in the exponent of g
	bound  float64 // factor of B
	square bool
}

func checkGradientError(h expansionTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		r := rng.Stream(env.Seed, "margin/expansion")
		difference := func(p Predictor, i int, g float64, at, delta []float64) float64 {
			w, base := append([]float64(nil), at...), append([]float64(nil), at...)
			floats.Add(w, delta)
			floats.Scale(g, w)
			floats.Scale(g, base)
			a, b := make([]float64, p.Dim()), make([]float64, p.Dim())
			p.Gradient(a, w, i)
			p.Gradient(b, base, i)
			return floats.Distance(a, b, 2)
		}
		net := Diagonal{Five()}
		b := h.bound * 6 // 2·max|x_ij| of the five points
		run, err := diagonalRun(ctx)
		if err != nil {
			return nil, err
		}
		worst := 0.0
		for _, row := range run.Rows {
			delta := append([]float64(nil), row.W...)
			floats.Scale(1/row.Length, delta)
			floats.Sub(delta, bar())
			for i := range net.Len() {
				worst = max(worst, difference(net, i, row.Length, bar(), delta)/(row.Length*floats.Norm(delta, 2)))
			}
		}
		f.Add(claim.Below("diagonal net: largest error along the run over g‖δ‖", b, worst, claim.Rounding(10, 1<<12)),
			claim.Equals("diagonal net: the error for δ along u₁ at the point (3, 0.4), over g‖δ‖", b, difference(net, 3, 50, bar(), []float64{.01, 0, 0, 0})/.5, claim.Rounding(10, 1<<14)))
		slope := 1.0
		if h.square {
			slope = 2
		}
		for _, name := range []string{"diagonal", "cubic"} {
			p, err := predictor(name, env.Seed)
			if err != nil {
				return nil, err
			}
			at := rng.Normals(r, p.Dim())
			floats.Scale(1/floats.Norm(at, 2), at)
			delta := rng.Normals(r, p.Dim())
			floats.Scale(1e-4/floats.Norm(delta, 2), delta)
			most := 0
			for i := range p.Len() {
				if difference(p, i, 1, at, delta) > difference(p, most, 1, at, delta) {
					most = i
				}
			}
			one, far := difference(p, most, 1, at, delta), difference(p, most, 1000, at, delta)
			floats.Scale(.1, delta)
			near := difference(p, most, 1, at, delta)
			f.Add(claim.Equals(name+" net: exponent of g in the error", p.Degree()+h.power, math.Log10(far/one)/3, claim.Because(1e-9, "differences of rounded gradients")),
				claim.Equals(name+" net: exponent of ‖δ‖ in the error", slope, math.Log10(one/near), claim.Because(.01, "the next order, ‖δ‖ = 10⁻⁴")))
		}
		// One ReLU unit at its kink.
		kink := Network{must(NewData("one point", [][]float64{{1, 0}}, nil)), 1, 1}
		at := []float64{math.Sqrt(.5), 0, math.Sqrt(.5)}
		one, near := difference(kink, 0, 1, at, []float64{0, 1e-3, 0}), difference(kink, 0, 1, at, []float64{0, 1e-6, 0})
		f.Add(claim.Equals("ReLU at its kink: exponent of ‖δ‖ in the error", 0, math.Log10(one/near)/3, claim.Because(1e-3, "‖δ‖ = 10⁻³")))
		return f, nil
	}
}

// diagonalRun is the long run of the diagonal net on Five that two claims look at.
func diagonalRun(ctx context.Context) (*FlowResult, error) {
	return flows.Get(ctx, nil, journey{Net: "diagonal", FlowConfig: FlowConfig{Calm: .5, Steps: 20000}})
}

func checkShares(alpha float64, equal bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		net := Diagonal{Five()}
		run, err := diagonalRun(ctx)
		if err != nil {
			return nil, err
		}
		best, err := MaxMargin(ctx, Five(), Sum)
		if err != nil {
			return nil, err
		}
		_, a, err := Edge(Five(), Sum)
		if err != nil {
			return nil, err
		}
		mid, last := run.at(1995), run.Last()
		for i, z := range Five().X {
			gap := floats.Dot(z, best.W) - best.Margin
			if gap > 1e-9 {
				share := func(r *FlowRow) float64 { return -net.Value(r.W, i) - r.LogLoss }
				slope := (share(last) - share(mid)) / (math.Pow(last.Length, alpha) - math.Pow(mid.Length, alpha))
				f.Add(claim.Equals(fmt.Sprintf("point %d, off S: log of its share against g², slope", i+1), -gap, slope, claim.Because(5e-3, "g²‖δ‖ is of order 1, over a span of 3000 in g²")))
				continue
			}
			want := a[i]
			if equal {
				want = .5
			}
			f.Add(claim.Equals(fmt.Sprintf("point %d, in S: its share of the loss", i+1), want, last.Shares[i], claim.Because(1e-3, "20,000 steps")))
		}
		s, err := Stationary(net, last.W, 1e-3)
		if err != nil {
			return nil, err
		}
		total := floats.Sum(s.Multipliers)
		for k, i := range s.Support {
			f.Add(claim.Equals(fmt.Sprintf("multiplier of point %d by NNLS, over their sum", i+1), a[i], s.Multipliers[k]/total, claim.Because(1e-3, "20,000 steps")))
		}
		return f, nil
	}
}

func checkDirection(alpha float64, equal bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		net := Diagonal{Five()}
		run, err := flows.Get(ctx, nil, journey{Net: "diagonal", FlowConfig: FlowConfig{Calm: .5, Steps: 20000}})
		if err != nil {
			return nil, err
		}
		gamma, a, err := Edge(Five(), Sum)
		if err != nil {
			return nil, err
		}
		plain := make([]float64, len(a)) // 1 on S
		for i, v := range a {
			if v > 0 {
				plain[i] = 1
			}
		}
		if equal {
			a = append([]float64(nil), plain...)
			floats.Scale(1/floats.Sum(a), a)
		}
		sum := func(weights []float64, at []float64) []float64 {
			s, g := make([]float64, net.Dim()), make([]float64, net.Dim())
			for i, v := range weights {
				net.Gradient(g, at, i)
				floats.AddScaled(s, v, g)
			}
			return s
		}
		last := run.Last()
		speed := make([]float64, net.Dim())
		descentDirection(net, speed, last.W, make([]float64, net.Len()), make([]float64, net.Dim()))
		floats.Scale(1/floats.Norm(speed, 2), speed)
		limit := sum(a, bar())
		unit := append([]float64(nil), limit...)
		floats.Scale(1/floats.Norm(unit, 2), unit)
		floats.Scale(1/(alpha*gamma), limit)
		f.Add(claim.Below("distance of ẇ/‖ẇ‖ from the normalised sum (8.39) at the end", 0, floats.Distance(speed, unit, 2), claim.Because(2e-3, "20,000 steps, g = 61")),
			claim.Equals("distance of Σ a_i y_i∇f_i(w̄)/(αγ) from w̄ (8.40)", 0, floats.Distance(limit, bar(), 2), claim.Rounding(1, 1<<16)),
			claim.Above("cosine between w and ẇ at the end", 1-1e-6, last.Cosine, claim.Exact))
		at := bar()
		floats.Scale(last.Length, at)
		f.Add(claim.Equals("norm of the sum in (8.39), which must be 1", 1, floats.Norm(sum(a, at), 2), claim.Because(.1, "o(1)")).AsPrinted())
		bare := sum(plain, at)
		f.Add(claim.Equals("distance of the sum in (8.40) from w̄", 0, floats.Distance(bare, bar(), 2), claim.Because(.1, "o(1)")).AsPrinted())
		floats.Scale(1/floats.Norm(bare, 2), bare)
		f.Add(claim.Equals("distance of the sum in (8.40), normalised, from w̄", 0, floats.Distance(bare, bar(), 2), claim.Because(.1, "o(1)")).AsPrinted())
		return f, nil
	}
}
