package rewrite

import (
	"slices"
	"sort"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// views simplifies operations that only say which element goes where. Chains become
//
//	BroadcastInDim(Reshape(Transpose(x)))
//
// where the operand of BroadcastInDim has no axis of dimension 1, Reshape is left out where it
// changes nothing, and Transpose where it moves only axes of dimension 1.
func views(e *editor, n *ir.Node) *ir.Node {
	switch n.Op {
	case backends.OpTypeReshape:
		return viewReshape(e, n)
	case backends.OpTypeTranspose:
		return viewTranspose(e, n)
	case backends.OpTypeBroadcastInDim:
		return viewBroadcast(e, n)
	case backends.OpTypeSlice:
		return viewSlice(e, n)
	case backends.OpTypeReverse:
		return viewReverse(e, n)
	case backends.OpTypePad:
		return viewPad(e, n)
	case backends.OpTypeConcatenate:
		return viewConcatenate(e, n)
	case backends.OpTypeDynamicSlice:
		return viewDynamicSlice(e, n)
	}
	return nil
}

// viewTranspose drops permutations that move nothing, joins two in a row, and moves one below a
// broadcast, or below a reshape that only adds and removes axes of dimension 1.
func viewTranspose(e *editor, n *ir.Node) *ir.Node {
	x, p := n.In[0], n.Attr.(ir.Permutation).Axes
	last, ordered := -1, true
	for _, a := range p {
		if x.Shape.Dimensions[a] != 1 {
			ordered = ordered && a > last
			last = a
		}
	}
	if ordered {
		return e.reshape(x, n.Shape.Dimensions)
	}
	switch x.Op {
	case backends.OpTypeTranspose:
		q := x.Attr.(ir.Permutation).Axes
		axes := make([]int, len(p))
		for i, a := range p {
			axes[i] = q[a]
		}
		return e.transpose(x.In[0], axes)
	case backends.OpTypeBroadcastInDim:
		y, at := x.In[0], x.Attr.(ir.BroadcastInDim).Axes
		to := make([]int, len(p)) // axis of x -> axis of n
		for i, a := range p {
			to[a] = i
		}
		order := make([]int, len(at))
		for i := range order {
			order[i] = i
		}
		sort.Slice(order, func(i, j int) bool { return to[at[order[i]]] < to[at[order[j]]] })
		axes := make([]int, len(at))
		for i, j := range order {
			axes[i] = to[at[j]]
		}
		return e.broadcast(e.transpose(y, order), n.Shape, axes)
	case backends.OpTypeReshape:
		y := x.In[0]
		if !onesOnly(y.Shape.Dimensions, x.Shape.Dimensions) {
			return nil
		}
		to := alignOnes(x.Shape.Dimensions, y.Shape.Dimensions)
		var axes []int
		for _, a := range p {
			if to[a] >= 0 {
				axes = append(axes, to[a])
			}
		}
		for a, d := range y.Shape.Dimensions {
			if d == 1 {
				axes = append(axes, a)
			}
		}
		return e.reshape(e.transpose(y, axes), n.Shape.Dimensions)
	}
	return nil
}

// viewBroadcast brings broadcasts into their form: of an operand without axes of dimension 1, that is
// not a broadcast; and one that repeats nothing is a reshape.
func viewBroadcast(e *editor, n *ir.Node) *ir.Node {
	x, at := n.In[0], n.Attr.(ir.BroadcastInDim).Axes
	if onesOnly(x.Shape.Dimensions, n.Shape.Dimensions) {
		return e.reshape(x, n.Shape.Dimensions)
	}
	if slices.Contains(x.Shape.Dimensions, 1) {
		var dims, axes []int
		for i, d := range x.Shape.Dimensions {
			if d != 1 {
				dims = append(dims, d)
				axes = append(axes, at[i])
			}
		}
		return e.broadcast(e.reshape(x, dims), n.Shape, axes)
	}
	if x.Op == backends.OpTypeBroadcastInDim {
		axes := slices.Clone(x.Attr.(ir.BroadcastInDim).Axes)
		for i, a := range axes {
			axes[i] = at[a]
		}
		return e.broadcast(x.In[0], n.Shape, axes)
	}
	return nil
}

// viewSlice drops slices of everything, joins two in a row, and looks through broadcasts and
// concatenations.
func viewSlice(e *editor, n *ir.Node) *ir.Node {
	x, s := n.In[0], n.Attr.(ir.Slice)
	if x.Shape.Equal(n.Shape) {
		return x // stride 1 from 0: nothing else takes as many elements
	}
	switch x.Op {
	case backends.OpTypeSlice:
		in := x.Attr.(ir.Slice)
		out := ir.Slice{Starts: make([]int, len(s.Starts)), Limits: make([]int, len(s.Starts)), Strides: make([]int, len(s.Starts))}
		for i, d := range n.Shape.Dimensions {
			out.Starts[i] = in.Starts[i] + s.Starts[i]*in.Strides[i]
			out.Strides[i] = s.Strides[i] * in.Strides[i]
			out.Limits[i] = out.Starts[i]
			if d > 0 {
				out.Limits[i] += (d-1)*out.Strides[i] + 1
			}
		}
		return e.add(n.Op, n.Shape, out, x.In[0])
	case backends.OpTypeBroadcastInDim:
		y, at := x.In[0], x.Attr.(ir.BroadcastInDim).Axes
		var cut ir.Slice
		dims := make([]int, len(at))
		for i, a := range at {
			if y.Shape.Dimensions[i] != x.Shape.Dimensions[a] {
				return nil // brought into its form elsewhere first
			}
			cut.Starts = append(cut.Starts, s.Starts[a])
			cut.Limits = append(cut.Limits, s.Limits[a])
			cut.Strides = append(cut.Strides, s.Strides[a])
			dims[i] = n.Shape.Dimensions[a]
		}
		if len(at) > 0 {
			y = e.add(n.Op, shapes.Make(n.Shape.DType, dims...), cut, y)
		}
		return e.broadcast(y, n.Shape, at)
	case backends.OpTypeConcatenate:
		a := x.Attr.(ir.Concatenate).Axis
		begin := 0
		for _, y := range x.In {
			end := begin + y.Shape.Dimensions[a]
			if s.Starts[a] >= begin && s.Limits[a] <= end && n.Shape.Dimensions[a] > 0 {
				cut := ir.Slice{Starts: slices.Clone(s.Starts), Limits: slices.Clone(s.Limits), Strides: s.Strides}
				cut.Starts[a] -= begin
				cut.Limits[a] -= begin
				return e.add(n.Op, n.Shape, cut, y)
			}
			begin = end
		}
	}
	return nil
}

// viewReverse drops what reverses nothing, joins two in a row, and looks through broadcasts.
func viewReverse(e *editor, n *ir.Node) *ir.Node {
	x, axes := n.In[0], n.Attr.(ir.Axes).Axes
	some := slices.DeleteFunc(slices.Clone(axes), func(a int) bool { return x.Shape.Dimensions[a] <= 1 })
	if len(some) == 0 {
		return x
	}
	if len(some) < len(axes) {
		return e.add(n.Op, n.Shape, ir.Axes{Axes: some}, x)
	}
	switch x.Op {
	case backends.OpTypeReverse:
		var once []int // those that only one of the two reverses
		other := x.Attr.(ir.Axes).Axes
		for a := range x.Shape.Dimensions {
			if slices.Contains(axes, a) != slices.Contains(other, a) {
				once = append(once, a)
			}
		}
		return e.add(n.Op, n.Shape, ir.Axes{Axes: once}, x.In[0])
	case backends.OpTypeBroadcastInDim:
		at := x.Attr.(ir.BroadcastInDim).Axes
		var inner []int
		for i, a := range at {
			if slices.Contains(axes, a) {
				inner = append(inner, i)
			}
		}
		y := x.In[0]
		if len(inner) > 0 {
			y = e.add(n.Op, y.Shape, ir.Axes{Axes: inner}, y)
		}
		return e.broadcast(y, n.Shape, at)
	}
	return nil
}

// viewPad drops padding of nothing and turns padding that only cuts into a slice.
func viewPad(e *editor, n *ir.Node) *ir.Node {
	x, axes := n.In[0], n.Attr.(ir.Pad).Axes
	nothing, cuts := true, true
	for i, p := range axes {
		inner := p.Interior != 0 && x.Shape.Dimensions[i] > 1
		nothing = nothing && p.Start == 0 && p.End == 0 && !inner
		cuts = cuts && p.Start <= 0 && p.End <= 0 && !inner
	}
	if nothing {
		return x
	}
	if cuts && n.Shape.Size() > 0 {
		var s ir.Slice
		for i, p := range axes {
			s.Starts = append(s.Starts, -p.Start)
			s.Limits = append(s.Limits, x.Shape.Dimensions[i]+p.End)
			s.Strides = append(s.Strides, 1)
		}
		return e.add(backends.OpTypeSlice, n.Shape, s, x)
	}
	return nil
}

// viewConcatenate drops operands without elements, and concatenations of one.
func viewConcatenate(e *editor, n *ir.Node) *ir.Node {
	a := n.Attr.(ir.Concatenate).Axis
	if len(n.In) == 1 {
		return n.In[0]
	}
	if n.Shape.Dimensions[a] == 0 {
		return n.In[0] // all are empty
	}
	some := slices.DeleteFunc(slices.Clone(n.In), func(x *ir.Node) bool { return x.Shape.Dimensions[a] == 0 })
	if len(some) < len(n.In) {
		return e.add(n.Op, n.Shape, n.Attr, some...)
	}
	return joinSlices(e, n)
}

// viewDynamicSlice turns a slice from a constant place into a Slice. Places are moved into the array,
// as DynamicSlice does.
func viewDynamicSlice(e *editor, n *ir.Node) *ir.Node {
	x := n.In[0]
	var s ir.Slice
	for i, at := range n.In[1:] {
		v, ok := splat(at)
		if !ok || v.float {
			return nil
		}
		last := x.Shape.Dimensions[i] - n.Shape.Dimensions[i]
		start := max(0, min(int(v.i), last))
		if v.i < 0 && at.Shape.DType.IsUnsigned() { // 2^63 and more
			start = last
		}
		s.Starts = append(s.Starts, start)
		s.Limits = append(s.Limits, start+n.Shape.Dimensions[i])
		s.Strides = append(s.Strides, 1)
	}
	return e.add(backends.OpTypeSlice, n.Shape, s, x)
}
