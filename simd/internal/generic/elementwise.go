package generic

import (
	"unsafe"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// elementwiseOps are computed by package elem's kernels, which know what each means.
var elementwiseOps = []ir.Op{
	backends.OpTypeAbs, backends.OpTypeAdd, backends.OpTypeBitCount, backends.OpTypeBitwiseAnd,
	backends.OpTypeBitwiseNot, backends.OpTypeBitwiseOr, backends.OpTypeBitwiseXor, backends.OpTypeCeil,
	backends.OpTypeClamp, backends.OpTypeClz, backends.OpTypeComplex, backends.OpTypeConj,
	backends.OpTypeCos, backends.OpTypeDiv, backends.OpTypeEqual, backends.OpTypeEqualTotalOrder,
	backends.OpTypeErf, backends.OpTypeExp, backends.OpTypeExpm1, backends.OpTypeFloor,
	backends.OpTypeGreaterOrEqual, backends.OpTypeGreaterOrEqualTotalOrder, backends.OpTypeGreaterThan,
	backends.OpTypeGreaterThanTotalOrder, backends.OpTypeImag, backends.OpTypeIsFinite,
	backends.OpTypeIsNaN, backends.OpTypeLessOrEqual, backends.OpTypeLessOrEqualTotalOrder,
	backends.OpTypeLessThan, backends.OpTypeLessThanTotalOrder, backends.OpTypeLog, backends.OpTypeLog1p,
	backends.OpTypeLogicalAnd, backends.OpTypeLogicalNot, backends.OpTypeLogicalOr,
	backends.OpTypeLogicalXor, backends.OpTypeLogistic, backends.OpTypeMax, backends.OpTypeMin,
	backends.OpTypeMul, backends.OpTypeNeg, backends.OpTypeNotEqual, backends.OpTypeNotEqualTotalOrder,
	backends.OpTypePow, backends.OpTypeReal, backends.OpTypeRem, backends.OpTypeRound,
	backends.OpTypeRsqrt, backends.OpTypeShiftLeft, backends.OpTypeShiftRightArithmetic,
	backends.OpTypeShiftRightLogical, backends.OpTypeSign, backends.OpTypeSin, backends.OpTypeSqrt,
	backends.OpTypeSub, backends.OpTypeTanh, backends.OpTypeWhere, backends.OpTypeConvertDType,
}

func init() {
	for _, op := range elementwiseOps {
		register(op, elementwise)
	}
}

// chunk is how many elements a goroutine takes at once: microseconds of work, and small enough for
// the second-level cache.
const chunk = 1 << 13

// elementwise runs the operation's kernel on pieces of the arrays.
func elementwise(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
	typed := in[0]
	if n.Op == backends.OpTypeWhere {
		typed = in[1]
	}
	k := elem.Map(n.Op, typed.DType, out.DType)
	if k == nil {
		unsupported(n, typed)
	}
	apply(pool, k, out, in...)
}

// apply runs a kernel over arrays of as many elements as out has.
func apply(pool *par.Pool, k elem.Kernel, out tensor.Tensor, in ...tensor.Tensor) {
	size := out.Size()
	pool.For((size+chunk-1)/chunk, func(i int) {
		lo := i * chunk
		var p [3]unsafe.Pointer
		for j, t := range in {
			p[j] = unsafe.Add(t.Data, lo*t.DType.Size())
		}
		k(unsafe.Add(out.Data, lo*out.DType.Size()), p[0], p[1], p[2], min(chunk, size-lo))
	})
}
