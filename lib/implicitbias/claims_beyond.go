package implicitbias

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
)

// beyondClaims are the claims beyond the book.
func beyondClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "8.+/identify", Kind: claim.Experiment, Title: "A bias, identified from outside", Ref: "beyond Section 8.1",
			Statement: `From its limits on random problems, mirror descent is recognised with its potential and parameter, the heavy ball as $\frac12\|w\|_2^2$; no potential of the family explains steepest descent in $\ell_{4/3}$, signs or Adam.`,
			Source:    "implicitbias.Identify",
			Check:     checkIdentify(false),
			Alternatives: []claim.Alternative{
				{Name: "steepest descent in ℓ_1.5 in place of mirror descent with ½‖w‖_1.5²", Check: checkIdentify(true)},
			},
		},
		{
			ID: "8.+/mirror", Kind: claim.Experiment, Title: "The mirror map, found by integration", Ref: "beyond Section 8.1.4",
			Statement: `Following $\dot\theta=\partial G^\top\psi$ gives, for commuting $G$, the point with $\nabla R(w)=\nabla R(w_0)+\psi$, and $\int\psi\cdot dw=D_R(w,w_0)$. Loops in $\psi$ close and $dw/d\psi$ is $\partial G\,\partial G^\top$; for $UU^\top$ neither is so.`,
			Source:    "implicitbias.Discover",
			Check:     checkDiscover(false, .5),
			Alternatives: []claim.Alternative{
				{Name: "UUᵀ taken for commuting", Check: checkDiscover(true, .5)},
				{Name: "R_α of half the α", Check: checkDiscover(false, .25)},
			},
		},
		{
			ID: "8.+/frontier", Kind: claim.Experiment, Title: "Stopping early is nearly a penalty", Ref: "beyond Section 8.1",
			Statement: `At equal loss mirror flow has at least the divergence $D_R(w,w_0)$ of $\arg\min L+\lambda D_R(\cdot,w_0)$; the paths meet at both ends, agree for a single example, and part in between. For $\frac12\|w\|^2$ both are known: residuals $e^{-2\sigma^2t}$ and $\frac\lambda{\lambda+2\sigma^2}$.`,
			Source:    "implicitbias.RunFrontier, implicitbias.Regression.Penalized",
			Check:     checkFrontier(false),
			Alternatives: []claim.Alternative{
				{Name: "the penalty ½‖w - w₀‖² for every flow", Check: checkFrontier(true)},
			},
		},
	}
}

func checkIdentify(wrong bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		cfg := IdentifyConfig{Seed: env.Seed}
		var first Method = Mirror{SquaredNorm{1.5}}
		if wrong {
			first = Steepest{1.5}
		}
		for _, t := range []struct {
			m      Method
			family string
			at     float64
		}{
			{first, "½‖w‖_p²", 1.5},
			{Mirror{Hyperbolic{.3}}, "R_α", .3},
			{Mirror{Entropy{}}, "entropy", 0},
			{Momentum{.9}, "½‖w‖_p²", 2},
		} {
			r, err := Identify(ctx, t.m, cfg)
			if err != nil {
				return nil, err
			}
			best := r.Fits[0]
			// R_α from a positive start is the entropy for α → 0 and ½‖w‖² for α → ∞, so that it comes second there.
			next := 1
			if t.family == "entropy" || t.at == 2 {
				next = 2
			}
			f.Add(claim.Equals("whether the best fit is "+t.family+", "+t.m.Name(), 1, indicator(best.Family == t.family), claim.Exact),
				claim.Equals("its parameter, "+t.m.Name(), t.at, best.At, claim.Because(1e-3, "the search for the parameter, and the losses at which runs stop")),
				claim.Equals("its relative error, "+t.m.Name(), 0, best.Error, claim.Because(1e-3, "the search for the parameter")),
				claim.Above("error of the next family that does not contain it as a limit, "+t.m.Name(), .003, r.Fits[next].Error, claim.Exact))
		}
		for _, m := range []Method{Steepest{4. / 3}, Steepest{math.Inf(1)}, Adam{}} {
			c := cfg
			c.Descent = DescentConfig{Eta: .05, Steps: 20_000}
			if _, ok := m.(Adam); ok {
				c.Descent.Schedule = func(t int) float64 { return .01 / math.Sqrt(1+float64(t)/100) }
			}
			r, err := Identify(ctx, m, c)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Above("error of the best fit, "+m.Name(), .01, r.Fits[0].Error, claim.Exact))
			f.Note("%s: best fit %s at %.3g, relative error %.3f, loss left %.2g", r.Method, r.Fits[0].Family, r.Fits[0].At, r.Fits[0].Error, r.Residual)
		}
		f.Note("The families touch: from a positive start R_α tends to the entropy for α → 0 and to ½‖w‖² for α → ∞, whose fits it therefore nearly reaches.")
		return f, nil
	}
}

func checkDiscover(factored bool, guess float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		dual := [][]float64{{.3, -.2}, {.5, .4}, {-.6, .1}}
		const alpha = .5
		fine := claim.Because(1e-7, "the tolerance of the Runge-Kutta steps")
		for _, t := range []struct {
			g     *Parametrization
			r     Potential
			theta []float64
		}{
			{Differences(2), Hyperbolic{guess}, symmetricStart(2, alpha)},
			{Squares(2), Scaled{Entropy{}, .25}, []float64{1, .7}},
			{Linear(Root(positive(env.Seed, "discover", 2))), Quadratic{Quadratic{positive(env.Seed, "discover", 2)}.InverseHessian(zeros(2))}, []float64{.2, -.1}},
			{Differences(2), hyperbolics{math.Sqrt(.3), math.Sqrt(.24)}, []float64{.6, -.3, .5, .8}},
		} {
			d, err := Discover(ctx, t.g, t.theta, dual)
			if err != nil {
				return nil, err
			}
			w0 := t.g.At(t.theta)
			u0 := gradientOf(t.r, w0)
			psi, value := 0.0, 0.0
			for k, w := range d.W {
				psi = max(psi, distance(sub(gradientOf(t.r, w), u0), d.Dual[k]))
				value = max(value, math.Abs(Bregman(t.r, w, w0)-d.R[k]))
			}
			name := t.g.Name + " and " + t.r.Name()
			f.Add(claim.Equals("largest |∇R(w) - ∇R(w₀) - ψ|, "+name, 0, psi, fine), claim.Equals("largest |∫ψ·dw - D_R(w, w₀)|, "+name, 0, value, fine))
			addTests(f, d, t.g.Name, false)
		}
		for _, start := range [][]float64{{1, 0, .5, 1}, {.8, .3, -.2, .6}} {
			d, err := Discover(ctx, Factored(2, 2), start, [][]float64{{.3, -.2, .1}, {-.1, .3, .2}})
			if err != nil {
				return nil, err
			}
			addTests(f, d, "UUᵀ", !factored)
		}
		return f, nil
	}
}

// addTests adds the two tests of a discovery, and whether they should fail.
func addTests(f *claim.Finding, d *Discovery, name string, fail bool) {
	if fail {
		f.Add(claim.Above("relative gap of dw/dψ and ∂G∂Gᵀ, "+name, .002, d.Asymmetry, claim.Exact), claim.Above("relative gap of closed loops, "+name, .002, d.Loop, claim.Exact))
		return
	}
	f.Add(claim.Equals("relative gap of dw/dψ and ∂G∂Gᵀ, "+name, 0, d.Asymmetry, claim.Because(1e-6, "central differences at h = 1e-4")),
		claim.Equals("relative gap of closed loops, "+name, 0, d.Loop, claim.Because(1e-8, "the tolerance of the Runge-Kutta steps")))
}

func checkFrontier(wrong bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		const d = 5
		w0 := fill(d, .5)
		lambdas := falling(1e4, 1e-4, 17)
		for _, r := range []Potential{Quadratic{}, Entropy{}, Hyperbolic{.3}, SquaredNorm{1.5}} {
			for _, n := range []int{1, 3} {
				p := drawn(env.Seed, "frontier", n, d)
				fr, err := RunFrontier(ctx, p, r, w0, lambdas)
				if err != nil {
					return nil, err
				}
				if wrong {
					if fr, err = penaltyOf(ctx, p, r, w0, fr); err != nil {
						return nil, err
					}
				}
				name := fmt.Sprintf(", %s, n = %d", r.Name(), n)
				ends, worst, less := max(fr.Distance[0], fr.Distance[len(lambdas)-1]), 0.0, math.Inf(1)
				for k := range lambdas {
					worst = max(worst, fr.Distance[k])
					less = min(less, (fr.Early[k]-fr.Penalty[k])/fr.Early[len(lambdas)-1])
				}
				f.Add(claim.Equals("distance of the paths at λ = 1e4 and 1e-4, a share of the way"+name, 0, ends, claim.Because(.003, "order 1/λ and λ")),
					claim.Above("smallest excess of the flow's divergence at equal loss, as a share of the last"+name, 0, less, claim.Because(1e-8, "loss matched by halving, and rounding in D_R")))
				if n == 1 {
					f.Add(claim.Equals("largest distance of the paths"+name, 0, worst, claim.Because(1e-6, "loss matched by halving")))
				} else {
					f.Add(claim.Above("largest distance of the paths"+name, 1e-3, worst, claim.Exact))
				}
			}
		}
		// Both paths of ½‖w‖² in closed form, by singular values.
		p := drawn(env.Seed, "frontier", 3, d)
		var s mat.SVD
		s.Factorize(p.x, mat.SVDFull)
		var left mat.Dense
		s.UTo(&left)
		sigma, res0 := s.Values(nil), p.Residual(w0)
		loss := func(shrink func(s2 float64) float64) float64 {
			sum := 0.0
			for k, v := range sigma {
				c := floats.Dot(mat.Col(nil, k, &left), res0) * shrink(v*v)
				sum += c * c
			}
			return sum
		}
		fr, err := RunFrontier(ctx, p, Quadratic{}, w0, lambdas)
		if err != nil {
			return nil, err
		}
		flow, ridge := 0.0, 0.0
		for k, l := range lambdas {
			flow = max(flow, math.Abs(loss(func(s2 float64) float64 { return math.Exp(-2 * s2 * fr.Time[k]) })/fr.Loss[k]-1))
			ridge = max(ridge, math.Abs(loss(func(s2 float64) float64 { return l / (l + 2*s2) })/fr.Loss[k]-1))
		}
		f.Add(claim.Equals("largest relative error of the loss at λ, closed form", 0, ridge, claim.Because(1e-6, "residual of Newton's method, 1e-11, against losses down to 1e-9")),
			claim.Equals("largest relative error of the flow's loss at the matched time, closed form", 0, flow, claim.Because(1e-4, "the tolerance of the Runge-Kutta steps against losses down to 1e-9")))
		fig := fr.Figure()
		f.Figure = &fig
		return f, nil
	}
}

// penaltyOf is a frontier with the solutions of another penalty, ½‖w - w₀‖², in place of the right one.
func penaltyOf(ctx context.Context, p *Regression, r Potential, w0 []float64, fr *Frontier) (*Frontier, error) {
	out := *fr
	out.Distance, out.Penalty = nil, nil
	size := 1.0
	for k, l := range fr.Lambda {
		a, err := p.Penalized(ctx, r, w0, l)
		if err != nil {
			return nil, err
		}
		b, err := p.Penalized(ctx, Quadratic{}, w0, l)
		if err != nil {
			return nil, err
		}
		out.Penalty = append(out.Penalty, Bregman(r, b, w0))
		out.Distance = append(out.Distance, fr.Distance[k]+distance(a, b)/size)
	}
	return &out, nil
}
