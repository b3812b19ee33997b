package conv

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/ntk"
)

// Regressor is kernel regression fitted to a Gram matrix: the predictor (9.6), with a ridge. The
// kernel is computed apart from it, since that is where the time goes: one matrix serves all folds,
// ridges and outputs.
type Regressor struct {
	Alpha  *mat.Dense // n×c, weights of the n kernel functions for each output
	Scale  float64    // mean of the diagonal, the unit of the ridge
	factor *linalg.Factor
}

// Fit solves (G + ridge·Scale·I)·Alpha = y for the n×c outputs y. A singular matrix is a
// *linalg.NotPositiveDefiniteError with an estimate of λ_min; nothing is added unasked. Cost n³/3 flops.
func Fit(ctx context.Context, gram mat.Symmetric, y *mat.Dense, ridge float64) (*Regressor, error) {
	const fn = "conv.Fit"
	if gram == nil || y == nil || y.IsEmpty() {
		return nil, fmt.Errorf("%s: no kernel matrix or no outputs, want at least one row of each", fn)
	}
	n := gram.SymmetricDim()
	if m, _ := y.Dims(); m != n {
		return nil, fmt.Errorf("%s: a kernel of %d images and %d outputs, want the same number", fn, n, m)
	}
	if !(ridge >= 0) || math.IsInf(ridge, 0) {
		return nil, fmt.Errorf("%s: ridge %g, want a number >= 0", fn, ridge)
	}
	g := mat.NewSymDense(n, nil)
	g.CopySym(gram)
	r := &Regressor{Scale: mat.Trace(g) / float64(n)}
	for i := range n {
		g.SetSym(i, i, g.At(i, i)+ridge*r.Scale)
	}
	var err error
	if r.factor, err = linalg.CholeskyContext(ctx, g); err != nil {
		return nil, fmt.Errorf("%s: n = %d: %w", fn, n, err)
	}
	if r.Alpha, err = r.factor.SolveContext(ctx, y); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	return r, nil
}

// Predict returns the m×c outputs of images whose kernels with the n fitted ones are the rows of cross.
func (r *Regressor) Predict(cross mat.Matrix) (*mat.Dense, error) {
	n, _ := r.Alpha.Dims()
	if _, m := cross.Dims(); m != n {
		return nil, fmt.Errorf("conv.Regressor.Predict: kernels with %d images, want %d", m, n)
	}
	var out mat.Dense
	out.Mul(cross, r.Alpha)
	return &out, nil
}

// Variance returns the posterior variance, in units of the kernel, at images whose kernels with the
// fitted ones are the rows of cross and with themselves diag: diag - cross·(G + ridge·Scale·I)⁻¹·crossᵀ,
// for a kernel that is the covariance of random networks (NNGP). Rounding below 0 is clipped.
func (r *Regressor) Variance(cross *mat.Dense, diag []float64) ([]float64, error) {
	if m, _ := cross.Dims(); m != len(diag) {
		return nil, fmt.Errorf("conv.Regressor.Variance: %d rows and %d diagonal entries, want the same number", m, len(diag))
	}
	out := make([]float64, len(diag))
	for i, d := range diag {
		q, err := r.factor.Quad(cross.RawRowView(i))
		if err != nil {
			return nil, fmt.Errorf("conv.Regressor.Variance: %w", err)
		}
		out[i] = max(0, d-q)
	}
	return out, nil
}

// Quad returns yᵀ(G + ridge·Scale·I)⁻¹y of one column of outputs.
func (r *Regressor) Quad(y []float64) (float64, error) { return r.factor.Quad(y) }

// CrossValidate classifies each image by regression on the others' folds, codes +1 and -1, the largest
// output winning. Labels are any integers, of two classes or more. Folds are those of data.StratifiedFolds, so that no random number is drawn.
func CrossValidate(ctx context.Context, gram mat.Symmetric, labels []int, folds int, ridge float64) (*ntk.Score, error) {
	const fn = "conv.CrossValidate"
	n := gram.SymmetricDim()
	if len(labels) != n {
		return nil, fmt.Errorf("%s: a kernel of %d images and %d labels, want the same number", fn, n, len(labels))
	}
	classes := slices.Compact(slices.Sorted(slices.Values(labels)))
	if len(classes) < 2 {
		return nil, fmt.Errorf("%s: labels of %d classes, want at least 2", fn, len(classes))
	}
	if !(ridge >= 0) || math.IsInf(ridge, 0) {
		return nil, fmt.Errorf("%s: ridge %g, want a number >= 0", fn, ridge)
	}
	fold, err := data.StratifiedFolds(labels, folds)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	s := &ntk.Score{Predicted: make([]int, n), N: n, PerFold: make([]int, folds)}
	err = ntk.EachFold(ctx, gram, ntk.Codes(labels, classes), fold, folds, ridge, func(f int, test []int, scores *mat.Dense) {
		for k, c := range data.Argmax(scores) {
			i := test[k]
			if s.Predicted[i] = classes[c]; classes[c] == labels[i] {
				s.PerFold[f]++
			}
		}
		s.Correct += s.PerFold[f]
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	s.Low, s.High = claim.Wilson(s.Correct, n)
	return s, nil
}

// CrossValidateValues predicts each value from the other folds, image i being in fold i mod folds. The
// training mean is taken off before and added after.
func CrossValidateValues(ctx context.Context, gram mat.Symmetric, y []float64, folds int, ridge float64) ([]float64, error) {
	const fn = "conv.CrossValidateValues"
	n := gram.SymmetricDim()
	if len(y) != n {
		return nil, fmt.Errorf("%s: a kernel of %d images and %d values, want the same number", fn, n, len(y))
	}
	if !(ridge >= 0) || math.IsInf(ridge, 0) {
		return nil, fmt.Errorf("%s: ridge %g, want a number >= 0", fn, ridge)
	}
	if folds < 2 || folds > n {
		return nil, fmt.Errorf("%s: %d folds of %d images, want 2 to %d", fn, folds, n, n)
	}
	fold, out := make([]int, n), make([]float64, n)
	for i := range fold {
		fold[i] = i % folds
	}
	// A second output is 1 for every image: means are taken off afterwards, since regression is linear.
	both := mat.NewDense(n, 2, nil)
	for i, v := range y {
		both.Set(i, 0, v)
		both.Set(i, 1, 1)
	}
	err := ntk.EachFold(ctx, gram, both, fold, folds, ridge, func(f int, test []int, fit *mat.Dense) {
		mean, count := 0.0, 0
		for i, v := range y {
			if fold[i] != f {
				mean += v
				count++
			}
		}
		mean /= float64(count)
		for k, i := range test {
			out[i] = mean + fit.At(k, 0) - mean*fit.At(k, 1)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	return out, nil
}
