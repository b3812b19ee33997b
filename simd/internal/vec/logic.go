package vec

import (
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// logic returns the kernel of an operation on booleans, which are 0 or 1, by way of that on bits of
// words of eight; nil if it is no such operation or there is no kernel for words.
func logic(op ir.Op) elem.Kernel {
	const word = dtypes.Int64
	rest := elem.Map(op, dtypes.Bool, dtypes.Bool)
	bits := backends.OpTypeInvalid
	switch op {
	case backends.OpTypeLogicalAnd:
		bits = backends.OpTypeBitwiseAnd
	case backends.OpTypeLogicalOr:
		bits = backends.OpTypeBitwiseOr
	case backends.OpTypeLogicalXor:
		bits = backends.OpTypeBitwiseXor
	case backends.OpTypeLogicalNot:
		flip := current.kernels[key{scalar0, backends.OpTypeBitwiseXor, word, word}]
		if flip == nil {
			return nil
		}
		return func(dst, a, _, _ unsafe.Pointer, n int) {
			flip(dst, unsafe.Pointer(&ones), a, nil, n/8)
			if done := n &^ 7; done < n {
				rest(unsafe.Add(dst, done), unsafe.Add(a, done), nil, nil, n-done)
			}
		}
	}
	words := current.kernels[key{plain, bits, word, word}]
	if words == nil {
		return nil
	}
	return func(dst, a, b, _ unsafe.Pointer, n int) {
		words(dst, a, b, nil, n/8)
		if done := n &^ 7; done < n {
			rest(unsafe.Add(dst, done), unsafe.Add(a, done), unsafe.Add(b, done), nil, n-done)
		}
	}
}

// ones is eight booleans that are true.
var ones uint64 = 0x0101010101010101
