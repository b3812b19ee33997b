package landscape

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
)

// uniqueClaims are the claims on section 6.2.
func uniqueClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "6.D4", Kind: claim.Definition, Title: "Three conditions weaker than convexity", Ref: "Definition 6.2.1",
			Statement: `PL: $\|\nabla f(w)\|^2\ge\mu(f(w)-f^*)$; weak quasi-convexity: $\langle\nabla f(w),w-w^*\rangle\ge\tau(f(w)-f^*)$; restricted secant inequality: $\langle\nabla f(w),w-w^*\rangle\ge\mu\|w-w^*\|^2$. $w^2+3\sin^2w$ is not convex and has all three on $[-20,20]$, with constants 0.351062, 0.496090 and 0.696598; $w^2+a\sin^2w$ loses PL where it gets a second stationary point, at $a=4.603$.`,
			Source:    "landscape.BestConstants, landscape.Wavy",
			Check:     checkConstants(3),
			Alternatives: []claim.Alternative{
				{Name: "a = 2.9", Check: checkConstants(2.9)},
				{Name: "a = 5, with spurious minima", Check: checkConstants(5)},
			},
			Errata: []claim.Erratum{{
				Number: "6.1", Where: "Definition 6.2.1",
				Printed: `$\|\nabla f(x)\|_2^2\ge\mu(f(w)-f(w^*))$; "there exists a value $\tau$ such that … $\ge\mu(f(w)-f(w^*))$"; $\langle\nabla f(w),w\,w^*\rangle\ge\mu\|w\,w^*\|_2^2$`,
				Correct: `$\nabla f(w)$; $\tau$ on both sides; $w-w^*$`,
				Why:     `Constants and points are named in one place and used under another name in the next; minus signs are lost.`,
			}},
		},
		{
			ID: "6.C2", Kind: claim.Theorem, Title: "What each condition does for gradient descent", Ref: "Claim 6.2.2, footnotes 3 and 4",
			Statement: `For an $L$-smooth $f$: under PL a step of size $1/L$ shrinks $f-f^*$ by $1-\mu/(2L)$ or better; under RSI a step $\mu/L^2$ shrinks $\|w-w^*\|^2$ by $1-\mu^2/L^2$ or better. Weak quasi-convexity with $\|\nabla f\|^2\le\Gamma(f-f^*)$ gives $\min_{t<T}f(w_t)-f^*\le\Gamma\|w_0-w^*\|^2/(\tau^2T)$ and no geometric rate: on $w^4$, $t^2f(w_t)\to\frac94$.`,
			Source:    "landscape.PLRate, landscape.RSIRate, landscape.WQCBound",
			Check:     checkRates(rateTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "a rate 1 - μ/L under PL with a constant ten times as large", Check: checkRates(rateTheory{pl: 10})},
				{Name: "RSI rate with ten times the constant", Check: checkRates(rateTheory{rsi: 10})},
				{Name: "t·f(w_t) bounded away from 0 on w⁴", Check: checkRates(rateTheory{power: 1})},
			},
			Errata: []claim.Erratum{{
				Number: "6.2", Where: "Claim 6.2.2 and footnote 4",
				Printed: `"satisfies one of Polyak-Łojasiewicz, weakly-quasi-convex or RSI, and $f$ is smooth, then gradient descent converges to global minimum with a geometric rate"`,
				Correct: `weak quasi-convexity gives $O(1/T)$, with $\|w-w^*\|^2$ as its potential`,
				Why:     `$w^4$, continued by $6w^2-8|w|+3$ beyond $\pm1$, is convex (so weakly quasi-convex), 12-smooth and has $\|\nabla f\|^2\le24f$; descent with $\eta=\frac1{12}$ from 1 has $f(w_t)\sim\frac{9}{4t^2}$.`,
			}},
		},
		{
			ID: "6.A1", Kind: claim.Model, Title: "The generalized linear model and its loss", Ref: "Section 6.2.1, Eq. 6.3 and 6.4",
			Statement: `For $y=\sigma(w_*^\top x)+\epsilon$ with $\mathbb E[\epsilon|x]=0$, $\frac12\mathbb E[(y-\sigma(w^\top x))^2]=\frac12\mathbb E[\epsilon^2]+\frac12\mathbb E[(\sigma(w_*^\top x)-\sigma(w^\top x))^2]$.`,
			Source:    "landscape.GLM.Loss",
			Check:     checkNoise(false),
			Alternatives: []claim.Alternative{
				{Name: "noise that depends on x in its mean", Check: checkNoise(true)},
			},
			Errata: []claim.Erratum{{
				Number: "6.3", Where: "Eq. 6.4 and the displays after it",
				Printed: `$(y-\sigma(w^\top x)^2)$; $(\sigma(w^\top x)-\sigma(w^\top x))\sigma'(w^\top x)(w^\top x-w^\top x)$`,
				Correct: `$(y-\sigma(w^\top x))^2$; $(\sigma(w^\top x)-\sigma(w_*^\top x))\sigma'(w^\top x)(w^\top x-w_*^\top x)$`,
				Why:     `The square belongs to the residual; the second display is 0 as printed.`,
			}},
		},
		{
			ID: "6.I1", Kind: claim.Identity, Title: "Gradient of the squared loss", Ref: "Section 6.2.1",
			Statement:    `$\nabla L(w)=\mathbb E[(\sigma(w^\top x)-\sigma(w_*^\top x))\,\sigma'(w^\top x)\,x]$. For one Gaussian input and $w_*=2$: $L'(0)=-0.07571319$, $L'(4)=0.00338642$, $L'(10)=0.00131106$.`,
			Source:       "landscape.GLM.Loss",
			Check:        checkGradient(true),
			Alternatives: []claim.Alternative{{Name: "without the factor σ'", Check: checkGradient(false)}},
		},
		{
			ID: "6.I2", Kind: claim.Identity, Title: "The gradient points away from w*", Ref: "Section 6.2.1",
			Statement: `$\langle\nabla L(w),w-w_*\rangle=\mathbb E[\sigma'(\xi)\sigma'(w^\top x)((w-w_*)^\top x)^2]\ge0$, with $\xi$ between $w^\top x$ and $w_*^\top x$; but over $\|w-w_*\|^2$ it dies on the plateau: 0.0379 at $w=0$, 0.000164 at $w=10$.`,
			Source:    "landscape.GLM.Loss",
			Check:     checkInner(Sigmoid),
			Alternatives: []claim.Alternative{
				{Name: "σ = sin, not monotone", Check: checkInner(Sine)},
			},
			Errata: []claim.Erratum{{
				Number: "6.4", Where: "Section 6.2.1",
				Printed: `"use the intermediate value theorem"`,
				Correct: `the mean value theorem`,
				Why:     `What is used is $\sigma(a)-\sigma(b)=\sigma'(\xi)(a-b)$.`,
			}},
		},
		{
			ID: "6.X1", Kind: claim.Exercise, Title: "Assumptions that give constants", Ref: "Section 6.2.1",
			Statement: `If $a\le\sigma'\le b$ wherever $w^\top x$ and $w_*^\top x$ go, the squared loss is weakly quasi-convex with $\tau=2a/b$ and satisfies the restricted secant inequality with $\mu=a^2\lambda_{\min}(\mathbb E[xx^\top])$.`,
			Source:    "landscape.GLM.Guarantee",
			Check:     checkGuarantee(1, 1),
			Alternatives: []claim.Alternative{
				{Name: "τ = 8a/b", Check: checkGuarantee(4, 1)},
				{Name: "μ = a·λ_min", Check: checkGuarantee(1, 0)},
			},
		},
		{
			ID: "6.A2", Kind: claim.Algorithm, Title: "A convex surrogate with the same minimizer", Ref: "Section 6.2.2, Eq. 6.5",
			Statement: `$g(w)=\mathbb E[\tau(w^\top x)-\sigma(w_*^\top x)\,w^\top x]$, $\tau'=\sigma$, is convex with $\nabla g(w)=\mathbb E[(\sigma(w^\top x)-\sigma(w_*^\top x))x]$ and $\nabla g(w_*)=0$. It has no plateau: descent from $w=10$ with $\eta=4$ is within $10^{-6}$ of $w_*=2$ after 75 steps, on $L$ after 1348.`,
			Source:    "landscape.GLM.Surrogate",
			Check:     checkSurrogate(Sigmoid, false),
			Alternatives: []claim.Alternative{
				{Name: "the squared loss in its place", Check: checkSurrogate(Sigmoid, true)},
			},
		},
	}
}

func checkConstants(a float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		c, err := BestConstants(Wavy(a), []float64{0}, Grid(-20, 20, 2e-4))
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		grid := "a grid of 200,001 points on [-20, 20]"
		f.Add(claim.Equals("PL constant on "+grid, .351062, c.PL, claim.Digits(1e-4)),
			claim.Equals("where it is attained, |w|", 2.2017, math.Abs(c.AtPL[0]), claim.Digits(1e-3)),
			claim.Equals("RSI constant", .696598, c.RSI, claim.Digits(1e-4)),
			claim.Equals("WQC constant", .496090, c.WQC, claim.Digits(1e-4)))
		least := math.Inf(1)
		for _, w := range Grid(-4, 4, .001) {
			least = min(least, Wavy(a).Curvature(w, []float64{1}))
		}
		f.Add(claim.Equals("least second derivative: not convex", 2-2*3, least, claim.Because(1e-5, "distance of grid points")))
		// Just below the threshold the gradient vanishes nowhere else, just above it does.
		for _, s := range []struct {
			a     float64
			zeros float64
		}{{WavyThreshold - .01, 0}, {WavyThreshold + .01, 4}} {
			count, before := 0., 0.
			g := make([]float64, 1)
			for _, w := range Grid(-20, 20, 1e-3) {
				if math.Abs(w[0]) < .1 {
					before = 0
					continue
				}
				Wavy(s.a).Gradient(g, w)
				if before*g[0] < 0 {
					count++
				}
				before = g[0]
			}
			f.Add(claim.Equals(fmt.Sprintf("stationary points of w² + a·sin² w besides 0, a = %.4f", s.a), s.zeros, count, claim.Exact))
		}
		fig, err := FigureConditions(ctx, a)
		f.Figure = &fig
		return f, err
	}
}

type rateTheory struct {
	pl, rsi float64 // factors on the constants; 0 means 1
	power   float64 // of t in t^power·f(w_t); 0 means 2
}

// flatPower is w⁴ on [-1, 1], continued by 6w² - 8|w| + 3.
func flatPower() *Objective {
	return line("w⁴, continued by a parabola", 12, math.NaN(), 0,
		func(w float64) float64 {
			if a := math.Abs(w); a > 1 {
				return 6*w*w - 8*a + 3
			}
			return w * w * w * w
		},
		func(w float64) float64 {
			if math.Abs(w) > 1 {
				return 12*w - math.Copysign(8, w)
			}
			return 4 * w * w * w
		},
		func(w float64) float64 { return 12 * min(1, w*w) })
}

func checkRates(h rateTheory) claim.Check {
	if h.pl == 0 {
		h.pl = 1
	}
	if h.rsi == 0 {
		h.rsi = 1
	}
	if h.power == 0 {
		h.power = 2
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		o := Wavy(3)
		c, err := BestConstants(o, []float64{0}, Grid(-20, 20, 2e-3))
		if err != nil {
			return nil, err
		}
		const l = 8
		f := &claim.Finding{}
		path, err := Descend(ctx, o, []float64{3}, 1./l, 60, nil)
		if err != nil {
			return nil, err
		}
		for _, g := range []struct {
			t    int
			want float64
		}{{0, 9.059745}, {1, 7.049234}, {2, 6.709848}, {5, 4.852212}} {
			f.Add(claim.Equals(fmt.Sprintf("f after %d steps of 1/L from w = 3", g.t), g.want, o.Value(path[g.t]), claim.Digits(1e-5)))
		}
		bound, err := PLRate(min(h.pl*c.PL, 2*l), l)
		if err != nil {
			return nil, err
		}
		worst := 0.0
		for t := 1; t < len(path) && o.Value(path[t-1]) > 1e-12; t++ {
			worst = max(worst, o.Value(path[t])/o.Value(path[t-1]))
		}
		f.Add(claim.Below("PL: largest f(w_{t+1})/f(w_t)", bound, worst, claim.Exact))
		eta := h.rsi * c.RSI / (l * l)
		if path, err = Descend(ctx, o, []float64{3}, eta, 400, nil); err != nil {
			return nil, err
		}
		if bound, err = RSIRate(min(h.rsi*c.RSI, l), l, eta); err != nil {
			return nil, err
		}
		worst = 0
		for t := 1; t < len(path) && math.Abs(path[t-1][0]) > 1e-9; t++ {
			worst = max(worst, path[t][0]*path[t][0]/(path[t-1][0]*path[t-1][0]))
		}
		f.Add(claim.Below("RSI: largest ‖w_{t+1} - w*‖²/‖w_t - w*‖² for η = μ/L²", bound, worst, claim.Exact))

		quartic := flatPower()
		// τ = 4 and Γ = 24 within [-1, 1], where the iterates stay; of step 1/12 the bound asks for τ = 2.
		path, err = Descend(ctx, quartic, []float64{1}, 1./12, 10000, nil)
		if err != nil {
			return nil, err
		}
		for _, s := range []struct {
			t    int
			want float64
		}{{100, 2.03839}, {1000, 2.21988}, {10000, 2.24619}} {
			t := float64(s.t)
			f.Add(claim.Equals(fmt.Sprintf("w⁴: t²·f(w_t), t = %d", s.t), s.want, math.Pow(t, h.power)*quartic.Value(path[s.t]), claim.Digits(1e-4)))
			bound, err := WQCBound(2, 24, 1, s.t)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Below(fmt.Sprintf("w⁴: least f - f* of %d iterates, against Γ‖w₀ - w*‖²/(τ²T)", s.t), bound, quartic.Value(path[s.t-1]), claim.Exact))
		}
		f.Add(claim.Below("w⁴: f(w_t) at t = 10⁴ if the rate of the first ten steps went on", math.Pow(quartic.Value(path[10]), 1000), quartic.Value(path[10000]), claim.Exact).AsPrinted())
		f.Note("Smallest smoothness for the counterexample: f'' ≤ 12 and f'² ≤ 24·f, checked on [-3, 3].")
		var second, special float64
		g := make([]float64, 1)
		for _, w := range Grid(-3, 3, 1e-3) {
			quartic.Gradient(g, w)
			second = max(second, quartic.Curvature(w, []float64{1}))
			if v := quartic.Value(w); v > 1e-9 {
				special = max(special, g[0]*g[0]/v)
			}
		}
		f.Add(claim.Below("largest f'' of the counterexample on [-3, 3]", 12, second, claim.Exact), claim.Below("largest f'²/f there", 24, special, claim.Rounding(24, 64)))
		return f, nil
	}
}

func checkNoise(biased bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const n, d = 200_000, 2
		r := rng.Stream(env.Seed, "landscape/noise")
		star := []float64{1, -2}
		f := &claim.Finding{}
		for _, w := range [][]float64{{1, -2}, {0, 0}, {3, 1}} {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			var sum, square, right float64
			for range n {
				x := rng.Normals(r, d)
				mean := sigmoid(floats.Dot(x, star))
				e := .3 * r.NormFloat64() * (1 + math.Abs(x[0])) // its size may depend on x
				if biased {
					e += .3 * x[0]
				}
				loss := math.Pow(mean+e-sigmoid(floats.Dot(x, w)), 2)/2 - e*e/2
				sum += loss / n
				square += loss * loss / n
				right += math.Pow(mean-sigmoid(floats.Dot(x, w)), 2) / 2 / n
			}
			f.Add(claim.Equals(fmt.Sprintf("½E(y - σ)² - ½Eε² at w = (%g, %g)", w[0], w[1]), right, sum, claim.Sampling(math.Sqrt(max(0, square-sum*sum)), n)))
		}
		f.Add(claim.Equals("½E(y - σ)² - ½Eε² at w*", 0, f.Evidence[0].Measured, claim.Rounding(1, 64)))
		m, err := GaussianLine(Sigmoid, 2, 1e-3)
		if err != nil {
			return nil, err
		}
		for _, g := range []struct{ w, want float64 }{{-2, .19714725}, {0, .04928681}, {1, .00629240}, {4, .00541199}, {10, .01877162}} {
			f.Add(claim.Equals(fmt.Sprintf("L(%g) for one Gaussian input, w* = 2", g.w), g.want, m.Loss().Value([]float64{g.w}), claim.Digits(1e-7)))
		}
		return f, nil
	}
}

func checkGradient(slope bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m, err := GaussianLine(Sigmoid, 2, 1e-3)
		if err != nil {
			return nil, err
		}
		o := m.Loss()
		by := o.Gradient
		if !slope {
			by = m.Surrogate().Gradient
		}
		f := &claim.Finding{}
		g := make([]float64, 1)
		for _, p := range []struct{ w, want float64 }{{0, -.07571319}, {4, .00338642}, {10, .00131106}} {
			by(g, []float64{p.w})
			const h = 1e-4
			difference := (o.Value([]float64{p.w + h}) - o.Value([]float64{p.w - h})) / (2 * h)
			f.Add(claim.Equals(fmt.Sprintf("L'(%g) by the formula", p.w), p.want, g[0], claim.Digits(1e-7)),
				claim.Equals(fmt.Sprintf("L'(%g) by differences of L", p.w), difference, g[0], claim.Because(1e-8, "h²/6 of the third derivative")))
		}
		return f, nil
	}
}

func checkInner(link Link) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r := rng.Stream(env.Seed, "landscape/inner")
		const n, d = 400, 3
		x := mat.NewDense(n, d, rng.Normals(r, n*d))
		star := rng.Normals(r, d)
		y := make([]float64, n)
		for i := range y {
			y[i] = link.Sigma(floats.Dot(x.RawRowView(i), star))
		}
		m := &GLM{Link: link, X: x, Y: y, Star: star}
		o := m.Loss()
		g, diff := make([]float64, d), make([]float64, d)
		least, worst := math.Inf(1), 0.0
		for range 200 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			w := rng.Normals(r, d)
			floats.Scale(3, w)
			o.Gradient(g, w)
			floats.SubTo(diff, w, star)
			right := 0.0
			for i := range n {
				zw, zs := floats.Dot(x.RawRowView(i), w), floats.Dot(x.RawRowView(i), star)
				slope := link.Derivative(zw) // σ'(ξ) is the slope of the chord
				if zw != zs {
					slope = (link.Sigma(zw) - link.Sigma(zs)) / (zw - zs)
				}
				right += slope * link.Derivative(zw) * (zw - zs) * (zw - zs) / n
			}
			left := floats.Dot(g, diff)
			least, worst = min(least, left), max(worst, math.Abs(left-right))
		}
		f := &claim.Finding{}
		f.Add(claim.Above("least ⟨∇L, w - w*⟩ of 200 points, 400 examples in R³", 0, least, claim.Exact),
			claim.Equals("largest difference from the mean of σ'(ξ)σ'(w·x)((w - w*)·x)²", 0, worst, claim.Because(1e-12, "rounding")))
		line, err := GaussianLine(Sigmoid, 2, 1e-3)
		if err != nil {
			return nil, err
		}
		for _, p := range []struct{ w, rsi, wqc float64 }{{0, .037857, 3.0724}, {10, 1.64e-4, .5587}} {
			c, err := BestConstants(line.Loss(), []float64{2}, [][]float64{{p.w}})
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(fmt.Sprintf("RSI ratio at w = %g, w* = 2", p.w), p.rsi, c.RSI, claim.Because(.01*p.rsi, "the golden's digits")),
				claim.Equals(fmt.Sprintf("WQC ratio at w = %g", p.w), p.wqc, c.WQC, claim.Digits(1e-4)))
		}
		return f, nil
	}
}

func checkGuarantee(wqc, power float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r := rng.Stream(env.Seed, "landscape/guarantee")
		const n, d, radius = 300, 3, 1.5
		f := &claim.Finding{}
		x := mat.NewDense(n, d, nil)
		for i := range n {
			row := rng.Normals(r, d)
			floats.Scale(1/floats.Norm(row, 2), row)
			x.SetRow(i, row)
		}
		ball := func() []float64 {
			w := rng.Normals(r, d)
			floats.Scale(radius*math.Cbrt(r.Float64())/floats.Norm(w, 2), w)
			return w
		}
		worst := &Constants{WQC: math.Inf(1), RSI: math.Inf(1)}
		var g *Guarantee
		for range 10 {
			m, err := NewGLM(Sigmoid, x, ball(), nil)
			if err != nil {
				return nil, err
			}
			if g, err = m.Guarantee(radius); err != nil {
				return nil, err
			}
			points := [][]float64{}
			for range 100 {
				points = append(points, ball())
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			c, err := BestConstants(m.Loss(), m.Star, points)
			if err != nil {
				return nil, err
			}
			worst.WQC, worst.RSI = min(worst.WQC, c.WQC), min(worst.RSI, c.RSI)
		}
		mu := g.RSI
		if power == 0 {
			mu /= g.A
		}
		f.Add(claim.Above("least WQC ratio, 1000 points w, 10 minimizers, ‖w‖, ‖w*‖ ≤ 1.5, ‖x‖ = 1", wqc*g.WQC, worst.WQC, claim.Exact),
			claim.Above("least RSI ratio there", mu, worst.RSI, claim.Exact))
		f.Note("a = σ'(1.5) = %.4f, b = ¼.", g.A)
		return f, nil
	}
}

func checkSurrogate(link Link, squared bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		m, err := GaussianLine(link, 2, 4e-3)
		if err != nil {
			return nil, err
		}
		g, l := m.Surrogate(), m.Loss()
		if squared {
			g = l
		}
		f := &claim.Finding{}
		d := make([]float64, 1)
		for _, p := range []struct{ w, want float64 }{{0, -.30285275}, {4, .06188601}, {10, .08974285}} {
			g.Gradient(d, []float64{p.w})
			f.Add(claim.Equals(fmt.Sprintf("g'(%g)", p.w), p.want, d[0], claim.Digits(1e-6)))
		}
		g.Gradient(d, []float64{2})
		f.Add(claim.Equals("g'(w*)", 0, d[0], claim.Rounding(1, 64)))
		low := math.Inf(1)
		for _, w := range Grid(-12, 12, .25) {
			low = min(low, g.Curvature(w, []float64{1}))
		}
		f.Add(claim.Above("least second derivative of g on [-12, 12]", 0, low, claim.Exact))
		for _, s := range []struct {
			name string
			o    *Objective
			want float64
		}{{"g", g, 75}, {"L", l, 1348}} {
			path, err := Descend(ctx, s.o, []float64{10}, 4, 3000, func(_ int, w []float64) bool { return math.Abs(w[0]-2) < 1e-6 })
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals("first step with |w - 2| < 1e-6 on "+s.name+", from w = 10 with η = 4", s.want, float64(len(path)-1), claim.Because(1, "the quadrature's last digits")))
			if s.name == "L" {
				f.Add(claim.Equals("|w - 2| on L after 100 steps", 7.45375, math.Abs(path[100][0]-2), claim.Because(7e-3, "the golden's digits")),
					claim.Equals("|w - 2| on L after 500 steps", 4.60638, math.Abs(path[500][0]-2), claim.Because(5e-3, "the golden's digits")))
			}
		}
		fig, err := FigurePlateau(ctx, 2)
		f.Figure = &fig
		return f, err
	}
}
