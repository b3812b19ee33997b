package loop

import (
	"sync"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// kind tells along what a value differs.
type kind int8

const (
	scalar kind = iota // nothing
	row                // rows
	vector             // rows and columns
)

// A place is where an operand's elements are, in bytes from its array's first.
type place struct {
	array  int
	size   int // of an element
	kind   kind
	rows   []int // stride for each dimension of rows
	column int   // stride along the columns
	even   bool  // all rows lie flat bytes apart
	flat   int
	slot   int // else its number among the others, for the state's offsets
	reg    int

	ahead int // rows staged at a time, 0 if it is not
	stage int // number of the stage
	room  int // offset of the copy
}

// dense reports whether the columns of consecutive rows lie one after the other; columns is 1 for
// row values.
func (p *place) dense(columns int) bool { return p.even && p.flat == columns*p.size }

type opcode uint8

const (
	callBlock  opcode = iota // kernel on a block
	callRows                 // kernel on one element a row
	callFloat                // arithmetic on one float, without a kernel
	callOne                  // kernel on one element
	fillOnce                 // a scalar repeated over a whole block or all its rows, once a piece
	repeatOne                // one row's value repeated over a block
	repeatMany               // many rows' values repeated over a block
	loadBlock                // gather an input
	loadOnce                 // gather an input that is the same in all rows, once a piece
	loadRows                 // gather a row input
	reduceRows               // reduce each row of a block
	storeBlock               // to an output that is not written in place
	storeRows                //
	addBlock                 // to a result that is reduced over rows
	addFold                  // over rows and columns
	addRows                  // a row value over rows
	callChain                // several steps, see chain.go
	gone                     // while code is made: not needed
)

// An op is a step of a form's code; operands are registers.
type op struct {
	code       opcode
	size       int // of an element
	n          int // fillOnce: elements
	d, a, b, c int
	x          int   // place, or accumulator
	arith      ir.Op // callFloat
	kernel     elem.Kernel
	reducer    elem.Reducer
	identity   value
	part       int // reduceRows: register of parts, one for each block of columns; 0 if there is one block
}

// A phase is what happens between two reductions: some steps for each row (or batch of rows), then
// others for each block of columns, then the ends of reductions.
type phase struct {
	rows   []op
	places []int // places that move with the block
	blocks []op
	finish []op // reduceRows whose parts are to be joined
}

// pointer is a register that points into an array whose rows lie flat bytes apart.
type pointer struct{ reg, array, flat, column int }

// moving is a register over whole rows.
type moving struct{ reg, offset, size int }

// hazard is a pair of arrays for which code that writes in place is wrong if they are the same.
type hazard struct{ in, out int }

// A form is a task as code.
type form struct {
	tuning
	task    *task
	layout  layout
	whole   bool
	rows    []int // extents, kept then reduced
	kept    int   // rows
	reduced int
	columns int

	batch int  // rows at a time
	width int  // columns at a time
	many  bool // a piece may have several blocks of columns

	// Pieces: along kept rows, reduced rows, columns.
	step   [3]int
	pieces [3]int

	places    []place // inputs, then results
	inputs    int
	slots     int
	stages    int
	fixed     []int     // places of scalars
	perRow    []int     // places of row values
	still     []pointer // set for each piece
	pointers  []pointer // set for each row, or batch of rows
	others    []int     // places set for each row whose rows do not lie evenly
	moving    []moving  // registers over whole rows
	begin     []op
	phases    []phase
	end       []op // stores that wait for the last read
	accums    []accum
	chains    []chain
	twin      *twin
	rowSums   []rowSum // if it only adds up rows
	registers int
	homes     []home
	memory    int // bytes
	partial   int // bytes of a run's memory
	hazards   []hazard

	states  sync.Pool
	careful func() *form // code for shared memory
}

// home is a register with memory of its own.
type home struct{ reg, offset int }

func (f *form) empty() bool { return f.kept*f.reduced*f.columns == 0 }

func (f *form) count() int { return f.pieces[0] * f.pieces[1] * f.pieces[2] }

// newForm lays out a task and generates its code.
func newForm(t *task, tune tuning, whole, careful bool) *form {
	f := &form{tuning: tune, task: t, whole: whole}
	if whole {
		f.layout = t.wholeRows()
	} else {
		f.layout = t.anyRows(tune)
		f.size()
		f.plan()
		if !f.empty() && f.layout.fold && len(f.layout.reduced) == 0 && f.pieces[2] == 1 {
			f.foldByRows()
		}
	}
	f.size()
	f.plan()
	f.setPlaces()
	f.fuse()
	for i := range f.inputs {
		p := &f.places[i]
		if n := f.stageRows(p); n > 1 && !f.empty() {
			p.ahead, p.stage, p.room = n, f.stages, f.reserve(n*f.step[2]*p.size)
			f.stages++
		}
	}
	e := emitter{form: f, careful: careful}
	if !f.empty() {
		e.emit()
	} else {
		e.accumsOnly()
	}
	if !careful {
		f.careful = sync.OnceValue(func() *form { return newForm(t, tune, whole, true) })
	}
	return f
}

// foldByRows turns results that reduce nothing but the columns into instructions and stores, for
// rows that are not cut.
func (f *form) foldByRows() {
	t := &task{dims: f.task.dims}
	t.nodes = append(t.nodes, f.task.nodes...)
	for _, r := range f.task.results {
		if r.reduce != backends.OpTypeInvalid {
			n := node{op: r.reduce, dtype: t.nodes[r.value].dtype, args: []int{r.value}}
			t.nodes = append(t.nodes, n)
			r.value = len(t.nodes) - 1
			if n.dtype != r.dtype {
				t.nodes = append(t.nodes, node{op: backends.OpTypeConvertDType, dtype: r.dtype, args: []int{r.value}})
				r.value++
			}
			r.reduce = backends.OpTypeInvalid
		}
		t.results = append(t.results, r)
	}
	f.task = t
	f.layout.fold = false
	f.whole = true
}

func (f *form) size() {
	f.kept, f.reduced, f.columns = size(f.layout.kept), size(f.layout.reduced), f.layout.column.n
	f.rows = nil
	for _, a := range f.layout.kept {
		f.rows = append(f.rows, a.n)
	}
	for _, a := range f.layout.reduced {
		f.rows = append(f.rows, a.n)
	}
}

// accumulates reports whether some result is reduced over rows, or over columns by parts.
func (f *form) accumulates() bool {
	for _, r := range f.task.results {
		if r.reduce != backends.OpTypeInvalid {
			return true
		}
	}
	return false
}

// setPlaces describes the operands along the layout.
func (f *form) setPlaces() {
	f.places, f.slots = nil, 0
	k := 0
	add := func(array, bytes int) {
		p := place{array: array, size: bytes, column: f.layout.column.s[k] * bytes}
		for _, a := range f.layout.kept {
			p.rows = append(p.rows, a.s[k]*bytes)
		}
		for _, a := range f.layout.reduced {
			p.rows = append(p.rows, a.s[k]*bytes)
		}
		still := true
		for _, s := range p.rows {
			still = still && s == 0
		}
		switch {
		case p.column != 0:
			p.kind = vector
		case !still:
			p.kind = row
		}
		p.even = true
		for d := 0; d+1 < len(p.rows); d++ {
			p.even = p.even && p.rows[d] == p.rows[d+1]*f.rows[d+1]
		}
		if !p.even {
			p.slot = f.slots
			f.slots++
		} else if len(p.rows) > 0 {
			p.flat = p.rows[len(p.rows)-1]
		}
		f.places = append(f.places, p)
		k++
	}
	for _, n := range f.task.nodes {
		if n.op == opInput {
			add(n.array, n.dtype.Size())
		}
	}
	f.inputs = len(f.places)
	for _, r := range f.task.results {
		add(r.array, r.dtype.Size())
	}
}

// still reports whether an operand is the same in all rows.
func (p *place) still() bool { return p.even && p.flat == 0 }
