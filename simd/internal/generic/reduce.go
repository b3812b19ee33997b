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
	for _, op := range ir.Reductions() {

		register(op, reduce)
	}
}

const (
	lineLimit  = 512     // elements in a line: its accumulators fit the first-level cache
	narrow     = 64      // rows of fewer elements are joined to longer lines
	leaf       = 64      // lines added one after the other before sums are paired
	splitSize  = 1 << 16 // elements that make a part of a long reduction
	splitLimit = 64      // parts at most
)

// reduce folds the elements over some axes. Sums and products of 16- and 32-bit floats and of
// complex64 are accumulated in the type of twice the width (float64, complex128) and rounded once;
// those of float64 and complex128 are paired, so that their error grows with the logarithm of the
// number of elements. In which order they are taken is decided by the shapes.
func reduce(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
	x := in[0]
	wide := accumulator(n.Op, x.DType)
	row := elem.Reduce(n.Op, wide)
	if row == nil || elem.Reduce(n.Op, x.DType) == nil {
		unsupported(n, x)
	}
	if out.Size() == 0 {
		return
	}
	if x.Size() == 0 {
		for i := range out.Size() {
			elem.Identity(n.Op, out.DType, unsafe.Add(out.Data, i*out.DType.Size()))
		}
		return
	}
	r := newReduction(x, params[ir.Axes](n).Axes)
	r.op, r.wide, r.row = n.Op, wide, row
	r.col = elem.Map(elem.Binary(n.Op), wide, wide)
	if wide != x.DType {
		r.load = elem.Map(backends.OpTypeConvertDType, x.DType, wide)
	}
	result := out
	if wide != out.DType {
		result = fresh(wide, out.Dims)
	}
	r.run(pool, x.Data, result.Data)
	if wide != out.DType {
		apply(pool, elem.Map(backends.OpTypeConvertDType, wide, out.DType), out, result)
	}
}

// accumulator returns the type in which a reduction of dtype is done.
func accumulator(op ir.Op, dtype dtypes.DType) dtypes.DType {
	switch op {
	case backends.OpTypeReduceSum, backends.OpTypeReduceProduct:
		switch dtype {
		case dtypes.Float16, dtypes.BFloat16, dtypes.Float32:
			return dtypes.Float64
		case dtypes.Complex64:
			return dtypes.Complex128
		}
	}
	switch dtype {
	case dtypes.Float16, dtypes.BFloat16:
		return dtypes.Float32
	}
	return dtype
}

// A reduction sees its operand as runs: pieces of memory of count rows of cols elements each, whose
// rows are folded and whose columns are kept. Runs are numbered by the other kept axes and, within
// those, by the other folded ones. A unit is what is computed together: cols columns, or a piece of
// them where they are many, over all folded positions; it is folded line by line. Where rows are
// short a line holds several of them, and what lies side by side is folded at the end.
type reduction struct {
	op        ir.Op
	wide      dtypes.DType
	load      elem.Kernel  // to the accumulators' type; nil if it is the operand's
	row       elem.Reducer // folds a line to one accumulator
	col       elem.Kernel  // folds a line into as many accumulators
	size      int          // bytes of an operand's element
	rows      int          // of a run
	cols      int
	kept      axes
	folded    axes
	width     int // elements of a line, at most
	pieces    int // units across the columns
	lines     int // lines in a run, for one unit
	allLines  int // over all runs of a unit
	units     int
	work      int // elements of a unit, about
	parts     int // in how many pieces each unit's lines are folded apart
	partLines int
}

// axes are dimensions with their strides in elements, outermost first.
type axes struct{ dims, strides []int }

// offset returns where position i, counted in row-major order, lies.
func (a axes) offset(i int) int {
	at := 0
	for k := len(a.dims) - 1; k >= 0 && i > 0; k-- {
		at += i % a.dims[k] * a.strides[k]
		i /= a.dims[k]
	}
	return at
}

// newReduction joins axes and decides the order.
func newReduction(x tensor.Tensor, over []int) *reduction {
	folds := make([]bool, len(x.Dims))
	for _, a := range over {
		folds[a] = true
	}
	if len(over) == 0 {
		for a := range folds {
			folds[a] = true
		}
	}
	type group struct {
		n    int
		fold bool
	}
	var groups []group // outermost first, alternating
	for a, d := range x.Dims {
		switch last := len(groups) - 1; {
		case d == 1:
		case last >= 0 && groups[last].fold == folds[a]:
			groups[last].n *= d
		default:
			groups = append(groups, group{d, folds[a]})
		}
	}
	r := &reduction{size: x.DType.Size(), rows: 1, cols: 1}
	if k := len(groups); k > 0 && !groups[k-1].fold {
		r.cols, groups = groups[k-1].n, groups[:k-1]
	}
	if k := len(groups); k > 0 {
		r.rows, groups = groups[k-1].n, groups[:k-1] // it is a folded one
	}
	stride := r.rows * r.cols
	for k := len(groups) - 1; k >= 0; k-- {
		a := &r.kept
		if groups[k].fold {
			a = &r.folded
		}
		a.dims, a.strides = append([]int{groups[k].n}, a.dims...), append([]int{stride}, a.strides...)
		stride *= groups[k].n
	}
	switch {
	case r.cols == 1:
		r.width = min(8*lineLimit, x.Size()) // holds many short rows
		r.pieces, r.lines = 1, (r.rows+r.width-1)/r.width
	case r.cols < narrow:
		r.width = min(lineLimit/r.cols, r.rows) * r.cols
		r.pieces, r.lines = 1, (r.rows*r.cols+r.width-1)/r.width
	default:
		r.width = min(lineLimit, r.cols)
		r.pieces, r.lines = (r.cols+r.width-1)/r.width, r.rows
	}
	r.allLines = r.lines * tensor.Size(r.folded.dims)
	r.units = tensor.Size(r.kept.dims) * r.pieces
	r.work = x.Size() / r.units
	r.parts = max(1, min(splitLimit, r.allLines, r.work/splitSize))
	r.partLines = (r.allLines + r.parts - 1) / r.parts
	return r
}

// run computes all units.
func (r *reduction) run(pool *par.Pool, src, dst unsafe.Pointer) {
	ws := r.wide.Size()
	accumulators := min(r.width, r.cols) // that a unit leaves
	partials := dst
	if r.parts > 1 {
		partials = fresh(r.wide, []int{r.units, r.parts, accumulators}).Data
	}
	group := 1 // units a job
	if r.parts == 1 {
		group = max(1, splitSize/max(1, r.work))
	}
	jobs := (r.units + group - 1) / group
	pool.For(jobs*r.parts, func(job int) {
		part := job % r.parts
		first := job / r.parts * group
		f := newFolder(r)
		if r.cols == 1 && r.allLines == 1 {
			f.short(dst, src, first, min(first+group, r.units))
			return
		}
		for u := first; u < min(first+group, r.units); u++ {
			lo, hi := part*r.partLines, min((part+1)*r.partLines, r.allLines)
			if r.parts > 1 {
				f.unit(unsafe.Add(partials, (u*r.parts+part)*accumulators*ws), src, u, lo, hi)
				continue
			}
			f.unit(unsafe.Add(dst, r.place(u)*ws), src, u, lo, hi)
		}
	})
	if r.parts == 1 {
		return
	}
	for u := range r.units {
		p := unsafe.Add(partials, u*r.parts*accumulators*ws)
		n := r.columns(u)
		for step := 1; step < r.parts; step *= 2 {
			for i := 0; i+step < r.parts; i += 2 * step {
				a := unsafe.Add(p, i*accumulators*ws)
				r.col(a, a, unsafe.Add(p, (i+step)*accumulators*ws), nil, n)
			}
		}
		copyBytes(unsafe.Add(dst, r.place(u)*ws), p, n*ws)
	}
}

// place returns where unit u's results start, in elements.
func (r *reduction) place(u int) int {
	return u/r.pieces*r.cols + u%r.pieces*r.width
}

// columns returns how many results unit u has.
func (r *reduction) columns(u int) int {
	return min(r.cols, r.width, r.cols-u%r.pieces*r.width)
}
