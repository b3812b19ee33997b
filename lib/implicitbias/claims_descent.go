package implicitbias

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
)

// descentClaims are the claims on gradient and mirror descent.
func descentClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "8.A1", Kind: claim.Model, Title: "Fewer equations than unknowns", Ref: "Section 8.1, Eq. 8.1",
			Statement:    `$L(w)=\sum_i(w^\top x^{(i)}-y^{(i)})^2$ with $n<d$ and $\min L=0$: the solutions $\mathcal G=\{w:w^\top x^{(i)}=y^{(i)}\ \forall i\}$ are an affine space of dimension $d-\operatorname{rank}X$. For the data of Example 2 they are $(\frac13,\frac{29}6,-\frac{25}6)+s(2,-1,-1)$.`,
			Source:       "implicitbias.Regression, implicitbias.NotRealizableError",
			Check:        checkModel([]float64{2, -1, -1}),
			Alternatives: []claim.Alternative{{Name: "along (2, -1, 1)", Check: checkModel([]float64{2, -1, 1})}},
		},
		{
			ID: "8.T1", Kind: claim.Theorem, Title: "Gradient descent finds the nearest solution", Ref: "Proposition 8.1.1",
			Statement: `For every schedule of step sizes that brings $L$ to 0, gradient descent from $w_0$ ends at $\arg\min_{w\in\mathcal G}\|w-w_0\|_2=w_0+X^+(y-Xw_0)$.`,
			Source:    "implicitbias.Gradient, implicitbias.Regression.Nearest",
			Check:     checkNearest(Gradient{}, false),
			Alternatives: []claim.Alternative{
				{Name: "signs in place of gradients", Check: checkNearest(Steepest{math.Inf(1)}, false)},
				{Name: "a schedule whose sum is finite, which stalls", Check: checkNearest(Gradient{}, true)},
			},
			Errata: []claim.Erratum{{
				Number: "8.1", Where: "Proof of Proposition 8.1.1",
				Printed: `$w_t-w_0=\sum_{t'<t}\eta w_{t'}$ and $\nabla L(w)=\sum_i(w^\top x^{(i)}-y^{(i)})x^{(i)}$`,
				Correct: `$w_t-w_0=-\sum_{t'<t}\eta\nabla L(w_{t'})$ and $\nabla L(w)=2\sum_i(w^\top x^{(i)}-y^{(i)})x^{(i)}$`,
				Why:     `The steps add up gradients, not iterates, with a minus sign; the loss (8.1) has no factor ½.`,
			}},
		},
		{
			ID: "8.I1", Kind: claim.Identity, Title: "A gradient step stays close to a linearization", Ref: "Section 8.1.1, Eq. 8.2",
			Statement:    `$w_t-\eta\nabla L(w_t)=\arg\min_w\langle w,\nabla L(w_t)\rangle+\frac1{2\eta}\|w-w_t\|_2^2$.`,
			Source:       "implicitbias.Gradient",
			Check:        checkProximal(2),
			Alternatives: []claim.Alternative{{Name: "1/η in place of 1/(2η)", Check: checkProximal(1)}},
		},
		{
			ID: "8.R0", Kind: claim.Remark, Title: "Which changes of the algorithm change the bias", Ref: "Section 8.1",
			Statement: `Momentum, adaptive steps, batches and path-SGD can change which solution is found. For $L$ of (8.1): the heavy ball and single examples still end at the nearest solution, Adam and AdaGrad do not; on $w=u\odot v$ gradient flow does not, while path-SGD, invariant to $(cu,v/c)$, does unless a weight must change its sign, which it cannot.`,
			Source:    "implicitbias.Momentum, implicitbias.Adam, implicitbias.PathFlow",
			Check:     checkAlgorithms(false),
			Alternatives: []claim.Alternative{
				{Name: "momentum expected to change the limit", Check: checkAlgorithms(true)},
			},
		},
		{
			ID: "8.A2", Kind: claim.Algorithm, Title: "Mirror descent", Ref: "Section 8.1.1, Eq. 8.3",
			Statement: `$w_{t+1}=\arg\min_w\eta\langle w,\nabla L(w_t)\rangle+D_R(w,w_t)$ satisfies $\nabla R(w_{t+1})=\nabla R(w_t)-\eta\nabla L(w_t)$; with the entropy it is $w_{t+1}=w_t\odot e^{-\eta\nabla L(w_t)}$.`,
			Source:    "implicitbias.Mirror",
			Check:     checkMirrorStep(false),
			Alternatives: []claim.Alternative{
				{Name: "D_R(w_t, w), the arguments swapped", Check: checkMirrorStep(true)},
			},
		},
		{
			ID: "8.D1", Kind: claim.Definition, Title: "Bregman divergences", Ref: "Section 8.1.1",
			Statement: `$D_R(w,w')=R(w)-R(w')-\langle\nabla R(w'),w-w'\rangle$ is 0 at $w=w'$ and positive elsewhere. The potentials: $\frac12\|w\|_2^2$, entropy, spectral entropy, $\frac12w^\top Dw$, $\frac12\|w\|_p^2$ with $1<p\le2$, and $R_\alpha$. Each $\nabla R$ is inverted exactly, and its derivative is the Hessian used.`,
			Source:    "implicitbias.Bregman, implicitbias.Potential",
			Check:     checkBregman(false),
			Alternatives: []claim.Alternative{
				{Name: "the gradient taken at w in place of w'", Check: checkBregman(true)},
			},
		},
		{
			ID: "8.T2", Kind: claim.Theorem, Title: "Mirror descent finds the solution of least divergence", Ref: "Theorem 8.1.2, Eq. 8.4",
			Statement: `If mirror descent from $w_0$ converges to a solution, it is $\arg\min_{w\in\mathcal G}D_R(w,w_0)$, for every potential $R$ of Legendre type.`,
			Source:    "implicitbias.Mirror, implicitbias.Regression.Closest",
			Check:     checkMirrorLimit(""),
			Alternatives: []claim.Alternative{
				{Name: "divergence to another start", Check: checkMirrorLimit("start")},
				{Name: "the limit of ½‖w‖²", Check: checkMirrorLimit("potential")},
				{Name: "natural gradient with finite steps", Check: checkMirrorLimit("natural")},
			},
			Errata: []claim.Erratum{{
				Number: "8.2", Where: "Theorem 8.1.2",
				Printed: `a dataset $\{x^{(i)},y^{(i)}\}_{n=1}^N$ and "any strongly convex potential $R$"`,
				Correct: `$\{(x^{(i)},y^{(i)})\}_{i=1}^n$ and $R$ of Legendre type ($\nabla R$ one to one from its domain onto $\mathbb R^d$)`,
				Why:     `The entropy, the book's own example, has the Hessian $1/w$, which has no positive lower bound: it is strongly convex on bounded sets only. What the proof uses is that $\nabla R$ can be inverted.`,
			}},
		},
		{
			ID: "8.R1", Kind: claim.Remark, Title: "Stochastic gradients have the same limit", Ref: "Section 8.1.1, footnote 2",
			Statement:    `With gradients of single examples in place of $\nabla L$, gradient and mirror descent have the same limits.`,
			Source:       "implicitbias.DescentConfig.OneByOne",
			Check:        checkSingle(false),
			Alternatives: []claim.Alternative{{Name: "random coordinates of the gradient left out, which leaves the span", Check: checkSingle(true)}},
		},
	}
}

func checkModel(along []float64) claim.Check {
	return simple(func(f *claim.Finding, env claim.Env) error {
		p := Book()
		base := []float64{1. / 3, 29. / 6, -25. / 6}
		worst := 0.0
		for _, s := range []float64{-3, 0, .5, 10} {
			w := slices.Clone(base)
			floats.AddScaled(w, s, along)
			worst = max(worst, p.Loss(w))
		}
		f.Add(claim.Equals("largest loss on the line of solutions", 0, worst, claim.Rounding(1, 1e4)),
			claim.Equals("dimension of 𝒢", 1, float64(p.Null().RawMatrix().Cols), claim.Exact))
		off := slices.Clone(base)
		floats.Add(off, []float64{1, 1, 1})
		f.Add(claim.Equals("loss one step (1,1,1) off it, 3² + 3²", 18, p.Loss(off), claim.Rounding(18, 64)))
		r := drawn(env.Seed, "model", 4, 9)
		f.Add(claim.Equals("dimension of 𝒢, 4 random examples in R⁹", 5, float64(r.Null().RawMatrix().Cols), claim.Exact))
		_, err := NewRegression(mat.NewDense(2, 3, []float64{1, 1, 1, 1, 1, 1}), []float64{1, 2})
		var not *NotRealizableError
		if !errors.As(err, &not) {
			not = &NotRealizableError{math.NaN()}
		}
		f.Add(claim.Equals("one example with labels 1 and 2 is refused; ‖XX⁺y - y‖/‖y‖ = 1/√10", 1/math.Sqrt(10), not.Residual, claim.Rounding(1, 64)))
		return nil
	})
}

func checkNearest(m Method, stall bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		p := Book()
		schedules := []struct {
			name string
			eta  func(int) float64
		}{
			{"η = 0.05", func(int) float64 { return .05 }},
			{"η = 0.1/√(1+t/100)", func(t int) float64 { return .1 / math.Sqrt(1+float64(t)/100) }},
			{"η alternating 0.01 and 0.12", func(t int) float64 { return .01 + .11*float64(t%2) }},
		}
		if stall {
			schedules[1].name, schedules[1].eta = "η = 0.05·2^{-t}", func(t int) float64 { return .05*math.Pow(2, -float64(t)) + 1e-300 }
		}
		for _, s := range schedules {
			run, err := Descend(ctx, p, m, zeros(3), DescentConfig{Schedule: s.eta, Steps: 20_000})
			if err != nil {
				return nil, err
			}
			entries(f, "limit from 0, "+s.name, []float64{1. / 3, 29. / 6, -25. / 6}, run.End(), claim.Because(1e-8, "the loss at which the run stops, 1e-22"))
		}
		r := drawn(env.Seed, "nearest", 5, 12)
		w0 := rng.Normals(rng.Stream(env.Seed, "implicitbias/nearest/start"), 12)
		near, err := r.Nearest(w0)
		if err != nil {
			return nil, err
		}
		run, err := Descend(ctx, r, m, w0, DescentConfig{Eta: .5 / r.top})
		if err != nil {
			return nil, err
		}
		f.Add(apart("distance of limit and nearest solution, 5 random examples in R¹², random start", near, run.End(), claim.Because(1e-8, "the loss at which the run stops, 1e-22")))
		// The erratum, on ten steps of size 0.05.
		w, sum, iterates, g := zeros(3), zeros(3), zeros(3), zeros(3)
		half := zeros(3)
		for range 10 {
			p.Gradient(g, w)
			floats.AddScaled(sum, -.05, g)
			floats.AddScaled(half, -.025, g)
			floats.AddScaled(iterates, .05, w)
			floats.AddScaled(w, -.05, g)
		}
		f.Add(apart("w₁₀ - w₀ and -Σ η∇L(w_t)", w, sum, claim.Rounding(10, 64)),
			apart("w₁₀ - w₀ and Σ ηw_t", w, iterates, claim.Rounding(10, 64)).AsPrinted(),
			apart("w₁₀ - w₀ and -Σ η·Σ(w·x - y)x, without the factor 2", w, half, claim.Rounding(10, 64)).AsPrinted())
		return f, nil
	}
}

// smallest minimizes a function by its values alone, with gradients by differences.
func smallest(value func(w []float64) float64, from []float64) ([]float64, error) {
	grad := func(dst, w []float64) {
		x := slices.Clone(w)
		for i := range x {
			const h = 1e-5
			x[i] = w[i] + h
			up := value(x)
			x[i] = w[i] - h
			dst[i] = (up - value(x)) / (2 * h)
			x[i] = w[i]
		}
	}
	r, err := optimize.Minimize(optimize.Problem{Func: value, Grad: grad}, from, &optimize.Settings{GradientThreshold: 1e-9, MajorIterations: 500, Converger: optimize.NeverTerminate{}}, &optimize.BFGS{})
	if r == nil {
		return nil, err
	}
	return r.X, nil // a line search that rounding stops has arrived
}

func checkProximal(two float64) claim.Check {
	return simple(func(f *claim.Finding, env claim.Env) error {
		p := drawn(env.Seed, "proximal", 3, 5)
		w := rng.Normals(rng.Stream(env.Seed, "implicitbias/proximal/point"), 5)
		g, next := zeros(5), zeros(5)
		p.Gradient(g, w)
		for _, eta := range []float64{.03, .3} {
			step, err := Gradient{}.Begin(w)
			if err != nil {
				return err
			}
			if err := step(next, w, g, eta); err != nil {
				return err
			}
			got, err := smallest(func(v []float64) float64 {
				d := distance(v, w)
				return floats.Dot(v, g) + d*d/(two*eta)
			}, w)
			if err != nil {
				return err
			}
			f.Add(apart(fmt.Sprintf("distance of the step and the minimum of the linearization, η = %g", eta), next, got, claim.Because(1e-7, "gradients of the minimizer by differences")))
		}
		return nil
	})
}

// PathFlow is path-SGD with steps of size 0 on w = u⊙v, θ = (u, v): each u_i moves by its gradient over v_i²,
// each v_i over u_i², the metric of the path norm. It is the same for (cu, v/c), keeps u_i/v_i, and moves w along
// -2∇L(w) as long as no weight comes to 0, where it ends: w_i cannot change its sign.
func PathFlow(p *Regression) func(dst, theta []float64) {
	g := Products(p.d)
	flow := g.Flow(p)
	return func(dst, theta []float64) {
		flow(dst, theta)
		for i := range p.d {
			u, v := theta[i], theta[p.d+i]
			dst[i] /= v * v
			dst[p.d+i] /= u * u
		}
	}
}

func checkAlgorithms(momentum bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		// A solution within 0.3 of the start in each weight, so that no path can bring one to 0.
		x := drawn(env.Seed, "algorithms", 2, 5)
		w0 := fill(5, 1)
		goal := slices.Clone(w0)
		r := rng.Stream(env.Seed, "implicitbias/algorithms/goal")
		for i := range goal {
			goal[i] += .6*r.Float64() - .3
		}
		p, err := NewRegression(x.x, added(x.Residual(goal), 1, x.y))
		if err != nil {
			return nil, err
		}
		near, err := p.Nearest(w0)
		if err != nil {
			return nil, err
		}
		size := distance(near, w0)
		f := &claim.Finding{}
		eta := .2 / p.top
		for _, t := range []struct {
			m     Method
			cfg   DescentConfig
			keeps bool
		}{
			{Momentum{.9}, DescentConfig{Eta: eta}, !momentum},
			{Gradient{}, DescentConfig{Eta: eta, OneByOne: true, Seed: env.Seed}, true},
			{Adam{}, DescentConfig{Schedule: func(t int) float64 { return .01 / math.Sqrt(1+float64(t)/100) }, Steps: 30_000}, false},
			{Adam{Beta2: 1}, DescentConfig{Eta: .1}, false},
		} {
			run, err := Descend(ctx, p, t.m, w0, t.cfg)
			if err != nil {
				return nil, err
			}
			off := distance(run.End(), near) / size
			f.Add(claim.Below("loss at the end of "+t.m.Name(), 1e-6, run.Loss, claim.Exact))
			name := "relative distance from the nearest solution, " + t.m.Name()
			if t.cfg.OneByOne {
				name += ", single examples"
			}
			if t.keeps {
				f.Add(claim.Equals(name, 0, off, claim.Because(1e-8, "the loss at which the run stops, 1e-22")))
			} else {
				f.Add(claim.Above(name, .01, off, claim.Exact))
			}
		}
		prod := Products(5)
		theta := fill(10, 1)
		scaled := slices.Clone(theta)
		for i := range 5 {
			scaled[i] *= 3
			scaled[5+i] /= 3
		}
		ends := map[string][]float64{}
		for name, start := range map[string][]float64{"": theta, ", u ← 3u and v ← v/3": scaled} {
			for kind, rhs := range map[string]func(dst, x []float64){"path-SGD": PathFlow(p), "gradient flow on u⊙v": prod.Flow(p)} {
				run, err := Flow(ctx, rhs, start, FlowConfig{Stop: prod.Solved(p, 1e-15)})
				if err != nil {
					return nil, err
				}
				ends[kind+name] = prod.At(run.End())
			}
		}
		rough := claim.Because(1e-6, "the loss at which the flow stops, 1e-15")
		f.Add(claim.Equals("relative distance from the nearest solution, path-SGD", 0, distance(ends["path-SGD"], near)/size, rough),
			claim.Equals("the same after u ← 3u, v ← v/3", 0, distance(ends["path-SGD, u ← 3u and v ← v/3"], near)/size, rough),
			claim.Above("relative distance from the nearest solution, gradient flow on u⊙v", .001, distance(ends["gradient flow on u⊙v"], near)/size, claim.Exact),
			claim.Above("how far u ← 3u, v ← v/3 moves it", .001, distance(ends["gradient flow on u⊙v"], ends["gradient flow on u⊙v, u ← 3u and v ← v/3"])/size, claim.Exact))
		// One weight that would have to cross 0: path-SGD stops it there.
		cross := rows([]float64{-1}, []float64{1})
		run, err := Flow(ctx, PathFlow(cross), []float64{1, 1}, FlowConfig{Time: .5, Steps: 2000, Stop: func(x []float64) bool { return x[0]*x[1] < 1e-6 }})
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("path-SGD on one weight that must go from 1 to -1: u·v at the end", 0, run.End()[0]*run.End()[1], claim.Because(1e-3, "the last step before the singular point")),
			claim.Equals("u/v there, conserved", 1, run.End()[0]/run.End()[1], claim.Because(1e-6, "the tolerance of the Runge-Kutta steps")))
		f.Note("On this loss momentum and batches do not change the limit: their steps stay in the span of the examples. What the remark cites is about networks.")
		return f, nil
	}
}

// family is one potential of each kind for R^d.
func family(seed uint64, d int) []Potential {
	return []Potential{Quadratic{}, Quadratic{positive(seed, "quadratic", d)}, Entropy{}, SquaredNorm{1.5}, SquaredNorm{1.2}, Hyperbolic{.5}}
}

func checkMirrorStep(swapped bool) claim.Check {
	return simple(func(f *claim.Finding, env claim.Env) error {
		const d = 4
		p := drawn(env.Seed, "mirror", 2, d)
		r := rng.Stream(env.Seed, "implicitbias/mirror/point")
		w := make([]float64, d)
		for i := range w {
			w[i] = .5 + r.Float64()
		}
		const eta = .1
		g, next := zeros(d), zeros(d)
		p.Gradient(g, w)
		for _, pot := range family(env.Seed, d) {
			step, err := Mirror{pot}.Begin(w)
			if err != nil {
				return err
			}
			if err := step(next, w, g, eta); err != nil {
				return err
			}
			got, err := smallest(func(v []float64) float64 {
				if pot.Check(v) != nil {
					return math.Inf(1)
				}
				if swapped {
					return eta*floats.Dot(v, g) + Bregman(pot, w, v)
				}
				return eta*floats.Dot(v, g) + Bregman(pot, v, w)
			}, w)
			if err != nil {
				return err
			}
			f.Add(apart("distance of the dual step and the minimum, "+pot.Name(), next, got, claim.Because(1e-6, "gradients of the minimizer by differences")))
			if _, ok := pot.(Entropy); ok {
				worst := 0.0
				for i := range w {
					worst = max(worst, math.Abs(next[i]-w[i]*math.Exp(-eta*g[i])))
				}
				f.Add(claim.Equals("largest difference from w·exp(-η∇L)", 0, worst, claim.Rounding(1, 64)))
			}
		}
		return nil
	})
}

func checkBregman(wrong bool) claim.Check {
	return simple(func(f *claim.Finding, env claim.Env) error {
		const d = 4
		r := rng.Stream(env.Seed, "implicitbias/bregman")
		list := append(family(env.Seed, d), SpectralEntropy{2})
		for _, pot := range list {
			point := func() []float64 {
				w := make([]float64, d)
				for i := range w {
					w[i] = .3 + 2*r.Float64()
				}
				if _, ok := pot.(SpectralEntropy); ok { // a symmetric positive definite matrix of order 2
					w[1] = (2*r.Float64() - 1) * .9 * math.Sqrt(w[0]*w[3])
					w[2] = w[1]
				}
				return w
			}
			least, inverse, hess := math.Inf(1), 0.0, 0.0
			zero := 0.0
			for range 50 {
				a, b := point(), point()
				if err := pot.Check(a); err != nil {
					return err
				}
				div := Bregman(pot, a, b)
				if wrong {
					div = pot.Value(a) - pot.Value(b) - floats.Dot(gradientOf(pot, a), sub(a, b))
				}
				least = min(least, div)
				zero = max(zero, math.Abs(Bregman(pot, a, a)))
				u, back := gradientOf(pot, a), zeros(d)
				pot.Inverse(back, u)
				inverse = max(inverse, distance(a, back))
				// Along a direction v: u(w + hv) - u(w - hv) = 2h·∇²R·v, so that the inverse Hessian returns v.
				v := sub(point(), point())
				const h = 1e-4
				diff := sub(gradientOf(pot, added(a, h, v)), gradientOf(pot, added(a, -h, v)))
				var got mat.VecDense
				got.MulVec(pot.InverseHessian(u), mat.NewVecDense(d, diff))
				got.ScaleVec(1/(2*h), &got)
				hess = max(hess, distance(got.RawVector().Data, v)/(1+floats.Norm(v, 2)))
			}
			f.Add(claim.Above("smallest D_R(w, w') of 50 pairs, "+pot.Name(), 0, least, claim.Exact),
				claim.Equals("largest |D_R(w, w)|", 0, zero, claim.Rounding(1, 16)),
				claim.Equals("largest error of the inverse of ∇R", 0, inverse, claim.Because(1e-11, "rounding through powers, exponentials and eigenvectors")),
				claim.Equals("largest error of (∇²R)⁻¹ against differences of ∇R", 0, hess, claim.Because(3e-6, "truncation of central differences at h = 1e-4")))
		}
		a, b := []float64{1, 2, 3, 4}, []float64{2, 1, 3, 3}
		kl := 0.0
		for i := range a {
			kl += a[i]*math.Log(a[i]/b[i]) - a[i] + b[i]
		}
		f.Add(claim.Equals("½‖w - w'‖² for ½‖w‖²", 1.5, Bregman(Quadratic{}, a, b), claim.Rounding(10, 16)),
			claim.Equals("Σ w log(w/w') - w + w' for the entropy", kl, Bregman(Entropy{}, a, b), claim.Rounding(10, 16)))
		refused := 0.0
		for _, err := range []error{Entropy{}.Check([]float64{1, 0}), SquaredNorm{1}.Check(nil), Hyperbolic{0}.Check(nil), SpectralEntropy{2}.Check([]float64{1, 2, 2, 1}), Quadratic{mat.NewSymDense(1, []float64{-1})}.Check([]float64{1})} {
			if err != nil {
				refused++
			}
		}
		f.Add(claim.Equals("boundary cases refused: w = 0, p = 1, α = 0, an indefinite W, an indefinite D", 5, refused, claim.Exact))
		return nil
	})
}

func gradientOf(r Potential, w []float64) []float64 {
	g := zeros(len(w))
	r.Gradient(g, w)
	return g
}

func sub(a, b []float64) []float64 { return added(a, -1, b) }

func added(a []float64, s float64, b []float64) []float64 {
	out := slices.Clone(a)
	floats.AddScaled(out, s, b)
	return out
}

func checkMirrorLimit(change string) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		method := func(r Potential) Method {
			if change == "natural" {
				return Natural{r}
			}
			return Mirror{r}
		}
		// The book's rows with labels that a positive w can have.
		p := rows([]float64{3, 4}, []float64{1, 1, 1}, []float64{1, 2, 0})
		run, err := Descend(ctx, p, method(Entropy{}), fill(3, 1), DescentConfig{})
		if err != nil {
			return nil, err
		}
		entries(f, "entropy, rows of Example 2, y = (3, 4), from 1", []float64{.91485422, 1.54257289, .54257289}, run.End(), claim.Because(1e-7, "8 printed digits, and the loss at which the run stops"))
		q := drawn(env.Seed, "limit", 3, 6)
		w0 := fill(6, .7)
		list := append(family(env.Seed, 6), SpectralEntropy{3})
		for _, pot := range list {
			q, w0 := q, w0
			if _, ok := pot.(SpectralEntropy); ok {
				q, w0 = symmetricSensing(env.Seed, 3, 3), []float64{1, .2, 0, .2, .8, 0, 0, 0, .5}
			}
			from, to := w0, pot
			switch change {
			case "start":
				from = added(w0, .3, w0)
			case "potential":
				to = Quadratic{}
			}
			want, err := q.Closest(ctx, to, from)
			if err != nil {
				return nil, err
			}
			run, err := Descend(ctx, q, method(pot), w0, DescentConfig{Eta: mirrorStep(q, pot, w0)})
			if err != nil {
				return nil, err
			}
			f.Add(apart("distance of limit and dual Newton solution, "+pot.Name(), want, run.End(), claim.Because(1e-7, "the loss at which the run stops, 1e-22")))
		}
		table, err := Table(ctx)
		if err != nil {
			return nil, err
		}
		fig := FigureTable(table)
		f.Figure = &fig
		return f, nil
	}
}

// mirrorStep is a step size at which mirror descent is stable: one over the largest eigenvalue of
// 2XᵀX(∇²R)⁻¹ at w, with room for its change.
func mirrorStep(p *Regression, r Potential, w []float64) float64 {
	h := r.InverseHessian(gradientOf(r, w))
	top := 0.0
	for i := range p.d {
		top = max(top, h.At(i, i))
	}
	return .1 / (p.top * top)
}

// symmetricSensing is a regression on symmetric matrices of the given order: n Gaussian measurements of a
// positive definite one.
func symmetricSensing(seed uint64, order, n int) *Regression {
	r := rng.Stream(seed, "implicitbias/symmetric")
	x := mat.NewDense(n, order*order, nil)
	y := make([]float64, n)
	truth := positive(seed, "truth", order)
	for k := range n {
		for i := range order {
			for j := i; j < order; j++ {
				v := r.NormFloat64() / float64(order)
				x.Set(k, i*order+j, v)
				x.Set(k, j*order+i, v)
			}
		}
		for i := range order {
			for j := range order {
				y[k] += x.At(k, i*order+j) * truth.At(i, j)
			}
		}
	}
	return must(NewRegression(x, y))
}

func checkSingle(wrong bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		p := drawn(env.Seed, "single", 3, 6)
		w0 := fill(6, .7)
		for _, pot := range []Potential{Quadratic{}, Entropy{}, Hyperbolic{.5}, SquaredNorm{1.5}} {
			want, err := p.Closest(ctx, pot, w0)
			if err != nil {
				return nil, err
			}
			r := rng.Stream(env.Seed, "implicitbias/single/left out")
			cfg := DescentConfig{Eta: 2 * mirrorStep(p, pot, w0), OneByOne: true, Seed: env.Seed}
			if wrong {
				cfg.OneByOne = false
				cfg.Change = func(g []float64, _ int) { g[r.IntN(len(g))] = 0 }
			}
			run, err := Descend(ctx, p, Mirror{pot}, w0, cfg)
			if err != nil {
				return nil, err
			}
			f.Add(apart("distance of the limit of single examples and argmin D_R(w, w₀), "+pot.Name(), want, run.End(), claim.Because(1e-8, "the loss at which the run stops, 1e-22")))
		}
		return f, nil
	}
}
