package loop

import (
	"slices"
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

//go:generate go run ./gen

// A chain is several steps of which each works on what the one before computed: 64 elements of
// float32 (or 32 of float64) stay in registers while the chain goes over them, and only values that
// are wanted elsewhere are written. A kernel a step would read and write a block each time, which
// costs more than cheap arithmetic does. The code of a chain is a list of links, each with the address of
// the instructions that do it; every link ends in a jump to the next. A link with two operands takes
// two places of the list.
//
// A chain may have several loops over the same columns. Between them it does arithmetic on single
// numbers, such as the sums of the loop before.
type chain struct {
	dtype dtypes.DType
	table *linkCode
	links []chainLink
	sums  []chainSum
	adds  []int      // links that add to accumulators
	parts []int      // sums of which every block of columns has one
	moves []linkMove // operands that are not always in the same place
	once  []linkMove // operands that are in one place as long as a piece takes
	last  int        // register whose value the last link has in X13, 0 if none
}

// chainLink is a link before addresses are known.
type chainLink struct {
	op    linkOp
	value int // whose place is the operand, or -1
	reg   int
	accum int    // of links that add to accumulators
	sum   int    // whose lanes are the operand, counted from 1
	pair  int    // whose reciprocal is the operand, counted from 1
	top   bool   // the operand are the lanes of the maximum
	joint linkOp // what is done in place of op, which goes on with links after it; 0: op
}

// chainSum is a sum, or the maximum, over the columns.
type chainSum struct {
	value int // reduction
	step  op
	link  int // that finishes it
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

// scratch is what loops leave for what comes after them, and what comes before for loops.
type scratch struct {
	sums  [chainSums]lanes
	top   lanes
	pairs [chainPairs]lanes
}

// chainSums is how many sums a loop can have, and chainPairs how many divisors.
const (
	chainSums  = 5
	chainPairs = 4
)

// linkCode has the code of every operation, for 256 bytes and for a vector of the tail: alone, after a load,
// before a store, and between them.
type linkCode [4 * linkEnd][2]uintptr

// Variants of operations.
const (
	loaded linkOp = linkEnd
	saved  linkOp = 2 * linkEnd
)

// linkOp numbers the operations in the order of chain_amd64.s.
type linkOp uint8

const (
	linkBegin linkOp = iota
	linkLast
	linkLoad
	linkStore
	linkAddTo
	linkStoreProduct
	linkAddToProduct
	linkSquare
	linkNeg
	linkSqrt
	linkSum
	linkSumSquare
	linkSumProduct
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
	linkMulAddScalar
	linkAddProduct
	linkAddProductScalar
	linkTop
	linkExp
	linkFinish
	linkOneAdd
	linkOnAdd
	linkOneSub
	linkOnSub
	linkOneMul
	linkOnMul
	linkOneDiv
	linkOnDiv
	linkOneNeg
	linkOneSqrt
	linkOnNeg
	linkOnSqrt
	linkOneRsqrt
	linkReciprocal
	linkTopBegin
	linkTopFinish
	linkExit
	linkEnd
)

// settle gives the links of a chain their registers, and accumulators and sums theirs.
func (e *emitter) settle(s *step) {
	c := &e.form.chains[s.x]
	for k := range c.links {
		l := &c.links[k]
		switch {
		case l.op == linkAddTo || l.op == linkAddToProduct:
			l.accum = e.accumulate(addBlock, l.accum)
		case l.value >= 0:
			l.reg = e.values[l.value].reg
		}
	}
	for k := range c.sums {
		sum := &c.sums[k]
		sum.step.d = e.values[sum.value].reg
		sum.step.part = e.partsOf(s.phase, sum.step)
		c.last = sum.step.d
	}
}

// findMoves lists the operands that are not always in the same place.
func (c *chain) findMoves(e *emitter) {
	for k := range c.sums {
		s := &c.sums[k]
		if s.step.part > 0 {
			c.parts = append(c.parts, k)
		} else {
			c.links[s.link].reg = s.step.d
		}
	}
	for k, l := range c.links {
		home := slices.ContainsFunc(e.homes, func(h home) bool { return h.reg == l.reg })
		moves := slices.ContainsFunc(e.moving, func(m moving) bool { return m.reg == l.reg })
		switch {
		case l.reg == 0 || home && !moves:
		case slices.ContainsFunc(e.fixed, func(i int) bool { return e.places[i].reg == l.reg }),
			slices.ContainsFunc(e.form.still, func(q pointer) bool { return q.reg == l.reg }):
			c.once = append(c.once, linkMove{k, l.reg})
		default:
			c.moves = append(c.moves, linkMove{k, l.reg})
		}
	}
}

// joinMoves joins operations with the loads and stores around them: each jump from one to the next takes
// time in which little else is done.
func (c *chain) joinMoves() {
	for k := 0; k < len(c.links); {
		first := k
		joint := linkOp(0)
		if c.links[k].op == linkLoad {
			joint, k = loaded, k+1
		}
		op := c.links[k].op
		if !op.joins() {
			k = first + 1
			continue
		}
		k += op.places()
		if c.links[k].op == linkStore {
			joint, k = joint+saved, k+1
		}
		if joint > 0 {
			c.links[first].joint = op + joint
		}
	}
}

// joins reports whether there is code for an operation with a load or store; what adds to accumulators may
// be replaced by a store.
func (op linkOp) joins() bool {
	return op >= linkSquare && op <= linkExp
}

// places returns how many places of the list a link within a loop takes.
func (op linkOp) places() int {
	switch op {
	case linkStoreProduct, linkAddToProduct, linkSumProduct, linkMulAdd, linkMulAddScalar, linkAddProduct, linkAddProductScalar:
		return 2
	}
	return 1
}

// code returns the links for a state.
func (c *chain) code(s *state) []link {
	code := make([]link, len(c.links))
	for k := range c.links {
		code[k] = c.link(s, k, 0)
	}
	return code
}

// link returns a link for a state and the first or second of two rows.
func (c *chain) link(s *state, k, row int) link {
	l := &c.links[k]
	x, operand := &s.scratch[row], uintptr(s.reg[l.reg])
	switch {
	case l.op == linkBegin:
		operand = uintptr(unsafe.Pointer(&x.sums))
	case l.sum > 0:
		operand = uintptr(unsafe.Pointer(&x.sums[l.sum-1]))
	case l.top:
		operand = uintptr(unsafe.Pointer(&x.top))
	case l.pair > 0:
		operand = uintptr(unsafe.Pointer(&x.pairs[l.pair-1]))
	}
	op := l.op
	if l.joint > 0 {
		op = l.joint
	}
	return link{wide: c.table[op][0], narrow: c.table[op][1], operand: operand}
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
		code[k] = s.addLink(ch.links[k].op, ch.links[k].accum, s.unit, c)
	}
	for _, k := range ch.parts {
		o := &ch.sums[k].step
		code[ch.sums[k].link].operand = uintptr(s.reg[o.part]) + uintptr(b*o.size)
	}
	runChain(ch.dtype, &code[0], n)
	for _, k := range ch.adds {
		a := &f.accums[ch.links[k].accum]
		a.carry(unsafe.Add(s.base, a.offset), s.column(c), n, s.unit)
	}
}

// addLink returns the link that adds block number unit, which begins at column c, to an accumulator: op,
// or what stores if the block is the first of a sum.
func (s *state) addLink(op linkOp, accum, unit, c int) link {
	a := &s.form.accums[accum]
	switch {
	case !a.fresh(unit):
	case op == linkAddTo:
		op = linkStore
	default:
		op = linkStoreProduct
	}
	pair := &a.table[op]
	return link{pair[0], pair[1], uintptr(s.base) + uintptr(a.offset+s.column(c)*a.size)}
}
