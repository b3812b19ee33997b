package linreg

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Claims returns the claims of section 11.4 on regression, of the path and of the noise of the iterates.
func Claims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "11.G1", Kind: claim.Identity, Title: "Dropping the inputs of a linear regression", Ref: "Section 11.4",
			Statement: `With masks on the inputs, $\mathbb E\,\frac1n\|y-(X\circ B)u\|^2=\frac1n\|y-Xu\|^2+\lambda\,u^\top\mathrm{diag}(\hat C)\,u$, $\hat C=X^\top X/n$, minimized by $(\hat C+\lambda\,\mathrm{diag}\,\hat C)u=X^\top y/n$: ridge regression on standardized features, no mere rescaling of least squares unless features are uncorrelated.`,
			Source:    "linreg.Problem.InputLoss, linreg.Problem.Input",
			Check:     checkInput(inputTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "the penalty λ·uᵀĈu", Check: checkInput(inputTheory{scaled: true})},
				{Name: "p in place of p/(1-p)", Check: checkInput(inputTheory{strength: .4})},
			},
			Errata: []claim.Erratum{{
				Number: "11.10", Where: "Section 11.4, linear regression",
				Printed: `the explicit regularizer is $\lambda\,u^\top\hat Cu$, so that dropout merely rescales the least-squares solution by $1/(1+\lambda)$`,
				Correct: `masks on the inputs give $\lambda\,u^\top\mathrm{diag}(\hat C)u$; the printed formula is that of dropping one hidden unit (or the output)`,
				Why:     `Masks of different inputs are independent, so that products $u_iu_j$, $i\ne j$, of the masked prediction average to what they were; only squares gain the factor $1+\lambda$.`,
			}},
		},
		{
			ID: "11.G2", Kind: claim.Identity, Title: "Shrinkage, and Tikhonov's penalty beside it", Ref: "Section 11.4",
			Statement: `Dropping the $d_1$ units of a linear hidden layer, $u=\sum_jw_{2j}w_{1j}$, costs at least $\frac\lambda{d_1}u^\top\hat Cu$, reached by equal shares; the minimizer is least squares over $1+\lambda/d_1$, all directions alike. Tikhonov's $\lambda\|u\|^2$ multiplies the direction of eigenvalue $s$ of $\hat C$ by $s/(s+\lambda)$; in sums instead of means, $(X^\top X+n\lambda I)u=X^\top y$.`,
			Source:    "linreg.Problem.Hidden, linreg.Problem.Ridge, linreg.Deep.Enumerate",
			Check:     checkTikhonov(tikhonovTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "the width forgotten: 1 + λ", Check: checkTikhonov(tikhonovTheory{width: 1})},
				{Name: "λ in place of nλ in sums", Check: checkTikhonov(tikhonovTheory{sums: true})},
			},
		},
		{
			ID: "11.G3", Kind: claim.Remark, Title: "Deep linear networks: scaling only", Ref: "Section 11.4",
			Statement: `With one output and dropout on every hidden layer of a linear network, of widths $d_1,\dots,d_L$, the least expected loss for a predictor $u$ is $\hat L(u)+\big(\prod_i(1+\lambda/d_i)-1\big)u^\top\hat Cu$: the minimizer is least squares over $\prod_i(1+\lambda/d_i)$.`,
			Source:    "linreg.Deep.Shrinkage, linreg.Deep.Minimize",
			Check:     checkDeep(deepTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "the last layer alone shrinks", Check: checkDeep(deepTheory{last: true})},
				{Name: "∑λ/d_i in place of the product", Check: checkDeep(deepTheory{sum: true})},
			},
		},
		{
			ID: "11.G5", Kind: claim.Remark, Title: "What each penalty does not see", Ref: "Section 11.4.1",
			Statement: `The section on related work is empty in the book. For regression its content is this: dropping inputs penalizes by the diagonal of the Fisher information (Wager, Wang, Liang 2013), so that predictions do not depend on the units of a feature, as Tikhonov's do; Tikhonov's do not depend on a rotation of the features, as dropout's do; dropping hidden units of a linear network (Mianjy, Arora 2019) sees neither.`,
			Source:    "linreg.Problem.Input, linreg.Problem.Ridge, linreg.Problem.Hidden",
			Check:     checkUnits(unitsTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "Tikhonov's penalty does not see units", Check: checkUnits(unitsTheory{ridgeUnits: true})},
				{Name: "dropping inputs does not see rotations", Check: checkUnits(unitsTheory{inputRotation: true})},
			},
		},
		{
			ID: "11.+/noise", Kind: claim.Experiment, Title: "Dropout's iterates keep moving", Ref: "beyond Section 11.4",
			Statement: `For $u_{k+1}=u_k-2\eta B_k(\hat CB_ku_k-c)$ the mean and the covariance of the iterates obey exact linear recursions. The mean tends to the minimizer of the expected loss; the covariance tends to $\eta\,\Xi+O(\eta^2)$, $A\Xi+\Xi A=2\Gamma$, $A=\hat C+\lambda\,\mathrm{diag}\,\hat C$, $\Gamma$ the covariance of $B(\hat CBu-c)$ at the minimizer, although every step uses all examples. Descent on the expected loss has none (Clara, Langer, Schmidt-Hieber 2023).`,
			Source:    "linreg.Noise",
			Check:     checkNoise(noiseTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "the iterates are those of the expected loss", Check: checkNoise(noiseTheory{none: true})},
				{Name: "a covariance of order η²", Check: checkNoise(noiseTheory{order: 2})},
				{Name: "Gaussian masks of the same variance", Check: checkNoise(noiseTheory{gaussian: true})},
			},
		},
		{
			ID: "11.+/path", Kind: claim.Experiment, Title: "A path over the rate, for any table", Ref: "beyond Section 11.4",
			Statement: `The path of linear regression over $p$ from one eigendecomposition is that of direct solves. On the wine table (alcohol from the twelve other measurements, units from 0.1 to 1000) cross-validation chooses $0<p<\frac12$, with an error below that of least squares and within a tenth of that of Tikhonov's penalty at its best strength; other units change Tikhonov's errors and not dropout's.`,
			Source:    "linreg.Path",
			Check:     checkPath(pathTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "the ridge path in place of dropout's", Check: checkPath(pathTheory{ridge: true})},
				{Name: "p as the strength", Check: checkPath(pathTheory{strength: true})},
			},
		},
	}
}

type inputTheory struct {
	scaled   bool    // uᵀĈu
	strength float64 // 0 means λ
}

func checkInput(h inputTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const rate = .4
		p, u := Fixture(), []float64{.3, -.7, 1.1}
		lambda := rate / (1 - rate)
		if h.strength != 0 {
			lambda = h.strength
		}
		theory := func(u []float64) float64 {
			if h.scaled {
				return p.Loss(u) + lambda*p.Scaled(u)
			}
			return p.Loss(u) + lambda*p.Penalty(u)
		}
		all, err := p.EnumerateInput(u, rate)
		if err != nil {
			return nil, err
		}
		const draws = 4000
		mean, se, err := p.SampleInput(ctx, u, rate, draws, env.Seed)
		if err != nil {
			return nil, err
		}
		found, err := minimize(3, func(u []float64) float64 {
			v, _ := p.EnumerateInput(u, rate) // the rate passed above
			return v
		})
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		f.Add(claim.Equals("expected loss at (0.3, -0.7, 1.1), and all 8 masks", theory(u), all, claim.Rounding(10, 64)),
			claim.Equals("the same, and masks at random", theory(u), mean, claim.Sampling(se*math.Sqrt(draws), draws)),
			claim.Equals("all 8 masks, and the reference value", 1.451496776315797, all, claim.Digits(1e-14)))
		if lambda > 0 {
			best, err := p.solve("Input", func(a *mat.SymDense) {
				for i := range 3 {
					for j := i; j < 3; j++ {
						if i == j || h.scaled {
							a.SetSym(i, j, (1+lambda)*a.At(i, j))
						}
					}
				}
			})
			if err != nil {
				return nil, err
			}
			golden := []float64{.340650, .027328, .297392}
			for j := range best {
				f.Add(claim.Equals(fmt.Sprintf("coefficient %d of the minimizer, and descent on all masks", j+1), best[j], found[j], claim.Because(1e-6, "descent with derivatives by differences")),
					claim.Equals(fmt.Sprintf("coefficient %d of the minimizer, and the reference", j+1), golden[j], best[j], claim.Digits(1e-6)))
			}
		}
		low, err := p.EnumerateInput(found, rate)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("least expected loss, and the reference", .4116557225, low, claim.Digits(1e-10)))
		// The printed text.
		rescaled, err := p.Hidden(rate, 1)
		if err != nil {
			return nil, err
		}
		at, err := p.EnumerateInput(rescaled, rate)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("printed: λ·uᵀĈu as the penalty", p.Loss(u)+rate/(1-rate)*p.Scaled(u), all, claim.Rounding(10, 64)).AsPrinted(),
			claim.Equals("printed: the rescaled solution has the least expected loss", low, at, claim.Because(1e-6, "descent with derivatives by differences")).AsPrinted(),
			claim.Equals("expected loss of the rescaled solution, and the reference", .7668763198, at, claim.Digits(1e-10)))
		// Uncorrelated features: both formulas agree.
		q, err := uncorrelated(env.Seed)
		if err != nil {
			return nil, err
		}
		in, err := q.Input(rate)
		if err != nil {
			return nil, err
		}
		out, err := q.Hidden(rate, 1)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("uncorrelated features: distance of the minimizer from the rescaled solution", 0, floats.Distance(in, out, 2), claim.Rounding(1, 256)))
		fig, err := FigureRate(ctx, rate)
		if err != nil {
			return nil, err
		}
		f.Figure = &fig
		return f, nil
	}
}

// uncorrelated is a regression whose Ĉ is diagonal: columns of an orthogonal matrix, of different sizes.
func uncorrelated(seed uint64) (*Problem, error) {
	src := rng.Stream(seed, "linreg/uncorrelated")
	var qr mat.QR
	qr.Factorize(mat.NewDense(12, 3, rng.Normals(src, 36)))
	var q mat.Dense
	qr.QTo(&q)
	x := mat.NewDense(12, 3, nil)
	for i := range 12 {
		for j := range 3 {
			x.Set(i, j, q.At(i, j)*float64(1+2*j))
		}
	}
	return New(x, rng.Normals(src, 12))
}

// minimize descends from 0 with derivatives by differences.
func minimize(d int, f func([]float64) float64) ([]float64, error) {
	grad := func(dst, x []float64) { fd.Gradient(dst, f, x, &fd.Settings{Formula: fd.Central}) }
	r, err := optimize.Minimize(optimize.Problem{Func: f, Grad: grad}, make([]float64, d), &optimize.Settings{GradientThreshold: 1e-8, MajorIterations: 500}, &optimize.LBFGS{})
	if r == nil {
		return nil, err
	}
	return r.X, nil // a line search that stalls at rounding still leaves its best point
}

type tikhonovTheory struct {
	width int // 0 means the layer's
	sums  bool
}

func checkTikhonov(h tikhonovTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const rate, lambda = .4, .4 / .6
		p := Fixture()
		ols, err := p.Least()
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		for _, width := range []int{1, 2, 3} {
			net, err := p.Deep(rate, width)
			if err != nil {
				return nil, err
			}
			w, err := net.Minimize(ctx, 2, env.Seed)
			if err != nil {
				return nil, err
			}
			at, err := net.Enumerate(w)
			if err != nil {
				return nil, err
			}
			theory := width
			if h.width != 0 {
				theory = h.width
			}
			u, err := p.Hidden(rate, theory)
			if err != nil {
				return nil, err
			}
			name := fmt.Sprintf("width %d: ", width)
			f.Add(claim.Equals(name+"distance of the trained predictor from shrunk least squares", 0, floats.Distance(u, net.Predictor(w), 2), claim.Because(1e-5, "descent with derivatives by differences")),
				claim.Equals(name+"least expected loss, and all masks at the trained weights", p.Loss(u)+lambda/float64(theory)*p.Scaled(u), at, claim.Because(1e-8, "descent with derivatives by differences")))
			// Any weights cost at least as much as their predictor's bound.
			src := rng.Stream(env.Seed, "linreg/weights")
			worst := math.Inf(1)
			for range 200 {
				w := rng.Normals(src, net.Params())
				v := net.Predictor(w)
				worst = min(worst, (net.Loss(w)-p.Loss(v))/(lambda/float64(theory)*p.Scaled(v)))
			}
			f.Add(claim.Above(name+"penalty over its lower bound, least of 200 random weights", 1, worst, claim.Because(1e-8, "a difference of two losses, at width 1 an equality")))
		}
		ridge, err := p.Ridge(lambda)
		if err != nil {
			return nil, err
		}
		values, q, err := linalg.EigenSym(p.Moment)
		if err != nil {
			return nil, err
		}
		for i, s := range values {
			v := mat.Col(nil, i, q)
			f.Add(claim.Equals(fmt.Sprintf("Tikhonov: factor on the direction of eigenvalue %.3g", s), s/(s+lambda), floats.Dot(v, ridge)/floats.Dot(v, ols), claim.Rounding(1, 1e4)))
		}
		// Sums in place of means, solved on its own.
		n, d := p.Dims()
		var gram mat.Dense
		gram.Mul(p.x.T(), p.x)
		add := float64(n) * lambda
		if h.sums {
			add = lambda
		}
		for j := range d {
			gram.Set(j, j, gram.At(j, j)+add)
		}
		var b, sums mat.VecDense
		b.MulVec(p.x.T(), mat.NewVecDense(n, p.y))
		if err := sums.SolveVec(&gram, &b); err != nil {
			return nil, err
		}
		f.Add(claim.Equals("Tikhonov: distance of (XᵀX + nλI)⁻¹Xᵀy", 0, floats.Distance(ridge, sums.RawVector().Data, 2), claim.Rounding(1, 1e4)))
		f.Note("So dropping hidden units of a linear network is not Tikhonov's penalty, nor is dropping inputs, unless all features have the same mean square.")
		return f, nil
	}
}

type deepTheory struct{ last, sum bool }

func checkDeep(h deepTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		p := Fixture()
		ols, err := p.Least()
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		for _, c := range []struct {
			rate   float64
			widths []int
		}{{.4, []int{3, 2}}, {.6, []int{2, 2}}, {.3, []int{2, 1, 2}}} {
			net, err := p.Deep(c.rate, c.widths...)
			if err != nil {
				return nil, err
			}
			shrink := net.Shrinkage()
			if h.last {
				shrink = 1 + net.lambda/float64(c.widths[len(c.widths)-1])
			}
			if h.sum {
				shrink = 1
				for _, w := range c.widths {
					shrink += net.lambda / float64(w)
				}
			}
			w, err := net.Minimize(ctx, 3, env.Seed)
			if err != nil {
				return nil, err
			}
			all, err := net.Enumerate(w)
			if err != nil {
				return nil, err
			}
			u := net.Predictor(w)
			far := 0.0
			for j := range u {
				far = math.Hypot(far, u[j]-ols[j]/shrink)
			}
			name := fmt.Sprintf("p = %g, widths %v: ", c.rate, c.widths)
			f.Add(claim.Equals(name+"all masks, and second moments layer by layer", net.Loss(w), all, claim.Rounding(1, 1024)),
				claim.Equals(name+"least expected loss, and all masks at the trained weights", p.Power-floats.Dot(ols, p.Cross)/shrink, all, claim.Because(1e-7, "descent with derivatives by differences")),
				claim.Equals(name+"distance of the trained predictor from shrunk least squares", 0, far, claim.Because(1e-4, "descent with derivatives by differences")))
		}
		return f, nil
	}
}

type unitsTheory struct{ ridgeUnits, inputRotation bool }

func checkUnits(h unitsTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const rate = .4
		p := Fixture()
		n, d := p.Dims()
		units := mat.NewDiagDense(d, []float64{1, 100, .01})
		var qr mat.QR
		qr.Factorize(mat.NewDense(d, d, rng.Normals(rng.Stream(env.Seed, "linreg/rotation"), d*d)))
		var turn mat.Dense
		qr.QTo(&turn)
		methods := []struct {
			name   string
			fit    func(*Problem) ([]float64, error)
			unseen [2]bool // units, rotation
		}{
			{"inputs dropped", func(p *Problem) ([]float64, error) { return p.Input(rate) }, [2]bool{true, h.inputRotation}},
			{"Tikhonov", func(p *Problem) ([]float64, error) { return p.Ridge(rate / (1 - rate)) }, [2]bool{h.ridgeUnits, true}},
			{"hidden units dropped", func(p *Problem) ([]float64, error) { return p.Hidden(rate, 2) }, [2]bool{true, true}},
		}
		f := &claim.Finding{}
		for k, change := range []mat.Matrix{units, &turn} {
			var x mat.Dense
			x.Mul(p.x, change)
			q, err := New(&x, p.y)
			if err != nil {
				return nil, err
			}
			for _, m := range methods {
				u, err := m.fit(p)
				if err != nil {
					return nil, err
				}
				v, err := m.fit(q)
				if err != nil {
					return nil, err
				}
				far := 0.0
				for i := range n {
					far = max(far, math.Abs(floats.Dot(p.x.RawRowView(i), u)-floats.Dot(q.x.RawRowView(i), v)))
				}
				name := m.name + []string{": largest change of a prediction by other units", ": largest change of a prediction by a rotation"}[k]
				if m.unseen[k] {
					f.Add(claim.Equals(name, 0, far, claim.Because(1e-8, "rounding, with features of sizes 0.01 to 100")))
				} else {
					f.Add(claim.Above(name, .01, far, claim.Exact))
				}
			}
		}
		f.Note("Beyond regression: Srivastava et al. 2014 (the method), Wager, Wang and Liang 2013 (generalized linear models), Cavazza et al. 2018 and Mianjy, Arora and Vidal 2018 (factorisations), Arora, Bartlett, Mianjy and Srebro 2020 (this chapter's source), Wei, Kakade and Ma 2020 (explicit and implicit effects), Clara, Langer and Schmidt-Hieber 2023 (iterates).")
		return f, nil
	}
}
