package rewrite

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// contract recognises sums of products as contractions. GoMLX builds the gradients of Dot and
// DotGeneral so:
//
//	ReduceSum(Mul(BroadcastInDim(v), BroadcastInDim(w)), axes)
//
// whose product has the elements of all three matrices' axes together: for a layer of 784 by 256 and
// a batch of 128 that is 25 million. As a contraction it is a matrix product.
//
// The axes of the product are of the kinds
//
//	x and y, kept    batch        x and y, summed   k
//	x alone, kept    m            x alone, summed   x is summed first
//	y alone, kept    n            y alone, summed   y is summed first
//
// Only products with m ≥ 2 and n ≥ 2 are taken: otherwise no element is used more than once, and a
// fused loop reads x and y as fast as they come. A scalar factor is applied to the sum.
func contract(e *editor, n *ir.Node) *ir.Node {
	if n.Op != backends.OpTypeReduceSum || !n.Shape.DType.IsFloat() {
		return nil
	}
	p := n.In[0]
	if p.Op != backends.OpTypeMul && p.Op != backends.OpTypeDiv {
		return nil
	}
	if product, scalar := scaled(p); product != nil {
		sum := sumOfProduct(e, n, product)
		if sum == nil {
			return nil
		}
		return e.add(p.Op, n.Shape, nil, sum, e.broadcast(scalar, n.Shape, nil))
	}
	if p.Op != backends.OpTypeMul {
		return nil
	}
	return sumOfProduct(e, n, p)
}

// scaled splits p into a product and a scalar that multiplies or divides it; nil if it is not such, or
// if the sum may be infinite without the scalar where it is not with it: if that is a constant far from
// 1, or the sum is one of float16, whose terms the scalar may make smaller.
func scaled(p *ir.Node) (xy, scalar *ir.Node) {
	for i, s := range p.In {
		x := p.In[1-i]
		if p.Op == backends.OpTypeDiv && i == 0 || x.Op != backends.OpTypeMul {
			continue
		}
		if s.Op != backends.OpTypeBroadcastInDim || s.In[0].Shape.Rank() != 0 {
			continue
		}
		v, constant := splat(s)
		if _, moderate := product(s.Shape.DType, v.f, 1); constant && !moderate {
			return nil, nil
		}
		if _, larger := movable(p.Op, s); s.Shape.DType == dtypes.Float16 && !larger {
			return nil, nil
		}
		return x, s.In[0]
	}
	return nil, nil
}

// A factor is an operand of a product, seen through views: axis i of the product is axis axes[i] of
// x; -1 if x is repeated along it or its dimension is 1.
type factor struct {
	x    *ir.Node
	axes []int
}

// factorOf looks through the views of x.
func factorOf(x *ir.Node) factor {
	f := factor{x, make([]int, x.Shape.Rank())}
	for i, d := range x.Shape.Dimensions {
		f.axes[i] = i
		if d == 1 {
			f.axes[i] = -1
		}
	}
	for {
		y, to := seeThrough(f.x)
		if y == nil {
			return f
		}
		for i, a := range f.axes {
			if a >= 0 {
				f.axes[i] = to[a]
			}
		}
		f.x = y
	}
}

// seeThrough returns the operand of a view that only moves, adds, drops or repeats axes, and to which
// of its axes each axis of x belongs: -1 for repeated axes and those of dimension 1. It returns nil
// for other nodes.
func seeThrough(x *ir.Node) (y *ir.Node, to []int) {
	switch x.Op {
	case backends.OpTypeTranspose:
		return x.In[0], x.Attr.(ir.Permutation).Axes
	case backends.OpTypeReshape:
		y = x.In[0]
		if !onesOnly(x.Shape.Dimensions, y.Shape.Dimensions) {
			return nil, nil
		}
		return y, alignOnes(x.Shape.Dimensions, y.Shape.Dimensions)
	case backends.OpTypeBroadcastInDim:
		y = x.In[0]
		to = slices.Repeat([]int{-1}, x.Shape.Rank())
		for i, a := range x.Attr.(ir.BroadcastInDim).Axes {
			if d := y.Shape.Dimensions[i]; d == x.Shape.Dimensions[a] && d != 1 {
				to[a] = i
			}
		}
		return y, to
	}
	return nil, nil
}

// sumOfProduct returns the contraction that equals n, a sum of p = x·y over some of its axes; nil if
// it is not worth it.
func sumOfProduct(e *editor, n, p *ir.Node) *ir.Node {
	x, y := factorOf(p.In[0]), factorOf(p.In[1])
	over := n.Attr.(ir.Axes).Axes
	var sumX, sumY []int // axes of x.x and y.x to be summed first
	m, k := 1, 1
	cols := 1
	for i, d := range p.Shape.Dimensions {
		inX, inY, summed := x.axes[i] >= 0, y.axes[i] >= 0, slices.Contains(over, i)
		switch {
		case d == 1:
		case !inX && !inY:
			return nil // both are repeated: sink makes less of it
		case inX && inY && summed:
			k *= d
		case inX && !inY && summed:
			sumX = append(sumX, x.axes[i])
		case inY && !inX && summed:
			sumY = append(sumY, y.axes[i])
		case inX && !inY:
			m *= d
		case inY && !inX:
			cols *= d
		}
	}
	if m < 2 || cols < 2 {
		return nil
	}
	a, toA := e.summed(x.x, sumX)
	b, toB := e.summed(y.x, sumY)
	var c ir.Contract
	var dims []int
	add := func(i int, out ir.Term) {
		ix := ir.Index{Size: p.Shape.Dimensions[i], A: ir.Absent, B: ir.Absent, Out: out}
		if x.axes[i] >= 0 {
			ix.A = term(toA[x.axes[i]])
		}
		if y.axes[i] >= 0 {
			ix.B = term(toB[y.axes[i]])
		}
		c.Indices = append(c.Indices, ix)
	}
	kept := without(p.Shape.Rank(), over)
	for _, i := range kept {
		if d := p.Shape.Dimensions[i]; d != 1 {
			add(i, term(len(dims)))
			dims = append(dims, d)
		}
	}
	for _, i := range over {
		if p.Shape.Dimensions[i] != 1 && x.axes[i] >= 0 && y.axes[i] >= 0 {
			add(i, ir.Absent)
		}
	}
	if k == 1 { // an outer product of sums
		return e.reshape(e.outer(shapes.Make(n.Shape.DType, dims...), c, a, b), n.Shape.Dimensions)
	}
	return e.reshape(e.contraction(shapes.Make(n.Shape.DType, dims...), c, a, b), n.Shape.Dimensions)
}

// summed returns the sum of x over axes, and to which axis of it each axis of x that is left belongs.
func (e *editor) summed(x *ir.Node, axes []int) (sum *ir.Node, to []int) {
	to = slices.Repeat([]int{-1}, x.Shape.Rank())
	for i, a := range without(x.Shape.Rank(), axes) {
		to[a] = i
	}
	return e.reduce(backends.OpTypeReduceSum, x, axes), to
}

// outer returns the product of a and b whose indices are all those of the result.
func (e *editor) outer(s shapes.Shape, c ir.Contract, a, b *ir.Node) *ir.Node {
	place := func(x *ir.Node, of func(ir.Index) ir.Term) *ir.Node {
		var perm, dims, axes []int
		for _, i := range c.Indices { // in the order of the result's axes
			if t := of(i); t.Axis >= 0 {
				perm = append(perm, t.Axis)
				dims = append(dims, i.Size)
				axes = append(axes, i.Out.Axis)
			}
		}
		for _, i := range without(x.Shape.Rank(), perm) {
			perm = append(perm, i) // of dimension 1
		}
		return e.broadcast(e.reshape(e.transpose(x, perm), dims), s, axes)
	}
	return e.add(backends.OpTypeMul, s, nil,
		place(a, func(i ir.Index) ir.Term { return i.A }), place(b, func(i ir.Index) ir.Term { return i.B }))
}
