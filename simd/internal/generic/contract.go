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
	register(ir.OpContract, func(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
		var s summation
		for _, i := range params[ir.Contract](n).Indices {
			s.index(i.Size, termStride(in[0], i.A), termStride(in[1], i.B), termStride(out, i.Out),
				i.A.Axis >= 0, i.B.Axis >= 0, i.Out.Axis >= 0)
		}
		s.run(pool, n, in[0], in[1], out)
	})
	register(backends.OpTypeDotGeneral, func(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
		p := params[ir.DotGeneral](n)
		dotGeneral(pool, n, p, in[0], in[1], out)
	})
	// Dot with the axes that GoMLX defines, where the builder has not made it a DotGeneral.
	register(backends.OpTypeDot, func(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
		p := ir.DotGeneral{LhsContracting: []int{len(in[0].Dims) - 1}, RhsContracting: []int{0}}
		dotGeneral(pool, n, p, in[0], in[1], out)
	})
}

func termStride(t tensor.Tensor, term ir.Term) int {
	if term.Axis < 0 {
		return 0
	}
	return term.Step * t.Strides[term.Axis]
}

func dotGeneral(pool *par.Pool, n *ir.Node, p ir.DotGeneral, a, b, out tensor.Tensor) {
	var s summation
	o := 0 // axis of out
	for i, x := range p.LhsBatch {
		s.index(a.Dims[x], a.Strides[x], b.Strides[p.RhsBatch[i]], out.Strides[o], true, true, true)
		o++
	}
	for i, x := range p.LhsContracting {
		s.index(a.Dims[x], a.Strides[x], b.Strides[p.RhsContracting[i]], 0, true, true, false)
	}
	for _, x := range without(len(a.Dims), append(append([]int(nil), p.LhsBatch...), p.LhsContracting...)) {
		s.index(a.Dims[x], a.Strides[x], 0, out.Strides[o], true, false, true)
		o++
	}
	for _, x := range without(len(b.Dims), append(append([]int(nil), p.RhsBatch...), p.RhsContracting...)) {
		s.index(b.Dims[x], 0, b.Strides[x], out.Strides[o], false, true, true)
		o++
	}
	s.run(pool, n, a, b, out)
}

// A summation is out[…] = Σ a[…]·b[…] with indices that move by strides, in elements. They fall in
// four groups: batch (in all three, or in none of a and b), rows (a and out), columns (b and out) and
// summed ones (not in out).
type summation struct {
	batch, rows, cols, sums places
}

// places lists the combinations of some indices: where each lies in a, b and out.
type places struct{ a, b, out []int }

// index adds an index, given its strides and which arrays have it.
func (s *summation) index(n, a, b, out int, inA, inB, inOut bool) {
	switch {
	case !inOut:
		s.sums.times(n, a, b, out)
	case inA && !inB:
		s.rows.times(n, a, b, out)
	case inB && !inA:
		s.cols.times(n, a, b, out)
	default:
		s.batch.times(n, a, b, out)
	}
}

// times makes each place so far n places, the new index being the fastest.
func (p *places) times(n, a, b, out int) {
	if p.a == nil {
		*p = places{[]int{0}, []int{0}, []int{0}}
	}
	grow := func(old []int, step int) []int {
		list := make([]int, 0, len(old)*n)
		for _, o := range old {
			for i := range n {
				list = append(list, o+i*step)
			}
		}
		return list
	}
	*p = places{grow(p.a, a), grow(p.b, b), grow(p.out, out)}
}

// run computes the sums in float64 for floats, in int64 for integers (whose low bits are those of
// any narrower type, so overflow wraps), in complex128 for complex numbers; for bool products are
// "and", sums "or". It rounds once, at the end. Terms are added in the order of the summed indices.
func (s *summation) run(pool *par.Pool, n *ir.Node, a, b, out tensor.Tensor) {
	for _, p := range []*places{&s.batch, &s.rows, &s.cols, &s.sums} {
		if p.a == nil {
			p.times(1, 0, 0, 0)
		}
	}
	if out.Size() == 0 {
		return
	}
	switch d := out.DType; {
	case d == dtypes.Float64:
		sumProducts[float64](pool, s, a, b, out, dtypes.Float64)
	case d.IsFloat():
		sumProducts[float64](pool, s, a, b, out, dtypes.Float64)
	case d.IsComplex():
		sumProducts[complex128](pool, s, a, b, out, dtypes.Complex128)
	case d.IsInt():
		sumProducts[int64](pool, s, a, b, out, dtypes.Int64)
	case d == dtypes.Bool:
		sum := temp(dtypes.Int64, out.Dims)
		sumProducts[int64](pool, s, a, b, sum, dtypes.Int64) // counts
		convertTo(pool, out, sum)
	default:
		unsupported(n, out)
	}
}

// Blocks of the sum: a panel of b is blockCols columns by blockSums terms, 256 KiB of 8 bytes.
const (
	blockRows = 32
	blockCols = 128
	blockSums = 256
)

// sumProducts computes the sums with accumulators of type T, whose element type is acc. A piece is
// some rows and columns of a batch.
func sumProducts[T int64 | float64 | complex128](pool *par.Pool, s *summation, a, b, out tensor.Tensor, acc dtypes.DType) {
	loadA := elem.Map(backends.OpTypeConvertDType, a.DType, acc)
	loadB := elem.Map(backends.OpTypeConvertDType, b.DType, acc)
	store := elem.Map(backends.OpTypeConvertDType, acc, out.DType)
	rows, cols, sums := len(s.rows.a), len(s.cols.a), len(s.sums.a)
	rowBlocks, colBlocks := (rows+blockRows-1)/blockRows, (cols+blockCols-1)/blockCols
	// Many small blocks in a piece, so that waking a helper is worth it.
	total := len(s.batch.a) * rowBlocks * colBlocks
	per := max(1, (64<<10)/(min(rows, blockRows)*min(cols, blockCols)*max(sums, 1)))
	pool.For((total+per-1)/per, func(piece int) {
		w := newWorker[T](s, a, b, out)
		w.loadA, w.loadB, w.store = loadA, loadB, store
		for i := piece * per; i < min((piece+1)*per, total); i++ {
			r, c := i/colBlocks%rowBlocks*blockRows, i%colBlocks*blockCols
			w.block(i/colBlocks/rowBlocks, r, min(r+blockRows, rows), c, min(c+blockCols, cols))
		}
	})
}

// worker holds the memory of one piece.
type worker[T int64 | float64 | complex128] struct {
	s                   *summation
	a, b, out           tensor.Tensor
	loadA, loadB, store elem.Kernel
	pa, pb              []T            // packed: [rows][sums], [sums][cols]
	sum                 []T            // [rows][cols]
	raw                 unsafe.Pointer // elements on their way
}

func newWorker[T int64 | float64 | complex128](s *summation, a, b, out tensor.Tensor) *worker[T] {
	rows, cols, sums := min(blockRows, len(s.rows.a)), min(blockCols, len(s.cols.a)), min(blockSums, len(s.sums.a))
	return &worker[T]{s: s, a: a, b: b, out: out, pa: make([]T, rows*sums), pb: make([]T, cols*sums),
		sum: make([]T, rows*cols), raw: temp(dtypes.Complex128, []int{blockSums}).Data}
}

// block computes rows r0 to r1-1, columns c0 to c1-1 of a batch.
func (w *worker[T]) block(batch, r0, r1, c0, c1 int) {
	s, cols := w.s, c1-c0
	sum := w.sum[:(r1-r0)*cols]
	clear(sum)
	for k0 := 0; k0 < len(s.sums.a); k0 += blockSums {
		k1 := min(k0+blockSums, len(s.sums.a))
		depth := k1 - k0
		for r := r0; r < r1; r++ {
			pack(w.pa[(r-r0)*depth:][:depth], w.loadA, w.raw, w.a, s.batch.a[batch]+s.rows.a[r], s.sums.a[k0:k1])
		}
		for k := k0; k < k1; k++ {
			pack(w.pb[(k-k0)*cols:][:cols], w.loadB, w.raw, w.b, s.batch.b[batch]+s.sums.b[k], s.cols.b[c0:c1])
		}
		for r := range r1 - r0 {
			row := sum[r*cols:][:cols]
			pa := w.pa[r*depth:][:depth]
			k := 0
			for ; k+4 <= depth; k += 4 { // four terms at a time: one load and store of the sum
				addProducts4(row, pa[k:k+4], w.pb[k*cols:][:4*cols])
			}
			for ; k < depth; k++ {
				x, pb := pa[k], w.pb[k*cols:][:cols]
				for c := range row {
					row[c] += x * pb[c]
				}
			}
		}
	}
	size := w.out.DType.Size()
	for r := r0; r < r1; r++ {
		at := s.batch.out[batch] + s.rows.out[r]
		unpack(w.store, w.raw, w.out, size, at, s.cols.out[c0:c1], sum[(r-r0)*cols:][:cols])
	}
}

// addProducts4 adds four multiples of rows of b to row, in order.
func addProducts4[T int64 | float64 | complex128](row, x, b []T) {
	n := len(row)
	x0, x1, x2, x3 := x[0], x[1], x[2], x[3]
	b0, b1, b2, b3 := b[:n], b[n:2*n], b[2*n:3*n], b[3*n:4*n]
	for c := range row {
		v := row[c] + x0*b0[c]
		v += x1 * b1[c]
		v += x2 * b2[c]
		row[c] = v + x3*b3[c]
	}
}

// pack loads the elements of t at base+offs[i].
func pack[T any](dst []T, load elem.Kernel, raw unsafe.Pointer, t tensor.Tensor, base int, offs []int) {
	size := t.DType.Size()
	p := unsafe.Add(t.Data, base*size)
	if k := len(offs); dense(offs) {
		load(unsafe.Pointer(&dst[0]), unsafe.Add(p, offs[0]*size), nil, nil, k)
		return
	}
	movers[size].collect(raw, p, offs)
	load(unsafe.Pointer(&dst[0]), raw, nil, nil, len(offs))
}

// dense reports whether the places follow each other. Their ends tell, for all practical lists but
// those that repeat a place.
func dense(offs []int) bool {
	for i, o := range offs {
		if o != offs[0]+i {
			return false
		}
	}
	return true
}

// A mover moves elements of one size between the places offs, counted in elements from p, and a line.
type mover struct {
	collect, spread func(line, p unsafe.Pointer, offs []int)
}

// movers has a mover for each size of elements in bytes.
var movers = [17]mover{1: moverOf[uint8](), 2: moverOf[uint16](), 4: moverOf[uint32](), 8: moverOf[uint64](), 16: moverOf[[2]uint64]()}

func moverOf[E any]() mover { return mover{collect[E], spread[E]} }

func collect[E any](line, p unsafe.Pointer, offs []int) {
	size := int(unsafe.Sizeof(*new(E)))
	dst := unsafe.Slice((*E)(line), len(offs))
	for i, o := range offs {
		dst[i] = *(*E)(unsafe.Add(p, o*size))
	}
}

func spread[E any](line, p unsafe.Pointer, offs []int) {
	size := int(unsafe.Sizeof(*new(E)))
	src := unsafe.Slice((*E)(line), len(offs))
	for i, o := range offs {
		*(*E)(unsafe.Add(p, o*size)) = src[i]
	}
}

// unpack stores the sums at base+offs[i] of t.
func unpack[T any](store elem.Kernel, raw unsafe.Pointer, t tensor.Tensor, size, base int, offs []int, sum []T) {
	p := unsafe.Add(t.Data, base*size)
	if dense(offs) {
		store(unsafe.Add(p, offs[0]*size), unsafe.Pointer(&sum[0]), nil, nil, len(sum))
		return
	}
	store(raw, unsafe.Pointer(&sum[0]), nil, nil, len(sum))
	movers[size].spread(raw, p, offs)
}
