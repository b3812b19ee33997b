package margin

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/internal/keep"
	"github.com/lemma-ml/lemma/lib/rng"
)

// journey names a run of Flow on one of the predictors of this package.
type journey struct {
	Net   string    // "diagonal" on five points; "relu", "cubic" on a ring
	Seed  uint64    // of the ring and of the start
	Start []float64 // nil means ½ everywhere for the diagonal net, pairs for the others
	FlowConfig
}

var flows = keep.OnHost(func(ctx context.Context, j journey) (*FlowResult, error) {
	f, err := predictor(j.Net, j.Seed)
	if err != nil {
		return nil, err
	}
	start := j.Start
	if start == nil {
		start = []float64{.5, .5, .5, .5}
		if j.Net != "diagonal" {
			start = pairs(rng.Stream(j.Seed, "margin/start"))
		}
	}
	return Flow(ctx, f, start, j.FlowConfig)
})

// pairs starts eight units in two dimensions as one of each sign near each of four directions. With
// independent draws a point may find no active unit of its sign, and then L does not go to 0.
func pairs(r *rand.Rand) []float64 {
	w := make([]float64, 24)
	for k := range 8 {
		angle := math.Pi/2*float64(k/2) + .3*r.NormFloat64()
		length := math.Exp(.3 * r.NormFloat64())
		w[k] = math.Exp(.3*r.NormFloat64()) * float64(1-2*(k%2))
		w[8+2*k], w[9+2*k] = length*math.Cos(angle), length*math.Sin(angle)
	}
	return w
}

func predictor(name string, seed uint64) (Predictor, error) {
	if name == "diagonal" {
		return Diagonal{Five()}, nil
	}
	ring, err := Ring(seed, 8)
	if err != nil {
		return nil, err
	}
	if name == "relu" {
		return NewNetwork(ring, 8, 1)
	}
	return NewNetwork(ring, 8, 3)
}

// bar is the limit direction of the diagonal net on five points: the roots of the ℓ₁ margin direction.
func bar() []float64 { return []float64{math.Sqrt(17. / 22), math.Sqrt(5. / 22), 0, 0} }

func homogeneousClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "8.A6", Kind: claim.Model, Title: "Homogeneous predictors and their margin", Ref: "Section 8.4, Eq. 8.35",
			Statement: `If $f_i(cw)=c^\alpha f_i(w)$ for $c>0$ then $\nabla f_i(cw)=c^{\alpha-1}\nabla f_i(w)$ and $\langle\nabla f_i(w),w\rangle=\alpha f_i(w)$. The margin $\min_iy_if_i(w)/\|w\|_2^\alpha$ depends on the direction alone; for $f_i=\langle u\odot u-v\odot v,x_i\rangle$ its largest value is the $\ell_1$ margin of the data.`,
			Source:    "margin.Linear, margin.Diagonal, margin.Network, margin.NormalisedMargin",
			Check:     checkHomogeneous(0, Sum),
			Alternatives: []claim.Alternative{
				{Name: "degree α + 1", Check: checkHomogeneous(1, Sum)},
				{Name: "the ℓ₂ margin for the diagonal net", Check: checkHomogeneous(0, Euclidean)},
			},
			Errata: []claim.Erratum{{
				Number: "8.11", Where: "Section 8.4, after Eq. 8.35",
				Printed: `"Similar to the linear case in Section 5.5.1"`,
				Correct: `Section 8.3`,
				Why:     `Linear classification and its margin are in Section 8.3; Section 5.5.1 is about something else.`,
			}},
		},
		{
			ID: "8.D4", Kind: claim.Definition, Title: "First-order stationary directions", Ref: "Definition 8.4.1",
			Statement: `A unit vector $\bar w$ is stationary if $\bar w=\sum_i\lambda_iy_i\nabla f_i(\bar w)$ with $\lambda\ge0$ that vanish off $S=\{i:y_if_i(\bar w)=\min_jy_jf_j(\bar w)\}$. The distance from such a sum is its residual: 0 at the best direction, 0 at stationary directions that are not the best, large elsewhere.`,
			Source:    "margin.Stationary, margin.NNLS",
			Check:     checkStationary(stationaryTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "multipliers without labels", Check: checkStationary(stationaryTheory{unlabelled: true})},
				{Name: "support by the best margin of all", Check: checkStationary(stationaryTheory{global: true})},
				{Name: "multipliers of either sign", Check: checkStationary(stationaryTheory{free: true})},
			},
			Errata: []claim.Erratum{{
				Number: "8.10", Where: "Definition 8.4.1 and the proof of Theorem 8.4.5",
				Printed: `$w=\sum_n\lambda_n\nabla f_n(w)$ with $\lambda_n=0$ for $n\notin S_m(w)=\{i:y_if_i(w)=\gamma\}$; "$S=\{i:f_i(\bar w)=\gamma\}$, where $\gamma$ is the optimal margin attainable by a unit norm $w$"`,
				Correct: `$w=\sum_n\lambda_ny_n\nabla f_n(w)$ and $S=\{i:y_if_i(\bar w)=\min_jy_jf_j(\bar w)\}$`,
				Why:     `The constraint is on $y_nf_n$. At a stationary direction that is not optimal no point has the optimal margin, so that $S$ as printed is empty and $w=0$.`,
			}},
		},
		{
			ID: "8.H1", Kind: claim.Definition, Title: "Smooth functions, limits in direction", Ref: "Assumptions 8.4.2 to 8.4.4, Eq. 8.36 and 8.37",
			Statement: `$\max(s,0)^k$ has a continuous second derivative only for $k\ge3$: ReLU nets are outside Assumption 8.4.2. On the diagonal net $w_t=g_t(\bar w+\delta_t)$ with $\|\delta_t\|=O(g_t^{-\alpha})\to0$, the shares of the points in the loss converge to $a$, and the gradients of the support vectors are independent.`,
			Source:    "margin.Network, margin.Flow",
			Check:     checkAssumptions(0, 2),
			Alternatives: []claim.Alternative{
				{Name: "squared ReLU is C²", Check: checkAssumptions(1, 2)},
				{Name: "δ_t = O(1/g_t) and no better", Check: checkAssumptions(0, 1)},
			},
			Errata: []claim.Erratum{{
				Number: "8.10/δ", Where: "Assumption 8.4.3, after Eq. 8.37",
				Printed: `$\lim_{t\to\infty}\delta_tt=0$`,
				Correct: `$\lim_{t\to\infty}\delta_t=0$`,
				Why:     `Flow takes a time of order $1/L$, exponential in $g_t^\alpha$, to come to length $g_t$, while $\delta_t$ is a power of $g_t$: $\delta_tt\to\infty$.`,
			}},
		},
		{
			ID: "8.H1/licq", Kind: claim.Remark, Title: "Homogeneous margins need no independent constraints", Ref: "Assumption 8.4.4 and the sentence after it",
			Statement: `At any $\bar w$ with positive margin, $\langle y_i\nabla f_i(\bar w),\bar w\rangle=\alpha y_if_i(\bar w)>0$: one direction improves all constraints (Mangasarian and Fromovitz), so that every optimum of Max-Margin satisfies Definition 8.4.1, and $\|\sum_{i\in S}a_iy_i\nabla f_i(\bar w)\|\ge\alpha\gamma$ for all shares $a$. Assumption 8.4.4 can be dropped from Theorem 8.4.5.`,
			Source:    "margin.Stationary",
			Check:     checkQualification(1),
			Alternatives: []claim.Alternative{
				{Name: "a sum of gradients of at least 2αγ", Check: checkQualification(2)},
			},
			Errata: []claim.Erratum{{
				Number: "8.10/licq", Where: "Section 8.4, after Assumption 8.4.4",
				Printed: `"Without constraint qualifications, even the global optimum may not satisfy the optimality conditions."`,
				Correct: `true of constrained problems in general; for homogeneous predictors with a positive margin it cannot happen`,
				Why:     `Euler's identity makes $w$ itself a direction along which every active constraint grows. In the proof the same inequality gives term I $=\Omega(g_t^{\alpha-1}h_t)$ without Assumption 8.4.4.`,
			}},
		},
	}
}

func checkHomogeneous(shift float64, norm Norm) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		r := rng.Stream(env.Seed, "margin/homogeneous")
		cloud, err := dataset("cloud", env.Seed)
		if err != nil {
			return nil, err
		}
		list := map[string]Predictor{"linear": Linear{cloud}, "diagonal": Diagonal{cloud}}
		for _, name := range []string{"relu", "cubic"} {
			if list[name], err = predictor(name, env.Seed); err != nil {
				return nil, err
			}
		}
		for _, name := range []string{"linear", "diagonal", "relu", "cubic"} {
			p := list[name]
			alpha := p.Degree() + shift
			value, slope, euler, diff := 0.0, 0.0, 0.0, 0.0
			g, g2 := make([]float64, p.Dim()), make([]float64, p.Dim())
			for range 50 {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				w, c, i := rng.Normals(r, p.Dim()), math.Exp(r.NormFloat64()), r.IntN(p.Len())
				v := p.Value(w, i)
				p.Gradient(g, w, i)
				scale := math.Pow(floats.Norm(w, 2), p.Degree()) // f may be 0: all units may be dead
				euler = max(euler, math.Abs(floats.Dot(g, w)-alpha*v)/scale)
				// A central difference knows nothing of the formula.
				e := rng.Normals(r, p.Dim())
				const h = 1e-5
				at := func(s float64) float64 {
					x := append([]float64(nil), w...)
					floats.AddScaled(x, s, e)
					return p.Value(x, i)
				}
				diff = max(diff, math.Abs((at(h)-at(-h))/(2*h)-floats.Dot(g, e))/scale)
				floats.Scale(c, w)
				value = max(value, math.Abs(p.Value(w, i)-math.Pow(c, alpha)*v)/(math.Pow(c, p.Degree())*scale))
				p.Gradient(g2, w, i)
				floats.AddScaled(g2, -math.Pow(c, alpha-1), g)
				slope = max(slope, floats.Norm(g2, 2)/(math.Pow(c, p.Degree()-1)*(1+floats.Norm(g, 2))))
			}
			f.Add(claim.Equals(name+": f(cw) against c^α·f(w), relative", 0, value, claim.Rounding(1, 256)),
				claim.Equals(name+": ∇f(cw) against c^{α-1}·∇f(w), relative", 0, slope, claim.Rounding(1, 256)),
				claim.Equals(name+": ⟨∇f, w⟩ against α·f, relative", 0, euler, claim.Rounding(1, 256)),
				claim.Equals(name+": ∇f against differences, relative", 0, diff, claim.Because(1e-4, "differences of width 2·10⁻⁵, across a kink of ReLU in the worst case")))
		}
		best, err := MaxMargin(ctx, Five(), norm)
		if err != nil {
			return nil, err
		}
		net, top := Diagonal{Five()}, math.Inf(-1)
		for range 20000 {
			top = max(top, NormalisedMargin(net, rng.Normals(r, 4)))
		}
		run, err := flows.Get(ctx, nil, journey{Net: "diagonal"})
		if err != nil {
			return nil, err
		}
		f.Add(claim.Below("largest margin of 20,000 random directions of the diagonal net", best.Margin, top, claim.Exact),
			claim.Equals("margin at the end of normalised descent", best.Margin, run.Last().Margin, claim.Because(1e-6, "100,000 steps")))
		return f, nil
	}
}

type stationaryTheory struct{ unlabelled, global, free bool }

func checkStationary(h stationaryTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		r := rng.Stream(env.Seed, "margin/stationary")
		// The five points with some of them mirrored and labelled -1: the same problem, with labels.
		x, y := Five().X, []float64{1, -1, 1, -1, 1}
		for i := range x {
			floats.Scale(y[i], x[i])
		}
		net := Diagonal{must(NewData("five points with labels", x, y))}
		best := 18.5 / 22
		residual := func(w []float64, unlabelled, global, free bool) (float64, error) {
			unit := append([]float64(nil), w...)
			floats.Scale(1/floats.Norm(w, 2), unit)
			level := NormalisedMargin(net, unit)
			if global {
				level = best
			}
			var columns [][]float64
			for i := range net.Len() {
				if math.Abs(net.Value(unit, i)-level) > 1e-9 {
					continue
				}
				g := make([]float64, net.Dim())
				net.Gradient(g, unit, i)
				if unlabelled {
					floats.Scale(y[i], g)
				}
				columns = append(columns, g)
				if free {
					back := append([]float64(nil), g...)
					floats.Scale(-1, back)
					columns = append(columns, back)
				}
			}
			_, res, err := NNLS(columns, unit)
			return res, err
		}
		one := []float64{1, 0, 0, 0}
		for _, c := range []struct {
			name string
			w    []float64
			want float64
		}{{"at the best direction", bar(), 0}, {"at (1, 0, 0, 0), of margin ½", one, 0}} {
			got, err := residual(c.w, h.unlabelled, h.global, h.free)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals("residual "+c.name, c.want, got, claim.Rounding(1, 1<<12)))
		}
		// Between the two kinds of point the first and the last active gradients pull apart: at w with
		// u₂ > 0 and only the first point active, no positive multiple of its gradient is w.
		away := []float64{math.Sqrt(.9), math.Sqrt(.1), 0, 0}
		theory := awayResidual(away)
		got, err := residual(away, h.unlabelled, h.global, h.free)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("residual at (√0.9, √0.1, 0, 0), one active point: the sine of an angle", theory, got, claim.Rounding(1, 1<<10)))
		// v carries weight on the wrong side: the gradient at v is -2v⊙x, so that w would need λ < 0 there.
		wrong := []float64{1, 0, 0, .05}
		s, err := Stationary(net, wrong, 1e-9)
		if err != nil {
			return nil, err
		}
		got, err = residual(wrong, h.unlabelled, h.global, h.free)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("residual at (1, 0, 0, 0.05), by margin.Stationary", s.Residual, got, claim.Rounding(1, 1<<10)))
		least := math.Inf(1)
		for range 500 {
			w := rng.Normals(r, 4)
			if s, err := Stationary(net, w, -1); err == nil {
				least = min(least, s.Residual)
			}
		}
		f.Add(claim.Above("least residual of the random directions among 500 that separate", .01, least, claim.Exact))
		for _, c := range []struct {
			name               string
			w                  []float64
			unlabelled, global bool
		}{{"without labels, at the best direction", bar(), true, false}, {"with S by the best margin, at (1, 0, 0, 0)", one, false, true}} {
			got, err := residual(c.w, c.unlabelled, c.global, false)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals("residual "+c.name, 0, got, claim.Because(.05, "far from 1")).AsPrinted())
		}
		pair := [][]float64{{1, 0}, {1, 1e-3}}
		_, res, err := NNLS(pair, []float64{-1, 1})
		if err != nil {
			return nil, err
		}
		free := math.Sqrt2 // of (-1, 1), no part of which lies in the cone
		if h.free {
			free = 0
		}
		f.Add(claim.Equals("residual of (-1, 1) against the cone of (1, 0) and (1, 0.001)", free, res, claim.Because(2e-3, "the cone's edge is tilted by 0.001")))
		return f, nil
	}
}

// awayResidual is the sine of the angle between w and the gradient of the one active point at w, by hand.
func awayResidual(w []float64) float64 {
	least, at := math.Inf(1), 0
	five := Five()
	for i, z := range five.X {
		if v := z[0]*w[0]*w[0] + z[1]*w[1]*w[1]; v < least {
			least, at = v, i
		}
	}
	g := []float64{five.X[at][0] * w[0], five.X[at][1] * w[1]}
	cross := g[0]*w[1] - g[1]*w[0]
	return math.Abs(cross) / math.Hypot(g[0], g[1])
}

func checkAssumptions(shift, decay float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		point := must(NewData("one point", [][]float64{{1, 0}}, nil))
		for k := 1; k <= 4; k++ {
			m, err := NewNetwork(point, 1, k)
			if err != nil {
				return nil, err
			}
			jump := func(h float64) float64 { // of the second derivative across the kink, at width h
				g := make([]float64, 3)
				d := 0.0
				for _, c := range []struct{ at, weight float64 }{{h, 1}, {0, -2}, {-h, 1}} {
					m.Gradient(g, []float64{1, c.at, 0}, 0)
					d += c.weight * g[1] / h
				}
				return d
			}
			f.Add(claim.Equals(fmt.Sprintf("max(s, 0)^%d: exponent of h in the jump of the second derivative, positive if there is none", k), float64(k)-2+shift, math.Log10(jump(1e-2)/jump(1e-3)), claim.Rounding(10, 64)))
		}
		run, err := flows.Get(ctx, nil, journey{Net: "diagonal", FlowConfig: FlowConfig{Calm: .5, Steps: 20000}})
		if err != nil {
			return nil, err
		}
		delta := func(r *FlowRow) float64 {
			d := append([]float64(nil), r.W...)
			floats.Scale(1/r.Length, d)
			return floats.Distance(d, bar(), 2)
		}
		mid, last := run.at(1995), run.Last()
		f.Add(claim.Equals("exponent of g in ‖δ_t‖ between step 1995 and 20,000", -decay, math.Log(delta(last)/delta(mid))/math.Log(last.Length/mid.Length), claim.Because(.15, "terms of higher order in 1/g²")))
		_, a, err := Edge(Five(), Sum)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Below("largest difference of the shares at the end from a, the weights of the dual program", 0, floats.Distance(last.Shares, a, math.Inf(1)), claim.Because(1e-3, "20,000 steps")))
		s, err := Stationary(Diagonal{Five()}, last.W, 1e-3)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("points of smallest margin", 2, float64(len(s.Support)), claim.Exact),
			claim.Above("smallest singular value of their unit gradients", .5, s.Independent, claim.Exact),
			claim.Below("log(‖δ_t‖·t) at the end, in the time of gradient flow", 0, math.Log(delta(last))+last.LogTime, claim.Exact).AsPrinted())
		f.Note("At length %.3g the flow has run for e^%.0f units of time and ‖δ‖ = %.2g.", last.Length, last.LogTime, delta(last))
		return f, nil
	}
}

// at is the row before step t; nil if there is none.
func (r *FlowResult) at(t int) *FlowRow {
	for i := range r.Rows {
		if r.Rows[i].T == t {
			return &r.Rows[i]
		}
	}
	return nil
}

func checkQualification(factor float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		// Twice the first point: its gradients coincide, and LICQ fails wherever it is active.
		five := Five()
		twice := must(NewData("five points, one twice", append(five.X, five.X[0]), nil))
		run, err := Flow(ctx, Diagonal{twice}, []float64{.5, .5, .5, .5}, FlowConfig{Steps: 20000, Calm: .5})
		if err != nil {
			return nil, err
		}
		s, err := Stationary(Diagonal{twice}, run.Last().W, 1e-3)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("a point given twice: smallest singular value of the active unit gradients", 0, s.Independent, claim.Rounding(1, 64)),
			claim.Below("residual of the limit direction all the same", 0, s.Residual, claim.Because(2e-3, "20,000 calm steps")))
		r := rng.Stream(env.Seed, "margin/qualification")
		for _, name := range []string{"diagonal", "relu", "cubic"} {
			p, err := predictor(name, env.Seed)
			if err != nil {
				return nil, err
			}
			cfg := journey{Net: name, Seed: env.Seed, FlowConfig: FlowConfig{Steps: 20000}}
			if name == "diagonal" {
				cfg.FlowConfig = FlowConfig{}
			}
			run, err := flows.Get(ctx, nil, cfg)
			if err != nil {
				return nil, err
			}
			s, err := Stationary(p, run.Last().W, .01)
			if err != nil {
				return nil, err
			}
			unit := append([]float64(nil), run.Last().W...)
			floats.Scale(1/run.Last().Length, unit)
			least, g, sum := math.Inf(1), make([]float64, p.Dim()), make([]float64, p.Dim())
			for range 200 {
				clear(sum)
				total := 0.0
				for _, i := range s.Support {
					a := r.ExpFloat64()
					p.Gradient(g, unit, i)
					floats.AddScaled(sum, a, g)
					total += a
				}
				least = min(least, floats.Norm(sum, 2)/total)
			}
			f.Add(claim.Above(name+": least ‖Σ a_i y_i∇f_i(w̄)‖ of 200 random shares on S", factor*p.Degree()*s.Margin, least, claim.Rounding(1, 64)))
			if name == "diagonal" { // the shares of the dual program make it an equality
				_, a, err := Edge(Five(), Sum)
				if err != nil {
					return nil, err
				}
				clear(sum)
				for i := range a {
					p.Gradient(g, bar(), i)
					floats.AddScaled(sum, a[i], g)
				}
				f.Add(claim.Equals("diagonal: the same sum with the limit shares", factor*2*18.5/22, floats.Norm(sum, 2), claim.Rounding(1, 1<<16)))
			}
		}
		return f, nil
	}
}
