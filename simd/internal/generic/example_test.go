package generic_test

import (
	"fmt"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/generic"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// The maximum of neighbours, two at a time.
func ExampleEval() {
	x, y := []float32{3, 1, 4, 1, 5, 9}, make([]float32, 3)
	in := tensor.Of(dtypes.Float32, []int{6}, unsafe.Pointer(&x[0]))
	out := tensor.Of(dtypes.Float32, []int{3}, unsafe.Pointer(&y[0]))
	n := &ir.Node{Op: backends.OpTypeReduceWindow, Attr: ir.Window{
		Reduce: backends.ReduceOpMax, Size: []int{2}, Strides: []int{2},
		BaseDilations: []int{1}, WindowDilations: []int{1}, Paddings: [][2]int{{0, 0}},
	}}
	generic.Eval(nil, n, []tensor.Tensor{in}, out)
	fmt.Println(y)
	// Output: [3 4 9]
}

// A transpose is a copy to the same dimensions with other strides.
func ExampleCopy() {
	x, y := []int16{1, 2, 3, 4, 5, 6}, make([]int16, 6)
	rows := tensor.Of(dtypes.Int16, []int{2, 3}, unsafe.Pointer(&x[0]))
	columns := tensor.Tensor{DType: dtypes.Int16, Dims: []int{2, 3}, Strides: []int{1, 2}, Data: unsafe.Pointer(&y[0])}
	generic.Copy(nil, columns, rows)
	fmt.Println(y)
	// Output: [1 4 2 5 3 6]
}
