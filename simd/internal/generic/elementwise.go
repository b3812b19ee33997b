package generic

import (
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

func init() {
	for _, op := range ir.Elementwise() {
		register(op, elementwise)
	}
}

// chunk is how many elements a goroutine takes at once: microseconds of work, and small enough for
// the second-level cache.
const chunk = 1 << 13

// elementwise runs the operation's kernel on pieces of the arrays.
func elementwise(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
	typed := in[ir.DataOperand(n.Op)]
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
