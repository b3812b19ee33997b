// Command gen writes chain_amd64.s: the operations of package loop's chains, for float32 and float64.
// Run it in the package's folder.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"strings"
)

// The registers of a chain. Ordinary operations work on 256 bytes at a time in Y0 to Y7, those of
// the tail on one vector in Y0 under the mask in Y6.
//
//	SI  the step being executed    BX  the first step of the loop    R9, R11, R8  operands
//	DX  bytes done + 128 (so that offsets are short)                 AX           for any use
//	CX  groups of 256 bytes left   R10  elements of the tail left
//	DI  the sums                   R12  elements
//	Y8 … Y15  for any use
const (
	sums     = 5
	stepSize = 24
)

type generator struct {
	bytes.Buffer
	suffix string // F32, F64
	p      string // PS, PD
	s      string // SS, SD
	size   int
	names  []string
	wide   bool // the body being written is that for 8 vectors
}

func (g *generator) line(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	s = strings.ReplaceAll(s, "@P", g.p)
	s = strings.ReplaceAll(s, "@S", g.s)
	fmt.Fprintf(g, "\t%s\n", s)
}

// op writes an operation twice: for 8 vectors, and for one under a mask. The bodies are called with
// the registers that hold the value.
func (g *generator) op(name string, operands int, wide func(i int), narrow func()) {
	g.whole(name, operands, func() {
		for i := range 8 {
			wide(i)
		}
	}, narrow)
}

// whole writes an operation whose body for 8 vectors is not the same thing 8 times.
func (g *generator) whole(name string, operands int, wide, narrow func()) {
	g.names = append(g.names, name)
	for k, kind := range []string{"8", "1"} {
		fmt.Fprintf(g, "\nTEXT %s%s%s<>(SB), NOSPLIT|NOFRAME, $0-0\n", name, g.suffix, kind)
		g.line("PCALIGN $64")
		if operands > 0 {
			g.line("MOVQ 16(SI), R9")
		}
		if operands > 1 {
			g.line("MOVQ %d(SI), R11", stepSize+16)
		}
		g.wide = k == 0
		if g.wide {
			wide()
		} else {
			narrow()
		}
		g.next(k, max(1, operands))
	}
}

// once writes an operation on numbers, between loops.
func (g *generator) once(name string, operands int, body func()) {
	g.names = append(g.names, name)
	fmt.Fprintf(g, "\nTEXT %s%s8<>(SB), NOSPLIT|NOFRAME, $0-0\n", name, g.suffix)
	for k, r := range []string{"R9", "R11", "R8"}[:operands] {
		g.line("MOVQ %d(SI), %s", k*stepSize+16, r)
	}
	body()
	if operands > 0 {
		g.next(0, operands)
	}
	fmt.Fprintf(g, "\nTEXT %s%s1<>(SB), NOSPLIT|NOFRAME, $0-0\n", name, g.suffix)
	g.line("INT $3") // not within a loop
}

// next goes to the step n further on.
func (g *generator) next(k, n int) {
	g.line("ADDQ $%d, SI", n*stepSize)
	g.line("MOVQ %d(SI), AX", 8*k)
	g.line("JMP  AX")
}

func (g *generator) generate() {
	at := func(i int) string { return fmt.Sprintf("%d(R9)(DX*1)", 32*i-128) }
	second := func(i int) string { return fmt.Sprintf("%d(R11)(DX*1)", 32*i-128) }
	load := func(to string) { g.line("VMASKMOV@P -128(R9)(DX*1), Y6, %s", to) }
	loadSecond := func(to string) { g.line("VMASKMOV@P -128(R11)(DX*1), Y6, %s", to) }
	store := func(from string) { g.line("VMASKMOV@P %s, Y6, -128(R9)(DX*1)", from) }

	// a loop begins, and a group ends
	g.names = append(g.names, "begin", "end")
	fmt.Fprintf(g, "\nTEXT begin%s8<>(SB), NOSPLIT|NOFRAME, $0-0\n", g.suffix)
	g.line("ADDQ $%d, SI", stepSize)
	g.line("MOVQ SI, BX")
	g.line("VXORPS Y13, Y13, Y13")
	for k := range sums {
		g.line("VMOVU@P Y13, %d(DI)", 32*k)
	}
	g.line("MOVQ $128, DX")
	g.line("MOVQ R12, R10")
	g.line("MOVQ R12, CX")
	g.line("SHRQ $%d, CX", map[int]int{4: 6, 8: 5}[g.size])
	g.line("ANDQ $%d, R10", 256/g.size-1)
	g.line("TESTQ CX, CX")
	g.line("JZ   short")
	g.line("MOVQ (SI), AX")
	g.line("JMP  AX")
	fmt.Fprint(g, "short:\n")
	g.line("JMP tail%s<>(SB)", g.suffix)
	fmt.Fprintf(g, "\nTEXT begin%s1<>(SB), NOSPLIT|NOFRAME, $0-0\n", g.suffix)
	g.line("INT $3") // not within a loop
	fmt.Fprintf(g, "\nTEXT end%s8<>(SB), NOSPLIT|NOFRAME, $0-0\n", g.suffix)
	g.line("ADDQ $256, DX")
	g.line("DECQ CX")
	g.line("JZ   tail")
	g.line("MOVQ BX, SI")
	g.line("MOVQ (SI), AX")
	g.line("JMP  AX")
	fmt.Fprint(g, "tail:\n")
	g.line("JMP tail%s<>(SB)", g.suffix)
	fmt.Fprintf(g, "\nTEXT end%s1<>(SB), NOSPLIT|NOFRAME, $0-0\n", g.suffix)
	g.line("ADDQ $32, DX")
	g.line("SUBQ $%d, R10", 32/g.size)
	g.line("JMP  tail%s<>(SB)", g.suffix)

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

	// between loops: one number
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
	g.once("exit", 0, func() {
		g.line("VZEROUPPER")
		g.line("RET")
	})

	// what follows the groups
	fmt.Fprintf(g, "\nTEXT tail%s<>(SB), NOSPLIT|NOFRAME, $0-0\n", g.suffix)
	g.line("TESTQ R10, R10")
	g.line("JLE   done")
	g.line("MOVQ  $%d, AX", 32/g.size)
	g.line("CMPQ  R10, AX")
	g.line("CMOVQLT R10, AX")
	g.line("SHLQ  $%d, AX", map[int]int{4: 2, 8: 3}[g.size])
	g.line("LEAQ  masks<>(SB), R9")
	g.line("MOVQ  $32, R11")
	g.line("SUBQ  AX, R11")
	g.line("VMOVUPS (R9)(R11*1), Y6")
	g.line("MOVQ  BX, SI")
	g.line("MOVQ  8(SI), AX")
	g.line("JMP   AX")
	fmt.Fprint(g, "done:\n")
	g.next(0, 1)

	// entry
	fmt.Fprintf(g, "\n// func run%s(code *link, n int, sums *[%d]lanes)\nTEXT ·run%s(SB), NOSPLIT|NOFRAME, $0-24\n", g.suffix, sums, g.suffix)
	g.line("MOVQ code+0(FP), SI")
	g.line("MOVQ n+8(FP), R12")
	g.line("MOVQ sums+16(FP), DI")
	g.line("MOVQ (SI), AX")
	g.line("JMP  AX")

	fmt.Fprintln(g)
	for i, n := range g.names {
		fmt.Fprintf(g, "DATA table%s<>+%d(SB)/8, $%s%s8<>(SB)\n", g.suffix, 16*i, n, g.suffix)
		fmt.Fprintf(g, "DATA table%s<>+%d(SB)/8, $%s%s1<>(SB)\n", g.suffix, 16*i+8, n, g.suffix)
	}
	fmt.Fprintf(g, "GLOBL table%s<>(SB), RODATA, $%d\n", g.suffix, 16*len(g.names))
	fmt.Fprintf(g, "\n// func table%s() *[links][2]uintptr\nTEXT ·table%s(SB), NOSPLIT|NOFRAME, $0-8\n", g.suffix, g.suffix)
	g.line("LEAQ table%s<>(SB), AX", g.suffix)
	g.line("MOVQ AX, ret+0(FP)")
	g.line("RET")
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
// at most, and by 1 ulp if it is denormal. Both factors have the sign of s, so that infinities come
// out right.
func (g *generator) divScalar(n int) {
	g.line("CMP%s (R9), $0", map[int]string{4: "L", 8: "Q"}[g.size])
	g.line("JEQ  slow")
	g.line("VBROADCAST@S (R9), Y13")
	g.line("VBROADCAST@S %d(R9), Y14", g.size)
	for i := range n {
		g.line("VMUL@P Y14, Y%d, Y15", i)
		g.line("VFMADD213@P Y15, Y13, Y%d", i)
	}
	k := 1
	if g.wide {
		k = 0
	}
	g.next(k, 1)
	fmt.Fprint(g, "slow:\n")
	g.line("VBROADCAST@S %d(R9), Y13", 2*g.size)
	for i := range n {
		g.line("VDIV@P Y13, Y%d, Y%d", i, i)
	}
}

func main() {
	var b bytes.Buffer
	fmt.Fprint(&b, "// Code generated by gen; DO NOT EDIT.\n\n//go:build !noasm\n\n#include \"textflag.h\"\n\n")
	for i := range 8 {
		fmt.Fprintf(&b, "DATA masks<>+%d(SB)/8, $%s\n", 8*i, []string{"0xffffffffffffffff", "0"}[i/4])
	}
	fmt.Fprint(&b, "GLOBL masks<>(SB), RODATA, $64\n\n")
	fmt.Fprint(&b, "DATA signF32<>+0(SB)/4, $0x80000000\nGLOBL signF32<>(SB), RODATA, $4\n")
	fmt.Fprint(&b, "DATA signF64<>+0(SB)/8, $0x8000000000000000\nGLOBL signF64<>(SB), RODATA, $8\n")
	fmt.Fprint(&b, "DATA oneF32<>+0(SB)/4, $0x3f800000\nGLOBL oneF32<>(SB), RODATA, $4\n")
	fmt.Fprint(&b, "DATA oneF64<>+0(SB)/8, $0x3ff0000000000000\nGLOBL oneF64<>(SB), RODATA, $8\n")
	for _, g := range []*generator{{suffix: "F32", p: "PS", s: "SS", size: 4}, {suffix: "F64", p: "PD", s: "SD", size: 8}} {
		g.generate()
		b.Write(g.Bytes())
	}
	if err := os.WriteFile("chain_amd64.s", b.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}
