package saddle

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/rng"
)

// descentClaims are the claims on section 7.2 and Lemmas 7.3.1 and 7.3.2.
func descentClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "7.A1", Kind: claim.Algorithm, Title: "Noise in every step", Ref: "Section 7.2",
			Statement: `$x\leftarrow x-\eta(\nabla f+\xi)$, $\xi\sim\mathcal N(0,\frac{r^2}dI)$, $\mathbb E\|\xi\|^2=r^2$, leaves the saddle $\sqrt2e_2$ of 7.N1 in $156.9$ steps on average ($r=10^{-3}$, $\eta=\frac1{12}$) and settles at $f-f^*=\sum_i\frac12\mu_i\eta^2s^2/(1-(1-\eta\mu_i)^2)=2.3875\cdot10^{-8}$, $s^2=r^2/d$.`,
			Source:    "saddle.PGD1, saddle.NoiseFloor",
			Check:     checkPGD1(1),
			Alternatives: []claim.Alternative{
				{Name: "variance r² in each coordinate", Check: checkPGD1(2)},
			},
		},
		{
			ID: "7.A2", Kind: claim.Algorithm, Title: "Noise where it is slow", Ref: "Section 7.2",
			Statement: `If $\|\nabla f\|\le\epsilon$ and no perturbation was made in the last $\mathcal T$ steps, $x\leftarrow x-\eta\xi$ with $\xi$ uniform in the ball of radius $r$; then a gradient step. From the saddle of $\gamma\cos x_1+\frac12\sum x_i^2$ ($\gamma=\frac12$, $\epsilon=0.05$, $r=\epsilon/10$, $\mathcal T=60$) to an $\epsilon$-SOSP it takes $24.3$ steps for $d=10$.`,
			Source:    "saddle.PGD2, saddle.UniformBall",
			Check:     checkPGD2(60, 1),
			Alternatives: []claim.Alternative{
				{Name: "a perturbation every 20 steps", Check: checkPGD2(20, 1)},
				{Name: "a perturbation ten times smaller", Check: checkPGD2(60, .1)},
			},
		},
		{
			ID: "7.T1", Kind: claim.Theorem, Title: "PGD finds an ε-SOSP as fast as GD a small gradient", Ref: "Theorem 7.2.1",
			Statement: `With $\eta=1/\ell$, $r=\tilde\Theta(\epsilon)$, $\mathcal T=\tilde\Theta(\ell/\sqrt{\rho\epsilon})$, one of the first $\tilde O(\ell(f(x_0)-f^*)/\epsilon^2)$ iterates is an $\epsilon$-SOSP with probability at least $1-\delta$. Started exactly at the saddle of $\gamma\cos x_1+\frac12\sum x_i^2$, with $\epsilon=0.05$, every one of 200 runs takes at most 80 steps, where $2\ell(f(x_0)-f^*)/\epsilon^2=800$.`,
			Source:    "saddle.PGD2, saddle.Patience",
			Check:     checkTheorem(false),
			Alternatives: []claim.Alternative{
				{Name: "without noise", Check: checkTheorem(true)},
			},
		},
		{
			ID: "7.R2", Kind: claim.Bound, Title: "Steps of GD to a small gradient", Ref: "Section 7.2",
			Statement: `Gradient descent with $\eta=1/\ell$ meets $\|\nabla f\|\le\epsilon$ within $2\ell(f(x_0)-f^*)/\epsilon^2$ steps; a slope of little more than $\epsilon$ all the way needs half of them.`,
			Source:    "saddle.GD",
			Check:     checkFirstOrder(2),
			Alternatives: []claim.Alternative{
				{Name: "a quarter of the bound", Check: checkFirstOrder(.5)},
			},
		},
		{
			ID: "7.R3", Kind: claim.Remark, Title: "The dimension enters by logarithms", Ref: "Section 7.2",
			Statement: `The mean escape time grows by $\frac12\log10/\log(1+\eta\gamma)$ steps for each tenfold $d$: 2.839 for $\eta\gamma=\frac12$.`,
			Source:    "saddle.Escape.Tenfold, saddle.Escape.Sample",
			Check:     checkDimension(1),
			Alternatives: []claim.Alternative{
				{Name: "log d in place of ½log d, as if |u₁| were R/d", Check: checkDimension(2)},
				{Name: "no dependence on d", Check: checkDimension(0)},
			},
		},
		{
			ID: "7.C1", Kind: claim.Bound, Title: "What one step gains where the gradient is large", Ref: "Section 7.2, claim 1",
			Statement: `$\|\nabla f(x)\|>\epsilon$ implies $f(x-\frac1\ell\nabla f(x))\le f(x)-\epsilon^2/(2\ell)$, and the constant is sharp.`,
			Source:    "saddle.GD",
			Check:     checkOneStep(1, .5),
			Alternatives: []claim.Alternative{
				{Name: "a gain of ε²/ℓ", Check: checkOneStep(1, 1)},
				{Name: "steps of 1.5/ℓ", Check: checkOneStep(1.5, .5)},
			},
		},
		{
			ID: "7.C2", Kind: claim.Bound, Title: "What a stretch of steps gains near a saddle", Ref: "Section 7.2, claim 2",
			Statement: `From $\|\nabla f\|\le\epsilon$ and $\lambda_{\min}<-\sqrt{\rho\epsilon}$, a perturbation and $\mathcal T$ steps gain $\tilde\Omega(\mathcal T\epsilon^2/\ell)$ with high probability: with $\epsilon=0.05$, $\mathcal T=60$ on $\frac12\cos x_1+\frac12\sum x_i^2$ all of 200 runs gain $\mathcal T\epsilon^2/\ell$ or more.`,
			Source:    "saddle.UniformBall, landscape.Descend",
			Check:     checkStretch(60, .005),
			Alternatives: []claim.Alternative{
				{Name: "𝒯 = 10, less than κ", Check: checkStretch(10, .005)},
				{Name: "a perturbation of 1e-14", Check: checkStretch(60, 1e-14)},
			},
		},
		{
			ID: "7.L1", Kind: claim.Lemma, Title: "The way out of a saddle", Ref: "Lemma 7.3.1",
			Statement: `From $\tilde x+\eta\xi$, $\xi$ uniform in a ball, gradient descent leaves. For a perturbation of radius $R$ and growth $1+\eta\gamma$ the mean number of steps to $|x_1|=\delta_0$ is $\bar T=(\log(\delta_0/R)-\frac12[\psi(\frac12)-\psi(\frac d2+1)])/\log(1+\eta\gamma)+\frac12$.`,
			Source:    "saddle.Escape",
			Check:     checkLaw(MeanLog),
			Alternatives: []claim.Alternative{
				{Name: "|u₁| taken as R/√d", Check: checkLaw(func(d int) float64 { return -math.Log(float64(d)) / 2 })},
				{Name: "the digamma term halved", Check: checkLaw(func(d int) float64 { return MeanLog(d) / 2 })},
			},
		},
		{
			ID: "7.L2", Kind: claim.Lemma, Title: "Improve or stay near", Ref: "Lemma 7.3.2",
			Statement: `For $\eta\le1/\ell$ and $0<\tau\le t$, $\|x_\tau-x_0\|\le\sqrt{2\eta t(f(x_0)-f(x_t))}$; one step on $\frac\ell2\|x\|^2$ with $\eta=1/\ell$ attains it.`,
			Source:    "saddle.Localize, saddle.Reach",
			Check:     checkLocalize(1, 2),
			Alternatives: []claim.Alternative{
				{Name: "without the factor 2", Check: checkLocalize(1, 1)},
				{Name: "η = 1.5/ℓ", Check: checkLocalize(1.5, 2)},
			},
			Errata: []claim.Erratum{{
				Number: "7.2", Where: "proof of Lemma 7.3.2",
				Printed: `for any $\tau\le t$: $\|x_\tau-x_0\|\le\sum_{\tau=1}^t\|x_\tau-x_{\tau-1}\|$`,
				Correct: `$\|x_\tau-x_0\|\le\sum_{s=1}^{\tau}\|x_s-x_{s-1}\|\le\sum_{s=1}^{t}\|x_s-x_{s-1}\|$`,
				Why:     `$\tau$ is both the time and the index of the sum. The last step uses the descent lemma in the form $f(x_{s})\le f(x_{s-1})-\frac\eta2\|\nabla f(x_{s-1})\|^2$, which needs $\eta\le1/\ell$.`,
			}},
		},
		{
			ID: "7.I2", Kind: claim.Identity, Title: "Little progress means little movement", Ref: "Section 7.3.1",
			Statement: `With $\eta=1/\ell$, $f(x_0)-f(x_{\mathcal T})\le\mathcal T\epsilon^2/\ell$ implies $\|x_t-x_0\|\le\sqrt2\,\epsilon\mathcal T/\ell$ for all $t\le\mathcal T$.`,
			Source:    "saddle.Reach",
			Check:     checkLittle(math.Sqrt2),
			Alternatives: []claim.Alternative{
				{Name: "a third of the radius", Check: checkLittle(math.Sqrt2 / 3)},
			},
		},
	}
}

func checkPGD1(factor float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const r, eta, d, runs, long, burn = 1e-3, 1. / 12, 4, 50, 200_000, 1000
		o := topEigenvector()
		var steps []float64
		for k := range uint64(runs) {
			res, err := PGD1(ctx, o, []float64{0, math.Sqrt2, 0, 0}, factor*r, Options{Eta: eta, Steps: 2000, Seed: env.Seed*runs + k, Until: func(_ int, _ []float64, f float64) bool { return f-o.Min < .01 }})
			if err != nil {
				return nil, err
			}
			steps = append(steps, float64(res.Steps()))
			env.Report(int(k), runs+20)
		}
		floor, err := NoiseFloor([]float64{6, 1, 2, 2.5}, eta, r)
		if err != nil {
			return nil, err
		}
		res, err := PGD1(ctx, o, []float64{math.Sqrt(3), 0, 0, 0}, factor*r, Options{Eta: eta, Steps: long, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		gap := stat.Mean(res.Values[burn:], nil) - o.Min
		f := &claim.Finding{}
		mean, _ := meanError(steps)
		f.Add(claim.Equals("mean steps from the saddle to f - f* < 0.01, 50 runs", 156.9, mean, claim.Sampling(13.8, runs)),
			claim.Above("shortest run", 120, floats.Min(steps), claim.Exact),
			claim.Below("longest run", 300, floats.Max(steps), claim.Exact),
			claim.Equals("mean f - f* near the minimum", floor, gap, claim.Because(.03*floor, "200,000 steps that remember up to 1/ημ = 12 of each other, and the curvature's change with x")),
			claim.Equals("the formula's value", 2.3875e-8, floor, claim.Digits(1e-12)))
		return f, nil
	}
}

// sosp runs PGD-II from the saddle of Cosine and returns the steps of each run.
func sosp(ctx context.Context, env claim.Env, d, runs int, k Kick) (steps []float64, all []*Result, err error) {
	const epsilon = .05
	o, err := Cosine(d, .5)
	if err != nil {
		return nil, nil, err
	}
	for i := range uint64(runs) {
		res, err := PGD2(ctx, o, make([]float64, d), k, Options{Epsilon: epsilon, Stop: true, Steps: 800, Seed: env.Seed*1000 + i})
		if err != nil {
			return nil, nil, err
		}
		steps, all = append(steps, float64(res.Steps())), append(all, res)
	}
	return steps, all, nil
}

func checkPGD2(wait int, size float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const epsilon, d, draws = .05, 10, 20_000
		o, err := Cosine(d, .5)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		steps, _, err := sosp(ctx, env, d, 200, Kick{Wait: wait, Radius: size * epsilon / 10})
		if err != nil {
			return nil, err
		}
		mean, _ := meanError(steps)
		f.Add(claim.Equals("mean steps to an ε-SOSP, 200 runs", 24.3, mean, claim.Because(1.2, "4 standard errors of the golden and of 200 runs")))
		// Left to run on, it perturbs at the minimum again and again.
		res, err := PGD2(ctx, o, make([]float64, d), Kick{Wait: wait, Radius: size * epsilon / 10}, Options{Epsilon: epsilon, Steps: 1000, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		near, loud := math.Inf(1), 0.0
		for i, p := range res.Perturbations {
			loud = max(loud, res.Gradients[p.Step])
			if i > 0 {
				near = min(near, float64(p.Step-res.Perturbations[i-1].Step))
			}
		}
		f.Add(claim.Equals("fewest steps between two perturbations", 61, near, claim.Exact),
			claim.Below("largest gradient at a perturbation", epsilon, loud, claim.Exact),
			claim.Above("perturbations in 1000 steps", 10, float64(len(res.Perturbations)), claim.Exact))
		r := rng.Stream(env.Seed, "saddle/ball")
		u := make([]float64, d)
		square, top := 0.0, 0.0
		for range draws {
			UniformBall(r, u, 1)
			s := floats.Dot(u, u)
			square, top = square+s/draws, max(top, s)
		}
		// ‖u‖² is Beta(d/2, 1), with mean d/(d+2) and variance 4d/((d+2)²(d+4)).
		f.Add(claim.Equals("mean of ‖ξ‖²/r²", float64(d)/(d+2), square, claim.Sampling(math.Sqrt(4*d/float64((d+2)*(d+2)*(d+4))), draws)),
			claim.Below("largest ‖ξ‖²/r²", 1, top, claim.Rounding(1, 8)))
		return f, nil
	}
}

func checkTheorem(silent bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		for _, c := range []struct {
			d    int
			mean float64
			low  float64
			high float64
		}{{10, 24.3, 21, 47}, {1000, 29.9, 26, 53}} {
			k := Kick{Wait: 60}
			if silent {
				k.Radius = 1e-300
			}
			runs := 200
			if silent {
				runs = 2
			}
			steps, all, err := sosp(ctx, env, c.d, runs, k)
			if err != nil {
				return nil, err
			}
			found, value := 0.0, 0.0
			for _, r := range all {
				found += indicator(r.Found)
				value += r.Values[r.Steps()] / float64(len(all))
			}
			name := fmt.Sprintf("d = %d: ", c.d)
			mean, _ := meanError(steps)
			f.Add(claim.Equals(name+"runs that found an ε-SOSP", float64(runs), found, claim.Exact),
				claim.Equals(name+"mean steps", c.mean, mean, claim.Because(1.2, "4 standard errors of the golden and of 200 runs")),
				claim.Above(name+"shortest run", c.low-2, floats.Min(steps), claim.Exact),
				claim.Below(name+"longest run; 2ℓ(f(x₀)-f*)/ε² is 800", 80, floats.Max(steps), claim.Exact),
				claim.Equals(name+"mean f at the end", -.498, value, claim.Digits(1e-3)))
		}
		// The theorem's own parameters: r = ε/10, 𝒯 of Patience.
		for _, epsilon := range []float64{.2, .1, .02, .005} {
			o, err := Cosine(50, .5)
			if err != nil {
				return nil, err
			}
			k := Kick{}
			if silent {
				k.Radius = 1e-300
			}
			bound := 2 * o.Lipschitz * 2 * .5 / (epsilon * epsilon)
			res, err := PGD2(ctx, o, make([]float64, 50), k, Options{Epsilon: epsilon, Stop: true, Steps: 2000, Seed: env.Seed})
			if err != nil {
				return nil, err
			}
			at := math.Inf(1)
			if res.Found {
				at = float64(res.First)
			}
			f.Add(claim.Below(fmt.Sprintf("ε = %g: steps to an ε-SOSP, against 2ℓ(f(x₀)-f*)/ε²", epsilon), bound, at, claim.Exact))
		}
		f.Note("The theorem promises one of the iterates: Result.X is the best that was certified, not the last.")
		return f, nil
	}
}

// slope is f(x) with f' = x cut off at ±s: ℓ = 1, f* = 0.
func slope(s float64) *landscape.Objective {
	return &landscape.Objective{
		Name: "Huber's function", Dim: 1, Lipschitz: 1, HessLipschitz: math.NaN(), Min: 0,
		Value: func(x []float64) float64 {
			a := math.Abs(x[0])
			if a <= s {
				return a * a / 2
			}
			return s*a - s*s/2
		},
		Gradient: func(dst, x []float64) { dst[0] = max(-s, min(s, x[0])) },
		HessVec:  func(dst, x, v []float64) { dst[0] = indicator(math.Abs(x[0]) <= s) * v[0] },
	}
}

func checkFirstOrder(factor float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const epsilon = .05
		f := &claim.Finding{}
		run := func(name string, o *landscape.Objective, x []float64) error {
			drop := o.Value(x) - o.Min
			res, err := GD(ctx, o, x, Options{Steps: 100_000, Until: func(_ int, x []float64, _ float64) bool { return o.GradientNorm(x) <= epsilon }})
			if err != nil {
				return err
			}
			f.Add(claim.Below(name+": steps to ‖∇f‖ ≤ ε", factor*o.Lipschitz*drop/(epsilon*epsilon), float64(res.Steps()), claim.Exact))
			return nil
		}
		o, err := Cosine(5, .5)
		if err != nil {
			return nil, err
		}
		r := rng.Stream(env.Seed, "saddle/first-order")
		for i := range 20 {
			x := rng.Normals(r, 5)
			x[0] *= 2
			if err := run(fmt.Sprintf("cosine, start %d", i+1), o, x); err != nil {
				return nil, err
			}
		}
		if err := run("a slope of 1.01ε all the way", slope(1.01*epsilon), []float64{100}); err != nil {
			return nil, err
		}
		return f, nil
	}
}

// dimensions are those of the golden numbers.
var dimensions = []int{10, 100, 1000, 10_000}

func checkDimension(factor float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		var x, y []float64
		for i, d := range dimensions {
			v, err := Escape{Dim: d, Sine: true}.Sample(ctx, 1000, env.Seed)
			if err != nil {
				return nil, err
			}
			mean, _ := meanError(v)
			x, y = append(x, math.Log10(float64(d))), append(y, mean)
			env.Report(i+1, len(dimensions))
		}
		_, rise := stat.LinearRegression(x, y, nil, false)
		each, err := Escape{}.Tenfold()
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		f.Add(claim.Equals("more steps for each tenfold d", factor*each, rise, claim.Because(.05*2.839, "1000 runs at each of four dimensions")),
			claim.Equals("½log10/log(1+ηγ)", 2.839, each, claim.Digits(1e-3)))
		fig, err := FigureDimension(ctx, .5, env.Seed)
		f.Figure = &fig
		return f, err
	}
}

func checkOneStep(step, gain float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const epsilon = .05
		o, err := Cosine(4, .5)
		if err != nil {
			return nil, err
		}
		r := rng.Stream(env.Seed, "saddle/one-step")
		least, count := math.Inf(1), 0
		for range 200 {
			x := rng.Normals(r, 4)
			x[0] *= 3
			floats.Scale(r.Float64(), x[1:])
			res, err := GD(ctx, o, x, Options{Eta: step / o.Lipschitz, Steps: 100})
			if err != nil {
				return nil, err
			}
			for t, s := range res.Gradients {
				if s > epsilon {
					count++
					least = min(least, (res.Values[t]-res.Values[t+1])/(epsilon*epsilon/o.Lipschitz))
				}
			}
		}
		// Just above ε along a direction of curvature ℓ, one step gains no more than the bound.
		x := []float64{math.Pi, epsilon * (1 + 1e-9), 0, 0}
		res, err := GD(ctx, o, x, Options{Eta: step / o.Lipschitz, Steps: 1})
		if err != nil {
			return nil, err
		}
		sharp := (res.Values[0] - res.Values[1]) / (epsilon * epsilon / o.Lipschitz)
		f := &claim.Finding{}
		f.Add(claim.Above(fmt.Sprintf("least gain over ε²/ℓ in %d steps", count), gain, min(least, sharp), claim.Because(1e-12/(epsilon*epsilon), "rounding of f, 1e-12")),
			claim.Equals("least gain possible over ε²/ℓ", gain, sharp, claim.Because(1e-8, "a gradient of 1 + 1e-9 times ε")))
		return f, nil
	}
}

func checkStretch(wait int, r float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const epsilon, runs = .05, 200
		f := &claim.Finding{}
		for _, d := range []int{10, 200} {
			o, err := Cosine(d, .5)
			if err != nil {
				return nil, err
			}
			enough, least := 0, math.Inf(1)
			for k := range uint64(runs) {
				x := make([]float64, d)
				UniformBall(rng.Stream(env.Seed*runs+k, "saddle/stretch"), x, r)
				path, err := landscape.Descend(ctx, o, x, 1/o.Lipschitz, wait, nil)
				if err != nil {
					return nil, err
				}
				drop := (o.Value(make([]float64, d)) - o.Value(path[wait])) / (float64(wait) * epsilon * epsilon / o.Lipschitz)
				least = min(least, drop)
				enough += int(indicator(drop >= 1))
			}
			f.Add(claim.Equals(fmt.Sprintf("d = %d: runs of 200 that gain 𝒯ε²/ℓ", d), runs, float64(enough), claim.Exact),
				claim.Above(fmt.Sprintf("d = %d: least gain over 𝒯ε²/ℓ", d), 1, least, claim.Exact))
		}
		return f, nil
	}
}

func checkLaw(meanLog func(int) float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		golden := []float64{16.382, 19.112, 21.944, 24.785}
		const runs = 1000
		for i, d := range dimensions {
			e, err := (Escape{Dim: d, Sine: true}).filled("saddle.checkLaw")
			if err != nil {
				return nil, err
			}
			v, err := e.Sample(ctx, runs, env.Seed)
			if err != nil {
				return nil, err
			}
			mean, se := meanError(v)
			exact, err := e.Mean()
			if err != nil {
				return nil, err
			}
			law := (math.Log(e.Target/e.Radius)-meanLog(d))/math.Log1p(e.Eta*e.Gamma) + .5
			name := fmt.Sprintf("d = %d: ", d)
			f.Add(claim.Equals(name+"mean steps of 1000 runs", law, mean, claim.Because(4*se+.1, "4 standard errors, and the sine's slower growth")),
				claim.Equals(name+"the same against the exact mean", exact, mean, claim.Because(4*se, "4 standard errors")),
				claim.Equals(name+"the golden number against the exact mean", golden[i], exact, claim.Because(.006, "4 standard errors of 2·10⁵ draws")))
			// With probability 1-δ: at the time at which 5% are left.
			late, a := 0, e.Target
			for e.Below(a) > .05 {
				a = e.back(a)
				late++
			}
			left := 0.0
			for _, t := range v {
				left += indicator(t > float64(late)) / runs
			}
			if i == 0 {
				f.Note("The lemma starts at x̃ + ηξ, the algorithm at x - ηξ: the same law, as ξ and -ξ are alike.")
			}
			p := e.Below(a)
			f.Add(claim.Equals(fmt.Sprintf("%sshare not out after %d steps", name, late), p, left, claim.Sampling(math.Sqrt(p*(1-p)), runs)))
		}
		return f, nil
	}
}

func checkLocalize(step, factor float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const ell = 30.
		o := topEigenvector()
		r := rng.Stream(env.Seed, "saddle/localize")
		worst, curved := 0.0, 0.0
		for range 200 {
			x := make([]float64, 4)
			UniformBall(r, x, 3)
			path, err := landscape.Descend(ctx, o, x, step/ell, 200, nil)
			if err != nil {
				return nil, err
			}
			ratio, _, err := Localize(o, path, step/ell, 1, 5, 20, 100, 200)
			if err != nil {
				return nil, err
			}
			worst = max(worst, ratio)
			for _, p := range path {
				curved = max(curved, 3*floats.Dot(p, p))
			}
		}
		bowl, err := Quadratic(1, 1)
		if err != nil {
			return nil, err
		}
		path, err := landscape.Descend(ctx, bowl, []float64{1, 2}, step, 5, nil)
		if err != nil {
			return nil, err
		}
		sharp, _, err := Localize(bowl, path, step, 1, 2, 5)
		if err != nil {
			return nil, err
		}
		scale := math.Sqrt(2 / factor)
		f := &claim.Finding{}
		f.Add(claim.Below("largest ‖x_τ-x₀‖ over the bound, 200 starts, five times", 1, scale*worst, claim.Exact),
			claim.Below("the curvature that they met, against ℓ = 30", ell, curved, claim.Exact),
			claim.Equals("the same on ½‖x‖² with η = 1/ℓ", 1, scale*sharp, claim.Rounding(1, 8)))
		return f, nil
	}
}

func checkLittle(factor float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const epsilon = .05
		o, err := Cosine(3, .5)
		if err != nil {
			return nil, err
		}
		r := rng.Stream(env.Seed, "saddle/little")
		little, worst := 0, 0.0
		for _, t := range []int{5, 20, 60} {
			for range 400 {
				x := make([]float64, 3)
				UniformBall(r, x, math.Pow(10, -3*r.Float64()))
				path, err := landscape.Descend(ctx, o, x, 1, t, nil)
				if err != nil {
					return nil, err
				}
				if o.Value(path[0])-o.Value(path[t]) > float64(t)*epsilon*epsilon {
					continue
				}
				little++
				for _, p := range path {
					worst = max(worst, floats.Distance(p, path[0], 2)/(epsilon*float64(t)))
				}
			}
		}
		f := &claim.Finding{}
		f.Add(claim.Above("runs of 1200 with little progress", 100, float64(little), claim.Exact),
			claim.Below("the furthest that one of them moved, over ε𝒯/ℓ", factor, worst, claim.Exact))
		return f, nil
	}
}
