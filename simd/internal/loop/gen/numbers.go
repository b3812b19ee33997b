package main

import "fmt"

// numbers writes what is done between loops, on one number.
func (g *generator) numbers() {
	g.once("finish", 2, func() { // the sum of the lanes at R11
		g.line("VMOVU@P (R11), Y13")
		g.line("VHADD@P Y13, Y13, Y13")
		if g.size == 4 {
			g.line("VHADD@P Y13, Y13, Y13")
		}
		g.line("VEXTRACTF128 $1, Y13, X14")
		g.line("VADD@S X14, X13, X13")
		g.line("VMOV@S X13, (R9)")
	})
	// on: the first operand is what the operation before left in X13, sooner than memory has it
	for _, o := range []string{"ADD", "SUB", "MUL", "DIV"} {
		g.once("one"+o, 3, func() {
			g.line("VMOV@S (R11), X13")
			g.line("V%s@S (R8), X13, X13", o)
			g.line("VMOV@S X13, (R9)")
		})
		g.once("on"+o, 2, func() {
			g.line("V%s@S (R11), X13, X13", o)
			g.line("VMOV@S X13, (R9)")
		})
	}
	for _, name := range []string{"one", "on"} {
		operands := len(name) - 1
		operand := func() {
			if operands == 2 {
				g.line("VMOV@S (R11), X13")
			}
		}
		g.once(name+"NEG", operands, func() {
			operand()
			g.line("VMOV@S sign%s<>(SB), X14", g.suffix)
			g.line("VXORPS X14, X13, X13")
			g.line("VMOV@S X13, (R9)")
		})
		g.once(name+"SQRT", operands, func() {
			operand()
			g.line("VSQRT@S X13, X13, X13")
			g.line("VMOV@S X13, (R9)")
		})
	}
	g.once("oneRSQRT", 2, func() { // in float64
		g.line("VMOV@S (R11), X13")
		if g.size == 4 {
			g.line("VCVTSS2SD X13, X13, X13")
		}
		g.line("VSQRTSD X13, X13, X13")
		g.line("VMOVSD oneF64<>(SB), X14")
		g.line("VDIVSD X13, X14, X13")
		if g.size == 4 {
			g.line("VCVTSD2SS X13, X13, X13")
		}
		g.line("VMOV@S X13, (R9)")
	})
	g.once("reciprocal", 2, g.reciprocal)
	g.once("topBegin", 1, func() {
		g.line("VBROADCAST@S least%s<>(SB), Y13", g.suffix)
		g.line("VMOVU@P Y13, (R9)")
	})
	g.once("topFinish", 2, func() {
		g.line("VMOVU@P (R11), Y13")
		g.line("VEXTRACTF128 $1, Y13, X14")
		g.topOfPair()
		g.line("VSHUFPD $1, X13, X13, X14")
		g.topOfPair()
		if g.size == 4 {
			g.line("VMOVSHDUP X13, X14")
			g.topOfPair()
		}
		g.line("VMOV@S X13, (R9)")
	})
	g.once("exit", 0, func() {
		g.line("VZEROUPPER")
		g.line("RET")
	})
}

// reciprocal writes the preparation of divisions by one number s at R11: at R9 it leaves h, l and s,
// where h is a little less than 1/s in magnitude and l the rest, rounded. h is 0 if the reciprocal
// might not be a normal number with room to spare.
func (g *generator) reciprocal() {
	word := map[int]string{4: "L", 8: "Q"}[g.size]
	mantissa := map[int]int{4: 23, 8: 52}[g.size]
	bias := map[int]int{4: 127, 8: 1023}[g.size]
	around := map[int]int{4: 64, 8: 512}[g.size]
	g.line("MOV%s (R11), AX", word)
	g.line("MOV%s AX, %d(R9)", word, 2*g.size)
	g.line("MOV%s $0, (R9)", word)
	g.line("ADD%s AX, AX", word)
	g.line("SHR%s $%d, AX", word, mantissa+1)
	g.line("SUB%s $%d, AX", word, bias-around)
	g.line("CMP%s AX, $%d", word, 2*around)
	g.line("JHI  none")
	g.line("VMOV@S one%s<>(SB), X14", g.suffix)
	g.line("VDIV@S (R11), X14, X13")
	g.line("VPCMPEQD X15, X15, X15")
	g.line("VPADD%s X15, X13, X13", map[int]string{4: "D", 8: "Q"}[g.size])
	g.line("VFNMADD231@S (R11), X13, X14")
	g.line("VMUL@S X13, X14, X14")
	g.line("VMOV@S X13, (R9)")
	g.line("VMOV@S X14, %d(R9)", g.size)
	fmt.Fprint(g, "none:\n")
}

// divScalar writes the division of n vectors by one number, which reciprocal has prepared at R9.
// Divisions take seven times as long as multiplications. x·h + x·l, rounded once, is off by 0.5001 ulp
// and half the smallest denormal number at most. Both factors have the sign of s, so that infinities
// come out right.
func (g *generator) divScalar(n int) {
	g.line("CMP%s (R9), $0", map[int]string{4: "L", 8: "Q"}[g.size])
	g.line("JEQ  slow")
	g.line("VBROADCAST@S (R9), Y13")
	g.line("VBROADCAST@S %d(R9), Y14", g.size)
	for i := range n {
		g.line("VMUL@P Y14, Y%d, Y15", i)
		g.line("VFMADD213@P Y15, Y13, Y%d", i)
	}
	g.leave()
	fmt.Fprint(g, "slow:\n")
	g.line("VBROADCAST@S %d(R9), Y13", 2*g.size)
	for i := range n {
		g.line("VDIV@P Y13, Y%d, Y%d", i, i)
	}
}
