package generic

import (
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/philox"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

func init() {
	register(ir.OpRNGBits, rngBits)
	register(ir.OpRNGState, rngState)
}

// rngBits fills out with the bytes that follow the state; a bool takes the lowest bit of its byte.
func rngBits(pool *par.Pool, _ *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
	state := philox.State(tensor.Flat[uint64](in[0]))
	size := out.Size() * out.DType.Size()
	data := unsafe.Slice((*byte)(out.Data), size)
	const piece = 1 << 16
	pool.For((size+piece-1)/piece, func(i int) {
		lo := i * piece
		b := data[lo:min(lo+piece, size)]
		state.Fill(b, uint64(lo/philox.BlockSize))
		if out.DType == dtypes.Bool {
			for j := range b {
				b[j] &= 1
			}
		}
	})
}

// rngState moves the state on.
func rngState(_ *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
	state := philox.State(tensor.Flat[uint64](in[0]))
	next := state.After(params[ir.RNGState](n).Bytes)
	copy(tensor.Flat[uint64](out), next[:])
}
