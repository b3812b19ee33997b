package loop

import (
	"slices"
	"unsafe"
)

// A twin is a form's only chain, made for two rows at a time: the loops and the arithmetic on single
// numbers of one row alternate with those of the next. While the numbers of a row wait for one another, the
// other row's loop goes on, and what a call costs is shared.
type twin struct {
	chain *chain
	links []twinLink
	moves []twinMove // operands in arrays that are walked
	once  []linkMove
	adds  []twinAdd
	own   map[int]bool // registers that the chain writes
	shift int          // bytes from what the first row has in memory of its own to what the second has
}

// twinLink is a link of the chain, for the first or the second row.
type twinLink struct{ link, row int }

// twinMove says that a link's operand is in an array.
type twinMove struct {
	link, row int
	pointer
}

// twinAdd says that a link adds to an accumulator.
type twinAdd struct{ link, row, accum int }

// twinBytes is how much memory two rows may have of their own: with it and a row of each array a
// first-level cache is about full.
const twinBytes = 16 << 10

// makeTwin makes the twin of a form that has nothing but one chain to run for each row.
func (e *emitter) makeTwin() {
	c := e.onlyChain()
	if c == nil {
		return
	}
	t := &twin{chain: c, own: map[int]bool{}}
	buffers := 0
	for _, l := range c.links {
		switch {
		case l.reg == 0 || !l.op.writes() || !slices.ContainsFunc(e.homes, func(h home) bool { return h.reg == l.reg }):
		case !t.own[l.reg]:
			t.own[l.reg] = true
			if l.op == linkStore {
				buffers++
			}
		}
	}
	if 2*buffers*e.width*c.dtype.Size() > twinBytes {
		return
	}
	for _, part := range c.partsOfRow() {
		for row := range 2 {
			for k := part[0]; k < part[1]; k++ {
				t.links = append(t.links, twinLink{k, row})
			}
		}
	}
	t.links = append(t.links, twinLink{len(c.links) - 1, 0}) // exit
	for i, l := range t.links {
		has := func(m linkMove) bool { return m.link == l.link }
		reg := c.links[l.link].reg
		switch {
		case slices.Contains(c.adds, l.link):
			t.adds = append(t.adds, twinAdd{i, l.row, c.links[l.link].accum})
		case slices.ContainsFunc(c.once, has):
			t.once = append(t.once, linkMove{i, reg})
		case slices.ContainsFunc(c.moves, has):
			k := slices.IndexFunc(e.pointers, func(q pointer) bool { return q.reg == reg })
			if k < 0 {
				return
			}
			t.moves = append(t.moves, twinMove{i, l.row, e.pointers[k]})
		}
	}
	t.shift = e.memory
	e.reserve(t.shift)
	e.form.twin = t
}

// onlyChain returns the chain that is all that a form has to run for a row, or nil.
func (e *emitter) onlyChain() *chain {
	if e.many || e.batch > 1 || e.stages > 0 || e.slots > 0 || len(e.others)+len(e.form.end) > 0 {
		return nil
	}
	var only *chain
	for _, p := range e.phases {
		for _, list := range [][]op{p.rows, p.blocks} {
			for _, o := range list {
				if only != nil || o.code != callChain {
					return nil
				}
				only = &e.form.chains[o.x]
			}
		}
	}
	return only
}

// partsOfRow returns where loops, and arithmetic between them, begin and end, without the exit.
func (c *chain) partsOfRow() (parts [][2]int) {
	from, within := 0, false
	for k, l := range c.links {
		switch {
		case l.op == linkBegin || l.op == linkExit:
			if k > from {
				parts = append(parts, [2]int{from, k})
			}
			from, within = k, true
		case within && l.op == linkLast && l.value < 0: // operands of loops have values
			parts = append(parts, [2]int{from, k + 1})
			from, within = k+1, false
		}
	}
	return parts
}

// writes reports whether a link's first operand is a result of its own row.
func (op linkOp) writes() bool {
	return op == linkStore || op == linkFinish || op == linkTopFinish || op >= linkOneAdd && op <= linkOneRsqrt
}

// code returns a twin's links for a state.
func (t *twin) code(s *state) []link {
	code := make([]link, len(t.links))
	for i, l := range t.links {
		code[i] = t.chain.link(s, l.link, l.row)
		if l.row == 1 && t.own[t.chain.links[l.link].reg] {
			code[i].operand += uintptr(t.shift)
		}
	}
	return code
}

// twins runs rows from r to end two at a time and returns the row after them.
func (s *state) twins(r, end, c0, c1 int) int {
	t := s.form.twin
	if t == nil || r+1 >= end {
		return r
	}
	for _, m := range t.once {
		s.twin[m.link].operand = uintptr(s.reg[m.reg])
	}
	for ; r+1 < end; r += 2 {
		for i := range t.moves {
			m := &t.moves[i]
			s.twin[m.link].operand = uintptr(s.arrays[m.array]) + uintptr((r+m.row)*m.flat+c0*m.column)
		}
		for _, m := range t.adds {
			s.twin[m.link] = s.addLink(t.chain.links[t.links[m.link].link].op, m.accum, s.unit+m.row, c0)
		}
		runChain(t.chain.dtype, &s.twin[0], c1-c0)
		for _, m := range t.adds { // a first row's sum is never the last of its level
			if m.row == 1 {
				a := &s.form.accums[m.accum]
				a.carry(unsafe.Add(s.base, a.offset), 0, c1-c0, s.unit+1)
			}
		}
		s.unit += 2
	}
	return r
}
