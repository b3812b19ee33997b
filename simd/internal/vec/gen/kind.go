package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A kind is how operands or results lie in memory. Operands are loaded to a register as they are,
// all or some, and opened to what a body takes; results are closed and stored.
type kind interface {
	size(e *emitter) int // bytes of an element
	load(e *emitter, d vec, m operand.Mem)
	partLoad(e *emitter, d vec, p, n reg.Register) // the first n, less than a vector
	open(e *emitter, raw vec) op
	close(e *emitter, y op) reg.Register
	store(e *emitter, y reg.Register, m operand.Mem)
	partStore(e *emitter, y reg.Register, p, n reg.Register)
}

// A value is an element of the type at hand.
type value struct{}

func (value) size(e *emitter) int                             { return e.size() }
func (value) load(e *emitter, d vec, m operand.Mem)           { e.fp("MOVU", m, d) }
func (value) open(e *emitter, raw vec) op                     { return raw }
func (value) close(e *emitter, y op) reg.Register             { return y.(vec) }
func (value) store(e *emitter, y reg.Register, m operand.Mem) { e.fp("MOVU", y, m) }

func (value) partLoad(e *emitter, d vec, p, n reg.Register) {
	m := operand.Mem{Base: p}
	if e.isa == neon {
		e.do("VMOV"+pick(e, "SS", "SD"), m, d)
	} else if e.isa.bytes == 64 {
		e.do("VMOVU"+pick(e, "PS", "PD")+"_Z", m, e.tail(n), d)
	} else {
		e.fp("MASKMOV", m, e.tail(n), d)
	}
}

func (value) partStore(e *emitter, y reg.Register, p, n reg.Register) {
	m := operand.Mem{Base: p}
	if e.isa == neon {
		e.do("VMOV"+pick(e, "SS", "SD"), y, m)
		return
	}
	e.fp(pick512(e, "MASKMOV", "MOVU"), y, e.tail(n), m)
}

// A boolean is a byte, 0 or 1 in results and 0 or something else in operands; bodies see masks.
type boolean struct{}

func (boolean) size(*emitter) int { return 1 }

func (boolean) load(e *emitter, d vec, m operand.Mem) {
	e.do("VPMOVZXB"+pick(e, "D", "Q"), m, d)
}

func (b boolean) partLoad(e *emitter, d vec, p, n reg.Register) {
	x := e.XMM()
	if e.isa.bytes == 64 {
		e.do("VMOVDQU8_Z", operand.Mem{Base: p}, e.tail(n), x)
	} else {
		word, byte, i := e.GP64(), e.GP64(), e.GP64()
		loop := e.label("bytes")
		e.XORQ(word, word)
		e.MOVQ(n, i)
		e.Label(loop)
		e.SHLQ(operand.U8(8), word)
		e.MOVBQZX(operand.Mem{Base: p, Index: i, Scale: 1, Disp: -1}, byte)
		e.ORQ(byte, word)
		e.DECQ(i)
		e.JNE(ref(loop))
		e.VMOVQ(word, x)
	}
	e.do("VPMOVZXB"+pick(e, "D", "Q"), x, d)
}

func (boolean) open(e *emitter, raw vec) op {
	if e.isa.bytes == 64 {
		k := e.K()
		e.int("TESTM", raw, raw, k)
		return k
	}
	d := e.v()
	e.int("CMPGT", e.f(0), raw, d)
	return d
}

// close makes a word of bytes, for AVX-512 an XMM register of them.
func (boolean) close(e *emitter, y op) reg.Register {
	ones := uint64(0x0101010101010101)
	if e.isa.bytes == 64 {
		x := e.XMM()
		e.do("VMOVDQU8_Z", e.data("ones", []uint64{ones, ones}, 8), y, x)
		return x
	}
	w, spread := e.GP64(), e.GP64()
	e.fp("MOVMSK", y, w.As32())
	e.MOVQ(operand.U64(ones), spread)
	e.PDEPQ(spread, w, w)
	return w
}

func (boolean) store(e *emitter, y reg.Register, m operand.Mem) {
	switch e.lanes() {
	case 16:
		e.VMOVDQU(y, m)
	case 8:
		if e.isa.bytes == 64 {
			e.VMOVQ(y, m)
		} else {
			e.MOVQ(y, m)
		}
	case 4:
		e.MOVL(y.(reg.GPVirtual).As32(), m)
	}
}

func (boolean) partStore(e *emitter, y reg.Register, p, n reg.Register) {
	if e.isa.bytes == 64 {
		e.do("VMOVDQU8", y, e.tail(n), operand.Mem{Base: p})
		return
	}
	w, loop := y.(reg.GPVirtual), e.label("bytes")
	e.Label(loop)
	e.MOVB(w.As8(), operand.Mem{Base: p})
	e.SHRQ(operand.U8(8), w)
	e.INCQ(p)
	e.DECQ(n)
	e.JNE(ref(loop))
}

// An octet is a byte, of operands; bodies see integers of the width of the type at hand.
type octet struct{ boolean }

func (octet) open(e *emitter, raw vec) op { return raw }

// pick512 chooses by instruction set.
func pick512(e *emitter, two, five string) string {
	if e.isa.bytes == 64 {
		return five
	}
	return two
}

// A narrow value is half as wide as the type at hand, which is float64: it fills the lower half of a
// register.
type narrow struct{}

func (narrow) size(e *emitter) int                             { return 4 }
func (narrow) load(e *emitter, d vec, m operand.Mem)           { e.VMOVUPS(m, half(e, d)) }
func (narrow) open(e *emitter, raw vec) op                     { return raw }
func (narrow) close(e *emitter, y op) reg.Register             { return half(e, y) }
func (narrow) store(e *emitter, y reg.Register, m operand.Mem) { e.VMOVUPS(y, m) }

func (narrow) partLoad(e *emitter, d vec, p, n reg.Register) {
	m := operand.Mem{Base: p}
	if e.isa.bytes == 64 {
		e.do("VMOVUPS_Z", m, e.tail(n), half(e, d))
	} else {
		e.VMASKMOVPS(m, e.narrowTail(n), half(e, d))
	}
}

func (narrow) partStore(e *emitter, y reg.Register, p, n reg.Register) {
	m := operand.Mem{Base: p}
	if e.isa.bytes == 64 {
		e.do("VMOVUPS", y, e.tail(n), m)
	} else {
		e.VMASKMOVPS(y, e.narrowTail(n), m)
	}
}

// narrowTail is tail for elements of half the width.
func (e *emitter) narrowTail(n reg.Register) vec {
	w := *e
	w.f64, w.isa.bytes = false, e.isa.bytes/2
	return w.tail(n).op.(vec)
}

// A short value has 16 bits where the type at hand is float32. AVX2 has no loads and stores of a part of a
// vector of those: functions end before the rest, and are finished elsewhere, as with hard elements.
type short struct{}

func (short) size(e *emitter) int                                          { return 2 }
func (short) load(e *emitter, d vec, m operand.Mem)                        { e.VMOVUPS(m, half(e, d)) }
func (short) open(e *emitter, raw vec) op                                  { return raw }
func (short) close(e *emitter, y op) reg.Register                          { return half(e, y) }
func (short) store(e *emitter, y reg.Register, m operand.Mem)              { e.VMOVUPS(y, m) }
func (short) partLoad(*emitter, vec, reg.Register, reg.Register)           {}
func (short) partStore(*emitter, reg.Register, reg.Register, reg.Register) {}
