package generic

import (
	"fmt"
	"slices"
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// Copy sets every element of dst to the element of src with the same indices. Both have the same
// dimensions and size of element; they may have any strides, negative or 0 in src, and must not
// overlap. Cost: about that of reading and writing the memory once, transposes of elements of 4 and
// 8 bytes included; other layouts in which neither side is dense cost a few cycles an element.
func Copy(pool *par.Pool, dst, src tensor.Tensor) {
	if !slices.Equal(dst.Dims, src.Dims) || dst.DType.Size() != src.DType.Size() {
		panic(fmt.Errorf("generic.Copy: from %s%v to %s%v", src.DType, src.Dims, dst.DType, dst.Dims))
	}
	var few [8]axis
	m := newMove(few[:0], dst.DType.Size(), dst.Dims, dst.Strides, src.Strides)
	m.run(pool, dst.Data, src.Data)
}

// An axis of a copy: n elements, so many bytes apart in each array.
type axis struct{ n, dst, src int }

// A move copies boxes of one shape and layout: planned once, run at any two addresses. Its axes are
// merged where both arrays allow, and ordered so that writes go forward; the last one or two make up
// the box that a kernel copies, the others count its rows.
type move struct {
	size  int    // bytes in an element: 1, 2, 4, 8 or 16
	empty bool   // nothing to copy
	rows  []axis // outer axes
	nrows int
	kind  kind
	p, q  axis // the kernel's axes: p is dense in dst; q, of tiles only, is the denser in src
}

type kind int

const (
	single  kind = iota // one element
	run                 // p.n bytes
	fill                // p.n times the same element
	strided             // p.n elements
	tiled               // p.n × q.n elements, a transpose
)

// newMove plans a copy; strides are in elements. few is memory for some axes.
func newMove(few []axis, size int, dims, dst, src []int) move {
	m := move{size: size, nrows: 1}
	axes, empty := layout(few, size, dims, dst, src)
	if empty {
		m.empty = true
		return m
	}
	// A short dense run is one larger element.
	if k := len(axes) - 1; k >= 0 && axes[k].dst == size && axes[k].src == size {
		if bytes := axes[k].n * size; bytes <= 8 && bytes&(bytes-1) == 0 || bytes == 16 {
			m.size, size, axes = bytes, bytes, axes[:k]
		}
	}
	if len(axes) == 0 {
		return m
	}
	last := len(axes) - 1
	m.p, axes = axes[last], axes[:last]
	switch {
	case m.p.dst == size && m.p.src == size:
		m.kind = run
		m.p.n *= size
	case m.p.dst == size && m.p.src == 0:
		m.kind = fill
	default:
		m.kind = strided
		if q := denser(axes, m.p); q >= 0 {
			m.kind, m.q = tiled, axes[q]
			axes = slices.Delete(axes, q, q+1)
		}
	}
	m.rows = axes
	for _, a := range axes {
		m.nrows *= a.n
	}
	return m
}

// layout returns the axes of a pair of arrays, merged, in an order in which writes go forward, the
// smallest steps innermost; empty if a dimension is 0. Strides are in elements, the result's in bytes.
// It appends to few, which has no elements.
func layout(few []axis, size int, dims, dst, src []int) (axes []axis, empty bool) {
	axes = few
	for i, n := range dims {
		if n == 0 {
			return few, true
		}
		if n == 1 {
			continue
		}
		axes = append(axes, axis{n, dst[i] * size, src[i] * size})
		for k := len(axes) - 1; k > 0 && abs(axes[k-1].dst) < abs(axes[k].dst); k-- {
			axes[k-1], axes[k] = axes[k], axes[k-1]
		}
	}
	k := 0
	for _, a := range axes {
		if k > 0 && axes[k-1].dst == a.dst*a.n && axes[k-1].src == a.src*a.n {
			axes[k-1] = axis{axes[k-1].n * a.n, a.dst, a.src}
		} else {
			axes[k] = a
			k++
		}
	}
	return axes[:k], false
}

// denser returns the axis with the smallest steps in src, if they are smaller than p's; -1 otherwise.
func denser(axes []axis, p axis) int {
	best := -1
	step := abs(p.src)
	for i, a := range axes {
		if s := abs(a.src); s != 0 && s < step {
			best, step = i, s
		}
	}
	return best
}

func abs(x int) int { return max(x, -x) }

// pieceBytes is about what a processor copies in 20 µs.
const pieceBytes = 256 << 10

// run copies from src to dst. Pieces of large copies run on the pool.
func (m *move) run(pool *par.Pool, dst, src unsafe.Pointer) {
	switch {
	case m.empty:
	case pool.Width() == 1 || m.box()*m.nrows < 2*pieceBytes:
		m.copyRows(dst, src, 0, m.nrows)
	default:
		m.share(pool, dst, src)
	}
}

// share copies in pieces.
func (m *move) share(pool *par.Pool, dst, src unsafe.Pointer) {
	// A copy of m for the pieces to hold on to: m itself and its axes may stay on the stack.
	rows := make([]axis, len(m.rows))
	copy(rows, m.rows)
	whole := move{size: m.size, rows: rows, nrows: m.nrows, kind: m.kind, p: m.p, q: m.q}

	row := whole.box() // bytes
	if row < 2*pieceBytes {
		pieces := row * whole.nrows / pieceBytes
		pool.For(pieces, func(i int) {
			whole.copyRows(dst, src, i*whole.nrows/pieces, (i+1)*whole.nrows/pieces)
		})
		return
	}
	// Rows are large: split each one along p, or q if p is the shorter axis.
	along := whole.p
	alongQ := whole.kind == tiled && whole.q.n > whole.p.n
	if alongQ {
		along = whole.q
	}
	if whole.kind == run {
		along.dst, along.src = 1, 1
	}
	pieces := min(row/pieceBytes, (along.n+63)/64)
	pool.For(whole.nrows*pieces, func(i int) {
		r, i := i/pieces, i%pieces
		// Pieces begin at multiples of 64 elements, or bytes of a run: lines of cache belong to one.
		lo, hi := i*along.n/pieces&^63, (i+1)*along.n/pieces&^63
		if i == pieces-1 {
			hi = along.n
		}
		part := whole
		if alongQ {
			part.q.n = hi - lo
		} else {
			part.p.n = hi - lo
		}
		part.copyRows(unsafe.Add(dst, lo*along.dst), unsafe.Add(src, lo*along.src), r, r+1)
	})
}

// box returns how many bytes of dst the kernel writes at a time.
func (m *move) box() int {
	switch m.kind {
	case single:
		return m.size
	case run:
		return m.p.n
	case tiled:
		return m.p.n * m.q.n * m.size
	}
	return m.p.n * m.size
}

// copyRows copies rows lo to hi-1, counted through the outer axes.
func (m *move) copyRows(dst, src unsafe.Pointer, lo, hi int) {
	if lo >= hi {
		return
	}
	k := len(m.rows)
	if k == 0 {
		m.kernel(dst, src)
		return
	}
	var buf [8]int
	at := buf[:0]
	if k > len(buf) {
		at = make([]int, 0, k)
	}
	at = at[:k]
	// Places are kept as offsets: a pointer beyond the arrays, as where a loop ends, must not exist.
	d, s := 0, 0
	for i, r := k-1, lo; i >= 0; i-- {
		a := m.rows[i]
		at[i] = r % a.n
		r /= a.n
		d, s = d+at[i]*a.dst, s+at[i]*a.src
	}
	inner := m.rows[k-1]
	for {
		n := min(inner.n-at[k-1], hi-lo)
		m.kernels(unsafe.Add(dst, d), unsafe.Add(src, s), n, inner.dst, inner.src)
		lo += n
		if lo == hi {
			return
		}
		// Here the innermost axis is through: go back to its start and step the next ones.
		d, s = d-at[k-1]*inner.dst, s-at[k-1]*inner.src
		at[k-1] = 0
		for i := k - 2; ; i-- {
			a := m.rows[i]
			d, s = d+a.dst, s+a.src
			if at[i]++; at[i] < a.n {
				break
			}
			at[i] = 0
			d, s = d-a.n*a.dst, s-a.n*a.src
		}
	}
}

// kernels runs the kernel n times, so many bytes apart.
func (m *move) kernels(dst, src unsafe.Pointer, n, ds, ss int) {
	switch m.kind {
	case single:
		copyStrided(m.size, dst, src, n, ds, ss)
	case run:
		for i := range n {
			copyBytes(unsafe.Add(dst, i*ds), unsafe.Add(src, i*ss), m.p.n)
		}
	default:
		for i := range n {
			m.kernel(unsafe.Add(dst, i*ds), unsafe.Add(src, i*ss))
		}
	}
}

// kernel copies one box.
func (m *move) kernel(dst, src unsafe.Pointer) {
	switch m.kind {
	case single:
		copyStrided(m.size, dst, src, 1, 0, 0)
	case run:
		copyBytes(dst, src, m.p.n)
	case fill:
		fillBytes(m.size, dst, src, m.p.n)
	case strided:
		copyStrided(m.size, dst, src, m.p.n, m.p.dst, m.p.src)
	case tiled:
		copyTiled(m.size, dst, src, m.p, m.q)
	}
}

func copyBytes(dst, src unsafe.Pointer, n int) {
	copy(unsafe.Slice((*byte)(dst), n), unsafe.Slice((*byte)(src), n))
}

// fillBytes repeats the element at value n times.
func fillBytes(size int, dst, value unsafe.Pointer, n int) {
	d := unsafe.Slice((*byte)(dst), n*size)
	if len(d) == 0 {
		return
	}
	done := copy(d, unsafe.Slice((*byte)(value), size))
	for done < len(d) {
		// Doubling up to 4 KiB keeps the source in cache.
		done += copy(d[done:], d[:min(done, 4096/size*size)])
	}
}

// copyStrided copies n elements, ds and ss bytes apart.
func copyStrided(size int, dst, src unsafe.Pointer, n, ds, ss int) {
	switch size {
	case 1:
		stride[uint8](dst, src, n, ds, ss)
	case 2:
		stride[uint16](dst, src, n, ds, ss)
	case 4:
		stride[uint32](dst, src, n, ds, ss)
	case 8:
		stride[uint64](dst, src, n, ds, ss)
	case 16:
		stride[[2]uint64](dst, src, n, ds, ss)
	default:
		panic(fmt.Errorf("generic: elements of %d bytes, want 1, 2, 4, 8 or 16", size))
	}
}

func stride[T any](dst, src unsafe.Pointer, n, ds, ss int) {
	i, d, s := 0, 0, 0
	for ; i+4 <= n; i += 4 {
		a := *(*T)(unsafe.Add(src, s))
		b := *(*T)(unsafe.Add(src, s+ss))
		c := *(*T)(unsafe.Add(src, s+2*ss))
		e := *(*T)(unsafe.Add(src, s+3*ss))
		*(*T)(unsafe.Add(dst, d)) = a
		*(*T)(unsafe.Add(dst, d+ds)) = b
		*(*T)(unsafe.Add(dst, d+2*ds)) = c
		*(*T)(unsafe.Add(dst, d+3*ds)) = e
		d, s = d+4*ds, s+4*ss
	}
	for ; i < n; i++ {
		*(*T)(unsafe.Add(dst, d)) = *(*T)(unsafe.Add(src, s))
		d, s = d+ds, s+ss
	}
}
