package finite

import (
	"fmt"

	"github.com/lemma-ml/lemma/lib/data"
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
