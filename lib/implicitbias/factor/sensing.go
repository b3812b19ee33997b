package factor

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// SensingConfig is an experiment on (1/m)·Σ(⟨A_i, UUᵀ⟩ - y_i)² with y_i = ⟨A_i, M⟩, M = uuᵀ, ‖u‖ = 1:
// gradient descent from U = aI has many minimizers of value 0 to choose from, and a decides which one it
// takes. The zero value is the setting of the claim.
type SensingConfig struct {
	Dim          int       // d; 0 means 10
	Measurements int       // m; 0 means 25, fewer than the d(d+1)/2 entries of a symmetric matrix
	Scales       []float64 // of the start a; nil means 1e-3, 0.1 and 1
	Draws        int       // of M and A; 0 means 5
	Steps        int       // at most; 0 means 10000
	Rate         float64   // step η; 0 means 0.03
	Tolerance    float64   // of the mean squared residual, where a run ends; 0 means 1e-8
	Seed         uint64    // stream "factor/sensing/k" is draw k
}

// SensingRun is where one run ended.
type SensingRun struct {
	Scale    float64 // a
	Error    float64 // ‖UUᵀ - M‖_F; ‖M‖_F = 1
	Nuclear  float64 // nuclear norm of UUᵀ, which is ‖U‖_F²; that of M is 1
	Residual float64 // mean squared
	Steps    int
}

// SensingResult holds the runs, Runs[k][i] of draw k from scale i.
type SensingResult struct {
	Config SensingConfig // with its defaults
	Runs   [][]SensingRun
}

func (c SensingConfig) withDefaults() SensingConfig {
	if c.Dim == 0 {
		c.Dim = 10
	}
	if c.Measurements == 0 {
		c.Measurements = 25
	}
	if c.Scales == nil {
		c.Scales = []float64{1e-3, .1, 1}
	}
	if c.Draws == 0 {
		c.Draws = 5
	}
	if c.Steps == 0 {
		c.Steps = 10000
	}
	if c.Rate == 0 {
		c.Rate = .03
	}
	if c.Tolerance == 0 {
		c.Tolerance = 1e-8
	}
	return c
}

// RunSensing makes the runs on all processors: gradient descent on U with
//
//	∇ = (4/m)·Σ(⟨A_i, UUᵀ⟩ - y_i)·A_i U,
//
// A_i = (G + Gᵀ)/2 with standard normal G. A run that does not reach the tolerance says so by its
// Residual; one that diverges is an error. A step costs O(md² + d³). Gunasekar et al. 2017, Li, Ma and
// Zhang 2018.
func RunSensing(ctx context.Context, cfg SensingConfig) (*SensingResult, error) {
	const fn = "factor.RunSensing"
	c := cfg.withDefaults()
	if c.Dim < 2 || c.Measurements < 1 || c.Draws < 1 || c.Steps < 1 || len(c.Scales) == 0 {
		return nil, fmt.Errorf("%s: %d dimensions, %d measurements, %d draws, %d steps and %d scales, want 2, 1, 1, 1 and 1 or more", fn, c.Dim, c.Measurements, c.Draws, c.Steps, len(c.Scales))
	}
	for _, a := range c.Scales {
		if !(a > 0 && a <= 10) {
			return nil, fmt.Errorf("%s: start of scale %v, want a number in (0, 10]", fn, a)
		}
	}
	if !(c.Rate > 0 && c.Tolerance > 0) {
		return nil, fmt.Errorf("%s: rate %v and tolerance %v, want positive numbers", fn, c.Rate, c.Tolerance)
	}
	r := &SensingResult{Config: c, Runs: make([][]SensingRun, c.Draws)}
	for k := range r.Runs {
		r.Runs[k] = make([]SensingRun, len(c.Scales))
	}
	n := c.Draws * len(c.Scales)
	faults := make([]error, n)
	err := linalg.Parallel(ctx, n, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			k, s := i/len(c.Scales), i%len(c.Scales)
			r.Runs[k][s], faults[i] = c.run(ctx, k, c.Scales[s])
		}
	})
	if err != nil {
		return nil, err
	}
	for _, err := range faults {
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
	}
	return r, nil
}

// run is one run of draw k from scale a.
func (c SensingConfig) run(ctx context.Context, k int, a float64) (SensingRun, error) {
	d, m := c.Dim, c.Measurements
	src := rng.Stream(c.Seed, fmt.Sprintf("factor/sensing/%d", k))
	u := rng.Normals(src, d)
	floats.Scale(1/floats.Norm(u, 2), u)
	as := make([]float64, 0, m*d*d) // [m][d·d]
	y := make([]float64, m)
	for i := range m {
		g := rng.Normals(src, d*d)
		for p := range d {
			for q := range d {
				v := (g[p*d+q] + g[q*d+p]) / 2
				as = append(as, v)
				y[i] += v * u[p] * u[q]
			}
		}
	}
	x := mat.NewDense(d, d, nil) // U
	for p := range d {
		x.Set(p, p, a)
	}
	prod, grad, weight := mat.NewDense(d, d, nil), mat.NewDense(d, d, nil), mat.NewDense(d, d, nil)
	out := SensingRun{Scale: a}
	for {
		prod.Mul(x, x.T())
		w := weight.RawMatrix().Data
		clear(w)
		out.Residual = 0
		for i := range m {
			ai := as[i*d*d : (i+1)*d*d]
			res := floats.Dot(ai, prod.RawMatrix().Data) - y[i]
			out.Residual += res * res / float64(m)
			floats.AddScaled(w, 4*c.Rate/float64(m)*res, ai)
		}
		if math.IsNaN(out.Residual) || out.Residual > 1e12 {
			return out, fmt.Errorf("the run from %g diverges at step %d with rate %g", a, out.Steps, c.Rate)
		}
		if out.Residual < c.Tolerance || out.Steps == c.Steps {
			break
		}
		grad.Mul(weight, x)
		x.Sub(x, grad)
		if out.Steps++; out.Steps%500 == 0 && ctx.Err() != nil {
			return out, ctx.Err()
		}
	}
	sum := 0.0
	for p := range d {
		out.Nuclear += prod.At(p, p) // the trace of a positive semidefinite matrix
		for q := range d {
			e := prod.At(p, q) - u[p]*u[q]
			sum += e * e
		}
	}
	out.Error = math.Sqrt(sum)
	return out, nil
}

// Medians are the median errors of the scales over the draws.
func (r *SensingResult) Medians() []float64 {
	out := make([]float64, len(r.Config.Scales))
	for i := range out {
		var e []float64
		for _, draw := range r.Runs {
			e = append(e, draw[i].Error)
		}
		slices.Sort(e)
		out[i] = (e[(len(e)-1)/2] + e[len(e)/2]) / 2
	}
	return out
}
