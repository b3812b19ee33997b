package main

import (
	"fmt"
	"math"
)

var (
	inf = math.Inf(1)
	nan = math.NaN()
)

// magic is 1.5·2^mantissa: adding it rounds to an integer and leaves that in the low bits.
func (e *emitter) magic() float64 { return math.Ldexp(1.5, int(e.mantissa())) }

// ln2 in two parts: the product of an integer with the first, subtracted from x in one rounding,
// is exact.
func (e *emitter) ln2() (hi, lo float64) {
	if e.f64 {
		return 0.6931471805599453, 2.3190468138462996e-17
	}
	return 0.6931471824645996, -1.9046542121259336e-09
}

// Polynomials for (e^r - 1 - r)/r², nearly minimax: near for |r| <= ln(2)/2, with errors of 7e-8 and 1e-16, which
// r² makes small, tiny for |r| <= ln(2)/8 with 7e-7, far for |r| <= ln 2 with 4e-9 and 7e-17.
var (
	near32 = []float64{0.5, 0.16666576845993977, 0.04166655443768594, 0.008363202971575855, 0.0013926213466332444}
	near64 = []float64{0.5, 0.16666666666666669, 0.04166666666662399, 0.008333333333330051, 0.0013888888917281794,
		0.00019841269863105968, 2.480152119021773e-05, 2.7557268378684192e-06, 2.7620138719733994e-07, 2.5100424157005067e-08}
	tiny32 = []float64{0.5, 0.16671368610715454, 0.04167450297692524}
	far32  = []float64{0.5, 0.16666670045239848, 0.04166667004093599, 0.008332771637333628,
		0.0013888327857535644, 0.00020074473399258648, 2.503457837051329e-05}
	far64 = []float64{0.49999999999999994, 0.16666666666666666, 0.04166666666667711, 0.008333333333334029,
		0.0013888888886357158, 0.0001984126983958318, 2.4801589546978285e-05, 2.7557320719937718e-06,
		2.755641932122679e-07, 2.5051508801160912e-08, 2.1042880304116502e-09, 1.6169743735422074e-10}
)

// reduce returns bits whose low ones are k, and r, where x·step = (k·ln 2 + r)·step and k is a whole number.
// For step 2, k·ln 2 is subtracted twice.
func (e *emitter) reduce(x vec, step float64) (bits, r vec) {
	bits = e.copy(e.f(math.Log2E / step))
	e.mulAddTo(bits, x, e.f(e.magic()))
	k := e.sub(bits, e.f(e.magic()))
	hi, lo := e.ln2()
	r = e.copy(x)
	e.subMulTo(r, k, e.f(hi*step))
	e.subMulTo(r, k, e.f(lo*step))
	return bits, r
}

// expm1Reduced returns bits whose low ones are k, and e^r - 1, where x = k·ln 2 + r.
func (e *emitter) expm1Reduced(x vec) (bits, em1 vec) {
	bits, r := e.reduce(x, 1)
	em1 = e.poly(r, pick(e, near32, near64))
	e.mulAddTo(em1, e.mul(r, r), r)
	return bits, em1
}

// power2 returns 2^k·c, given bits whose low ones are k.
func (e *emitter) power2(bits vec, c float64) vec { return e.iadd(e.shl(bits, e.mantissa()), e.f(c)) }

// expClamped is e^x for arguments whose results make sense: x = 2k·ln 2 + r, and 2^k, which is normal, is
// multiplied by twice, so that the result is rounded once where it is denormal.
func (e *emitter) expClamped(x vec) vec {
	if !e.f64 && e.isa != neon {
		return e.expByTable(x)
	}
	bits, r := e.reduce(x, 2)
	p := e.poly(r, pick(e, far32, far64))
	e.mulAddTo(p, e.mul(r, r), r)
	p = e.add(p, e.f(1))
	s := e.power2(bits, 1)
	return e.mul(e.mul(p, s), s)
}

// expByTable is expClamped in float32 with x = (8k + j)·ln(2)/4 + r: a lookup in registers gives 2^(j/4), and
// |r| <= ln(2)/8 wants only a short polynomial.
func (e *emitter) expByTable(x vec) vec {
	bits, r := e.reduce(x, 0.25)
	p := e.poly(r, tiny32)
	e.mulAddTo(p, e.mul(r, r), r)
	words := make([]uint64, e.lanes())
	for j := range words {
		words[j] = uint64(math.Float32bits(float32(math.Exp2(float64(j%8) / 4))))
	}
	t := e.v()
	e.do("VPERMPS", row{fmt.Sprintf("power%d", len(words)), words}, bits, t)
	y := e.mulAdd(p, t, t)
	s := e.iadd(e.shl(e.and(bits, e.i(1<<32-8)), 20), e.f(1))
	return e.mul(e.mul(y, s), s)
}

// exp is e^x: 0 below about -104 (f64: -745.2), +Inf above 88.7 (709.8), denormals between.
func (e *emitter) exp(x vec) vec {
	return e.expClamped(e.minX(e.f(pick(e, 89.0, 710.0)), e.maxX(e.f(pick(e, -105.0, -747.0)), x))) // NaN stays
}

// expm1 is e^x - 1 = em1·2^k + (2^k - 1), computed at half the size so that 2^128 is not needed.
func (e *emitter) expm1(x vec) vec {
	c := e.minX(e.f(pick(e, 89.0, 710.0)), e.maxX(e.f(pick(e, -20.0, -42.0)), x))
	bits, em1 := e.expm1Reduced(c)
	half := e.power2(bits, 0.5)
	y := e.mulAdd(em1, half, e.sub(half, e.f(0.5)))
	y = e.add(y, y)
	return e.blend(e.cmp(lt, e.abs(x), e.f(tiny(e))), x, y)
}

// tiny is a number below which functions with derivative 1 at 0 are their argument, and by which
// squares do not yet underflow.
func tiny(e *emitter) float64 { return pick(e, 0x1p-30, 0x1p-60) }

// tanh is E/(E+2) with E = e^2|x| - 1.
func (e *emitter) tanh(x vec) vec {
	z := e.minX(e.f(pick(e, 10.0, 22.0)), e.abs(x))
	bits, em1 := e.expm1Reduced(e.add(z, z))
	s := e.power2(bits, 1)
	E := e.mulAdd(em1, s, e.sub(s, e.f(1)))
	return e.or(e.div(E, e.add(E, e.f(2))), e.and(x, e.sign()))
}

// logistic is 1/(1+p) for x >= 0 and p/(1+p) below, with p = e^-|x|.
func (e *emitter) logistic(x vec) vec {
	z := e.maxX(e.f(pick(e, -105.0, -747.0)), e.or(x, e.sign()))
	p := e.expClamped(z)
	return e.div(e.blend(e.cmp(lt, x, e.f(0)), p, e.copy(e.f(1))), e.add(p, e.f(1)))
}

func exponentials(e *emitter) {
	e.function("Exp", 2, e.exp)
	e.function("Expm1", 2, e.expm1)
	e.function("Tanh", 2, e.tanh)
	e.function("Logistic", 2, e.logistic)
}
