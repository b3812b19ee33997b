package rewrite_test

import (
	"fmt"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/rewrite"
)

// The gradient of a product of matrices by the left one, as GoMLX writes it: a product of 128·784·256
// elements that is summed over its last axis.
func ExampleRun() {
	shape := func(dims ...int) shapes.Shape { return shapes.Make(dtypes.Float32, dims...) }
	g := &ir.Graph{Name: "gradient"}
	v := g.Add(backends.OpTypeParameter, shape(128, 256), ir.Parameter{Index: 0, Name: "v"})
	w := g.Add(backends.OpTypeParameter, shape(784, 256), ir.Parameter{Index: 1, Name: "w"})
	product := g.Add(backends.OpTypeMul, shape(128, 784, 256), nil,
		g.Add(backends.OpTypeBroadcastInDim, shape(128, 784, 256), ir.BroadcastInDim{Axes: []int{0, 2}}, v),
		g.Add(backends.OpTypeBroadcastInDim, shape(128, 784, 256), ir.BroadcastInDim{Axes: []int{1, 2}}, w))
	sum := g.Add(backends.OpTypeReduceSum, shape(128, 784), ir.Axes{Axes: []int{2}}, product)
	g.Params, g.Outputs = []*ir.Node{v, w}, []*ir.Node{sum}

	h := rewrite.Run(g, nil, rewrite.Options{})
	for _, n := range h.Nodes {
		fmt.Println(ir.Name(n.Op), n.Shape)
	}
	for _, i := range h.Outputs[0].Attr.(ir.Contract).Indices {
		fmt.Println(i.Size, "axis of v:", i.A.Axis, "of w:", i.B.Axis, "of the result:", i.Out.Axis)
	}
	// Output:
	// Parameter (Float32)[128 256]
	// Parameter (Float32)[784 256]
	// Contract (Float32)[128 784]
	// 128 axis of v: 0 of w: -1 of the result: 0
	// 784 axis of v: -1 of w: 0 of the result: 1
	// 256 axis of v: 1 of w: 1 of the result: -1
}
