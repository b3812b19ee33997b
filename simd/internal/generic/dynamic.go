package generic

import (
	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

func init() {
	register(backends.OpTypeDynamicSlice, func(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
		Copy(pool, out, boxOf(in[0], starts(n, in[1:], in[0].Dims, out.Dims), out.Dims))
	})
	register(backends.OpTypeDynamicUpdateSlice, func(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
		copyFlat(pool, out, in[0])
		update := in[1]
		Copy(pool, boxOf(out, starts(n, in[2:], out.Dims, update.Dims), update.Dims), update)
	})
}

// starts reads the scalars at which a window of the given size begins, and moves them so that it
// lies inside.
func starts(n *ir.Node, in []tensor.Tensor, dims, size []int) []int {
	at := make([]int, len(in))
	for i, t := range in {
		at[i] = min(max(readIndex(n, t)(0), 0), dims[i]-size[i])
	}
	return at
}
