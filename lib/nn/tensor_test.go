package nn

import (
	"testing"

	"github.com/gomlx/gomlx/pkg/core/tensors"
	"gonum.org/v1/gonum/mat"
)

func TestTensor(t *testing.T) {
	m := mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6})
	sym := mat.NewSymDense(2, []float64{1, 2, 2, 5})
	for name, c := range map[string]struct {
		in   mat.Matrix
		want []float64
		cols int
	}{
		"dense":                {m, []float64{1, 2, 3, 4, 5, 6}, 3},
		"transposed":           {m.T(), []float64{1, 4, 2, 5, 3, 6}, 2},
		"slice with a stride":  {m.Slice(0, 2, 1, 3), []float64{2, 3, 5, 6}, 2},
		"symmetric":            {sym, []float64{1, 2, 2, 5}, 2},
		"one row, a row slice": {m.Slice(1, 2, 0, 3), []float64{4, 5, 6}, 3},
	} {
		got := Tensor(c.in)
		v, err := Values(got)
		if err != nil || apart(v, c.want) != 0 || got.Shape().Dimensions[1] != c.cols {
			t.Errorf("%s: got %v of shape %s, %v", name, v, got.Shape(), err)
		}
		back, err := Dense(got)
		if err != nil || !mat.Equal(back, c.in) {
			t.Errorf("%s: a round trip changes the matrix: %v", name, err)
		}
	}
	if d := Column([]float64{1, 2}).Shape().Dimensions; d[0] != 2 || d[1] != 1 {
		t.Errorf("Column: shape %v", d)
	}
	if d := Row([]float64{1, 2}).Shape().Dimensions; d[0] != 1 || d[1] != 2 {
		t.Errorf("Row: shape %v", d)
	}
	if Scalar(3).Rank() != 0 {
		t.Error("Scalar has axes")
	}
}

// TestTensorCopies: a later change of the matrix does not reach the tensor.
func TestTensorCopies(t *testing.T) {
	m := mat.NewDense(1, 2, []float64{1, 2})
	x := Tensor(m)
	m.Set(0, 0, 9)
	if v, _ := Values(x); v[0] != 1 {
		t.Error("the tensor shares the matrix's memory")
	}
}

func TestTensorFaults(t *testing.T) {
	if _, err := Values(tensors.FromValue([]float32{1})); err == nil {
		t.Error("Values of float32 must be an error")
	}
	if _, err := Dense(tensors.FromValue([]float64{1})); err == nil {
		t.Error("Dense of a vector must be an error")
	}
	if _, err := Dense(tensors.FromValue([][]float32{{1}})); err == nil {
		t.Error("Dense of float32 must be an error")
	}
}
