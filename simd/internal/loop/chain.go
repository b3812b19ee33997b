package loop

import (
	"slices"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

//go:generate go run ./gen

// A chain is several steps of which each works on what the one before computed: 64 elements of
// float32 (or 32 of float64) stay in registers while the chain goes over them, and only values that
// are wanted elsewhere are written. A kernel a step would read and write a block each time, which
// costs more than cheap arithmetic does. The code of a chain is a list of links, each with the address of
// the instructions that do it; every link ends in a jump to the next.
type chain struct {
	dtype dtypes.DType
	table *[linkEnd][2]uintptr
	links []chainLink
	sums  []chainSum
	adds  []int      // links that add to accumulators
	moves []linkMove // operands that are not always in the same place
}

// chainLink is a link before addresses are known.
type chainLink struct {
	op    linkOp
	value int // whose place is the operand, or -1
	reg   int
	accum int // of the link linkAddTo
}

// chainSum is a sum over the columns.
type chainSum struct {
	value int // reduction
	step  op
}

// linkMove says that a link's operand is where a register points.
type linkMove struct{ link, reg int }

// A link is an operation of a chain, as the assembly reads it.
type link struct {
	wide, narrow uintptr // code for 256 bytes, and for a vector of the tail
	operand      uintptr // its first byte, in an array on the heap that the state holds on to
}

// lanes are the parts of a sum.
type lanes [4]float64

// chainSums is how many sums a chain can have.
const chainSums = 5

// linkOp numbers the operations in the order of chain_amd64.s.
type linkOp uint8

const (
	linkLast linkOp = iota
	linkLoad
	linkStore
	linkAddTo
	linkSquare
	linkNeg
	linkSqrt
	linkSum0
	_
	_
	_
	_
	linkAdd
	linkAddScalar
	linkSub
	linkSubScalar
	linkReverseSub
	linkReverseSubScalar
	linkMul
	linkMulScalar
	linkDiv
	linkDivScalar
	linkReverseDiv
	linkReverseDivScalar
	linkMulAdd
	linkAddProduct
	linkEnd
)

// arithmetic gives the links of an operation by which operand the value in registers is.
var arithmetic = map[ir.Op][2]linkOp{
	backends.OpTypeAdd: {linkAdd, linkAdd},
	backends.OpTypeSub: {linkSub, linkReverseSub},
	backends.OpTypeMul: {linkMul, linkMul},
	backends.OpTypeDiv: {linkDiv, linkReverseDiv},
}

// links returns the links that compute value v with value current in registers (-1: none; then the
// first is a load), or false if there are none.
func (e *emitter) linksOf(v *emitted, current int) ([]chainLink, bool) {
	var list []chainLink
	start := func() bool { // something of v is in registers
		if current >= 0 {
			return slices.Contains(v.args, current)
		}
		for k, a := range v.args {
			if k != v.scalar {
				current = a
				list = append(list, chainLink{op: linkLoad, value: a})
				return true
			}
		}
		return false
	}
	switch v.op {
	case backends.OpTypeNeg, backends.OpTypeSqrt:
		if !start() {
			return nil, false
		}
		op := linkNeg
		if v.op == backends.OpTypeSqrt {
			op = linkSqrt
		}
		return append(list, chainLink{op: op, value: -1}), true
	case opMulAdd:
		if v.scalar >= 0 || !start() {
			return nil, false
		}
		a, b, c := v.args[0], v.args[1], v.args[2]
		n := 0
		for _, x := range v.args {
			if x == current {
				n++
			}
		}
		switch {
		case n != 1:
			return nil, false
		case c == current:
			return append(list, chainLink{op: linkAddProduct, value: a}, chainLink{op: linkLast, value: b}), true
		case b == current:
			a, b = b, a
		}
		return append(list, chainLink{op: linkMulAdd, value: b}, chainLink{op: linkLast, value: c}), true
	}
	ops, ok := arithmetic[v.op]
	if !ok || !start() {
		return nil, false
	}
	a, b := v.args[0], v.args[1]
	switch {
	case a == b:
		if v.op != backends.OpTypeMul {
			return nil, false
		}
		return append(list, chainLink{op: linkSquare, value: -1}), true
	case a == current:
		if v.scalar == 1 {
			ops[0]++
		}
		return append(list, chainLink{op: ops[0], value: b}), true
	default:
		if v.scalar == 0 {
			ops[1]++
		}
		return append(list, chainLink{op: ops[1], value: a}), true
	}
}

// chains joins steps to chains where they can be.
func (e *emitter) chains() {
	if linkTable(dtypes.Float32) == nil {
		return
	}
	uses := make([]int, len(e.values))
	for _, s := range e.steps {
		for _, a := range s.args {
			uses[a]++
		}
	}
	var out []step
	for i := 0; i < len(e.steps); {
		n := 0
		if s := e.steps[i]; len(s.args) > 0 && linkTable(e.values[s.args[0]].dtype) != nil {
			var c step
			if c, n = e.chainAt(i, uses); n > 0 {
				out = append(out, c)
			}
		}
		if n == 0 {
			out = append(out, e.steps[i])
			n = 1
		}
		i += n
	}
	e.steps = out
}

// chainAt tries to make a chain of the steps from i on and returns it and how many it is made of.
func (e *emitter) chainAt(i int, uses []int) (step, int) {
	first := e.steps[i]
	b := chainBuilder{emitter: e, uses: uses, current: -1}
	b.dtype = e.values[first.args[0]].dtype
	b.table = linkTable(b.dtype)
	n := 0
	for i+n < len(e.steps) && e.steps[i+n].where == first.where && b.take(&e.steps[i+n]) {
		n++
	}
	if n < 2 {
		return step{}, 0
	}
	b.leave()
	b.links = append(b.links, chainLink{op: linkLast, value: -1})
	e.form.chains = append(e.form.chains, b.chain)
	return step{op: op{code: callChain, x: len(e.form.chains) - 1}, dst: -1, dsts: b.dsts, args: b.args, where: first.where, phase: first.phase}, n
}

// chainBuilder makes a chain of steps.
type chainBuilder struct {
	chain
	*emitter
	uses       []int
	current    int  // value in registers, -1
	computed   bool // by this chain, and not in memory
	left       int  // uses of it that are not in the chain yet
	dsts, args []int
}

// take adds a step to the chain, or reports that it cannot be.
func (b *chainBuilder) take(s *step) bool {
	switch s.code {
	case callBlock:
		v := &b.values[s.dst]
		if v.dtype != b.dtype || slices.ContainsFunc(s.args, func(a int) bool { return b.values[a].dtype != b.dtype }) {
			return false
		}
		links, ok := b.linksOf(v, b.current)
		on := b.current
		if !ok {
			if links, ok = b.linksOf(v, -1); !ok {
				return false
			}
			on = -1 // every operand is read from memory, the current value too
		}
		for _, a := range s.args {
			if a == on {
				b.left--
			} else {
				b.args = append(b.args, a)
			}
		}
		b.leave()
		b.links = append(b.links, links...)
		b.current, b.computed, b.left = s.dst, true, b.uses[s.dst]
		return true
	case reduceRows:
		v := &b.values[s.dst]
		if v.dtype != b.dtype || v.op != backends.OpTypeReduceSum || len(b.sums) == chainSums || b.batch > 1 {
			return false
		}
		b.load(s.args[0])
		b.links = append(b.links, chainLink{op: linkSum0 + linkOp(len(b.sums)), value: -1})
		b.sums = append(b.sums, chainSum{value: s.dst, step: s.op})
		return true
	case addBlock:
		r := b.task.results[s.x]
		if b.values[s.args[0]].dtype != b.dtype || r.reduce != backends.OpTypeReduceSum || b.batch > 1 {
			return false
		}
		b.load(s.args[0])
		b.adds = append(b.adds, len(b.links))
		b.links = append(b.links, chainLink{op: linkAddTo, value: -1, accum: s.x})
		return true
	}
	return false
}

// load brings a value to the registers, for one use.
func (b *chainBuilder) load(v int) {
	if v == b.current {
		b.left--
		return
	}
	b.leave()
	b.links = append(b.links, chainLink{op: linkLoad, value: v})
	b.args = append(b.args, v)
	b.current, b.computed = v, false
}

// leave writes the current value to memory if something else wants it.
func (b *chainBuilder) leave() {
	if b.current >= 0 && b.computed && (b.left > 0 || b.values[b.current].into >= 0) {
		b.links = append(b.links, chainLink{op: linkStore, value: b.current})
		b.dsts = append(b.dsts, b.current)
	}
	b.computed = false
}

// settle gives the links of a chain their registers, and accumulators and sums theirs.
func (e *emitter) settle(s *step) {
	c := &e.form.chains[s.x]
	fixed := func(reg int) bool {
		if slices.ContainsFunc(e.moving, func(m moving) bool { return m.reg == reg }) {
			return false
		}
		return slices.ContainsFunc(e.homes, func(h home) bool { return h.reg == reg })
	}
	for k := range c.links {
		l := &c.links[k]
		switch {
		case l.op == linkAddTo:
			l.accum = e.accumulate(addBlock, l.accum)
		case l.value >= 0:
			l.reg = e.values[l.value].reg
			if !fixed(l.reg) {
				c.moves = append(c.moves, linkMove{k, l.reg})
			}
		}
	}
	for k := range c.sums {
		sum := &c.sums[k]
		sum.step.d = e.values[sum.value].reg
		sum.step.part = e.partsOf(s.phase, sum.step)
	}
}

// code returns the links for a state.
func (c *chain) code(reg []unsafe.Pointer) []link {
	code := make([]link, len(c.links))
	for k, l := range c.links {
		code[k] = link{wide: c.table[l.op][0], narrow: c.table[l.op][1], operand: uintptr(reg[l.reg])}
	}
	return code
}

// chain runs a chain on n elements of block b, which begins at column c.
func (s *state) chain(number, n, c, b int) {
	f := s.form
	ch := &f.chains[number]
	code := s.code[number]
	for _, m := range ch.moves {
		code[m.link].operand = uintptr(s.reg[m.reg])
	}
	for _, k := range ch.adds {
		a := &f.accums[ch.links[k].accum]
		op := linkAddTo
		if a.fresh(s.unit) {
			op = linkStore
		}
		pair := &ch.table[op]
		code[k] = link{pair[0], pair[1], uintptr(s.base) + uintptr(a.offset+s.column(c)*a.size)}
	}
	runChain(ch.dtype, &code[0], n, &s.sums)
	for _, k := range ch.adds {
		a := &f.accums[ch.links[k].accum]
		a.carry(unsafe.Add(s.base, a.offset), s.column(c), n, s.unit)
	}
	for k := range ch.sums {
		o := &ch.sums[k].step
		dst := s.reg[o.d]
		if o.part > 0 {
			dst = unsafe.Add(s.reg[o.part], b*o.size)
		}
		if o.size == 4 {
			x := (*[8]float32)(unsafe.Pointer(&s.sums[k]))
			*(*float32)(dst) = ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]))
		} else {
			x := &s.sums[k]
			*(*float64)(dst) = (x[0] + x[1]) + (x[2] + x[3])
		}
	}
}
