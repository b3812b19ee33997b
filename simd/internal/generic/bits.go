package generic

import (
	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

func init() {
	register(backends.OpTypeBitcast, bitcast)
}

// bitcast copies bytes: the axis that it adds or takes when sizes differ is the last one, whose
// elements lie where the bytes of one element do. The lower bytes come first.
func bitcast(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
	if out.DType == dtypes.Bool && in[0].DType != dtypes.Bool {
		unsupported(n, in[0]) // not every byte is a bool
	}
	src, dst := in[0], out
	src.DType, src.Dims = dtypes.Uint8, []int{in[0].Size() * in[0].DType.Size()}
	dst.DType, dst.Dims = dtypes.Uint8, []int{out.Size() * out.DType.Size()}
	src.Strides, dst.Strides = []int{1}, []int{1}
	Copy(pool, dst, src)
}
