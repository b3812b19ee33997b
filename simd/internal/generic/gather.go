package generic

import (
	"unsafe"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

func init() { register(backends.OpTypeGather, gather) }

// gather copies a window of the operand for each index vector. Windows that do not fit are moved
// inside, as XLA does: each start is clamped to [0, dimension - size of the window].
func gather(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
	p := params[ir.Gather](n)
	operand, indices := in[0], in[1]
	if out.Size() == 0 {
		return
	}
	x := newIndexer(n, indices, operand, p.IndexVectorAxis, p.StartIndexMap, p.SliceSizes)

	// The window: the operand's axes that are not collapsed, in order, are the offset axes of out.
	kept := without(len(operand.Dims), p.CollapsedSliceAxes)
	dims, dst, src := make([]int, len(kept)), make([]int, len(kept)), make([]int, len(kept))
	for i, a := range kept {
		dims[i], dst[i], src[i] = p.SliceSizes[a], out.Strides[p.OffsetOutputAxes[i]], operand.Strides[a]
	}
	size := out.DType.Size()
	m := newMove(nil, size, dims, dst, src)
	batch := newSteps(out, without(len(out.Dims), p.OffsetOutputAxes))

	if bytes := m.box() * m.nrows; bytes >= 4*pieceBytes && x.n < 16 {
		var off [1]int
		for b := range x.n {
			x.offsets(off[:], b, true)
			m.run(pool, unsafe.Add(out.Data, batch.offset(b)*size), unsafe.Add(operand.Data, off[0]*size))
		}
		return
	} else {
		const block = 256
		per := max(1, pieceBytes/(bytes+32)) // windows in a piece; finding one costs like 32 bytes
		pool.For((x.n+per-1)/per, func(i int) {
			var off [block]int
			for lo, hi := i*per, min((i+1)*per, x.n); lo < hi; lo += block {
				off := off[:min(block, hi-lo)]
				x.offsets(off, lo, true)
				gatherBlock(&m, size, out.Data, operand.Data, off, lo, batch)
			}
		})
	}
}

// gatherBlock copies the windows at off to places lo, lo+1, … of the batch.
func gatherBlock(m *move, size int, out, operand unsafe.Pointer, off []int, lo int, batch steps) {
	if m.kind == single && m.nrows == 1 && len(batch) <= 1 {
		step := m.size
		if len(batch) == 1 {
			step = batch[0].src * size
		}
		at := lo * step
		switch m.size {
		case 4:
			for _, o := range off {
				*(*uint32)(unsafe.Add(out, at)) = *(*uint32)(unsafe.Add(operand, o*size))
				at += step
			}
			return
		case 8:
			for _, o := range off {
				*(*uint64)(unsafe.Add(out, at)) = *(*uint64)(unsafe.Add(operand, o*size))
				at += step
			}
			return
		}
	}
	if m.kind == run && m.nrows == 1 {
		for i, o := range off {
			copyBytes(unsafe.Add(out, batch.offset(lo+i)*size), unsafe.Add(operand, o*size), m.p.n)
		}
		return
	}
	for i, o := range off {
		m.copyRows(unsafe.Add(out, batch.offset(lo+i)*size), unsafe.Add(operand, o*size), 0, m.nrows)
	}
}
