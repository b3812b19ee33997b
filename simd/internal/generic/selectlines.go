package generic

import (
	"math"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/vec"
)

// A lineSelector does what selecting does for floats, with block kernels: it works on all windows of
// some lines along the last axis that they slide on at once, candidate after candidate. What is
// selected starts as NaN, which every comparison gives up: the first candidate that is not padding
// replaces it.
type lineSelector[T realNumber] struct {
	w                   *pooling
	c0, c1              int // columns of the inner axis
	x, source, out      []T
	size                int         // bytes of an element
	keep                elem.Kernel // selected ≥ candidate, or ≤
	choose, chooseIndex elem.Kernel

	windows         int       // of a line in a block
	capacity        int       // lines in a block; 1 if a line is more than a block
	lines           []segment // of the block
	best, candidate []T       // [lines][windows][columns]
	kept            []bool    // by the last comparison
	place, this     []int32   // number of the candidate
	places          []int     // of the candidates of one line
}

// A segment is a line of windows: where their elements begin in x on the axes before the last, in
// order, and where their line of the source begins.
type segment struct {
	rows []int
	p    int
}

// lineBlock is how many elements a block has: what it needs fits in the first-level cache.
const lineBlock = 1024

func newLineSelector[T realNumber](w *pooling, op ir.Op, dtype dtypes.DType, c0, c1 int, x, source, out []T) *lineSelector[T] {
	l := &lineSelector[T]{w: w, c0: c0, c1: c1, x: x, source: source, out: out, size: dtype.Size()}
	columns, line := c1-c0, w.source[len(w.source)-1]
	l.windows = max(1, min(lineBlock/columns, line))
	l.capacity = 1
	if l.windows == line {
		l.capacity = max(1, lineBlock/(columns*line))
	}
	compare := backends.OpTypeGreaterOrEqual
	if op == backends.OpTypeSelectAndScatterMin {
		compare = backends.OpTypeLessOrEqual
	}
	l.keep = vec.Map(compare, dtype, dtypes.Bool)
	l.choose = vec.Map(backends.OpTypeWhere, dtype, dtype)
	l.chooseIndex = vec.Map(backends.OpTypeWhere, dtypes.Int32, dtypes.Int32)
	n := l.capacity * l.windows * columns
	l.best, l.candidate, l.kept = make([]T, n), make([]T, n), make([]bool, n)
	l.place, l.this = make([]int32, n), make([]int32, n)
	return l
}

// run goes through all windows of outer indices lo to hi-1.
func (l *lineSelector[T]) run(lo, hi int) {
	w := l.w
	last := len(w.source) - 1
	// Places of the window on the axes before the last are found as those of a window without it.
	rows := selecting[T]{w: &pooling{
		operand: w.operand[:last], source: w.source[:last], step: w.step[:last],
		size: w.size[:last], stride: w.stride[:last], pad: w.pad[:last],
	}, at: make([]int, last)}
	for o := lo; o < hi; o++ {
		for p := 0; p < w.spanSrc; p += w.source[last] * w.inner {
			rows.find()
			if k := len(l.lines); k == l.capacity || k > 0 && len(l.lines[0].rows) != len(rows.places) {
				l.flush()
			}
			// Take a segment with its memory, if there was one.
			k := len(l.lines)
			if k < cap(l.lines) {
				l.lines = l.lines[:k+1]
			} else {
				l.lines = append(l.lines, segment{})
			}
			g := &l.lines[k]
			g.p = o*w.spanSrc + p
			g.rows = g.rows[:0]
			for _, row := range rows.places {
				g.rows = append(g.rows, o*w.spanOp+row)
			}
			rows.next()
		}
	}
	l.flush()
}

// flush does the lines collected.
func (l *lineSelector[T]) flush() {
	if len(l.lines) == 0 {
		return
	}
	line := l.w.source[len(l.w.source)-1]
	for j := 0; j < line; j += l.windows {
		l.block(j, min(j+l.windows, line))
	}
	l.lines = l.lines[:0]
}

// block handles windows j0 to j1-1 of each line.
func (l *lineSelector[T]) block(j0, j1 int) {
	w := l.w
	last := len(w.source) - 1
	columns, inner := l.c1-l.c0, w.inner
	stride, pad, size, n := w.stride[last], w.pad[last], w.size[last], w.operand[last]
	length := (j1 - j0) * columns // of a line
	nan := T(0)
	switch v := any(&nan).(type) {
	case *float32:
		*v = float32(math.NaN())
	case *float64:
		*v = math.NaN()
	}
	best, place, none := unsafe.Pointer(&l.best[0]), unsafe.Pointer(&l.place[0]), int32(-1)
	fillBytes(l.size, best, unsafe.Pointer(&nan), len(l.lines)*length)
	fillBytes(4, place, unsafe.Pointer(&none), len(l.lines)*length)
	for r := range l.lines[0].rows {
		for k := range size {
			// Windows lo to hi-1 have this candidate inside the operand.
			lo := max(j0, ceilDiv(pad-k, stride))
			hi := min(j1, floorDiv(n-1+pad-k, stride)+1)
			if lo >= hi {
				continue
			}
			m, number := (hi-lo)*columns, int32(r*size+k)
			at := func(g segment) int { return g.rows[r] + (lo*stride+k-pad)*inner + l.c0 }
			if m == length && len(l.lines) > 1 { // all lines at once
				for i, g := range l.lines {
					collectRuns(unsafe.Pointer(&l.candidate[i*m]), unsafe.Pointer(&l.x[at(g)]), l.size, columns, hi-lo, stride*inner)
				}
				l.compare(0, unsafe.Pointer(&l.candidate[0]), number, len(l.lines)*m)
				continue
			}
			for i, g := range l.lines {
				x := unsafe.Pointer(&l.x[at(g)])
				if stride*inner != columns {
					collectRuns(unsafe.Pointer(&l.candidate[0]), x, l.size, columns, hi-lo, stride*inner)
					x = unsafe.Pointer(&l.candidate[0])
				}
				l.compare(i*length+(lo-j0)*columns, x, number, m)
			}
		}
	}
	for i, g := range l.lines {
		l.places = l.places[:0]
		for _, row := range g.rows {
			for k := range size {
				l.places = append(l.places, row+k*inner)
			}
		}
		l.scatter(l.place[i*length:][:length], g.p+j0*inner+l.c0, (j0*stride-pad)*inner+l.c0, stride*inner)
	}
}

// scatter adds the source from p on to what its windows selected. at is where the first window begins
// relative to its places, step the distance to the next.
func (l *lineSelector[T]) scatter(place []int32, p, at, step int) {
	columns := l.c1 - l.c0
	if columns == 1 {
		for j, k := range place {
			if k >= 0 {
				l.out[l.places[k]+at] += l.source[p+j*l.w.inner]
			}
			at += step
		}
		return
	}
	for ; len(place) > 0; place = place[columns:] {
		for c, v := range l.source[p:][:columns] {
			if k := place[c]; k >= 0 {
				l.out[l.places[k]+at+c] += v
			}
		}
		p, at = p+l.w.inner, at+step
	}
}

// compare selects between what is selected from element first on and m candidates at x.
func (l *lineSelector[T]) compare(first int, x unsafe.Pointer, number int32, m int) {
	this, kept := unsafe.Pointer(&l.this[0]), unsafe.Pointer(&l.kept[0])
	best, place := unsafe.Pointer(&l.best[first]), unsafe.Pointer(&l.place[first])
	fillBytes(4, this, unsafe.Pointer(&number), m)
	l.keep(kept, best, x, nil, m)
	l.choose(best, kept, best, x, m)
	l.chooseIndex(place, kept, place, this, m)
}

// collectRuns copies count runs of n elements that lie step elements apart.
func collectRuns(dst, src unsafe.Pointer, size, n, count, step int) {
	if n < 8 {
		for c := range n {
			copyStrided(size, unsafe.Add(dst, c*size), unsafe.Add(src, c*size), count, n*size, step*size)
		}
		return
	}
	for i := range count {
		copyBytes(unsafe.Add(dst, i*n*size), unsafe.Add(src, i*step*size), n*size)
	}
}
