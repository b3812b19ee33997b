package implicitbias

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
)

// flowClaims are the claims on parametrizations and flows.
func flowClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "8.A4", Kind: claim.Definition, Title: "The same models, another parametrization, another bias", Ref: "Section 8.1.2",
			Statement: `$\tilde f_\theta(x)=f_{G(\theta)}(x)$ with $G=u\odot v$ or $u^{\odot2}-v^{\odot2}$ gives the same linear functions; gradient flow on $\theta$ ends at another solution than on $w$, since $G$ does not preserve distances. Where it does, for an orthogonal $G$, the end is the same.`,
			Source:    "implicitbias.Parametrization, implicitbias.Products, implicitbias.Differences",
			Check:     checkInduced(false),
			Alternatives: []claim.Alternative{
				{Name: "an orthogonal map in place of u² - v²", Check: checkInduced(true)},
			},
		},
		{
			ID: "8.I2", Kind: claim.Identity, Title: "Two flows and their equations in w", Ref: "Section 8.1.3, Eq. 8.6 to 8.9",
			Statement: `Mirror flow $\frac d{dt}\nabla R(w_t)=-\nabla L(w_t)$ is $\dot w=-(\nabla^2R(w))^{-1}\nabla L(w)$; gradient flow on $L\circ G$ moves $G(\theta_t)$ by $-\partial G\,\partial G^\top\nabla L$.`,
			Source:    "implicitbias.DualFlow, implicitbias.MirrorFlow, implicitbias.Parametrization.Flow",
			Check:     checkFlows(false),
			Alternatives: []claim.Alternative{
				{Name: "∇²R in place of its inverse", Check: checkFlows(true)},
			},
		},
		{
			ID: "8.I3", Kind: claim.Definition, Title: "When the two flows agree", Ref: "Section 8.1.3, Eq. 8.10 and 8.11",
			Statement: `$\partial G\,\partial G^\top=(\nabla^2R(G))^{-1}$ along the path (8.10) is enough, and everywhere (8.11) more than enough: both hold for $\sqrt\Sigma\theta$ and $\theta^{\odot2}$; for $\theta_+^{\odot2}-\theta_-^{\odot2}$ with $R_\alpha$ only the first, on the path from $(\alpha,-\alpha)$.`,
			Source:    "implicitbias.Parametrization.Metric",
			Check:     checkAgreement(.4, true),
			Alternatives: []claim.Alternative{
				{Name: "R_α with twice the α", Check: checkAgreement(.8, true)},
				{Name: "(8.11) expected of θ₊² - θ₋²", Check: checkAgreement(.4, false)},
			},
		},
		{
			ID: "8.E3", Kind: claim.Experiment, Title: "A quadratic potential and a linear parametrization", Ref: "Example 8.1.3",
			Statement: `Mirror flow with $R=\frac12w^\top\Sigma^{-1}w$ is gradient flow on $G(\theta)=\sqrt\Sigma\,\theta$, for every positive definite $\Sigma$.`,
			Source:    "implicitbias.Linear, implicitbias.Root",
			Check:     checkLinear(false),
			Alternatives: []claim.Alternative{
				{Name: "G = Σθ, without the root", Check: checkLinear(true)},
			},
		},
		{
			ID: "8.E4", Kind: claim.Experiment, Title: "The entropy and squares", Ref: "Example 8.1.4",
			Statement: `Mirror flow with $R=\frac14\sum_i(w_i\log w_i-w_i)$ is gradient flow on $G(\theta)=\theta^{\odot2}$. From $w_0=\mathbf1=\arg\min R$ it ends at the solution of least $R$.`,
			Source:    "implicitbias.Squares, implicitbias.Scaled",
			Check:     checkSquares(.25),
			Alternatives: []claim.Alternative{
				{Name: "without the ¼", Check: checkSquares(1)},
			},
			Errata: []claim.Erratum{{
				Number: "8.4", Where: "Example 8.1.4",
				Printed: `$R(w)=1/4\sum_iw[i]\log w[i]-w[i]$, which reads $\frac14\sum w\log w-\sum w$`,
				Correct: `$R(w)=\frac14\sum_i(w[i]\log w[i]-w[i])$`,
				Why:     `Both have $\nabla^2R=\operatorname{diag}(1/(4w))$ and thus the same flow, but $\arg\min R$ is $w=1$ only for the second; the first has $\frac14(\log w+1)=1$ at $w=e^3$, so that the flow from there would be the one of least $R$.`,
			}},
		},
		{
			ID: "8.E5", Kind: claim.Experiment, Title: "One w, two metrics", Ref: "Example 8.1.5",
			Statement: `For $G(\theta)=\theta_+^{\odot2}-\theta_-^{\odot2}$ and $d=1$, $(1,0)$ and $(\sqrt2,1)$ both give $w=1$, but $\partial G\,\partial G^\top$ is 4 and 12: no $R$ satisfies (8.11).`,
			Source:    "implicitbias.Differences",
			Check:     checkMetrics(Differences(1), []float64{1, 0}, []float64{math.Sqrt2, 1}),
			Alternatives: []claim.Alternative{
				{Name: "θ², at 1 and -1", Check: checkMetrics(Squares(1), []float64{1}, []float64{-1})},
			},
		},
	}
}

// stopFlow is the loss at which flows stop, and reached the distance to the limit that goes with it.
const stopFlow = 1e-14

var reached = claim.Because(1e-6, "the loss at which the flow stops, 1e-14")

// flowEnd follows a parametrization's gradient flow to a solution and returns w.
func flowEnd(ctx context.Context, p *Regression, g *Parametrization, theta0 []float64) ([]float64, error) {
	run, err := Flow(ctx, g.Flow(p), theta0, FlowConfig{Stop: g.Solved(p, stopFlow), Tolerance: 1e-11})
	if err != nil {
		return nil, err
	}
	if run.Status != Converged {
		return nil, fmt.Errorf("implicitbias: gradient flow on %s: %s after %d steps", g.Name, run.Status, run.Steps)
	}
	return g.At(run.End()), nil
}

// symmetricStart is θ₀ = (α·1, -α·1) of Theorem 8.1.6.
func symmetricStart(d int, alpha float64) []float64 {
	return append(fill(d, alpha), fill(d, -alpha)...)
}

func checkInduced(orthogonal bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		const d, alpha = 5, .1
		p := drawn(env.Seed, "induced", 2, d)
		near, err := p.Nearest(zeros(d))
		if err != nil {
			return nil, err
		}
		var qr mat.QR
		qr.Factorize(mat.NewDense(d, d, rng.Normals(rng.Stream(env.Seed, "implicitbias/induced/turn"), d*d)))
		var q mat.Dense
		qr.QTo(&q)
		turned, err := flowEnd(ctx, p, Linear(&q), zeros(d))
		if err != nil {
			return nil, err
		}
		f.Add(apart("distance from the nearest solution, orthogonal G", near, turned, reached))
		g, start := Differences(d), symmetricStart(d, alpha)
		if orthogonal {
			g, start = Linear(&q), zeros(d)
		}
		diff, err := flowEnd(ctx, p, g, start)
		if err != nil {
			return nil, err
		}
		// u⊙v from (0, 2α) is θ₊² - θ₋² from (α, -α) with θ± = (u ± v)/2.
		prod, err := flowEnd(ctx, p, Products(d), append(zeros(d), fill(d, 2*alpha)...))
		if err != nil {
			return nil, err
		}
		bias, err := p.Closest(ctx, Hyperbolic{alpha}, zeros(d))
		if err != nil {
			return nil, err
		}
		f.Add(claim.Above("relative distance from the nearest solution, u² - v²", .01, distance(near, diff)/floats.Norm(near, 2), claim.Exact),
			apart("distance from the least R_α, u² - v²", bias, diff, reached),
			apart("distance of u⊙v from u² - v²", diff, prod, claim.Because(2e-6, "the losses at which two flows stop, 1e-14")))
		// The class is the same: every w has its θ.
		r := rng.Stream(env.Seed, "implicitbias/induced/w")
		worst := 0.0
		for range 20 {
			w, theta := rng.Normals(r, d), zeros(2*d)
			for i, v := range w {
				theta[i], theta[d+i] = math.Sqrt(max(v, 0)), math.Sqrt(max(-v, 0))
			}
			worst = max(worst, distance(w, Differences(d).At(theta)), distance(w, Products(d).At(append(w, fill(d, 1)...))))
		}
		f.Add(claim.Equals("largest error of w = G(θ) with θ = (√w₊, √w₋), and (w, 1)", 0, worst, claim.Rounding(3, 16)))
		return f, nil
	}
}

func checkFlows(wrong bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		const d = 4
		p := drawn(env.Seed, "flows", 2, d)
		w0 := fill(d, .6)
		tol := claim.Because(1e-7, "the tolerance of the Runge-Kutta steps, 1e-10 each")
		for _, pot := range family(env.Seed, d) {
			u0 := gradientOf(pot, w0)
			cfg := FlowConfig{Time: .7}
			dual, err := Flow(ctx, DualFlow(p, pot), u0, cfg)
			if err != nil {
				return nil, err
			}
			rhs := MirrorFlow(p, pot)
			if wrong {
				rhs = func(dst, w []float64) {
					g := zeros(d)
					p.Gradient(g, w)
					var h mat.Dense
					if h.Inverse(pot.InverseHessian(gradientOf(pot, w))) != nil {
						return
					}
					var v mat.VecDense
					v.MulVec(&h, mat.NewVecDense(d, g))
					floats.ScaleTo(dst, -1, v.RawVector().Data)
				}
			}
			primal, err := Flow(ctx, rhs, w0, cfg)
			if err != nil {
				return nil, err
			}
			end := zeros(d)
			pot.Inverse(end, dual.End())
			f.Add(apart("(8.6) and (8.8) at t = 0.7, "+pot.Name(), end, primal.End(), tol))
		}
		for _, g := range []*Parametrization{Squares(d), Differences(d), Products(d), Linear(Root(positive(env.Seed, "flows/root", d)))} {
			theta := rng.Normals(rng.Stream(env.Seed, "implicitbias/flows/start"), g.In)
			run, err := Flow(ctx, g.Flow(p), theta, FlowConfig{Time: .3})
			if err != nil {
				return nil, err
			}
			// (8.9), with θ carried along for the metric and w moved by it.
			flow := g.Flow(p)
			both, err := Flow(ctx, func(dst, x []float64) {
				flow(dst[:g.In], x[:g.In])
				v := zeros(d)
				p.Gradient(v, x[g.In:])
				var out mat.VecDense
				out.MulVec(g.Metric(x[:g.In]), mat.NewVecDense(d, v))
				floats.ScaleTo(dst[g.In:], -1, out.RawVector().Data)
			}, append(append([]float64(nil), theta...), g.At(theta)...), FlowConfig{Time: .3})
			if err != nil {
				return nil, err
			}
			f.Add(apart("(8.7) and (8.9) at t = 0.3, "+g.Name, g.At(run.End()), both.End()[g.In:], tol))
		}
		return f, nil
	}
}

// metricGap is the largest relative difference of ∂G∂Gᵀ and (∇²R(G(θ)))⁻¹ at some points.
func metricGap(g *Parametrization, r Potential, points [][]float64) float64 {
	worst := 0.0
	for _, theta := range points {
		a, b := g.Metric(theta), r.InverseHessian(gradientOf(r, g.At(theta)))
		scale := mat.Norm(a, 2)
		var gap mat.Dense
		gap.Sub(a, b)
		worst = max(worst, mat.Norm(&gap, 2)/scale)
	}
	return worst
}

// along follows the gradient flow of a parametrization and returns its points.
func along(ctx context.Context, p *Regression, g *Parametrization, theta0 []float64) ([][]float64, error) {
	var points [][]float64
	_, err := Flow(ctx, g.Flow(p), theta0, FlowConfig{Stop: g.Solved(p, stopFlow), Watch: func(_ float64, x []float64) {
		points = append(points, append([]float64(nil), x...))
	}})
	return points, err
}

func checkAgreement(alpha float64, known bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		const d = 4
		p := drawn(env.Seed, "agreement", 2, d)
		random := func(in int) [][]float64 {
			r := rng.Stream(env.Seed, "implicitbias/agreement")
			out := make([][]float64, 50)
			for i := range out {
				out[i] = rng.Normals(r, in)
			}
			return out
		}
		sigma := positive(env.Seed, "agreement/sigma", d)
		inverse := Quadratic{sigma}.InverseHessian(zeros(d))
		exact := claim.Because(1e-10, "rounding through a square root and an inverse")
		f.Add(claim.Equals("(8.11) at 50 random θ, √Σθ: largest relative gap", 0, metricGap(Linear(Root(sigma)), Quadratic{inverse}, random(d)), exact),
			claim.Equals("(8.11) at 50 random θ, θ²", 0, metricGap(Squares(d), Scaled{Entropy{}, .25}, random(d)), exact))
		g, r := Differences(d), Hyperbolic{alpha}
		if gap := metricGap(g, r, random(2*d)); known {
			f.Add(claim.Above("(8.11) at 50 random θ, θ₊² - θ₋² with R_0.4", .5, gap, claim.Exact))
		} else {
			f.Add(claim.Equals("(8.11) at 50 random θ, θ₊² - θ₋² with R_0.4", 0, gap, exact))
		}
		path, err := along(ctx, p, g, symmetricStart(d, .4))
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals(fmt.Sprintf("(8.10) on the %d points of the path from (0.4, -0.4)", len(path)), 0, metricGap(g, r, path), claim.Because(1e-7, "the tolerance of the Runge-Kutta steps")))
		return f, nil
	}
}

// compareFlows adds the distances of a mirror flow and a gradient flow at several times, and of their ends
// from the solution of least divergence.
func compareFlows(ctx context.Context, f *claim.Finding, p *Regression, r Potential, g *Parametrization, theta0 []float64) error {
	w0 := g.At(theta0)
	for _, t := range []float64{.05, .2, .8} {
		a, err := Flow(ctx, MirrorFlow(p, r), w0, FlowConfig{Time: t})
		if err != nil {
			return err
		}
		b, err := Flow(ctx, g.Flow(p), theta0, FlowConfig{Time: t})
		if err != nil {
			return err
		}
		f.Add(apart(fmt.Sprintf("mirror flow and gradient flow on %s at t = %g", g.Name, t), a.End(), g.At(b.End()), claim.Because(1e-7, "the tolerance of the Runge-Kutta steps, 1e-10 each")))
	}
	end, err := flowEnd(ctx, p, g, theta0)
	if err != nil {
		return err
	}
	want, err := p.Closest(ctx, r, w0)
	if err != nil {
		return err
	}
	f.Add(apart("end of gradient flow on "+g.Name+" and the dual Newton solution", want, end, reached))
	return nil
}

func checkLinear(wrong bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		const d = 4
		p := drawn(env.Seed, "linear", 2, d)
		sigma := positive(env.Seed, "linear/sigma", d)
		a := Root(sigma)
		var square mat.Dense
		square.Mul(a, a)
		square.Sub(&square, sigma)
		f.Add(claim.Equals("largest entry of √Σ·√Σ - Σ", 0, mat.Norm(&square, 2), claim.Rounding(4, 256)))
		if wrong {
			a = mat.DenseCopyOf(sigma)
		}
		r := Quadratic{Quadratic{sigma}.InverseHessian(zeros(d))}
		return f, compareFlows(ctx, f, p, r, Linear(a), rng.Normals(rng.Stream(env.Seed, "implicitbias/linear/start"), d))
	}
}

func checkSquares(factor float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		const d = 4
		p := drawn(env.Seed, "squares", 2, d)
		r := Scaled{Entropy{}, factor}
		if err := compareFlows(ctx, f, p, r, Squares(d), fill(d, 1)); err != nil {
			return nil, err
		}
		// The two readings, as functions of one w: where their derivative vanishes.
		slope := func(h func(w float64) float64, w float64) float64 { return (h(w+1e-5) - h(w-1e-5)) / 2e-5 }
		right := func(w float64) float64 { return (w*math.Log(w) - w) / 4 }
		printed := func(w float64) float64 { return w*math.Log(w)/4 - w }
		small := claim.Because(1e-8, "central differences")
		f.Add(claim.Equals("slope of ¼(w log w - w) at w = 1, where R is to be least", 0, slope(right, 1), small),
			claim.Equals("slope of ¼w log w - w at w = 1", 0, slope(printed, 1), small).AsPrinted(),
			claim.Equals("slope of ¼w log w - w at w = e³", 0, slope(printed, math.Exp(3)), small))
		return f, nil
	}
}

func checkMetrics(g *Parametrization, a, b []float64) claim.Check {
	return simple(func(f *claim.Finding, env claim.Env) error {
		f.Add(claim.Equals("G at the first point", 1, g.At(a)[0], claim.Rounding(1, 4)),
			claim.Equals("G at the second", 1, g.At(b)[0], claim.Rounding(1, 4)),
			claim.Equals("∂G∂Gᵀ at the first", 4, g.Metric(a).At(0, 0), claim.Rounding(4, 4)),
			claim.Equals("∂G∂Gᵀ at the second", 12, g.Metric(b).At(0, 0), claim.Rounding(12, 4)))
		// Seen in the flow: w leaves 1 at speeds in that ratio, whatever the loss.
		p := rows([]float64{3}, []float64{1})
		speed := func(theta []float64) float64 {
			v := zeros(g.In)
			g.Flow(p)(v, theta)
			const h = 1e-6
			return (g.At(added(theta, h, v))[0] - g.At(added(theta, -h, v))[0]) / (2 * h)
		}
		f.Add(claim.Equals("ratio of the speeds of w in gradient flow", 3, speed(b)/speed(a), claim.Because(1e-8, "central differences")))
		return nil
	})
}
