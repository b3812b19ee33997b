package generic

import (
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
	"github.com/lemma-ml/lemma/simd/internal/vec"
)

func init() {
	for op, binary := range map[ir.Op]ir.Op{
		backends.OpTypeScatterSum: backends.OpTypeAdd,
		backends.OpTypeScatterMax: backends.OpTypeMax,
		backends.OpTypeScatterMin: backends.OpTypeMin,
	} {
		register(op, func(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
			if out.DType.IsFloat16() { // sums are rounded once, at the end
				sum := widened(pool, in[0])
				scatter(pool, n, binary, sum, in[1], widened(pool, in[2]))
				convertTo(pool, out, sum)
				return
			}
			copyFlat(pool, out, in[0])
			scatter(pool, n, binary, out, in[1], in[2])
		})
	}
}

// scatter combines windows of updates with those of out at which the index vectors point. A window
// that does not fit inside out is left out as a whole, as XLA does. Each element of out takes its
// updates in the order of the index vectors, whatever the pool.
func scatter(pool *par.Pool, n *ir.Node, binary ir.Op, out, indices, updates tensor.Tensor) {
	p := params[ir.Scatter](n)
	f := vec.Map(binary, out.DType, out.DType)
	if f == nil {
		unsupported(n, out)
	}
	if updates.Size() == 0 || out.Size() == 0 {
		return
	}
	rank := len(out.Dims)
	// The window: the operand's axes that are not inserted, in order, are the window axes of updates.
	kept := without(rank, p.InsertedWindowAxes)
	extent := make([]int, rank)
	for a := range extent {
		extent[a] = 1
	}
	dims, dst, src := make([]int, len(kept)), make([]int, len(kept)), make([]int, len(kept))
	for i, a := range kept {
		u := p.UpdateWindowAxes[i]
		dims[i], dst[i], src[i] = updates.Dims[u], out.Strides[a], updates.Strides[u]
		extent[a] = dims[i]
	}
	x := newIndexer(n, indices, out, p.IndexVectorAxis, p.ScatterAxesToOperandAxes, extent)
	size := out.DType.Size()
	s := &scattering{f: f, out: out.Data, updates: updates.Data, size: size, run: 1,
		batch: newSteps(updates, without(len(updates.Dims), p.UpdateWindowAxes))}
	s.rows, _ = layout(nil, size, dims, dst, src)
	if k := len(s.rows) - 1; k >= 0 && s.rows[k].dst == size && s.rows[k].src == size {
		s.run = s.rows[k].n
		s.rows = s.rows[:k]
	}
	if binary == backends.OpTypeAdd && s.run == 1 && len(s.rows) == 0 {
		s.ones = adders[out.DType]
	}
	off := make([]int, x.n)
	const block = 4096
	pool.For((x.n+block-1)/block, func(i int) {
		lo := i * block
		x.offsets(off[lo:min(lo+block, x.n)], lo, false)
	})

	// Two ways to share the work without two processors at one element: by columns of the run, or by
	// places of the windows, if those with different places do not overlap.
	const piece = 16 << 10
	width := pool.Width()
	if width == 1 || updates.Size() < 2*piece {
		s.apply(off, 0, out.Size(), 0, s.run)
		return
	}
	pieces := min(updates.Size()/piece, 4*width)
	if cols := s.run / 64; cols >= width {
		pieces = min(pieces, cols)
		pool.For(pieces, func(i int) {
			s.apply(off, 0, out.Size(), i*cols/pieces*64, s.edge((i+1)*cols/pieces*64, i == pieces-1))
		})
		return
	}
	for _, a := range p.ScatterAxesToOperandAxes {
		if extent[a] != 1 {
			s.apply(off, 0, out.Size(), 0, s.run)
			return
		}
	}
	pool.For(pieces, func(i int) {
		s.apply(off, i*out.Size()/pieces, (i+1)*out.Size()/pieces, 0, s.run)
	})
}

// scattering is what the pieces of a scatter share.
type scattering struct {
	f            elem.Kernel
	out, updates unsafe.Pointer
	size         int
	batch        steps  // where the windows of updates begin
	rows         []axis // outer axes of a window
	run          int    // elements that are dense on both sides, innermost
	// ones adds windows of one element, if that is what there is: a call of f for each costs more.
	ones func(s *scattering, off []int, lo, hi int)
}

// adders has the functions that add single elements.
var adders = map[dtypes.DType]func(s *scattering, off []int, lo, hi int){
	dtypes.Float32: addOnes[float32],
	dtypes.Float64: addOnes[float64],
	dtypes.Int32:   addOnes[int32],
	dtypes.Int64:   addOnes[int64],
}

func addOnes[T int32 | int64 | float32 | float64](s *scattering, off []int, lo, hi int) {
	var one T
	size := int(unsafe.Sizeof(one))
	for b, o := range off {
		if o >= lo && o < hi {
			*(*T)(unsafe.Add(s.out, o*size)) += *(*T)(unsafe.Add(s.updates, s.batch.offset(b)*size))
		}
	}
}

func (s *scattering) edge(col int, last bool) int {
	if last {
		return s.run
	}
	return col
}

// apply combines the windows that begin in [lo, hi), columns c0 to c1-1 of their runs.
func (s *scattering) apply(off []int, lo, hi, c0, c1 int) {
	if s.ones != nil {
		s.ones(s, off, lo, hi)
		return
	}
	for b, o := range off {
		if o < lo || o >= hi {
			continue
		}
		dst := unsafe.Add(s.out, (o+c0)*s.size)
		src := unsafe.Add(s.updates, (s.batch.offset(b)+c0)*s.size)
		if len(s.rows) == 0 {
			s.f(dst, dst, src, nil, c1-c0)
		} else {
			s.box(s.rows, dst, src, c1-c0)
		}
	}
}

// box combines one window, recursing over its outer axes.
func (s *scattering) box(rows []axis, dst, src unsafe.Pointer, n int) {
	a := rows[0]
	for i := range a.n {
		dst, src := unsafe.Add(dst, i*a.dst), unsafe.Add(src, i*a.src)
		if len(rows) == 1 {
			s.f(dst, dst, src, nil, n)
		} else {
			s.box(rows[1:], dst, src, n)
		}
	}
}
