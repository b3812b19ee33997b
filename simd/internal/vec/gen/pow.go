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

// pow is x^y in float32, through float64 inside.
func (e *emitter) pow(x, y vec) vec {
	w := e.wide()
	xLo, xHi := e.halves(e.abs(x))
	yLo, yHi := e.halves(y)
	p := e.join(w.powHalf(xLo, yLo), w.powHalf(xHi, yHi))
	// Below zero: the sign is that of x if y is odd, NaN if y is not whole.
	half := e.mul(y, e.f(0.5))
	whole := e.blend(e.cmp(eq, e.round(y, 3), y), x, e.copy(e.f(0))) // x's sign where y is whole
	odd := e.blend(e.cmp(eq, e.round(half, 3), half), e.f(0), whole)
	p = e.or(p, e.and(odd, e.sign()))
	low := e.blend(e.cmp(eq, e.round(y, 3), y), p, e.copy(e.f(nan)))
	return e.blend(e.cmp(lt, x, e.f(0)), low, p)
}

func power(e *emitter) {
	if e.f64 {
		return // twice the digits are not to be had by simple means: plain Go
	}
	e.list("Pow", e.dtype(), e.dtype(), kernel{
		name: "Pow", in: []kind{value{}, value{}}, out: value{}, unroll: 1,
		body: func(x []op) op { return e.pow(x[0].(vec), x[1].(vec)) },
		hard: func(x []op) mask {
			return e.orMask(e.cmp(nlt, e.abs(x[0]), e.f(inf)), e.cmp(nlt, e.abs(x[1]), e.f(inf)))
		},
	}, 0, 1)
}
