package ir

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
)

// elementwise lists the operations whose result has, at each place, a function of the operands at the
// same place, by the number of their operands.
var elementwise = [...][]Op{
	1: {
		backends.OpTypeAbs, backends.OpTypeBitCount, backends.OpTypeBitwiseNot, backends.OpTypeCeil, backends.OpTypeClz,
		backends.OpTypeConj, backends.OpTypeConvertDType, backends.OpTypeCos, backends.OpTypeErf, backends.OpTypeExp,
		backends.OpTypeExpm1, backends.OpTypeFloor, backends.OpTypeImag, backends.OpTypeIsFinite, backends.OpTypeIsNaN,
		backends.OpTypeLog, backends.OpTypeLog1p, backends.OpTypeLogicalNot, backends.OpTypeLogistic, backends.OpTypeNeg,
		backends.OpTypeReal, backends.OpTypeRound, backends.OpTypeRsqrt, backends.OpTypeSign, backends.OpTypeSin,
		backends.OpTypeSqrt, backends.OpTypeTanh,
	},
	2: {
		backends.OpTypeAdd, backends.OpTypeBitwiseAnd, backends.OpTypeBitwiseOr, backends.OpTypeBitwiseXor,
		backends.OpTypeComplex, backends.OpTypeDiv, backends.OpTypeEqual, backends.OpTypeEqualTotalOrder,
		backends.OpTypeGreaterOrEqual, backends.OpTypeGreaterOrEqualTotalOrder, backends.OpTypeGreaterThan,
		backends.OpTypeGreaterThanTotalOrder, backends.OpTypeLessOrEqual, backends.OpTypeLessOrEqualTotalOrder,
		backends.OpTypeLessThan, backends.OpTypeLessThanTotalOrder, backends.OpTypeLogicalAnd, backends.OpTypeLogicalOr,
		backends.OpTypeLogicalXor, backends.OpTypeMax, backends.OpTypeMin, backends.OpTypeMul, backends.OpTypeNotEqual,
		backends.OpTypeNotEqualTotalOrder, backends.OpTypePow, backends.OpTypeRem, backends.OpTypeShiftLeft,
		backends.OpTypeShiftRightArithmetic, backends.OpTypeShiftRightLogical, backends.OpTypeSub,
	},
	3: {backends.OpTypeClamp, backends.OpTypeWhere},
}

// reductions combine the elements along some axes.
var reductions = []Op{
	backends.OpTypeReduceBitwiseAnd, backends.OpTypeReduceBitwiseOr, backends.OpTypeReduceBitwiseXor,
	backends.OpTypeReduceLogicalAnd, backends.OpTypeReduceLogicalOr, backends.OpTypeReduceLogicalXor,
	backends.OpTypeReduceMax, backends.OpTypeReduceMin, backends.OpTypeReduceProduct, backends.OpTypeReduceSum,
}

// arities and reduces are the lists as tables.
var arities, reduces = func() (a [OpEnd]int8, r [OpEnd]bool) {
	for n, ops := range elementwise {
		for _, op := range ops {
			a[op] = int8(n)
		}
	}
	for _, op := range reductions {
		r[op] = true
	}
	return a, r
}()

// Elementwise returns the elementwise operations.
func Elementwise() []Op { return slices.Concat(elementwise[:]...) }

// Reductions returns the reductions.
func Reductions() []Op { return slices.Clone(reductions) }

// Arity returns how many operands an elementwise operation has, and 0 for everything else.
func Arity(op Op) int {
	if op < 0 || op >= OpEnd {
		return 0
	}
	return int(arities[op])
}

// IsReduction reports whether op is a reduction.
func IsReduction(op Op) bool { return op >= 0 && op < OpEnd && reduces[op] }

// DataOperand returns which operand's element type an elementwise operation's kernel goes by: the
// first that is no condition.
func DataOperand(op Op) int {
	if op == backends.OpTypeWhere {
		return 1
	}
	return 0
}
