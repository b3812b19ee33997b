package main

import "math"

// (sin r - r)/r³ and (cos r - 1 + r²/2)/r⁴ in r² for |r| <= π/4, nearly minimax: errors of 3e-11 and 2e-9 in
// float32, 2e-17 and 1e-18 in float64.
var (
	sin32 = []float64{-0.16666666663832763, 0.008333331865959415, -0.00019840082012765537, 2.7249314054698804e-06}
	cos32 = []float64{0.04166666464745738, -0.00138883006969039, 2.45474372101932e-05}
	sin64 = []float64{-0.16666666666666666, 0.008333333333330925, -0.00019841269836722418,
		2.755731608381636e-06, -2.5051127944014188e-08, 1.5917848524808262e-10}
	cos64 = []float64{0.041666666666666664, -0.0013888888888887382, 2.480158729874307e-05,
		-2.7557317260008837e-07, 2.0876143827993133e-09, -1.1382456778061306e-11}
)

// quarters writes x = k·π/2 + r: the low bits of the first result are k. π/2 is subtracted in three parts (two
// do for arguments that are float32), each difference rounded once, so r is good to an ulp for |x| < 2^30 even
// next to multiples of π/2.
func (w *emitter) quarters(x vec, last bool) (bits, r vec) {
	bits = w.copy(w.f(2 / math.Pi))
	w.mulAddTo(bits, x, w.f(w.magic()))
	k := w.sub(bits, w.f(w.magic()))
	r = w.copy(x)
	w.subMulTo(r, k, w.f(1.5707963267948966))
	w.subMulTo(r, k, w.f(6.123233995736766e-17))
	if last {
		w.subMulTo(r, k, w.f(-1.4973849048591698e-33))
	}
	return bits, r
}

// wave is sin(x + shift·π/2). In float32 the reduction to |r| <= π/4 goes through float64.
func (e *emitter) wave(x vec, shift uint64) vec {
	var bits, r vec
	if e.f64 {
		bits, r = e.quarters(x, true)
	} else {
		w := e.wide()
		lo, hi := e.halves(x)
		bitsLo, rLo := w.quarters(lo, false)
		bitsHi, rHi := w.quarters(hi, false)
		bits, r = e.lowWords(bitsLo, bitsHi), e.join(rLo, rHi)
	}
	if shift > 0 {
		bits = e.iadd(bits, e.i(shift))
	}
	z := e.mul(r, r)
	s := e.mul(e.poly(z, pick(e, sin32, sin64)), z)
	s = e.or(e.mulAdd(s, r, r), e.and(r, e.sign())) // -0 keeps its sign
	c := e.poly(z, pick(e, cos32, cos64))
	base := e.copy(e.f(-0.5))
	e.mulAddTo(base, z, e.f(1))
	c = e.mulAdd(c, e.mul(z, z), base)
	top := uint64(8*e.size() - 1)
	y := e.blend(e.signs(e.shl(bits, top)), c, s)
	return e.xor(y, e.and(e.shl(bits, top-1), e.sign()))
}

func trigonometry(e *emitter) {
	if e.isa == neon && !e.f64 {
		return // the way through float64 is long
	}
	for shift, name := range []string{"Sin", "Cos"} {
		e.list(name, e.dtype(), e.dtype(), kernel{
			name: name, in: []kind{value{}}, out: value{}, unroll: 2,
			body: func(x []op) op { return e.wave(x[0].(vec), uint64(shift)) },
			hard: func(x []op) mask { return e.cmp(ge, e.abs(x[0]), e.f(0x1p30)) },
		})
	}
}
