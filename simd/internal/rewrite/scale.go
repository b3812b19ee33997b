package rewrite

import (
	"math"
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// scale joins constant factors, takes factors out of sums, and makes divisions in sums multiplications:
//
//	(x·c)·d = x·(c·d),  Σ_j x_j·c = c·Σ_j x_j,  Σ_j x_ij/r_i = Σ_j x_ij·(1/r_i).
//
// There are fewer operations on whole arrays, and fewer roundings. Only products that nobody else uses
// are taken apart. A sum must not become infinite or NaN where it was not: constants that make the
// terms smaller, as in a mean, stay inside, and so do factors that vary, of which one may be 0 where
// the sum of the rest is infinite. A division becomes a multiplication if 1/r_i is finite unless r_i
// is 0, as of the divisors of softmax and of normalisation, in whose gradients there are such sums.
// 16-bit floats, whose range is small, are left alone.
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

// scaleSum takes out of a sum the sign and the constants that may, and multiplies with what it can
// instead of dividing.
func scaleSum(e *editor, n *ir.Node) *ir.Node {
	over := n.Attr.(ir.Axes).Axes
	var outside []step
	rest := e.takeOut(n.In[0], over, &outside)
	if rest == n.In[0] {
		return nil
	}
	sum := e.reduce(n.Op, rest, over)
	for _, s := range outside {
		if s.op == backends.OpTypeNeg {
			sum = e.add(s.op, n.Shape, nil, sum)
			continue
		}
		sum = e.add(s.op, n.Shape, nil, sum, e.fill(n.Shape, s.by))
	}
	return sum
}

// A step is Mul or Div by a constant, or Neg.
type step struct {
	op ir.Op
	by float64
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
		*outside = append(*outside, step{op: x.Op})
		return y
	case backends.OpTypeMul, backends.OpTypeDiv:
		a, b := x.In[0], x.In[1]
		if c, ok := movable(x.Op, b); ok {
			y := e.takeOut(a, over, outside)
			*outside = append(*outside, step{x.Op, c})
			return y
		}
		if x.Op == backends.OpTypeDiv {
			r := e.inverse(b, over)
			if c := e.takeOut(a, over, outside); r != nil {
				return e.add(backends.OpTypeMul, x.Shape, nil, c, r)
			} else if c != a {
				return e.add(x.Op, x.Shape, nil, c, b)
			}
			return x
		}
		if c, d := e.takeOut(a, over, outside), e.takeOut(b, over, outside); c != a || d != b {
			return e.add(x.Op, x.Shape, nil, c, d)
		}
	}
	return x
}

// movable returns the value of x if a sum of products or quotients (op) with x may be taken before
// them: x is a constant that makes no term smaller.
func movable(op ir.Op, x *ir.Node) (c float64, ok bool) {
	v, ok := splat(x)
	if _, moderate := product(x.Shape.DType, v.f, 1); !ok || !moderate {
		return 0, false
	}
	if op == backends.OpTypeDiv {
		return v.f, math.Abs(v.f) <= 1
	}
	return v.f, math.Abs(v.f) >= 1
}

// inverse returns 1/x for a divisor x that is repeated along axes of a sum; nil if it may be infinite
// for an x that is not 0.
func (e *editor) inverse(x *ir.Node, over []int) *ir.Node {
	if x.Op != backends.OpTypeBroadcastInDim || !(atLeast(x, 8) >= 0x1p-100) {
		return nil
	}
	if v, ok := splat(x); ok {
		if _, moderate := product(x.Shape.DType, v.f, 1); !moderate {
			return nil
		}
	}
	b := x.Attr.(ir.BroadcastInDim)
	for _, a := range b.Axes {
		if slices.Contains(over, a) {
			return nil
		}
	}
	r := x.In[0]
	return e.broadcast(e.add(backends.OpTypeDiv, r.Shape, nil, e.fill(r.Shape, 1), r), x.Shape, b.Axes)
}
