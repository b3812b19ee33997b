package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/data"
	"gonum.org/v1/gonum/mat"
)

// Validation says how a kernel is cross-validated on a table. The zero value is the protocol of the
// UCI table (claim 9.E1) for Kernel.
type Validation struct {
	Kernel      Kernel
	Ridge       float64 // relative, see Regress; 0 means 0.01
	Interpolate bool    // no ridge at all
	Folds       int     // 0 means 5; the assignment is data.StratifiedFolds, or row i to fold i mod Folds for values
	Raw         bool    // leave the columns as they are; otherwise they are standardised by the training rows
}

func (v Validation) withDefaults() Validation {
	if v.Ridge == 0 && !v.Interpolate {
		v.Ridge = 0.01
	}
	if v.Folds == 0 {
		v.Folds = 5
	}
	return v
}

// Score is a cross-validated classifier: every row is predicted once, by a fit that has not seen it.
type Score struct {
	Predicted []int
	Correct   int
	N         int
	PerFold   []int   // correct in each fold
	Low, High float64 // Wilson's 95% interval for the accuracy
}

// Accuracy is Correct/N.
func (s Score) Accuracy() float64 { return float64(s.Correct) / float64(s.N) }

// CrossValidate classifies each row of x by kernel regression on the other folds. No random numbers
// are drawn. Folds run one after another, each on all processors. Cost Folds·(n²d + n³/3) flops.
func CrossValidate(ctx context.Context, v Validation, x *mat.Dense, labels []int) (*Score, error) {
	v = v.withDefaults()
	return crossValidate(ctx, v, x, labels, func(train *mat.Dense, labels []int, test *mat.Dense) ([]int, error) {
		c, err := Classify(ctx, v.Kernel, train, labels, v.Ridge)
		if err != nil {
			return nil, err
		}
		return c.Predict(test)
	})
}

// crossValidate is CrossValidate for any classifier.
func crossValidate(ctx context.Context, v Validation, x *mat.Dense, labels []int, classify func(train *mat.Dense, labels []int, test *mat.Dense) ([]int, error)) (*Score, error) {
	const fn = "ntk.CrossValidate"
	n, _ := x.Dims()
	if len(labels) != n {
		return nil, fmt.Errorf("%s: %d rows and %d labels, want the same number", fn, n, len(labels))
	}
	if c := distinct(labels); len(c) < 2 {
		return nil, fmt.Errorf("%s: labels of %d classes %v, want at least 2", fn, len(c), c)
	}
	fold, err := data.StratifiedFolds(labels, v.Folds)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	s := &Score{Predicted: make([]int, n), N: n, PerFold: make([]int, v.Folds)}
	err = v.each(ctx, x, fold, func(f int, train, test []int, a, b *mat.Dense) error {
		got, err := classify(a, pick(labels, train), b)
		if err != nil {
			return err
		}
		s.PerFold[f] = Correct(got, pick(labels, test))
		s.Correct += s.PerFold[f]
		for k, i := range test {
			s.Predicted[i] = got[k]
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	s.Low, s.High = claim.Wilson(s.Correct, s.N)
	return s, nil
}

// Fit is a cross-validated regression.
type Fit struct {
	Predicted []float64
	RMSE      float64 // root mean squared error over all rows
	R2        float64 // 1 - Σ(y - f)²/Σ(y - mean)²; NaN for constant y
}

// CrossValidateValues predicts each value y_i from the other folds, row i being in fold i mod Folds.
// The training mean of y is taken off before and added after, since no kernel here has an intercept.
func CrossValidateValues(ctx context.Context, v Validation, x *mat.Dense, y []float64) (*Fit, error) {
	const fn = "ntk.CrossValidateValues"
	v = v.withDefaults()
	n, _ := x.Dims()
	if len(y) != n {
		return nil, fmt.Errorf("%s: %d rows and %d values, want the same number", fn, n, len(y))
	}
	if v.Folds < 2 || v.Folds > n {
		return nil, fmt.Errorf("%s: %d folds of %d rows, want 2 to %d", fn, v.Folds, n, n)
	}
	fold := make([]int, n)
	for i := range fold {
		fold[i] = i % v.Folds
	}
	out := &Fit{Predicted: make([]float64, n)}
	err := v.each(ctx, x, fold, func(_ int, train, test []int, a, b *mat.Dense) error {
		target := mat.NewDense(len(train), 1, pick(y, train))
		mean := mat.Sum(target) / float64(len(train))
		target.Apply(func(_, _ int, t float64) float64 { return t - mean }, target)
		r, err := Regress(ctx, v.Kernel, a, target, v.Ridge)
		if err != nil {
			return err
		}
		got, err := r.Predict(b)
		if err != nil {
			return err
		}
		for k, i := range test {
			out.Predicted[i] = got.At(k, 0) + mean
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	mean, residual, total := 0.0, 0.0, 0.0
	for _, t := range y {
		mean += t / float64(n)
	}
	for i, t := range y {
		residual += (t - out.Predicted[i]) * (t - out.Predicted[i])
		total += (t - mean) * (t - mean)
	}
	out.RMSE, out.R2 = math.Sqrt(residual/float64(n)), 1-residual/total
	if total == 0 {
		out.R2 = math.NaN()
	}
	return out, nil
}

// each hands out every fold: indices, and rows prepared by the training part alone.
func (v Validation) each(ctx context.Context, x *mat.Dense, fold []int, do func(f int, train, test []int, a, b *mat.Dense) error) error {
	for f := range v.Folds {
		if err := ctx.Err(); err != nil {
			return err
		}
		train, test := data.SplitFold(fold, f)
		a, b := rowsOf(x, train), rowsOf(x, test)
		if !v.Raw {
			s, err := data.Standardise(a)
			if err != nil {
				return err
			}
			if a, err = s.Apply(a); err != nil {
				return err
			}
			if b, err = s.Apply(b); err != nil {
				return err
			}
		}
		if err := do(f, train, test, a, b); err != nil {
			return fmt.Errorf("fold %d: %w", f+1, err)
		}
	}
	return nil
}

func pick[T any](v []T, at []int) []T {
	out := make([]T, len(at))
	for k, i := range at {
		out[k] = v[i]
	}
	return out
}

func rowsOf(x *mat.Dense, at []int) *mat.Dense {
	_, d := x.Dims()
	out := mat.NewDense(len(at), d, nil)
	for k, i := range at {
		out.SetRow(k, x.RawRowView(i))
	}
	return out
}

// LeaveOneOut returns the n×c predictions of each row by the fit to all others, from one
// factorisation: with G = (K + ridge)⁻¹, f_i = y_i - (Gy)_i/G_ii. Cost 2n³ flops.
func LeaveOneOut(ctx context.Context, k Kernel, x, y *mat.Dense, ridge float64) (*mat.Dense, error) {
	r, err := Regress(ctx, k, x, y, ridge)
	if err != nil {
		return nil, fmt.Errorf("ntk.LeaveOneOut: %w", err)
	}
	inverse := r.factor.Inverse()
	n, c := y.Dims()
	out := mat.NewDense(n, c, nil)
	for i := range n {
		for j := range c {
			out.Set(i, j, y.At(i, j)-r.Alpha.At(i, j)/inverse.At(i, i))
		}
	}
	return out, nil
}
