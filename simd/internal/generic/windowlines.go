package generic

import (
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/window"
)

// A liner gives windows line by line to the functions of package window: a line is the windows along
// the last axis that they slide on. Windows that hang over an end of it go alone, with the places
// that they have.
type liner struct {
	w         *pooling
	size      int // bytes of an element
	f         func(*window.Line)
	scatter   bool // Dst lies as the operand does, and Add as the source; else Dst as the source
	x, y, add unsafe.Pointer
	c0, c1    int            // columns of the inner axis
	identity  unsafe.Pointer // of windows without places; nil if they are left out
	rows      selecting[float32]
	line      window.Line
	taps      []int
}

// newLiner returns a liner for one goroutine.
func newLiner(w *pooling, size int, f func(*window.Line), c0, c1 int) *liner {
	last := len(w.source) - 1
	l := &liner{w: w, size: size, f: f, c0: c0, c1: c1}
	// Places of the window on the axes before the last are found as those of a window without it.
	l.rows = selecting[float32]{w: &pooling{
		operand: w.operand[:last], source: w.source[:last], step: w.step[:last],
		size: w.size[:last], stride: w.stride[:last], pad: w.pad[:last],
	}, at: make([]int, last)}
	return l
}

// lines returns how many lines of windows an outer index has.
func (w *pooling) lines() int {
	return w.spanSrc / (w.source[len(w.source)-1] * w.inner)
}

// run does lines lo to hi-1, counted through all outer indices.
func (l *liner) run(lo, hi int) {
	w, per := l.w, l.w.lines()
	last := len(w.source) - 1
	for a, i := last-1, lo%per; a >= 0; a-- {
		l.rows.at[a], i = i%w.source[a], i/w.source[a]
	}
	stride, pad, size, n, m := w.stride[last], w.pad[last], w.size[last], w.operand[last], w.source[last]
	inside := min(max(0, ceilDiv(pad, stride)), m)                // the first window that does not hang over
	beyond := max(inside, min(m, floorDiv(n-size+pad, stride)+1)) // the first that does again
	for i := lo; i < hi; i++ {
		l.rows.find()
		for j := 0; j < m; {
			count, k0, k1 := 1, max(0, pad-j*stride), min(size, n+pad-j*stride)
			if j == inside && beyond > inside {
				count = beyond - inside
			}
			l.block(i/per*w.spanOp, i*m+j, j*stride-pad, count, k0, k1)
			j += count
		}
		l.rows.next()
	}
}

// block does count windows from number p on, whose places k0 to k1-1 on the last axis are inside; the
// first begins at start there. base is where the outer index begins in the operand.
func (l *liner) block(base, p, start, count, k0, k1 int) {
	w, rows := l.w, l.rows.places
	at := (p*w.inner + l.c0) * l.size
	if len(rows) == 0 || k0 >= k1 {
		if l.identity != nil {
			for range count {
				fillBytes(l.size, unsafe.Add(l.y, at), l.identity, l.c1-l.c0)
				at += w.inner * l.size
			}
		}
		return
	}
	l.taps = l.taps[:0]
	for _, row := range rows {
		for k := range k1 - k0 {
			l.taps = append(l.taps, (row-rows[0]+k*w.inner)*l.size)
		}
	}
	first := (base + rows[0] + (start+k0)*w.inner + l.c0) * l.size
	l.line = window.Line{
		Src: unsafe.Add(l.x, first), Taps: &l.taps[0], Count: len(l.taps),
		Windows: count, Columns: l.c1 - l.c0,
		StepSrc: w.stride[len(w.stride)-1] * w.inner * l.size, StepDst: w.inner * l.size,
	}
	if l.scatter {
		l.line.Dst, l.line.Add = unsafe.Add(l.y, first), unsafe.Add(l.add, at)
	} else {
		l.line.Dst = unsafe.Add(l.y, at)
	}
	l.f(&l.line)
}
