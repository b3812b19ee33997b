package rewrite

import (
	"slices"
	"sort"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// reduce moves views and broadcasts out of reductions, drops reductions over single elements, and
// joins a reduction of a reduction.
func reduce(e *editor, n *ir.Node) *ir.Node {
	if !reduction(n.Op) {
		return nil
	}
	x, over := n.In[0], n.Attr.(ir.Axes).Axes
	if len(over) == 0 {
		return x
	}
	// Over axes of dimension 1 nothing is added up.
	some := slices.DeleteFunc(slices.Clone(over), func(a int) bool { return x.Shape.Dimensions[a] == 1 })
	if len(some) < len(over) {
		return e.reshape(e.reduce(n.Op, x, some), n.Shape.Dimensions)
	}
	switch x.Op {
	case backends.OpTypeReshape:
		y := x.In[0]
		if !onesOnly(x.Shape.Dimensions, y.Shape.Dimensions) {
			return nil
		}
		to := alignOnes(x.Shape.Dimensions, y.Shape.Dimensions)
		axes := make([]int, len(over))
		for i, a := range over {
			axes[i] = to[a]
		}
		return e.reshape(e.reduce(n.Op, y, axes), n.Shape.Dimensions)
	case backends.OpTypeTranspose:
		return reduceOfTranspose(e, n, x, over)
	case backends.OpTypeBroadcastInDim:
		return reduceOfBroadcast(e, n, x, over)
	case n.Op:
		if !e.single(x) {
			return nil
		}
		y, inner := x.In[0], x.Attr.(ir.Axes).Axes
		axes := slices.Clone(inner)
		left := without(y.Shape.Rank(), inner)
		for _, a := range over {
			axes = append(axes, left[a])
		}
		return e.reduce(n.Op, y, axes)
	}
	return nil
}

// reduceOfTranspose reduces in the order in which the elements lie, and permutes the smaller result.
func reduceOfTranspose(e *editor, n, x *ir.Node, over []int) *ir.Node {
	p := x.Attr.(ir.Permutation).Axes
	var axes, left []int
	for i, a := range p {
		if slices.Contains(over, i) {
			axes = append(axes, a)
		} else {
			left = append(left, a) // axis of x.In[0] at each axis of n
		}
	}
	sorted := slices.Sorted(slices.Values(left))
	perm := make([]int, len(left))
	for i, a := range left {
		perm[i] = sort.SearchInts(sorted, a)
	}
	return e.transpose(e.reduce(n.Op, x.In[0], axes), perm)
}

// reduceOfBroadcast reduces what is repeated: the greatest of equal elements is one of them, and the
// sum of k equal elements is k times one, which has one rounding instead of many.
func reduceOfBroadcast(e *editor, n, x *ir.Node, over []int) *ir.Node {
	if tensor.Size(x.Shape.Dimensions) == 0 {
		return nil
	}
	y, at := x.In[0], x.Attr.(ir.BroadcastInDim).Axes
	count := 1
	for _, a := range over {
		count *= x.Shape.Dimensions[a]
	}
	var axes, to []int // of y: reduced ones, and the axes of n of the others
	left := without(x.Shape.Rank(), over)
	for i, a := range at {
		if y.Shape.Dimensions[i] != x.Shape.Dimensions[a] {
			return nil // brought into its form elsewhere first
		}
		if slices.Contains(over, a) {
			axes = append(axes, i)
			count /= y.Shape.Dimensions[i]
		} else {
			to = append(to, slices.Index(left, a))
		}
	}
	if count != 1 && !idempotent(n.Op) {
		switch {
		case n.Op != backends.OpTypeReduceSum:
			return nil
		case n.Shape.DType.IsFloat16() || n.Shape.DType.IsComplex():
			return nil // the count may be beyond the type's range; ∞·(k+0i) is not ∞
		}
	}
	r := e.reduce(n.Op, y, axes)
	if count != 1 && n.Op == backends.OpTypeReduceSum {
		r = e.add(backends.OpTypeMul, r.Shape, nil, r, e.fill(r.Shape, float64(count)))
	}
	return e.broadcast(r, n.Shape, to)
}

// reduce returns the reduction of x over axes in any order; x itself if there are none.
func (e *editor) reduce(op ir.Op, x *ir.Node, axes []int) *ir.Node {
	if len(axes) == 0 {
		return x
	}
	axes = slices.Sorted(slices.Values(axes))
	var dims []int
	for _, a := range without(x.Shape.Rank(), axes) {
		dims = append(dims, x.Shape.Dimensions[a])
	}
	return e.add(op, shapes.Make(x.Shape.DType, dims...), ir.Axes{Axes: axes}, x)
}

// without returns the axes below rank that are not among some.
func without(rank int, some []int) []int {
	var axes []int
	for a := range rank {
		if !slices.Contains(some, a) {
			axes = append(axes, a)
		}
	}
	return axes
}

// reduction reports whether op combines the elements along axes.
func reduction(op ir.Op) bool {
	switch op {
	case backends.OpTypeReduceBitwiseXor, backends.OpTypeReduceLogicalXor,
		backends.OpTypeReduceProduct, backends.OpTypeReduceSum:
		return true
	}
	return idempotent(op)
}

// idempotent reports whether op is a reduction that gives x for any number of x.
func idempotent(op ir.Op) bool {
	switch op {
	case backends.OpTypeReduceBitwiseAnd, backends.OpTypeReduceBitwiseOr,
		backends.OpTypeReduceLogicalAnd, backends.OpTypeReduceLogicalOr,
		backends.OpTypeReduceMax, backends.OpTypeReduceMin:
		return true
	}
	return false
}
