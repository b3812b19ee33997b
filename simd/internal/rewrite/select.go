package rewrite

import (
	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// selects simplifies Where, logic and operations on bits.
func selects(e *editor, n *ir.Node) *ir.Node {
	switch n.Op {
	case backends.OpTypeWhere:
		return selectWhere(e, n)
	case backends.OpTypeLogicalNot:
		return selectNot(e, n)
	case backends.OpTypeBitwiseNot:
		if x := n.In[0]; x.Op == n.Op {
			return x.In[0]
		}
	case backends.OpTypeLogicalAnd, backends.OpTypeLogicalOr, backends.OpTypeLogicalXor,
		backends.OpTypeBitwiseAnd, backends.OpTypeBitwiseOr, backends.OpTypeBitwiseXor:
		if m := selectBits(e, n, n.In[0], n.In[1]); m != nil {
			return m
		}
		return selectBits(e, n, n.In[1], n.In[0])
	case backends.OpTypeShiftLeft, backends.OpTypeShiftRightArithmetic, backends.OpTypeShiftRightLogical:
		if v, ok := splat(n.In[1]); ok && v.is(0) {
			return n.In[0]
		}
	case backends.OpTypeEqual, backends.OpTypeLessOrEqual, backends.OpTypeGreaterOrEqual:
		if x := n.In[0]; x == n.In[1] && !x.Shape.DType.IsFloat() && !x.Shape.DType.IsComplex() {
			return e.fill(n.Shape, 1)
		}
	case backends.OpTypeNotEqual, backends.OpTypeLessThan, backends.OpTypeGreaterThan:
		if x := n.In[0]; x == n.In[1] && (n.Op != backends.OpTypeNotEqual || !x.Shape.DType.IsFloat() && !x.Shape.DType.IsComplex()) {
			return e.fill(n.Shape, 0) // NaN < NaN is false, too
		}
	}
	return nil
}

// selectWhere takes the branch of a known condition, drops a choice between equals, and joins
// choices by one condition. A choice between 1 and 0 is a conversion of the condition.
func selectWhere(e *editor, n *ir.Node) *ir.Node {
	c, a, b := n.In[0], n.In[1], n.In[2]
	if v, ok := splat(c); ok {
		if v.is(0) {
			return b
		}
		return a
	}
	switch {
	case a == b:
		return a
	case c.Op == backends.OpTypeLogicalNot:
		return e.add(n.Op, n.Shape, nil, c.In[0], b, a)
	case a.Op == n.Op && a.In[0] == c:
		return e.add(n.Op, n.Shape, nil, c, a.In[1], b)
	case b.Op == n.Op && b.In[0] == c:
		return e.add(n.Op, n.Shape, nil, c, a, b.In[2])
	}
	va, oka := splat(a)
	vb, okb := splat(b)
	if !oka || !okb || n.Shape.DType.IsComplex() {
		return nil
	}
	if va.is(1) && vb.is(0) {
		return e.convert(c, n.Shape.DType)
	}
	if va.is(0) && vb.is(1) {
		return e.convert(e.add(backends.OpTypeLogicalNot, c.Shape, nil, c), n.Shape.DType)
	}
	return nil
}

// selectNot drops double negation, and turns a negated equality into an inequality, which is the
// same for NaN.
func selectNot(e *editor, n *ir.Node) *ir.Node {
	x := n.In[0]
	switch x.Op {
	case backends.OpTypeLogicalNot:
		return x.In[0]
	case backends.OpTypeEqual:
		return e.add(backends.OpTypeNotEqual, n.Shape, nil, x.In...)
	case backends.OpTypeNotEqual:
		return e.add(backends.OpTypeEqual, n.Shape, nil, x.In...)
	}
	return nil
}

// selectBits simplifies n = x op y where x = y or y is all zeros or all ones.
func selectBits(e *editor, n, x, y *ir.Node) *ir.Node {
	and := n.Op == backends.OpTypeLogicalAnd || n.Op == backends.OpTypeBitwiseAnd
	xor := n.Op == backends.OpTypeLogicalXor || n.Op == backends.OpTypeBitwiseXor
	if x == y {
		if xor {
			return e.fill(n.Shape, 0)
		}
		return x
	}
	v, ok := splat(y)
	if !ok {
		return nil
	}
	switch {
	case v.is(0) && and:
		return y
	case v.is(0):
		return x
	case !allOnes(v, n.Shape.DType):
		return nil
	case and:
		return x
	case !xor:
		return y
	case n.Shape.DType == dtypes.Bool:
		return e.add(backends.OpTypeLogicalNot, n.Shape, nil, x)
	}
	return e.add(backends.OpTypeBitwiseNot, n.Shape, nil, x)
}

// allOnes reports whether every bit of the number is set; true has only one.
func allOnes(v number, dtype dtypes.DType) bool {
	if dtype == dtypes.Bool {
		return v.is(1)
	}
	unused := 64 - dtype.Bits()
	return !v.float && v.i<<unused == -1<<unused
}
