package simd

import (
	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// kind is a set of element types.
type kind int

const (
	kindBool kind = 1 << iota
	kindSigned
	kindUnsigned
	kindFloat
	kindComplex

	kindInt    = kindSigned | kindUnsigned
	kindReal   = kindInt | kindFloat
	kindNumber = kindReal | kindComplex
	kindAny    = kindNumber | kindBool

	kindOrdered = kindReal | kindBool
)

// kindOf returns the kind of a type; 0 of one that is not supported.
func kindOf(t dtypes.DType) kind {
	switch {
	case t == dtypes.Bool:
		return kindBool
	case t.IsUnsigned():
		return kindUnsigned
	case t.IsInt():
		return kindSigned
	case t.IsFloat():
		return kindFloat
	case t.IsComplex():
		return kindComplex
	}
	return 0
}

// String lists the kinds, for errors.
func (k kind) String() string {
	s := ""
	for _, name := range []struct {
		k    kind
		name string
	}{{kindBool, "Bool"}, {kindSigned, "signed integer"}, {kindUnsigned, "unsigned integer"}, {kindFloat, "float"}, {kindComplex, "complex"}} {
		if k&name.k != 0 {
			if s != "" {
				s += ", "
			}
			s += name.name
		}
	}
	return s
}

// want fails unless the operand's type is of one of the kinds.
func want(op ir.Op, x *ir.Node, k kind) {
	if kindOf(x.Shape.DType)&k == 0 {
		fail(op, "operand %s, want a type of: %s", x.Shape, k)
	}
}

// like returns x's shape with another type.
func like(x *ir.Node, dtype dtypes.DType) shapes.Shape {
	return shapes.Shape{DType: dtype, Dimensions: x.Shape.Dimensions}
}

// unary adds op(x), of x's type, which must be of one of the kinds.
func (b *Builder) unary(op ir.Op, x backends.Op, k kind) (backends.Op, error) {
	return b.build(op, func(in []*ir.Node) *ir.Node {
		want(op, in[0], k)
		return b.graph.Add(op, in[0].Shape, nil, in[0])
	}, x)
}

// binary adds op(lhs, rhs) of operands broadcast to the same dimensions; the result has their type.
func (b *Builder) binary(op ir.Op, lhs, rhs backends.Op, k kind) (backends.Op, error) {
	return b.build(op, func(in []*ir.Node) *ir.Node {
		sameType(op, in)
		want(op, in[0], k)
		return b.elementwise(op, in[0].Shape.DType, in...)
	}, lhs, rhs)
}

// compare adds a comparison.
func (b *Builder) compare(op ir.Op, lhs, rhs backends.Op, k kind) (backends.Op, error) {
	return b.build(op, func(in []*ir.Node) *ir.Node {
		sameType(op, in)
		want(op, in[0], k)
		return b.elementwise(op, dtypes.Bool, in...)
	}, lhs, rhs)
}

// elementwise adds an operation on operands broadcast to the same dimensions.
func (b *Builder) elementwise(op ir.Op, dtype dtypes.DType, in ...*ir.Node) *ir.Node {
	dims := commonDims(op, in)
	args := make([]*ir.Node, len(in))
	for i, x := range in {
		args[i] = b.broadcast(x, dims)
	}
	return b.graph.Add(op, makeShape(op, dtype, dims), nil, args...)
}

// Abs returns |x|, of the real type if x is complex. The least integer stays what it is.
func (b *Builder) Abs(x backends.Op) (backends.Op, error) {
	const op = backends.OpTypeAbs
	return b.build(op, func(in []*ir.Node) *ir.Node {
		want(op, in[0], kindNumber)
		dtype := in[0].Shape.DType
		if dtype.IsComplex() {
			dtype = dtype.RealDType()
		}
		return b.graph.Add(op, like(in[0], dtype), nil, in[0])
	}, x)
}

// BitCount returns the number of bits that are one.
func (b *Builder) BitCount(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeBitCount, x, kindInt)
}

// BitwiseNot returns ^x.
func (b *Builder) BitwiseNot(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeBitwiseNot, x, kindInt)
}

// Ceil returns the least integral value not below x.
func (b *Builder) Ceil(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeCeil, x, kindFloat)
}

// Clz returns the number of leading bits that are zero.
func (b *Builder) Clz(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeClz, x, kindInt)
}

// Conj returns the complex conjugate.
func (b *Builder) Conj(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeConj, x, kindComplex)
}

// Cos returns cos(x).
func (b *Builder) Cos(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeCos, x, kindFloat|kindComplex)
}

// Erf returns the error function 2/√π ∫₀ˣ exp(-t²) dt.
func (b *Builder) Erf(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeErf, x, kindFloat)
}

// Exp returns exp(x).
func (b *Builder) Exp(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeExp, x, kindFloat|kindComplex)
}

// Expm1 returns exp(x)-1, accurate near 0.
func (b *Builder) Expm1(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeExpm1, x, kindFloat|kindComplex)
}

// Floor returns the greatest integral value not above x.
func (b *Builder) Floor(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeFloor, x, kindFloat)
}

// Log returns the natural logarithm.
func (b *Builder) Log(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeLog, x, kindFloat|kindComplex)
}

// Log1p returns log(1+x), accurate near 0.
func (b *Builder) Log1p(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeLog1p, x, kindFloat|kindComplex)
}

// LogicalNot returns !x.
func (b *Builder) LogicalNot(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeLogicalNot, x, kindBool)
}

// Logistic returns 1/(1+exp(-x)).
func (b *Builder) Logistic(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeLogistic, x, kindFloat)
}

// Neg returns -x.
func (b *Builder) Neg(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeNeg, x, kindSigned|kindFloat|kindComplex)
}

// Round rounds to the nearest integral value, halves to even.
func (b *Builder) Round(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeRound, x, kindFloat)
}

// Rsqrt returns 1/√x.
func (b *Builder) Rsqrt(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeRsqrt, x, kindFloat|kindComplex)
}

// Sign returns -1, 0 (of x's sign), 1 or NaN.
func (b *Builder) Sign(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeSign, x, kindReal)
}

// Sin returns sin(x).
func (b *Builder) Sin(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeSin, x, kindFloat|kindComplex)
}

// Sqrt returns √x.
func (b *Builder) Sqrt(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeSqrt, x, kindFloat|kindComplex)
}

// Tanh returns tanh(x).
func (b *Builder) Tanh(x backends.Op) (backends.Op, error) {
	return b.unary(backends.OpTypeTanh, x, kindFloat|kindComplex)
}

// Add returns lhs+rhs.
func (b *Builder) Add(lhs, rhs backends.Op) (backends.Op, error) {
	return b.binary(backends.OpTypeAdd, lhs, rhs, kindNumber)
}

// BitwiseAnd returns lhs&rhs.
func (b *Builder) BitwiseAnd(lhs, rhs backends.Op) (backends.Op, error) {
	return b.binary(backends.OpTypeBitwiseAnd, lhs, rhs, kindInt)
}

// BitwiseOr returns lhs|rhs.
func (b *Builder) BitwiseOr(lhs, rhs backends.Op) (backends.Op, error) {
	return b.binary(backends.OpTypeBitwiseOr, lhs, rhs, kindInt)
}

// BitwiseXor returns lhs^rhs.
func (b *Builder) BitwiseXor(lhs, rhs backends.Op) (backends.Op, error) {
	return b.binary(backends.OpTypeBitwiseXor, lhs, rhs, kindInt)
}

// Div returns lhs/rhs; for integers rounded towards zero, and -1 where rhs is 0.
func (b *Builder) Div(lhs, rhs backends.Op) (backends.Op, error) {
	return b.binary(backends.OpTypeDiv, lhs, rhs, kindNumber)
}

// LogicalAnd returns lhs && rhs.
func (b *Builder) LogicalAnd(lhs, rhs backends.Op) (backends.Op, error) {
	return b.binary(backends.OpTypeLogicalAnd, lhs, rhs, kindBool)
}

// LogicalOr returns lhs || rhs.
func (b *Builder) LogicalOr(lhs, rhs backends.Op) (backends.Op, error) {
	return b.binary(backends.OpTypeLogicalOr, lhs, rhs, kindBool)
}

// LogicalXor returns lhs != rhs.
func (b *Builder) LogicalXor(lhs, rhs backends.Op) (backends.Op, error) {
	return b.binary(backends.OpTypeLogicalXor, lhs, rhs, kindBool)
}

// Max returns the greater of the two, NaN if one is NaN; true is greater than false.
func (b *Builder) Max(lhs, rhs backends.Op) (backends.Op, error) {
	return b.extreme(backends.OpTypeMax, backends.OpTypeLogicalOr, lhs, rhs)
}

// Min returns the lesser of the two, NaN if one is NaN; false is less than true.
func (b *Builder) Min(lhs, rhs backends.Op) (backends.Op, error) {
	return b.extreme(backends.OpTypeMin, backends.OpTypeLogicalAnd, lhs, rhs)
}

// extreme is binary with another operation for booleans.
func (b *Builder) extreme(op, logical ir.Op, lhs, rhs backends.Op) (backends.Op, error) {
	return b.build(op, func(in []*ir.Node) *ir.Node {
		sameType(op, in)
		want(op, in[0], kindOrdered)
		commonDims(op, in) // whose errors name op, not what is done
		do := op
		if in[0].Shape.DType == dtypes.Bool {
			do = logical
		}
		return b.elementwise(do, in[0].Shape.DType, in...)
	}, lhs, rhs)
}

// Mul returns lhs·rhs.
func (b *Builder) Mul(lhs, rhs backends.Op) (backends.Op, error) {
	return b.binary(backends.OpTypeMul, lhs, rhs, kindNumber)
}

// Pow returns lhs to the power rhs.
func (b *Builder) Pow(lhs, rhs backends.Op) (backends.Op, error) {
	return b.binary(backends.OpTypePow, lhs, rhs, kindNumber)
}

// Rem returns the remainder of lhs/rhs rounded towards zero; for integers, lhs where rhs is 0.
func (b *Builder) Rem(lhs, rhs backends.Op) (backends.Op, error) {
	return b.binary(backends.OpTypeRem, lhs, rhs, kindReal)
}

// ShiftLeft returns lhs·2^rhs; 0 if rhs is negative or not less than the number of bits.
func (b *Builder) ShiftLeft(lhs, rhs backends.Op) (backends.Op, error) {
	return b.binary(backends.OpTypeShiftLeft, lhs, rhs, kindInt)
}

// ShiftRightArithmetic shifts right and repeats the sign.
func (b *Builder) ShiftRightArithmetic(lhs, rhs backends.Op) (backends.Op, error) {
	return b.binary(backends.OpTypeShiftRightArithmetic, lhs, rhs, kindInt)
}

// ShiftRightLogical shifts right and fills with zeros.
func (b *Builder) ShiftRightLogical(lhs, rhs backends.Op) (backends.Op, error) {
	return b.binary(backends.OpTypeShiftRightLogical, lhs, rhs, kindInt)
}

// Sub returns lhs-rhs.
func (b *Builder) Sub(lhs, rhs backends.Op) (backends.Op, error) {
	return b.binary(backends.OpTypeSub, lhs, rhs, kindNumber)
}
