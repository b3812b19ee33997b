package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A mask is a condition for each element: a vector of all ones and zeros, or a mask register.
type mask struct{ op }

// Conditions of cmp. A comparison with NaN is false but for ne, nlt, nle and unordered.
const (
	eq, lt, le, unordered, ne, nlt, nle = 0x00, 0x11, 0x12, 0x03, 0x04, 0x15, 0x16
	ge, gt                              = 0x1d, 0x1e
)

// cmp compares a with b.
func (e *emitter) cmp(how uint8, a, b op) mask {
	if e.isa.bytes == 64 {
		k := e.K()
		e.fp("CMP", operand.U8(how), b, e.reg(a), k)
		return mask{k}
	}
	d := e.v()
	e.fp("CMP", operand.U8(how), b, e.reg(a), d)
	return mask{d}
}

// orMask returns where a or b holds.
func (e *emitter) orMask(a, b mask) mask {
	if e.isa.bytes == 64 {
		k := e.K()
		e.do("KORW", a.op, b.op, k)
		return mask{k}
	}
	return mask{e.or(a.op, b.op)}
}

// andMask returns where a and b hold.
func (e *emitter) andMask(a, b mask) mask {
	if e.isa.bytes == 64 {
		k := e.K()
		e.do("KANDW", a.op, b.op, k)
		return mask{k}
	}
	return mask{e.and(a.op, b.op)}
}

// blend takes t where the mask holds, f elsewhere.
func (e *emitter) blend(m, t, f op) vec {
	d := e.v()
	if e.isa.bytes == 64 {
		e.fp("BLENDM", t, e.reg(f), m, d)
	} else {
		e.fp("BLENDV", m, t, e.reg(f), d)
	}
	return d
}

// jumpIfAny goes to the label if the mask holds for some element.
func (e *emitter) jumpIfAny(m mask, label string) {
	r := e.GP32()
	if e.isa.bytes == 64 {
		e.KMOVW(m.op, r)
	} else {
		e.fp("MOVMSK", m.op, r)
	}
	e.TESTL(r, r)
	e.JNE(operand.LabelRef(label))
}

// tail returns the mask of the first n < lanes elements, for parts of vectors.
func (e *emitter) tail(n reg.Register) mask {
	if e.isa.bytes == 64 {
		r, k := e.GP32(), e.K()
		e.MOVL(operand.I32(-1), r)
		e.BZHIL(n.(reg.GP).As32(), r, r)
		e.KMOVW(r, k)
		return mask{k}
	}
	if e.isa == neon { // takes one element at a time
		words := make([]uint64, e.lanes())
		words[0] = math.MaxUint64
		return mask{e.copy(e.data(fmt.Sprintf("first%d", 8*e.size()), words, e.size()))}
	}
	words := make([]uint64, 2*e.lanes())
	for i := 0; i < e.lanes(); i++ {
		words[i] = math.MaxUint64
	}
	table := e.data(fmt.Sprintf("tail%d_%d", e.lanes(), 8*e.size()), words, e.size())
	p, k := e.GP64(), e.GP64()
	e.LEAQ(table.Offset(e.isa.bytes), p)
	e.MOVQ(n, k)
	e.NEGQ(k)
	d := e.v()
	e.fp("MOVU", operand.Mem{Base: p, Index: k, Scale: uint8(e.size())}, d)
	return mask{d}
}
