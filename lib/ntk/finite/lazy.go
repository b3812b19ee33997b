package finite

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// LazyConfig describes the experiment behind Lemma 9.2.3: two-layer networks of growing width, first
// layer trained by full-batch gradient descent on digits 3 against 8, watched for how far they leave
// their own linearisation. The zero value is Quick.
//
// Quick (widths 100, 400, 1600, three seeds, about 1.4 s of processor time on simd) finds
// movement and trajectory error falling as m^(-1/2) within ±0.12 and the drift of H falling faster,
// about m^(-3/4).
type LazyConfig struct {
	Widths       []int         // m, all neurons counted; nil means 100, 400, 1600
	Seeds        int           // networks a width; 0 means 3
	LastSeeds    int           // networks of the last width, most of the time of a run; 0 means Seeds
	Train        int           // n; 0 means 50
	LearningRate float64       // η; 0 means 0.05
	Steps        int           // 0 means 400
	Every        int           // steps between observations; 0 means 20
	Activation   nn.Activation // empty means ReLU
	InitScale    float64       // standard deviation of w_r(0); 0 means 1
	Plain        bool          // independent neurons: u(0) ≠ 0. The default is the antisymmetric pairing
	RandomLabels bool          // uniform ±1 labels instead of the digits'
	WatchEigen   bool          // follow the smallest eigenvalue of H at every observed step, not just at both ends
	Seed         uint64        // streams "init/<m>/<k>" and "labels" derive from it

	// ScalePower is p in the output scale s = m^(-p); 0 means 1/2, the kernel scaling. The step is
	// multiplied by m^(2p-1), so that the kernel keeps its size and only the movement changes.
	ScalePower float64

	// LabelPower multiplies the labels by (m/Widths[0])^LabelPower. With 0 they are bounded as
	// Remark 1 assumes.
	LabelPower float64

	Progress func(done, total int) `json:"-"` // may be nil
}

// PaperLazy is the setting of the reference table: widths up to 6400 and five seeds. It takes about
// 9 s of processor time on simd.
func PaperLazy() LazyConfig { return LazyConfig{Widths: []int{100, 400, 1600, 6400}, Seeds: 5} }

func (c LazyConfig) withDefaults() LazyConfig {
	if c.Widths == nil {
		c.Widths = []int{100, 400, 1600}
	}
	setDefault(&c.Seeds, 3)
	setDefault(&c.LastSeeds, c.Seeds)
	setDefault(&c.Train, 50)
	setDefault(&c.LearningRate, 0.05)
	setDefault(&c.Steps, 400)
	setDefault(&c.Every, 20)
	setDefault(&c.InitScale, 1)
	setDefault(&c.ScalePower, 0.5)
	if c.Activation == "" {
		c.Activation = nn.ReLU
	}
	return c
}

// setDefault replaces a zero.
func setDefault[T int | float64](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

func (c LazyConfig) validate() error {
	var errs []error
	for _, m := range c.Widths {
		if m < 2 || m%2 != 0 {
			errs = append(errs, fmt.Errorf("width %d, want an even number of neurons", m))
		}
	}
	if len(c.Widths) == 0 {
		errs = append(errs, errors.New("no widths"))
	}
	if c.Seeds < 1 || c.LastSeeds < 1 || c.Steps < 1 || c.Every < 1 || c.Steps%c.Every != 0 {
		errs = append(errs, fmt.Errorf("%d seeds, %d steps observed every %d, want positive numbers and a multiple", c.Seeds, c.Steps, c.Every))
	}
	if !(c.LearningRate > 0) || !(c.InitScale > 0) {
		errs = append(errs, fmt.Errorf("learning rate %g, initial scale %g, want both > 0", c.LearningRate, c.InitScale))
	}
	if err := errors.Join(append(errs, c.Activation.Validate())...); err != nil {
		return fmt.Errorf("finite.RunLazy: %w", err)
	}
	return nil
}

// LazyRun is one network. Norms of matrices are spectral.
type LazyRun struct {
	InitError  float64 // ‖H(0)-H*‖/λ₁
	InitErrorF float64 // ‖H(0)-H*‖_F/λ₁
	Drift      float64 // ‖H(T)-H(0)‖/λ₁
	Move       float64 // max_r ‖w_r(T)-w_r(0)‖
	MoveRMS    float64 // root of the mean over r of ‖w_r(T)-w_r(0)‖²
	Flips      float64 // fraction of gates 1[w_rᵀx_i > 0] that differ between 0 and T
	TrainError float64 // max over observed steps of the RMS distance of u to the kernel's trajectory
	NoStart    float64 // the same with u(0) left out of the kernel's trajectory
	TestError  float64 // RMS distance of f to the kernel predictor on the test rows, last step
	Start      float64 // RMS of u(0)
	Loss       float64 // ‖u-y‖²/n at the end
	Path       float64 // Σ_k η·Σ_i|u_i-y_i|, the integral of the proof
	MinEigen   float64 // smallest eigenvalue of H at both ends, with WatchEigen at every observed step
	MidMove    float64 // max_r ‖w_r-w_r(0)‖ at half the steps
	MidPath    float64 // Path at half the steps
	MidLoss    float64 // ‖u-y‖²/n at half the steps
	EntryDrift float64 // max_ij |H_ij(T)-H_ij(0)|/|x_iᵀx_j|
	GateDrift  float64 // max_ij of the mean over r of |σ'σ'(T)-σ'σ'(0)|: the same before neurons cancel

	TestNoStart float64 // TestError with f₀ left out of the predictor
}

// LazyWidth gathers the networks of one width.
type LazyWidth struct {
	Width int
	Scale float64 // s
	Runs  []LazyRun
}

// LazyResult holds the experiment. Lambda are the eigenvalues of H*, descending; LabelNorm is ‖y‖ at
// the first width, which the explicit bounds need.
type LazyResult struct {
	Config    LazyConfig
	Lambda    []float64
	LabelNorm float64
	GramNorm  float64 // largest eigenvalue of XXᵀ: no drift of H can exceed it while 0 ≤ σ'σ' ≤ 1 and XXᵀ has no negative entry
	Widths    []LazyWidth
}

// Column returns one quantity of every run of the width.
func (w LazyWidth) Column(f func(LazyRun) float64) []float64 {
	out := make([]float64, len(w.Runs))
	for i, r := range w.Runs {
		out[i] = f(r)
	}
	return out
}

// Mean returns the mean of one quantity over the width's runs and its standard error (0 for one run).
func (w LazyWidth) Mean(f func(LazyRun) float64) (mean, se float64) {
	v := w.Column(f)
	if len(v) < 2 {
		return v[0], 0
	}
	m, s := stat.MeanStdDev(v, nil)
	return m, s / math.Sqrt(float64(len(v)))
}

// Slope fits log(mean) against log(width): the exponent with which a quantity changes with m.
func (r *LazyResult) Slope(f func(LazyRun) float64) float64 {
	var x, y []float64
	for _, w := range r.Widths {
		m, _ := w.Mean(f)
		x, y = append(x, math.Log(float64(w.Width))), append(y, math.Log(m))
	}
	_, slope := stat.LinearRegression(x, y, nil, false)
	return slope
}

// RunLazy trains the networks and measures them. The kernel side (H*, the trajectory under it, H(t))
// is computed on the host from formulas; outputs and gradients come from the graph.
func RunLazy(ctx context.Context, b backends.Backend, cfg LazyConfig) (*LazyResult, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	x, digits, testX, _, err := digitPair(cfg.Train)
	if err != nil {
		return nil, err
	}
	act, err := ntk.ActivationByName(string(cfg.Activation))
	if err != nil {
		return nil, err
	}
	if cfg.RandomLabels {
		digits = rng.Signs(rng.Stream(cfg.Seed, "labels"), cfg.Train)
	}
	kernel := ntk.TwoLayer(act)
	limitX, limitTest := scaled(x, cfg.InitScale), scaled(testX, cfg.InitScale)
	// w ~ N(0, κ²I) at x is w/κ ~ N(0, I) at κx; the gradient with respect to w keeps x, hence 1/κ².
	limit, err := kernel.GramContext(ctx, limitX)
	if err != nil {
		return nil, err
	}
	cross, err := kernel.CrossContext(ctx, limitTest, limitX)
	if err != nil {
		return nil, err
	}
	limit.ScaleSym(1/(cfg.InitScale*cfg.InitScale), limit)
	cross.Scale(1/(cfg.InitScale*cfg.InitScale), cross)
	th, err := newTheory(limit, cfg.LearningRate)
	if err != nil {
		return nil, err
	}
	res := &LazyResult{Config: cfg, Lambda: th.lambda}
	res.Config.Progress = nil
	var gram mat.SymDense
	gram.SymOuterK(1, x)
	if res.GramNorm, err = linalg.SpectralNorm(&gram); err != nil {
		return nil, err
	}
	res.LabelNorm = mat.Norm(mat.NewVecDense(len(digits), digits), 2)
	descents := make([]*descent, len(cfg.Widths))
	defer func() {
		for _, d := range descents {
			if d != nil {
				d.close()
			}
		}
	}()
	type job struct{ width, net int }
	var jobs []job
	for i, m := range cfg.Widths {
		seeds := cfg.Seeds
		if i == len(cfg.Widths)-1 {
			seeds = cfg.LastSeeds
		}
		for k := range seeds {
			jobs = append(jobs, job{i, k})
		}
		net := nn.TwoLayer{Inputs: 64, Width: m, Activation: cfg.Activation, InitScale: cfg.InitScale, Antisymmetric: !cfg.Plain}
		if descents[i], err = newDescent(b, net, x, cfg.Every); err != nil {
			return nil, err
		}
		res.Widths = append(res.Widths, LazyWidth{Width: m, Scale: math.Pow(float64(m), -cfg.ScalePower), Runs: make([]LazyRun, seeds)})
	}
	err = each(ctx, len(jobs), cfg.Progress, func(ctx context.Context, j int) error {
		i, k := jobs[j].width, jobs[j].net
		w := &res.Widths[i]
		y := make([]float64, len(digits))
		for j := range y {
			y[j] = digits[j] * math.Pow(float64(w.Width)/float64(cfg.Widths[0]), cfg.LabelPower)
		}
		p, err := descents[i].net.Init(rng.Stream(cfg.Seed, fmt.Sprintf("init/%d/%d", w.Width, k)))
		if err != nil {
			return err
		}
		run, err := lazyRun(ctx, descents[i], p, y, w.Scale, cfg, limit, cross, testX, th)
		if err == nil {
			w.Runs[k] = *run
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return res, nil
}

func lazyRun(ctx context.Context, d *descent, p *nn.TwoLayerParams, y []float64, scale float64, cfg LazyConfig, limit *mat.SymDense, cross, testX *mat.Dense, th *theory) (*LazyRun, error) {
	net, m := d.net, float64(d.net.Width)
	// In units of the kernel scaling: s²m times the kernel, η/(s²m) times the step.
	gain := scale * scale * m
	unit := scale / math.Sqrt(gain)
	h0 := FirstLayerKernel(net, d.x, p, unit)
	u0, err := d.outputs(d.x, p, scale)
	if err != nil {
		return nil, err
	}
	f0, err := d.outputs(testX, p, scale)
	if err != nil {
		return nil, err
	}
	run := &LazyRun{MinEigen: math.Inf(1), Start: rms(u0, nil)}
	smallest := func(h *mat.SymDense) error {
		l, err := linalg.EigenvaluesSym(h)
		if err == nil {
			run.MinEigen = min(run.MinEigen, l[len(l)-1])
		}
		return err
	}
	if err := smallest(h0); err != nil {
		return nil, err
	}
	half := cfg.Steps / cfg.Every / 2 * cfg.Every
	t, err := d.run(ctx, p, y, scale, cfg.LearningRate/gain, cfg.Steps, cfg.Every, func(k int, u []float64, w *mat.Dense) error {
		run.TrainError = max(run.TrainError, rms(u, th.outputs(y, u0, k)))
		run.NoStart = max(run.NoStart, rms(u, th.outputs(y, nil, k)))
		if k == half {
			run.MidMove, _ = movement(w, p.W)
			run.MidLoss = math.Pow(rms(u, y), 2)
		}
		if cfg.WatchEigen && k > 0 && k < cfg.Steps {
			return smallest(FirstLayerKernel(net, d.x, &nn.TwoLayerParams{W: w, A: p.A}, unit))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	end := &nn.TwoLayerParams{W: t.W, A: p.A}
	hT := FirstLayerKernel(net, d.x, end, unit)
	if err := smallest(hT); err != nil {
		return nil, err
	}
	if run.InitError, err = distance(h0, limit); err != nil {
		return nil, err
	}
	if run.Drift, err = distance(hT, h0); err != nil {
		return nil, err
	}
	var diff mat.Dense
	diff.Sub(h0, limit)
	run.InitErrorF = mat.Norm(&diff, 2)
	for _, v := range []*float64{&run.InitError, &run.InitErrorF, &run.Drift} {
		*v /= th.lambda[0]
	}
	run.Move, run.MoveRMS = movement(t.W, p.W)
	before, after := net.HostPreActivations(d.x, p), net.HostPreActivations(d.x, end)
	run.Flips = flips(before, after)
	run.EntryDrift, run.GateDrift = entryDrift(net, before, after)
	last := t.U[len(t.U)-1]
	run.Loss = math.Pow(rms(last, y), 2)
	run.Path = t.Path[len(t.Path)-1] * gain // η was divided by the gain
	for i, k := range t.Steps {
		if k == half {
			run.MidPath = t.Path[i] * gain
		}
	}
	f, err := d.outputs(testX, end, scale)
	if err != nil {
		return nil, err
	}
	run.TestError = rms(f, th.predict(cross, y, u0, f0, cfg.Steps))
	run.TestNoStart = rms(f, th.predict(cross, y, u0, nil, cfg.Steps))
	return run, nil
}

// entryDrift returns the largest over i, j of |(1/m)Σ_r (σ'σ'(T)-σ'σ'(0))|, which is an entry's drift
// over |x_iᵀx_j|, and of the same with absolute values inside the sum, from pre-activations n×m. The
// proof of Lemma 9.2.3 bounds each term of the sum, hence both.
func entryDrift(net nn.TwoLayer, before, after *mat.Dense) (entry, gate float64) {
	n, m := before.Dims()
	slopes := func(z *mat.Dense) *mat.Dense {
		var s mat.Dense
		s.Apply(func(_, _ int, v float64) float64 { return net.Sigma().Slope(v) }, z)
		return &s
	}
	a, b := slopes(before), slopes(after)
	for i := range n {
		for j := i; j < n; j++ {
			ai, aj, bi, bj := a.RawRowView(i), a.RawRowView(j), b.RawRowView(i), b.RawRowView(j)
			sum, size := 0.0, 0.0
			for r := range m {
				d := bi[r]*bj[r] - ai[r]*aj[r]
				sum, size = sum+d, size+math.Abs(d)
			}
			entry, gate = max(entry, math.Abs(sum)/float64(m)), max(gate, size/float64(m))
		}
	}
	return entry, gate
}
