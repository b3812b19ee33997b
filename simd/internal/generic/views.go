package generic

import (
	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// Operations that are a view of their operand: here the view is copied out.
func init() {
	for _, op := range []ir.Op{backends.OpTypeIdentity, backends.OpTypeReshape} {
		register(op, func(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
			copyFlat(pool, out, in[0])
		})
	}
	register(backends.OpTypeTranspose, func(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
		perm := params[ir.Permutation](n).Axes
		src := view(in[0], len(perm))
		for i, a := range perm {
			src.Dims[i], src.Strides[i] = in[0].Dims[a], in[0].Strides[a]
		}
		Copy(pool, out, src)
	})
	register(backends.OpTypeBroadcastInDim, func(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
		src := view(in[0], len(out.Dims))
		copy(src.Dims, out.Dims)
		for i, a := range params[ir.BroadcastInDim](n).Axes {
			if in[0].Dims[i] != 1 {
				src.Strides[a] = in[0].Strides[i]
			}
		}
		Copy(pool, out, src)
	})
	// Broadcast puts new axes before the operand's.
	register(backends.OpTypeBroadcast, func(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
		src := view(in[0], len(out.Dims))
		copy(src.Dims, out.Dims)
		copy(src.Strides[len(out.Dims)-len(in[0].Dims):], in[0].Strides)
		Copy(pool, out, src)
	})
}

// view returns a tensor over t's data with rank axes, to be filled in; strides are 0.
func view(t tensor.Tensor, rank int) tensor.Tensor {
	return tensor.Tensor{DType: t.DType, Dims: make([]int, rank), Strides: make([]int, rank), Data: t.Data}
}

// copyFlat copies the elements of one contiguous tensor to another of as many elements, unless they
// are there already.
func copyFlat(pool *par.Pool, dst, src tensor.Tensor) {
	if dst.Data == src.Data {
		return
	}
	if dst.Data == src.Data {
		return // a scatter in place
	}
	n := []int{src.Size()}
	Copy(pool, tensor.Of(dst.DType, n, dst.Data), tensor.Of(src.DType, n, src.Data))
}
