package elem

import (
	"unsafe"

	"github.com/gomlx/gomlx/backends"
)

// The types that kernels are written for. They are the dtypes' own, not types derived from them.
type (
	signedInt   interface{ int8 | int16 | int32 | int64 }
	unsignedInt interface {
		uint8 | uint16 | uint32 | uint64
	}
	integer    interface{ signedInt | unsignedInt }
	floating   interface{ float32 | float64 }
	ordinal    interface{ integer | floating }
	anyComplex interface{ complex64 | complex128 }
	number     interface{ ordinal | anyComplex }
)

// arithmetic returns the kernels that all numbers have; nil for other operations.
func arithmetic[T number](op backends.OpType) Kernel {
	switch op {
	case backends.OpTypeAdd:
		return binary(add[T])
	case backends.OpTypeSub:
		return binary(sub[T])
	case backends.OpTypeMul:
		return binary(mul[T])
	case backends.OpTypeNeg:
		return unary(neg[T])
	case backends.OpTypeEqual:
		return binary(equal[T])
	case backends.OpTypeNotEqual:
		return binary(notEqual[T])
	}
	return nil
}

// ordered returns the kernels that all real numbers have; nil for other operations.
func ordered[T ordinal](op backends.OpType) Kernel {
	switch op {
	case backends.OpTypeMax:
		return binary(larger[T])
	case backends.OpTypeMin:
		return binary(smaller[T])
	case backends.OpTypeClamp:
		return ternary(clamp[T])
	case backends.OpTypeLessThan:
		return binary(less[T])
	case backends.OpTypeLessOrEqual:
		return binary(lessOrEqual[T])
	case backends.OpTypeGreaterThan:
		return swapped(binary(less[T]))
	case backends.OpTypeGreaterOrEqual:
		return swapped(binary(lessOrEqual[T]))
	}
	return arithmetic[T](op)
}

// totalOrder turns a comparison of the total order into the comparison of integers that means the
// same; any other operation into OpTypeInvalid.
func totalOrder(op backends.OpType) backends.OpType {
	switch op {
	case backends.OpTypeEqualTotalOrder:
		return backends.OpTypeEqual
	case backends.OpTypeNotEqualTotalOrder:
		return backends.OpTypeNotEqual
	case backends.OpTypeLessThanTotalOrder:
		return backends.OpTypeLessThan
	case backends.OpTypeLessOrEqualTotalOrder:
		return backends.OpTypeLessOrEqual
	case backends.OpTypeGreaterThanTotalOrder:
		return backends.OpTypeGreaterThan
	case backends.OpTypeGreaterOrEqualTotalOrder:
		return backends.OpTypeGreaterOrEqual
	}
	return backends.OpTypeInvalid
}

// swapped exchanges the operands.
func swapped(k Kernel) Kernel {
	return func(dst, a, b, c unsafe.Pointer, n int) { k(dst, b, a, c, n) }
}

func add[T number](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] + y[i]
	}
}

func sub[T number](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] - y[i]
	}
}

func mul[T number](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] * y[i]
	}
}

// quotient is for floats and complex numbers, whose division by zero is a value.
func quotient[T floating | anyComplex](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] / y[i]
	}
}

func neg[T number](d, x []T) {
	x = x[:len(d)]
	for i := range d {
		d[i] = -x[i]
	}
}

// larger uses the built-in max, which has NaN win and +0 above -0.
func larger[T ordinal](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = max(x[i], y[i])
	}
}

func smaller[T ordinal](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = min(x[i], y[i])
	}
}

// clamp gives hi where lo > hi, as XLA does.
func clamp[T ordinal](d, lo, x, hi []T) {
	lo, x, hi = lo[:len(d)], x[:len(d)], hi[:len(d)]
	for i := range d {
		d[i] = min(max(x[i], lo[i]), hi[i])
	}
}

func equal[T comparable](d []bool, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] == y[i]
	}
}

func notEqual[T comparable](d []bool, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] != y[i]
	}
}

func less[T ordinal](d []bool, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] < y[i]
	}
}

func lessOrEqual[T ordinal](d []bool, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] <= y[i]
	}
}
