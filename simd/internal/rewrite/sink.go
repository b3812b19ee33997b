package rewrite

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// sink computes an elementwise operation on the smaller array where every operand is repeated along
// some axis:
//
//	f(broadcast x, broadcast y) = broadcast f(x, y).
//
// Scalars are the extreme case. The values are the same bit for bit.
func sink(e *editor, n *ir.Node) *ir.Node {
	if ir.Arity(n.Op) == 0 || len(n.In) == 0 {
		return nil
	}
	if m := sinkReshape(e, n); m != nil {
		return m
	}
	varies := make([]bool, n.Shape.Rank()) // along these axes some operand varies
	for _, x := range n.In {
		if x.Op != backends.OpTypeBroadcastInDim {
			return nil
		}
		y := x.In[0]
		for i, a := range x.Attr.(ir.BroadcastInDim).Axes {
			varies[a] = varies[a] || y.Shape.Dimensions[i] != 1
		}
	}
	var axes, dims []int
	repeats := false
	for a, d := range n.Shape.Dimensions {
		if varies[a] {
			axes = append(axes, a)
			dims = append(dims, d)
		} else if d != 1 {
			repeats = true
		}
	}
	if !repeats {
		return nil
	}
	in := make([]*ir.Node, len(n.In))
	for k, x := range n.In {
		y := x.In[0]
		var at, keep []int
		for i, a := range x.Attr.(ir.BroadcastInDim).Axes {
			if y.Shape.Dimensions[i] != 1 {
				at = append(at, slices.Index(axes, a))
				keep = append(keep, y.Shape.Dimensions[i])
			}
		}
		in[k] = e.broadcast(e.reshape(y, keep), shapes.Make(x.Shape.DType, dims...), at)
	}
	return e.broadcast(e.add(n.Op, shapes.Make(n.Shape.DType, dims...), n.Attr, in...), n.Shape, axes)
}

// sinkReshape takes axes of dimension 1, where some operand has been given them by a reshape, away from
// an elementwise operation and gives them to its result. What GoMLX keeps as a column [n, 1] between
// two reductions is a row [n] then.
func sinkReshape(e *editor, n *ir.Node) *ir.Node {
	if !slices.Contains(n.Shape.Dimensions, 1) {
		return nil
	}
	given := func(x *ir.Node) bool {
		return x.Op == backends.OpTypeReshape && onesOnly(x.Shape.Dimensions, x.In[0].Shape.Dimensions)
	}
	if !slices.ContainsFunc(n.In, given) {
		return nil
	}
	dims := squeeze(n.Shape.Dimensions)
	in := make([]*ir.Node, len(n.In))
	for i, x := range n.In {
		in[i] = e.reshape(x, dims)
	}
	return e.reshape(e.add(n.Op, shapes.Make(n.Shape.DType, dims...), n.Attr, in...), n.Shape.Dimensions)
}
