package loop

import (
	"slices"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/vec"
)

// phasesOf computes when values can be computed. A repeat is made when it is first used, unless
// blocks of columns follow one another: then before the first.
func (e *emitter) phasesOf() {
	ready := make([]int, len(e.values))
	for i := range e.values {
		v := &e.values[i]
		for _, a := range v.args {
			v.phase = max(v.phase, ready[a])
		}
		ready[i] = v.phase
		if ir.IsReduction(v.op) {
			ready[i]++
		}
	}
	phases := 1 + slices.Max(ready)
	e.phases = make([]phase, phases)
	e.sink()
	if e.many {
		return
	}
	for i := range e.values {
		v := &e.values[i]
		if v.op != opRepeat || v.once {
			continue
		}
		first := phases
		for j := range e.values {
			if slices.Contains(e.values[j].args, i) {
				first = min(first, e.values[j].phase)
			}
		}
		if first < phases {
			v.phase = max(v.phase, first)
		}
	}
}

// sink puts off what is made from one vector and is wanted in later phases only: then that vector stays
// in memory, which it may have to anyway, and not both.
func (e *emitter) sink() {
	wanted := make([]int, len(e.values)) // phase of the first use
	for i := range wanted {
		wanted[i] = len(e.phases)
	}
	for _, s := range e.stores {
		wanted[s.value] = 0
	}
	for i := len(e.values) - 1; i >= 0; i-- {
		v := &e.values[i]
		vectors := 0
		for _, a := range v.args {
			if e.values[a].kind == vector {
				vectors++
			}
		}
		if v.kind == vector && !v.once && v.op != opInput && v.op != opRepeat && vectors == 1 && wanted[i] < len(e.phases) {
			v.phase = max(v.phase, wanted[i])
		}
		for _, a := range v.args {
			wanted[a] = min(wanted[a], v.phase)
		}
	}
}

// schedule lists the steps.
func (e *emitter) schedule() {
	e.scheduleOnce()
	s := scheduler{emitter: e, loaded: make([]bool, len(e.values))}
	for p := range e.phases {
		s.rows(p)
		s.blocks(p)
	}
	if e.careful {
		e.scheduleStores()
	}
}

// scheduleOnce lists what is done once a piece.
func (e *emitter) scheduleOnce() {
	for i := range e.values {
		v := &e.values[i]
		switch {
		case v.op == opInput:
			if v.once {
				e.push(&e.form.begin, 0, op{code: loadOnce, x: v.place}, i)
			}
		case v.op == opRepeat && v.once:
			n := e.batch
			if v.kind == vector {
				n *= e.width
			}
			e.push(&e.form.begin, 0, op{code: fillOnce, n: n}, i, v.args...)
		case v.kind == scalar:
			e.push(&e.form.begin, 0, e.call(v, callOne), i, v.args...)
		}
	}
}

// scheduleStores lists the stores that wait for the last read.
func (e *emitter) scheduleStores() {
	final := len(e.phases) - 1
	for _, s := range e.stores {
		switch s.code {
		case storeBlock:
			e.push(&e.phases[final].blocks, final, op{code: s.code, x: s.result}, -1, s.value)
		case storeRows:
			e.push(&e.form.end, final, op{code: s.code, x: s.result}, -1, s.value)
		}
	}
}

// scheduler lists the steps of phases.
type scheduler struct {
	*emitter
	loaded []bool // inputs that have been
}

// load lists the loads of inputs that cannot be used where they are.
func (s *scheduler) load(where *[]op, p int, list ...int) {
	for _, a := range list {
		v := &s.values[a]
		if v.op != opInput || v.once || s.loaded[a] {
			continue
		}
		pl := &s.places[v.place]
		switch {
		case v.kind == row && s.batch > 1 && !pl.dense(1):
			s.push(where, p, op{code: loadRows, x: v.place}, a)
		case v.kind == vector && !s.inPlace(pl):
			s.push(where, p, op{code: loadBlock, x: v.place}, a)
		}
		s.loaded[a] = true
	}
}

// leave lists what takes value i to its results.
func (s *scheduler) leave(i, p int, where *[]op) {
	for _, r := range s.stores {
		if r.value != i || s.values[i].into == r.result {
			continue
		}
		if s.careful && (r.code == storeBlock || r.code == storeRows) {
			continue
		}
		s.load(where, p, i)
		s.push(where, p, op{code: r.code, x: r.result}, -1, i)
	}
}

// rows lists a phase's steps for each row, or batch of rows.
func (s *scheduler) rows(p int) {
	ph := &s.phases[p]
	for i := range s.values {
		v := &s.values[i]
		switch {
		case v.once && v.kind == vector:
		case v.op == opInput || v.kind == scalar || v.once:
			if v.kind != vector && p == 0 {
				if v.kind == row {
					s.load(&ph.rows, p, i)
				}
				s.leave(i, p, &ph.rows)
			}
		case ir.IsReduction(v.op):
			if p == v.phase+1 {
				s.leave(i, p, &ph.rows)
			}
		case v.phase != p:
		case v.op == opRepeat && v.kind == vector && s.many:
			s.push(&ph.rows, p, op{code: repeatOne, n: s.width}, i, v.args...)
		case v.kind == row:
			s.push(&ph.rows, p, s.call(v, callRows), i, v.args...)
			s.leave(i, p, &ph.rows)
		}
	}
}

// blocks lists a phase's steps for each block of columns.
func (s *scheduler) blocks(p int) {
	ph := &s.phases[p]
	for i := range s.values {
		v := &s.values[i]
		switch {
		case v.kind == vector && (v.op == opInput || v.once || v.op == opRepeat && s.many && v.phase == p):
			if v.phase == p {
				s.leave(i, p, &ph.blocks)
			}
		case v.phase != p:
		case ir.IsReduction(v.op):
			s.load(&ph.blocks, p, v.args...)
			o := op{code: reduceRows, reducer: vec.Reduce(v.op, v.dtype), identity: identity(v.op, v.dtype)}
			s.push(&ph.blocks, p, o, i, v.args...)
		case v.kind != vector:
		case v.op == opRepeat:
			code := repeatOne
			if s.batch > 1 {
				code = repeatMany
			}
			s.push(&ph.blocks, p, op{code: code}, i, v.args...)
			s.leave(i, p, &ph.blocks)
		default:
			s.load(&ph.blocks, p, v.args...)
			s.push(&ph.blocks, p, s.call(v, callBlock), i, v.args...)
			s.leave(i, p, &ph.blocks)
		}
	}
}
