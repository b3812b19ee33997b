package elem

import (
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// A Kernel computes n elements: dst[i] = op(a[i], b[i], c[i]). Operands that the operation does not
// have are not looked at. Each operand is a dense block; dst may be the same block as an operand
// whose elements have the same size, but must not overlap one otherwise.
type Kernel func(dst, a, b, c unsafe.Pointer, n int)

// Map returns the kernel of an elementwise operation, or nil if the operation is not elementwise or
// does not take these types. in is the type of the operands and out the result's. Operands come in
// GoMLX's order; for Where in is the type of the values, a points at conditions (bool), b at what is
// taken where they are true and c where they are false. For Clamp a is the minimum, b the value, c
// the maximum.
func Map(op ir.Op, in, out dtypes.DType) Kernel {
	switch op {
	case backends.OpTypeConvertDType:
		return convert(in, out)
	case backends.OpTypeBitcast:
		if size(in) != size(out) || (out == dtypes.Bool && in != dtypes.Bool) {
			return nil
		}
		return move(size(in))
	}
	if out != Result(op, in) {
		return nil
	}
	switch op {
	case backends.OpTypeIdentity:
		return move(size(in))
	case backends.OpTypeWhere:
		return choose(size(in))
	}
	switch in {
	case dtypes.Bool:
		return boolean(op)
	case dtypes.Int8:
		return signed[int8, uint8](op)
	case dtypes.Int16:
		return signed[int16, uint16](op)
	case dtypes.Int32:
		return signed[int32, uint32](op)
	case dtypes.Int64:
		return signed[int64, uint64](op)
	case dtypes.Uint8:
		return unsigned[uint8, int8](op)
	case dtypes.Uint16:
		return unsigned[uint16, int16](op)
	case dtypes.Uint32:
		return unsigned[uint32, int32](op)
	case dtypes.Uint64:
		return unsigned[uint64, int64](op)
	case dtypes.Float16, dtypes.BFloat16:
		return half(op, in)
	case dtypes.Float32:
		return float[float32, int32, complex64](op)
	case dtypes.Float64:
		return float[float64, int64, complex128](op)
	case dtypes.Complex64:
		return complexKernel[complex64, float32](op)
	case dtypes.Complex128:
		return complexKernel[complex128, float64](op)
	}
	return nil
}

// Result returns the type of an elementwise operation's result for operands of type in, without
// asking whether the operation takes that type. It is in for all but comparisons and tests (bool),
// Complex, and Abs, Real and Imag of complex numbers. For ConvertDType and Bitcast it means nothing.
func Result(op ir.Op, in dtypes.DType) dtypes.DType {
	switch op {
	case backends.OpTypeEqual, backends.OpTypeNotEqual, backends.OpTypeGreaterOrEqual,
		backends.OpTypeGreaterThan, backends.OpTypeLessOrEqual, backends.OpTypeLessThan,
		backends.OpTypeEqualTotalOrder, backends.OpTypeNotEqualTotalOrder,
		backends.OpTypeGreaterOrEqualTotalOrder, backends.OpTypeGreaterThanTotalOrder,
		backends.OpTypeLessOrEqualTotalOrder, backends.OpTypeLessThanTotalOrder,
		backends.OpTypeIsFinite, backends.OpTypeIsNaN:
		return dtypes.Bool
	case backends.OpTypeComplex:
		switch in {
		case dtypes.Float32:
			return dtypes.Complex64
		case dtypes.Float64:
			return dtypes.Complex128
		}
	case backends.OpTypeAbs, backends.OpTypeReal, backends.OpTypeImag:
		switch in {
		case dtypes.Complex64:
			return dtypes.Float32
		case dtypes.Complex128:
			return dtypes.Float64
		}
	}
	return in
}

// size returns the bytes of an element, 0 for types that kernels do not know.
func size(t dtypes.DType) int {
	switch t {
	case dtypes.Bool, dtypes.Int8, dtypes.Uint8:
		return 1
	case dtypes.Int16, dtypes.Uint16, dtypes.Float16, dtypes.BFloat16:
		return 2
	case dtypes.Int32, dtypes.Uint32, dtypes.Float32:
		return 4
	case dtypes.Int64, dtypes.Uint64, dtypes.Float64, dtypes.Complex64:
		return 8
	case dtypes.Complex128:
		return 16
	}
	return 0
}
