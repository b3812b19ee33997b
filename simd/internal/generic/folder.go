package generic

import (
	"fmt"
	"math/bits"
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/elem"
)

// A folder has the memory to fold lines: a stack of sums in which the one at level i, if there,
// holds 2^i leaves, as in a binary counter.
type folder struct {
	*reduction
	line     unsafe.Pointer // a line as accumulators
	identity unsafe.Pointer // a line of neutral elements
	levels   []unsafe.Pointer
}

func newFolder(r *reduction) *folder {
	n := r.width
	if r.cols == 1 {
		n = 1
	}
	levels := bits.Len(uint(r.partLines/leaf)) + 2
	memory := fresh(r.wide, []int{levels + 1, n})
	f := &folder{reduction: r, identity: memory.Data, levels: make([]unsafe.Pointer, levels)}
	ws := r.wide.Size()
	for i := range f.levels {
		f.levels[i] = unsafe.Add(memory.Data, (i+1)*n*ws)
	}
	if r.load != nil {
		f.line = fresh(r.wide, []int{r.width}).Data
	}
	for i := range n {
		elem.Identity(r.op, r.wide, unsafe.Add(f.identity, i*ws))
	}
	return f
}

// unit folds lines lo to hi of unit u and writes its results to dst.
func (f *folder) unit(dst, src unsafe.Pointer, u, lo, hi int) {
	r, ws := f.reduction, f.wide.Size()
	n := r.columns(u) // accumulators: a line's, in the end one for each column
	wide := r.cols >= narrow
	if !wide && r.cols > 1 {
		n = r.width
	}
	start := unsafe.Add(src, (r.kept.offset(u/r.pieces)+u%r.pieces*r.width)*r.size)
	leaves := 0
	copyBytes(f.levels[0], f.identity, n*ws)
	run, line := 0, 0
	if lo > 0 {
		run, line = lo/r.lines, lo%r.lines
	}
	at := unsafe.Add(start, r.folded.offset(run)*r.size)
	for count := 1; lo < hi; lo, count = lo+1, count+1 {
		if wide {
			f.fold(unsafe.Add(at, line*r.cols*r.size), n)
		} else {
			f.fold(unsafe.Add(at, line*r.width*r.size), min(r.width, r.rows*r.cols-line*r.width))
		}
		if line++; line == r.lines && lo+1 < hi {
			run, line = run+1, 0
			at = unsafe.Add(start, r.folded.offset(run)*r.size)
		}
		if count%leaf == 0 && lo+1 < hi {
			f.carry(leaves, n)
			leaves++
			copyBytes(f.levels[0], f.identity, n*ws)
		}
	}
	total := f.levels[0]
	for level := 1; leaves > 0; level, leaves = level+1, leaves/2 {
		if leaves&1 != 0 {
			r.col(total, f.levels[level], total, nil, n)
		}
	}
	for k := n / r.cols; !wide && r.cols > 1 && k > 1; k = (k + 1) / 2 { // rows of the line, by halves
		upper := (k + 1) / 2 * r.cols
		r.col(total, total, unsafe.Add(total, upper*ws), nil, k*r.cols-upper)
	}
	copyBytes(dst, total, min(n, r.columns(u))*ws)
}

// short folds the rows of units lo to hi, where a unit is one row: they lie one after the other, and
// many are converted at once.
func (f *folder) short(dst, src unsafe.Pointer, lo, hi int) {
	ws := f.wide.Size()
	many := f.width / f.rows
	for u := lo; u < hi; u += many {
		n := min(many, hi-u)
		p := unsafe.Add(src, u*f.rows*f.size)
		if f.load != nil {
			f.load(f.line, p, nil, nil, n*f.rows)
			p = f.line
		}
		for i := range n {
			acc := unsafe.Add(dst, (u+i)*ws)
			copyBytes(acc, f.identity, ws)
			f.row(acc, unsafe.Add(p, i*f.rows*ws), f.rows)
		}
	}
}

// fold takes n elements into the lowest level.
func (f *folder) fold(p unsafe.Pointer, n int) {
	if f.load != nil {
		f.load(f.line, p, nil, nil, n)
		p = f.line
	}
	if f.cols == 1 {
		f.row(f.levels[0], p, n)
		return
	}
	f.col(f.levels[0], f.levels[0], p, nil, n)
}

// carry adds the lowest level to the stack that holds the given number of leaves.
func (f *folder) carry(leaves, n int) {
	level := 1
	for ; leaves&1 != 0; level, leaves = level+1, leaves/2 {
		f.col(f.levels[0], f.levels[level], f.levels[0], nil, n)
	}
	if level >= len(f.levels) {
		panic(fmt.Errorf("generic: %d levels are too few for %d lines", len(f.levels), f.partLines))
	}
	copyBytes(f.levels[level], f.levels[0], n*f.wide.Size())
}
