package elem

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// Identity writes the neutral element of a reduction to *dst: what it gives for no elements. Sums 0,
// products 1, Max the least value (-Inf, false), Min the greatest, and all bits set, or 0 for the
// rest. It panics if [Reduce] has no such reduction.
func Identity(op ir.Op, dtype dtypes.DType, dst unsafe.Pointer) {
	if Reduce(op, dtype) == nil {
		panic(fmt.Errorf("elem.Identity: no %s of %s", ir.Name(op), dtype))
	}
	if dtype == dtypes.Bool {
		switch op {
		case backends.OpTypeReduceMin, backends.OpTypeReduceProduct, backends.OpTypeReduceLogicalAnd,
			backends.OpTypeReduceBitwiseAnd:
			*(*bool)(dst) = true
		default:
			*(*bool)(dst) = false
		}
		return
	}
	bytes := unsafe.Slice((*byte)(dst), size(dtype))
	clear(bytes)
	switch op {
	case backends.OpTypeReduceBitwiseAnd:
		for i := range bytes {
			bytes[i] = 0xff
		}
	case backends.OpTypeReduceProduct:
		write(dtype, dst, 1)
	case backends.OpTypeReduceMax: // saturates to the least integer
		write(dtype, dst, math.Inf(-1))
	case backends.OpTypeReduceMin:
		write(dtype, dst, math.Inf(1))
	}
}

// write stores a number as the given type.
func write(dtype dtypes.DType, dst unsafe.Pointer, v float64) {
	convert(dtypes.Float64, dtype)(dst, unsafe.Pointer(&v), nil, nil, 1)
}
