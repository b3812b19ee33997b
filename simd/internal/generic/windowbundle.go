package generic

import (
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/window"
)

// Windows whose elements are no runs, as of images whose channels come first, are pooled in bundles of
// planes: some outer indices are transposed to be innermost in a buffer, where they are the runs that
// package window wants, and the result is transposed back. Both are done in the cache.

// bundled is w with g planes innermost, and nothing outside.
func (w *pooling) bundled(g int) *pooling {
	b := *w
	b.outer, b.inner, b.spanOp, b.spanSrc = 1, w.inner*g, w.spanOp*g, w.spanSrc*g
	b.step = make([]int, len(w.step))
	for i, s := range w.step {
		b.step[i] = s * g
	}
	return &b
}

// inBundles reduces x to y, or adds to y, which is zero, what windows of x select, with f.
func (w *pooling) inBundles(pool *par.Pool, g, size int, f func(*window.Line), x, y, add, identity unsafe.Pointer) {
	spanY := w.spanSrc
	if add != nil {
		spanY = w.spanOp
	}
	pool.For((w.outer+g-1)/g, func(i int) {
		lo, n := i*g, min(g, w.outer-i*g)
		b := w.bundled(n)
		total := (w.spanOp + spanY) * n
		if add != nil {
			total += b.spanSrc
		}
		m := borrow(total * size)
		defer m.giveBack()
		l := newLiner(b, size, f, 0, b.inner)
		l.identity, l.scatter = identity, add != nil
		l.x, l.y = m.data(), unsafe.Add(m.data(), b.spanOp*size)
		interleave(size, l.x, unsafe.Add(x, lo*w.spanOp*size), w.spanOp, n)
		if l.scatter {
			l.add = unsafe.Add(l.y, spanY*n*size)
			interleave(size, l.add, unsafe.Add(add, lo*w.spanSrc*size), w.spanSrc, n)
			clear(unsafe.Slice((*byte)(l.y), spanY*n*size))
		}
		l.run(0, b.lines())
		interleave(size, unsafe.Add(y, lo*spanY*size), l.y, n, spanY)
	})
}

// interleave transposes columns × rows elements to rows × columns.
func interleave(size int, dst, src unsafe.Pointer, rows, columns int) {
	var few [2]axis
	m := newMove(few[:0], size, []int{rows, columns}, []int{columns, 1}, []int{1, rows})
	m.run(nil, dst, src)
}
