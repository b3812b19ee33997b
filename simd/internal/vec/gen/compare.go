package main

// comparisons lists what makes booleans of floats, and Where, which takes them.
func comparisons(e *emitter) {
	for _, c := range []struct {
		op  string
		how uint8
	}{
		{"Equal", eq}, {"NotEqual", ne}, {"LessThan", lt}, {"LessOrEqual", le}, {"GreaterThan", gt}, {"GreaterOrEqual", ge},
	} {
		e.list(c.op, e.dtype(), "Bool", kernel{
			name: c.op, in: []kind{value{}, value{}}, out: boolean{}, unroll: 4,
			body: func(x []op) op { return e.cmp(c.how, x[0], x[1]) },
		}, 0, 1)
	}
	test := func(name string, f func(x op) mask) {
		e.list(name, e.dtype(), "Bool", kernel{
			name: name, in: []kind{value{}}, out: boolean{}, unroll: 4,
			body: func(x []op) op { return f(x[0]) },
		})
	}
	test("IsNaN", func(x op) mask { return e.cmp(unordered, x, x) })
	test("IsFinite", func(x op) mask { return e.cmp(lt, e.abs(x), e.f(inf)) })

	e.shared("Where", pick(e, []string{"Float32", "Int32", "Uint32"}, []string{"Float64", "Int64", "Uint64"}), kernel{
		name: "Where", in: []kind{boolean{}, value{}, value{}}, out: value{}, unroll: 4,
		body: func(x []op) op { return e.blend(x[0], x[1], x[2]) },
	}, 1, 2)
}
