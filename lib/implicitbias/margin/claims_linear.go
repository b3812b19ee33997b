package margin

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
)

func linearClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "8.D3", Kind: claim.Definition, Title: "Separable data and the exponential loss", Ref: "Section 8.3, Eq. 8.24",
			Statement: `The data are separable if some $w$ has $y_i\langle w,x_i\rangle>0$ for all $i$. Then $\inf L=0$ is not attained and along the direction of largest margin $-c\gamma\le\log L(cw)\le\log n-c\gamma$. If they are not, $L$ can have a minimizer, and descent stays where it is.`,
			Source:    "margin.Data.Tail, margin.MaxMargin",
			Check:     checkSeparable(1, false),
			Alternatives: []claim.Alternative{
				{Name: "log L falls by 2γ a unit of length", Check: checkSeparable(2, false)},
				{Name: "data that are not separable", Check: checkSeparable(1, true)},
			},
			Errata: []claim.Erratum{{
				Number: "8.8", Where: "Section 8.3 and Theorem 8.3.2",
				Printed: `linearly separable: $\exists w:\forall i,\ y^{(i)}w^\top y^{(i)}>0$; the limit of $\min_n y_i\langle w_t,y_i\rangle/\|w_t\|$; $\gamma:=\max\min_i\frac{w^\top x_i}{\|w\|}$ as a lower bound`,
				Correct: `$y^{(i)}w^\top x^{(i)}>0$; $y_i\langle w_t,x_i\rangle$; the limit equals $\gamma$, as no margin exceeds it`,
				Why:     `A label is no point. For points of one feature the printed condition is $wy^2>0$: it calls every data set separable.`,
			}},
		},
		{
			ID: "8.T5", Kind: claim.Theorem, Title: "Gradient descent finds the direction of the support vector machine", Ref: "Theorem 8.3.1, Eq. 8.25 and 8.26",
			Statement: `On separable data gradient descent on $L$ converges in direction to $\hat w/\|\hat w\|_2$, $\hat w=\arg\min\|w\|_2^2$ under $y_i\langle w,x_i\rangle\ge1$, from any start; the shares of the points in the loss tend to the multipliers of $\hat w$. In the time of the flow $L$ falls like $1/t$ and the margin's gap like $1/\log t$, with a single support vector like $1/(\log t)^2$.`,
			Source:    "margin.Run, margin.HardMargin",
			Check:     checkGradient(Euclidean, 1),
			Alternatives: []claim.Alternative{
				{Name: "towards the ℓ₁ margin", Check: checkGradient(Sum, 1)},
				{Name: "towards the ℓ∞ margin", Check: checkGradient(Largest, 1)},
				{Name: "a gap of 1/(log t)²", Check: checkGradient(Euclidean, 2)},
			},
		},
		{
			ID: "8.I5", Kind: claim.Identity, Title: "What makes a step steepest", Ref: "Section 8.3, Eq. 8.27",
			Statement: `$\Delta=\arg\min_v\langle\nabla L,v\rangle+\frac12\|v\|^2$ satisfies $\langle\Delta,-\nabla L\rangle=\|\Delta\|^2=\|\nabla L\|_*^2$, so that the minimum is $-\frac12\|\nabla L\|_*^2$. In $\ell_p$, $\Delta=-\|g\|_q^{2-q}\,\mathrm{sgn}(g)|g|^{q-1}$ with $1/p+1/q=1$.`,
			Source:    "margin.Norm.Steepest, margin.Norm.Dual",
			Check:     checkSteepest(steepestTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "the direction without its length", Check: checkSteepest(steepestTheory{bare: true})},
				{Name: "the norm in place of its dual", Check: checkSteepest(steepestTheory{primal: true})},
				{Name: "the gradient step in every norm", Check: checkSteepest(steepestTheory{gradient: true})},
			},
		},
		{
			ID: "8.T6", Kind: claim.Theorem, Title: "Steepest descent finds the largest margin of its norm", Ref: "Theorem 8.3.2",
			Statement: `For separable data and any norm, steepest descent on $L$ with $\eta_t\le\min(\eta_+,1/(B^2L(w_t)))$, $B=\max\|x_i\|_*$, has $\min_iy_i\langle w_t,x_i\rangle/\|w_t\|\to\gamma=\max_{\|w\|\le1}\min_iy_i\langle w,x_i\rangle$. (Steps must not be summable.) The longer steps $1/(B^2L)$ leave a gap of order $1/t$ or less, bounded ones a power of $1/\log t$.`,
			Source:    "margin.Run, margin.MaxMargin, margin.Edge",
			Check:     checkMargins(marginTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "the ℓ₂ margin in every norm", Check: checkMargins(marginTheory{norm: Euclidean})},
				{Name: "the margin of the dual norm", Check: checkMargins(marginTheory{dual: true})},
				{Name: "steps that sum to something finite", Check: checkMargins(marginTheory{rule: Summable})},
			},
		},
		{
			ID: "8.E6", Kind: claim.Experiment, Title: "AdaBoost does not find the largest margin, small steps do", Ref: "Section 8.3.2",
			Statement: `Coordinate descent on $L$ with exact line search is AdaBoost. On the eight learners of Rudin, Daubechies and Schapire its weights of the points enter a cycle of three and its margin tends to $\frac13$; the largest $\ell_1$ margin is $\frac38$. With steps of 0.02 the margin tends to $\frac38$.`,
			Source:    "margin.Boost, margin.MaxMargin",
			Check:     checkBoost(boostTheory{ends: 1. / 3}),
			Alternatives: []claim.Alternative{
				{Name: "exact steps reach 3/8", Check: checkBoost(boostTheory{ends: 3. / 8})},
				{Name: "a log-odds step without the factor ½", Check: checkBoost(boostTheory{ends: 1. / 3, odds: 1})},
				{Name: "small steps end at 1/3 as well", Check: checkBoost(boostTheory{ends: 1. / 3, small: 1. / 3})},
			},
		},
	}
}

func checkSeparable(slope float64, broken bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		data := Five()
		mirrored := append(append([][]float64(nil), data.X...), []float64{-1, -.3})
		both := must(NewData("five points and the mirror image of one", mirrored, nil))
		best, err := MaxMargin(ctx, data, Euclidean)
		if err != nil {
			return nil, err
		}
		if broken {
			data = both
		}
		p := make([]float64, data.Len())
		at := func(c float64) float64 {
			w := append([]float64(nil), best.W...)
			floats.Scale(c, w)
			return data.Tail(p, w)
		}
		n := float64(data.Len())
		for _, c := range []float64{1, 10, 100, 1000} {
			f.Add(claim.Below(fmt.Sprintf("log L at length %g along the best direction", c), math.Log(n)-c*slope*best.Margin, at(c), claim.Rounding(c, 64)),
				claim.Above(fmt.Sprintf("log L at length %g, from below", c), -c*slope*best.Margin, at(c), claim.Rounding(c, 64)))
		}
		_, err = MaxMargin(ctx, both, Euclidean)
		if err != nil && !errors.Is(err, ErrNotSeparable) {
			return nil, err
		}
		refused := 0.0
		if err != nil {
			refused = 1
		}
		f.Add(claim.Equals("data with x and -x in one class are not separable", 1, refused, claim.Exact))
		r, err := Run(ctx, both, Config{Rule: Capped, Steps: 4000})
		if err != nil {
			return nil, err
		}
		f.Add(claim.Above("log L of descent on them", math.Log(2), r.Last().LogLoss, claim.Exact),
			claim.Below("distance moved in the second half of 4000 steps", 1e-6, floats.Distance(r.End, r.At(1995).W, 2), claim.Because(0, "a strongly convex loss near its minimum")))
		// One feature, points 1 and -1 of one class: w·y² > 0, and yet no w separates.
		f.Add(claim.Equals("smallest y·w·y of x = 1, -1 with labels 1, 1 at w = 1, as a margin", 1, must(NewData("line", [][]float64{{1}, {-1}}, nil)).Smallest([]float64{1}), claim.Exact).AsPrinted())
		return f, nil
	}
}

func checkGradient(towards Norm, logPower float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		r := rng.Stream(env.Seed, "margin/gradient")
		best, err := MaxMargin(ctx, Five(), towards)
		if err != nil {
			return nil, err
		}
		length := floats.Norm(best.W, 2)
		for k := range 3 {
			start := make([]float64, 2)
			if k > 0 {
				start = rng.Normals(r, 2)
			}
			run, err := runs.Get(ctx, nil, setting{Data: "five", Config: Config{Start: start}})
			if err != nil {
				return nil, err
			}
			for j, v := range run.End {
				f.Add(claim.Equals(fmt.Sprintf("coordinate %d of the direction, start %d", j+1, k), best.W[j]/length, v/floats.Norm(run.End, 2), claim.Because(4e-3, "10,000 steps: an offset of about 3 beside ‖w‖ ≈ 10,000·γ/B² = 1140")))
			}
		}
		hard, err := HardMargin(Five())
		if err != nil {
			return nil, err
		}
		for j, v := range []float64{.917431, .275229} {
			f.Add(claim.Equals(fmt.Sprintf("coordinate %d of ŵ, by NNLS", j+1), v, hard.W[j], claim.Digits(1e-6)))
		}
		f.Add(claim.Equals("γ = 1/‖ŵ‖", 1.0440307, 1/floats.Norm(hard.W, 2), claim.Digits(1e-7)))

		// (8.26): who is left in the gradient. Several support vectors in four dimensions.
		cloud, err := dataset("cloud", env.Seed)
		if err != nil {
			return nil, err
		}
		if hard, err = HardMargin(cloud); err != nil {
			return nil, err
		}
		run, err := runs.Get(ctx, nil, setting{Data: "cloud", Seed: env.Seed, Config: Config{Steps: 20000}})
		if err != nil {
			return nil, err
		}
		floats.Scale(1/floats.Sum(hard.Weights), hard.Weights)
		f.Add(claim.Below("largest difference between a point's share of the loss and its multiplier, 20 points", 0, floats.Distance(run.Shares, hard.Weights, math.Inf(1)), claim.Because(.01, "20,000 steps; a support vector of small weight comes late")))

		// In the time of gradient flow L falls like 1/t, so that -log L stands for log t.
		for _, c := range []struct {
			name     string
			run      *Result
			gamma    float64
			from, to int
			exponent float64
		}{
			{"several support vectors", run, 1 / floats.Norm(svm(cloud), 2), 1995, 20000, -logPower},
			{"one support vector", nil, 1 / floats.Norm(svm(Five()), 2), 1000, 10000, -2},
		} {
			if c.run == nil {
				if c.run, err = runs.Get(ctx, nil, setting{Data: "five"}); err != nil {
					return nil, err
				}
			}
			a, b := c.run.At(c.from), c.run.At(c.to)
			measured := math.Log((c.gamma-b.Margin)/(c.gamma-a.Margin)) / math.Log(b.LogLoss/a.LogLoss)
			f.Add(claim.Equals("exponent of |log L| in the gap of the margin, "+c.name, c.exponent, measured, claim.Because(.15, "terms of the next order in 1/log L")))
		}
		slow, err := runs.Get(ctx, nil, setting{Data: "five", Config: Config{Rule: Capped, Steps: 100000}})
		if err != nil {
			return nil, err
		}
		f.Note("With bounded steps 10⁵ of them leave %.3f of the gap after 10²: between 2/5 for 1/log t and 4/25 for 1/(log t)², which is the law of one support vector at later times.", (1/floats.Norm(svm(Five()), 2)-slow.At(100000).Margin)/(1/floats.Norm(svm(Five()), 2)-slow.At(100).Margin))
		return f, nil
	}
}

// svm is ŵ of data that are known to be separable.
func svm(d *Data) []float64 { return must(HardMargin(d)).W }

type steepestTheory struct{ bare, primal, gradient bool }

func checkSteepest(h steepestTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		r := rng.Stream(env.Seed, "margin/steepest")
		for _, n := range []Norm{Sum, 4. / 3, Euclidean, 3, Largest} {
			worst, beaten := 0.0, math.Inf(1)
			for range 200 {
				g := rng.Normals(r, 6)
				delta := make([]float64, 6)
				n.Steepest(delta, g)
				if h.gradient {
					floats.ScaleTo(delta, -1, g)
				}
				if h.bare {
					floats.Scale(1/n.Length(delta), delta)
				}
				dual := n.Dual().Length(g)
				if h.primal {
					dual = n.Length(g)
				}
				along, length := -floats.Dot(delta, g), n.Length(delta)
				worst = max(worst, math.Abs(along/(dual*dual)-1), math.Abs(length/dual-1))
				// No other vector has a lower value of the quadratic model: nearby ones and far ones.
				value := -along + length*length/2
				for range 20 {
					v := rng.Normals(r, 6)
					floats.Scale(math.Exp(3*r.NormFloat64()-4), v)
					floats.Add(v, delta)
					beaten = min(beaten, floats.Dot(v, g)+n.Length(v)*n.Length(v)/2-value)
				}
			}
			f.Add(claim.Equals(fmt.Sprintf("%s: largest relative difference in (8.27), 200 gradients", n), 0, worst, claim.Rounding(1, 64)),
				claim.Above(fmt.Sprintf("%s: smallest excess of 4000 other vectors", n), 0, beaten, claim.Rounding(10, 64)))
		}
		return f, nil
	}
}

type marginTheory struct {
	norm Norm // the margin predicted for every norm
	dual bool
	rule Rule
}

func checkMargins(h marginTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		printed := map[Norm][]float64{
			Euclidean: {.961410, 1.027363, 1.043657, 1.044026},
			Sum:       {.732019, .807412, .838412, .840619},
			Largest:   {1.3, 1.3, 1.3, 1.3},
		}
		value := map[Norm]float64{Euclidean: 1.0440307, Sum: .8409091, Largest: 1.3}
		for _, n := range norms() {
			run, err := runs.Get(ctx, nil, setting{Data: "five", Config: Config{Norm: n}})
			if err != nil {
				return nil, err
			}
			for k, v := range printed[n] {
				f.Add(claim.Equals(fmt.Sprintf("%s margin after 10^%d steps of 1/(B²L)", n, k+1), v, run.At(int(math.Pow10(k+1))).Margin, claim.Digits(1e-6)))
			}
			best, err := MaxMargin(ctx, Five(), n)
			if err != nil {
				return nil, err
			}
			edge, _, err := Edge(Five(), n)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(n.String()+": γ by the primal program", value[n], best.Margin, claim.Digits(1e-7)),
				claim.Equals(n.String()+": γ by the dual program", best.Margin, edge, claim.Rounding(1, 1<<20)))
		}
		slow, err := runs.Get(ctx, nil, setting{Data: "five", Config: Config{Rule: Capped, Steps: 100000}})
		if err != nil {
			return nil, err
		}
		for k, v := range []float64{.961410, .990349, 1.008339, 1.018941, 1.025529} {
			f.Add(claim.Equals(fmt.Sprintf("ℓ₂ margin after 10^%d steps of min(1, 1/(B²L))", k+1), v, slow.At(int(math.Pow10(k+1))).Margin, claim.Digits(1e-6)))
		}
		cloud, err := dataset("cloud", env.Seed)
		if err != nil {
			return nil, err
		}
		for _, n := range []Norm{Sum, 4. / 3, Euclidean, 3, Largest} {
			target := n
			if h.norm != 0 {
				target = h.norm
			}
			if h.dual {
				target = n.Dual()
			}
			best, err := MaxMargin(ctx, cloud, target)
			if err != nil {
				return nil, err
			}
			run, err := runs.Get(ctx, nil, setting{Data: "cloud", Seed: env.Seed, Config: Config{Norm: n, Rule: h.rule, Steps: 20000}})
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(fmt.Sprintf("%s: margin of descent over γ, 20 points in 4 dimensions", n), 1, run.Last().Margin/best.Margin, claim.Because(.05, "a gap of order B²log(n)/(γ²t) after 20,000 steps")),
				claim.Below(fmt.Sprintf("%s: margin of descent, from above", n), best.Upper, run.Last().Margin, claim.Rounding(1, 64)))
		}
		f.Figure, err = FigureRace(ctx)
		return f, err
	}
}

type boostTheory struct {
	ends  float64 // margin of exact steps
	small float64 // margin of small steps; 0 means 3/8
	odds  float64 // factor of the log-odds step; 0 means ½
}

func checkBoost(h boostTheory) claim.Check {
	if h.small == 0 {
		h.small = 3. / 8
	}
	if h.odds == 0 {
		h.odds = .5
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		data := Boosting()
		best, err := MaxMargin(ctx, data, Sum)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("largest ℓ₁ margin, linear program", 3./8, best.Margin, claim.Rounding(1, 1<<16)))
		exact, err := boosts.Get(ctx, nil, BoostConfig{Rounds: 200000})
		if err != nil {
			return nil, err
		}
		small, err := boosts.Get(ctx, nil, BoostConfig{Rounds: 200000, Epsilon: .02})
		if err != nil {
			return nil, err
		}
		for k, t := range []int{1000, 10000, 200000} {
			f.Add(claim.Equals(fmt.Sprintf("margin of AdaBoost after %d rounds", t), []float64{.332480, .333248, .333329}[k], exact.at(t), claim.Digits(1e-6)),
				claim.Equals(fmt.Sprintf("margin with steps of 0.02 after %d rounds", t), []float64{.3580, .3732, .37491}[k], small.at(t), claim.Digits([]float64{1e-4, 1e-4, 1e-5}[k])))
		}
		// Both gaps are a constant over t: extrapolation by the last two tells the limits.
		limit := func(r *BoostResult) float64 { return 2*r.at(200000) - r.at(100000) }
		f.Add(claim.Equals("limit of AdaBoost's margin, 2m(2·10⁵) - m(10⁵)", h.ends, limit(exact), claim.Because(1e-5, "rounding and the end of the transient")),
			claim.Equals("limit with steps of 0.02", h.small, limit(small), claim.Because(1e-4, "a quasi-periodic part of size 0.02/‖w‖₁")))
		period, _ := exact.Period()
		f.Add(claim.Equals("rounds after which AdaBoost's weights of the points repeat", 3, float64(period), claim.Exact))

		// A step of AdaBoost is ½·log((1 - err)/err); it is the minimum along the coordinate, found here by
		// halving an interval on the loss itself.
		r := rng.Stream(env.Seed, "margin/boost")
		worst := 0.0
		for range 50 {
			p := make([]float64, data.Len())
			for i := range p {
				p[i] = r.ExpFloat64()
			}
			floats.Scale(1/floats.Sum(p), p)
			j := r.IntN(data.Dim())
			wrong := 0.0
			for i := range p {
				if data.z[i][j] < 0 {
					wrong += p[i]
				}
			}
			lo, hi := -20.0, 20.0
			for range 100 {
				mid, slope := (lo+hi)/2, 0.0
				for i := range p {
					slope -= p[i] * data.z[i][j] * math.Exp(-mid*data.z[i][j])
				}
				if slope < 0 {
					lo = mid
				} else {
					hi = mid
				}
			}
			worst = max(worst, math.Abs(lo-h.odds*math.Log((1-wrong)/wrong)))
		}
		f.Add(claim.Equals("AdaBoost's step against the exact minimum along a coordinate, largest of 50 differences", 0, worst, claim.Because(1e-10, "bisection from ±20, rounding")))
		f.Figure, err = FigureCycle(ctx, 0)
		return f, err
	}
}

// at is the margin after t rounds.
func (r *BoostResult) at(t int) float64 {
	for k, v := range r.T {
		if v == t {
			return r.Margin[k]
		}
	}
	return math.NaN()
}
