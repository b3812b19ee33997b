package eigenlearning

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// CurveConfig describes a learning curve on given data.
type CurveConfig struct {
	Sizes []int   // n; nil means six from M/32 to M/2
	Draws int     // training sets a size; 0 means 100
	Ridge float64 // δ, absolute
	Seed  uint64  // stream "set/<n>/<draw>"

	Progress func(done, total int) `json:"-"` // may be nil
}

// Curve is the learning curve of one target on a finite data set: the mean squared error over all M
// points, predicted from the eigenvalues of the kernel matrix and the target's coefficients, and measured.
type Curve struct {
	Config    CurveConfig
	Points    int       // M
	Lambda    []float64 // eigenvalues over M, descending
	Power     []float64 // squares of the target's coefficients, which add up to its mean square
	Predicted []float64 // by size
	Measured  []Estimate
	OffSample []Estimate // measured over the M-n points that were not trained on
}

// RunCurve predicts and measures the learning curve of a target on the M points whose kernel matrix is
// gram: the domain is the data set itself, its eigenfunctions are the eigenvectors, and a training set is
// a random subset. Costs 9M³ for the eigenvectors and n³/3 + nM a training set.
func RunCurve(ctx context.Context, gram *mat.SymDense, target []float64, cfg CurveConfig) (*Curve, error) {
	const fn = "eigenlearning.RunCurve"
	m := gram.SymmetricDim()
	if cfg.Sizes == nil {
		for _, q := range []int{32, 16, 8, 4, 3, 2} {
			if n := m / q; n > 0 && (len(cfg.Sizes) == 0 || n > cfg.Sizes[len(cfg.Sizes)-1]) {
				cfg.Sizes = append(cfg.Sizes, n)
			}
		}
	}
	if cfg.Draws == 0 {
		cfg.Draws = 100
	}
	var errs []error
	if len(target) != m {
		errs = append(errs, fmt.Errorf("%s: a target of %d values on %d points, want as many", fn, len(target), m))
	}
	if cfg.Draws < 2 || len(cfg.Sizes) == 0 {
		errs = append(errs, fmt.Errorf("%s: %d draws of %d sizes, want at least two draws and a size", fn, cfg.Draws, len(cfg.Sizes)))
	}
	for _, n := range cfg.Sizes {
		if n < 1 || n >= m {
			errs = append(errs, fmt.Errorf("%s: n = %d, want 1 to %d, less than the points of the data set", fn, n, m-1))
		}
	}
	for i, v := range target {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			errs = append(errs, fmt.Errorf("%s: target %d is %g, want a finite number", fn, i, v))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	values, vectors, err := linalg.EigenSymContext(ctx, gram)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	c := &Curve{Config: cfg, Points: m}
	c.Config.Progress = nil
	var coefficients mat.VecDense
	coefficients.MulVec(vectors.T(), mat.NewVecDense(m, target))
	for i, l := range values {
		c.Lambda = append(c.Lambda, l/float64(m))
		c.Power = append(c.Power, coefficients.AtVec(i)*coefficients.AtVec(i)/float64(m))
	}
	for k, n := range cfg.Sizes {
		t, err := Solve(c.levels(), n, cfg.Ridge)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		c.Predicted = append(c.Predicted, t.MSE(c.Power, 0))
		all, off, errs := make([]float64, cfg.Draws), make([]float64, cfg.Draws), make([]error, cfg.Draws)
		err = linalg.Parallel(ctx, cfg.Draws, 1, func(lo, hi int) {
			for d := lo; d < hi; d++ {
				train := rng.Stream(cfg.Seed, fmt.Sprintf("set/%d/%d", n, d)).Perm(m)[:n]
				all[d], off[d], errs[d] = curveError(gram, target, train, cfg.Ridge)
			}
		})
		if err := errors.Join(append(errs, err)...); err != nil {
			return nil, fmt.Errorf("%s: n = %d: %w", fn, n, err)
		}
		c.Measured, c.OffSample = append(c.Measured, estimate(all)), append(c.OffSample, estimate(off))
		if cfg.Progress != nil {
			cfg.Progress(k+1, len(cfg.Sizes))
		}
	}
	return c, nil
}

// curveError is the mean squared error over all points, and over those outside the training set. One
// target needs one solve; Fit, which has the whole map, is for matrices without inverse.
func curveError(gram *mat.SymDense, target []float64, train []int, ridge float64) (all, off float64, err error) {
	m, n := gram.SymmetricDim(), len(train)
	residual := make([]float64, m)
	factor, err := linalg.Cholesky(trainingGram(gram, train, ridge))
	if err == nil && factor.Cond() < maxCond {
		y := make([]float64, n)
		for a, i := range train {
			y[a] = target[i]
		}
		alpha, err := factor.SolveVec(y)
		if err != nil {
			return 0, 0, err
		}
		for a, i := range train {
			for j := range residual {
				residual[j] += alpha[a] * gram.At(i, j)
			}
		}
	} else {
		f, err := NewFit(gram, train, ridge)
		if err != nil {
			return 0, 0, err
		}
		p, err := f.Predict(mat.NewDense(m, 1, append([]float64(nil), target...)))
		if err != nil {
			return 0, 0, err
		}
		mat.Col(residual, 0, p)
	}
	floats.Sub(residual, target)
	total, inside := floats.Dot(residual, residual), 0.0
	for _, i := range train {
		inside += residual[i] * residual[i]
	}
	return total / float64(m), (total - inside) / float64(m-n), nil
}

// levels is the spectrum one eigenfunction a level.
func (c *Curve) levels() []Level {
	out := make([]Level, len(c.Lambda))
	for i, l := range c.Lambda {
		out[i] = Level{Degree: i, Count: 1, Lambda: l}
	}
	return out
}
