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

// hyperbolicClaims are the claims on R_α and on commuting parametrizations.
func hyperbolicClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "8.T3", Kind: claim.Theorem, Title: "The flow of θ₊² - θ₋² is mirror flow", Ref: "Theorem 8.1.6, Eq. 8.12",
			Statement: `From $\theta_0=(\alpha\mathbf1,-\alpha\mathbf1)$ gradient flow on $\theta_+^{\odot2}-\theta_-^{\odot2}$ is mirror flow with $R_\alpha(w)=\frac{\alpha^2}4\sum_{i=1}^dq(w_i/\alpha^2)$, $q(z)=2-\sqrt{4+z^2}+z\operatorname{arcsinh}\frac z2$. Along it $\theta_+\odot\theta_-=-\alpha^2$; gradient descent drifts from that by an amount proportional to $\eta$.`,
			Source:    "implicitbias.Hyperbolic, implicitbias.Differences",
			Check:     checkTheorem(1, 1),
			Alternatives: []claim.Alternative{
				{Name: "R_{2α}", Check: checkTheorem(2, 1)},
				{Name: "from (α, -2α)", Check: checkTheorem(1, 2)},
			},
			Errata: []claim.Erratum{{
				Number: "8.5", Where: "Theorem 8.1.6 and its proof",
				Printed: `$\theta_t^+\odot\theta_t^-\equiv\alpha^2\mathbf1$; a sum to $n$ in $R_\alpha$; $\frac{\partial R_\alpha}{\partial w[i]}=\frac{\alpha^2q(w[i]/\alpha^2)}{dw[i]}$ in (8.18)`,
				Correct: `$\theta_t^+\odot\theta_t^-\equiv-\alpha^2\mathbf1$; the sum runs to $d$; $\frac{\alpha^2}4\frac{d}{dw[i]}q(w[i]/\alpha^2)=\frac14\operatorname{arcsinh}\frac{w[i]}{2\alpha^2}$, and (8.14) to (8.17) are diagonals of $d\times d$ matrices`,
				Why:     `$\theta_0^+\odot\theta_0^-=\alpha\cdot(-\alpha)$; only its square enters the rest. Coordinates of $w$ number $d$.`,
			}},
		},
		{
			ID: "8.I4", Kind: claim.Identity, Title: "What is conserved, and the potential that follows", Ref: "Section 8.1.3, Eq. 8.13 to 8.21",
			Statement: `$\theta_+\odot\theta_-$ is conserved, so $\partial G\,\partial G^\top=\operatorname{diag}4(\theta_+^2+\theta_-^2)=\operatorname{diag}4\sqrt{w^2+4\alpha^4}$; $R_\alpha'=\frac14\operatorname{arcsinh}\frac w{2\alpha^2}$ and $R_\alpha''=\frac1{4\sqrt{w^2+4\alpha^4}}$, its inverse.`,
			Source:    "implicitbias.Hyperbolic",
			Check:     checkConserved(4, 4),
			Alternatives: []claim.Alternative{
				{Name: "α⁴ in place of 4α⁴", Check: checkConserved(1, 4)},
				{Name: "½·arcsinh in place of ¼", Check: checkConserved(4, 2)},
			},
		},
		{
			ID: "8.R3", Kind: claim.Remark, Title: "The potential depends on the start", Ref: "Section 8.1.3, footnotes 3 and 4",
			Statement: `No one $R$ serves all starts. From any $\theta_0$ the flow of $\theta_+^{\odot2}-\theta_-^{\odot2}$ is mirror flow with $\alpha_i^2=|\theta^+_{0,i}\theta^-_{0,i}|$ in coordinate $i$, and ends at $\arg\min_{\mathcal G}D_R(w,w_0)$.`,
			Source:    "implicitbias.Differences",
			Check:     checkStarts(false),
			Alternatives: []claim.Alternative{
				{Name: "R_1 for every start", Check: checkStarts(true)},
			},
		},
		{
			ID: "8.T4", Kind: claim.Theorem, Title: "Its limit, from ℓ₁ to ℓ₂", Ref: "Theorem 8.1.7, Eq. 8.22",
			Statement: `If that flow converges to a solution, it is $\arg\min_{\mathcal G}R_\alpha$; it tends to the least $\|w\|_1$ for $\alpha\to0$ and to the least $\|w\|_2$ for $\alpha\to\infty$.`,
			Source:    "implicitbias.Hyperbolic, implicitbias.Regression.Closest, implicitbias.ExploreAlpha",
			Check:     checkEnds(func(a float64) float64 { return a }),
			Alternatives: []claim.Alternative{
				{Name: "1/α for α", Check: checkEnds(func(a float64) float64 { return 1 / a })},
				{Name: "α² for α", Check: checkEnds(func(a float64) float64 { return a * a })},
			},
			Errata: []claim.Erratum{{
				Number: "8.6", Where: "Theorem 8.1.7",
				Printed: `$L(w)=\frac1n(w^\top x^{(i)}-y^{(i)})^2$`,
				Correct: `$L(w)=\frac1n\sum_{i=1}^n(w^\top x^{(i)}-y^{(i)})^2$`,
				Why:     `The sum is missing. With one example alone the limit would not fit the others; the factor $\frac1n$ only rescales time against (8.1).`,
			}},
		},
		{
			ID: "8.D2", Kind: claim.Definition, Title: "Commuting parametrizations", Ref: "Definition 8.1.8",
			Statement: `$G$ is commuting if $[\nabla G_i,\nabla G_j]=\nabla^2G_i\nabla G_j-\nabla^2G_j\nabla G_i=0$ for all $\theta$ and $i,j\in[d]$: the flows along $\nabla G_i$ and $\nabla G_j$ may be exchanged. For $G=UU^\top$ at $U=\begin{pmatrix}1&2\\3&5\end{pmatrix}$, $[\nabla G_{11},\nabla G_{12}]=(6,10,-2,-4)$ and $[\nabla G_{11},\nabla G_{22}]=0$.`,
			Source:    "implicitbias.Parametrization.Commutator",
			Check:     checkBracket(1),
			Alternatives: []claim.Alternative{
				{Name: "a sum in place of the difference", Check: checkBracket(-1)},
			},
			Errata: []claim.Erratum{{
				Number: "8.7", Where: "Definition 8.1.8",
				Printed: `$\nabla^2G_i(\theta)\nabla G_j(\theta)-\nabla^2G_i(\theta)\nabla G_i(\theta)=0$ for $i,j\in[D]$`,
				Correct: `$\nabla^2G_i(\theta)\nabla G_j(\theta)-\nabla^2G_j(\theta)\nabla G_i(\theta)=0$ for $i,j\in[d]$`,
				Why:     `The printed second term is $\frac12\nabla\|\nabla G_i\|^2$; with it $\theta^{\odot2}$, which commutes, would not. $G$ has $d$ entries.`,
			}},
		},
		{
			ID: "8.R4", Kind: claim.Remark, Title: "Which parametrizations commute", Ref: "Section 8.1.4",
			Statement: `Those of Examples 8.1.3 to 8.1.5 do, and $u\odot v$; $UU^\top$ does not, and no mirror map describes it. Every separable potential has a parametrization, $G_i'=(R_i'')^{-1/2}$.`,
			Source:    "implicitbias.Parametrization.NonCommuting, implicitbias.Isometric, implicitbias.Discover",
			Check:     checkCommuting(false),
			Alternatives: []claim.Alternative{
				{Name: "UUᵀ among those that commute", Check: checkCommuting(true)},
			},
		},
	}
}

func checkTheorem(factor, second float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		p := Book()
		g := Differences(3)
		for _, alpha := range []float64{.1, 1} {
			start := append(fill(3, alpha), fill(3, -second*alpha)...)
			want, err := p.Closest(ctx, Hyperbolic{factor * alpha}, zeros(3))
			if err != nil {
				return nil, err
			}
			end, err := flowEnd(ctx, p, g, start)
			if err != nil {
				return nil, err
			}
			f.Add(apart(fmt.Sprintf("end of the flow and the least R_α, α = %g", alpha), want, end, claim.Because(1e-5, "the loss at which the flow stops, 1e-14")))
			const t = .05
			mirror, err := Flow(ctx, MirrorFlow(p, Hyperbolic{factor * alpha}), g.At(start), FlowConfig{Time: t, Tolerance: 1e-11})
			if err != nil {
				return nil, err
			}
			param, err := Flow(ctx, g.Flow(p), start, FlowConfig{Time: t, Tolerance: 1e-11})
			if err != nil {
				return nil, err
			}
			f.Add(apart(fmt.Sprintf("mirror flow and gradient flow at t = %g, α = %g", t, alpha), mirror.End(), g.At(param.End()), claim.Because(1e-6, "the tolerance of the Runge-Kutta steps, 1e-11 each, amplified where w grows exponentially")))
			// Gradient descent with η and η/2.
			var drift [2]float64
			for k, eta := range []float64{2e-4, 1e-4} {
				theta, step := append([]float64(nil), start...), zeros(6)
				flow := g.Flow(p)
				for t := 0; t < 40_000 && p.Loss(g.At(theta)) > 1e-16; t++ {
					if t&255 == 0 && ctx.Err() != nil {
						return nil, ctx.Err()
					}
					flow(step, theta)
					floats.AddScaled(theta, eta, step)
				}
				for i := range 3 {
					drift[k] = max(drift[k], math.Abs(theta[i]*theta[3+i]/(alpha*alpha)+1))
				}
				if k == 0 {
					golden := map[float64]float64{.1: .002555, 1: .173006}[alpha]
					f.Add(claim.Equals(fmt.Sprintf("w₁ of gradient descent, η = 2e-4, α = %g", alpha), golden, g.At(theta)[0], claim.Digits(1e-6)),
						claim.Below(fmt.Sprintf("its drift |θ₊θ₋/α² + 1|, α = %g", alpha), .05, drift[0], claim.Exact))
				}
			}
			f.Add(claim.Equals(fmt.Sprintf("drift with η/2 over drift with η, α = %g", alpha), .5, drift[1]/drift[0], claim.Because(.03, "second order in η")),
				claim.Equals(fmt.Sprintf("θ₊θ₋/α² on the flow, α = %g", alpha), -1, param.End()[0]*param.End()[3]/(alpha*alpha), claim.Because(1e-6, "the tolerance of the Runge-Kutta steps")),
				claim.Equals(fmt.Sprintf("θ₊θ₋/α² as printed, α = %g", alpha), 1, param.End()[0]*param.End()[3]/(alpha*alpha), claim.Because(1e-6, "the tolerance of the Runge-Kutta steps")).AsPrinted())
		}
		return f, nil
	}
}

func checkConserved(four, quarter float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		p := Book()
		g := Differences(3)
		const alpha = .5
		path, err := along(ctx, p, g, symmetricStart(3, alpha))
		if err != nil {
			return nil, err
		}
		product, metric := 0.0, 0.0
		for _, theta := range path {
			w, m := g.At(theta), g.Metric(theta)
			for i := range 3 {
				product = max(product, math.Abs(theta[i]*theta[3+i]+alpha*alpha))
				metric = max(metric, math.Abs(m.At(i, i)/(4*math.Sqrt(w[i]*w[i]+four*math.Pow(alpha, 4)))-1))
			}
		}
		f.Add(claim.Equals(fmt.Sprintf("largest |θ₊θ₋ + α²| on %d points of the path", len(path)), 0, product, claim.Because(1e-7, "the tolerance of the Runge-Kutta steps")),
			claim.Equals("largest relative error of ∂G∂Gᵀ = 4√(w² + 4α⁴)", 0, metric, claim.Because(1e-6, "the tolerance of the Runge-Kutta steps")))
		r := Hyperbolic{alpha}
		first, second, printed := 0.0, 0.0, 0.0
		for _, w := range []float64{-7, -.4, -.013, .2, 1, 30} {
			const h = 1e-4
			slope := (r.Value([]float64{w + h}) - r.Value([]float64{w - h})) / (2 * h)
			first = max(first, math.Abs(slope-math.Asinh(w/(2*alpha*alpha))/quarter))
			printed = max(printed, math.Abs(slope-math.Asinh(w/(2*alpha*alpha))))
			curve := (gradientOf(r, []float64{w + h})[0] - gradientOf(r, []float64{w - h})[0]) / (2 * h)
			second = max(second, math.Abs(curve*4*math.Sqrt(w*w+four*math.Pow(alpha, 4))-1))
		}
		fine := claim.Because(1e-7, "central differences at h = 1e-4")
		f.Add(claim.Equals("largest error of R' = ¼arcsinh(w/2α²) against differences of R", 0, first, fine),
			claim.Equals("of (8.18)'s first expression, d(α²q)/dw without the ¼", 0, printed, fine).AsPrinted(),
			claim.Equals("largest relative error of R'' = 1/(4√(w² + 4α⁴)) against differences of R'", 0, second, fine))
		z := 1e200
		f.Add(claim.Equals("q(z) = z²/4 at z = 1e-6, relative", 1, hyperbolicQ(1e-6)/(.25e-12), claim.Because(1e-12, "the next term, z²/48")),
			claim.Equals("q(z)/(z·ln z) at z = 1e200, (ln z - 1 + 2/z)/ln z", 1-1/math.Log(z), hyperbolicQ(z)/(z*math.Log(z)), claim.Rounding(1, 64)))
		jump := math.Abs(hyperbolicQ(.05-1e-12)/hyperbolicQ(.05+1e-12) - 1)
		f.Add(claim.Equals("relative jump of q where the series ends", 0, jump, claim.Because(1e-10, "cancellation in the closed form at z = 0.05, and z² between the two points")))
		return f, nil
	}
}

// hyperbolics is R_α with an α for each coordinate.
type hyperbolics []float64

func (r hyperbolics) Name() string { return "R_α, an α each" }

func (r hyperbolics) Check(w []float64) error {
	for i := range w {
		if err := (Hyperbolic{r[i]}).Check(nil); err != nil {
			return err
		}
	}
	return nil
}

func (r hyperbolics) Value(w []float64) float64 {
	s := 0.0
	for i := range w {
		s += Hyperbolic{r[i]}.Value(w[i : i+1])
	}
	return s
}

func (r hyperbolics) Gradient(dst, w []float64) {
	for i := range w {
		Hyperbolic{r[i]}.Gradient(dst[i:i+1], w[i:i+1])
	}
}

func (r hyperbolics) Inverse(dst, u []float64) {
	for i := range u {
		Hyperbolic{r[i]}.Inverse(dst[i:i+1], u[i:i+1])
	}
}

func (r hyperbolics) InverseHessian(u []float64) *mat.SymDense {
	h := mat.NewSymDense(len(u), nil)
	for i := range u {
		h.SetSym(i, i, Hyperbolic{r[i]}.InverseHessian(u[i:i+1]).At(0, 0))
	}
	return h
}

func checkStarts(one bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		const d = 4
		p := drawn(env.Seed, "starts", 2, d)
		g := Differences(d)
		r := rng.Stream(env.Seed, "implicitbias/starts")
		for k := range 4 {
			theta := make([]float64, 2*d)
			for i := range theta {
				theta[i] = (.2 + r.Float64()) * float64(1-2*r.IntN(2))
			}
			pot := make(hyperbolics, d)
			for i := range pot {
				pot[i] = math.Sqrt(math.Abs(theta[i] * theta[d+i]))
				if one {
					pot[i] = 1
				}
			}
			end, err := flowEnd(ctx, p, g, theta)
			if err != nil {
				return nil, err
			}
			want, err := p.Closest(ctx, pot, g.At(theta))
			if err != nil {
				return nil, err
			}
			f.Add(apart(fmt.Sprintf("end of the flow and argmin D_R(w, w₀), random start %d", k+1), want, end, claim.Because(2e-6, "the loss at which the flow stops, 1e-14")))
		}
		// Two starts at the same w₀ = 0, two limits: no one R can serve both.
		small, err := flowEnd(ctx, p, g, symmetricStart(d, .1))
		if err != nil {
			return nil, err
		}
		large, err := flowEnd(ctx, p, g, symmetricStart(d, 2))
		if err != nil {
			return nil, err
		}
		f.Add(claim.Above("distance of the limits from (0.1, -0.1) and (2, -2), both w₀ = 0", .05, distance(small, large), claim.Exact))
		return f, nil
	}
}

// goldenAlpha holds α, w₁ and ‖w‖₁ of the least R_α for the data of Example 2.
var goldenAlpha = [][3]float64{{.01, 2.236e-5, 9.0000224}, {.1, .00223099, 9.0022310}, {.3, .01970707, 9.0197071}, {1, .16921063, 9.1692106}, {3, .32663376, 9.3266338}, {10, .33327710, 9.3332771}}

func checkEnds(change func(alpha float64) float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		p := Book()
		g := Differences(3)
		for _, a := range goldenAlpha {
			w, err := p.Closest(ctx, Hyperbolic{change(a[0])}, zeros(3))
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(fmt.Sprintf("w₁ of the least R_α, α = %g", a[0]), a[1], w[0], claim.Digits(1e-8)),
				claim.Equals("its ‖w‖₁", a[2], Norm(w, 1), claim.Digits(1e-7)))
			end, err := flowEnd(ctx, p, g, symmetricStart(3, a[0]))
			if err != nil {
				return nil, err
			}
			f.Add(apart("distance of the end of the flow from it", w, end, claim.Because(1e-5, "the loss at which the flow stops, 1e-14")))
		}
		least, err := p.LeastNorm(ctx, 1)
		if err != nil {
			return nil, err
		}
		near, err := p.Nearest(zeros(3))
		if err != nil {
			return nil, err
		}
		for _, t := range []struct {
			alpha float64
			want  []float64
			name  string
			gap   float64
		}{{1e-4, least, "least ‖w‖₁ (linear program) and least R_α, α = 1e-4", 1e-8}, {300, near, "least ‖w‖₂ and least R_α, α = 300", 1e-8}} {
			w, err := p.Closest(ctx, Hyperbolic{change(t.alpha)}, zeros(3))
			if err != nil {
				return nil, err
			}
			f.Add(apart(t.name, t.want, w, claim.Because(t.gap, "the rates, α² at 0 and α⁻⁴ at infinity")))
		}
		// The mean in place of the sum: time doubles, the limit stays. The printed loss has one example.
		alone := rows([]float64{1}, []float64{1, 1, 1})
		end, err := flowEnd(ctx, alone, g, symmetricStart(3, .3))
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("residual of the second example where the loss is printed for one, α = 0.3", 0, p.Residual(end)[1], claim.Because(1e-5, "the loss at which the flow stops")).AsPrinted())
		fig, err := FigureAlpha(ctx, .3)
		if err != nil {
			return nil, err
		}
		f.Figure = &fig
		return f, nil
	}
}

func checkBracket(sign float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		g := Factored(2, 2)
		u := []float64{1, 2, 3, 5}
		bracket := func(g *Parametrization, i, j int, theta []float64) []float64 {
			if sign == 1 {
				return g.Commutator(i, j, theta)
			}
			jac := g.Jacobian(theta)
			var a, b mat.VecDense
			a.MulVec(g.Hessian(i, theta), jac.RowView(j))
			b.MulVec(g.Hessian(j, theta), jac.RowView(i))
			a.AddVec(&a, &b)
			return a.RawVector().Data
		}
		got := bracket(g, 0, 1, u)
		for k, v := range []float64{6, 10, -2, -4} {
			f.Add(claim.Equals(fmt.Sprintf("[∇G₁₁, ∇G₁₂] at U = (1 2; 3 5), entry %d", k+1), v, got[k], claim.Exact))
		}
		f.Add(claim.Equals("‖[∇G₁₁, ∇G₂₂]‖", 0, floats.Norm(bracket(g, 0, 2, u), 2), claim.Exact))
		// A second way, by flows alone: along G₁₁, along G₁₂, back along G₁₁, back along G₁₂ for time h each
		// leaves -h²·[∇G₁₁, ∇G₁₂] + O(h³), odd orders cancelled by h and -h.
		loop := func(h float64) ([]float64, error) {
			theta := u
			for _, leg := range []struct {
				at   int
				sign float64
			}{{0, 1}, {1, 1}, {0, -1}, {1, -1}} {
				psi := zeros(3)
				psi[leg.at] = leg.sign * math.Copysign(1, h)
				run, err := Flow(ctx, func(dst, x []float64) { g.Pull(dst, x, psi) }, theta, FlowConfig{Time: math.Abs(h), Tolerance: 1e-14})
				if err != nil {
					return nil, err
				}
				theta = run.End()
			}
			return theta, nil
		}
		const h = 1e-3
		plus, err := loop(h)
		if err != nil {
			return nil, err
		}
		minus, err := loop(-h)
		if err != nil {
			return nil, err
		}
		for k := range u {
			f.Add(claim.Equals(fmt.Sprintf("the same from small loops of flows, entry %d", k+1), math.Abs(got[k]), math.Abs((plus[k]+minus[k])/2-u[k])/(h*h), claim.Because(5e-3, "order h² at h = 1e-3")))
		}
		// The printed second term would refuse θ².
		s, theta := Squares(2), []float64{.7, -1.3}
		jac := s.Jacobian(theta)
		var a, b mat.VecDense
		a.MulVec(s.Hessian(0, theta), jac.RowView(1))
		b.MulVec(s.Hessian(0, theta), jac.RowView(0))
		a.SubVec(&a, &b)
		f.Add(claim.Equals("‖[∇G₁, ∇G₂]‖ of θ²", 0, floats.Norm(bracket(s, 0, 1, theta), 2), claim.Exact),
			claim.Equals("with ∇²G_i∇G_i as second term", 0, mat.Norm(&a, 2), claim.Rounding(1, 8)).AsPrinted())
		return f, nil
	}
}

func checkCommuting(factored bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		const d = 3
		list := []*Parametrization{Linear(Root(positive(env.Seed, "commuting", d))), Squares(d), Differences(d), Products(d)}
		if factored {
			list = append(list, Factored(2, 2))
		}
		random := func(in int) [][]float64 {
			r := rng.Stream(env.Seed, "implicitbias/commuting")
			out := make([][]float64, 40)
			for i := range out {
				out[i] = rng.Normals(r, in)
			}
			return out
		}
		for _, g := range list {
			v, err := g.NonCommuting(random(g.In))
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals("largest bracket at 40 random points, "+g.Name, 0, v, claim.Rounding(1, 64)))
		}
		v, err := Factored(2, 2).NonCommuting(random(4))
		if err != nil {
			return nil, err
		}
		f.Add(claim.Above("largest bracket at 40 random points, UUᵀ", 1, v, claim.Exact))
		none, err := Discover(ctx, Factored(2, 2), []float64{1, 0, .5, 1}, [][]float64{{.3, -.2, .1}})
		if err != nil {
			return nil, err
		}
		f.Add(claim.Above("relative gap of a closed loop in the dual, UUᵀ: no mirror map", .005, none.Loop, claim.Exact))
		// Every separable potential has its G.
		p := drawn(env.Seed, "isometric", 2, d)
		for _, t := range []struct {
			r  Potential
			m  func(w float64) float64
			w0 float64
		}{
			{Entropy{}, func(w float64) float64 { return w }, 1},
			{Hyperbolic{.5}, func(w float64) float64 { return 4 * math.Sqrt(w*w+.25) }, 0},
		} {
			g := Isometric(t.m, fill(d, t.w0))
			run, err := Flow(ctx, g.Flow(p), zeros(d), FlowConfig{Stop: g.Solved(p, stopFlow), Tolerance: 1e-9})
			if err != nil {
				return nil, err
			}
			want, err := p.Closest(ctx, t.r, fill(d, t.w0))
			if err != nil {
				return nil, err
			}
			f.Add(apart("end of gradient flow on G with G' = (R'')^{-1/2} and the dual Newton solution, "+t.r.Name(), want, g.At(run.End()), claim.Because(2e-6, "the loss at which the flow stops, 1e-14")))
			if _, ok := t.r.(Entropy); ok {
				f.Add(claim.Equals("G(0.8) for the entropy, (1 + 0.8/2)²", 1.96, g.At([]float64{.8, 0, 0})[0], claim.Because(1e-9, "64 Runge-Kutta steps")))
			}
		}
		f.Note("Zero brackets at sampled points refute nothing and prove nothing; those of the four parametrizations vanish since each w_i has parameters of its own, or G is linear.")
		return f, nil
	}
}
