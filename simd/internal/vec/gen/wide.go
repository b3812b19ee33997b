package main

import "github.com/mmcloughlin/avo/operand"

// wide is the emitter for float64 where this one is for float32: for what needs more digits inside.
func (e *emitter) wide() *emitter {
	w := *e
	w.f64 = true
	return &w
}

// halves returns the two halves of x as float64.
func (e *emitter) halves(x vec) (lo, hi vec) {
	lo, hi = e.v(), e.v()
	if e.isa.bytes == 64 {
		h := e.YMM()
		e.VCVTPS2PD(x.AsY(), lo)
		e.VEXTRACTF64X4(operand.U8(1), x, h)
		e.VCVTPS2PD(h, hi)
		return lo, hi
	}
	h := e.XMM()
	e.VCVTPS2PD(x.AsX(), lo)
	e.VEXTRACTF128(operand.U8(1), x, h)
	e.VCVTPS2PD(h, hi)
	return lo, hi
}

// join rounds two halves to float32.
func (e *emitter) join(lo, hi vec) vec {
	d := e.v()
	if e.isa.bytes == 64 {
		h := e.YMM()
		e.VCVTPD2PS(lo, d.AsY())
		e.VCVTPD2PS(hi, h)
		e.VINSERTF64X4(operand.U8(1), h, d, d)
		return d
	}
	h := e.XMM()
	e.VCVTPD2PSY(lo, d.AsX())
	e.VCVTPD2PSY(hi, h)
	e.VINSERTF128(operand.U8(1), h, d, d)
	return d
}

// lowWords returns the lower halves of the words of two vectors.
func (e *emitter) lowWords(lo, hi vec) vec {
	d := e.v()
	if e.isa.bytes == 64 {
		h := e.YMM()
		e.VPMOVQD(lo, d.AsY())
		e.VPMOVQD(hi, h)
		e.VINSERTF64X4(operand.U8(1), h, d, d)
		return d
	}
	e.VSHUFPS(operand.U8(0b_10_00_10_00), hi, lo, d)
	e.VPERMPD(operand.U8(0b_11_01_10_00), d, d)
	return d
}

// signs is the mask of the elements whose sign bit is set, for blend.
func (e *emitter) signs(x vec) mask {
	if e.isa.bytes == 64 {
		k := e.K()
		e.do("VPMOV"+pick(e, "D2M", "Q2M"), x, k)
		return mask{k}
	}
	if e.isa == neon { // which selects by bits
		return e.above(e.f(0), x)
	}
	return mask{x}
}
