package simd

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// Equal returns lhs = rhs; false for NaN.
func (b *Builder) Equal(lhs, rhs backends.Op) (backends.Op, error) {
	return b.compare(backends.OpTypeEqual, lhs, rhs, kindAny)
}

// NotEqual returns lhs ≠ rhs; true for NaN.
func (b *Builder) NotEqual(lhs, rhs backends.Op) (backends.Op, error) {
	return b.compare(backends.OpTypeNotEqual, lhs, rhs, kindAny)
}

// GreaterOrEqual returns lhs ≥ rhs; false for NaN.
func (b *Builder) GreaterOrEqual(lhs, rhs backends.Op) (backends.Op, error) {
	return b.compare(backends.OpTypeGreaterOrEqual, lhs, rhs, kindOrdered)
}

// GreaterThan returns lhs > rhs; false for NaN.
func (b *Builder) GreaterThan(lhs, rhs backends.Op) (backends.Op, error) {
	return b.compare(backends.OpTypeGreaterThan, lhs, rhs, kindOrdered)
}

// LessOrEqual returns lhs ≤ rhs; false for NaN.
func (b *Builder) LessOrEqual(lhs, rhs backends.Op) (backends.Op, error) {
	return b.compare(backends.OpTypeLessOrEqual, lhs, rhs, kindOrdered)
}

// LessThan returns lhs < rhs; false for NaN.
func (b *Builder) LessThan(lhs, rhs backends.Op) (backends.Op, error) {
	return b.compare(backends.OpTypeLessThan, lhs, rhs, kindOrdered)
}

// EqualTotalOrder returns lhs = rhs in the order -NaN < -Inf < … < -0 < 0 < … < Inf < NaN.
func (b *Builder) EqualTotalOrder(lhs, rhs backends.Op) (backends.Op, error) {
	return b.compare(backends.OpTypeEqualTotalOrder, lhs, rhs, kindOrdered)
}

// NotEqualTotalOrder returns lhs ≠ rhs in the total order; see [Builder.EqualTotalOrder].
func (b *Builder) NotEqualTotalOrder(lhs, rhs backends.Op) (backends.Op, error) {
	return b.compare(backends.OpTypeNotEqualTotalOrder, lhs, rhs, kindOrdered)
}

// GreaterOrEqualTotalOrder returns lhs ≥ rhs in the total order; see [Builder.EqualTotalOrder].
func (b *Builder) GreaterOrEqualTotalOrder(lhs, rhs backends.Op) (backends.Op, error) {
	return b.compare(backends.OpTypeGreaterOrEqualTotalOrder, lhs, rhs, kindOrdered)
}

// GreaterThanTotalOrder returns lhs > rhs in the total order; see [Builder.EqualTotalOrder].
func (b *Builder) GreaterThanTotalOrder(lhs, rhs backends.Op) (backends.Op, error) {
	return b.compare(backends.OpTypeGreaterThanTotalOrder, lhs, rhs, kindOrdered)
}

// LessOrEqualTotalOrder returns lhs ≤ rhs in the total order; see [Builder.EqualTotalOrder].
func (b *Builder) LessOrEqualTotalOrder(lhs, rhs backends.Op) (backends.Op, error) {
	return b.compare(backends.OpTypeLessOrEqualTotalOrder, lhs, rhs, kindOrdered)
}

// LessThanTotalOrder returns lhs < rhs in the total order; see [Builder.EqualTotalOrder].
func (b *Builder) LessThanTotalOrder(lhs, rhs backends.Op) (backends.Op, error) {
	return b.compare(backends.OpTypeLessThanTotalOrder, lhs, rhs, kindOrdered)
}

// IsFinite reports which elements are neither infinite nor NaN; of a complex number both parts.
func (b *Builder) IsFinite(x backends.Op) (backends.Op, error) {
	const op = backends.OpTypeIsFinite
	return b.build(op, func(in []*ir.Node) *ir.Node {
		want(op, in[0], kindFloat|kindComplex)
		return b.ofParts(op, backends.OpTypeLogicalAnd, in[0])
	}, x)
}

// IsNaN reports which elements are NaN; of a complex number either part. Integers never are.
func (b *Builder) IsNaN(x backends.Op) (backends.Op, error) {
	const op = backends.OpTypeIsNaN
	return b.build(op, func(in []*ir.Node) *ir.Node {
		want(op, in[0], kindAny)
		if kindOf(in[0].Shape.DType)&(kindFloat|kindComplex) == 0 {
			return b.zeros(like(in[0], dtypes.Bool))
		}
		return b.ofParts(op, backends.OpTypeLogicalOr, in[0])
	}, x)
}

// ofParts applies a test of floats, to a complex number's parts, whose results it joins.
func (b *Builder) ofParts(op, join ir.Op, x *ir.Node) *ir.Node {
	if !x.Shape.DType.IsComplex() {
		return b.graph.Add(op, like(x, dtypes.Bool), nil, x)
	}
	re, im := b.ofParts(op, join, b.part(backends.OpTypeReal, x)), b.ofParts(op, join, b.part(backends.OpTypeImag, x))
	return b.graph.Add(join, re.Shape, nil, re, im)
}

// part returns the real or imaginary part of a complex node.
func (b *Builder) part(op ir.Op, x *ir.Node) *ir.Node {
	return b.graph.Add(op, like(x, x.Shape.DType.RealDType()), nil, x)
}

// Real returns the real part; a float is its own.
func (b *Builder) Real(x backends.Op) (backends.Op, error) {
	const op = backends.OpTypeReal
	return b.build(op, func(in []*ir.Node) *ir.Node {
		want(op, in[0], kindFloat|kindComplex)
		if in[0].Shape.DType.IsFloat() {
			return in[0]
		}
		return b.part(op, in[0])
	}, x)
}

// Imag returns the imaginary part; 0 of a float.
func (b *Builder) Imag(x backends.Op) (backends.Op, error) {
	const op = backends.OpTypeImag
	return b.build(op, func(in []*ir.Node) *ir.Node {
		want(op, in[0], kindFloat|kindComplex)
		if in[0].Shape.DType.IsFloat() {
			return b.zeros(in[0].Shape)
		}
		return b.part(op, in[0])
	}, x)
}

// Complex returns re + i·im, of operands of type Float32 or Float64.
func (b *Builder) Complex(re, im backends.Op) (backends.Op, error) {
	const op = backends.OpTypeComplex
	return b.build(op, func(in []*ir.Node) *ir.Node {
		sameType(op, in)
		switch in[0].Shape.DType {
		case dtypes.Float32:
			return b.elementwise(op, dtypes.Complex64, in...)
		case dtypes.Float64:
			return b.elementwise(op, dtypes.Complex128, in...)
		}
		fail(op, "operands %s, want Float32 or Float64", shapesOf(in))
		return nil
	}, re, im)
}

// Clamp returns x held between low and high: min(max(low, x), high). NaN in any operand gives NaN.
func (b *Builder) Clamp(low, x, high backends.Op) (backends.Op, error) {
	const op = backends.OpTypeClamp
	return b.build(op, func(in []*ir.Node) *ir.Node {
		sameType(op, in)
		want(op, in[0], kindReal)
		return b.elementwise(op, in[0].Shape.DType, in...)
	}, low, x, high)
}

// Where returns onTrue where the condition holds and onFalse elsewhere. Scalars among the operands
// are repeated; the others have the same dimensions.
func (b *Builder) Where(condition, onTrue, onFalse backends.Op) (backends.Op, error) {
	const op = backends.OpTypeWhere
	return b.build(op, func(in []*ir.Node) *ir.Node {
		if in[0].Shape.DType != dtypes.Bool {
			fail(op, "condition %s, want type Bool", in[0].Shape)
		}
		sameType(op, in[1:])
		var dims []int
		for _, x := range in {
			switch {
			case x.Shape.IsScalar():
			case dims == nil:
				dims = x.Shape.Dimensions
			case !slices.Equal(dims, x.Shape.Dimensions):
				fail(op, "operands %s, want scalars or equal dimensions", shapesOf(in))
			}
		}
		return b.elementwise(op, in[1].Shape.DType, in...)
	}, condition, onTrue, onFalse)
}

// ConvertDType converts the elements to another type. Floats become integers by dropping the
// fraction, and what does not fit becomes the nearest that does, NaN 0; integers wrap; true is 1, and
// what is not 0 is true; of complex numbers the real part is taken.
func (b *Builder) ConvertDType(x backends.Op, dtype dtypes.DType) (backends.Op, error) {
	const op = backends.OpTypeConvertDType
	return b.build(op, func(in []*ir.Node) *ir.Node {
		checkShape(op, like(in[0], dtype))
		return b.convert(in[0], dtype)
	}, x)
}

// convert returns x as the given type.
func (b *Builder) convert(x *ir.Node, dtype dtypes.DType) *ir.Node {
	if x.Shape.DType == dtype {
		return x
	}
	return b.graph.Add(backends.OpTypeConvertDType, like(x, dtype), nil, x)
}
