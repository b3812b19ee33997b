package elem

import (
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// A Reducer folds n elements of a into *acc, which has the same type and holds [Identity] or what
// earlier calls left. Within a call, sums and products of 16- and 32-bit floats are taken in float64
// and rounded once; float64 and complex sums are pairwise. Long sums of 16-bit floats over many calls
// lose bits in *acc: convert them first. Which calls are made decides the last bits of a sum, the
// processor does not.
type Reducer func(acc, a unsafe.Pointer, n int)

// Reduce returns the reducer of ReduceSum, ReduceProduct, ReduceMax, ReduceMin, and of the logical
// (bool) and bitwise (integers) reductions; nil for other operations and types. Max and Min give NaN
// if any element is NaN.
func Reduce(op ir.Op, dtype dtypes.DType) Reducer {
	switch dtype {
	case dtypes.Bool:
		return reduceBool(op)
	case dtypes.Int8:
		return reduceInt[int8, uint8](op)
	case dtypes.Int16:
		return reduceInt[int16, uint16](op)
	case dtypes.Int32:
		return reduceInt[int32, uint32](op)
	case dtypes.Int64:
		return reduceInt[int64, uint64](op)
	case dtypes.Uint8:
		return reduceInt[uint8, uint8](op)
	case dtypes.Uint16:
		return reduceInt[uint16, uint16](op)
	case dtypes.Uint32:
		return reduceInt[uint32, uint32](op)
	case dtypes.Uint64:
		return reduceInt[uint64, uint64](op)
	case dtypes.Float16, dtypes.BFloat16:
		return reduceHalf(op, dtype)
	case dtypes.Float32:
		switch op {
		case backends.OpTypeReduceSum:
			return fold(func(acc float32, x []float32) float32 { return float32(float64(acc) + sumWide(x)) })
		case backends.OpTypeReduceProduct:
			return fold(func(acc float32, x []float32) float32 { return float32(float64(acc) * productWide(x)) })
		}
		return reduceOrdered[float32](op)
	case dtypes.Float64:
		switch op {
		case backends.OpTypeReduceSum:
			return fold(func(acc float64, x []float64) float64 { return acc + sumPairs(x) })
		case backends.OpTypeReduceProduct:
			return fold(product[float64])
		}
		return reduceOrdered[float64](op)
	case dtypes.Complex64:
		switch op {
		case backends.OpTypeReduceSum:
			return fold(func(acc complex64, x []complex64) complex64 { return acc + sumPairs(x) })
		case backends.OpTypeReduceProduct:
			return fold(product[complex64])
		}
	case dtypes.Complex128:
		switch op {
		case backends.OpTypeReduceSum:
			return fold(func(acc complex128, x []complex128) complex128 { return acc + sumPairs(x) })
		case backends.OpTypeReduceProduct:
			return fold(product[complex128])
		}
	}
	return nil
}

// Binary returns the elementwise operation that a reduction repeats, OpTypeInvalid if op is not a
// reduction: ReduceSum's is Add.
func Binary(reduce ir.Op) ir.Op {
	switch reduce {
	case backends.OpTypeReduceSum:
		return backends.OpTypeAdd
	case backends.OpTypeReduceProduct:
		return backends.OpTypeMul
	case backends.OpTypeReduceMax:
		return backends.OpTypeMax
	case backends.OpTypeReduceMin:
		return backends.OpTypeMin
	case backends.OpTypeReduceLogicalAnd:
		return backends.OpTypeLogicalAnd
	case backends.OpTypeReduceLogicalOr:
		return backends.OpTypeLogicalOr
	case backends.OpTypeReduceLogicalXor:
		return backends.OpTypeLogicalXor
	case backends.OpTypeReduceBitwiseAnd:
		return backends.OpTypeBitwiseAnd
	case backends.OpTypeReduceBitwiseOr:
		return backends.OpTypeBitwiseOr
	case backends.OpTypeReduceBitwiseXor:
		return backends.OpTypeBitwiseXor
	}
	return backends.OpTypeInvalid
}

// fold makes a reducer from a function of the accumulator and a slice.
func fold[T any](f func(acc T, x []T) T) Reducer {
	return func(acc, a unsafe.Pointer, n int) {
		if n > 0 {
			*(*T)(acc) = f(*(*T)(acc), unsafe.Slice((*T)(a), n))
		}
	}
}

// reduceBool counts bool among the integers: Max and Sum are or, Min and Product are and.
func reduceBool(op backends.OpType) Reducer {
	switch op {
	case backends.OpTypeReduceLogicalAnd, backends.OpTypeReduceMin, backends.OpTypeReduceProduct:
		op = backends.OpTypeReduceBitwiseAnd
	case backends.OpTypeReduceLogicalOr, backends.OpTypeReduceMax, backends.OpTypeReduceSum:
		op = backends.OpTypeReduceBitwiseOr
	case backends.OpTypeReduceLogicalXor:
		op = backends.OpTypeReduceBitwiseXor
	case backends.OpTypeReduceBitwiseAnd, backends.OpTypeReduceBitwiseOr, backends.OpTypeReduceBitwiseXor:
	default:
		return nil
	}
	return reduceInt[uint8, uint8](op)
}

// reduceInt returns the reducers of integers; U is the unsigned type of the same size.
func reduceInt[T integer, U unsignedInt](op backends.OpType) Reducer {
	switch op {
	case backends.OpTypeReduceSum:
		return fold(func(acc U, x []U) U {
			for _, v := range x {
				acc += v
			}
			return acc
		})
	case backends.OpTypeReduceProduct:
		return fold(product[U])
	case backends.OpTypeReduceBitwiseAnd:
		return fold(func(acc U, x []U) U {
			for _, v := range x {
				acc &= v
			}
			return acc
		})
	case backends.OpTypeReduceBitwiseOr:
		return fold(func(acc U, x []U) U {
			for _, v := range x {
				acc |= v
			}
			return acc
		})
	case backends.OpTypeReduceBitwiseXor:
		return fold(func(acc U, x []U) U {
			for _, v := range x {
				acc ^= v
			}
			return acc
		})
	}
	return reduceOrdered[T](op)
}

// reduceOrdered returns Max and Min, in four lanes because each step waits for the one before it.
func reduceOrdered[T ordinal](op backends.OpType) Reducer {
	switch op {
	case backends.OpTypeReduceMax:
		return fold(func(acc T, x []T) T {
			m0, m1, m2, m3 := acc, acc, acc, acc
			for ; len(x) >= 4; x = x[4:] {
				m0, m1, m2, m3 = max(m0, x[0]), max(m1, x[1]), max(m2, x[2]), max(m3, x[3])
			}
			for _, v := range x {
				m0 = max(m0, v)
			}
			return max(m0, m1, m2, m3)
		})
	case backends.OpTypeReduceMin:
		return fold(func(acc T, x []T) T {
			m0, m1, m2, m3 := acc, acc, acc, acc
			for ; len(x) >= 4; x = x[4:] {
				m0, m1, m2, m3 = min(m0, x[0]), min(m1, x[1]), min(m2, x[2]), min(m3, x[3])
			}
			for _, v := range x {
				m0 = min(m0, v)
			}
			return min(m0, m1, m2, m3)
		})
	}
	return nil
}

// reduceHalf decodes, reduces in float32 (sums and products in float64), and encodes the result.
func reduceHalf(op backends.OpType, dtype dtypes.DType) Reducer {
	f := formats[dtype]
	var step func(acc float64, x []float32) float64
	switch op {
	case backends.OpTypeReduceSum:
		step = func(acc float64, x []float32) float64 { return acc + sumWide(x) }
	case backends.OpTypeReduceProduct:
		step = func(acc float64, x []float32) float64 { return acc * productWide(x) }
	case backends.OpTypeReduceMax, backends.OpTypeReduceMin:
		r := Reduce(op, dtypes.Float32)
		step = func(acc float64, x []float32) float64 {
			v := float32(acc)
			r(unsafe.Pointer(&v), unsafe.Pointer(unsafe.SliceData(x)), len(x))
			return float64(v)
		}
	default:
		return nil
	}
	return fold(func(acc uint16, x []uint16) uint16 {
		buf := blocks.Get().(*[3][halfBlock]float32)
		defer blocks.Put(buf)
		one := buf[1][:1]
		f.decode(one, []uint16{acc})
		total := float64(one[0])
		for len(x) > 0 {
			m := min(halfBlock, len(x))
			f.decode(buf[0][:m], x[:m])
			total = step(total, buf[0][:m])
			x = x[m:]
		}
		one[0] = oddFloat32(total)
		var result [1]uint16
		f.encode(result[:], one)
		return result[0]
	})
}

// sumWide adds in float64, in four lanes.
func sumWide(x []float32) float64 {
	var s0, s1, s2, s3 float64
	for ; len(x) >= 4; x = x[4:] {
		s0 += float64(x[0])
		s1 += float64(x[1])
		s2 += float64(x[2])
		s3 += float64(x[3])
	}
	for _, v := range x {
		s0 += float64(v)
	}
	return (s0 + s1) + (s2 + s3)
}

func productWide(x []float32) float64 {
	p := 1.0
	for _, v := range x {
		p *= float64(v)
	}
	return p
}

func product[T number](acc T, x []T) T {
	for _, v := range x {
		acc *= v
	}
	return acc
}

// sumPairs halves until 128 elements are left, which it adds in four lanes: the error grows with
// log n.
func sumPairs[T floating | anyComplex](x []T) T {
	if n := len(x); n > 128 {
		half := (n/2 + 127) &^ 127
		return sumPairs(x[:half]) + sumPairs(x[half:])
	}
	var s0, s1, s2, s3 T
	for ; len(x) >= 4; x = x[4:] {
		s0 += x[0]
		s1 += x[1]
		s2 += x[2]
		s3 += x[3]
	}
	for _, v := range x {
		s0 += v
	}
	return (s0 + s1) + (s2 + s3)
}
