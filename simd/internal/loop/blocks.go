package loop

import (
	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// Guesses from which pieces are cut, in nanoseconds.
const (
	byteCost      = 0.0125 // reading a byte of an input, for each element
	stridedCost   = 1      // an element of an operand that is not dense
	reductionCost = 0.02   // adding an element to a result
	stepCost      = 20     // starting a step on a block
)

// maxPieces bounds into how many pieces a form is cut along each dimension, and minReduced from below how
// many rows that are reduced a piece has.
const (
	maxPieces  = 512
	minReduced = 16
)

// work is what a form does, from its nodes and the layout of its operands.
type work struct {
	cost     float64 // nanoseconds an element, without what starting steps takes
	bytes    int     // of the largest element
	computes bool    // blocks, other than by reducing them
	strided  bool    // some operand is not dense
}

// work looks at the nodes and operands.
func (f *form) work() work {
	w := work{bytes: 1}
	for _, n := range f.task.nodes {
		size := n.dtype.Size()
		switch {
		case n.op == opInput:
			w.cost += byteCost * float64(size)
		case n.columns || ir.IsReduction(n.op):
			w.cost += weight(n.op, size, isFast(n.dtype))
			w.computes = w.computes || n.columns
		}
		w.bytes = max(w.bytes, size)
	}
	for _, s := range f.layout.column.s {
		if s != 0 && s != 1 {
			w.cost += stridedCost
			w.strided = true
		}
	}
	for i, r := range f.task.results {
		if r.reduce != backends.OpTypeInvalid {
			w.cost += reductionCost
		} else if k := len(f.layout.column.s) - len(f.task.results) + i; f.layout.column.s[k] != 0 {
			w.computes = true
		}
	}
	return w
}

// plan chooses blocks, batches and pieces from the extents alone.
func (f *form) plan() {
	w := f.work()
	f.planBlocks(w)
	steps := float64(len(f.task.nodes) + len(f.task.results))
	cost := w.cost + stepCost/float64(max(1, f.width*f.batch))*steps
	f.planPieces(w, int(min(maxPieces, cost*float64(f.kept*f.reduced)*float64(f.columns)/f.piece)))
	f.many = f.step[2] > f.width
}

// planBlocks chooses how many columns and rows are computed at a time.
func (f *form) planBlocks(w work) {
	full := f.block
	if w.bytes >= 8 {
		full /= 2
	}
	if !w.computes { // nothing to keep in cache
		full *= 8
	}
	f.width = max(1, min(f.columns, full))
	if f.columns <= 2*full && f.whole || f.columns <= full+full/4 {
		f.width = max(f.columns, 1)
	}
	f.batch = 1
	if f.columns < f.short {
		f.batch = max(1, min(full/max(f.columns, 1), f.kept*f.reduced))
		if f.accumulates() && len(f.layout.reduced) > 0 {
			f.batch = max(1, min(f.batch, f.reduced))
		}
	}
}

// planPieces cuts the box into about want pieces.
func (f *form) planPieces(w work, want int) {
	f.pieces = [3]int{1, 1, 1}
	f.step = [3]int{max(f.kept, 1), max(f.reduced, 1), max(f.columns, 1)}
	accumulates := f.accumulates()
	unit := f.batch
	if accumulates {
		unit = 1
	}
	if want > 1 {
		f.cut(0, f.kept, unit, want)
		if left := want / f.pieces[0]; left > 1 && !f.whole && f.columns >= 2*f.width {
			f.cut(2, f.columns, f.width, left)
		}
		if left := want / f.pieces[0] / f.pieces[2]; left > 1 && accumulates {
			f.cut(1, f.reduced, max(f.batch, minReduced), left)
		}
	}
	if w.strided && !f.whole && !accumulates && f.step[2] > 2*f.width { // room for stages
		f.step[2] = f.width
		f.pieces[2] = (f.columns + f.width - 1) / f.width
	}
}

// cut cuts dimension k into about n pieces of whole units.
func (f *form) cut(k, extent, unit, n int) {
	if n < 2 || extent < 2*unit {
		return
	}
	units := (extent + unit - 1) / unit
	f.step[k] = (units + n - 1) / n * unit
	f.pieces[k] = (extent + f.step[k] - 1) / f.step[k]
}
