package eigenlearning

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// Claims returns the claims on learning curves beyond the book. They need no backend and take about
// 9 s of one processor together.
func Claims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "9.+/conservation", Kind: claim.Identity, Title: "Learnability is conserved", Ref: "beyond Section 9.3",
			Statement: `Fit each eigenfunction $\varphi_i$ of a finite domain in turn by kernel interpolation on the same $n$ points: the learnabilities $\mathcal L_i=\langle\varphi_i,\hat f[\varphi_i]\rangle/\langle\varphi_i,\varphi_i\rangle$ add up to exactly $n$, for every training set and every kernel whose matrix there has an inverse. With a ridge $\delta$ they add up to $n-\delta\,\mathrm{tr}(K+\delta I)^{-1}$.`,
			Source:    "eigenlearning.NewFit, eigenlearning.Fit.Learnability",
			Check:     conservation(conserved{1, false, true}),
			Alternatives: []claim.Alternative{
				{Name: "the squares of the learnabilities", Check: conservation(conserved{2, false, true})},
				{Name: "repeated examples counted as often as they occur", Check: conservation(conserved{1, true, true})},
				{Name: "n with a ridge too", Check: conservation(conserved{1, false, false})},
			},
		},
		{
			ID: "9.+/eigenlearning", Kind: claim.Limit, Title: "Learning curves from eigenvalues", Ref: "beyond Section 9.3",
			Statement: `With $\kappa$ from $\sum_i\lambda_i/(\lambda_i+\kappa)+\delta/\kappa=n$ and $\mathcal L_i=\lambda_i/(\lambda_i+\kappa)$, kernel regression on $n$ random points has mean squared error about $\frac{n}{n-\sum\mathcal L^2}\sum_i(1-\mathcal L_i)^2c_i^2$ for a target $\sum_ic_i\varphi_i$: within 8% for parities on the 8-cube.`,
			Source:    "eigenlearning.Solve, eigenlearning.Run",
			Check:     learningCurves(formula{times: 1, power: 2, overfit: true}),
			Alternatives: []claim.Alternative{
				{Name: "without the factor n/(n-Σ𝓛²)", Check: learningCurves(formula{times: 1, power: 2, overfit: false})},
				{Name: "1-𝓛 in place of its square", Check: learningCurves(formula{times: 1, power: 1, overfit: true})},
				{Name: "κ of half the examples", Check: learningCurves(formula{times: .5, power: 2, overfit: true})},
				{Name: "κ of n-2 examples", Check: learningCurves(formula{times: 1, less: 2, power: 2, overfit: true})},
				{Name: "no δ/κ in the equation of κ", Check: learningCurves(formula{times: 1, power: 2, overfit: true, noRidge: true})},
			},
		},
		{
			ID: "9.+/digits-curve", Kind: claim.Experiment, Title: "The learning curve of real digits, predicted", Ref: "beyond Section 9.3",
			Statement: `Take the digits 3 and 8 themselves as the domain: the eigenvalues of their $H^*$ and the coefficients of the labels predict the mean squared error from $n$ random digits within 8% up to an eighth of the data, and that of random labels within 4%. From a quarter and a half of the data the error of the true labels is above the prediction, by 8 to 12% and 17 to 20% as observed: no theory here says how much. Nothing is fitted.`,
			Source:    "eigenlearning.RunCurve",
			Check:     digitsCurve(formula{times: 1, power: 2, overfit: true}),
			Alternatives: []claim.Alternative{
				{Name: "without the factor n/(n-Σ𝓛²)", Check: digitsCurve(formula{times: 1, power: 2, overfit: false})},
				{Name: "1-𝓛 in place of its square", Check: digitsCurve(formula{times: 1, power: 1, overfit: true})},
				{Name: "κ of half the examples", Check: digitsCurve(formula{times: .5, power: 2, overfit: true})},
			},
		},
		{
			ID: "9.+/circle-limit", Kind: claim.Remark, Title: "Where the learning curves fail: one dimension", Ref: "beyond Section 9.3",
			Statement: `On the circle the error of kernel regression on $n$ random points is about twice what its eigenvalues predict at $n=8$, four to five times at 16 and five to six times at 32: the error is made in the widest gap between examples. The learnabilities add up to $n$ there as everywhere.`,
			Source:    "eigenlearning.Run with Config.Circle",
			Check:     circleLimit(oneDimension{true, true}),
			Alternatives: []claim.Alternative{
				{Name: "the formula holds within 8%, as on the cube", Check: circleLimit(oneDimension{false, true})},
				{Name: "it comes true as n grows", Check: circleLimit(oneDimension{true, false})},
			},
		},
	}
}

// conserved says which power of the learnabilities is added up, whether training sets may repeat
// places, and whether the ridge is taken into account.
type conserved struct {
	power   float64
	repeats bool
	ridge   bool
}

func conservation(v conserved) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		sets := 0
		// deviation is the largest |Σ𝓛 - n| over training sets and the rounding expected of it.
		deviation := func(name string, gram *mat.SymDense, basis *mat.Dense, n, draws int, ridge float64) (off, bound float64, err error) {
			m := gram.SymmetricDim()
			for k := range draws {
				if err := ctx.Err(); err != nil {
					return 0, 0, err
				}
				r := rng.Stream(env.Seed, fmt.Sprintf("%s/%d/%g/%d", name, n, ridge, k))
				train := r.Perm(m)[:n]
				if v.repeats {
					for i := range train {
						train[i] = r.IntN(m)
					}
				}
				fit, err := newFit(gram, train, ridge, v.repeats)
				if err != nil {
					return 0, 0, err
				}
				learn, err := fit.Learnability(basis)
				if err != nil {
					return 0, 0, err
				}
				sum, want := 0.0, float64(n)
				for _, l := range learn {
					sum += math.Pow(l, v.power)
				}
				if v.ridge {
					want -= fit.Ridge * fit.shed
				}
				off, bound = max(off, math.Abs(sum-want)), max(bound, fit.Tolerance())
				sets++
			}
			return off, bound, nil
		}
		add := func(name string, gram *mat.SymDense, basis *mat.Dense, n, draws int, ridge float64) error {
			off, bound, err := deviation(name, gram, basis, n, draws, ridge)
			if err != nil {
				return fmt.Errorf("eigenlearning: %s: %w", name, err)
			}
			what := fmt.Sprintf("largest |Σ𝓛 - n|, %s, n = %d, %d training sets", name, n, draws)
			if ridge > 0 {
				what = fmt.Sprintf("largest |Σ𝓛 - n + δ·tr(K+δI)⁻¹|, %s, n = %d, δ = %g, %d training sets", name, n, ridge, draws)
			}
			f.Add(claim.Equals(what, 0, off, claim.Because(bound, "rounding, 16n·2⁻⁵² times the condition number for the solve and M·2⁻⁵² for the sum")))
			return nil
		}
		cube, err := NewCube(8, ntk.Kernel{Depth: 3})
		if err != nil {
			return nil, err
		}
		gram, parities := cube.Gram(), mat.NewDense(cube.Size(), cube.Size(), nil)
		for s := range cube.Size() {
			parities.SetCol(s, cube.Parity(s))
		}
		for _, n := range []int{1, 16, 64, 200} {
			if err := add("parities of the 8-cube", gram, parities, n, 5, 0); err != nil {
				return nil, err
			}
		}
		if err := add("parities of the 8-cube", gram, parities, 32, 10, .5); err != nil {
			return nil, err
		}
		// Real data: 120 digits, the eigenvectors of their kernel matrix as the basis.
		x, _, err := data.D3v8()
		if err != nil {
			return nil, err
		}
		digits, err := ntk.Kernel{Depth: 2}.GramContext(ctx, mat.DenseCopyOf(x.Slice(0, 120, 0, 64)))
		if err != nil {
			return nil, err
		}
		_, vectors, err := linalg.EigenSymContext(ctx, digits)
		if err != nil {
			return nil, err
		}
		for _, n := range []int{10, 60} {
			if err := add("eigenvectors of 120 digits", digits, vectors, n, 10, 0); err != nil {
				return nil, err
			}
		}
		// No property of the basis beyond orthogonality is used.
		if err := add("the 120 digits themselves as indicator functions", digits, identity(120), 60, 10, 0); err != nil {
			return nil, err
		}
		r, err := Run(ctx, Config{Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		if !v.repeats && v.power == 1 {
			for _, p := range r.Points {
				f.Add(claim.Below(fmt.Sprintf("largest |Σ𝓛 - n| by Walsh transforms, n = %d, %d training sets", p.N, r.Config.Draws), 1e-12, p.SumError, claim.Exact))
			}
		}
		f.Note("Derivation: Σ_i φ_iφ_iᵀ/M = I for an orthonormal basis, so Σ𝓛 is the trace of the map from labels on the training points to outputs there, K(K+δI)⁻¹; without a ridge that is the identity of order n.")
		f.Note("%d training sets in all. A repeated example makes K singular: the sum is its rank, the number of distinct examples.", sets)
		fig := FigureLearning(r)
		f.Figure = &fig
		return f, nil
	}
}

func identity(n int) *mat.Dense {
	d := mat.NewDense(n, n, nil)
	for i := range n {
		d.Set(i, i, 1)
	}
	return d
}

// formula is a variant of the prediction: κ at times·n - less examples, with or without the ridge, 1-𝓛 to
// a power, with or without the factor in front.
type formula struct {
	times   float64
	less    int
	noRidge bool
	power   float64
	overfit bool
}

func (v formula) solve(levels []Level, n int, ridge float64) (*Theory, error) {
	if v.noRidge {
		ridge = 0
	}
	return Solve(levels, int(float64(n)*v.times)-v.less, ridge)
}

// of returns the predicted error for an eigenfunction of level k from n examples.
func (v formula) of(levels []Level, n int, ridge float64, k int) (float64, error) {
	t, err := v.solve(levels, n, ridge)
	if err != nil {
		return 0, err
	}
	e := math.Pow(1-t.Learn[k], v.power)
	if v.overfit {
		e *= t.Overfit
	}
	return e, nil
}

// ofPower is of for a target spread over the levels.
func (v formula) ofPower(levels []Level, n int, power []float64) (float64, error) {
	t, err := v.solve(levels, n, 0)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for k, p := range power {
		sum += math.Pow(1-t.Learn[k], v.power) * p
	}
	if v.overfit {
		sum *= t.Overfit
	}
	return sum, nil
}

func digitsCurve(v formula) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		x, y, err := data.D3v8()
		if err != nil {
			return nil, err
		}
		gram, err := ntk.TwoLayer(nil).GramContext(ctx, x)
		if err != nil {
			return nil, err
		}
		m := len(y)
		cfg := CurveConfig{Sizes: []int{m / 32, m / 16, m / 8, m / 4, m / 2}, Draws: 300, Seed: env.Seed}
		f := &claim.Finding{}
		names := []string{"true labels", "random labels"}
		var curves []*Curve
		for s, labels := range [][]float64{y, rng.Signs(rng.Stream(env.Seed, "labels"), m)} {
			c, err := RunCurve(ctx, gram, labels, cfg)
			if err != nil {
				return nil, err
			}
			curves = append(curves, c)
			for i, n := range cfg.Sizes {
				want, err := v.ofPower(c.levels(), n, c.Power)
				if err != nil {
					return nil, err
				}
				allowed, cause := .08, "8%, the theory's own error, and 4 s.e."
				switch {
				case s == 1:
					allowed, cause = .04, "4%, the theory's own error, and 4 s.e."
				case n > m/4:
					allowed, cause = .22, "22%, as observed where n is not small beside the data, and 4 s.e."
				case n > m/8:
					allowed, cause = .15, "15%, as observed where n is not small beside the data, and 4 s.e."
				}
				f.Add(claim.Equals(fmt.Sprintf("error from %d of %d digits, %s", n, m, names[s]), want, c.Measured[i].Mean, claim.Because(allowed*want+4*c.Measured[i].SE, cause)))
			}
			last := len(cfg.Sizes) - 1
			f.Note("%s: measured over predicted %.3f at n = %d and %.3f at n = %d; off the training digits the error is %.3f and %.3f.", names[s],
				c.Measured[0].Mean/c.Predicted[0], cfg.Sizes[0], c.Measured[last].Mean/c.Predicted[last], cfg.Sizes[last], c.OffSample[0].Mean, c.OffSample[last].Mean)
		}
		f.Note("Off the training digits, random labels never get below the error 1 of the zero function: a learning curve that bounds of the size of yᵀ(H*)⁻¹y only hint at.")
		fig := FigureCurves(names, curves)
		f.Figure = &fig
		return f, nil
	}
}

// golden holds independently computed predictions and means of 100 training sets for parities of 1, 2
// and 3 bits, by n; se where it is known.
var golden = map[int]struct {
	kappa    float64 // 0 where none is printed
	theory   [3]float64
	measured [3]float64
	se       [3]float64
}{
	16: {0, [3]float64{.3493, .9002, 1.1697}, [3]float64{.3404, .8966, 1.1698}, [3]float64{}},
	32: {.05617, [3]float64{.1253, .6215, 1.1014}, [3]float64{.1292, .647, 1.1004}, [3]float64{.003, .008, .007}},
	64: {.01972, [3]float64{.0273, .2719, .8565}, [3]float64{.0285, .2754, .8668}, [3]float64{}},
}

func learningCurves(v formula) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		if err := spectrumEvidence(ctx, f); err != nil {
			return nil, err
		}
		r, err := Run(ctx, Config{Sizes: []int{8, 16, 32, 64}, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		for _, p := range r.Points {
			g := golden[p.N]
			if g.kappa > 0 {
				f.Add(claim.Equals(fmt.Sprintf("κ at n = %d", p.N), g.kappa, p.Theory.Kappa, claim.Digits(1e-5)))
			}
			for j, k := range r.Config.Degrees {
				want, err := v.of(r.Levels, p.N, 0, k)
				if err != nil {
					return nil, err
				}
				f.Add(claim.Equals(fmt.Sprintf("measured error, n = %d, %s, %d training sets", p.N, r.target(k), r.Config.Draws), want, p.MSE[j].Mean, claim.Because(.08*want, "8%, the theory's own error at so few levels")))
				if g.theory[j] > 0 {
					f.Add(claim.Equals(fmt.Sprintf("predicted error, n = %d, %s", p.N, r.target(k)), g.theory[j], want, claim.Digits(1e-4)))
				}
				if g.measured[j] > 0 {
					se, cause := g.se[j], "sampling, 4 s.e. of the difference of two means of 100 training sets"
					if se == 0 {
						// Theirs is of one parity a training set, ours a mean over all parities of that many bits.
						known := golden[32]
						se, cause = g.measured[j]*known.se[j]/known.measured[j], cause+", the other's relative one as printed for n = 32"
					}
					f.Add(claim.Equals(fmt.Sprintf("measured error, n = %d, %s, against other draws", p.N, r.target(k)), g.measured[j], p.MSE[j].Mean,
						claim.Because(4*math.Hypot(se, p.MSE[j].SE), cause)))
				}
			}
		}
		middle := r.Points[2]
		for k, l := range middle.Learn {
			f.Add(claim.Equals(fmt.Sprintf("mean learnability of level %d, n = %d", k, middle.N), middle.Theory.Learn[k], l.Mean,
				claim.Because(.08*middle.Theory.Learn[k], "8%, the theory's own error")))
		}
		ridge, err := Run(ctx, Config{Sizes: []int{32}, Ridge: .5, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		p := ridge.Points[0]
		for j, k := range ridge.Config.Degrees {
			want, err := v.of(ridge.Levels, p.N, ridge.Config.Ridge, k)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(fmt.Sprintf("measured error with ridge δ = %g, n = %d, %s", ridge.Config.Ridge, p.N, ridge.target(k)), want, p.MSE[j].Mean, claim.Because(.08*want, "8%, the theory's own error")))
		}
		t, err := v.solve(ridge.Levels, p.N, ridge.Config.Ridge)
		if err != nil {
			return nil, err
		}
		deficit := float64(p.N) - t.Sum(ridge.Levels) // δ/κ
		f.Add(claim.Equals(fmt.Sprintf("n - Σ𝓛 with that ridge against δ/κ, n = %d", p.N), deficit, float64(p.N)-p.Sum.Mean, claim.Because(.1*deficit, "10%, the theory's own error")))

		f.Note("Errors are over all M points, training points included; off the training set they are larger by M/(M-n) when there is no ridge.")
		f.Note("With noisy labels the formula adds σ² to the sum. Where n is not small beside M it is then too high: a training point's own noise is seen at that point alone.")
		fig := FigureLearning(r)
		f.Figure = &fig
		return f, nil
	}
}

// oneDimension says whether the prediction fails, and whether by a factor that grows with n.
type oneDimension struct{ fails, grows bool }

// leastFactor bounds measured over predicted error at n = 8, 16, 32 from below, as observed, less 4 s.e.
var leastFactor = []float64{1.3, 2.5, 3}

func circleLimit(v oneDimension) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r, err := Run(ctx, Config{Circle: 256, Sizes: []int{8, 16, 32}, Degrees: []int{1, 2}, Draws: 800, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		last := len(r.Points) - 1
		for j, k := range r.Config.Degrees {
			var ratio []float64
			for i, p := range r.Points {
				ratio = append(ratio, p.MSE[j].Mean/p.Want[j])
				at := fmt.Sprintf("n = %d, %s", p.N, r.target(k))
				se := p.MSE[j].SE / p.Want[j]
				if v.fails {
					f.Add(claim.Above("measured over predicted error, less 4 s.e., "+at, leastFactor[i], ratio[i]-4*se, claim.Exact))
				} else {
					f.Add(claim.Equals("measured over predicted error, "+at, 1, ratio[i], claim.Because(.08+4*se, "8%, as on the cube, and 4 s.e.")))
				}
				f.Add(claim.Above("rank correlation of the error with the widest gap, "+at, .5, p.GapRank(j), claim.Exact))
			}
			growth := ratio[last] / ratio[0]
			name := fmt.Sprintf("the factor at n = %d over that at n = %d, %s", r.Points[last].N, r.Points[0].N, r.target(k))
			if v.grows {
				f.Add(claim.Above(name, 2, growth, claim.Exact))
			} else {
				f.Add(claim.Below(name, 1, growth, claim.Exact))
			}
			f.Note("%s: the factor is %.1f, %.1f, %.1f at n = 8, 16, 32; it hangs on a few bad draws, so its own standard error is up to %.0f%%.", r.target(k), ratio[0], ratio[1], ratio[2], 100*r.Points[last].MSE[j].SE/r.Points[last].MSE[j].Mean)
		}
		for _, p := range r.Points {
			f.Add(claim.Equals(fmt.Sprintf("largest |Σ𝓛 - n|, n = %d, %d training sets", p.N, r.Config.Draws), 0, p.SumError, claim.Because(p.SumBound, "rounding, 16n·2⁻⁵² times the condition number for the solve and M·2⁻⁵² for the sum")))
		}
		// A factor of 3 was found independently, on an unknown number of points. The number of points was
		// looked for: 64 of them, with n = 16, give it.
		few, err := Run(ctx, Config{Circle: 64, Sizes: []int{16}, Degrees: []int{1, 2}, Draws: 400, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		for j, k := range few.Config.Degrees {
			p := few.Points[0]
			factor := 3.0
			if !v.fails {
				factor = 1
			}
			f.Add(claim.Equals(fmt.Sprintf("measured over predicted error on 64 points, n = %d, %s", p.N, few.target(k)), factor, p.MSE[j].Mean/p.Want[j],
				claim.Because(4*p.MSE[j].SE/p.Want[j], fmt.Sprintf("sampling, 4 s.e. over %d training sets", few.Config.Draws))))
		}
		f.Note("The 3 is an independently printed factor whose number of points is unknown. At n = 16 the factor depends on it, and more on n: 64 points were chosen because they give about 3, while 256 points give from 2 at n = 8 to 5-6 at n = 32. That piece of evidence is a fit, not a test.")
		fig := FigureLimit(r)
		f.Figure = &fig
		return f, nil
	}
}

// spectrumEvidence reaches the eigenvalues of the cube by three routes.
func spectrumEvidence(ctx context.Context, f *claim.Finding) error {
	cube, err := NewCube(8, ntk.Kernel{Depth: 3})
	if err != nil {
		return err
	}
	levels := cube.Spectrum()
	for k, want := range []float64{1.156800, .132643, .028598, .007505} {
		f.Add(claim.Equals(fmt.Sprintf("eigenvalue of parities of %d bits, depth 3", k), want, levels[k].Lambda, claim.Digits(1e-6)))
	}
	gram := cube.Gram()
	row := mat.Row(nil, 0, gram)
	Walsh(row)
	walsh := 0.0
	var all []float64
	for k, l := range levels {
		for _, s := range cube.parities(k) {
			walsh = max(walsh, math.Abs(row[s]/float64(cube.Size())-l.Lambda))
			all = append(all, l.Lambda)
		}
	}
	dense, _, err := linalg.EigenSymContext(ctx, gram)
	if err != nil {
		return err
	}
	slices.Sort(all)
	slices.Reverse(all)
	off := 0.0
	for i, l := range dense {
		off = max(off, math.Abs(l/float64(cube.Size())-all[i]))
	}
	f.Add(
		claim.Equals("all 256 eigenvalues, Krawtchouk sums against a Walsh transform, largest difference", 0, walsh, claim.Rounding(levels[0].Lambda, 64)),
		claim.Equals("the same against a dense eigenvalue problem", 0, off, claim.Rounding(levels[0].Lambda, 256)),
	)
	return nil
}
