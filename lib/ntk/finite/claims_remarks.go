package finite

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/claim"
)

func boundedLabelsClaim() claim.Claim {
	check := func(ctx context.Context, env claim.Env, growth float64) (*claim.Finding, error) {
		base := LazyConfig{Widths: []int{64, 256, 1024}, Train: 20, Steps: 60, Seeds: 2, Seed: env.Seed}
		assumed := base
		assumed.LabelPower = growth
		a, err := lazy.Get(ctx, env.Backend, assumed)
		if err != nil {
			return nil, err
		}
		base.LabelPower = 0.5
		g, err := lazy.Get(ctx, env.Backend, base)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		f.Add(
			claim.Equals("exponent of the RMS movement with bounded labels", -0.5, a.Slope(moveRMS), slopeTolerance(a, 0.03, 0.06)),
			claim.Below("exponent of flipped gates with bounded labels", -0.5, a.Slope(flipped), slopeTolerance(a, 0.06, 0.12)),
			claim.Equals("exponent of the RMS movement with labels growing as √m", 0, g.Slope(moveRMS), slopeTolerance(g, 0.03, 0.12)),
		)
		f.Note("n = %d, %d steps: with labels of size √m the residual, the step and the movement keep their size at every width, so the assumption is needed", base.Train, base.Steps)
		return f, nil
	}
	return claim.Claim{
		ID: "9.R1", Kind: claim.Remark, Title: "Labels are bounded", Ref: "Remark 1 after Lemma 9.2.3",
		Statement: `With $y_i=O(1)$ the weights move by $O(m^{-1/2})$; with labels that grow as $\sqrt m$ they do not come to rest as $m$ grows.`,
		Source:    "finite.RunLazy", NeedsBackend: true,
		Check:        checkOf(0.0, check),
		Alternatives: []claim.Alternative{{Name: "labels growing as √m in place of bounded ones", Check: checkOf(0.5, check)}},
	}
}

// timeVariant says which eigenvalue stands in the bound and what the movement is said to do in time.
type timeVariant struct {
	largest bool    // λ₁ in place of λ_min
	growth  float64 // claimed growth of the movement when the time is doubled
}

func timeClaim() claim.Claim {
	check := func(ctx context.Context, env claim.Env, v timeVariant) (*claim.Finding, error) {
		r, err := lazy.Get(ctx, env.Backend, LazyConfig{Widths: []int{128, 512}, Train: 10, RandomLabels: true,
			LearningRate: 0.2, Steps: 1200, Every: 60, Seeds: 2, WatchEigen: true, Seed: env.Seed, Progress: env.Progress})
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		n := float64(r.Config.Train)
		t := r.Config.LearningRate * float64(r.Config.Steps)
		for _, w := range r.Widths {
			for k, run := range w.Runs {
				lambda := run.MinEigen
				if v.largest {
					lambda = r.Lambda[0]
				}
				// ∫_τ^∞ Σ|u_i-y_i| ≤ √n·∫‖u-y‖₂ ≤ √n·‖u(τ)-y‖/λ, from τ = 0 with ‖y‖ and from t/2.
				reach := math.Sqrt(n) / (math.Sqrt(float64(w.Width)) * lambda)
				f.Add(
					claim.Below(fmt.Sprintf("max_r‖w_r(t)-w_r(0)‖ against √n‖y‖/(√m·λ), m = %d, network %d", w.Width, k+1), reach*r.LabelNorm, run.Move, claim.Exact),
					claim.Equals(fmt.Sprintf("movement at t = %g over that at t/2, m = %d, network %d", t, w.Width, k+1), v.growth, run.Move/run.MidMove,
						claim.Because(reach*math.Sqrt(n*run.MidLoss)/run.MidMove, "what is left to learn at t/2, √n‖u(t/2)-y‖/(√m·λ) over the movement there")),
				)
			}
		}
		f.Note("λ is the smallest eigenvalue of H(τ) over the observed steps. ∫‖u-y‖₂ ≤ ‖y‖/λ bounds the movement for all t, where the proof's tn/√m grows without end")
		return f, nil
	}
	return claim.Claim{
		ID: "9.R2", Kind: claim.Remark, Title: "The dependence on t can be removed", Ref: "Remark 2 after Lemma 9.2.3",
		Statement: `While $\lambda_{\min}(H(\tau))\ge\lambda>0$ the residual shrinks as $e^{-\lambda\tau}$, so $\|w_r(t)-w_r(0)\|\le\sqrt n\,\|y\|/(\sqrt m\,\lambda)$ for every $t$: neither the assumption on $u_i(\tau)$ nor the factor $t$ is needed.`,
		Source:    "finite.RunLazy", NeedsBackend: true,
		Check: checkOf(timeVariant{false, 1}, check),
		Alternatives: []claim.Alternative{
			{Name: "λ₁ in place of the smallest eigenvalue", Check: checkOf(timeVariant{true, 1}, check)},
			{Name: "movement proportional to t", Check: checkOf(timeVariant{false, 2}, check)},
		},
	}
}

// deepVariant says which kernel the trajectory follows and how the errors are said to fall with m.
type deepVariant struct {
	firstLayer bool
	exponent   float64
}

func deepLazyClaim() claim.Claim {
	check := func(ctx context.Context, env claim.Env, v deepVariant) (*claim.Finding, error) {
		r, err := deeps.Get(ctx, env.Backend, DeepConfig{FirstLayerTheory: v.firstLayer, Seed: env.Seed, Progress: env.Progress})
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{Figure: DeepFigure(r)}
		slope := func(name string, of func(DeepWidth) Sample) claim.Evidence {
			exponent, se := r.Slope(of)
			return claim.Below(name, v.exponent, exponent, claim.Because(4*se, fmt.Sprintf("sampling, 4 s.e. of the slope from the spread over %d networks a width", r.Config.Seeds)))
		}
		f.Add(
			slope("exponent of ‖Θ_m(T)-Θ_m(0)‖ in m", func(w DeepWidth) Sample { return w.Drift }),
			slope("exponent of the distance to the network's own linearisation", func(w DeepWidth) Sample { return w.OwnError }),
			slope("exponent of the relative movement of all weights in m", func(w DeepWidth) Sample { return w.Move }),
		)
		first, last := r.Widths[0], r.Widths[len(r.Widths)-1]
		f.Add(
			claim.Below(fmt.Sprintf("distance to the trajectory under Θ at m = %d over that at m = %d", last.Width, first.Width), 1, last.TrainError.Mean/first.TrainError.Mean, claim.Exact),
			claim.Below(fmt.Sprintf("‖Θ_m(0)-Θ‖/λ₁ at m = %d", last.Width), 0.5, last.InitError.Mean, claim.Exact),
		)
		f.Note("the distance to the trajectory under Θ is mostly that of Θ_m(0) to Θ: its exponent over these widths is no more than a sign that it falls")
		f.Note("ReLU, L = %d, all layers trained, n = %d, η = %g, %d steps", r.Config.Depth, r.Config.Train, r.Config.LearningRate, r.Config.Steps)
		return f, nil
	}
	return claim.Claim{
		ID: "9.R3", Kind: claim.Remark, Title: "Deep networks behave alike", Ref: "Remark 3 after Lemma 9.2.3",
		Statement: `With all layers trained, the kernel of a deep network drifts by $O(m^{-1/2})$ and the network follows its own linearisation at the start up to an error of that order; its distance to gradient descent under $\Theta^{(L)}$, which the start adds to, falls with $m$.`,
		Source:    "finite.RunDeep", NeedsBackend: true,
		Check: checkOf(deepVariant{false, -0.5}, check),
		Alternatives: []claim.Alternative{
			{Name: "the kernel of the first layer alone", Check: checkOf(deepVariant{true, -0.5}, check)},
			{Name: "errors of order m^(-3/2)", Check: checkOf(deepVariant{false, -1.5}, check)},
		},
	}
}

// stepsVariant is the coarsest step as a fraction of 2/λ₁, 0 for the default, and what halving the step
// is said to divide errors by.
type stepsVariant struct{ first, ratio float64 }

func smallStepsClaim() claim.Claim {
	check := func(ctx context.Context, env claim.Env, v stepsVariant) (*claim.Finding, error) {
		r, err := steps.Get(ctx, env.Backend, StepsConfig{First: v.first, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		u, h := toFlow(r.U), toFlow(r.Kernel)
		for k := 0; k+2 < len(r.U); k++ {
			tol := claim.Because(0.2*r.Eta[k]/r.Eta[0], "second order in η, a tenth of the ratio at the coarsest step and less in proportion to η")
			name := fmt.Sprintf("at η = %.3g over that at η/2", r.Eta[k])
			f.Add(
				claim.Equals("distance of u(t) to gradient flow "+name, v.ratio, u[k]/u[k+1], tol),
				claim.Equals("distance of H(t) to gradient flow's "+name, v.ratio, h[k]/h[k+1], tol),
			)
		}
		last := len(r.U) - 1
		for k := range last {
			// Distances to H* differ by no more than the kernels do.
			f.Add(claim.Equals(fmt.Sprintf("‖H(t)-H*‖/λ₁ at η = %.3g against η = %.3g", r.Eta[k], r.Eta[last]), r.Limit[last], r.Limit[k],
				within(r.Limit[last], r.Eta[k]/r.Eta[0]/20, "first order in η, a twentieth at the coarsest step")))
		}
		f.Note("gradient flow is Richardson's limit 2v_{η/2}-v_η of the two finest runs")
		f.Note("tanh, m = %d, n = %d, t = %g; the coarsest step is %g of 2/λ₁", r.Config.Width, r.Config.Train, r.Config.Time, r.Config.First)
		return f, nil
	}
	return claim.Claim{
		ID: "9.R4", Kind: claim.Remark, Title: "Small discrete steps", Ref: "Remark 4 after Lemma 9.2.3",
		Statement: `Gradient descent with small steps stays within $O(\eta)$ of gradient flow, and its $H$ as near to $H^*$ as flow's; small means below $2/\lambda_1$.`,
		Source:    "finite.RunSteps", NeedsBackend: true,
		Check: checkOf(stepsVariant{0, 2}, check),
		Alternatives: []claim.Alternative{
			{Name: "a step beyond 2/λ₁", Check: checkOf(stepsVariant{1.15, 2}, check)},
			{Name: "an error of second order, a quarter at half the step", Check: checkOf(stepsVariant{0, 4}, check)},
		},
	}
}

// footnoteVariant breaks one of the three remarks.
type footnoteVariant struct {
	kappa    float64 // the small initial scale
	noStart  bool    // u(0) left out of the theory
	spectral bool    // the norms exchanged

	noTestStart bool // f₀(x) left out of the predictor
}

func footnotesClaim() claim.Claim {
	check := func(ctx context.Context, env claim.Env, v footnoteVariant) (*claim.Finding, error) {
		run := func(kappa float64, plain bool) (*LazyResult, error) {
			return lazy.Get(ctx, env.Backend, LazyConfig{Widths: []int{400}, Seeds: 2, Steps: 200, InitScale: kappa, Plain: plain, Seed: env.Seed})
		}
		unit, err := run(1, false)
		if err != nil {
			return nil, err
		}
		small, err := run(v.kappa, false)
		if err != nil {
			return nil, err
		}
		plain, err := run(1, true)
		if err != nil {
			return nil, err
		}
		plainSmall, err := run(0.1, true)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		ratio := func(of func(LazyRun) float64) float64 {
			a, _ := small.Widths[0].Mean(of)
			b, _ := unit.Widths[0].Mean(of)
			return a / b
		}
		f.Add(
			claim.Above("drift of H when w_r(0) is drawn ten times smaller, over the drift at scale 1", 2, ratio(drift), claim.Exact),
			claim.Above("flipped gates at that scale over those at scale 1", 2, ratio(flipped), claim.Exact),
		)
		a, _ := plain.Widths[0].Mean(func(r LazyRun) float64 { return r.Start })
		b, _ := plainSmall.Widths[0].Mean(func(r LazyRun) float64 { return r.Start })
		f.Add(claim.Equals("RMS of u(0) at initial scale 0.1 over that at scale 1, independent neurons", 0.1, b/a, claim.Rounding(1, 1e4)))
		with, _ := plain.Widths[0].Mean(trainError)
		without, _ := plain.Widths[0].Mean(func(r LazyRun) float64 { return r.NoStart })
		paired, _ := unit.Widths[0].Mean(trainError)
		if v.noStart {
			with = without
		}
		testWith, _ := plain.Widths[0].Mean(testError)
		testWithout, _ := plain.Widths[0].Mean(func(r LazyRun) float64 { return r.TestNoStart })
		testPaired, _ := unit.Widths[0].Mean(testError)
		if v.noTestStart {
			testWith = testWithout
		}
		testTol := claim.Because(2*testPaired, "finite width, twice the distance that paired neurons, f₀ = 0, show at this m")
		tol := claim.Because(2*paired, "finite width, twice the distance that paired neurons with u(0) = 0 show at this m")
		f.Add(
			claim.Equals("RMS distance to the kernel's trajectory that starts at u(0)", 0, with, tol),
			claim.Equals("the same with u(0) ignored", 0, without, tol).AsPrinted(),
			claim.Equals("RMS distance on test points to f₀(x)+k(x,X)(H*)⁻¹(I-e^{-H*t})(y-u(0)) at the last step", 0, testWith, testTol),
			claim.Equals("the same without f₀(x)", 0, testWithout, testTol).AsPrinted(),
		)
		worst := 0.0
		for _, r := range append(unit.Widths[0].Runs, plain.Widths[0].Runs...) {
			q := r.InitError / r.InitErrorF
			if v.spectral {
				q = 1 / q
			}
			worst = max(worst, q)
		}
		f.Add(claim.Below("‖H(0)-H*‖₂/‖H(0)-H*‖_F", 1, worst, claim.Rounding(1, 64)))
		f.Note("u(0) and f₀(x) ignored are the printed versions of erratum 9.12")
		f.Note("m = 400, n = 50, 200 steps. A smaller start makes u(0) small, the remedy of the book's footnote, but gates then flip after a shorter way: with the paired neurons u(0) = 0 at no such price")
		return f, nil
	}
	return claim.Claim{
		ID: "9.R5", Kind: claim.Remark, Title: "The start: u(0), the scale, the norms", Ref: "Section 9.2 and 9.4, footnotes 4 and 5",
		Statement: `$u(0)$ is not zero for independent neurons and has to be carried along: the residual is $e^{-H^*t}(u(0)-y)$. Initialising with a much smaller variance makes it small but leaves the kernel regime. $\|A-B\|_2\le\|A-B\|_F$.`,
		Source:    "finite.RunLazy", NeedsBackend: true,
		Check: checkOf(footnoteVariant{kappa: 0.1}, check),
		Alternatives: []claim.Alternative{
			{Name: "the same initial scale called smaller", Check: checkOf(footnoteVariant{kappa: 1}, check)},
			{Name: "u(0) left out of the kernel's trajectory", Check: checkOf(footnoteVariant{kappa: 0.1, noStart: true}, check)},
			{Name: "f₀(x) left out of the predictor", Check: checkOf(footnoteVariant{kappa: 0.1, noTestStart: true}, check)},
			{Name: "Frobenius below spectral norm", Check: checkOf(footnoteVariant{kappa: 0.1, spectral: true}, check)},
		},
	}
}
