package main

import "math"

// log40 is log64 with a relative error of 1e-13 in the logarithm; exp2Poly is 2^r on |r| <= 1/2 with an error
// of 4e-11.
var (
	log40 = []float64{0.6666666666737868, 0.3999999879244169, 0.28571755535032944, 0.22191337428065783, 0.19363884986633198}

	exp2Poly = []float64{0.999999999959497, 0.6931471805568274, 0.24022651214120053, 0.05550410906373737,
		0.009618025530398209, 0.0013333478409865399, 0.00015469755744925822, 1.5303721130801367e-05}
)

// powHalf is x^y for x >= 0, in float64 to about 35 bits, between 2^-300 and 2^300.
func (w *emitter) powHalf(x, y vec) vec {
	word, m := w.split(x)
	f := w.sub(m, w.f(1))
	s := w.div(f, w.add(f, w.f(2)))
	z := w.mul(s, s)
	p := w.poly(z, log40)
	s = w.mul(s, w.f(math.Log2E))
	log := w.mul(w.mulAdd(p, z, w.copy(w.f(2))), s)
	log = w.add(log, w.exponent(word, w.f(w.bias())))
	log = w.blend(w.cmp(eq, x, w.f(0)), w.f(-1e300), log) // finite: 0^0 is 1

	p = w.maxX(w.f(-300), w.minX(w.f(300), w.mul(y, log)))
	bits := w.add(p, w.f(w.magic()))
	r := w.sub(p, w.sub(bits, w.f(w.magic())))
	return w.iadd(w.poly(r, exp2Poly), w.shl(bits, w.mantissa()))
}

// log70 is ((ln(1+f)/s - 2)/s² - 2/3)/s² in s², where s = f/(2+f), for √½-1 <= f <= √2-1, with an error of 1e-16.
var log70 = []float64{0.4, 0.2857142857142937, 0.22222222221652765, 0.18181818336099848,
	0.1538459488700718, 0.1333480879881234, 0.11706126464563398, 0.11724327060846747}

// A pair is a number in two parts, the second a correction to the first.
type pair struct{ hi, lo vec }

// quickSum is a + b for |a| >= |b|, plus low.
func (e *emitter) quickSum(a, b op, low vec) pair {
	hi := e.add(a, b)
	return pair{hi, e.add(e.sub(b, e.sub(hi, a)), low)}
}

// product is a·b to about twice the digits, less a.lo·b.lo.
func (e *emitter) product(a, b pair) pair {
	hi := e.mul(a.hi, b.hi)
	lo := e.mul(a.hi, b.lo)
	e.addMulTo(lo, a.lo, b.hi)
	return pair{hi, e.add(e.rest(a.hi, b.hi, hi), lo)}
}

// rest is a·b - p, exact where p is a·b rounded.
func (e *emitter) rest(a, b, p op) vec {
	d := e.neg(p)
	e.addMulTo(d, a, b)
	return d
}

// constants is a number in two parts.
func (e *emitter) constants(hi, lo float64) pair { return pair{e.copy(e.f(hi)), e.copy(e.f(lo))} }

// pow64 is x^y for x that is 0 or positive and normal, and finite y. The logarithm has about 65 digits: it is multiplied by up
// to 1100 before its fraction is used.
func (e *emitter) pow64(x, y vec) vec {
	word, m := e.split(x)
	f := e.sub(m, e.f(1))
	// s = f/(2+f)
	t := e.add(f, e.f(2))
	tail := e.sub(f, e.sub(t, e.f(2)))
	inverse := e.div(e.f(1), t)
	s := pair{hi: e.mul(f, inverse)}
	left := e.copy(f)
	e.subMulTo(left, s.hi, t)
	e.subMulTo(left, s.hi, tail)
	s.lo = e.mul(left, inverse)
	// ln(1+f) = 2s + s³·(2/3 + q)
	z := e.product(s, s)
	q := e.mul(e.poly(z.hi, log70), z.hi)
	w := e.quickSum(e.copy(e.f(0.6666666666666666)), q, e.copy(e.f(3.700743415417188e-17)))
	v := e.product(e.product(s, z), w)
	log := e.quickSum(e.add(s.hi, s.hi), v.hi, e.add(e.add(s.lo, s.lo), v.lo))
	// y·(k + log₂(1+f))
	g := e.product(log, e.constants(1.4426950408889634, 2.0355273740931033e-17))
	h := e.quickSum(e.exponent(word, e.f(e.bias())), g.hi, g.lo)
	p := e.mul(y, h.hi)
	low := e.rest(y, h.hi, p)
	e.addMulTo(low, y, h.lo)
	const most = 2000 // far beyond what is finite or not 0, while 2^k is normal
	low = e.blend(e.cmp(lt, e.abs(p), e.f(most)), low, e.copy(e.f(0)))
	p = e.maxX(e.f(-most), e.minX(e.f(most), p))
	zero := e.cmp(eq, x, e.f(0))
	end := e.or(e.xor(e.and(y, e.sign()), e.sign()), e.f(most)) // against y
	end = e.blend(e.cmp(eq, y, e.f(0)), e.f(0), end)            // 0^0 is 1
	p, low = e.blend(zero, end, p), e.blend(zero, e.f(0), low)
	// 2^p = 2^k·2^k·e^r
	bits := e.copy(e.f(0.5))
	e.mulAddTo(bits, p, e.f(e.magic()))
	k := e.sub(bits, e.f(e.magic()))
	r := e.mul(e.add(e.sub(p, e.add(k, k)), low), e.f(math.Ln2))
	out := e.poly(r, far64)
	e.mulAddTo(out, e.mul(r, r), r)
	out = e.add(out, e.f(1))
	scale := e.power2(bits, 1)
	return e.mul(e.mul(out, scale), scale)
}

// pow is x^y; in float32 through float64 inside.
func (e *emitter) pow(x, y vec) vec {
	if e.f64 {
		return e.powSigned(x, y, e.pow64(e.abs(x), y))
	}
	w := e.wide()
	xLo, xHi := e.halves(e.abs(x))
	yLo, yHi := e.halves(y)
	return e.powSigned(x, y, e.join(w.powHalf(xLo, yLo), w.powHalf(xHi, yHi)))
}

// powSigned makes x^y of |x|^y: below zero the sign is that of x if y is odd, and NaN if y is not whole.
func (e *emitter) powSigned(x, y, p vec) vec {
	half := e.mul(y, e.f(0.5))
	whole := e.blend(e.cmp(eq, e.round(y, 3), y), x, e.copy(e.f(0))) // x's sign where y is whole
	odd := e.blend(e.cmp(eq, e.round(half, 3), half), e.f(0), whole)
	p = e.or(p, e.and(odd, e.sign()))
	low := e.blend(e.cmp(eq, e.round(y, 3), y), p, e.copy(e.f(nan)))
	return e.blend(e.cmp(lt, x, e.f(0)), low, p)
}

func power(e *emitter) {
	e.list("Pow", e.dtype(), e.dtype(), kernel{
		name: "Pow", in: []kind{value{}, value{}}, out: value{}, unroll: 1,
		body: func(x []op) op { return e.pow(x[0].(vec), x[1].(vec)) },
		hard: func(x []op) mask {
			if e.f64 {
				notZero := e.cmp(ne, x[0], e.f(0)) // as what fills up the last vector is
				return e.orMask(e.andMask(e.outside(e.abs(x[0]), 0x1p-1022, inf), notZero), e.cmp(nlt, e.abs(x[1]), e.f(inf)))
			}
			return e.orMask(e.cmp(nlt, e.abs(x[0]), e.f(inf)), e.cmp(nlt, e.abs(x[1]), e.f(inf)))
		},
	}, 0, 1)
}
