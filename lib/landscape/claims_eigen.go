package landscape

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// eigenClaims are the claims on section 6.4.
func eigenClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "6.I4", Kind: claim.Identity, Title: "The top eigenvector maximizes a quadratic form", Ref: "Section 6.4",
			Statement:    `For a positive semidefinite $M$, $\max_{\|x\|=1}x^\top Mx=\lambda_1$, reached at $\pm v_1$.`,
			Source:       "landscape.TopEigenvector",
			Check:        checkSphere(1),
			Alternatives: []claim.Alternative{{Name: "v₂ instead of v₁", Check: checkSphere(2)}},
		},
		{
			ID: "6.A3", Kind: claim.Model, Title: "An objective whose minimizers are ±√λ₁v₁", Ref: "Section 6.4, Eq. 6.6",
			Statement: `$f(x)=\frac14\|M-xx^\top\|_F^2$ has $f(x)=f(-x)$ and the minimum $\frac14\sum_{i\ge2}\lambda_i^2$ at $\pm\sqrt{\lambda_1}v_1$. Gradient descent from near 0 takes $\log(c\sqrt{\lambda_1}/|\langle x_0,v_1\rangle|)/\log(1+\eta\lambda_1)$ steps to leave, and then shrinks $f-f^*$ by $(1-\eta(\lambda_1-\lambda_2))^2$ a step.`,
			Source:    "landscape.TopEigenvector, landscape.Descend",
			Check:     checkDescent(descentTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "a rate without the square", Check: checkDescent(descentTheory{power: .5})},
				{Name: "a rate by λ₁ instead of the gap", Check: checkDescent(descentTheory{noGap: true})},
				{Name: "minimizers of length λ₁", Check: checkDescent(descentTheory{length: 1})},
			},
		},
		{
			ID: "6.I5", Kind: claim.Identity, Title: "Gradient and Hessian of the objective", Ref: "Section 6.4.1, Eq. 6.7",
			Statement: `$\nabla f(x)=(xx^\top-M)x$ and $\nabla^2f(x)=\|x\|^2I+2xx^\top-M$, that is $\delta^\top\nabla^2f(x)\delta=\frac12\|x\delta^\top+\delta x^\top\|_F^2-\langle M-xx^\top,\delta\delta^\top\rangle$. The terms left out are $\frac12\langle x\delta^\top+\delta x^\top,\delta\delta^\top\rangle+\frac14\|\delta\|^4$: $f$ is a polynomial of degree four.`,
			Source:    "landscape.TopEigenvector.Objective, landscape.TopEigenvector.Expand",
			Check:     checkExpansion(2, 2),
			Alternatives: []claim.Alternative{
				{Name: "a Hessian ‖x‖²I + xxᵀ - M", Check: checkExpansion(1, 2)},
				{Name: "second-order expansion taken as exact", Check: checkExpansion(2, 0)},
			},
			Errata: []claim.Erratum{{
				Number: "6.5", Where: "Section 6.4.1, expansion of f(x+δ)",
				Printed: `$\frac14\|M-xx^\top\|_F^2-\frac12\langle M-xx^\top,x\delta+\delta x^\top\rangle+\dots$, "ignored all the terms that are smaller than $o(\|\delta\|_2^2)$"`,
				Correct: `$x\delta^\top+\delta x^\top$; what is ignored is $O(\|\delta\|^3)$`,
				Why:     `$x\delta$ is no matrix. The expansion ends at degree four, so that its sum is exact.`,
			}},
		},
		{
			ID: "6.C3", Kind: claim.Theorem, Title: "Critical points and the way down from each", Ref: "Claim 6.4.1",
			Statement: `For $\lambda_1>\dots>\lambda_d\ge0$ the critical points of $f$ are $0$ and $\pm\sqrt{\lambda_i}v_i$, $\lambda_i>0$; at all but $\pm\sqrt{\lambda_1}v_1$ the curvature along $v_1$ is $\lambda_i-\lambda_1<0$ ($-\lambda_1$ at 0). Their indices sum to $\sum(-1)^{\text{index}}=1$, so that none is missing.`,
			Source:    "landscape.TopEigenvector.CriticalPoints",
			Check:     checkCritical(criticalTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "critical points at λ_i·v_i", Check: checkCritical(criticalTheory{power: 1})},
				{Name: "0 left out", Check: checkCritical(criticalTheory{drop: true})},
				{Name: "curvature λ₁ - λ_i", Check: checkCritical(criticalTheory{sign: -1})},
			},
			Errata: []claim.Erratum{{
				Number: "6.6", Where: "Claim 6.4.1",
				Printed: `"The only critical points of $f(x)$ are of the form $x=\pm\sqrt{\lambda_i}v_i$ or $x=0$", under $\lambda_1>\lambda_2\ge\lambda_3\ge\dots$`,
				Correct: `with a repeated positive eigenvalue every vector of length $\sqrt\lambda$ of its eigenspace is critical`,
				Why:     `$Mx=\|x\|^2x$ says only that $x$ is an eigenvector with $\|x\|^2=\lambda$. The second half of the claim stands.`,
			}},
		},
		{
			ID: "6.D8", Kind: claim.Definition, Title: "Directions of improvement", Ref: "Definition 6.4.2",
			Statement:    `$\delta\ne0$ is an $(\epsilon,\gamma)$-direction of improvement at $x$ if $|\langle\nabla f(x),\delta\rangle|>\epsilon\|\delta\|$ or $\delta^\top\nabla^2f(x)\delta<-\gamma\|\delta\|^2$. Then a step along $\delta$ or $-\delta$ lowers $f$; an $(\epsilon,\gamma)$-second-order stationary point has none.`,
			Source:       "landscape.Objective.Improves",
			Check:        checkImprovement(1),
			Alternatives: []claim.Alternative{{Name: "curvature above γ in place of below -γ", Check: checkImprovement(-1)}},
		},
		{
			ID: "6.A4", Kind: claim.Model, Title: "Rank one: two numbers decide", Ref: "Section 6.4.2, Eq. 6.8",
			Statement:    `For $M=zz^\top$, $\|z\|=1$, the value of $f$ at $x$, its slopes and its curvatures along $x$ and $z$ depend on $p=\langle x,z\rangle$ and $q=\|x\|^2$ alone: $f=\frac14(1-2p^2+q^2)$, slopes $|q^2-p^2|/\sqrt q$ and $|p(q-1)|$, curvatures $3q-p^2/q$ and $q+2p^2-1$.`,
			Source:       "landscape.Plane",
			Check:        checkPlane(1),
			Alternatives: []claim.Alternative{{Name: "f = ¼(1 - p² + q²)", Check: checkPlane(.5)}},
		},
		{
			ID: "6.L1", Kind: claim.Lemma, Title: "x or z improves unless the value is small, with the sharp constant", Ref: "Lemma 6.4.3",
			Statement: `For (6.8) and $\tau<1$: if neither $x$ nor $z$ is a $(c\tau,\frac14)$-direction of improvement at $x$, then $f(x)\le\tau$. The largest such $c$ is $1/\sqrt2$, reached at $\langle x,z\rangle=1/(2\sqrt2)$, $\|x\|^2=\frac12$, where $f=\frac14$.`,
			Source:    "landscape.Worst, landscape.SharpConstant",
			Check:     checkSharp(SharpConstant, .25),
			Alternatives: []claim.Alternative{
				{Name: "c = 0.75", Check: checkSharp(.75, .25)},
				{Name: "c = 0.7 called sharp", Check: checkSharp(.65, .25)},
				{Name: "curvature down to -½ allowed", Check: checkSharp(SharpConstant, .5)},
			},
			Errata: []claim.Erratum{{
				Number: "6.7", Where: "Section 6.4.2, before Eq. 6.8",
				Printed: `"every $(\epsilon,\gamma)$-second order stationary point must satisfy $f(x)\le f(x^*)+\delta$"`,
				Correct: `$f(x)\le f(x^*)+\tau$`,
				Why:     `It is the contrapositive of "every $x$ with $f(x)>f(x^*)+\tau$ has a direction of improvement"; $\delta$ is the direction.`,
			}},
		},
		{
			ID: "6.L2", Kind: claim.Lemma, Title: "Neither x nor z improves only where f = 0", Ref: "Lemma 6.4.4, Eq. 6.9",
			Statement:    `For (6.8): if neither $x$ nor $z$ is a direction of improvement at $x$, then $f(x)=0$.`,
			Source:       "landscape.Objective.Improves",
			Check:        checkExact(true),
			Alternatives: []claim.Alternative{{Name: "x alone", Check: checkExact(false)}},
		},
		{
			ID: "6.R3", Kind: claim.Remark, Title: "Some entries are enough", Ref: "Section 6.4.2, footnote 10",
			Statement: `With 40% of the entries of $zz^\top$ observed and $z$ not spiky, gradient descent on $\frac14\sum_{\text{observed}}(z_iz_j-x_ix_j)^2$ from a random start ends at $\pm z$, with no negative curvature there.`,
			Source:    "landscape.RunCompletion",
			Check:     checkCompletion(CompletionConfig{}),
			Alternatives: []claim.Alternative{
				{Name: "a spiky z", Check: checkCompletion(CompletionConfig{Spiky: true})},
				{Name: "5% of the entries", Check: checkCompletion(CompletionConfig{Share: .05, Steps: 500})},
			},
		},
		{
			ID: "6.R4", Kind: claim.Remark, Title: "One direction for every rank", Ref: "Section 6.4.2",
			Statement: `For $f(X)=\frac14\|XX^\top-ZZ^\top\|_F^2$ and $\Delta=X-ZR$, $R$ the rotation that brings $ZR$ nearest to $X$, $\nabla^2f[\Delta,\Delta]\le-2f+4\langle\nabla f,\Delta\rangle$: where the gradient vanishes and $f>0$, $\Delta$ leads down. In rank one $\Delta=x\mp z$.`,
			Source:    "landscape.Align",
			Check:     checkRank(1.5, 2),
			Alternatives: []claim.Alternative{
				{Name: "the factor 3/2 replaced by 1", Check: checkRank(1, 2)},
				{Name: "‖ΔΔᵀ‖² ≤ ‖N‖²", Check: checkRank(1.5, 1)},
			},
		},
	}
}

// exampleM is diag(3, 2, 1, ½), to which the goldens refer.
func exampleM() *TopEigenvector {
	m := mat.NewSymDense(4, nil)
	for i, v := range []float64{3, 2, 1, .5} {
		m.SetSym(i, i, v)
	}
	return must(NewTopEigenvector(m))
}

// must is for constants of this package.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func randomTop(r *claim.Env, name string, d int) (*TopEigenvector, error) {
	a := mat.NewDense(d, d, rng.Normals(rng.Stream(r.Seed, name), d*d))
	m := mat.NewSymDense(d, nil)
	m.SymOuterK(1/float64(d), a)
	return NewTopEigenvector(m)
}

func checkSphere(which int) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		t, err := randomTop(&env, "landscape/sphere", 8)
		if err != nil {
			return nil, err
		}
		form := func(x []float64) float64 {
			v := mat.NewVecDense(8, x)
			return mat.Inner(v, t.m, v) / floats.Dot(x, x)
		}
		r := rng.Stream(env.Seed, "landscape/sphere/points")
		best := 0.0
		for i := range 20000 {
			if i%1000 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			best = max(best, form(rng.Normals(r, 8)))
		}
		// Power iteration knows nothing of the decomposition.
		x := rng.Normals(r, 8)
		for range 2000 {
			y := mat.NewVecDense(8, nil)
			y.MulVec(t.m, mat.NewVecDense(8, x))
			x = y.RawVector().Data
			floats.Scale(1/floats.Norm(x, 2), x)
		}
		f := &claim.Finding{}
		f.Add(
			claim.Below("largest xᵀMx of 20,000 random unit vectors", t.Eigenvalue(which), best, claim.Rounding(t.Eigenvalue(1), 64)),
			claim.Equals("xᵀMx where power iteration ends", t.Eigenvalue(which), form(x), claim.Rounding(t.Eigenvalue(1), 1024)),
			claim.Equals("|⟨x, v⟩| there", 1, math.Abs(floats.Dot(x, t.Eigenvector(which))), claim.Because(1e-8, "power iteration, 2000 steps")),
		)
		return f, nil
	}
}

type descentTheory struct {
	power  float64 // of the rate; 0 means 1
	noGap  bool
	length float64 // exponent of λ₁ in the length of the minimizer; 0 means ½
}

func checkDescent(h descentTheory) claim.Check {
	if h.power == 0 {
		h.power = 1
	}
	if h.length == 0 {
		h.length = .5
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		t := exampleM()
		o := t.Objective()
		const eta = .05
		x0 := []float64{1e-3, 1e-3, 1e-3, 1e-3}
		path, err := Descend(ctx, o, x0, eta, 220, nil)
		if err != nil {
			return nil, err
		}
		escape := 0
		for math.Abs(path[escape][0]) <= math.Sqrt(3)/2 {
			escape++
		}
		gap := func(k int) float64 { return o.Value(path[k]) - t.Min() }
		rate := math.Pow(t.Rate(eta), h.power)
		if h.noGap {
			rate = (1 - eta*3) * (1 - eta*3)
		}
		last := path[len(path)-1]
		minus := make([]float64, 4)
		floats.AddScaled(minus, -1, path[60])
		f := &claim.Finding{}
		f.Add(
			claim.Equals("f(-x) - f(x), halfway", 0, o.Value(minus)-o.Value(path[60]), claim.Rounding(1, 16)),
			claim.Equals("steps to |⟨x, v₁⟩| = ½√λ₁", t.EscapeSteps(x0, eta, .5), float64(escape), claim.Because(2, "whole steps, and x grows more slowly once it is not small")),
			claim.Equals("⟨x, v₁⟩ at the end", math.Pow(3, h.length), math.Abs(last[0]), claim.Because(1e-4, "a gap of 1e-9 is left")),
			claim.Equals("f - f* at step 50", 1.1161, gap(50), claim.Digits(1e-4)),
			claim.Equals("f - f* at step 100", 1.0947e-4, gap(100), claim.Digits(1e-8)),
			claim.Equals("f - f* at step 200", 3.837e-9, gap(200), claim.Digits(1e-12)),
			claim.Equals("mean shrinkage a step from 150 to 220", rate, math.Pow(gap(220)/gap(150), 1./70), claim.Because(2e-3, "terms of second order in x - x*, and rounding of f - f*")),
		)
		f.Figure = figureDescent(t, path, eta)
		return f, nil
	}
}

func checkExpansion(outer, rest float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		t, err := randomTop(&env, "landscape/expansion", 6)
		if err != nil {
			return nil, err
		}
		o := t.Objective()
		r := rng.Stream(env.Seed, "landscape/expansion/points")
		var slope, curve, exact float64
		for range 50 {
			x, delta := rng.Normals(r, 6), rng.Normals(r, 6)
			moved := func(s float64) []float64 {
				y := append([]float64(nil), x...)
				floats.AddScaled(y, s, delta)
				return y
			}
			parts := t.Expand(x, delta)
			g, hv := make([]float64, 6), make([]float64, 6)
			o.Gradient(g, x)
			o.HessVec(hv, x, delta)
			second := floats.Dot(hv, delta) + (outer-2)*math.Pow(floats.Dot(x, delta), 2)
			const h = 1e-4
			up, down, here := o.Value(moved(h)), o.Value(moved(-h)), o.Value(x)
			slope = max(slope, math.Abs((up-down)/(2*h)-floats.Dot(g, delta))/(1+math.Abs(floats.Dot(g, delta))))
			curve = max(curve, math.Abs((up-2*here+down)/(h*h)-second)/(1+math.Abs(second)))
			sum := here + floats.Dot(g, delta) + second/2
			if rest > 0 {
				sum += parts[3] + parts[4]
			}
			exact = max(exact, math.Abs(o.Value(moved(1))-sum)/o.Value(moved(1)))
		}
		f := &claim.Finding{}
		f.Add(
			claim.Equals("largest difference of a difference quotient from ⟨∇f, δ⟩, 50 points", 0, slope, claim.Because(1e-5, "h²/6 of the third derivative")),
			claim.Equals("largest difference of a second difference from δᵀ∇²fδ", 0, curve, claim.Because(1e-5, "h²/12 of the fourth derivative, and rounding over h²")),
			claim.Equals("largest relative error of the whole expansion at ‖δ‖ = O(1)", 0, exact, claim.Because(1e-12, "rounding of sums of 36 products")),
		)
		return f, nil
	}
}

type criticalTheory struct {
	power float64 // of λ_i in the length; 0 means ½
	drop  bool
	sign  float64 // of the curvature; 0 means 1
}

func checkCritical(h criticalTheory) claim.Check {
	if h.power == 0 {
		h.power = .5
	}
	if h.sign == 0 {
		h.sign = 1
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		t := exampleM()
		o := t.Objective()
		points, err := t.CriticalPoints()
		if err != nil {
			return nil, err
		}
		if h.drop {
			points = points[1:]
		}
		f := &claim.Finding{}
		euler := 0.0
		golden := map[string]float64{"0": 3.5625, "+√λ₁ v₁": 1.3125, "+√λ₂ v₂": 2.5625, "+√λ₃ v₃": 3.3125, "+√λ₄ v₄": 3.5}
		for _, p := range points {
			x := append([]float64(nil), p.X...)
			if n := floats.Norm(x, 2); n > 0 {
				floats.Scale(math.Pow(n, 2*h.power-1), x)
			}
			spectrum, err := linalg.EigenvaluesSym(o.Hessian(x))
			if err != nil {
				return nil, err
			}
			low := spectrum[len(spectrum)-1]
			euler += 1 - 2*float64(index(spectrum)%2)
			g, ok := golden[p.Name]
			if !ok {
				continue // its mirror image
			}
			f.Add(claim.Equals("gradient at "+p.Name, 0, o.GradientNorm(x), claim.Rounding(3, 64)),
				claim.Equals("f at "+p.Name, g, o.Value(x), claim.Rounding(4, 64)),
				claim.Equals("curvature along v₁ at "+p.Name, h.sign*p.Curvature, o.Curvature(x, t.Eigenvector(1)), claim.Rounding(6, 64)))
			if p.Name != "+√λ₁ v₁" {
				f.Add(claim.Below("least curvature at "+p.Name, p.Curvature, low, claim.Rounding(6, 64)))
			}
		}
		f.Add(claim.Equals("Σ (-1)^index over all critical points", 1, euler, claim.Exact))
		// Newton's method from many starts finds critical points of every kind, and no other.
		found, err := Census(ctx, o, CensusConfig{Radius: 2.5, Starts: 600, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("critical points found by Newton's method from 600 starts", float64(len(points)), float64(len(found.Points)), claim.Exact))
		f.Figure = figureCritical(t, found)
		return f, nil
	}
}

func checkImprovement(sign float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		t := exampleM()
		o := t.Objective()
		r := rng.Stream(env.Seed, "landscape/improvement")
		const eps, gamma, h = 1e-3, 1e-3, 1e-4
		lower, tried, none := 0, 0, 0
		for range 2000 {
			x, delta := rng.Normals(r, 4), rng.Normals(r, 4)
			floats.Scale(1/floats.Norm(delta, 2), delta)
			yes, err := o.Improves(x, delta, eps, gamma)
			if sign < 0 { // the alternative: only its curvature half, with the wrong sign
				yes, err = o.Curvature(x, delta) > gamma && math.Abs(slopeOf(o, x, delta)) < 1e-2, nil
			}
			if err != nil {
				return nil, err
			}
			if !yes {
				continue
			}
			tried++
			best := math.Inf(1)
			for _, s := range []float64{h, -h} {
				y := append([]float64(nil), x...)
				floats.AddScaled(y, s, delta)
				best = min(best, o.Value(y))
			}
			if best < o.Value(x) {
				lower++
			}
		}
		points, err := t.CriticalPoints()
		if err != nil {
			return nil, err
		}
		for _, p := range points[1:3] { // the minimizers
			for range 500 {
				if yes, err := o.Improves(p.X, rng.Normals(r, 4), 1e-9, 1e-9); err != nil {
					return nil, err
				} else if yes {
					none++
				}
			}
		}
		zero, err := o.Improves([]float64{1, 1, 1, 1}, make([]float64, 4), 0, 0)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		f.Add(
			claim.Equals("share of directions of improvement along which a short step lowers f", 1, float64(lower)/float64(max(tried, 1)), claim.Exact),
			claim.Above("directions tried", 10, float64(tried), claim.Exact),
			claim.Equals("random directions that improve at a minimizer, of 1000", 0, float64(none), claim.Exact),
			claim.Equals("whether δ = 0 improves where the gradient is large", 0, indicator(zero), claim.Exact),
		)
		return f, nil
	}
}

func slopeOf(o *Objective, x, delta []float64) float64 {
	g := make([]float64, o.Dim)
	o.Gradient(g, x)
	return floats.Dot(g, delta)
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// rankOne is (6.8) for a random z of three entries.
func rankOne(env *claim.Env, name string) (o *Objective, z []float64, err error) {
	z = rng.Normals(rng.Stream(env.Seed, name), 3)
	floats.Scale(1/floats.Norm(z, 2), z)
	m := mat.NewSymDense(3, nil)
	m.SymRankOne(m, 1, mat.NewVecDense(3, z))
	t, err := NewTopEigenvector(m)
	if err != nil {
		return nil, nil, err
	}
	return t.Objective(), z, nil
}

func checkPlane(factor float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		o, z, err := rankOne(&env, "landscape/plane")
		if err != nil {
			return nil, err
		}
		r := rng.Stream(env.Seed, "landscape/plane/points")
		var worst [5]float64
		for range 200 {
			x := rng.Normals(r, 3)
			a := Plane{P: floats.Dot(x, z), Q: floats.Dot(x, x)}
			value := (1 - 2*factor*a.P*a.P + a.Q*a.Q) / 4
			for i, d := range []float64{
				value - o.Value(x),
				a.GradientX() - math.Abs(slopeOf(o, x, x))/floats.Norm(x, 2),
				a.GradientZ() - math.Abs(slopeOf(o, x, z)),
				a.CurvatureX() - o.Curvature(x, x),
				a.CurvatureZ() - o.Curvature(x, z),
			} {
				worst[i] = max(worst[i], math.Abs(d))
			}
		}
		f := &claim.Finding{}
		for i, what := range []string{"value", "slope along x", "slope along z", "curvature along x", "curvature along z"} {
			f.Add(claim.Equals("largest difference of the "+what+" from its formula, 200 points", 0, worst[i], claim.Because(1e-12, "rounding at values up to 100")))
		}
		return f, nil
	}
}

func checkSharp(c, gamma float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const side = 1500
		least, at := Worst(gamma, 1e-3, side)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		f.Add(
			claim.Above("least max(slope)/min(f, 1) over the points without curvature below -¼", c, least, claim.Rounding(1, 16)),
			claim.Below("how far it is above c: the constant is sharp", 0, least-c, claim.Because(1e-2, "distance of grid points, 6/1500")),
			claim.Equals("⟨x, z⟩ there", 1/math.Sqrt(8), at.P, claim.Because(2e-2, "distance of grid points, and the flatness of a minimum")),
			claim.Equals("‖x‖² there", .5, at.Q, claim.Because(2e-2, "distance of grid points, and the flatness of a minimum")),
		)
		f.Figure = figureLemma(.2)
		return f, nil
	}
}

func checkExact(both bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		o, z, err := rankOne(&env, "landscape/exact")
		if err != nil {
			return nil, err
		}
		minus := append([]float64(nil), z...)
		floats.Scale(-1, minus)
		points := [][]float64{z, minus, {0, 0, 0}}
		r := rng.Stream(env.Seed, "landscape/exact/points")
		for range 10000 {
			points = append(points, rng.Normals(r, 3))
		}
		// x alone does not improve on ‖x‖⁴ = ⟨x, z⟩² and elsewhere: such points belong to the sample.
		for range 100 {
			u := rng.Normals(r, 3)
			floats.Scale(1/floats.Norm(u, 2), u)
			floats.Scale(math.Sqrt(math.Abs(floats.Dot(u, z))), u)
			points = append(points, u)
		}
		wrong, stuck := 0, 0
		for _, x := range points {
			along, err := o.Improves(x, x, 1e-9, 1e-9)
			if err != nil {
				return nil, err
			}
			if both && !along {
				if along, err = o.Improves(x, z, 1e-9, 1e-9); err != nil {
					return nil, err
				}
			}
			if !along {
				stuck++
			}
			if along == (o.Value(x) < 1e-12) {
				wrong++
			}
		}
		f := &claim.Finding{}
		f.Add(
			claim.Equals(fmt.Sprintf("of %d points, those where \"neither improves\" and f = 0 disagree", len(points)), 0, float64(wrong), claim.Exact),
			claim.Equals("points where neither improves: z and -z", 2, float64(stuck), claim.Exact),
		)
		f.Note("ε and γ are 1e-9 here: on paper they are 0, but the gradient at ±z is of the size of rounding.")
		return f, nil
	}
}

func checkCompletion(cfg CompletionConfig) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		cfg.Seed = env.Seed
		runs, err := RunCompletion(ctx, cfg)
		if err != nil {
			return nil, err
		}
		found, low, spike := 0, math.Inf(1), 0.0
		for _, r := range runs {
			if r.Distance < 1e-3 {
				found++
			}
			low = min(low, r.Curvature)
			spike = max(spike, r.Incoherent)
		}
		f := &claim.Finding{}
		f.Add(
			claim.Above(fmt.Sprintf("runs of %d that end within 1e-3 of ±z", len(runs)), float64(len(runs)-1), float64(found), claim.Exact),
			claim.Above("least curvature where runs end", 0, low, claim.Because(1e-6, "a gradient that is not quite 0")),
		)
		f.Note("d·max z_i² was at most %.3g; 1 is a flat z, d a unit vector.", spike)
		return f, nil
	}
}

func checkRank(factor, ratio float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r := rng.Stream(env.Seed, "landscape/rank")
		var residual, largest, excess float64
		for range 200 {
			x, z := mat.NewDense(6, 2, rng.Normals(r, 12)), mat.NewDense(6, 2, rng.Normals(r, 12))
			a, err := Align(x, z)
			if err != nil {
				return nil, err
			}
			right := a.Square/2 - factor*a.Residual + 4*a.Gradient
			residual = max(residual, math.Abs(a.Curvature-right)/(1+math.Abs(a.Curvature)))
			largest = max(largest, a.Square/a.Residual)
			excess = max(excess, a.Curvature-(-2*a.Value+4*a.Gradient))
		}
		// Near Z the ratio reaches 2 in the limit: Δ of one column, nearly orthogonal to Z.
		z := mat.NewDense(2, 1, []float64{1e-6, 0})
		a, err := Align(mat.NewDense(2, 1, []float64{0, 1}), z)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		f.Add(
			claim.Equals("largest relative residual of the identity, 200 pairs in R^(6×2)", 0, residual, claim.Because(1e-8, "rounding of sums of products of four entries")),
			claim.Below("largest ‖ΔΔᵀ‖²/‖N‖²", ratio, largest, claim.Exact),
			claim.Below("largest ∇²f[Δ, Δ] - (-2f + 4⟨∇f, Δ⟩)", 0, excess, claim.Because(1e-9, "rounding")),
			claim.Equals("‖ΔΔᵀ‖²/‖N‖² for x orthogonal to a tiny z", 1, a.Square/a.Residual, claim.Because(1e-5, "z of length 1e-6")),
		)
		f.Note("The largest ratio seen is %.3f of the 2 that the proof allows.", largest)
		return f, nil
	}
}
