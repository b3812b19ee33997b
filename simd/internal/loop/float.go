package loop

import (
	"math"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// isFloatOp reports whether float computes a value: a kernel that is called for one element costs
// several times what the element does, and programs on rows have some of them for each row.
func isFloatOp(v *emitted) bool {
	if v.dtype != dtypes.Float32 && v.dtype != dtypes.Float64 {
		return false
	}
	switch v.op {
	case backends.OpTypeAdd, backends.OpTypeSub, backends.OpTypeMul, backends.OpTypeDiv, backends.OpTypeNeg,
		backends.OpTypeSqrt, backends.OpTypeRsqrt:
		return true
	}
	return false
}

// float runs one operation on one float.
func (s *state) float(o *op) {
	b := o.b
	if b == 0 {
		b = o.a
	}
	if o.size == 4 {
		*(*float32)(s.reg[o.d]) = arithmeticOn(o.arith, *(*float32)(s.reg[o.a]), *(*float32)(s.reg[b]))
	} else {
		*(*float64)(s.reg[o.d]) = arithmeticOn(o.arith, *(*float64)(s.reg[o.a]), *(*float64)(s.reg[b]))
	}
}

func arithmeticOn[T float32 | float64](op ir.Op, x, y T) T {
	switch op {
	case backends.OpTypeAdd:
		return x + y
	case backends.OpTypeSub:
		return x - y
	case backends.OpTypeMul:
		return x * y
	case backends.OpTypeDiv:
		return x / y
	case backends.OpTypeNeg:
		return -x
	case backends.OpTypeSqrt:
		return T(math.Sqrt(float64(x)))
	default: // Rsqrt
		return T(1 / math.Sqrt(float64(x)))
	}
}
