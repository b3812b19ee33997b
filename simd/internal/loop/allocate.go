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
		for _, d := range e.defines(&s) {
			v := &e.values[d]
			v.first, v.last = i, max(v.last, i)
			lastPhase[d] = max(lastPhase[d], s.phase)
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
	loaded := make([]bool, len(e.values))
	for _, s := range e.steps {
		if s.dst >= 0 {
			loaded[s.dst] = true
		}
	}
	for i := range e.values { // inputs used where they are
		v := &e.values[i]
		if v.op != opInput || loaded[i] {
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
		inPlace := s.code == callBlock || s.code == callRows || s.code == callFloat || s.code == callOne
		if inPlace {
			for _, a := range s.args {
				release(a, i)
			}
		}
		for _, d := range e.defines(s) {
			give(d, s)
		}
		if s.dst >= 0 {
			s.d = e.values[s.dst].reg
		}
		if s.code == callChain {
			e.settle(s)
		}
		for _, d := range e.defines(s) {
			release(d, i)
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
		if s.code == reduceRows {
			s.part = e.partsOf(s.phase, s.op)
		}
		if s.code == addBlock || s.code == addFold || s.code == addRows {
			s.x = e.accumulate(s.code, s.x)
		}
		*s.where = append(*s.where, s.op)
	}
	e.placesOf()
}

// defines lists the values that a step writes.
func (e *emitter) defines(s *step) []int {
	switch {
	case s.code == callChain:
		list := slices.Clone(s.dsts)
		for _, sum := range e.form.chains[s.x].sums {
			list = append(list, sum.value)
		}
		return list
	case s.dst >= 0:
		return []int{s.dst}
	}
	return nil
}

// partsOf returns the register for the parts of a reduction whose row has several blocks, else 0.
func (e *emitter) partsOf(p int, o op) int {
	if !e.many {
		return 0
	}
	o.part = e.take((e.step[2] + e.width - 1) / e.width * o.size)
	e.phases[p].finish = append(e.phases[p].finish, o)
	return o.part
}

// placesOf lists which pointers are set for each piece, each row and each block.
func (e *emitter) placesOf() {
	for i := range e.values {
		if v := &e.values[i]; v.into >= 0 && v.kind == row {
			e.perRow = append(e.perRow, e.inputs+v.into)
		}
	}
	for _, k := range e.perRow {
		e.setPerRow(k, false)
	}
	seen := map[int]bool{}
	for _, s := range e.steps {
		ph := &e.phases[s.phase]
		for _, i := range append(e.defines(&s), s.args...) {
			v := &e.values[i]
			k := -1
			switch {
			case v.kind != vector:
			case v.into >= 0:
				k = e.inputs + v.into
			case v.op == opInput && e.places[v.place].reg == v.reg:
				k = v.place
			}
			switch {
			case k < 0:
			case !e.many && !seen[k]:
				seen[k] = true
				e.setPerRow(k, true)
			case e.many && !slices.Contains(ph.places, k):
				ph.places = append(ph.places, k)
			}
		}
	}
}

// setPerRow notes that a place's register is set for each row, or once a piece if that will do.
func (e *emitter) setPerRow(k int, columns bool) {
	p := &e.places[k]
	q := pointer{reg: p.reg, array: p.array, flat: p.flat}
	if columns {
		q.column = p.column
	}
	switch {
	case p.ahead > 0 || !p.even:
		e.others = append(e.others, k)
	case p.flat == 0:
		e.form.still = append(e.form.still, q)
	default:
		e.pointers = append(e.pointers, q)
	}
}

// when returns the last moments at which a value is read and written: numbers that grow with the
// steps and with the links of a chain.
func (e *emitter) when(value int) (read, written int) {
	read, written = -1, -1
	for i, s := range e.steps {
		at := i << 10
		if s.code != callChain {
			if slices.Contains(s.args, value) {
				read = at
			}
			if s.dst == value {
				written = at
			}
			continue
		}
		for k, l := range e.form.chains[s.x].links {
			switch {
			case l.value != value:
			case l.op == linkStore:
				written = at + k
			default:
				read = at + k
			}
		}
		for _, sum := range e.form.chains[s.x].sums {
			if sum.value == value {
				written = at + 1<<10 - 1
			}
		}
	}
	return read, written
}

// findHazards lists the inputs that are read after an output that may be the same array is written.
func (e *emitter) findHazards() {
	for _, s := range e.stores {
		r := e.task.results[s.result]
		if r.reduce != backends.OpTypeInvalid {
			continue
		}
		out := &e.places[e.inputs+s.result]
		_, written := e.when(s.value)
		if e.values[s.value].into != s.result {
			for i, st := range e.steps {
				if (st.code == storeBlock || st.code == storeRows) && st.x == s.result {
					written = i << 10
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
			read, loaded := e.when(i)
			if in.reg == 0 {
				read = loaded
			}
			h := hazard{in.array, out.array}
			if read > written && !slices.Contains(e.hazards, h) {
				e.hazards = append(e.hazards, h)
			}
		}
	}
}
