package finite

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/ntk"
	"gonum.org/v1/gonum/mat"
)

// digitPair returns the first n rows of the digits 3 (+1) and 8 (-1) in file order, unit rows, as
// training set and the rest as test set. The file is ordered by writer, so the test rows come from
// other hands.
func digitPair(n int) (x *mat.Dense, y []float64, testX *mat.Dense, testY []float64, err error) {
	all, labels, err := data.D3v8()
	if err != nil {
		return nil, nil, nil, nil, err
	}
	rows, d := all.Dims()
	if n < 2 || n >= rows {
		return nil, nil, nil, nil, fmt.Errorf("finite: %d training rows of the %d digits 3 and 8, want 2 to %d", n, rows, rows-1)
	}
	x = mat.DenseCopyOf(all.Slice(0, n, 0, d))
	testX = mat.DenseCopyOf(all.Slice(n, rows, 0, d))
	return x, labels[:n:n], testX, labels[n:], nil
}

// pairKernel returns the training set of digitPair and its limit kernel H for two-layer networks.
func pairKernel(ctx context.Context, n int, activation nn.Activation) (x *mat.Dense, y []float64, h *mat.SymDense, err error) {
	x, y, _, _, err = digitPair(n)
	if err != nil {
		return nil, nil, nil, err
	}
	act, err := ntk.ActivationByName(string(activation))
	if err != nil {
		return nil, nil, nil, err
	}
	h, err = ntk.TwoLayer(act).GramContext(ctx, x)
	return x, y, h, err
}
