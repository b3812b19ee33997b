package margin

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
)

func boundClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "8.P1", Kind: claim.Bound, Title: "The gradient is at least the margin times the loss", Ref: "Proposition 8.3.3",
			Statement: `For all $w$ and any norm $\|\nabla L(w)\|_*\ge\gamma L(w)$. Steepest descent comes to equality: no larger constant holds.`,
			Source:    "margin.Data.Gradient, margin.MaxMargin",
			Check:     checkDomination(dominationTheory{factor: 1}),
			Alternatives: []claim.Alternative{
				{Name: "1.01·γ", Check: checkDomination(dominationTheory{factor: 1.01})},
				{Name: "the margin of the dual norm", Check: checkDomination(dominationTheory{factor: 1, dual: true})},
				{Name: "0.99·γ called sharp", Check: checkDomination(dominationTheory{factor: .99})},
			},
		},
		{
			ID: "8.P2", Kind: claim.Bound, Title: "Loss and gradients along steepest descent", Ref: "Proposition 8.3.4",
			Statement: `With $\eta_t=\min(\eta_+,1/(B^2L(w_t)))$ and $\eta=\eta_0$: $L$ never grows; $\sum_t\|\nabla L(w_t)\|_*^2\le2L(w_0)/\eta$; $1/L(w_t)\ge1/L(w_0)+\frac12\eta\gamma^2t$, so that $L\to0$; $\sum_{u<t}\|\nabla L(w_u)\|_*\ge\log(1/L(w_t))/(B\eta_+)\to\infty$ from $w_0=0$.`,
			Source:    "margin.Run",
			Check:     checkProperties(propertyTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "steps three times as long", Check: checkProperties(propertyTheory{scale: 3})},
				{Name: "summable steps", Check: checkProperties(propertyTheory{rule: Summable})},
				{Name: "a sum of squares below L(w₀)/(3η)", Check: checkProperties(propertyTheory{sum: 1. / 3})},
				{Name: "a rate of 3ηγ²t", Check: checkProperties(propertyTheory{rate: 3})},
			},
			Errata: []claim.Erratum{{
				Number: "8.9", Where: "Proposition 8.3.4 and Theorem 8.3.2",
				Printed: `"stepsize $\eta\le\frac1{B^2L(w_0)}$"; $\sum\|\nabla L(w_t)\|^2<\infty$; "all bounded step-sizes satisfying $\eta_t\le\min\{\eta_+,\frac1{B^2L(w_t)}\}$"`,
				Correct: `$\eta_t\le\min(\eta_+,1/(B^2L(w_t)))$ at every $t$, as the theorem uses it; the dual norm; and a lower bound for the steps, such as $\sum_t\eta_t=\infty$ with $\eta_{t}$ bounded below`,
				Why:     `$\eta_t=0$ and $\eta_t=2^{-t}\eta_0$ satisfy the printed text. The weights then stay bounded and $L$ stays away from 0.`,
			}},
		},
		{
			ID: "8.I6", Kind: claim.Bound, Title: "What the loss says about the smallest margin", Ref: "Section 8.3, Eq. 8.28 to 8.31",
			Statement: `With $\gamma_u=\|\nabla L(w_u)\|_*$, $L(w_{t+1})\le L(w_t)-\eta_t\gamma_t^2+\frac12\eta_t^2B^2L(w_t)\gamma_t^2$, hence $\min_i\langle w_{t+1},x_i\rangle\ge\sum_{u\le t}\eta_u\gamma_u^2/L(w_u)-\frac12\sum_{u\le t}\eta_u^2B^2\gamma_u^2-\log L(w_0)$. Both hold at every step of every run, and the first is nearly an equality on a pair of opposite points.`,
			Source:    "margin.Run, margin.Worst",
			Check:     checkTelescope(telescopeTheory{curvature: .5, start: 1}),
			Alternatives: []claim.Alternative{
				{Name: "half of the curvature term", Check: checkTelescope(telescopeTheory{curvature: .25, start: 1})},
				{Name: "B in the norm itself", Check: checkTelescope(telescopeTheory{curvature: .5, start: 1, primal: true})},
				{Name: "without log L(w₀)", Check: checkTelescope(telescopeTheory{curvature: .5})},
			},
		},
		{
			ID: "8.I7", Kind: claim.Bound, Title: "What the steps say about the norm, and the margin of the proof", Ref: "Section 8.3, Eq. 8.32 to 8.34",
			Statement: `$\|w_{t+1}\|\le\|w_0\|+\sum_{u\le t}\eta_u\gamma_u$, so that the normalised margin is at least $(\mathrm I)+(\mathrm{II})$ with $(\mathrm I)\ge\gamma\frac{\sum\eta\gamma_u}{\sum\eta\gamma_u+\|w_0\|}\to\gamma$. With bounded steps $(\mathrm{II})\to0$ by $\sum\gamma_u^2<\infty$. With $\eta_t=1/(B^2L(w_t))$ it does not: the same lines give $\gamma/2$ and no more, although the run reaches $\gamma$.`,
			Source:    "margin.Run, margin.Row",
			Check:     checkNorms(normTheory{half: .5}),
			Alternatives: []claim.Alternative{
				{Name: "the ℓ₂ length of the gradient in every norm", Check: checkNorms(normTheory{half: .5, wrong: true})},
				{Name: "term (II) vanishes for the long steps too", Check: checkNorms(normTheory{half: 1})},
			},
			Errata: []claim.Erratum{{
				Number: "8.9/II", Where: "end of the proof of Theorem 8.3.2",
				Printed: `"$\sum_{u\le t}\frac{\eta^2B^2\gamma_u^2}2<\infty$ using Proposition 8.3.3. Thus (II) $\to0$."`,
				Correct: `Proposition 8.3.4, part 2, and $\eta_t\le\eta_+$`,
				Why:     `Proposition 8.3.3 is a lower bound for the gradient. Without $\eta_+$ the sum grows with the norm, and (II) tends to $-\gamma/2$.`,
			}},
		},
	}
}

type dominationTheory struct {
	factor float64
	dual   bool
}

func checkDomination(h dominationTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		r := rng.Stream(env.Seed, "margin/domination")
		cloud, err := dataset("cloud", env.Seed)
		if err != nil {
			return nil, err
		}
		for _, data := range []*Data{Five(), cloud} {
			for _, n := range norms() {
				target := n
				if h.dual {
					target = n.Dual()
				}
				best, err := MaxMargin(ctx, data, target)
				if err != nil {
					return nil, err
				}
				least := math.Inf(1)
				p, g := make([]float64, data.Len()), make([]float64, data.Dim())
				for range 10000 {
					w := rng.Normals(r, data.Dim())
					floats.Scale(math.Exp(2*r.NormFloat64()), w)
					data.Tail(p, w)
					data.Gradient(g, p)
					least = min(least, n.Dual().Length(g))
				}
				f.Add(claim.Above(fmt.Sprintf("%s, %s: least ‖∇L‖_*/L of 10,000 random w", data.Name, n), h.factor*best.Margin, least, claim.Rounding(1, 64)))
			}
		}
		for _, n := range norms() {
			run, err := runs.Get(ctx, nil, setting{Data: "five", Config: Config{Norm: n}})
			if err != nil {
				return nil, err
			}
			best, err := MaxMargin(ctx, Five(), n)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Above(n.String()+": least ‖∇L‖_*/L along descent", h.factor*best.Margin, run.Worst.Gradient, claim.Rounding(1, 1<<16)),
				claim.Equals(n.String()+": least ‖∇L‖_*/L along descent, over γ", h.factor, run.Worst.Gradient/best.Margin, claim.Because(1e-3, "10,000 steps; in ℓ₁ the two coordinates take turns around equality")))
		}
		return f, nil
	}
}

type propertyTheory struct {
	scale float64 // of the steps; 0 means 1
	rule  Rule
	sum   float64 // factor of L(w₀)/η; 0 means 2
	rate  float64 // factor of ηγ²t; 0 means ½
}

func checkProperties(h propertyTheory) claim.Check {
	if h.scale == 0 {
		h.scale = 1
	}
	if h.rule == "" {
		h.rule = Capped
	}
	if h.sum == 0 {
		h.sum = 2
	}
	if h.rate == 0 {
		h.rate = .5
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		for _, name := range []string{"five", "wedge", "cloud"} {
			data, err := dataset(name, env.Seed)
			if err != nil {
				return nil, err
			}
			for _, n := range norms() {
				cfg := Config{Norm: n, Rule: h.rule, Scale: h.scale, Steps: 5000}
				if name == "wedge" {
					cfg.Start = []float64{0, .5}
				}
				run, err := runs.Get(ctx, nil, setting{Data: name, Seed: env.Seed, Config: cfg})
				if err != nil {
					return nil, err
				}
				best, err := MaxMargin(ctx, data, n)
				if err != nil {
					return nil, err
				}
				first := run.Rows[0].LogLoss
				eta := min(1, math.Exp(-first)/(run.Reach*run.Reach)) // the smallest step size, as L falls
				f.Add(claim.Above(fmt.Sprintf("%s, %s: smallest decrease of log L", name, n), 0, run.Worst.Decrease, claim.Rounding(10, 16)),
					claim.Below(fmt.Sprintf("%s, %s: sum of squared dual norms of the gradients, logarithm", name, n), math.Log(h.sum/eta)+first, run.Last().LogSquare, claim.Rounding(1, 1<<12)))
				slack, growth := math.Inf(1), math.Inf(1)
				for _, row := range run.Rows[1:] {
					inverse := math.Exp(-first) + h.rate*eta*best.Margin*best.Margin*float64(row.T)
					slack = min(slack, -row.LogLoss-math.Log(inverse))
					growth = min(growth, row.LogSum-math.Log(max(math.Log(inverse)/run.Reach-run.Rows[0].Length, 1e-300)))
				}
				f.Add(claim.Above(fmt.Sprintf("%s, %s: least log of 1/L over its bound", name, n), 0, slack, claim.Rounding(10, 64)),
					claim.Above(fmt.Sprintf("%s, %s: least log of the sum of dual norms over its bound", name, n), 0, growth, claim.Rounding(10, 64)))
			}
		}
		// The printed conditions allow steps whose sum is finite.
		stall, err := runs.Get(ctx, nil, setting{Data: "five", Config: Config{Rule: Summable, Steps: 1000}})
		if err != nil {
			return nil, err
		}
		eta := math.Exp(-stall.Rows[0].LogLoss) / (stall.Reach * stall.Reach)
		bound := -math.Log(math.Exp(-stall.Rows[0].LogLoss) + .5*eta*1.09*1000)
		f.Add(claim.Below("log L after 1000 steps of size 2^{-t}·η₀, which the printed text allows, by the rate above", bound, stall.Last().LogLoss, claim.Exact).AsPrinted())
		f.Note("With steps of size 2^{-t}·η₀ on the five points log L stays at %.4f and ‖w‖ at %.3f.", stall.Last().LogLoss, stall.Last().Length)
		return f, nil
	}
}

type telescopeTheory struct {
	curvature float64 // ½
	start     float64 // factor of log L(w₀)
	primal    bool
}

func checkTelescope(h telescopeTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		r := rng.Stream(env.Seed, "margin/telescope")
		tight := math.Inf(1)
		for _, name := range []string{"five", "wedge", "cloud"} {
			data, err := dataset(name, env.Seed)
			if err != nil {
				return nil, err
			}
			for _, n := range []Norm{Sum, 4. / 3, Euclidean, 3, Largest} {
				step, total := math.Inf(1), math.Inf(1)
				for k := range 4 {
					start := make([]float64, data.Dim())
					if k > 0 {
						start = rng.Normals(r, data.Dim())
						floats.Scale(.3, start)
					}
					a, b, c := plainDescent(data, n, start, h)
					step, total, tight = min(step, a), min(total, b), min(tight, c)
				}
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				f.Add(claim.Above(fmt.Sprintf("%s, %s: least slack of (8.28), relative to L", name, n), 0, step, claim.Rounding(1, 64)),
					claim.Above(fmt.Sprintf("%s, %s: least slack of (8.31)", name, n), 0, total, claim.Rounding(10, 64)))
			}
		}
		f.Add(claim.Below("least of (L_t - bound)/(L_t - L_{t+1}) below 1: how sharp (8.28) gets", .02, tight, claim.Exact))
		for _, rule := range []Rule{Adaptive, Capped} {
			for _, n := range norms() {
				run, err := runs.Get(ctx, nil, setting{Data: "five", Config: Config{Norm: n, Rule: rule}})
				if err != nil {
					return nil, err
				}
				f.Add(claim.Above(fmt.Sprintf("%s, %s steps: least slack of (8.29) over 10,000 steps, in logarithms", n, rule), 0, run.Worst.Step, claim.Rounding(1e4, 8)),
					claim.Above(fmt.Sprintf("%s, %s steps: least slack of (8.31) over 10,000 steps", n, rule), 0, run.Worst.Telescope, claim.Rounding(1e4, 64)))
			}
		}
		var err error
		f.Figure, err = FigureProof(ctx, Euclidean, Capped)
		return f, err
	}
}

// plainDescent repeats Run for 300 steps in the plainest way, with L itself, and returns the least slack of
// (8.28) relative to L, of (8.31), and the least share of the true decrease that (8.28) misses.
func plainDescent(data *Data, n Norm, w []float64, h telescopeTheory) (step, total, missed float64) {
	w = append([]float64(nil), w...)
	loss := func() (l float64, g []float64) {
		g = make([]float64, len(w))
		for _, z := range data.z {
			e := math.Exp(-floats.Dot(z, w))
			l += e
			floats.AddScaled(g, -e, z)
		}
		return l, g
	}
	b := data.Reach(n)
	stated := b
	if h.primal {
		stated = data.Reach(n.Dual())
	}
	step, total, missed = math.Inf(1), math.Inf(1), math.Inf(1)
	l, g := loss()
	sum := -h.start * math.Log(l)
	delta := make([]float64, len(w))
	for range 300 {
		eta := min(1, 1/(b*b*l))
		n.Steepest(delta, g)
		floats.AddScaled(w, eta, delta)
		gamma := n.Dual().Length(g)
		gain, cost := eta*gamma*gamma, h.curvature*eta*eta*stated*stated*gamma*gamma
		next, g2 := loss()
		step = min(step, (l-gain+cost*l-next)/l)
		if l-next > 1e-6*l {
			missed = min(missed, (l-gain+cost*l-next)/(l-next))
		}
		sum += gain/l - cost
		total = min(total, data.Smallest(w)-sum)
		l, g = next, g2
	}
	return step, total, missed
}

type normTheory struct {
	half  float64 // of γ that the bound tends to for adaptive steps
	wrong bool
}

func checkNorms(h normTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		r := rng.Stream(env.Seed, "margin/norms")
		cloud, err := dataset("cloud", env.Seed)
		if err != nil {
			return nil, err
		}
		for _, n := range []Norm{Sum, 4. / 3, Euclidean, 3, Largest} {
			best, err := MaxMargin(ctx, cloud, n)
			if err != nil {
				return nil, err
			}
			start := rng.Normals(r, cloud.Dim())
			run, err := Run(ctx, cloud, Config{Norm: n, Rule: Capped, Start: start, Steps: 5000})
			if err != nil {
				return nil, err
			}
			walk, main := math.Inf(1), math.Inf(1)
			for _, row := range run.Rows[1:] {
				moved := row.Above - n.Length(start)
				main = min(main, row.Main-best.Margin*moved/(moved+n.Length(start)))
			}
			// The sum of the lengths of the steps, taken from the path itself between kept rows.
			g, p := make([]float64, cloud.Dim()), make([]float64, cloud.Len())
			w := append([]float64(nil), start...)
			delta := make([]float64, cloud.Dim())
			sum := n.Length(start)
			for range 200 {
				logL := cloud.Tail(p, w)
				cloud.Gradient(g, p)
				length := n.Dual().Length(g)
				if h.wrong {
					length = floats.Norm(g, 2)
				}
				c := min(1/(run.Reach*run.Reach), math.Exp(logL))
				n.Steepest(delta, g)
				floats.AddScaled(w, c, delta)
				sum += c * length
				walk = min(walk, sum-n.Length(w), sum-pathLength(n, start, w)-n.Length(start))
			}
			f.Add(claim.Above(fmt.Sprintf("%s: least slack of (8.32) over 5000 steps from a random start", n), 0, run.Worst.Norm, claim.Rounding(100, 1<<12)),
				claim.Above(fmt.Sprintf("%s: least slack of (8.32), and of the distance from the start, 200 steps", n), 0, walk, claim.Rounding(100, 64)),
				claim.Above(fmt.Sprintf("%s: least slack of (8.33)", n), 0, run.Worst.Quotient, claim.Rounding(1, 1<<12)),
				claim.Above(fmt.Sprintf("%s: least slack of (8.34)", n), 0, main, claim.Rounding(1, 1<<12)))
		}
		for _, n := range norms() {
			best, err := MaxMargin(ctx, Five(), n)
			if err != nil {
				return nil, err
			}
			long, err := runs.Get(ctx, nil, setting{Data: "five", Config: Config{Norm: n}})
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(n.String()+": what (8.33) gives for steps of 1/(B²L), over γ", h.half, long.Last().Bound/best.Margin, claim.Because(.01, "log L(w₀) over ‖w‖, 10,000 steps")),
				claim.Equals(n.String()+": what the run reaches, over γ", 1, long.Last().Margin/best.Margin, claim.Because(1e-3, "10,000 steps")))
		}
		slow, err := runs.Get(ctx, nil, setting{Data: "five", Config: Config{Rule: Capped, Steps: 100000}})
		if err != nil {
			return nil, err
		}
		f.Add(claim.Above("ℓ₂, bounded steps: (8.33) after 10⁵ steps, over γ", .6, slow.Last().Bound/1.0440307, claim.Exact))
		f.Note("With bounded steps the right-hand side of (8.33) is %.3f γ after 10³ and %.3f γ after 10⁵ steps: it grows with log t.", slow.At(1000).Bound/1.0440307, slow.Last().Bound/1.0440307)
		f.Figure, err = FigureProof(ctx, Euclidean, Adaptive)
		return f, err
	}
}

func pathLength(n Norm, a, b []float64) float64 {
	d := make([]float64, len(a))
	floats.SubTo(d, b, a)
	return n.Length(d)
}
