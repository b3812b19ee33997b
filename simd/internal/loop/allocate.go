package loop

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
)

// slotPadding keeps blocks from lying a multiple of 4096 bytes apart.
const slotPadding = 128

// take returns a new register, with memory if bytes is positive.
func (f *form) take(bytes int) int {
	f.registers++
	r := f.registers // 0 is the operand that is not there
	if bytes > 0 {
		f.homes = append(f.homes, home{r, f.reserve(bytes)})
	}
	return r
}

// reserve returns the offset of new memory.
func (f *form) reserve(bytes int) int {
	at := f.memory
	f.memory += (bytes+63)&^63 + slotPadding
	return at
}

// allocate gives every value a register, memory that dies to values that are born, and moves the
// steps to their places.
func (e *emitter) allocate() {
	lastPhase := make([]int, len(e.values))
	for i, s := range e.steps {
		if s.dst >= 0 {
			v := &e.values[s.dst]
			v.first, v.last = i, max(v.last, i)
			lastPhase[s.dst] = max(lastPhase[s.dst], s.phase)
		}
		for _, a := range s.args {
			e.values[a].last = i
			lastPhase[a] = s.phase
		}
	}
	free := map[int][]int{}
	sizes := make([]int, len(e.values)) // of slots that may be used again, else 0
	release := func(i, step int) {
		v := &e.values[i]
		if sizes[i] > 0 && v.last == step {
			free[sizes[i]] = append(free[sizes[i]], v.reg)
			sizes[i] = 0
		}
	}
	width := e.step[2]
	blocks := (width + e.width - 1) / max(e.width, 1)
	give := func(i int, s *step) {
		v := &e.values[i]
		bytes, again := 0, true
		switch {
		case v.into >= 0:
			p := &e.places[e.inputs+v.into]
			p.reg = e.take(0)
			v.reg = p.reg
			return
		case v.kind == scalar:
			bytes, again = 16, false
		case v.kind == row:
			bytes, again = e.batch*v.dtype.Size(), !e.many && !v.once
		case v.once || v.op == opRepeat && e.many:
			bytes, again = e.batch*e.width*v.dtype.Size(), false
		case e.many && lastPhase[i] > s.phase:
			bytes, again = width*v.dtype.Size(), false
			v.wide = true
		default:
			bytes = e.batch * e.width * v.dtype.Size()
		}
		if list := free[bytes]; again && len(list) > 0 {
			v.reg = list[len(list)-1]
			free[bytes] = list[:len(list)-1]
		} else {
			v.reg = e.take(bytes)
		}
		if again {
			sizes[i] = bytes
		}
		if v.wide {
			e.moving = append(e.moving, moving{v.reg, e.homes[len(e.homes)-1].offset, v.dtype.Size()})
		}
	}
	for i := range e.values { // inputs used where they are
		v := &e.values[i]
		if v.op != opInput || slices.ContainsFunc(e.steps, func(s step) bool { return s.dst == i }) {
			continue
		}
		p := &e.places[v.place]
		p.reg = e.take(0)
		v.reg = p.reg
		switch v.kind {
		case scalar:
			e.fixed = append(e.fixed, v.place)
		case row:
			e.perRow = append(e.perRow, v.place)
		}
	}
	for i := range e.steps {
		s := &e.steps[i]
		inPlace := s.code == callBlock || s.code == callRows || s.code == callOne
		if inPlace {
			for _, a := range s.args {
				release(a, i)
			}
		}
		if s.dst >= 0 {
			give(s.dst, s)
			s.d = e.values[s.dst].reg
			release(s.dst, i)
		}
		for k, a := range s.args {
			r := e.values[a].reg
			switch k {
			case 0:
				s.a = r
			case 1:
				s.b = r
			case 2:
				s.c = r
			}
			if !inPlace {
				release(a, i)
			}
		}
		if s.code == reduceRows && e.many {
			s.part = e.take(blocks * s.size)
			e.phases[s.phase].finish = append(e.phases[s.phase].finish, s.op)
		}
		if s.code == addBlock || s.code == addFold || s.code == addRows {
			s.x = e.accumulate(s.code, s.x)
		}
		*s.where = append(*s.where, s.op)
	}
	e.placesOf()
}

// placesOf lists which pointers are set for each row and for each block of each phase.
func (e *emitter) placesOf() {
	for i := range e.values {
		if v := &e.values[i]; v.into >= 0 && v.kind == row {
			e.perRow = append(e.perRow, e.inputs+v.into)
		}
	}
	for _, s := range e.steps {
		ph := &e.phases[s.phase]
		touch := func(i int) {
			v := &e.values[i]
			k := -1
			switch {
			case v.kind != vector:
			case v.into >= 0:
				k = e.inputs + v.into
			case v.op == opInput && e.places[v.place].reg == v.reg:
				k = v.place
			}
			if k >= 0 && !slices.Contains(ph.places, k) {
				ph.places = append(ph.places, k)
			}
		}
		for _, a := range s.args {
			touch(a)
		}
		if s.dst >= 0 {
			touch(s.dst)
		}
	}
}

// findHazards lists the inputs that are read after an output that may be the same array is written.
func (e *emitter) findHazards() {
	for _, s := range e.stores {
		r := e.task.results[s.result]
		if r.reduce != backends.OpTypeInvalid {
			continue
		}
		out := &e.places[e.inputs+s.result]
		written := e.values[s.value].first
		if e.values[s.value].into != s.result {
			for i, st := range e.steps {
				if (st.code == storeBlock || st.code == storeRows) && st.x == s.result {
					written = i
				}
			}
		}
		for i := range e.values {
			v := &e.values[i]
			if v.op != opInput {
				continue
			}
			in := &e.places[v.place]
			if in.size != out.size || in.column != out.column || !slices.Equal(in.rows, out.rows) {
				continue
			}
			read := v.last
			if in.reg == 0 {
				read = v.first // loaded there
			}
			h := hazard{in.array, out.array}
			if read > written && !slices.Contains(e.hazards, h) {
				e.hazards = append(e.hazards, h)
			}
		}
	}
}
