package main

import "github.com/mmcloughlin/avo/operand"

// conversions lists ConvertDType between floats, 32-bit integers and booleans, and what 16-bit floats
// need. Only those are here that a few instructions do.
func conversions(e *emitter) {
	convert := func(from, to string, in, out kind, unroll int, f func(x op) op) {
		e.list("ConvertDType", from, to, kernel{
			name: "Convert" + from + "To" + to, in: []kind{in}, out: out, unroll: unroll,
			body: func(x []op) op { return f(x[0]) },
		})
	}
	t := e.dtype()
	convert("Bool", t, boolean{}, value{}, 4, func(x op) op { return e.blend(x, e.f(1), e.copy(e.f(0))) })
	convert(t, "Bool", value{}, boolean{}, 4, func(x op) op { return e.cmp(ne, x, e.f(0)) })
	if e.f64 {
		convert("Float32", "Float64", narrow{}, value{}, 4, func(x op) op { return e.unary("VCVTPS2PD", half(e, x)) })
		convert("Float64", "Float32", value{}, narrow{}, 4, func(x op) op { return e.narrowing("VCVTPD2PS", x) })
		convert("Int32", "Float64", narrow{}, value{}, 4, func(x op) op { return e.unary("VCVTDQ2PD", half(e, x)) })
		convert("Float64", "Int32", value{}, narrow{}, 2, func(x op) op {
			x = e.blend(e.cmp(unordered, x, x), e.f(0), x)
			return e.narrowing("VCVTTPD2DQ", e.minX(x, e.f(1<<31-1))) // what is too low gives -2^31 of itself
		})
		convert("Int64", "Float64", value{}, value{}, 2, func(x op) op { return e.fromInt64(x.(vec), true) })
		convert("Uint64", "Float64", value{}, value{}, 2, func(x op) op { return e.fromInt64(x.(vec), false) })
		convert("Uint8", "Float64", octet{}, value{}, 4, func(x op) op { return e.fromInt64(x.(vec), false) })
		return
	}
	convert("Int32", "Float32", value{}, value{}, 4, func(x op) op { return e.unary("VCVTDQ2PS", x) })
	convert("Float32", "Int32", value{}, value{}, 2, func(x op) op {
		y := e.unary("VCVTTPS2DQ", x)
		y = e.blend(e.cmp(ge, x, e.f(1<<31)), e.i(1<<31-1), y)
		return e.blend(e.cmp(unordered, x, x), e.f(0), y)
	})
	convert("Uint8", "Float32", octet{}, value{}, 4, func(x op) op { return e.unary("VCVTDQ2PS", x) })
	convert("Uint32", "Float32", value{}, value{}, 4, func(x op) op {
		if e.isa.bytes == 64 {
			return e.unary("VCVTUDQ2PS", x)
		}
		// The upper half times 2^16, plus the lower half: one rounding.
		high, low := e.unary("VCVTDQ2PS", e.shr(x, 16)), e.unary("VCVTDQ2PS", e.and(x, e.i(1<<16-1)))
		e.mulAddTo(high, e.f(1<<16), low)
		return high
	})
	convert("BFloat16", "Float32", short{}, value{}, 2, func(x op) op { return e.shl(e.words(x), 16) })
	convert("Float16", "Float32", short{}, value{}, 2, func(x op) op { return e.unary("VCVTPH2PS", half(e, x)) })
	convert("Float32", "Float16", value{}, short{}, 2, func(x op) op {
		d := e.v()
		e.VCVTPS2PH(operand.U8(0), x, half(e, d))
		return d
	})
	convert("Float32", "BFloat16", value{}, short{}, 2, func(x op) op {
		// To nearest, ties to even: add just under half a place, and one more if the last bit is odd. NaN
		// is cut, and stays one by its highest bit.
		v := x.(vec)
		odd := e.and(e.shr(v, 16), e.i(1))
		r := e.iadd(e.iadd(v, e.i(0x7fff)), odd)
		r = e.blend(e.cmp(unordered, v, v), e.or(v, e.i(0x400000)), r)
		return e.toWords(e.shr(r, 16))
	})
}

// unary emits an instruction with one source.
func (e *emitter) unary(name string, x op) vec {
	d := e.v()
	e.do(name, x, d)
	return d
}

// half is the lower half of a register.
func half(e *emitter, x op) vec {
	if e.isa.bytes == 64 {
		return x.(vec).AsY().(vec)
	}
	return x.(vec).AsX().(vec)
}

// narrowing emits an instruction whose result is half as wide.
func (e *emitter) narrowing(name string, x op) vec {
	d := e.v()
	e.do(pick512(e, name+"Y", name), x, half(e, d))
	return d
}

// words widens the 16-bit words of the lower half.
func (e *emitter) words(x op) vec { return e.unary("VPMOVZXWD", half(e, x)) }

// toWords narrows words of 32 bits, whose upper halves are zero, to the lower half of a register.
func (e *emitter) toWords(x vec) vec {
	d := e.v()
	if e.isa.bytes == 64 {
		e.VPMOVDW(x, d.AsY())
		return d
	}
	e.VPACKUSDW(x, x, d)
	e.VPERMQ(operand.U8(0b_11_01_10_00), d, d)
	return d
}

// fromInt64 puts the halves of an integer into the mantissas of 2^52 and of 2^84 (plus 2^63 if there is
// a sign), and adds: one rounding.
func (e *emitter) fromInt64(x vec, signed bool) vec {
	name, bias := "VCVTUQQ2PD", uint64(0)
	if signed {
		name, bias = "VCVTQQ2PD", 1<<31
	}
	if e.isa.bytes == 64 {
		return e.unary(name, x)
	}
	lo := e.v()
	e.VPBLENDD(operand.U8(0b10101010), e.i(0x4330000000000000).in(e), x, lo)
	hi := e.xor(e.shr(x, 32), e.i(0x4530000000000000|bias))
	return e.add(e.sub(hi, e.i(0x4530000000100000|bias)), lo)
}

// in is the memory of a constant, for instructions that emitter.do does not know to take one.
func (c constant) in(e *emitter) op { return e.memory(c) }
