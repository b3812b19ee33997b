package gemm

import (
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/par"
)

// dotBytes is about how much of B a piece of dots reads.
const dotBytes = 256 << 10

// dots computes few rows of C as sums of products: the terms of each column of B lie side by side, and
// those of the rows of A are brought so if they do not.
func (w *work) dots(pool *par.Pool, width int) {
	p := w.p
	s := scratches.Get().(*scratch)
	x, xRow := w.a, 0
	if aRow, ok := p.mA.linear(); ok && p.kA.run(p.bytes) == p.k {
		xRow = aRow
	} else {
		xRow = p.k * p.bytes
		x = s.a.grow(p.m * xRow)
		s.ma = p.mA.fill(s.ma, 0, p.m)
		s.ka = p.kA.fill(s.ka, 0, p.k)
		for m, off := range s.ma {
			p.packA.strips(unsafe.Add(x, m*xRow), p.bytes, unsafe.Add(w.a, off), []int{0}, s.ka)
		}
	}
	// Columns go by fours from the first one on, however they are divided.
	per := max(4, dotBytes/(p.k*p.bytes)&^3)
	pieces := (p.n + per - 1) / per
	if width > 1 && pieces > 1 {
		pool.For(pieces, func(i int) { w.dotPiece(x, xRow, i*per, min(p.n, (i+1)*per)) })
	} else {
		for i := range pieces {
			w.dotPiece(x, xRow, i*per, min(p.n, (i+1)*per))
		}
	}
	scratches.Put(s)
}

func (w *work) dotPiece(x unsafe.Pointer, xRow, n0, n1 int) {
	p, c := w.p, w.p.kern.copies
	for m := range p.m {
		xm, cm := unsafe.Add(x, m*xRow), unsafe.Add(w.c, m*p.cRow)
		n := n0
		for ; n+4 <= n1; n += 4 {
			c.dots4(p.k, xm, unsafe.Add(w.b, n*p.bCol), p.bCol, unsafe.Add(cm, n*p.cCol), p.cCol)
		}
		for ; n < n1; n++ {
			c.dots1(p.k, xm, unsafe.Add(w.b, n*p.bCol), 0, unsafe.Add(cm, n*p.cCol), 0)
		}
	}
}
