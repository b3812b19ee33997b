package generic

import (
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

func init() {
	register(backends.OpTypeIota, func(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
		a := params[ir.Iota](n).Axis
		if out.Size() == 0 {
			return
		}
		// The numbers once, then spread over the other axes. Counts wrap in small integer types, are
		// rounded in small floats, and are true but for 0 as bool.
		count := make([]int64, out.Dims[a])
		for i := range count {
			count[i] = int64(i)
		}
		convert := elem.Map(backends.OpTypeConvertDType, dtypes.Int64, out.DType)
		if convert == nil {
			unsupported(n, out)
		}
		line := temp(out.DType, []int{len(count)})
		convert(line.Data, unsafe.Pointer(&count[0]), nil, nil, len(count))
		src := view(line, len(out.Dims))
		copy(src.Dims, out.Dims)
		src.Strides[a] = 1
		Copy(pool, out, src)
	})
}
