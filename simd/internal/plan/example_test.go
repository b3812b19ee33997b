package plan_test

import (
	"fmt"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/plan"
)

// The softmax of a row: five operations and two broadcasts are one step.
func ExampleCompile() {
	row, one := shapes.Make(dtypes.Float32, 1, 4), shapes.Make(dtypes.Float32, 1)
	g := &ir.Graph{Name: "softmax"}
	along := ir.BroadcastInDim{Axes: []int{0}}
	x := g.Add(backends.OpTypeParameter, row, ir.Parameter{Name: "x"})
	top := g.Add(backends.OpTypeReduceMax, one, ir.Axes{Axes: []int{1}}, x)
	e := g.Add(backends.OpTypeExp, row, nil,
		g.Add(backends.OpTypeSub, row, nil, x, g.Add(backends.OpTypeBroadcastInDim, row, along, top)))
	sum := g.Add(backends.OpTypeReduceSum, one, ir.Axes{Axes: []int{1}}, e)
	y := g.Add(backends.OpTypeDiv, row, nil, e, g.Add(backends.OpTypeBroadcastInDim, row, along, sum))
	g.Params, g.Outputs = []*ir.Node{x}, []*ir.Node{y}

	p, err := plan.Compile(g, plan.Options{})
	if err != nil {
		panic(err)
	}
	in, out := []float32{0, 0, 0.6931472, 1.3862944}, make([]float32, 4)
	if err := p.Run(nil, []unsafe.Pointer{unsafe.Pointer(&in[0])}, []unsafe.Pointer{unsafe.Pointer(&out[0])}, nil); err != nil {
		panic(err)
	}
	fmt.Printf("%d step: %.3f\n", len(p.Steps()), out)
	// Output: 1 step: [0.125 0.125 0.250 0.500]
}
