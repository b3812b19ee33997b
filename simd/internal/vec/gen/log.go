package main

import "math"

// log32 is (ln(1+f) - f)/f² on √½-1 <= f <= √2-1, nearly minimax, with an error of 3e-8.
var log32 = []float64{-0.4999999764977098, 0.33333330028354796, -0.25000781239812697, 0.20001234461093456,
	-0.16626645629127462, 0.14204855952571013, -0.1312755565128765, 0.1272267278801096, -0.07673641501674025}

// log64 is (ln(1+f)/s - 2)/s² in s² where s = f/(2+f), on the same interval, with an error of 3e-16, which
// s³ makes small.
var log64 = []float64{0.666666666666667, 0.3999999999989889, 0.28571428626253836, 0.22222211089379496,
	0.1818289243253687, 0.15331611722055008, 0.14617807153417325}

// split writes x > 0, normal, as 2^k·m with √½ <= m < √2: it returns a word with the exponent k+bias
// in its place and bits of no meaning below, and m.
func (e *emitter) split(x vec) (word, m vec) {
	one, root := uint64(e.f(1)), uint64(e.f(math.Sqrt2/2))
	word = e.iadd(x, e.i(one-root))
	m = e.iadd(e.and(word, e.i(1<<e.mantissa()-1)), e.i(root))
	return word, m
}

// exponent returns k of split's word, less shift.
func (e *emitter) exponent(word vec, shift op) vec {
	big := math.Ldexp(1, int(e.mantissa()))
	return e.sub(e.or(e.shr(word, e.mantissa()), e.f(big)), shift)
}

// logOf returns ln(2^k·(1+f)).
func (e *emitter) logOf(k, f vec) vec {
	hi, lo := e.ln2()
	if !e.f64 {
		y := e.poly(f, log32)
		e.mulAddTo(y, e.mul(f, f), e.mul(k, e.f(lo)))
		y = e.add(y, f)
		e.addMulTo(y, k, e.f(hi))
		return y
	}
	// ln(1+f) = f - (f²/2 - s(f²/2 + R)); the part in brackets is small.
	s := e.div(f, e.add(f, e.f(2)))
	z := e.mul(s, s)
	r := e.mul(e.poly(z, log64), z)
	h := e.mul(e.mul(f, f), e.f(0.5))
	t := e.mul(s, e.add(h, r))
	e.addMulTo(t, k, e.f(lo))
	y := e.sub(f, e.sub(h, t))
	e.addMulTo(y, k, e.f(hi))
	return y
}

// bias is what exponent's shift must be for numbers that are not scaled.
func (e *emitter) bias() float64 {
	return math.Ldexp(1, int(e.mantissa())) + pick(e, 127.0, 1023.0)
}

// logEnds puts in the values of ln(x) at 0 (-Inf), below (NaN), and at +Inf and NaN (themselves).
func (e *emitter) logEnds(x, y vec) vec {
	y = e.blend(e.cmp(nlt, x, e.f(inf)), x, y)
	low := e.blend(e.cmp(eq, x, e.f(0)), e.f(-inf), e.copy(e.f(nan)))
	return e.blend(e.cmp(le, x, e.f(0)), low, y)
}

// log is ln(x).
func (e *emitter) log(x vec) vec {
	// Denormals are scaled to be normal.
	shift := pick(e, 25, 54)
	small := e.cmp(lt, x, e.f(pick(e, 0x1p-126, 0x1p-1022)))
	n := e.blend(small, e.mul(x, e.f(math.Ldexp(1, shift))), x)
	bias := e.blend(small, e.f(e.bias()+float64(shift)), e.copy(e.f(e.bias())))
	return e.logEnds(x, e.logNormal(n, bias))
}

// logNormal is ln(x) for positive normal numbers, with a bias that undoes what they were scaled by.
func (e *emitter) logNormal(x vec, bias op) vec {
	word, m := e.split(x)
	return e.logOf(e.exponent(word, bias), e.sub(m, e.f(1)))
}

// outside holds where x is not in [low, high), both positive; NaN is outside.
func (e *emitter) outside(x op, low, high float64) mask {
	// As integers positive floats are in their order: moved so that low is the least, one comparison does.
	least := uint64(1) << (8*e.size() - 1)
	at := e.iadd(x, e.i(least-uint64(e.f(low))))
	return e.above(at, e.i(uint64(e.f(high))-uint64(e.f(low))+least-1))
}

// log1p is ln(1+x).
func (e *emitter) log1p(x vec) vec {
	u := e.add(x, e.f(1))
	f, word, m := e.split1p(x, u)
	f = e.blend(e.cmp(lt, x, e.f(log1pHigh(e))), f, e.sub(m, e.f(1)))
	y := e.logOf(e.exponent(word, e.f(e.bias())), f)
	return e.or(e.logEnds(u, y), e.and(x, e.sign())) // -0 keeps its sign
}

// split1p gives the exponent k and mantissa m of the rounded u = 1+x, as split does, but f = x·2^-k + (2^-k - 1)
// has x itself; it is of no use beyond log1pHigh.
func (e *emitter) split1p(x, u vec) (f, word, m vec) {
	word, m = e.split(u)
	field := uint64(pick(e, 0xff, 0x7ff)) << e.mantissa()
	s := e.isub(e.i(2*uint64(e.f(1))), e.and(word, e.i(field))) // 2^-k
	return e.mulAdd(x, s, e.sub(s, e.f(1))), word, m
}

// log1pHigh is so large that 1 is nothing beside it, and so small that its inverse is normal.
func log1pHigh(e *emitter) float64 { return pick(e, 0x1p40, 0x1p80) }

func logarithms(e *emitter) {
	unary := func(name string, full, fast func(x vec) vec, special func(x op) mask) {
		e.list(name, e.dtype(), e.dtype(), kernel{
			name: name, in: []kind{value{}}, out: value{}, unroll: 2,
			body:    func(x []op) op { return full(x[0].(vec)) },
			fast:    func(x []op) op { return fast(x[0].(vec)) },
			special: func(x []op) mask { return special(x[0]) },
		})
	}
	unary("Log", e.log,
		func(x vec) vec { return e.logNormal(x, e.f(e.bias())) },
		func(x op) mask { return e.outside(x, pick(e, 0x1p-126, 0x1p-1022), inf) })
	unary("Log1p", e.log1p,
		func(x vec) vec {
			f, word, _ := e.split1p(x, e.add(x, e.f(1)))
			return e.or(e.logOf(e.exponent(word, e.f(e.bias())), f), e.and(x, e.sign()))
		},
		func(x op) mask { return e.outside(e.add(x, e.f(1)), 0x1p-60, log1pHigh(e)) })
}
