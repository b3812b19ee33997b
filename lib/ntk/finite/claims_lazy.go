package finite

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/nn"
)

// The columns of LazyRun that claims and figures read.
func initError(r LazyRun) float64  { return r.InitError }
func drift(r LazyRun) float64      { return r.Drift }
func move(r LazyRun) float64       { return r.Move }
func moveRMS(r LazyRun) float64    { return r.MoveRMS }
func flipped(r LazyRun) float64    { return r.Flips }
func trainError(r LazyRun) float64 { return r.TrainError }
func testError(r LazyRun) float64  { return r.TestError }

// slopeTolerance is four standard errors of a log-log slope between the extreme widths when a mean of
// n networks has relative standard deviation rel, plus slack for the next order in 1/√m.
func slopeTolerance(r *LazyResult, rel, slack float64) claim.Tolerance {
	w := r.Widths
	span := math.Log(float64(w[len(w)-1].Width) / float64(w[0].Width))
	se := rel * math.Sqrt(1/float64(r.Config.Seeds)+1/float64(r.Config.LastSeeds)) / span
	return claim.Because(4*se+slack, fmt.Sprintf("sampling, 4 s.e. with relative s.d. %g over %d networks at the first width and %d at the last, and %g for the next order in 1/√m", rel, r.Config.Seeds, r.Config.LastSeeds, slack))
}

func lazyClaims() []claim.Claim {
	return []claim.Claim{stabilityClaim(), movementClaim(), boundedLabelsClaim(), timeClaim(), deepLazyClaim(), smallStepsClaim(), footnotesClaim()}
}

// stabilityVariant sets the power of m in the bound on the movement and the scaling of the network.
type stabilityVariant struct {
	boundPower float64 // movement ≤ m^(-boundPower)·∫Σ|u-y|
	scalePower float64
	curvature  float64 // sup|σ''|
	drift      float64 // exponent of the drift of H
}

func stabilityClaim() claim.Claim {
	check := func(ctx context.Context, env claim.Env, v stabilityVariant) (*claim.Finding, error) {
		r, err := lazy.Get(ctx, env.Backend, LazyConfig{
			Widths: []int{64, 256, 1024}, Train: 20, Steps: 200, Seeds: 2, Activation: nn.Softplus,
			ScalePower: v.scalePower, Seed: env.Seed, Progress: env.Progress,
		})
		if err != nil {
			return nil, err
		}
		// The same with more examples: the bounds hold for every n, and through half of the time for every t.
		more, err := lazy.Get(ctx, env.Backend, LazyConfig{
			Widths: []int{64, 256}, Train: 40, Steps: 100, Seeds: 2, Activation: nn.Softplus,
			ScalePower: v.scalePower, Seed: env.Seed,
		})
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{Figure: LazyFigure(r)}
		for _, e := range []*LazyResult{r, more} {
			n := float64(e.Config.Train)
			for _, w := range e.Widths {
				at := fmt.Sprintf("n = %d, m = %d", e.Config.Train, w.Width)
				root := math.Pow(float64(w.Width), -v.boundPower)
				worst := func(name string, bound, of func(LazyRun) float64) claim.Evidence {
					run := w.Runs[0]
					for _, r := range w.Runs[1:] {
						if of(r)/bound(r) > of(run)/bound(run) {
							run = r
						}
					}
					return claim.Below(name+", "+at, bound(run), of(run), claim.Exact)
				}
				path := func(r LazyRun) float64 { return root * r.Path }
				// |σ'| ≤ 1, unit inputs: neuron r adds at most 2·sup|σ''|·‖Δw_r‖, and a mean over neurons is
				// at most the root of the mean square, which is at most the largest.
				mean := func(r LazyRun) float64 { return 2 * v.curvature * r.MoveRMS }
				entry := func(r LazyRun) float64 { return 2 * v.curvature * r.Move }
				matrix := worst("‖H(t)-H(0)‖/λ₁ against 2n·sup|σ''|·m^(-½)∫Σ|u-y|/λ₁", func(r LazyRun) float64 { return 2 * v.curvature * n * path(r) / e.Lambda[0] }, drift)
				matrix.Trivial = e.GramNorm / e.Lambda[0]
				f.Add(
					worst("max_r‖w_r(t)-w_r(0)‖ against m^(-½)∫Σ|u-y|", path, move),
					worst("the same at t/2", func(r LazyRun) float64 { return root * r.MidPath }, func(r LazyRun) float64 { return r.MidMove }),
					worst("max_ij of the mean of |σ'σ'(t)-σ'σ'(0)| over neurons against 2·sup|σ''|·RMS_r‖w_r(t)-w_r(0)‖", mean, func(r LazyRun) float64 { return r.GateDrift }),
					worst("max_ij|H_ij(t)-H_ij(0)|/|x_iᵀx_j| against 2·sup|σ''|·max_r‖w_r(t)-w_r(0)‖", entry, func(r LazyRun) float64 { return r.EntryDrift }),
					matrix,
				)
			}
		}
		f.Add(
			claim.Below("exponent of ‖H(t)-H(0)‖ in m", -0.5, r.Slope(drift), slopeTolerance(r, 0.1, 0)),
			claim.Equals("the same, to first order", v.drift, r.Slope(drift), slopeTolerance(r, 0.1, 0.1)),
		)
		f.Note("softplus, for which |σ'| ≤ 1 and |σ''| ≤ ¼: the lemma's hypotheses. ReLU, with unbounded σ'', is 9.I4")
		f.Note("0 ≤ σ'σ' ≤ 1 alone keeps the drift below ‖XXᵀ‖ = %.2g·λ₁: at these widths the bound on the matrix says less, the one on a weight vector more", r.GramNorm/r.Lambda[0])
		f.Note("the drift falls as 1/m, faster than the bound: Δw_r has the sign of a_r, which the term of neuron r in H does not have, so that to first order the terms of paired neurons cancel")
		f.Note("with the Frobenius norm in place of the proof's sum over entries the bound is of order n²t/√m instead of n³t/√m, so m of order n⁴t²/ε² is enough")
		return f, nil
	}
	return claim.Claim{
		ID: "9.L3", Kind: claim.Lemma, Title: "Stability of H(t)", Ref: "Lemma 9.2.3",
		Statement: `If the labels and the outputs up to time $t$ are bounded and $m=\Omega(n^6t^2/\epsilon^2)$, then $\|H(t)-H(0)\|_2\le\epsilon$: every $w_r$ moves by at most $\frac1{\sqrt m}\int_0^t\sum_i|u_i-y_i|$, and an entry of $H$ by at most $2|x_i^\top x_j|\max|\sigma'|\max|\sigma''|$ times that.`,
		Source:    "finite.RunLazy", NeedsBackend: true,
		Check: checkOf(stabilityVariant{0.5, 0.5, 0.25, -1}, check),
		Alternatives: []claim.Alternative{
			{Name: "movement bounded by 1/m instead of 1/√m", Check: checkOf(stabilityVariant{1, 0.5, 0.25, -1}, check)},
			{Name: "a network scaled by 1/m", Check: checkOf(stabilityVariant{0.5, 1, 0.25, -1}, check)},
			{Name: "sup|σ''| = 1/40 instead of 1/4", Check: checkOf(stabilityVariant{0.5, 0.5, 0.025, -1}, check)},
			{Name: "drift of H of order m^(-½), its bound taken for its size", Check: checkOf(stabilityVariant{0.5, 0.5, 0.25, -0.5}, check)},
		},
	}
}

// movementVariant is the exponent claimed and the scaling of the network.
type movementVariant struct {
	exponent   float64
	scalePower float64
}

// reference is a number computed independently, the mean of five networks, with the relative standard
// deviation of one network.
type reference struct {
	name   string
	of     func(LazyRun) float64
	value  float64
	spread float64
}

// lazyReference returns the reference values at a width, for n = 50, η = 0.05 and 400 steps; none at
// widths that were not computed.
func lazyReference(w LazyWidth) []reference {
	values, ok := map[int][6]float64{
		100:  {1.073, .0640, .0684, .0678, .092, .156},
		400:  {.690, .0340, .0489, .0224, .053, .112},
		1600: {.397, .0186, .0320, .0073, .030, .030},
		6400: {.198, .0102, .0181, .0025, .015, .028},
	}[w.Width]
	if !ok {
		return nil
	}
	// The spreads are those of ten other networks at m = 100 and 400.
	return []reference{
		{"max_r‖w_r(T)-w_r(0)‖", move, values[0], .12}, // a maximum over neurons
		{"RMS distance to the kernel's trajectory", trainError, values[1], .15},
		{"test RMS distance to the kernel predictor", testError, values[2], .12},
		{"‖H(T)-H(0)‖/λ₁", drift, values[3], .28},
		{"flipped gates", flipped, values[4], 1.6 / math.Sqrt(float64(w.Width))}, // a count over neurons
		{"‖H(0)-H*‖/λ₁", initError, values[5], .4},
	}
}

// logarithm is the exponent that √(log m), the growth of a maximum over m neurons with Gaussian tails,
// adds between the extreme widths.
func logarithm(r *LazyResult) float64 {
	a, b := math.Log(float64(r.Widths[0].Width)), math.Log(float64(r.Widths[len(r.Widths)-1].Width))
	return math.Log(b/a) / 2 / (b - a)
}

func movementClaim() claim.Claim {
	check := func(ctx context.Context, env claim.Env, v movementVariant) (*claim.Finding, error) {
		r, err := lazy.Get(ctx, env.Backend, LazyConfig{LastSeeds: 2, ScalePower: v.scalePower, Seed: env.Seed, Progress: env.Progress})
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{Figure: LazyFigure(r)}
		f.Add(
			claim.Equals("exponent of the RMS movement of w_r in m", v.exponent, r.Slope(moveRMS), slopeTolerance(r, 0.02, 0.04)),
			claim.Equals("exponent of the fraction of flipped gates in m", v.exponent, r.Slope(flipped), slopeTolerance(r, 0.06, 0.12)),
			claim.Equals("exponent of the distance to the kernel's trajectory in m", v.exponent, r.Slope(trainError), slopeTolerance(r, 0.15, 0.05)),
			claim.Below("exponent of ‖H(T)-H(0)‖ in m", v.exponent, r.Slope(drift), slopeTolerance(r, 0.28, 0)),
			claim.Equals("exponent of the largest movement in m, √(log m) taken out", v.exponent, r.Slope(move)-logarithm(r), slopeTolerance(r, 0.12, 0.1)),
			claim.Equals("λ₁ of H*", 16.3916, r.Lambda[0], claim.Digits(1e-4)),
			claim.Equals("λ₅₀ of H*", .025164, r.Lambda[len(r.Lambda)-1], claim.Digits(1e-6)),
		)
		for i, w := range r.Widths {
			worst, bound := 0.0, 1.0
			for _, run := range w.Runs {
				if b := run.Path / math.Sqrt(float64(w.Width)); run.Move/b > worst/bound {
					worst, bound = run.Move, b
				}
			}
			f.Add(claim.Below(fmt.Sprintf("max_r‖w_r(T)-w_r(0)‖ at m = %d against m^(-½)∫Σ|u-y|", w.Width), bound, worst, claim.Exact))
			if i > 0 {
				for _, c := range []struct {
					name string
					of   func(LazyRun) float64
				}{{"movement", move}, {"drift", drift}, {"trajectory error", trainError}, {"flipped gates", flipped}} {
					now, _ := w.Mean(c.of)
					before, _ := r.Widths[i-1].Mean(c.of)
					f.Add(claim.Below(fmt.Sprintf("%s at m = %d over that at %d", c.name, w.Width, r.Widths[i-1].Width), 1, now/before, claim.Exact))
				}
			}
			for _, c := range lazyReference(w) {
				mean, _ := w.Mean(c.of)
				tol := 4 * c.spread * math.Sqrt(1/5.0+1/float64(len(w.Runs)))
				f.Add(claim.Equals(fmt.Sprintf("%s at m = %d", c.name, w.Width), c.value, mean,
					within(c.value, tol, fmt.Sprintf("sampling: both means vary over networks with relative s.d. %.2g", c.spread))))
			}
		}
		first, last := r.Widths[0], r.Widths[len(r.Widths)-1]
		narrow, _ := first.Mean(testError)
		wide, _ := last.Mean(testError)
		f.Add(claim.Below(fmt.Sprintf("test error at m = %d over that at %d", last.Width, first.Width), 1, wide/narrow, claim.Exact))
		f.Note("n = %d, η = %g, %d steps, %d networks a width, %d at the last; ReLU, first layer trained, antisymmetric", r.Config.Train, r.Config.LearningRate, r.Config.Steps, r.Config.Seeds, r.Config.LastSeeds)
		f.Note("the largest movement falls a little slower than m^(-½), exponent %.2f: a maximum over m neurons grows like √(log m)", r.Slope(move))
		return f, nil
	}
	return claim.Claim{
		ID: "9.I4", Kind: claim.Bound, Title: "Movement, flips and drift against width", Ref: "proof of Lemma 9.2.3",
		Statement: `$\|w_r(t)-w_r(0)\|=O(tn/\sqrt m)$, an entry of $H$ drifts by $O(tn/\sqrt m)$ and the matrix by $O(tn^3/\sqrt m)$; the trained network then stays within $O(m^{-1/2})$ of its kernel's trajectory.`,
		Source:    "finite.RunLazy", NeedsBackend: true,
		Check: checkOf(movementVariant{-0.5, 0.5}, check),
		Alternatives: []claim.Alternative{
			{Name: "exponent -1", Check: checkOf(movementVariant{-1, 0.5}, check)},
			{Name: "exponent 0: nothing changes with width", Check: checkOf(movementVariant{0, 0.5}, check)},
		},
	}
}
