package vec

import (
	"sync"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// operands returns how many operands an operation has that half decodes, 0 for those it leaves alone.
func operands(op ir.Op) int {
	switch op {
	case backends.OpTypeSqrt, backends.OpTypeRsqrt, backends.OpTypeExp, backends.OpTypeExpm1, backends.OpTypeLog,
		backends.OpTypeLog1p, backends.OpTypeTanh, backends.OpTypeLogistic, backends.OpTypeErf, backends.OpTypeSin,
		backends.OpTypeCos, backends.OpTypeFloor, backends.OpTypeCeil, backends.OpTypeRound, backends.OpTypeSign,
		backends.OpTypeIsNaN, backends.OpTypeIsFinite:
		return 1
	case backends.OpTypeAdd, backends.OpTypeSub, backends.OpTypeMul, backends.OpTypeDiv, backends.OpTypeMax,
		backends.OpTypeMin, backends.OpTypePow, backends.OpTypeEqual, backends.OpTypeNotEqual, backends.OpTypeLessThan,
		backends.OpTypeLessOrEqual, backends.OpTypeGreaterThan, backends.OpTypeGreaterOrEqual:
		return 2
	}
	return 0
}

// halfBlock is how many elements are decoded at once.
const halfBlock = 512

var halfBlocks = sync.Pool{New: func() any { return new([2][halfBlock]float32) }}

// half returns the kernel of an operation on 16-bit floats: that of float32 between decoding and
// encoding; nil if it leaves the operation to plain Go.
func half(op ir.Op, in, out dtypes.DType) elem.Kernel {
	convert := backends.OpTypeConvertDType
	decode := current.kernels[key{plain, convert, in, dtypes.Float32}]
	encode := current.kernels[key{plain, convert, dtypes.Float32, in}]
	count := operands(op)
	if decode == nil || encode == nil || count == 0 {
		return nil
	}
	inside, size := dtypes.Float32, 2
	if out == dtypes.Bool {
		inside, size = out, 1
	}
	k := current.kernels[key{plain, op, dtypes.Float32, inside}]
	if k == nil {
		return nil
	}
	return func(dst, a, b, _ unsafe.Pointer, n int) {
		blocks := halfBlocks.Get().(*[2][halfBlock]float32)
		x, y := unsafe.Pointer(&blocks[0]), unsafe.Pointer(&blocks[1])
		for done := 0; done < n; done += halfBlock {
			m := min(halfBlock, n-done)
			decode(x, unsafe.Add(a, 2*done), nil, nil, m)
			if count == 2 {
				decode(y, unsafe.Add(b, 2*done), nil, nil, m)
			}
			if out == dtypes.Bool {
				k(unsafe.Add(dst, size*done), x, y, nil, m)
				continue
			}
			k(x, x, y, nil, m)
			encode(unsafe.Add(dst, size*done), x, nil, nil, m)
		}
		halfBlocks.Put(blocks)
	}
}
