package ntk

import (
	"fmt"
	"sync"

	"github.com/lemma-ml/lemma/lib/data"
	"gonum.org/v1/gonum/mat"
)

// Split is a binary problem: training and test inputs with labels ±1.
type Split struct {
	X     *mat.Dense // n×d, unit rows
	Y     []float64
	TestX *mat.Dense
	TestY []float64
}

// DigitPair returns the digits a (label +1) and b (label -1) in file order with unit rows: the first
// n for training, the rest for testing. The file is ordered by writer, so that the test digits come
// from other hands. DigitPair(3, 8, 200) is the data of the chapter's figures.
func DigitPair(a, b, n int) (*Split, error) {
	t, err := data.Digits()
	if err != nil {
		return nil, fmt.Errorf("ntk.DigitPair: %w", err)
	}
	x, y, err := t.Pair(a, b)
	if err != nil {
		return nil, fmt.Errorf("ntk.DigitPair: %w", err)
	}
	if x, err = data.UnitRows(x); err != nil {
		return nil, fmt.Errorf("ntk.DigitPair: %w", err)
	}
	return SplitAt(x, y, n)
}

// SplitAt takes the first n rows for training and the rest for testing.
func SplitAt(x *mat.Dense, y []float64, n int) (*Split, error) {
	rows, d := x.Dims()
	if len(y) != rows {
		return nil, fmt.Errorf("ntk.SplitAt: %d rows and %d labels, want the same number", rows, len(y))
	}
	if n < 1 || n >= rows {
		return nil, fmt.Errorf("ntk.SplitAt: %d training rows of %d, want 1 to %d", n, rows, rows-1)
	}
	return &Split{
		X: mat.DenseCopyOf(x.Slice(0, n, 0, d)), Y: y[:n:n],
		TestX: mat.DenseCopyOf(x.Slice(n, rows, 0, d)), TestY: y[n:],
	}, nil
}

// solved is a split with what claims on several rows of the book ask of it.
type solved struct {
	*Split
	H *mat.SymDense // H* on the training inputs
	S *Spectrum
}

// digits38 keeps H* and its spectrum for the training sizes that the claims use.
var digits38 = func() func(n int) (*solved, error) {
	var mu sync.Mutex
	kept := map[int]*solved{}
	return func(n int) (*solved, error) {
		mu.Lock()
		defer mu.Unlock()
		if s := kept[n]; s != nil {
			return s, nil
		}
		split, err := DigitPair(3, 8, n)
		if err != nil {
			return nil, err
		}
		s := &solved{Split: split}
		if s.H, err = TwoLayer(nil).Gram(split.X); err != nil {
			return nil, err
		}
		if s.S, err = NewSpectrum(s.H); err != nil {
			return nil, err
		}
		if len(kept) == 8 {
			clear(kept)
		}
		kept[n] = s
		return s, nil
	}
}()
