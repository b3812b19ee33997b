package plan

import (
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// An array is a value in memory.
type array struct {
	bytes int
	store *store // nil until placed
	param int    // index of the parameter whose array it is, or -1
	fixed unsafe.Pointer
	// first and last are the steps that write it first and use it last.
	first, last int
}

// A store is memory for arrays that live one after the other, each taking over from the last.
type store struct {
	bytes       int
	first, last int // steps
	base        int // index into frame.base
	offset      int // from there
	output      int // its number, or -1
}

// layout is where everything lies.
type layout struct {
	arrays []*array
	stores []*store
	arena  int // bytes
	loose  int // what the stores would need in memory of their own
	donor  []int
}

// arrayFor gives a node's value memory.
func (c *compiler) arrayFor(n *node) *array {
	if n.array == nil && n.host != nil {
		n.array = c.arrayFor(n.host)
	}
	if n.array == nil {
		n.array = &array{bytes: n.bytes(), param: -1, first: -1, last: -1}
		c.arrays = append(c.arrays, n.array)
	}
	return n.array
}

// sources places parameters and constants.
func (c *compiler) sources() {
	for _, n := range c.nodes {
		if n.kind != source {
			continue
		}
		a := c.arrayFor(n)
		if v, ok := n.Attr.(ir.Constant); ok {
			if a.fixed = v.Value.Data; a.fixed == nil { // without elements
				a.fixed = tensor.Alloc(0)
			}
		}
	}
	for i, p := range c.params {
		p.array.param = i
	}
}

// place decides where every array lies. The bases are: the arena, the arguments, the outputs, the
// constants.
func (c *compiler) place() {
	for i, s := range c.steps {
		for _, r := range s.reads {
			r.array.last = i
		}
		for _, w := range s.writes {
			if w.array.first < 0 {
				w.array.first = i
			}
			w.array.last = max(w.array.last, i)
		}
	}
	outputs := 1 + len(c.params)
	constants := outputs + len(c.outputs)
	for i, o := range c.outputs {
		o.array.last = len(c.steps)
		o.array.store = &store{bytes: o.array.bytes, first: o.array.first, last: len(c.steps), base: outputs + i, output: i}
		c.stores = append(c.stores, o.array.store)
	}
	for _, a := range c.arrays {
		switch {
		case a.param >= 0:
			a.store = &store{base: 1 + a.param, output: -1}
		case a.fixed != nil:
			a.store = &store{base: constants + len(c.consts), output: -1}
			c.consts = append(c.consts, a.fixed)
		}
	}
	// Backwards, so that the memory of an output is offered to what it is made of.
	for i := len(c.steps) - 1; i >= 0; i-- {
		s := c.steps[i]
		for _, w := range s.writes {
			if w.array.store == nil {
				a := w.array
				a.store = &store{bytes: a.bytes, first: a.first, last: a.last, output: -1}
				c.stores = append(c.stores, a.store)
			}
		}
		if !c.on("inplace") {
			continue
		}
		taken := map[*array]bool{}
		for _, p := range s.over {
			w, r := s.writes[p[0]].array, s.reads[p[1]].array
			if r.store != nil || r.last != i || r.bytes != w.bytes || w.first != i || taken[w] || !alone(s, r) {
				continue
			}
			taken[w] = true
			r.store = w.store
			r.store.first = min(r.store.first, r.first)
		}
	}
	c.donors()
	var inner []*store
	for _, s := range c.stores {
		if s.output < 0 {
			inner = append(inner, s)
		}
	}
	c.pack(inner)
}

// donors chooses for outputs the parameters whose memory they may take: of the same size, and read
// for the last time before the output is written, or by the step that writes it if that may be done
// in place.
func (c *compiler) donors() {
	c.donor = make([]int, len(c.outputs))
	used := make([]bool, len(c.params))
	for i := range c.donor {
		c.donor[i] = -1
	}
	if !c.on("donate") {
		return
	}
	for _, inPlace := range []bool{true, false} {
		for i, o := range c.outputs {
			if c.donor[i] >= 0 {
				continue
			}
			s := o.array.store
			for k, p := range c.params {
				if used[k] || p.array.bytes != s.bytes {
					continue
				}
				if inPlace && c.follows(p.array, s) || !inPlace && p.array.last < s.first {
					c.donor[i], used[k] = k, true
					break
				}
			}
		}
	}
}

// follows reports whether the step that first writes to s may put its result where p lies.
func (c *compiler) follows(p *array, s *store) bool {
	if p.last != s.first || !c.on("inplace") {
		return false
	}
	step := c.steps[s.first]
	for _, o := range step.over {
		if step.reads[o[1]].array == p && step.writes[o[0]].array.store == s {
			return alone(step, p)
		}
	}
	return false
}

// alone reports whether the step reads an array once.
func alone(s *step, a *array) bool {
	k := 0
	for _, r := range s.reads {
		if r.array == a {
			k++
		}
	}
	return k == 1
}
