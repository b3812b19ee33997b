package elem

import (
	"math/bits"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
)

// integral returns the kernels that signed and unsigned integers share the code of; nil for others.
func integral[T integer](op backends.OpType) Kernel {
	switch op {
	case backends.OpTypeDiv:
		return binary(divide[T])
	case backends.OpTypeRem:
		return binary(remainder[T])
	case backends.OpTypePow:
		return each2(power[T])
	case backends.OpTypeIsNaN, backends.OpTypeIsFinite:
		finite := op == backends.OpTypeIsFinite
		return unary(func(d []bool, _ []T) {
			for i := range d {
				d[i] = finite
			}
		})
	case backends.OpTypeReal:
		return move(int(unsafe.Sizeof(T(0))))
	case backends.OpTypeImag:
		return unary(func(d, _ []T) { clear(d) })
	}
	if plain := totalOrder(op); plain != backends.OpTypeInvalid {
		op = plain
	}
	return ordered[T](op)
}

// signed returns the kernels of signed integers; U is the unsigned type of the same size, whose
// kernels serve where signs do not matter.
func signed[T signedInt, U unsignedInt](op backends.OpType) Kernel {
	switch op {
	case backends.OpTypeAbs:
		return unary(absInt[T])
	case backends.OpTypeSign:
		return unary(signInt[T])
	case backends.OpTypeShiftRightArithmetic:
		return binary(shiftRight[T, U])
	case backends.OpTypeBitwiseAnd, backends.OpTypeBitwiseOr, backends.OpTypeBitwiseXor,
		backends.OpTypeBitwiseNot, backends.OpTypeBitCount, backends.OpTypeClz,
		backends.OpTypeShiftLeft, backends.OpTypeShiftRightLogical:
		return unsigned[U, T](op)
	}
	return integral[T](op)
}

// unsigned returns the kernels of unsigned integers; S is the signed type of the same size.
func unsigned[T unsignedInt, S signedInt](op backends.OpType) Kernel {
	switch op {
	case backends.OpTypeAbs:
		return move(int(unsafe.Sizeof(T(0))))
	case backends.OpTypeSign:
		return unary(func(d, x []T) {
			x = x[:len(d)]
			for i := range d {
				d[i] = min(x[i], 1)
			}
		})
	case backends.OpTypeBitwiseAnd:
		return binary(and[T])
	case backends.OpTypeBitwiseOr:
		return binary(or[T])
	case backends.OpTypeBitwiseXor:
		return binary(xor[T])
	case backends.OpTypeBitwiseNot:
		return unary(func(d, x []T) {
			x = x[:len(d)]
			for i := range d {
				d[i] = ^x[i]
			}
		})
	case backends.OpTypeBitCount:
		return unary(func(d, x []T) {
			x = x[:len(d)]
			for i := range d {
				d[i] = T(bits.OnesCount64(uint64(x[i])))
			}
		})
	case backends.OpTypeClz:
		unused := 64 - 8*int(unsafe.Sizeof(T(0)))
		return unary(func(d, x []T) {
			x = x[:len(d)]
			for i := range d {
				d[i] = T(bits.LeadingZeros64(uint64(x[i])) - unused)
			}
		})
	case backends.OpTypeShiftLeft:
		return binary(func(d, x, y []T) {
			x, y = x[:len(d)], y[:len(d)]
			for i := range d {
				d[i] = x[i] << y[i]
			}
		})
	case backends.OpTypeShiftRightLogical:
		return binary(shiftRight[T, T])
	case backends.OpTypeShiftRightArithmetic:
		return binary(shiftRight[S, T])
	}
	return integral[T](op)
}

// boolean returns the kernels of bool, which are those of bytes that are 0 or 1.
func boolean(op backends.OpType) Kernel {
	switch op {
	case backends.OpTypeLogicalAnd, backends.OpTypeBitwiseAnd, backends.OpTypeMin, backends.OpTypeMul:
		return binary(and[uint8])
	case backends.OpTypeLogicalOr, backends.OpTypeBitwiseOr, backends.OpTypeMax, backends.OpTypeAdd:
		return binary(or[uint8])
	case backends.OpTypeLogicalXor, backends.OpTypeBitwiseXor:
		return binary(xor[uint8])
	case backends.OpTypeLogicalNot, backends.OpTypeBitwiseNot:
		return unary(func(d, x []uint8) {
			x = x[:len(d)]
			for i := range d {
				d[i] = x[i] ^ 1
			}
		})
	case backends.OpTypeClamp, backends.OpTypeEqual, backends.OpTypeNotEqual,
		backends.OpTypeLessThan, backends.OpTypeLessOrEqual,
		backends.OpTypeGreaterThan, backends.OpTypeGreaterOrEqual:
		return ordered[uint8](op)
	}
	if op := totalOrder(op); op != backends.OpTypeInvalid {
		return ordered[uint8](op)
	}
	return nil
}

func divide[T integer](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		if y[i] == 0 {
			d[i] = ^T(0) // -1, or the largest of an unsigned type
			continue
		}
		d[i] = x[i] / y[i] // MinInt/-1 is MinInt in Go
	}
}

func remainder[T integer](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		v := x[i]
		if y[i] != 0 {
			v %= y[i]
		}
		d[i] = v
	}
}

// power squares and multiplies; the product wraps.
func power[T integer](x, y T) T {
	if y < 0 {
		switch {
		case x == 1:
			return 1
		case x+1 == 0: // -1
			return 1 - 2*(y&1)
		}
		return 0
	}
	p := T(1)
	for {
		if y&1 != 0 {
			p *= x
		}
		if y >>= 1; y == 0 {
			return p
		}
		x *= x
	}
}

// absInt leaves MinInt, as negation does.
func absInt[T signedInt](d, x []T) {
	x = x[:len(d)]
	for i := range d {
		d[i] = max(x[i], -x[i])
	}
}

func signInt[T signedInt](d, x []T) {
	x = x[:len(d)]
	for i := range d {
		d[i] = max(min(x[i], 1), -1)
	}
}

func and[T unsignedInt](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] & y[i]
	}
}

func or[T unsignedInt](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] | y[i]
	}
}

func xor[T unsignedInt](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] ^ y[i]
	}
}

// shiftRight takes its counts as unsigned, so that negative ones are beyond the width; its result
// copies the sign bit if T is signed.
func shiftRight[T integer, U unsignedInt](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] >> U(y[i])
	}
}
