package main

// integers lists what a few instructions do for 32- and 64-bit integers. Where signs do not matter a
// function serves both kinds.
func integers(e *emitter) {
	signed, unsigned := pick(e, "Int32", "Int64"), pick(e, "Uint32", "Uint64")
	both := []string{signed, unsigned}
	binary := func(name string, types []string, f func(a, b op) op, scalars ...int) {
		e.shared(name, types, kernel{
			name: name + "Int", in: []kind{value{}, value{}}, out: value{}, unroll: 4,
			body: func(x []op) op { return f(x[0], x[1]) },
		}, scalars...)
	}
	vecs := func(f func(a, b op) vec) func(a, b op) op { return func(a, b op) op { return f(a, b) } }
	two := func(name string) func(a, b op) op {
		return func(a, b op) op { return e.two(e.int, name, a, b) }
	}
	binary("Add", both, vecs(e.iadd), 0)
	binary("Sub", both, vecs(e.isub), 0, 1)
	binary("Mul", both, vecs(e.imul), 0)
	binary("BitwiseAnd", both, vecs(e.and), 0)
	binary("BitwiseOr", both, vecs(e.or), 0)
	binary("BitwiseXor", both, vecs(e.xor), 0)
	binary("ShiftLeft", both, two("SLLV"), 1)
	binary("ShiftRightLogical", both, two("SRLV"), 1)
	if !e.f64 || e.isa.bytes == 64 {
		binary("ShiftRightArithmetic", both, two("SRAV"), 1)
		binary("Max", []string{signed}, two("MAXS"), 0)
		binary("Min", []string{signed}, two("MINS"), 0)
	} else {
		binary("Max", []string{signed}, func(a, b op) op { return e.blend(e.above(a, b), a, b) }, 0)
		binary("Min", []string{signed}, func(a, b op) op { return e.blend(e.above(a, b), b, a) }, 0)
	}
	unary := func(name string, f func(x op) op) {
		e.shared(name, []string{signed}, kernel{
			name: name + "Int", in: []kind{value{}}, out: value{}, unroll: 4,
			body: func(x []op) op { return f(x[0]) },
		})
	}
	unary("Neg", func(x op) op { return e.isub(e.copy(e.f(0)), x) })
	unary("BitwiseNot", func(x op) op { return e.xor(x, e.i(1<<64-1)) })

	compare := func(name string, types []string, f func(a, b op) op) {
		e.shared(name, types, kernel{
			name: name + "Int", in: []kind{value{}, value{}}, out: boolean{}, unroll: 4,
			body: func(x []op) op { return f(x[0], x[1]) },
		}, 0, 1)
	}
	not := func(f func(a, b op) op) func(a, b op) op { return func(a, b op) op { return e.notMask(f(a, b)) } }
	above := func(a, b op) op { return e.above(a, b) }
	below := func(a, b op) op { return e.above(b, a) }
	compare("Equal", both, func(a, b op) op { return e.equal(a, b) })
	compare("NotEqual", both, not(func(a, b op) op { return e.equal(a, b) }))
	compare("GreaterThan", []string{signed}, above)
	compare("LessThan", []string{signed}, below)
	compare("GreaterOrEqual", []string{signed}, not(below))
	compare("LessOrEqual", []string{signed}, not(above))
}

// shared lists a kernel for several types, of operands and result alike but for comparisons.
func (e *emitter) shared(name string, types []string, k kernel, scalars ...int) {
	first := len(*e.table)
	result := func(t string) string {
		if _, ok := k.out.(boolean); ok {
			return "Bool"
		}
		return t
	}
	e.list(name, types[0], result(types[0]), k, scalars...)
	for _, t := range types[1:] {
		for _, x := range (*e.table)[first:] {
			if x.in == types[0] {
				x.in, x.out, x.alias = t, result(t), true
				e.record(x)
			}
		}
	}
}

// imul is the lower half of a product.
func (e *emitter) imul(a, b op) vec {
	if !e.f64 || e.isa.bytes == 64 {
		return e.commute(e.int, "MULL", a, b)
	}
	x, y := e.reg(a), e.reg(b)
	d, lo := e.v(), e.v()
	cross, other := e.v(), e.v()
	e.VPMULUDQ(y, e.shr(x, 32), cross)
	e.VPMULUDQ(x, e.shr(y, 32), other)
	e.VPMULUDQ(x, y, lo)
	e.VPADDQ(e.shl(e.iadd(cross, other), 32), lo, d)
	return d
}

// above is a > b for signed integers, equal is a = b.
func (e *emitter) above(a, b op) mask { return e.icmp("CMPGT", a, b) }
func (e *emitter) equal(a, b op) mask { return e.icmp("CMPEQ", a, b) }

func (e *emitter) icmp(name string, a, b op) mask {
	if e.isa.bytes == 64 {
		k := e.K()
		e.int(name, b, e.reg(a), k)
		return mask{k}
	}
	d := e.v()
	e.int(name, b, e.reg(a), d)
	return mask{d}
}

// notMask is where m does not hold.
func (e *emitter) notMask(m op) mask {
	if e.isa.bytes == 64 {
		k := e.K()
		e.do("KNOTW", m, k)
		return mask{k}
	}
	return mask{e.xor(m.(mask).op, e.i(1<<64-1))}
}
