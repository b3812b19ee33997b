package rewrite

import (
	"math"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// arith simplifies arithmetic where IEEE gives the same result for every operand, NaN, infinities
// and signed zeros included.
func arith(e *editor, n *ir.Node) *ir.Node {
	if n.Shape.DType.IsComplex() {
		return arithComplex(n)
	}
	switch n.Op {
	case backends.OpTypeAdd:
		return arithAdd(e, n)
	case backends.OpTypeSub:
		return arithSub(e, n)
	case backends.OpTypeMul:
		return arithMul(e, n)
	case backends.OpTypeDiv:
		return arithDiv(e, n)
	case backends.OpTypePow:
		return arithPow(e, n)
	case backends.OpTypeMax, backends.OpTypeMin:
		return arithMaxMin(n)
	case backends.OpTypeConvertDType:
		return arithConvert(e, n)
	case backends.OpTypeNeg:
		switch x := n.In[0]; x.Op {
		case backends.OpTypeNeg:
			return x.In[0]
		case backends.OpTypeMul: // -(x·c) = x·(-c)
			if v, ok := splat(x.In[1]); ok && v.float {
				return e.add(x.Op, n.Shape, nil, x.In[0], e.add(n.Op, n.Shape, nil, x.In[1]))
			}
		}
	case backends.OpTypeAbs:
		if x := n.In[0]; x.Op == backends.OpTypeNeg && !x.Shape.DType.IsUnsigned() {
			return e.add(n.Op, n.Shape, nil, x.In[0])
		}
		if nonNegative(n.In[0], 8) && n.Shape.DType.IsFloat() || n.In[0].Op == n.Op {
			return n.In[0]
		}
	case backends.OpTypeFloor, backends.OpTypeCeil, backends.OpTypeRound:
		if n.In[0].Op == n.Op {
			return n.In[0]
		}
	case backends.OpTypeSign:
		return arithSign(e, n)
	case backends.OpTypeReal, backends.OpTypeImag:
		x := n.In[0]
		if x.Op == backends.OpTypeComplex {
			if n.Op == backends.OpTypeReal {
				return x.In[0]
			}
			return x.In[1]
		}
		if n.Op == backends.OpTypeReal && x.Shape.Equal(n.Shape) {
			return x
		}
	}
	return nil
}

// arithComplex simplifies what is as true for complex numbers. Most rules are not: (x+iy)·1 is
// x·1-y·0, which is NaN for infinite y.
func arithComplex(n *ir.Node) *ir.Node {
	switch x := n.In; n.Op {
	case backends.OpTypeNeg, backends.OpTypeConj:
		if x[0].Op == n.Op {
			return x[0].In[0]
		}
	case backends.OpTypeConvertDType:
		if x[0].Shape.Equal(n.Shape) {
			return x[0]
		}
	}
	return nil
}

// arithAdd: x + -0 = x, and x + 0 = x unless x may be -0; x + -y = x - y.
func arithAdd(e *editor, n *ir.Node) *ir.Node {
	x, y := n.In[0], n.In[1]
	for range 2 {
		if v, ok := splat(y); ok {
			if v.isNegZero() || v.is(0) && (!v.float || nonNegative(x, 8)) {
				return x
			}
		}
		if y.Op == backends.OpTypeNeg {
			return e.add(backends.OpTypeSub, n.Shape, nil, x, y.In[0])
		}
		x, y = y, x
	}
	return nil
}

// arithSub: x - 0 = x, -0 - y = -y, x - -y = x + y.
func arithSub(e *editor, n *ir.Node) *ir.Node {
	x, y := n.In[0], n.In[1]
	if v, ok := splat(y); ok && v.is(0) {
		return x
	}
	if v, ok := splat(x); ok && (v.isNegZero() || v.is(0) && !v.float) {
		return e.add(backends.OpTypeNeg, n.Shape, nil, y)
	}
	if y.Op == backends.OpTypeNeg {
		return e.add(backends.OpTypeAdd, n.Shape, nil, x, y.In[0])
	}
	if x == y && n.Shape.DType.IsInt() {
		return e.fill(n.Shape, 0)
	}
	return nil
}

// arithMul: x·1 = x, x·-1 = -x, -x·-y = x·y, -x·c = x·(-c); for integers x·0 = 0. Constants go to the
// right, which changes nothing but makes equals look equal.
func arithMul(e *editor, n *ir.Node) *ir.Node {
	x, y := n.In[0], n.In[1]
	if _, ok := splat(x); ok {
		if _, both := splat(y); !both {
			return e.add(n.Op, n.Shape, nil, y, x)
		}
	}
	if v, ok := splat(y); ok {
		switch {
		case v.is(1):
			return x
		case v.is(-1) && !n.Shape.DType.IsUnsigned():
			return e.add(backends.OpTypeNeg, n.Shape, nil, x)
		case v.is(0) && !v.float:
			return y
		case x.Op == backends.OpTypeNeg && v.float:
			return e.add(n.Op, n.Shape, nil, x.In[0], e.add(backends.OpTypeNeg, n.Shape, nil, y))
		}
	}
	if x.Op == backends.OpTypeNeg && y.Op == backends.OpTypeNeg {
		return e.add(n.Op, n.Shape, nil, x.In[0], y.In[0])
	}
	return nil
}

// arithDiv: x/1 = x, x/-1 = -x, and division by a power of two is multiplication by another, which
// rounds the same number.
func arithDiv(e *editor, n *ir.Node) *ir.Node {
	x := n.In[0]
	v, ok := splat(n.In[1])
	switch {
	case !ok:
		return nil
	case v.is(1):
		return x
	case v.is(-1) && v.float:
		return e.add(backends.OpTypeNeg, n.Shape, nil, x)
	case v.float && math.Abs(v.f) >= 1:
		if f, exp := math.Frexp(v.f); math.Abs(f) == 0.5 && exp-1 <= maxExponent(n.Shape.DType) {
			return e.add(backends.OpTypeMul, n.Shape, nil, x, e.fill(n.Shape, 1/v.f))
		}
	}
	return nil
}

// maxExponent returns the largest k for which 2^-k is a normal number of the type.
func maxExponent(dtype dtypes.DType) int {
	switch dtype {
	case dtypes.Float16:
		return 14
	case dtypes.Float64:
		return 1022
	}
	return 126 // float32, bfloat16
}

// arithPow computes small whole exponents by multiplications. Exponents 1, 2 and -1 round once, as
// the best Pow would; -2, 3 and 4 are within 1.5 ulp and are left alone for 16-bit floats, which
// would be rounded to 16 bits in between. Exponent 1/2 is a square root where the operand cannot be
// negative: Pow of -0 and of -∞ are not what Sqrt gives.
func arithPow(e *editor, n *ir.Node) *ir.Node {
	x := n.In[0]
	v, ok := splat(n.In[1])
	if !ok {
		return nil
	}
	mul := func(a, b *ir.Node) *ir.Node { return e.add(backends.OpTypeMul, n.Shape, nil, a, b) }
	inverse := func() *ir.Node {
		return e.add(backends.OpTypeDiv, n.Shape, nil, e.fill(n.Shape, 1), x)
	}
	exact := !v.float || !n.Shape.DType.IsFloat16()
	switch {
	case v.is(0):
		return e.fill(n.Shape, 1)
	case v.is(1):
		return x
	case v.is(2):
		return mul(x, x)
	case v.is(3) && exact:
		return mul(mul(x, x), x)
	case v.is(4) && exact:
		y := mul(x, x)
		return mul(y, y)
	case v.is(-1) && v.float:
		return inverse()
	case v.is(-2) && v.float && exact:
		y := inverse() // squared last, so that nothing overflows that should not
		return mul(y, y)
	case v.float && v.f == 0.5 && nonNegative(x, 8):
		return e.add(backends.OpTypeSqrt, n.Shape, nil, x)
	}
	return nil
}

// arithMaxMin: the greater of x and x, and of x and -∞, is x.
func arithMaxMin(n *ir.Node) *ir.Node {
	x, y := n.In[0], n.In[1]
	if x == y {
		return x
	}
	sign := 1 // of the infinity that never wins
	if n.Op == backends.OpTypeMax {
		sign = -1
	}
	if v, ok := splat(y); ok && math.IsInf(v.f, sign) {
		return x
	}
	if v, ok := splat(x); ok && math.IsInf(v.f, sign) {
		return y
	}
	return nil
}

// arithSign shortens the indicators from which GoMLX builds the gradients of Max and ReduceMax:
// Sign(Sign(x)+1) is Min(Sign(x)+1, 1), and Sign(1-Sign(x)) is Min(1-Sign(x), 1), since the sums are
// 0, 1, 2 or NaN.
func arithSign(e *editor, n *ir.Node) *ir.Node {
	x := n.In[0]
	if x.Op == n.Op {
		return x
	}
	if !n.Shape.DType.IsFloat() || x.Op != backends.OpTypeAdd && x.Op != backends.OpTypeSub {
		return nil
	}
	one := func(y *ir.Node) bool {
		v, ok := splat(y)
		return ok && v.is(1)
	}
	a, b := x.In[0], x.In[1]
	if x.Op == backends.OpTypeAdd && (a.Op == n.Op && one(b) || b.Op == n.Op && one(a)) ||
		x.Op == backends.OpTypeSub && one(a) && b.Op == n.Op {
		return e.add(backends.OpTypeMin, n.Shape, nil, x, e.fill(n.Shape, 1))
	}
	return nil
}
