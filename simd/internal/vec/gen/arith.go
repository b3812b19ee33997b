package main

// arithmetic lists what is a few instructions long.
func arithmetic(e *emitter) {
	binary := func(name string, f func(a, b op) vec) {
		e.list(name, e.dtype(), e.dtype(), kernel{
			name: name, in: []kind{value{}, value{}}, out: value{}, unroll: 4,
			body: func(x []op) op { return f(x[0], x[1]) },
		}, 0, 1)
	}
	unary := e.function
	binary("Add", e.add)
	binary("Sub", e.sub)
	binary("Mul", e.mul)
	binary("Div", e.div)
	binary("Max", e.max)
	binary("Min", e.min)

	e.list("Clamp", e.dtype(), e.dtype(), kernel{
		name: "Clamp", in: []kind{value{}, value{}, value{}}, out: value{}, unroll: 2,
		body: func(x []op) op { return e.min(e.max(x[1], x[0]), x[2]) },
	}, 0, 2)

	unary("Neg", 4, func(x vec) vec { return e.neg(x) })
	unary("Abs", 4, func(x vec) vec { return e.abs(x) })
	unary("Floor", 4, func(x vec) vec { return e.round(x, 1) })
	unary("Ceil", 4, func(x vec) vec { return e.round(x, 2) })
	unary("Round", 4, func(x vec) vec { return e.round(x, 0) })
	unary("Sqrt", 4, e.sqrt)
	unary("Rsqrt", 1, func(x vec) vec { return e.div(e.f(1), e.sqrt(x)) })
	unary("Sign", 2, func(x vec) vec {
		one := e.or(e.and(x, e.sign()), e.f(1))
		return e.blend(e.cmp(ne, e.abs(x), e.f(0)), e.blend(e.cmp(unordered, x, x), x, one), x)
	})

	fill := e.emit(kernel{
		name: "Fill", in: []kind{value{}}, out: value{}, unroll: 4, body: func(x []op) op { return x[0] },
	}, 0)
	e.record(entry{level: e.level(), form: "scalar0", op: "Identity", in: e.dtype(), out: e.dtype(), function: fill})
	e.record(entry{level: e.level(), form: "plain", op: "Invalid", in: e.dtype(), out: e.dtype(), function: e.emit(kernel{
		name: "MulAdd", in: []kind{value{}, value{}, value{}}, out: value{}, unroll: 4,
		body: func(x []op) op { return e.mulAdd(x[0], x[1], x[2]) },
	}, -1)})
}

func (e *emitter) sqrt(x vec) vec {
	d := e.v()
	e.fp("SQRT", x, d)
	return d
}

// max is NaN where an operand is, and takes +0 to be greater than -0: the two orders of the
// processor's maximum differ only there.
func (e *emitter) max(a, b op) vec {
	if e.isa == neon { // as it is
		return e.commute(e.fp, "MAX", a, b)
	}
	m := e.and(e.maxX(a, b), e.maxX(b, a))
	return e.blend(e.cmp(unordered, a, b), e.f(nan), m)
}

// min is NaN where an operand is, and takes -0 to be less than +0.
func (e *emitter) min(a, b op) vec {
	if e.isa == neon {
		return e.commute(e.fp, "MIN", a, b)
	}
	m := e.or(e.minX(a, b), e.minX(b, a))
	return e.blend(e.cmp(unordered, a, b), e.f(nan), m)
}
