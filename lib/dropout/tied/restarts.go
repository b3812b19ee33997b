package tied

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// RestartConfig is a search for minima from random starts; the zero value is the quick preset.
type RestartConfig struct {
	Starts int       // 0 means 40
	Scales []float64 // standard deviation of the entries of the starts, in turn; nil means 0.05, 0.5, 2
	Steps  int       // of L-BFGS; 0 means 3000
	Seed   uint64
}

// End is where one start led.
type End struct {
	Scale    float64
	Value    float64   // L_θ
	Gap      float64   // of the lengths of the columns, Gap
	Gradient float64   // ‖∇L_θ‖_∞
	Spectrum []float64 // eigenvalues of UUᵀ, falling
	U        []float64 // by rows
}

// RestartResult is what a search found.
type RestartResult struct {
	Config RestartConfig
	Ends   []End
	Least  float64 // the global minimum by Theorem 11.3.1
}

// Restarts runs L-BFGS from random starts, on all processors, until ‖∇L_θ‖_∞ ≤ 1e-10 or rounding stops it.
// A start knows nothing of M. Errors are a negative number of starts or steps, a scale that is not positive,
// a done context. Cost about 100 gradients a start.
func Restarts(ctx context.Context, m *Model, cfg RestartConfig) (*RestartResult, error) {
	const fn = "tied.Restarts"
	if cfg.Starts == 0 {
		cfg.Starts = 40
	}
	if cfg.Scales == nil {
		cfg.Scales = []float64{.05, .5, 2}
	}
	if cfg.Steps == 0 {
		cfg.Steps = 3000
	}
	if cfg.Starts < 0 || cfg.Steps < 0 {
		return nil, fmt.Errorf("%s: %d starts of %d steps, want neither negative", fn, cfg.Starts, cfg.Steps)
	}
	for i, s := range cfg.Scales {
		if !(s > 0) || math.IsInf(s, 1) {
			return nil, fmt.Errorf("%s: scale %d is %g, want a positive number", fn, i, s)
		}
	}
	res := &RestartResult{Config: cfg, Ends: make([]End, cfg.Starts), Least: m.Minimum().Value}
	failed := make([]error, cfg.Starts)
	err := linalg.Parallel(ctx, cfg.Starts, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			scale := cfg.Scales[i%len(cfg.Scales)]
			x := rng.Normals(rng.Stream(cfg.Seed, fmt.Sprintf("tied/start/%d", i)), m.d0*m.d1)
			floats.Scale(scale, x)
			end, err := m.descend(ctx, x, cfg.Steps)
			if err != nil {
				failed[i] = err
				continue
			}
			end.Scale = scale
			res.Ends[i] = *end
		}
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	for i, e := range failed {
		if e != nil {
			return nil, fmt.Errorf("%s: start %d: %w", fn, i, e)
		}
	}
	return res, nil
}

// descend is L-BFGS from x.
func (m *Model) descend(ctx context.Context, x []float64, steps int) (*End, error) {
	o := m.Objective()
	problem := optimize.Problem{
		Func: o.Value, Grad: o.Gradient,
		Status: func() (optimize.Status, error) { return optimize.NotTerminated, ctx.Err() },
	}
	settings := &optimize.Settings{GradientThreshold: 1e-10, MajorIterations: steps, Converger: optimize.NeverTerminate{}}
	// A line search that finds no lower value has come to the precision of the values: what it stopped at is
	// the answer, and its gradient says how good it is.
	r, err := optimize.Minimize(problem, x, settings, &optimize.LBFGS{})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if r == nil {
		return nil, err
	}
	end := &End{Value: r.F, U: r.X}
	g := make([]float64, o.Dim)
	o.Gradient(g, r.X)
	end.Gradient = floats.Norm(g, math.Inf(1))
	u := m.point(r.X)
	end.Gap = Gap(u)
	p := mat.NewSymDense(m.d0, nil)
	p.SymOuterK(1, u)
	if end.Spectrum, err = linalg.EigenvaluesSym(p); err != nil {
		return nil, err
	}
	return end, nil
}

// Worst returns the largest distance of an end's value to the global minimum and the largest gap.
func (r *RestartResult) Worst() (value, gap float64) {
	for _, e := range r.Ends {
		value, gap = max(value, math.Abs(e.Value-r.Least)), max(gap, e.Gap)
	}
	return value, gap
}
