package loop

import (
	"math"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// isFloatOp reports whether float computes a value: a kernel that is called for one element costs
// several times what the element does, and programs on rows have some of them for each row.
func isFloatOp(v *emitted) bool {
	if v.dtype != dtypes.Float32 {
		return false
	}
	switch v.op {
	case backends.OpTypeAdd, backends.OpTypeSub, backends.OpTypeMul, backends.OpTypeDiv, backends.OpTypeNeg,
		backends.OpTypeSqrt, backends.OpTypeRsqrt:
		return true
	}
	return false
}

// float runs one operation on float32.
func (s *state) float(o *op) {
	x := *(*float32)(s.reg[o.a])
	switch o.arith {
	case backends.OpTypeAdd:
		x += *(*float32)(s.reg[o.b])
	case backends.OpTypeSub:
		x -= *(*float32)(s.reg[o.b])
	case backends.OpTypeMul:
		x *= *(*float32)(s.reg[o.b])
	case backends.OpTypeDiv:
		x /= *(*float32)(s.reg[o.b])
	case backends.OpTypeNeg:
		x = -x
	case backends.OpTypeSqrt:
		x = float32(math.Sqrt(float64(x)))
	case backends.OpTypeRsqrt:
		x = float32(1 / math.Sqrt(float64(x)))
	}
	*(*float32)(s.reg[o.d]) = x
}
