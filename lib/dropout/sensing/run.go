package sensing

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/dropout"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Case is one way to train: a rate of dropout, and the scale of the normal entries of the start.
type Case struct {
	Rate  float64
	Start float64
}

// Config describes an experiment: a matrix of low rank is sensed with fewer numbers than it has entries,
// and factors of full width are trained on L_drop at several rates. The zero value is the quick preset of
// one draw.
type Config struct {
	Size    int    // d₂ = d₀; 0 means 12
	Width   int    // d₁; 0 means Size
	Rank    int    // of M*; 0 means 2
	Samples int    // n; 0 means 100
	Cases   []Case // nil means rates 0, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9 from scale 1, and 0 from 0.1, 0.01 and 0.001
	Draws   int    // of M*, sensing matrices and starts; 0 means 1
	Seed    uint64

	Tolerance  float64 // largest entry of the gradient at the end, 100 times that for gradient descent; 0 means 1e-6
	Iterations int     // at most; 0 means 6000

	// Done are results of an earlier run of the same configuration, perhaps of fewer draws or one that was
	// stopped: they are taken over and not computed again.
	Done     []Trained             `json:"-"`
	Progress func(done, total int) `json:"-"` // called as results come in, one call at a time
}

// Trained is one training run.
type Trained struct {
	Draw       int
	Case       Case
	Loss       float64 // L̂ at the end
	Sampled    float64 // R̂
	Penalty    float64 // R = Σ‖u_j‖²‖v_j‖²
	Theta      float64 // ‖UVᵀ‖_*²/d₁
	Risk       float64 // ‖UVᵀ - M*‖_F²
	Nuclear    float64 // ‖UVᵀ‖_*
	Star       float64 // ‖M*‖_*
	Predicted  float64 // risk of the population's minimum, Solve
	Norm       float64 // its nuclear norm
	Gradient   float64 // largest entry at the end
	Iterations int
	Converged  bool // Gradient ≤ Tolerance
}

// Result holds the runs by draw and case.
type Result struct {
	Config Config
	Runs   []Trained
}

func (c Config) withDefaults() Config {
	c.Size = or(c.Size, 12)
	c.Width = or(c.Width, c.Size)
	c.Rank = or(c.Rank, 2)
	c.Samples = or(c.Samples, 100)
	if c.Cases == nil {
		c.Cases = []Case{{0, 1}, {0, .1}, {0, .01}, {0, .001}}
		for _, p := range []float64{.05, .1, .3, .5, .7, .9} {
			c.Cases = append(c.Cases, Case{p, 1})
		}
	}
	c.Draws = or(c.Draws, 1)
	c.Tolerance = or(c.Tolerance, 1e-6)
	c.Iterations = or(c.Iterations, 6000)
	return c
}

func (c Config) validate(fn string) error {
	if c.Size < 1 || c.Width < 1 || c.Samples < 1 || c.Draws < 1 || c.Iterations < 1 || !(c.Tolerance > 0) {
		return fmt.Errorf("%s: size %d, width %d, %d samples, %d draws, %d iterations, tolerance %g, want all positive", fn, c.Size, c.Width, c.Samples, c.Draws, c.Iterations, c.Tolerance)
	}
	if c.Rank < 1 || c.Rank > min(c.Size, c.Width) {
		return fmt.Errorf("%s: rank %d, want 1 to the smaller of size %d and width %d", fn, c.Rank, c.Size, c.Width)
	}
	if len(c.Cases) == 0 {
		return errors.New(fn + ": no case")
	}
	for _, k := range c.Cases {
		if _, err := dropout.Lambda(k.Rate); err != nil {
			return fmt.Errorf("%s: %w", fn, err)
		}
		if !(k.Start > 0) || math.IsInf(k.Start, 0) {
			return fmt.Errorf("%s: start of scale %g, want a positive number", fn, k.Start)
		}
	}
	return nil
}

// draw returns the matrix and the sample of a draw.
func (c Config) draw(i int) (*mat.Dense, *Problem) {
	star := LowRank(rng.Stream(c.Seed, fmt.Sprintf("sensing/star/%d", i)), c.Size, c.Size, c.Rank)
	return star, Gaussian(rng.Stream(c.Seed, fmt.Sprintf("sensing/sample/%d", i)), star, c.Samples)
}

// start returns the start of a draw, the same but for its scale in all cases.
func (c Config) start(i int, scale float64) []float64 {
	x := rng.Normals(rng.Stream(c.Seed, fmt.Sprintf("sensing/start/%d", i)), 2*c.Size*c.Width)
	floats.Scale(scale, x)
	return x
}

// LowRank returns a product of Gaussian factors of the rank, scaled to ‖M‖_F² = rows.
func LowRank(r *rand.Rand, rows, columns, rank int) *mat.Dense {
	m := &mat.Dense{}
	m.Mul(mat.NewDense(rows, rank, rng.Normals(r, rows*rank)), mat.NewDense(rank, columns, rng.Normals(r, rank*columns)))
	m.Scale(math.Sqrt(float64(rows))/mat.Norm(m, 2), m)
	return m
}

// Run trains every case of every draw on all processors: with dropout by L-BFGS and then Newton's method,
// for minimizers are what counts, without it by gradient descent, whose way there is what counts. A done context ends it with what is
// finished beside the error, to go on from by Config.Done. A run that does not reach the tolerance is
// reported as it is, with Converged false. The quick preset takes about 2 s of processor time.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	const fn = "sensing.Run"
	cfg = cfg.withDefaults()
	if err := cfg.validate(fn); err != nil {
		return nil, err
	}
	total := cfg.Draws * len(cfg.Cases)
	runs, have := make([]Trained, total), make([]bool, total)
	finished := 0
	for _, d := range cfg.Done {
		k := slices.Index(cfg.Cases, d.Case)
		if k >= 0 && d.Draw >= 0 && d.Draw < cfg.Draws && !have[d.Draw*len(cfg.Cases)+k] {
			runs[d.Draw*len(cfg.Cases)+k], have[d.Draw*len(cfg.Cases)+k] = d, true
			finished++
		}
	}
	var mu sync.Mutex
	var failed error
	err := linalg.Parallel(ctx, total, 1, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			if have[t] {
				continue
			}
			r, err := cfg.train(ctx, t/len(cfg.Cases), cfg.Cases[t%len(cfg.Cases)])
			mu.Lock()
			if err != nil {
				failed = errors.Join(failed, err)
			} else {
				runs[t], have[t] = *r, true
				finished++
				if cfg.Progress != nil {
					cfg.Progress(finished, total)
				}
			}
			mu.Unlock()
		}
	})
	res := &Result{Config: cfg}
	res.Config.Progress, res.Config.Done = nil, nil
	for t := range runs {
		if have[t] {
			res.Runs = append(res.Runs, runs[t])
		}
	}
	if err == nil {
		err = failed
	}
	if err != nil {
		return res, fmt.Errorf("%s: %d of %d runs are finished: %w", fn, finished, total, err)
	}
	return res, nil
}

// train is one run.
func (c Config) train(ctx context.Context, i int, k Case) (*Trained, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	star, problem := c.draw(i)
	lambda, err := dropout.Lambda(k.Rate)
	if err != nil {
		return nil, err
	}
	x := c.start(i, k.Start)
	s := newSample(problem, c.Width, lambda)
	var e *ended
	if lambda == 0 {
		e, err = s.gradientDescent(ctx, x, 100*c.Tolerance, c.Iterations)
	} else if e, err = minimize(ctx, s.objective, x, c.Tolerance, min(c.Iterations, 200)); err == nil && !e.converged {
		err = s.newton(ctx, e, c.Tolerance, c.Iterations-e.iterations)
	}
	if err != nil {
		return nil, fmt.Errorf("draw %d, rate %g: %w", i, k.Rate, err)
	}
	o, err := Solve(star, c.Width, lambda)
	if err != nil {
		return nil, err
	}
	t := &Trained{Draw: i, Case: k, Predicted: o.Risk, Norm: floats.Sum(o.Spectrum), Gradient: e.gradient, Iterations: e.iterations, Converged: e.converged}
	t.Loss, t.Sampled = s.parts(make([]float64, len(x)), e.x)
	f := unflatten(e.x, c.Size, c.Size, c.Width)
	m := f.Product()
	t.Penalty, t.Nuclear, t.Star = f.Penalty(), NuclearNorm(m), NuclearNorm(star)
	t.Theta = t.Nuclear * t.Nuclear / float64(c.Width)
	m.Sub(m, star)
	n := mat.Norm(m, 2)
	t.Risk = n * n
	return t, nil
}

// Mean returns the mean of a column over the draws of a case; NaN if the case was not run.
func (r *Result) Mean(k Case, column func(Trained) float64) float64 {
	sum, n := 0.0, 0.0
	for _, t := range r.Runs {
		if t.Case == k {
			sum, n = sum+column(t), n+1
		}
	}
	return sum / n
}
