package main

import (
	"fmt"
	"math"
	"slices"
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
// r² makes small, far for |r| <= ln 2 with 4e-9 and 7e-17.
var (
	near32 = []float64{0.5, 0.16666576845993977, 0.04166655443768594, 0.008363202971575855, 0.0013926213466332444}
	near64 = []float64{0.5, 0.16666666666666669, 0.04166666666662399, 0.008333333333330051, 0.0013888888917281794,
		0.00019841269863105968, 2.480152119021773e-05, 2.7557268378684192e-06, 2.7620138719733994e-07, 2.5100424157005067e-08}
	far32 = []float64{0.5, 0.16666670045239848, 0.04166667004093599, 0.008332771637333628,
		0.0013888327857535644, 0.00020074473399258648, 2.503457837051329e-05}
	far64 = []float64{0.49999999999999994, 0.16666666666666666, 0.04166666666667711, 0.008333333333334029,
		0.0013888888886357158, 0.0001984126983958318, 2.4801589546978285e-05, 2.7557320719937718e-06,
		2.755641932122679e-07, 2.5051508801160912e-08, 2.1042880304116502e-09, 1.6169743735422074e-10}
)

// root32 is (e^(r/2) - 1)/r for |r| <= ln(2)/8, with an error of 3e-7; rootFine of 2e-8.
var (
	root32   = []float64{0.5, 0.12501650935669997, 0.020835268065382526}
	rootFine = []float64{0.5, 0.125, 1.0 / 48, 1.0 / 384}
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
	bits, r := e.reduce(x, 2)
	p := e.poly(r, pick(e, far32, far64))
	e.mulAddTo(p, e.mul(r, r), r)
	p = e.add(p, e.f(1))
	s := e.power2(bits, 1)
	return e.mul(e.mul(p, s), s)
}

// rootExp is scale·e^(sign·x/2) in float32, with sign·x = (8k + j)·ln(2)/4 + r: a lookup in registers gives 2^(j/8),
// and |r| <= ln(2)/8 wants only a short polynomial. Its square is e^x, rounded once where it is denormal.
func (e *emitter) rootExp(x vec, sign, scale float64, root []float64) vec {
	bits := e.copy(e.f(sign * 4 * math.Log2E))
	e.mulAddTo(bits, x, e.f(e.magic())) // 8k + j in the low bits
	n := e.sub(bits, e.f(e.magic()))
	hi, lo := e.ln2()
	r := e.copy(x)
	e.subMulTo(r, n, e.f(sign*hi/4))
	e.subMulTo(r, n, e.f(sign*lo/4))
	odd := slices.Clone(root) // in sign·r
	for i := 0; i < len(odd); i += 2 {
		odd[i] *= sign
	}
	p := e.mul(e.poly(r, odd), r)
	words := make([]uint64, e.lanes())
	for j := range words { // less j where the shift will put it
		words[j] = uint64(math.Float32bits(float32(scale*math.Exp2(float64(j%8)/8)))) - uint64(j%8)<<20
	}
	t := e.v()
	e.do("VPERMPS", row{fmt.Sprintf("root%d_%x", len(words), words[0]), words}, bits, t)
	t = e.iadd(t, e.shl(bits, 20))
	return e.mulAdd(p, t, t)
}

// exp is e^x: 0 below about -104 (f64: -745.2), +Inf above 88.7 (709.8), denormals between.
func (e *emitter) exp(x vec) vec {
	x = e.minX(e.f(pick(e, 89.0, 710.0)), e.maxX(e.f(pick(e, -105.0, -747.0)), x)) // NaN stays
	if e.f64 || e.isa == neon {
		return e.expClamped(x)
	}
	y := e.rootExp(x, 1, 1, root32)
	return e.mul(y, y)
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

// tanhN and tanhD are such that tanh(x/2) = N/D with N = x + x³·tanhN(x²), D = 2 + x²·tanhD(x²), for |x| <= 8.6, with an
// error that is 7e-9 in tanh(x) = 2ND/(N²+D²): doubling the argument makes small what is wrong with a value near 1.
var (
	tanhN = []float64{0.029798584646388872, 0.00011479532431201304}
	tanhD = []float64{2 * 0.1131318875693011, 2 * 0.001209151632434747, 2 * 1.2405658625008437e-06}
)

// tanh is N·(2D/(N²+D²)) in float32; in float64 it is E/(E+2) with E = e^2|x| - 1.
func (e *emitter) tanh(x vec) vec {
	if !e.f64 {
		n := e.minX(e.f(9), e.maxX(e.f(-9), x)) // whose result is 1, and nothing's is greater
		s := e.mul(n, n)
		d := e.poly(s, append([]float64{2}, tanhD...))
		e.addMulTo(n, e.mul(n, s), e.poly(s, tanhN))
		sum := e.mul(n, n)
		e.addMulTo(sum, d, d)
		return e.mul(n, e.div(e.add(d, d), sum))
	}
	z := e.minX(e.f(22), e.abs(x))
	bits, em1 := e.expm1Reduced(e.add(z, z))
	s := e.power2(bits, 1)
	E := e.mulAdd(em1, s, e.sub(s, e.f(1)))
	return e.or(e.div(E, e.add(E, e.f(2))), e.and(x, e.sign()))
}

// logisticScale is a number whose square and whose products with 2^(j/8) are almost float32: off by less than a tenth of
// a last place.
const logisticScale = 0.00016259838521429153

// logistic is 1/(1+p) for x >= 0 and p/(1+p) below, with p = e^-|x|. In float32 it is c/(c+w²) with w² = c·e^-x, which
// does not overflow where the result is denormal.
func (e *emitter) logistic(x vec) vec {
	if !e.f64 && e.isa != neon {
		w := e.rootExp(e.minX(e.f(105), e.maxX(e.f(-105), x)), -1, logisticScale, rootFine)
		c := e.f(logisticScale * logisticScale)
		d := e.copy(c)
		e.addMulTo(d, w, w)
		return e.div(e.copy(c), d)
	}
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
