package main

import "math"

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

// expm1Poly32 and expm1Poly64 are (e^r - 1 - r)/r² on |r| <= ln(2)/2, nearly minimax: errors of 7e-8 and
// 1e-16, which r² makes small.
var (
	expm1Poly32 = []float64{0.5, 0.16666576845993977, 0.04166655443768594, 0.008363202971575855, 0.0013926213466332444}
	expm1Poly64 = []float64{0.5, 0.16666666666666669, 0.04166666666662399, 0.008333333333330051, 0.0013888888917281794,
		0.00019841269863105968, 2.480152119021773e-05, 2.7557268378684192e-06, 2.7620138719733994e-07, 2.5100424157005067e-08}
)

// expm1Reduced returns bits whose low ones are k, k as a float, and e^r - 1, where x = k·ln 2 + r.
func (e *emitter) expm1Reduced(x vec) (bits, k, em1 vec) {
	bits = e.copy(e.f(math.Log2E))
	e.mulAddTo(bits, x, e.f(e.magic()))
	k = e.sub(bits, e.f(e.magic()))
	hi, lo := e.ln2()
	r := e.copy(x)
	e.subMulTo(r, k, e.f(hi))
	e.subMulTo(r, k, e.f(lo))
	em1 = e.poly(r, pick(e, expm1Poly32, expm1Poly64))
	e.mulAddTo(em1, e.mul(r, r), r)
	return bits, k, em1
}

// scale returns p·2^k for a normal p near 1 and a whole k of any size of which the result makes
// sense, rounded once.
func (e *emitter) scale(p, k vec) vec {
	if e.isa.bytes == 64 {
		d := e.v()
		e.fp("SCALEF", k, p, d)
		return d
	}
	half := e.copy(e.f(0.5))
	e.mulAddTo(half, k, e.f(e.magic())) // about k/2
	other := e.add(e.sub(k, e.sub(half, e.f(e.magic()))), e.f(e.magic()))
	p = e.mul(p, e.iadd(e.shl(half, e.mantissa()), e.f(1))) // exact; an integer addition would lose NaN
	return e.mul(p, e.iadd(e.shl(other, e.mantissa()), e.f(1)))
}

// exp is e^x: 0 below about -104 (f64: -745.2), +Inf above 88.7 (709.8), denormals between.
func (e *emitter) exp(x vec) vec {
	x = e.minX(e.f(pick(e, 89.0, 710.0)), e.maxX(e.f(pick(e, -105.0, -747.0)), x)) // NaN stays
	_, k, em1 := e.expm1Reduced(x)
	return e.scale(e.add(em1, e.f(1)), k)
}

// expm1 is e^x - 1 = em1·2^k + (2^k - 1), computed at half the size so that 2^128 is not needed.
func (e *emitter) expm1(x vec) vec {
	c := e.minX(e.f(pick(e, 89.0, 710.0)), e.maxX(e.f(pick(e, -20.0, -42.0)), x))
	bits, _, em1 := e.expm1Reduced(c)
	half := e.iadd(e.shl(bits, e.mantissa()), e.f(0.5))
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
	bits, _, em1 := e.expm1Reduced(e.add(z, z))
	s := e.iadd(e.shl(bits, e.mantissa()), e.f(1))
	E := e.mulAdd(em1, s, e.sub(s, e.f(1)))
	return e.or(e.div(E, e.add(E, e.f(2))), e.and(x, e.sign()))
}

// logistic is 1/(1+p) for x >= 0 and p/(1+p) below, with p = e^-|x|.
func (e *emitter) logistic(x vec) vec {
	z := e.maxX(e.f(pick(e, -105.0, -747.0)), e.or(x, e.sign()))
	_, k, em1 := e.expm1Reduced(z)
	p := e.scale(e.add(em1, e.f(1)), k)
	return e.div(e.blend(e.cmp(lt, x, e.f(0)), p, e.copy(e.f(1))), e.add(p, e.f(1)))
}

func exponentials(e *emitter) {
	e.function("Exp", 1, e.exp)
	e.function("Expm1", 1, e.expm1)
	e.function("Tanh", 1, e.tanh)
	e.function("Logistic", 1, e.logistic)
}
