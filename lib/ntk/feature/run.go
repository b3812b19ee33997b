package feature

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// Config describes the dial: networks trained from one start at several output scales. The zero value
// is Quick.
//
// Quick (scales 0.1, 1, 10, 100, three seeds, about 0.8 s of processor time on simd)
// finds test errors of 0.04 to 0.09 at α = 0.1 and of 0.2 to 0.4 at α = 100, where the kernel's is the
// same within 0.005, and a drift of H that falls as 1/α.
type Config struct {
	Alphas     []float64     // output scales α, increasing; nil means 0.1, 1, 10, 100
	Seeds      int           // teachers, data sets and starts; 0 means 3
	Inputs     int           // d; 0 means 10
	Train      int           // n; 0 means 100
	Test       int           // test points; 0 means 400
	Width      int           // m; 0 means 64
	Activation nn.Activation // empty means softplus, to whose slope the rate 1/α belongs
	Teacher    Teacher       // empty means Abs
	Rate       float64       // step size η; 0 means 0.1
	Steps      int           // 0 means 600
	Paired     bool          // antisymmetric start: the centring f - f₀ is then of zero

	// Uncentred leaves f₀ in the model, α·f instead of α·(f - f₀): what the start happens to say is
	// multiplied by α too, and is noise to everything after. A counterexample, for independent neurons.
	Uncentred bool

	Seed uint64 // streams "data/<k>" and "init/<k>" derive from it

	Progress func(done, total int) `json:"-"` // may be nil
}

func (c Config) withDefaults() Config {
	if c.Alphas == nil {
		c.Alphas = []float64{.1, 1, 10, 100}
	}
	for _, d := range []struct {
		at    *int
		value int
	}{{&c.Seeds, 3}, {&c.Inputs, 10}, {&c.Train, 100}, {&c.Test, 400}, {&c.Width, 64}, {&c.Steps, 600}} {
		if *d.at == 0 {
			*d.at = d.value
		}
	}
	if c.Activation == "" {
		c.Activation = nn.Softplus
	}
	if c.Teacher == "" {
		c.Teacher = Abs
	}
	if c.Rate == 0 {
		c.Rate = .1
	}
	return c
}

func (c Config) validate() error {
	var errs []error
	last := 0.0
	for _, a := range c.Alphas {
		if !(a > last) || math.IsInf(a, 0) {
			errs = append(errs, fmt.Errorf("output scale %g after %g, want positive, finite and increasing scales", a, last))
		}
		last = a
	}
	if len(c.Alphas) == 0 {
		errs = append(errs, errors.New("no output scales"))
	}
	if c.Seeds < 1 || c.Inputs < 2 || c.Train < 2 || c.Test < 2 || c.Steps < 1 {
		errs = append(errs, fmt.Errorf("%d seeds, %d inputs, %d training and %d test points, %d steps, want at least 1, 2, 2, 2 and 1", c.Seeds, c.Inputs, c.Train, c.Test, c.Steps))
	}
	if !(c.Rate > 0) || math.IsInf(c.Rate, 0) {
		errs = append(errs, fmt.Errorf("step size %g, want > 0", c.Rate))
	}
	errs = append(errs, c.Activation.Validate(), c.Teacher.Validate(), c.network().Validate())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("feature.Run: %w", err)
	}
	return nil
}

func (c Config) network() nn.TwoLayer {
	return nn.TwoLayer{Inputs: c.Inputs, Width: c.Width, Activation: c.Activation, Antisymmetric: c.Paired}
}

// Point is one network at one time.
type Point struct {
	Train     float64 // mean square of the residual on the training set
	Test      float64 // test error of the network
	Distance  float64 // RMS over test points of network less kernel, over the labels' standard deviation
	Alignment float64 // A(t)
	Drift     float64 // ‖H(t)-H(0)‖_F/‖H(0)‖_F
	Share     float64 // ‖Wβ‖²/‖W‖_F², the part of the first layer along the teacher; 1/d by chance
}

// Track is the training of one network: one seed, one α.
type Track struct {
	Points []Point // at Result.Step
	After  float64 // test error of kernel regression with H at the end, at its best ridge
}

// Baseline is the kernel side of one seed: the network's own linearisation at the start, which no α
// changes, trained by the same steps, and the best that the kernel can do.
type Baseline struct {
	Train, Test []float64 // at Result.Step
	Ridge       float64   // test error of regression with H(0), ridge chosen on the test set
	Stopped     float64   // test error of gradient descent under H(0), time chosen on the test set
	Limit       float64   // test error of regression with H*, ridge chosen on the test set
}

// Best is the smallest test error of the three: a lower bound for what any rule of stopping or
// regularising could have reached with the kernel.
func (b Baseline) Best() float64 { return min(b.Ridge, b.Stopped, b.Limit) }

// Result holds the dial: Tracks[a][k] of scale a and seed k, Kernels[k] of seed k. Step lists the
// observed steps, 0 first.
type Result struct {
	Config  Config
	Step    []int
	Tracks  [][]Track
	Kernels []Baseline
}

// Time returns ηk at the observed steps.
func (r *Result) Time() []float64 {
	out := make([]float64, len(r.Step))
	for i, k := range r.Step {
		out[i] = r.Config.Rate * float64(k)
	}
	return out
}

// Mean returns the mean over seeds of a quantity at scale a and observation i.
func (r *Result) Mean(a, i int, of func(Point) float64) float64 {
	sum := 0.0
	for _, t := range r.Tracks[a] {
		sum += of(t.Points[i])
	}
	return sum / float64(len(r.Tracks[a]))
}

// End is Mean at the last observation.
func (r *Result) End(a int, of func(Point) float64) float64 { return r.Mean(a, len(r.Step)-1, of) }

// Slope fits log(End) against log α over the scales from index a on: the exponent with which a
// quantity changes with α.
func (r *Result) Slope(a int, of func(Point) float64) float64 {
	var x, y []float64
	for i := a; i < len(r.Config.Alphas); i++ {
		x, y = append(x, math.Log(r.Config.Alphas[i])), append(y, math.Log(r.End(i, of)))
	}
	_, slope := stat.LinearRegression(x, y, nil, false)
	return slope
}

// observed returns 0, 1, 2, 3, 5, ... up to the last step, about evenly spaced in the logarithm.
func observed(steps int) []int {
	out := []int{0}
	for v := 1.0; int(math.Round(v)) < steps; v *= math.Sqrt2 {
		if k := int(math.Round(v)); k > out[len(out)-1] {
			out = append(out, k)
		}
	}
	return append(out, steps)
}

// Run trains the networks, side by side on all processors, and measures them. Outputs and gradients
// come from the graph; kernels, trajectories under them and all measures are computed on the host.
func Run(ctx context.Context, b backends.Backend, cfg Config) (*Result, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	d, err := newDescent(b, cfg.network())
	if err != nil {
		return nil, fmt.Errorf("feature.Run: %w", err)
	}
	defer d.close()
	res := &Result{Config: cfg, Step: observed(cfg.Steps), Tracks: make([][]Track, len(cfg.Alphas)), Kernels: make([]Baseline, cfg.Seeds)}
	res.Config.Progress = nil
	for a := range res.Tracks {
		res.Tracks[a] = make([]Track, cfg.Seeds)
	}
	for k := range cfg.Seeds {
		p := draw(rng.Stream(cfg.Seed, fmt.Sprintf("data/%d", k)), cfg.Teacher, cfg.Inputs, cfg.Train, cfg.Test)
		start, err := cfg.network().Init(rng.Stream(cfg.Seed, fmt.Sprintf("init/%d", k)))
		if err != nil {
			return nil, err
		}
		l, err := linearise(ctx, cfg, p, start)
		if err != nil {
			return nil, fmt.Errorf("feature.Run: seed %d: %w", k, err)
		}
		if res.Kernels[k], err = l.baseline(ctx, res.Step); err != nil {
			return nil, fmt.Errorf("feature.Run: seed %d: %w", k, err)
		}
		errs := make([]error, len(cfg.Alphas))
		err = linalg.Parallel(ctx, len(cfg.Alphas), 1, func(lo, hi int) {
			for a := lo; a < hi; a++ {
				var t *Track
				if t, errs[a] = d.track(ctx, cfg, cfg.Alphas[a], res.Step, p, start, l); errs[a] == nil {
					res.Tracks[a][k] = *t
				}
			}
		})
		for _, e := range append(errs, err) { // the first alone: cancellation is every network's error
			if e != nil {
				return nil, fmt.Errorf("feature.Run: seed %d: %w", k, e)
			}
		}
		if cfg.Progress != nil {
			cfg.Progress(k+1, cfg.Seeds)
		}
	}
	return res, nil
}

// square returns the mean square of a-b over the variance of b, b being labels.
func square(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return sum / float64(len(a)) / variance(b)
}

func variance(y []float64) float64 {
	_, v := stat.PopMeanVariance(y, nil)
	return v
}

// share is ‖Wβ‖²/‖W‖_F².
func share(w *mat.Dense, beta []float64) float64 {
	var along mat.VecDense
	along.MulVec(w, mat.NewVecDense(len(beta), beta))
	total := mat.Norm(w, 2)
	return mat.Dot(&along, &along) / (total * total)
}
