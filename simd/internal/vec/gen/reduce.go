package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
)

// A fold is the description of a reduction.
type fold struct {
	op       string
	parts    int // vectors of partial results
	identity float64
	combine  func(a, b op) vec
}

// reductions lists sums, products and extremes of blocks.
func reductions(e *emitter) {
	for _, f := range []fold{
		{"ReduceSum", 8, 0, e.add}, {"ReduceProduct", 8, 1, e.mul}, {"ReduceMax", 4, -inf, e.max}, {"ReduceMin", 4, inf, e.min},
	} {
		e.record(entry{level: e.level(), form: "reduce", op: f.op, in: e.dtype(), out: e.dtype(), function: e.fold(f)})
	}
}

// fold writes the function: several vectors of partial results, elements dealt to them in turn, combined
// pairwise at the end, and last with what acc points at.
func (e *emitter) fold(f fold) string {
	name := e.name(f.op)
	e.hoist(func() { e.writeFold(f, name) })
	return name
}

// writeFold writes the function of the name.
func (e *emitter) writeFold(f fold, name string) {
	parts := f.parts
	e.Function(name)
	e.Attributes(attr.NOSPLIT)
	e.Signature(signature(false, "acc", "a"))
	acc, a, n := e.param("acc", 0), e.param("a", 1), e.param("n", 2)
	width := e.lanes()
	neutral := e.f(f.identity)
	if f.op == "ReduceSum" {
		neutral = e.sign() // -0 leaves every number as it is
	}

	e.prologue()
	part := make([]vec, parts)
	for i := range part {
		part[i] = e.copy(neutral)
	}
	e.CMPQ(n, imm(parts*width))
	e.JLT(ref("few"))
	e.Label("wide")
	for i := range part {
		x := e.v()
		e.fp("MOVU", operand.Mem{Base: a, Disp: i * e.isa.bytes}, x)
		e.set(part[i], f.combine(part[i], x))
	}
	e.ADDQ(imm(parts*e.isa.bytes), a)
	e.SUBQ(imm(parts*width), n)
	e.CMPQ(n, imm(parts*width))
	e.JGE(ref("wide"))

	e.Label("few")
	for i := range part {
		e.CMPQ(n, imm(width))
		e.JLT(ref("rest"))
		x := e.v()
		e.fp("MOVU", operand.Mem{Base: a}, x)
		e.set(part[i], f.combine(part[i], x))
		e.ADDQ(imm(e.isa.bytes), a)
		e.SUBQ(imm(width), n)
	}
	e.Label("rest")
	e.TESTQ(n, n)
	e.JLE(ref("join"))
	x, m := e.v(), e.tail(n)
	value{}.partLoad(e, x, a, n)
	e.set(part[parts-1], f.combine(part[parts-1], e.blend(m, x, e.copy(neutral))))
	if e.isa == neon {
		e.ADDQ(imm(e.size()), a)
		e.SUBQ(imm(1), n)
		e.JMP(ref("rest"))
	}
	e.Label("join")
	for step := parts / 2; step > 0; step /= 2 {
		for i := range step {
			e.set(part[i], f.combine(part[i], part[i+step]))
		}
	}
	// Across the register: the other half, the other quarter, …
	y := part[0]
	if e.isa.bytes == 64 {
		e.set(y, f.combine(y, e.shuffle("VSHUFF64X2", 0b_01_00_11_10, y, y)))
		e.set(y, f.combine(y, e.shuffle("VSHUFF64X2", 0b_10_11_00_01, y, y)))
	} else if e.isa != neon {
		d := e.v()
		e.VPERM2F128(operand.U8(1), y, y, d)
		e.set(y, f.combine(y, d))
	}
	e.set(y, f.combine(y, e.shuffle("VSHUFPD", 0b_0101_0101, y, y)))
	if !e.f64 {
		e.set(y, f.combine(y, e.shuffle("VSHUFPS", 0b_10_11_00_01, y, y)))
	}
	e.set(y, f.combine(e.broadcast(acc), y))
	e.do("VMOV"+pick(e, "SS", "SD"), y.AsX(), operand.Mem{Base: acc})
	e.VZEROUPPER()
	e.RET()
}

// set copies x to d.
func (e *emitter) set(d, x vec) { e.fp("MOVA", x, d) }

// shuffle is a shuffle of a and b by an immediate.
func (e *emitter) shuffle(name string, how uint8, a, b vec) vec {
	d := e.v()
	e.do(name, operand.U8(how), a, b, d)
	return d
}
