package loop

import (
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/vec"
)

// fan is how many blocks are added one after the other before their sum moves up a level: sums are
// trees, so that their error grows with the logarithm of what is added.
const fan = 8

// An accum gathers a result over rows. Level l holds sums of fan^l blocks.
type accum struct {
	code     opcode
	dtype    dtypes.DType
	table    *linkCode // links for dtype
	result   int       // index of the task's results
	place    int
	size     int // of an element
	width    int // elements of a level
	columns  int // elements of the result in a piece: 1 or those of its columns
	levels   int
	offset   int // of the levels, in the state's memory
	kernel   elem.Kernel
	reducer  elem.Reducer
	identity value
	convert  elem.Kernel // to the type stored, nil if it is the same
	stored   int         // size of an element as stored
	partial  int         // offset of the parts in a run's memory
	whole    int         // elements of the result for one kept row
}

// accumulate adds an accumulator for a result and returns its number.
func (f *form) accumulate(code opcode, result int) int {
	r := f.task.results[result]
	dtype := f.task.nodes[r.value].dtype
	op := elem.Binary(r.reduce)
	a := accum{
		code: code, dtype: dtype, table: linkTable(dtype), result: result, place: f.inputs + result, size: dtype.Size(), width: 1, columns: 1, whole: 1,
		kernel: mapKernel(op, dtype, dtype), reducer: vec.Reduce(r.reduce, dtype), identity: identity(r.reduce, dtype),
		stored: r.dtype.Size(),
	}
	units := (f.step[1] + f.batch - 1) / f.batch
	switch code {
	case addBlock:
		a.columns, a.whole = f.step[2], f.columns
		a.width = f.batch * f.step[2]
	case addFold:
		units *= (f.step[2] + f.width - 1) / f.width
	}
	a.levels = 1
	for n := fan; n <= units; n *= fan {
		a.levels++
	}
	if r.dtype != dtype {
		a.convert = mapKernel(backends.OpTypeConvertDType, dtype, r.dtype)
	}
	a.offset = f.reserve((a.levels*a.width + 2) * max(a.size, 16))
	if n := f.parts(a.code); n > 1 {
		a.partial = f.partial
		f.partial += (n*f.kept*a.whole*a.size + 63) &^ 63
	}
	f.accums = append(f.accums, a)
	return len(f.accums) - 1
}

// parts returns of how many pieces a result of one kept row is combined.
func (f *form) parts(code opcode) int {
	if code == addFold {
		return f.pieces[1] * f.pieces[2]
	}
	return f.pieces[1]
}

// fresh reports whether block number k is the first of its sum.
func (a *accum) fresh(k int) bool {
	if a.levels > 1 {
		k %= fan
	}
	return k == 0
}

// add adds block number k, n of full elements at offset at, to the levels at mem.
func (a *accum) add(mem, x unsafe.Pointer, at, n, full, k int) {
	dst := unsafe.Add(mem, at*a.size)
	if a.fresh(k) {
		move(dst, x, n*a.size)
		if n < full {
			fill(unsafe.Add(dst, n*a.size), unsafe.Pointer(&a.identity), full-n, a.size)
		}
	} else {
		a.kernel(dst, dst, x, nil, n)
	}
	a.carry(mem, at, full, k)
}

// carry moves sums up after block number k was added.
func (a *accum) carry(mem unsafe.Pointer, at, n, k int) {
	for l := 1; l < a.levels && k%fan == fan-1; l++ {
		k /= fan
		x := unsafe.Add(mem, ((l-1)*a.width+at)*a.size)
		dst := unsafe.Add(mem, (l*a.width+at)*a.size)
		if k == 0 || l < a.levels-1 && k%fan == 0 {
			move(dst, x, n*a.size)
		} else {
			a.kernel(dst, dst, x, nil, n)
		}
	}
}

// sum joins the levels after k blocks and returns where the sum of all is.
func (a *accum) sum(mem unsafe.Pointer, k int) unsafe.Pointer {
	if k == 0 {
		fill(mem, unsafe.Pointer(&a.identity), a.width, a.size)
		return mem
	}
	var x unsafe.Pointer
	for l := 0; l < a.levels; l++ {
		digit := k
		if l < a.levels-1 {
			digit %= fan
		}
		k /= fan
		if digit == 0 {
			continue
		}
		level := unsafe.Add(mem, l*a.width*a.size)
		if x != nil {
			a.kernel(level, level, x, nil, a.width)
		}
		x = level
	}
	return x
}

// join adds up rows of w elements in place, halving, and leaves the sum in the first.
func (a *accum) join(x unsafe.Pointer, rows, w int) {
	for rows > 1 {
		half := (rows + 1) / 2
		a.kernel(x, x, unsafe.Add(x, half*w*a.size), nil, (rows-half)*w)
		rows = half
	}
}

// store writes n elements of the result of kept row k, from column c.
func (f *form) store(a *accum, arrays []unsafe.Pointer, k, c int, x unsafe.Pointer, n int) {
	p := &f.places[a.place]
	dst := unsafe.Pointer(unsafe.Add(arrays[p.array], f.keptOffset(p, k)+c*p.column))
	dense := p.column == a.stored || n == 1
	switch {
	case a.convert == nil && dense:
		move(dst, x, n*a.stored)
	case a.convert == nil:
		scatter(dst, p.column, x, n, a.stored)
	case dense:
		a.convert(dst, x, nil, nil, n)
	default:
		for i := range n {
			a.convert(unsafe.Add(dst, i*p.column), unsafe.Add(x, i*a.size), nil, nil, 1)
		}
	}
}

// keptOffset returns the offset of kept row k.
func (f *form) keptOffset(p *place, k int) int {
	off := 0
	for d := len(f.layout.kept) - 1; d >= 0; d-- {
		n := f.rows[d]
		off += k % n * p.rows[d]
		k /= n
	}
	return off
}

// combine adds up the parts of accumulated results and stores them.
func (f *form) combine(arrays []unsafe.Pointer, mem unsafe.Pointer) {
	for i := range f.accums {
		a := &f.accums[i]
		n := f.parts(a.code)
		if n == 1 {
			continue
		}
		x := unsafe.Add(mem, a.partial)
		a.join(x, n, f.kept*a.whole)
		for k := range f.kept {
			f.store(a, arrays, k, 0, unsafe.Add(x, k*a.whole*a.size), a.whole)
		}
	}
}

// identities stores what reductions of nothing are.
func (f *form) identities(arrays []unsafe.Pointer) {
	for i := range f.accums {
		a := &f.accums[i]
		for k := range f.kept {
			for c := range a.whole {
				f.store(a, arrays, k, c, unsafe.Pointer(&a.identity), 1)
			}
		}
	}
}

// accumsOnly prepares the results of a box without elements.
func (e *emitter) accumsOnly() {
	for i, r := range e.task.results {
		if r.reduce == backends.OpTypeInvalid {
			continue
		}
		code := addBlock
		if e.layout.fold || e.places[e.inputs+i].column == 0 {
			code = addRows
		}
		e.accumulate(code, i)
	}
}
