package generic

import (
	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

func init() {
	register(backends.OpTypeConcatenate, func(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
		axis := params[ir.Concatenate](n).Axis
		start := make([]int, len(out.Dims))
		for _, t := range in {
			Copy(pool, boxOf(out, start, t.Dims), t)
			start[axis] += t.Dims[axis]
		}
	})
}
