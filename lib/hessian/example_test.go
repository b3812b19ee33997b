package hessian_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/backends"
	. "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"

	"github.com/lemma-ml/lemma/lib/hessian"
	_ "github.com/lemma-ml/lemma/simd"
)

// The saddle w₁² - w₂² has curvature 2 along one axis and -2 along the other.
func Example() {
	backend, err := backends.NewWithConfig("simd")
	if err != nil {
		panic(err)
	}
	saddle := func(params, _ []*Node) *Node {
		w := params[0]
		return ReduceAllSum(Mul(Const(w.Graph(), []float64{1, -1}), Square(w)))
	}
	op, err := hessian.New(backend, saddle, []*tensors.Tensor{tensors.FromValue([]float64{0, 0})})
	if err != nil {
		panic(err)
	}
	defer op.Close()
	low, err := op.Bottom(context.Background(), 1)
	if err != nil {
		panic(err)
	}
	fmt.Printf("curvature %.0f along the second axis: %t\n", low.Values[0], low.Vectors.At(1, 0) > .999)
	// Output: curvature -2 along the second axis: true
}
