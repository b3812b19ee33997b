package implicitbias

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
)

// steepestClaims are the claims on steepest descent.
func steepestClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "8.A3", Kind: claim.Algorithm, Title: "Steepest descent in a norm", Ref: "Section 8.1.1, Eq. 8.5",
			Statement: `$\Delta=\arg\min_v\langle\nabla L,v\rangle+\frac12\|v\|_p^2$ is $\Delta_i=-\|g\|_q^{2-q}\operatorname{sgn}(g_i)|g_i|^{q-1}$ with $g=\nabla L$ and $\frac1p+\frac1q=1$; the minimum is $-\frac12\|g\|_q^2$. For $p=1$ it is one coordinate (of several minimizers, the one of lowest index), for $p=\infty$ the signs.`,
			Source:    "implicitbias.Direction, implicitbias.Steepest",
			Check:     checkDirection(""),
			Alternatives: []claim.Alternative{
				{Name: "without the factor ‖g‖_q^{2-q}", Check: checkDirection("factor")},
				{Name: "the exponent p - 1 in place of q - 1", Check: checkDirection("exponent")},
			},
		},
		{
			ID: "8.R2", Kind: claim.Remark, Title: "In a quadratic norm it is mirror descent", Ref: "Section 8.1.1",
			Statement: `For $\|v\|_D=\sqrt{v^\top Dv}$ steepest descent, $\Delta=-D^{-1}\nabla L$, is mirror descent with $R=\frac12\|w\|_D^2$, and ends at $\arg\min_{w\in\mathcal G}\|w-w_0\|_D$.`,
			Source:    "implicitbias.Quadratic, implicitbias.Natural",
			Check:     checkQuadratic(false),
			Alternatives: []claim.Alternative{
				{Name: "D in place of D⁻¹", Check: checkQuadratic(true)},
			},
		},
		{
			ID: "8.E1", Kind: claim.Experiment, Title: "Coordinate descent and the path of the lasso", Ref: "Example 1",
			Statement: `ε-boosting follows the path of the lasso where that is monotone in each coordinate, and ends at a solution of least $\|w\|_1$; where it is not, it can end elsewhere. For $X=\begin{pmatrix}1&-2&-1\\2&-2&0\end{pmatrix}$, $y=(2,3)$ it ends at $(\frac12,-1,\frac12)$ with $\|w\|_1=2$, while the least is $\frac32$ at $(1,-\frac12,0)$.`,
			Source:    "implicitbias.Boosting, implicitbias.LassoPath, implicitbias.Regression.LeastNorm",
			Check:     checkBoosting(""),
			Alternatives: []claim.Alternative{
				{Name: "ε-boosting expected to reach the least norm", Check: checkBoosting("least")},
				{Name: "gradient descent in its place", Check: checkBoosting("gradient")},
			},
			Errata: []claim.Erratum{{
				Number: "8.3", Where: "Example 1",
				Printed: `$\Delta w_{t+1}\in\operatorname{conv}\{-\eta_t\frac{\partial L(w_t)}{\partial w[j_t]}e_{j_t}:j_t=\arg\max_j|\frac{\partial L(w_r)}{\partial w[j]}|\}$`,
				Correct: `$\Delta w_t\in\operatorname{conv}\{-\frac{\partial L(w_t)}{\partial w[j]}e_j:j\in\arg\max_j|\frac{\partial L(w_t)}{\partial w[j]}|\}$`,
				Why:     `(8.5) multiplies $\Delta w_t$ by $\eta_t$ already, so that the printed one counts it twice; $w_r$ is $w_t$.`,
			}},
		},
		{
			ID: "8.E2", Kind: claim.Experiment, Title: "No norm describes the limit", Ref: "Example 2",
			Statement: `On $x=(1,1,1),(1,2,0)$, $y=(1,10)$ steepest descent in $\ell_{4/3}$ from 0 ends at a solution that depends on $\eta$; the limit $\eta\to0$ has $w_1=0.282596$ and norm 7.646792, the solution of least norm $w_1=0.00023005$ and norm 7.58365.`,
			Source:    "implicitbias.RunSteepest, implicitbias.Regression.LeastNorm",
			Check:     checkNoNorm(4. / 3),
			Alternatives: []claim.Alternative{
				{Name: "in ℓ₂, where the limit is the least norm", Check: checkNoNorm(2)},
			},
		},
		{
			ID: "8.F1", Kind: claim.Figure, Title: "Trajectories of steepest descent in ℓ_{4/3}", Ref: "Figure 8.1",
			Statement: `The limits of steepest descent in $\ell_{4/3}$ are different points of $\mathcal G$ for different $\eta$, not even monotone in $\eta$; they tend to that of the flow as $\eta\to0$, which is not the least norm.`,
			Source:    "implicitbias.Figure81",
			Check:     checkFigure81(4./3, false),
			Alternatives: []claim.Alternative{
				{Name: "p = 1.4", Check: checkFigure81(1.4, false)},
				{Name: "a gradient without the factor 2 of (8.1)", Check: checkFigure81(4./3, true)},
			},
		},
	}
}

func checkDirection(change string) claim.Check {
	return simple(func(f *claim.Finding, env claim.Env) error {
		r := rng.Stream(env.Seed, "implicitbias/direction")
		for _, p := range []float64{1, 1.1, 4. / 3, 2, 3, math.Inf(1)} {
			q := conjugate(p)
			var value, slope float64
			least := math.Inf(1)
			delta := zeros(6)
			for range 20 {
				g := rng.Normals(r, 6)
				Direction(delta, g, p)
				switch change {
				case "factor":
					floats.Scale(1/Norm(delta, p), delta)
				case "exponent":
					Direction(delta, g, q)
				}
				n, dual := Norm(delta, p), Norm(g, q)
				at := func(v []float64) float64 { m := Norm(v, p); return floats.Dot(g, v) + m*m/2 }
				value = max(value, math.Abs(at(delta)+dual*dual/2))
				slope = max(slope, math.Abs(floats.Dot(delta, g)+n*n)+math.Abs(n-dual))
				for k := range 50 { // around Δ and anywhere, near and far
					v := rng.Normals(r, 6)
					if k%2 == 0 {
						v = added(delta, math.Pow(10, -float64(k)/12), v)
					}
					least = min(least, at(v)-at(delta))
				}
			}
			name := fmt.Sprintf(", p = %.4g", p)
			f.Add(claim.Equals("largest error of the minimum -½‖g‖_q²"+name, 0, value, claim.Rounding(20, 64)),
				claim.Equals("largest error of ⟨Δ, -g⟩ = ‖Δ‖² and ‖Δ‖ = ‖g‖_q (8.27)"+name, 0, slope, claim.Rounding(20, 64)),
				claim.Above("smallest excess of 1000 other vectors"+name, 0, least, claim.Rounding(20, 64)))
		}
		Direction(zeros(2), []float64{3, -3}, 1)
		tie := zeros(2)
		Direction(tie, []float64{3, -3}, 1)
		refused := 0.0
		if _, err := (Steepest{.5}).Begin(tie); err != nil {
			refused = 1
		}
		f.Add(claim.Equals("first entry of Δ for p = 1, g = (3, -3): the lower index", -3, tie[0], claim.Exact),
			claim.Equals("second entry", 0, tie[1], claim.Exact),
			claim.Equals("p = ½ is refused", 1, refused, claim.Exact))
		return nil
	})
}

func checkQuadratic(wrong bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		p := drawn(env.Seed, "norm", 3, 6)
		d := positive(env.Seed, "norm/D", 6)
		use := d
		if wrong {
			use = Quadratic{d}.InverseHessian(zeros(6))
		}
		w0 := rng.Normals(rng.Stream(env.Seed, "implicitbias/norm/start"), 6)
		// Without Newton: the least ‖w - w₀‖_D has D(w - w₀) = Xᵀν.
		var dx, a mat.Dense
		if err := dx.Solve(d, p.x.T()); err != nil {
			return nil, err
		}
		a.Mul(p.x, &dx)
		var nu, step mat.VecDense
		if err := nu.SolveVec(&a, mat.NewVecDense(3, p.Residual(w0))); err != nil {
			return nil, err
		}
		step.MulVec(&dx, &nu)
		want := sub(w0, step.RawVector().Data)
		eta := mirrorStep(p, Quadratic{use}, w0)
		var ends [2][]float64
		for i, m := range []Method{Natural{Quadratic{use}}, Mirror{Quadratic{use}}} {
			run, err := Descend(ctx, p, m, w0, DescentConfig{Eta: eta, Every: 1})
			if err != nil {
				return nil, err
			}
			f.Add(apart("distance of the limit from the least ‖w - w₀‖_D, "+[]string{"steepest descent", "mirror descent"}[i], want, run.End(), claim.Because(1e-8, "the loss at which the run stops, 1e-22")))
			ends[i] = run.Path[10]
		}
		f.Add(apart("distance of the two after 10 steps", ends[0], ends[1], claim.Rounding(10, 1e3)))
		// The direction is the steepest one: no other vector has less ⟨g, v⟩ + ½vᵀDv.
		g := rng.Normals(rng.Stream(env.Seed, "implicitbias/norm/gradient"), 6)
		delta := zeros(6)
		Quadratic{use}.Inverse(delta, g)
		floats.Scale(-1, delta)
		got, err := smallest(func(v []float64) float64 { return floats.Dot(g, v) + Quadratic{d}.Value(v) }, zeros(6))
		if err != nil {
			return nil, err
		}
		f.Add(apart("-D⁻¹g and the minimum of ⟨g, v⟩ + ½‖v‖_D²", delta, got, claim.Because(1e-6, "gradients of the minimizer by differences")))
		return f, nil
	}
}

// notMonotone is the problem whose lasso path gives up part of a coordinate, monotone one where it does not.
func notMonotone() *Regression {
	return rows([]float64{2, 3}, []float64{1, -2, -1}, []float64{2, -2, 0})
}

func monotone() *Regression {
	return rows([]float64{-3, -3}, []float64{2, 1, 0}, []float64{-1, -1, -2})
}

func checkBoosting(change string) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const epsilon = .002
		f := &claim.Finding{}
		grid := claim.Because(5*epsilon, "steps of ε = 0.002, up to 5 of them where two coordinates take turns")
		for i, p := range []*Regression{notMonotone(), monotone()} {
			var m Method = Boosting{p, epsilon}
			if change == "gradient" {
				m = Gradient{}
			}
			run, err := Descend(ctx, p, m, zeros(3), DescentConfig{Eta: .01, Every: 1})
			if err != nil {
				return nil, err
			}
			least, err := p.LeastNorm(ctx, 1)
			if err != nil {
				return nil, err
			}
			path, err := LassoPath(ctx, p)
			if err != nil {
				return nil, err
			}
			want, norm, smallest, steady := []float64{.5, -1, .5}, 2., 1.5, 0.
			if i == 1 {
				want, norm, smallest, steady = []float64{-1.5, 0, 2.25}, 3.75, 3.75, 1
			}
			if change == "least" {
				want, norm = least, smallest
			}
			name := []string{", first data", ", second data"}[i]
			entries(f, "limit of ε-boosting"+name, want, run.End(), grid)
			f.Add(claim.Equals("its ‖w‖₁"+name, norm, Norm(run.End(), 1), claim.Because(.015, "steps of ε = 0.002 in three coordinates")),
				claim.Equals("least ‖w‖₁ by linear program"+name, smallest, Norm(least, 1), claim.Rounding(4, 64)),
				apart("end of the lasso path and that solution"+name, least, path.At(0), claim.Rounding(4, 64)),
				claim.Equals("violation of the conditions of the lasso along its path"+name, 0, path.Violation(p), claim.Rounding(1, 1e3)),
				claim.Equals("whether the path is monotone"+name, steady, indicator(path.Monotone()), claim.Exact))
			if i == 0 {
				f.Add(claim.Equals("w₂ when w₁ starts", -1, firstMove(run.Path, 0)[1], grid), claim.Equals("w₁ when w₃ starts", 1./3, firstMove(run.Path, 2)[0], grid))
			} else {
				f.Add(claim.Equals("largest distance of ε-boosting from the lasso path"+name, 0, farthest(run.Path, path), claim.Because(5*epsilon, "steps of ε = 0.002, in turns of coordinates")))
			}
		}
		// The erratum, on one step from 0 with η = 0.1.
		p, g, delta := notMonotone(), zeros(3), zeros(3)
		p.Gradient(g, delta)
		Direction(delta, g, 1)
		j := largest(g)
		f.Add(claim.Equals("first coordinate step, as a share of -η∂_jL", 1, .1*delta[j]/(-.1*g[j]), claim.Exact),
			claim.Equals("with the step size in Δ as well", .1, .1*delta[j]/(-.1*g[j]), claim.Rounding(1, 8)).AsPrinted())
		f.Figure = figureLasso(notMonotone(), epsilon)
		return f, nil
	}
}

// firstMove is the last point of a path before coordinate j leaves 0.
func firstMove(path [][]float64, j int) []float64 {
	for i, w := range path {
		if w[j] != 0 {
			return path[max(i-1, 0)]
		}
	}
	return path[len(path)-1]
}

// farthest is the largest distance of points of a path from the lasso path, in the largest coordinate.
func farthest(path [][]float64, l *Lasso) float64 {
	worst := 0.0
	for i := 0; i < len(path); i += 10 {
		near := math.Inf(1)
		for k := 1; k < len(l.W); k++ {
			ab, ap := sub(l.W[k], l.W[k-1]), sub(path[i], l.W[k-1])
			s := min(1, max(0, floats.Dot(ab, ap)/floats.Dot(ab, ab)))
			near = min(near, Norm(sub(path[i], between(l.W[k-1], l.W[k], s)), math.Inf(1)))
		}
		worst = max(worst, near)
	}
	return worst
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func checkNoNorm(p float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		s, err := steepest.Get(ctx, p)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		entries(f, "least ‖·‖_{4/3}", []float64{.00023005, 4.99988498, -4.00011502}, s.Least, claim.Digits(1e-8))
		f.Add(claim.Equals("its norm", 7.58365, Norm(s.Least, 4./3), claim.Digits(1e-5)),
			claim.Equals("w₁ of the flow η → 0", .282596, s.Limit()[0], claim.Digits(1e-6)),
			claim.Equals("norm at the end of the flow", 7.646792, Norm(s.Limit(), 4./3), claim.Digits(1e-6)),
			claim.Above("w₁ of the flow above that of the least norm", .2, s.Limit()[0]-s.Least[0], claim.Exact))
		// The least norm a second way: the line of solutions, searched.
		best, at := math.Inf(1), 0.0
		for k := -20000; k <= 20000; k++ {
			w1 := float64(k) * 1e-4
			if n := Norm([]float64{w1, 29./6 - (w1-1./3)/2, -25./6 - (w1-1./3)/2}, p); n < best {
				best, at = n, w1
			}
		}
		f.Add(claim.Equals("w₁ of the least norm by search along 𝒢", s.Least[0], at, claim.Because(1e-4, "the grid of the search")))
		return f, nil
	}
}

func checkFigure81(p float64, half bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		s, err := steepest.Get(ctx, p)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		if half { // Δ is homogeneous: half the gradient is half the step size
			etas := slices.Clone(bookEtas)
			floats.Scale(.5, etas)
			if s, err = RunSteepest(ctx, p, etas); err != nil {
				return nil, err
			}
			s.Eta = bookEtas
		}
		want := []float64{.286419, .295684, .325356, .361810, .407159, .337062}
		for i, eta := range s.Eta {
			got := math.NaN()
			if s.W[i] != nil {
				got = s.W[i][0]
			}
			f.Add(claim.Equals(fmt.Sprintf("w₁ at convergence, η = %g", eta), want[i], got, claim.Digits(1e-6)))
		}
		b := Book()
		worst := 0.0
		for _, w := range slices.Concat(s.W, [][]float64{s.Limit()}) {
			if w == nil {
				continue
			}
			line := []float64{w[0], 29./6 - (w[0]-1./3)/2, -25./6 - (w[0]-1./3)/2}
			worst = max(worst, distance(w, line), math.Sqrt(b.Loss(w)))
		}
		f.Add(claim.Equals("largest distance of the limits from 𝒢", 0, worst, claim.Because(1e-8, "the losses at which the runs stop")),
			claim.Equals("w₁ of the flow", .282596, s.Limit()[0], claim.Digits(1e-6)))
		if n := len(s.W); s.W[n-1] != nil && s.W[n-2] != nil {
			f.Add(claim.Above("w₁ at η = 0.07 above that at η = 0.1: not monotone", .05, s.W[n-2][0]-s.W[n-1][0], claim.Exact))
		}
		f.Add(claim.Equals("w₁ extrapolated to η = 0 from 0.003 and 0.01", s.Limit()[0], s.W[0][0]-(s.W[1][0]-s.W[0][0])*3/7, claim.Because(2e-4, "curvature in η, second order")))
		fig := s.Figure(0, 2, 4, 5)
		f.Figure = &fig
		return f, nil
	}
}
