package plan

import (
	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// operandType is the element type that chooses an elementwise operation's kernel.
func operandType(n *ir.Node) dtypes.DType {
	k := 0
	if n.Op == backends.OpTypeWhere || n.Op == backends.OpTypeClamp {
		k = 1
	}
	return n.In[k].Shape.DType
}

func isHalf(t dtypes.DType) bool { return t == dtypes.Float16 || t == dtypes.BFloat16 }

func isReduction(op ir.Op) bool {
	switch op {
	case backends.OpTypeReduceSum, backends.OpTypeReduceProduct, backends.OpTypeReduceMax, backends.OpTypeReduceMin,
		backends.OpTypeReduceLogicalAnd, backends.OpTypeReduceLogicalOr, backends.OpTypeReduceLogicalXor,
		backends.OpTypeReduceBitwiseAnd, backends.OpTypeReduceBitwiseOr, backends.OpTypeReduceBitwiseXor:
		return true
	}
	return false
}

func isPointful(op ir.Op) bool {
	switch op {
	case backends.OpTypeAbs, backends.OpTypeAdd, backends.OpTypeBitCount, backends.OpTypeBitwiseAnd, backends.OpTypeBitwiseNot,
		backends.OpTypeBitwiseOr, backends.OpTypeBitwiseXor, backends.OpTypeCeil, backends.OpTypeClamp, backends.OpTypeClz,
		backends.OpTypeComplex, backends.OpTypeConj, backends.OpTypeConvertDType, backends.OpTypeCos, backends.OpTypeDiv,
		backends.OpTypeEqual, backends.OpTypeEqualTotalOrder, backends.OpTypeErf, backends.OpTypeExp, backends.OpTypeExpm1,
		backends.OpTypeFloor, backends.OpTypeGreaterOrEqual, backends.OpTypeGreaterOrEqualTotalOrder, backends.OpTypeGreaterThan,
		backends.OpTypeGreaterThanTotalOrder, backends.OpTypeImag, backends.OpTypeIsFinite, backends.OpTypeIsNaN,
		backends.OpTypeLessOrEqual, backends.OpTypeLessOrEqualTotalOrder, backends.OpTypeLessThan, backends.OpTypeLessThanTotalOrder,
		backends.OpTypeLog, backends.OpTypeLog1p, backends.OpTypeLogicalAnd, backends.OpTypeLogicalNot, backends.OpTypeLogicalOr,
		backends.OpTypeLogicalXor, backends.OpTypeLogistic, backends.OpTypeMax, backends.OpTypeMin, backends.OpTypeMul,
		backends.OpTypeNeg, backends.OpTypeNotEqual, backends.OpTypeNotEqualTotalOrder, backends.OpTypePow, backends.OpTypeReal,
		backends.OpTypeRem, backends.OpTypeRound, backends.OpTypeRsqrt, backends.OpTypeShiftLeft,
		backends.OpTypeShiftRightArithmetic, backends.OpTypeShiftRightLogical, backends.OpTypeSign, backends.OpTypeSin,
		backends.OpTypeSqrt, backends.OpTypeSub, backends.OpTypeTanh, backends.OpTypeWhere:
		return true
	}
	return false
}
