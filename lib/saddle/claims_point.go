package saddle

import (
	"context"
	"fmt"
	"math"
	"math/bits"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// pointClaims are the claims on section 7.1 and on gradient descent at a saddle.
func pointClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "7.D1", Kind: claim.Definition, Title: "Gradients that are Lipschitz", Ref: "Definition 7.1.1",
			Statement: `$\|\nabla f(x)-\nabla f(y)\|\le\ell\|x-y\|$. For $\gamma\cos x_1+\frac12\sum_{i\ge2}x_i^2$ with $\gamma\le1$, $d\ge2$, the best constant is $\ell=1$.`,
			Source:    "saddle.Cosine",
			Check:     checkLipschitz(1),
			Alternatives: []claim.Alternative{
				{Name: "ℓ = γ, the curvature at the saddle", Check: checkLipschitz(.5)},
				{Name: "ℓ = 1 + γ", Check: checkLipschitz(1.5)},
			},
		},
		{
			ID: "7.D2", Kind: claim.Definition, Title: "Hessians that are Lipschitz", Ref: "Definition 7.1.2",
			Statement: `$\|\nabla^2f(x)-\nabla^2f(y)\|\le\rho\|x-y\|$ in the spectral norm. For $\gamma\cos x_1+\frac12\sum_{i\ge2}x_i^2$ the best constant is $\rho=\gamma$.`,
			Source:    "saddle.Cosine",
			Check:     checkHessLipschitz(.5),
			Alternatives: []claim.Alternative{
				{Name: "ρ = γ²", Check: checkHessLipschitz(.25)},
				{Name: "ρ = ℓ", Check: checkHessLipschitz(1)},
			},
		},
		{
			ID: "7.R1", Kind: claim.Remark, Title: "Telling a minimum from a saddle is hard in general", Ref: "Section 7.1",
			Statement: `For $f(x)=\sum A_{ij}x_i^2x_j^2$ with $A=t(I+G)-\mathbf1\mathbf1^\top$, $G$ the adjacency matrix of a graph, gradient and Hessian vanish at 0, and 0 is a local minimum iff $t$ is at least the size of the largest set of vertices no two of which are joined. Who tells minima from saddles solves an NP-hard problem.`,
			Source:    "saddle.Quartic, saddle.Copositive, saddle.Stable",
			Check:     checkHard(false),
			Alternatives: []claim.Alternative{
				{Name: "the largest set all of which are joined", Check: checkHard(true)},
			},
			Errata: []claim.Erratum{{
				Number: "7.1", Where: "Section 7.1",
				Printed: `"distinguishing saddle points from local minima for smooth functions is still NP-hard in general"`,
				Correct: `so it is for degenerate critical points; where $\lambda_{\min}<0$ or $\lambda_{\min}>0$, one eigenvalue decides`,
				Why:     `A negative eigenvalue gives a direction down, a positive definite Hessian a minimum. The hard instances have $\nabla^2f=0$.`,
			}},
		},
		{
			ID: "7.D3", Kind: claim.Definition, Title: "Strict saddles", Ref: "Definition 7.1.3",
			Statement: `A stationary point with $\lambda_{\min}<0$. Strictness is what makes leaving fast: a start nearer by the factor $c$ costs $\log c/\log(1+\eta\gamma)$ steps more, and on $-\frac14x^4$, where $\lambda_{\min}=0$, $c^2$ times as many.`,
			Source:    "saddle.Escape, landscape.Descend",
			Check:     checkStrict(false),
			Alternatives: []claim.Alternative{
				{Name: "λ_min = 0 called strict", Check: checkStrict(true)},
			},
		},
		{
			ID: "7.D4", Kind: claim.Definition, Title: "Second-order stationary points", Ref: "Definition 7.1.4",
			Statement: `$\nabla f=0$ and $\nabla^2f\succeq0$. Of the stationary points $x_1=k\pi$ of $\gamma\cos x_1+\frac12\sum x_i^2$ those with odd $k$ are, and all of them are minima; 0 is one for $w^3$ and no minimum.`,
			Source:    "saddle.Test",
			Check:     checkSOSP(1e-9),
			Alternatives: []claim.Alternative{
				{Name: "the gradient alone", Check: checkSOSP(.6)},
			},
		},
		{
			ID: "7.D5", Kind: claim.Definition, Title: "ε-second-order stationary points", Ref: "Definition 7.1.5",
			Statement: `$\|\nabla f\|\le\epsilon$ and $\lambda_{\min}(\nabla^2f)\ge-\sqrt{\rho\epsilon}$. The saddle of $\gamma\cos x_1+\frac12\sum x_i^2$, with $\rho=\gamma$ and curvature $-\gamma$, is one iff $\epsilon\ge\gamma$. For $\rho\epsilon>\ell^2$ the second condition says nothing.`,
			Source:    "saddle.Test",
			Check:     checkEpsilonSOSP(func(o *landscape.Objective) float64 { return o.HessLipschitz }),
			Alternatives: []claim.Alternative{
				{Name: "the threshold -√ε, without ρ", Check: checkEpsilonSOSP(func(*landscape.Objective) float64 { return 1 })},
				{Name: "ℓ in place of ρ", Check: checkEpsilonSOSP(func(o *landscape.Objective) float64 { return 2 * o.Lipschitz })},
			},
		},
		{
			ID: "7.I1", Kind: claim.Identity, Title: "The definition does not depend on units", Ref: "Section 7.1, footnote 1",
			Statement: `For $g(x)=a\,f(bx)$: $\epsilon_g=ab\,\epsilon$ and $\rho_g=ab^3\rho$ give $\sqrt{\rho_g\epsilon_g}=ab^2\sqrt{\rho\epsilon}$, so that $x/b$ is an $\epsilon_g$-SOSP of $g$ iff $x$ is an $\epsilon$-SOSP of $f$.`,
			Source:    "saddle.Rescale",
			Check:     checkUnits(func(a, b float64) float64 { return a * b }),
			Alternatives: []claim.Alternative{
				{Name: "ε as a value of f: a·ε", Check: checkUnits(func(a, _ float64) float64 { return a })},
				{Name: "ε left alone", Check: checkUnits(func(_, _ float64) float64 { return 1 })},
			},
		},
		{
			ID: "7.N1", Kind: claim.Remark, Title: "Gradient descent stays on a saddle", Ref: "Section 7.2",
			Statement: `Started at the saddle $\sqrt2e_2$ of $\frac14\|M-xx^\top\|_F^2$, $M=\mathrm{diag}(3,2,1,\frac12)$, gradient descent makes 2000 steps and stays at $f=2.5625$, with a first coordinate of exactly 0.`,
			Source:    "saddle.GD",
			Check:     checkStays(0),
			Alternatives: []claim.Alternative{
				{Name: "a start 1e-9 beside it", Check: checkStays(1e-9)},
			},
		},
	}
}

func checkLipschitz(ell float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		o, err := Cosine(3, .5)
		if err != nil {
			return nil, err
		}
		r := rng.Stream(env.Seed, "saddle/lipschitz")
		gx, gy := make([]float64, 3), make([]float64, 3)
		top := 0.0
		for range 5000 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			x, y := rng.Normals(r, 3), rng.Normals(r, 3)
			floats.Scale(3, x)
			floats.Scale(math.Pow(10, -4*r.Float64()), y)
			floats.Add(y, x)
			o.Gradient(gx, x)
			o.Gradient(gy, y)
			top = max(top, floats.Distance(gx, gy, 2)/floats.Distance(x, y, 2))
		}
		f := &claim.Finding{}
		f.Add(claim.Below("largest ‖∇f(x)-∇f(y)‖/‖x-y‖ of 5000 pairs", ell, top, claim.Because(1e-10, "rounding of differences over distances down to 1e-4")),
			claim.Above("it comes near the constant", .99*ell, top, claim.Exact))
		return f, nil
	}
}

func checkHessLipschitz(rho float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		o, err := Cosine(3, .5)
		if err != nil {
			return nil, err
		}
		r := rng.Stream(env.Seed, "saddle/hess-lipschitz")
		top := 0.0
		for range 5000 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			x, y := rng.Normals(r, 3), rng.Normals(r, 3)
			x[0] *= 3
			floats.Scale(math.Pow(10, -4*r.Float64()), y)
			floats.Add(y, x)
			diff := o.Hessian(x)
			there := o.Hessian(y)
			for i := range 3 {
				for j := i; j < 3; j++ {
					diff.SetSym(i, j, diff.At(i, j)-there.At(i, j))
				}
			}
			norm, err := linalg.SpectralNorm(diff)
			if err != nil {
				return nil, err
			}
			top = max(top, norm/floats.Distance(x, y, 2))
		}
		f := &claim.Finding{}
		f.Add(claim.Below("largest ‖∇²f(x)-∇²f(y)‖/‖x-y‖ of 5000 pairs", rho, top, claim.Because(1e-10, "rounding of differences over distances down to 1e-4")),
			claim.Above("it comes near the constant", .98*rho, top, claim.Exact))
		return f, nil
	}
}

// graphs are a cycle of five, Petersen's graph and a random graph of seven vertices.
func graphs(seed uint64) map[string][][]bool {
	make2 := func(n int, joined func(i, j int) bool) [][]bool {
		g := make([][]bool, n)
		for i := range g {
			g[i] = make([]bool, n)
		}
		for i := range n {
			for j := range i {
				g[i][j] = joined(j, i)
				g[j][i] = g[i][j]
			}
		}
		return g
	}
	r := rng.Stream(seed, "saddle/graph")
	return map[string][][]bool{
		"cycle of 5": make2(5, func(i, j int) bool { return j-i == 1 || j-i == 4 }),
		"Petersen": make2(10, func(i, j int) bool {
			switch {
			case j < 5:
				return j-i == 1 || j-i == 4
			case i >= 5:
				return j-i == 2 || j-i == 3
			}
			return j-i == 5
		}),
		"random, 7 vertices": make2(7, func(int, int) bool { return r.Float64() < .4 }),
	}
}

// largest is the size of the largest set of vertices of which any two are joined, or no two are.
func largest(g [][]bool, joined bool) int {
	best := 0
	for set := range 1 << len(g) {
		ok := true
		for i := range g {
			for j := range i {
				ok = ok && (set>>i&1 == 0 || set>>j&1 == 0 || g[i][j] == joined)
			}
		}
		if ok {
			best = max(best, bits.OnesCount(uint(set)))
		}
	}
	return best
}

func checkHard(clique bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		all := graphs(env.Seed)
		for _, name := range []string{"cycle of 5", "Petersen", "random, 7 vertices"} {
			g := all[name]
			low, high := 1., float64(len(g))+1 // not copositive, copositive
			for range 12 {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				t := (low + high) / 2
				yes, _, err := Copositive(Stable(g, t))
				if err != nil {
					return nil, err
				}
				if yes {
					high = t
				} else {
					low = t
				}
			}
			f.Add(claim.Equals(name+": smallest t with a minimum at 0, the largest set", float64(largest(g, clique)), high, claim.Because(float64(len(g))/4096+1e-12, "12 bisections")))
			a := Stable(g, low)
			_, y, err := Copositive(a)
			if err != nil {
				return nil, err
			}
			o := Quartic(a)
			x := make([]float64, len(y))
			for i, v := range y {
				x[i] = 1e-3 * math.Sqrt(v)
			}
			zero := make([]float64, len(y))
			norm, err := linalg.SpectralNorm(o.Hessian(zero))
			if err != nil {
				return nil, err
			}
			f.Add(claim.Below(name+": f on the way down that the witness shows, just below it", 0, o.Value(x), claim.Exact),
				claim.Equals(name+": norm of gradient and Hessian at 0", 0, o.GradientNorm(zero)+norm, claim.Exact))
		}
		return f, nil
	}
}

func checkStrict(degenerate bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		strict, err := Cosine(1, .5)
		if err != nil {
			return nil, err
		}
		flat := landscape.Power(4, -.25)
		if degenerate {
			strict = flat
		}
		steps := func(o *landscape.Objective, x float64) (float64, error) {
			path, err := landscape.Descend(ctx, o, []float64{x}, 1, 10_000_000, func(_ int, x []float64) bool { return math.Abs(x[0]) >= .1 })
			return float64(len(path) - 1), err
		}
		var count [4]float64
		for i, s := range []struct {
			o *landscape.Objective
			x float64
		}{{strict, 1e-2}, {strict, 1e-3}, {flat, 1e-2}, {flat, 1e-3}} {
			if count[i], err = steps(s.o, s.x); err != nil {
				return nil, err
			}
		}
		f := &claim.Finding{}
		f.Add(claim.Equals("strict: more steps from 0.001 than from 0.01", math.Ln10/math.Log(1.5), count[1]-count[0], claim.Because(1, "whole steps")),
			claim.Equals("degenerate: steps from 0.001 over those from 0.01", 100, count[3]/count[2], claim.Because(2, "escape at 0.1 takes 1% off the shorter run")))
		return f, nil
	}
}

func checkSOSP(epsilon float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		o, err := Cosine(4, .5)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		found, minima := 0, 0
		for k := -3; k <= 3; k++ {
			x := make([]float64, 4)
			x[0] = float64(k) * math.Pi
			a, err := Test(ctx, o, x, epsilon)
			if err != nil {
				return nil, err
			}
			if a.Yes && a.Certain {
				found++
				minima += int(indicator(math.Abs(o.Value(x)-o.Min) < 1e-12))
			}
		}
		f.Add(claim.Equals("second-order stationary points among seven stationary ones", 4, float64(found), claim.Exact),
			claim.Equals("of these, minima", 4, float64(minima), claim.Exact))
		cube := landscape.Power(3, 1)
		cube.Lipschitz, cube.HessLipschitz = 6, 6 // on [-1, 1]
		a, err := Test(ctx, cube, []float64{0}, 1e-9)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("w³ at 0: second-order stationary", 1, indicator(a.Yes), claim.Exact),
			claim.Below("w³ at -0.1, beside it", 0, cube.Value([]float64{-.1}), claim.Exact))
		return f, nil
	}
}

// checkEpsilonSOSP finds by bisection the smallest ε for which 0 is an ε-SOSP.
func checkEpsilonSOSP(rho func(*landscape.Objective) float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		for _, c := range []struct {
			d     int
			gamma float64
		}{{1, .9}, {2, .2}, {10, .5}, {400, .5}} {
			o, err := Cosine(c.d, c.gamma)
			if err != nil {
				return nil, err
			}
			o.HessLipschitz = rho(o)
			low, high := 0., 2.
			for range 30 {
				mid := (low + high) / 2
				a, err := Test(ctx, o, make([]float64, c.d), mid)
				if err != nil {
					return nil, err
				}
				if a.Yes && a.Certain {
					high = mid
				} else {
					low = mid
				}
			}
			f.Add(claim.Equals(fmt.Sprintf("d = %d, γ = %g: smallest ε for which the saddle passes", c.d, c.gamma), c.gamma, high, claim.Because(1e-8, "30 bisections")))
		}
		o, err := Cosine(2, .5)
		if err != nil {
			return nil, err
		}
		for _, epsilon := range []float64{1.99, 2.01} {
			a, err := Test(ctx, o, []float64{0, 0}, epsilon)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(fmt.Sprintf("γ = ½, ε = %g: told that curvature does not matter", epsilon), indicator(epsilon > 2), indicator(a.Vacuous), claim.Exact))
		}
		return f, nil
	}
}

func checkUnits(scale func(a, b float64) float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const points, epsilon = 1000, .2
		o, err := Cosine(3, .5)
		if err != nil {
			return nil, err
		}
		r := rng.Stream(env.Seed, "saddle/units")
		differ, yes := 0, 0
		for range points {
			a, b := math.Exp(3*r.NormFloat64()), math.Exp(2*r.NormFloat64())
			g, err := Rescale(o, a, b)
			if err != nil {
				return nil, err
			}
			x := []float64{8*r.Float64() - 4, .1 * r.NormFloat64(), .1 * r.NormFloat64()}
			one, err := Test(ctx, o, x, epsilon)
			if err != nil {
				return nil, err
			}
			y := []float64{x[0] / b, x[1] / b, x[2] / b}
			two, err := Test(ctx, g, y, scale(a, b)*epsilon)
			if err != nil {
				return nil, err
			}
			differ += int(indicator(one.Yes != two.Yes))
			yes += int(indicator(one.Yes))
		}
		f := &claim.Finding{}
		f.Add(claim.Equals("of 1000 points and scales, answers that differ", 0, float64(differ), claim.Exact),
			claim.Above("points that are ε-SOSPs", 50, float64(yes), claim.Exact),
			claim.Above("points that are not", 50, float64(points-yes), claim.Exact))
		return f, nil
	}
}

// topEigenvector is the second test function, with M = diag(3, 2, 1, ½).
func topEigenvector() *landscape.Objective {
	m := mat.NewSymDense(4, nil)
	for i, v := range []float64{3, 2, 1, .5} {
		m.SetSym(i, i, v)
	}
	return must(landscape.NewTopEigenvector(m)).Objective()
}

func checkStays(aside float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		o := topEigenvector()
		res, err := GD(ctx, o, []float64{aside, math.Sqrt2, 0, 0}, Options{Eta: 1. / 12, Steps: 2000})
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		f.Add(claim.Equals("f after 2000 steps", 2.5625, res.Values[2000], claim.Because(1e-12, "rounding of a sum of 16 squares")),
			claim.Equals("coordinate along e₁", 0, res.Last[0], claim.Exact),
			claim.Above("f above its minimum, all the same", 1, res.Values[2000]-o.Min, claim.Exact))
		return f, nil
	}
}
