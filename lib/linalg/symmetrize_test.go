package linalg

import (
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestSymmetrize(t *testing.T) {
	s := Symmetrize(mat.NewDense(2, 2, []float64{1, 2, 4, 5}))
	if !mat.Equal(s, mat.NewSymDense(2, []float64{1, 3, 3, 5})) {
		t.Errorf("got %v", mat.Formatted(s))
	}
	if again := OpSym(SymOp(s), 2); !mat.Equal(again, s) {
		t.Errorf("by its operator %v", mat.Formatted(again))
	}
	defer func() {
		if recover() != mat.ErrSquare {
			t.Error("a matrix of 1×2: no panic")
		}
	}()
	Symmetrize(mat.NewDense(1, 2, nil))
}
