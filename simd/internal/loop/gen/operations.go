package main

import "fmt"

// operations writes what is done within loops.
func (g *generator) operations() {
	at := func(i int) string { return fmt.Sprintf("%d(R9)(DX*1)", 32*i-128) }
	second := func(i int) string { return fmt.Sprintf("%d(R11)(DX*1)", 32*i-128) }
	load := func(to string) { g.line("VMASKMOV@P -128(R9)(DX*1), Y6, %s", to) }
	loadSecond := func(to string) { g.line("VMASKMOV@P -128(R11)(DX*1), Y6, %s", to) }
	store := func(from string) { g.line("VMASKMOV@P %s, Y6, -128(R9)(DX*1)", from) }

	g.op("load", 1, func(i int) { g.line("VMOVU@P %s, Y%d", at(i), i) }, func() { load("Y0") })
	g.op("store", 1, func(i int) { g.line("VMOVU@P Y%d, %s", i, at(i)) }, func() { store("Y0") })
	g.op("addTo", 1, func(i int) {
		g.line("VADD@P %s, Y%d, Y%d", at(i), i, 8+i)
		g.line("VMOVU@P Y%d, %s", 8+i, at(i))
	}, func() {
		load("Y13")
		g.line("VADD@P Y13, Y0, Y13")
		store("Y13")
	})
	g.op("storeProduct", 2, func(i int) {
		g.line("VMUL@P %s, Y%d, Y%d", second(i), i, 8+i)
		g.line("VMOVU@P Y%d, %s", 8+i, at(i))
	}, func() {
		loadSecond("Y13")
		g.line("VMUL@P Y13, Y0, Y13")
		store("Y13")
	})
	g.op("addToProduct", 2, func(i int) {
		g.line("VMOVU@P %s, Y%d", at(i), 8+i)
		g.line("VFMADD231@P %s, Y%d, Y%d", second(i), i, 8+i)
		g.line("VMOVU@P Y%d, %s", 8+i, at(i))
	}, func() {
		load("Y13")
		loadSecond("Y14")
		g.line("VFMADD231@P Y14, Y0, Y13")
		store("Y13")
	})
	g.op("square", 0, func(i int) { g.line("VMUL@P Y%d, Y%d, Y%d", i, i, i) }, func() { g.line("VMUL@P Y0, Y0, Y0") })
	g.op("neg", 0, func(i int) {
		if i == 0 {
			g.line("VBROADCAST@S sign%s<>(SB), Y13", g.suffix)
		}
		g.line("VXOR@P Y13, Y%d, Y%d", i, i)
	}, func() {
		g.line("VBROADCAST@S sign%s<>(SB), Y13", g.suffix)
		g.line("VXOR@P Y13, Y0, Y0")
	})
	g.op("sqrt", 0, func(i int) { g.line("VSQRT@P Y%d, Y%d", i, i) }, func() { g.line("VSQRT@P Y0, Y0") })

	// sums over columns: the first operand points at the lanes
	addSum := func() {
		g.line("VADD@P (R9), Y13, Y13")
		g.line("VMOVU@P Y13, (R9)")
	}
	g.whole("sum", 1, func() {
		g.line("VADD@P Y1, Y0, Y13")
		g.line("VADD@P Y3, Y2, Y14")
		g.line("VADD@P Y5, Y4, Y15")
		g.line("VADD@P Y7, Y6, Y12")
		g.line("VADD@P Y14, Y13, Y13")
		g.line("VADD@P Y12, Y15, Y15")
		g.line("VADD@P Y15, Y13, Y13")
		addSum()
	}, func() {
		g.line("VAND@P Y6, Y0, Y13")
		addSum()
	})
	products := func(factor func(i int) string) func() {
		return func() {
			for i := range 8 {
				instr := "VFMADD231@P %s, Y%d, Y%d"
				if i < 4 {
					instr = "VMUL@P %s, Y%d, Y%d"
				}
				g.line(instr, factor(i), i, 12+i%4)
			}
			g.line("VADD@P Y13, Y12, Y12")
			g.line("VADD@P Y15, Y14, Y14")
			g.line("VADD@P Y14, Y12, Y13")
			addSum()
		}
	}
	g.whole("sumSquare", 1, products(func(i int) string { return fmt.Sprintf("Y%d", i) }), func() {
		g.line("VAND@P Y6, Y0, Y13")
		g.line("VMUL@P Y13, Y13, Y13")
		addSum()
	})
	g.whole("sumProduct", 2, products(second), func() {
		loadSecond("Y13")
		g.line("VMUL@P Y13, Y0, Y13")
		g.line("VAND@P Y6, Y13, Y13")
		addSum()
	})

	for _, o := range []struct {
		name, instr string
		reverse     bool // operand first
	}{
		{"add", "VADD@P", false}, {"sub", "VSUB@P", false}, {"rsub", "VSUB@P", true},
		{"mul", "VMUL@P", false}, {"div", "VDIV@P", false}, {"rdiv", "VDIV@P", true},
	} {
		apply := func(x string, i int) {
			if o.reverse {
				g.line(o.instr+" Y%d, %s, Y%d", i, x, i)
			} else {
				g.line(o.instr+" %s, Y%d, Y%d", x, i, i)
			}
		}
		g.op(o.name, 1, func(i int) {
			if o.reverse {
				g.line("VMOVU@P %s, Y%d", at(i), 8+i)
				apply(fmt.Sprintf("Y%d", 8+i), i)
			} else {
				apply(at(i), i)
			}
		}, func() {
			load("Y13")
			apply("Y13", 0)
		})
		if o.name == "div" {
			g.whole("divScalar", 1, func() { g.divScalar(8) }, func() { g.divScalar(1) })
			continue
		}
		g.op(o.name+"Scalar", 1, func(i int) {
			if i == 0 {
				g.line("VBROADCAST@S (R9), Y13")
			}
			apply("Y13", i)
		}, func() {
			g.line("VBROADCAST@S (R9), Y13")
			apply("Y13", 0)
		})
	}

	// multiply and add
	g.op("mulAdd", 2, func(i int) { // value·R9 + R11
		g.line("VMOVU@P %s, Y%d", at(i), 8+i)
		g.line("VFMADD213@P %s, Y%d, Y%d", second(i), 8+i, i)
	}, func() {
		load("Y13")
		loadSecond("Y14")
		g.line("VFMADD213@P Y14, Y13, Y0")
	})
	g.op("mulAddScalar", 2, func(i int) { // value·R9 + R11, one factor
		if i == 0 {
			g.line("VBROADCAST@S (R9), Y13")
		}
		g.line("VFMADD213@P %s, Y13, Y%d", second(i), i)
	}, func() {
		g.line("VBROADCAST@S (R9), Y13")
		loadSecond("Y14")
		g.line("VFMADD213@P Y14, Y13, Y0")
	})
	g.op("addProduct", 2, func(i int) { // value + R9·R11
		g.line("VMOVU@P %s, Y%d", at(i), 8+i)
		g.line("VFMADD231@P %s, Y%d, Y%d", second(i), 8+i, i)
	}, func() {
		load("Y13")
		loadSecond("Y14")
		g.line("VFMADD231@P Y14, Y13, Y0")
	})
	g.op("addProductScalar", 2, func(i int) { // value + R9·R11, one factor
		if i == 0 {
			g.line("VBROADCAST@S (R9), Y13")
		}
		g.line("VFMADD231@P %s, Y13, Y%d", second(i), i)
	}, func() {
		g.line("VBROADCAST@S (R9), Y13")
		loadSecond("Y14")
		g.line("VFMADD231@P Y14, Y13, Y0")
	})
	g.top()
	g.whole("exp", 0, func() { g.exp(8) }, func() { g.exp(1) })
}
