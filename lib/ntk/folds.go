package ntk

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/linalg"
	"gonum.org/v1/gonum/mat"
)

// EachFold is kernel regression on all but each fold, given the n×n Gram matrix of all inputs, their n×c
// outputs y and the fold of each, 0 to folds-1. do gets the fold, its inputs and the outputs at them, a row
// an input. The ridge is in units of the training diagonal's mean. Errors count folds from 1. Cost
// folds·n³/3 flops.
func EachFold(ctx context.Context, gram mat.Symmetric, y *mat.Dense, fold []int, folds int, ridge float64, do func(f int, test []int, out *mat.Dense)) error {
	n, c := y.Dims()
	if gram.SymmetricDim() != n || len(fold) != n {
		return fmt.Errorf("ntk.EachFold: a Gram matrix of %d inputs, %d outputs and folds of %d, want the same number", gram.SymmetricDim(), n, len(fold))
	}
	for f := range folds {
		train, test := data.SplitFold(fold, f)
		if len(train) == 0 || len(test) == 0 {
			return fmt.Errorf("fold %d: %d inputs in it and %d outside, want at least 1 of each", f+1, len(test), len(train))
		}
		g, targets, cross := mat.NewSymDense(len(train), nil), mat.NewDense(len(train), c, nil), mat.NewDense(len(test), len(train), nil)
		for a, i := range train {
			for b := a; b < len(train); b++ {
				g.SetSym(a, b, gram.At(i, train[b]))
			}
			for b, j := range test {
				cross.Set(b, a, gram.At(j, i))
			}
			targets.SetRow(a, y.RawRowView(i))
		}
		trace := mat.Trace(g)
		if !(trace > 0) {
			return fmt.Errorf("fold %d: the Gram matrix has trace %g on the other folds, want > 0", f+1, trace)
		}
		for a := range train {
			g.SetSym(a, a, g.At(a, a)+ridge*(trace/float64(len(train))))
		}
		factor, err := linalg.CholeskyContext(ctx, g)
		if err != nil {
			return fmt.Errorf("fold %d: %w", f+1, err)
		}
		alpha, err := factor.SolveContext(ctx, targets)
		if err != nil {
			return fmt.Errorf("fold %d: %w", f+1, err)
		}
		var out mat.Dense
		out.Mul(cross, alpha)
		do(f, test, &out)
	}
	return nil
}
