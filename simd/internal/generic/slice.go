package generic

import (
	"unsafe"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

func init() {
	register(backends.OpTypeSlice, func(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
		p := params[ir.Slice](n)
		src := boxOf(in[0], p.Starts, out.Dims)
		for i, s := range p.Strides {
			src.Strides[i] *= s
		}
		Copy(pool, out, src)
	})
	register(backends.OpTypeReverse, func(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
		src := view(in[0], len(out.Dims))
		copy(src.Dims, out.Dims)
		copy(src.Strides, in[0].Strides)
		if out.Size() == 0 {
			return
		}
		for _, a := range params[ir.Axes](n).Axes {
			src.Data = unsafe.Add(src.Data, (src.Dims[a]-1)*src.Strides[a]*src.DType.Size())
			src.Strides[a] = -src.Strides[a]
		}
		Copy(pool, out, src)
	})
}

// boxOf returns the part of t that begins at start and has the given dimensions.
func boxOf(t tensor.Tensor, start, dims []int) tensor.Tensor {
	w := view(t, len(dims))
	copy(w.Dims, dims)
	copy(w.Strides, t.Strides)
	if tensor.Size(dims) > 0 { // else start may lie outside
		w.Data = unsafe.Add(t.Data, offset(t, start)*t.DType.Size())
	}
	return w
}

// offset returns the place of the element with these indices, in elements.
func offset(t tensor.Tensor, index []int) int {
	o := 0
	for i, x := range index {
		o += x * t.Strides[i]
	}
	return o
}
