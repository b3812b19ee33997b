package loop

import (
	"unsafe"

	"github.com/gomlx/gomlx/backends"
)

// sumsOnly reports whether a form does nothing but add up rows of inputs as they are. Then several
// rows are added in registers before their sum goes to the accumulator, which saves most of its
// traffic.
func (e *emitter) sumsOnly() bool {
	if len(e.phases) != 1 || e.batch > 1 || len(e.steps) == 0 {
		return false
	}
	for _, s := range e.steps {
		if s.code != addBlock {
			return false
		}
		v := &e.values[s.args[0]]
		if v.op != opInput || linkTable(v.dtype) == nil || e.task.results[s.x].reduce != backends.OpTypeReduceSum {
			return false
		}
		if p := &e.places[v.place]; !p.even || p.ahead > 0 || p.column != p.size || v.once {
			return false
		}
	}
	return true
}

// noteSums records which input each accumulator adds up.
func (e *emitter) noteSums() {
	for _, s := range e.steps {
		e.rowSums = append(e.rowSums, rowSum{e.values[s.args[0]].place, s.x})
	}
}

// rowSum is an input and the accumulator of its rows.
type rowSum struct{ place, accum int }

// sumRows adds n rows from r on, at most fan, to the accumulators.
func (s *state) sumRows(r, n, c0, c1 int) {
	f := s.form
	for _, q := range f.rowSums {
		p, a := &f.places[q.place], &f.accums[q.accum]
		x := uintptr(s.arrays[p.array]) + uintptr(r*p.flat+c0*p.column)
		step := uintptr(p.flat)
		code := &s.sumCode
		begin, exit := &a.table[linkBegin], &a.table[linkExit]
		code[0] = link{begin[0], begin[1], uintptr(unsafe.Pointer(&s.scratch[0].sums))}
		for j := range n {
			op := &a.table[linkAdd]
			if j == 0 {
				op = &a.table[linkLoad]
			}
			code[j+1] = link{op[0], op[1], x}
			x += step
		}
		op := &a.table[linkAddTo]
		if a.fresh(s.unit) {
			op = &a.table[linkStore]
		}
		code[n+1] = link{op[0], op[1], uintptr(s.base) + uintptr(a.offset)}
		last := &a.table[linkLast]
		code[n+2] = link{last[0], last[1], 0}
		code[n+3] = link{exit[0], exit[1], 0}
		runChain(a.dtype, &code[0], c1-c0)
		a.carry(unsafe.Add(s.base, a.offset), 0, c1-c0, s.unit)
	}
}
