package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// optimisationClaims are those of section 9.3 before 9.3.1.
func optimisationClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "9.T1", Kind: claim.Theorem, Title: "Each eigendirection at its own rate", Ref: "Section 9.3, Eq. 9.9 and 9.10",
			Statement: `$v_i^\top(u(t)-y)=e^{-\lambda_it}\,v_i^\top(u(0)-y)$; if $\lambda_n>0$ the training error goes to $0$.`,
			Source:    "ntk.NewSpectrum, ntk.Spectrum.Loss",
			Check:     eigenRates(func(lambda, _, t float64) float64 { return math.Exp(-lambda * t) }),
			Alternatives: alternatives(eigenRates,
				named[rate]{"half the rate", func(lambda, _, t float64) float64 { return math.Exp(-lambda * t / 2) }},
				named[rate]{"one rate for all directions, the mean of the spectrum", func(_, mean, t float64) float64 { return math.Exp(-mean * t) }}),
			Errata: []claim.Erratum{{
				Number: "9.10", Where: "Section 9.3, after Equation 9.10",
				Printed: `$u(t)-y=\sum_{i=1}^nv_i^\top(u(t)-y)$; $v_i^\top(u_i(t)-y)\to0$`,
				Correct: `$u(t)-y=\sum_{i=1}^nv_iv_i^\top(u(t)-y)$; $v_i^\top(u(t)-y)\to0$`,
				Why:     `The expansion in the orthonormal basis has the vectors $v_i$; without them the right side is a number.`,
			}},
		},
		{
			ID: "9.F1", Kind: claim.Figure, Title: "Speed of convergence and projections", Ref: "Figure 9.1",
			Statement: `Labels aligned with the top eigenvectors of $H^*$ train faster: true before random before worst ($\sqrt n\,v_n$), at every time.`,
			Source:    "ntk.RunConvergence, ntk.Figure91",
			Check:     convergenceFigure(199, false),
			Alternatives: []claim.Alternative{
				{Name: "the worst labels taken to be the top eigenvector", Check: convergenceFigure(0, false)},
				{Name: "loss that decays like e^{-λt} instead of its square", Check: convergenceFigure(199, true)},
			},
			Errata: []claim.Erratum{{
				Number: "9.12", Where: "Figure 9.1 and footnote 4",
				Printed: `the effect of $u(0)$ is ignored`,
				Correct: `$u(0)\ne0$ adds $e^{-H^*t}u(0)$ to the training outputs, and $f_0(x)-k(x,X)(H^*)^{-1}(I-e^{-H^*t})u(0)$ at $x$; inputs have norm 1`,
				Why:     `A network of variance 1 at initialisation starts with a loss near $2$, not $1$. Duplicated neurons of opposite sign make $f_0=0$ exactly, and the figure's curves start together.`,
			}},
		},
	}
}

// rate is the share of a residual left along one eigenvector, from λ_i, the mean eigenvalue and t.
type rate func(lambda, mean, t float64) float64

func eigenRates(left rate) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		s, err := digits38(200)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		lambda := s.S.Values
		for _, g := range []struct {
			i    int
			want float64
			tol  float64
		}{{1, 63.352768, 1e-5}, {2, 6.556186, 1e-5}, {3, 3.173679, 1e-5}, {10, .772106, 1e-5}, {50, .089729, 1e-5}, {100, .048440, 1e-5}, {200, .021190, 1e-5}} {
			f.Add(claim.Equals(fmt.Sprintf("λ_%d of H*, 200 digits", g.i), g.want, lambda[g.i-1], claim.Because(g.tol, "printed digits")))
		}
		f.Add(claim.Equals("Σ λ_i against tr H* = n/2", 100, floats.Sum(lambda), claim.Rounding(100, 1000)))

		// (9.9) integrated in time without eigenvectors, then projected. The first direction is watched for
		// a shorter time: at t = 0.5 nothing is left of it.
		const n, h = 200, 1e-3
		r0 := minus(rng.Normals(rng.Stream(env.Seed, "outputs"), n), s.Y)
		before := s.S.Project(r0)
		mean := floats.Sum(lambda) / n
		at := func(steps int, directions ...int) (r, after []float64) {
			t := float64(steps) * h
			r = rungeKutta(s.H, r0, t, steps)
			after = s.S.Project(r)
			for _, i := range directions {
				l := lambda[i-1]
				truncation := float64(steps) * math.Pow(l*h, 5) / 120 * math.Exp(-l*t)
				rounding := float64(steps+n) * 0x1p-52 * floats.Norm(r0, 2) / math.Abs(before[i-1])
				f.Add(claim.Equals(fmt.Sprintf("v_%dᵀ(u(t) - y)/v_%dᵀ(u(0) - y) by Runge-Kutta, t = %g", i, i, t), left(l, mean, t), after[i-1]/before[i-1],
					claim.Because(2*truncation+rounding, "twice the Runge-Kutta truncation (λh)⁵/120 a step of h = 0.001, and rounding")))
			}
			return r, after
		}
		at(20, 1)
		r, after := at(500, 2, 3, 10, 50, 200)
		sum := floats.Sum(after)
		f.Add(claim.Equals("first entry of u - y from Σ v_i v_iᵀ(u - y)", r[0], s.S.Expand(after)[0], claim.Rounding(1, 1e4)),
			claim.Equals("first entry of u - y from Σ v_iᵀ(u - y), as printed", sum, r[0], claim.Because(1e-6, "rounding")).AsPrinted())

		// Zero training error: gradient descent run in full, against what the smallest eigenvalue says.
		small, err := digits38(50)
		if err != nil {
			return nil, err
		}
		const eta, steps = .1, 8000
		u := append([]float64(nil), small.Y...) // the residual y - u from u(0) = 0
		g := mat.NewVecDense(50, nil)
		for range steps {
			g.MulVec(small.H, mat.NewVecDense(50, u))
			floats.AddScaled(u, -eta, g.RawVector().Data)
		}
		low := small.S.Values[49]
		f.Add(
			claim.Above("λ_50 of H*, 50 digits", 1e-3, low, claim.Exact),
			claim.Below("‖u - y‖ after 8000 steps of η = 0.1, against √n·(1 - ηλ_n)^8000", math.Sqrt(50)*math.Pow(1-eta*low, steps), floats.Norm(u, 2), claim.Rounding(1e-6, 1e3)))
		return f, nil
	}
}

// convergenceFigure checks figure 9.1 with v_{worst+1} as the worst labels; linear takes the loss to
// decay like the residual.
func convergenceFigure(worst int, linear bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		s, err := digits38(200)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		const n = 200
		v := s.S.Vector(worst)
		floats.Scale(math.Sqrt(n), v)
		f.Add(
			claim.Equals("energy of the true labels in the top 10 eigenvectors", .870961, s.S.Energy(s.Y, 10), claim.Because(1e-5, "printed digits")),
			claim.Equals("energy of the true labels in the top 50", .968028, s.S.Energy(s.Y, 50), claim.Because(1e-5, "printed digits")),
			claim.Equals("energy of the worst labels in the top 50", 0, s.S.Energy(v, 50), claim.Rounding(1, 100)))

		const draws = 50
		stream := rng.Stream(env.Seed, "labels")
		top10, top50 := make([]float64, draws), make([]float64, draws)
		random := make([][]float64, draws)
		for j := range random {
			random[j] = rng.Signs(stream, n)
			top10[j], top50[j] = s.S.Energy(random[j], 10), s.S.Energy(random[j], 50)
		}
		m, sd := stat.MeanStdDev(top10, nil)
		f.Add(claim.Equals("energy of random labels in the top 10, mean of 50 draws", 10./n, m, claim.Sampling(sd, draws)))
		m, sd = stat.MeanStdDev(top50, nil)
		f.Add(claim.Equals("energy of random labels in the top 50, mean of 50 draws", 50./n, m, claim.Sampling(sd, draws)))

		for i, t := range []float64{1, 10, 100} {
			loss := func(y []float64) (float64, error) {
				l, err := s.S.Loss(Flow{t}, y)
				if linear {
					l = math.Sqrt(l)
				}
				return l, err
			}
			a, err := loss(s.Y)
			if err != nil {
				return nil, err
			}
			b, err := loss(v)
			if err != nil {
				return nil, err
			}
			at := fmt.Sprintf("‖u - y‖²/n at t = %g, ", t)
			f.Add(
				claim.Equals(at+"true labels", []float64{.076750, .012638, 1.113e-5}[i], a, claim.Because([]float64{1e-5, 1e-5, 1e-8}[i], "printed digits")),
				claim.Equals(at+"worst labels", []float64{.958505, .654553, .014436}[i], b, claim.Because(1e-5, "printed digits")))
			expected, err := s.S.RandomLoss(Flow{t})
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(at+"random labels in expectation", []float64{.820671, .331717, .000977}[i], expected, claim.Because([]float64{1e-5, 1e-5, 1e-6}[i], "printed digits")))
			losses := make([]float64, draws)
			for j := range losses {
				if losses[j], err = loss(random[j]); err != nil {
					return nil, err
				}
			}
			m, sd := stat.MeanStdDev(losses, nil)
			f.Add(
				claim.Equals(at+"random labels, mean of 50 draws", expected, m, claim.Sampling(sd, draws)),
				claim.Below(at+"true against random", m, a, claim.Exact),
				claim.Below(at+"random against worst", b, m, claim.Exact))
		}

		// The same by gradient descent, whose steps finite networks take.
		for i, steps := range []int{50, 200, 500} {
			a, err := s.S.Loss(Descent{.02, steps}, s.Y)
			if err != nil {
				return nil, err
			}
			b, err := s.S.RandomLoss(Descent{.02, steps})
			if err != nil {
				return nil, err
			}
			c, err := s.S.Loss(Descent{.02, steps}, v)
			if err != nil {
				return nil, err
			}
			at := fmt.Sprintf("‖u - y‖²/n after %d steps of η = 0.02, ", steps)
			f.Add(
				claim.Equals(at+"worst labels", []float64{.959, .844, .655}[i], c, claim.Digits(1e-3)),
				claim.Equals(at+"true labels", []float64{.0765, .0309, .0126}[i], a, claim.Digits(1e-4)),
				claim.Equals(at+"random labels in expectation", []float64{.8204, .5785, .3316}[i], b, claim.Digits(1e-4)))
		}

		// Erratum: the effect of u(0) on the figure, by integrating (9.9) from u(0) ≠ 0.
		u0 := rng.Normals(rng.Stream(env.Seed, "outputs"), n)
		r := rungeKutta(s.H, minus(u0, s.Y), .5, 500)
		with, err := s.S.Loss(Flow{.5}, minus(s.Y, u0))
		if err != nil {
			return nil, err
		}
		without, err := s.S.Loss(Flow{.5}, s.Y)
		if err != nil {
			return nil, err
		}
		measured := floats.Dot(r, r) / n
		f.Add(
			claim.Equals("‖u - y‖²/n at t = 0.5 from u(0) ~ N(0, I)", with, measured, claim.Because(1e-6, "Runge-Kutta truncation")),
			claim.Equals("the same with u(0) ignored", without, measured, claim.Because(1e-6, "Runge-Kutta truncation")).AsPrinted())
		if err := initialOutputs(f, env.Seed); err != nil {
			return nil, err
		}

		run, err := RunConvergence(ctx, ConvergenceConfig{Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		against := func(a, b []float64) float64 {
			worst := 0.0
			for i := range a {
				worst = max(worst, a[i]/b[i])
			}
			return worst
		}
		f.Add(
			claim.Below(fmt.Sprintf("loss on true labels over the mean on random ones, largest at %d times", len(run.Time)), 1, against(run.Loss[0], run.RandomMean), claim.Exact),
			claim.Below("mean loss on random labels over that on worst ones, largest at these times", 1, against(run.RandomMean, run.Loss[2]), claim.Exact))
		fig := Figure91(run, nil)
		f.Figure = &fig
		return f, nil
	}
}

// initialOutputs adds the evidence for what u(0) ≠ 0 does to test outputs in finite time: the weights
// of a model linear in them, whose features are the gradients of a small network and whose f₀ is that
// network, are integrated in time.
func initialOutputs(f *claim.Finding, seed uint64) error {
	few, err := DigitPair(3, 8, 10)
	if err != nil {
		return err
	}
	few.TestX = mat.DenseCopyOf(few.TestX.Slice(0, 20, 0, 64))
	net := newSmallNet(Softplus, 40, 64, seed)
	phi, phiTest := net.features(few.X), net.features(few.TestX)
	u0, f0 := net.outputs(few.X), net.outputs(few.TestX)
	var gram mat.SymDense
	gram.SymOuterK(1, phi)
	spectrum, err := NewSpectrum(&gram)
	if err != nil {
		return err
	}
	const t, steps = 3.0, 600
	target := mat.NewVecDense(10, minus(few.Y, u0))
	_, p := phi.Dims()
	residual := mat.NewVecDense(10, nil)
	w := integrate(make([]float64, p), t, steps, func(slope, at *mat.VecDense) {
		residual.MulVec(phi, at)
		residual.SubVec(target, residual)
		slope.MulVec(phi.T(), residual)
	})
	var cross mat.Dense
	cross.Mul(phiTest, phi.T())
	trained := make([]float64, len(f0))
	for i := range trained {
		trained[i] = f0[i] + floats.Dot(phiTest.RawRowView(i), w)
	}
	predict := func(r []float64) ([]float64, error) {
		alpha, err := spectrum.Weights(Flow{t}, r)
		if err != nil {
			return nil, err
		}
		var out mat.VecDense
		out.MulVec(&cross, mat.NewVecDense(len(alpha), alpha))
		return out.RawVector().Data, nil
	}
	ignored, err := predict(few.Y)
	if err != nil {
		return err
	}
	part, err := predict(u0)
	if err != nil {
		return err
	}
	full := append([]float64(nil), ignored...)
	floats.Add(full, f0)
	floats.Sub(full, part)
	tol := claim.Because(1e-8, "Runge-Kutta truncation at λ_1h = 0.01")
	f.Add(
		claim.Equals("20 test digits at t = 3, weights integrated from u(0) ≠ 0: largest distance from the prediction with f₀(x) - k(x,X)H⁻¹(I - e^{-Ht})u(0)", 0, floats.Distance(trained, full, math.Inf(1)), tol),
		claim.Equals("the same with the effect of u(0) ignored", 0, floats.Distance(trained, ignored, math.Inf(1)), tol).AsPrinted())
	return nil
}
