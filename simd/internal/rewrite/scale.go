package rewrite

import (
	"math"
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// scale joins constant factors and takes factors out of sums over which they are repeated:
//
//	(x·c)·d = x·(c·d),  Σ_j x_j·c = c·Σ_j x_j,  Σ_j x_ij/s_i = (Σ_j x_ij)/s_i.
//
// There are fewer operations on whole arrays, and fewer roundings. Only products that nobody else uses
// are taken apart. A sum must not overflow, or be NaN, where its terms as they were would not: of the
// constants those stay inside that make the terms smaller, as in a mean, and of what varies only the
// sign and the divisors of softmax (softmax.go) come out. Those are between 1 and the number n of
// terms: only a sum of terms within a factor n of the largest number may overflow where it would not
// have. In the gradient of softmax a division of every element goes. 16-bit floats, whose range is
// small, are left alone.
func scale(e *editor, n *ir.Node) *ir.Node {
	if d := n.Shape.DType; d != dtypes.Float32 && d != dtypes.Float64 {
		return nil
	}
	switch n.Op {
	case backends.OpTypeMul:
		return scaleProduct(e, n)
	case backends.OpTypeReduceSum:
		return scaleSum(e, n)
	}
	return nil
}

// scaleProduct joins two constant factors of a product.
func scaleProduct(e *editor, n *ir.Node) *ir.Node {
	x, c, ok := e.scaledBy(n.In[0])
	if !ok {
		return nil
	}
	if d, ok := splat(n.In[1]); ok {
		if cd, ok := product(n.Shape.DType, c, d.f); ok {
			return e.add(n.Op, n.Shape, nil, x, e.fill(n.Shape, cd))
		}
	}
	return nil
}

// scaledBy splits a product by a constant, which arith has put to the right.
func (e *editor) scaledBy(p *ir.Node) (x *ir.Node, c float64, ok bool) {
	if p.Op != backends.OpTypeMul || !e.single(p) {
		return nil, 0, false
	}
	v, ok := splat(p.In[1])
	if _, both := splat(p.In[0]); !ok || both {
		return nil, 0, false
	}
	return p.In[0], v.f, true
}

// product multiplies constants if the result, like both of them, is far from the ends of the type's
// range.
func product(dtype dtypes.DType, c, d float64) (float64, bool) {
	limit := 100.0
	if dtype == dtypes.Float64 {
		limit = 1000
	}
	for _, v := range []float64{c, d, c * d} {
		if !(math.Abs(math.Log2(math.Abs(v))) < limit) { // nor 0 or NaN
			return 0, false
		}
	}
	return c * d, true
}

// scaleSum takes out of a sum the sign and those factors and divisors that may.
func scaleSum(e *editor, n *ir.Node) *ir.Node {
	over := n.Attr.(ir.Axes).Axes
	var outside []step
	rest := e.takeOut(n.In[0], over, &outside)
	if len(outside) == 0 {
		return nil
	}
	kept := without(n.In[0].Shape.Rank(), over)
	sum := e.reduce(n.Op, rest, over)
	for _, s := range outside {
		if s.by == nil {
			sum = e.add(s.op, n.Shape, nil, sum)
			continue
		}
		var axes []int
		for _, a := range s.by.Attr.(ir.BroadcastInDim).Axes {
			axes = append(axes, slices.Index(kept, a))
		}
		sum = e.add(s.op, n.Shape, nil, sum, e.broadcast(s.by.In[0], n.Shape, axes))
	}
	return sum
}

// A step is an operation with a broadcast, Mul or Div, or Neg.
type step struct {
	op ir.Op
	by *ir.Node
}

// takeOut returns what is left of x, a product that nobody else uses, and lists what it is multiplied
// and divided by.
func (e *editor) takeOut(x *ir.Node, over []int, outside *[]step) *ir.Node {
	if !e.single(x) {
		return x
	}
	switch x.Op {
	case backends.OpTypeNeg:
		y := e.takeOut(x.In[0], over, outside)
		*outside = append(*outside, step{x.Op, nil})
		return y
	case backends.OpTypeMul, backends.OpTypeDiv:
		a, b := x.In[0], x.In[1]
		if movable(x.Op, b, over) {
			y := e.takeOut(a, over, outside)
			*outside = append(*outside, step{x.Op, b})
			return y
		}
		if x.Op == backends.OpTypeMul && movable(x.Op, a, over) {
			y := e.takeOut(b, over, outside)
			*outside = append(*outside, step{x.Op, a})
			return y
		}
		before := len(*outside)
		c, d := e.takeOut(a, over, outside), b
		if x.Op == backends.OpTypeMul {
			d = e.takeOut(b, over, outside)
		}
		if len(*outside) == before {
			return x
		}
		return e.add(x.Op, x.Shape, nil, c, d)
	}
	return x
}

// movable reports whether a sum over some axes of products or quotients (op) with x may be taken before
// them: x is a constant that makes no term smaller, or the divisor of a softmax along all of the axes.
func movable(op ir.Op, x *ir.Node, axes []int) bool {
	if x.Op != backends.OpTypeBroadcastInDim {
		return false
	}
	if v, ok := splat(x); ok {
		_, moderate := product(x.Shape.DType, v.f, 1)
		enlarges := math.Abs(v.f) >= 1
		if op == backends.OpTypeDiv {
			enlarges = math.Abs(v.f) <= 1
		}
		return moderate && enlarges
	}
	for _, a := range x.Attr.(ir.BroadcastInDim).Axes {
		if slices.Contains(axes, a) {
			return false
		}
	}
	return op == backends.OpTypeDiv && softmaxSum(x)
}
