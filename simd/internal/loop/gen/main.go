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
//	SI  the step being executed    BX  the first step      R9  its operand
//	DX  bytes done + 128 (so that offsets are short)                 CX  groups of 256 left  R10 elements of the tail left
//	Y8 … Y12  sums                 Y13 … Y15 for any use
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
}

func (g *generator) line(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	s = strings.ReplaceAll(s, "@P", g.p)
	s = strings.ReplaceAll(s, "@S", g.s)
	fmt.Fprintf(g, "\t%s\n", s)
}

// op writes an operation twice: for 8 vectors, and for one under a mask. The bodies are called with
// the registers that hold the value.
func (g *generator) op(name string, operand bool, wide func(i int), narrow func()) {
	g.names = append(g.names, name)
	for k, kind := range []string{"8", "1"} {
		fmt.Fprintf(g, "\nTEXT %s%s%s<>(SB), NOSPLIT|NOFRAME, $0-0\n", name, g.suffix, kind)
		g.line("PCALIGN $64")
		if operand {
			g.line("MOVQ 16(SI), R9")
		}
		if k == 0 {
			for i := range 8 {
				wide(i)
			}
		} else {
			narrow()
		}
		g.next(k, 1)
	}
}

// next goes to the step n further on.
func (g *generator) next(k, n int) {
	g.line("ADDQ $%d, SI", n*stepSize)
	g.line("MOVQ %d(SI), AX", 8*k)
	g.line("JMP  AX")
}

func (g *generator) generate() {
	at := func(i int) string { return fmt.Sprintf("%d(R9)(DX*1)", 32*i-128) }
	load := func(to string) { g.line("VMASKMOV@P -128(R9)(DX*1), Y6, %s", to) }

	// end of a group
	g.names = append(g.names, "end")
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

	g.op("load", true, func(i int) { g.line("VMOVU@P %s, Y%d", at(i), i) }, func() { load("Y0") })
	g.op("store", true, func(i int) { g.line("VMOVU@P Y%d, %s", i, at(i)) }, func() { g.line("VMASKMOV@P Y0, Y6, -128(R9)(DX*1)") })
	g.op("addTo", true, func(i int) {
		g.line("VADD@P %s, Y%d, Y13", at(i), i)
		g.line("VMOVU@P Y13, %s", at(i))
	}, func() {
		load("Y13")
		g.line("VADD@P Y13, Y0, Y13")
		g.line("VMASKMOV@P Y13, Y6, -128(R9)(DX*1)")
	})
	g.op("square", false, func(i int) { g.line("VMUL@P Y%d, Y%d, Y%d", i, i, i) }, func() { g.line("VMUL@P Y0, Y0, Y0") })
	g.op("neg", false, func(i int) {
		if i == 0 {
			g.line("VBROADCAST@S sign%s<>(SB), Y13", g.suffix)
		}
		g.line("VXOR@P Y13, Y%d, Y%d", i, i)
	}, func() {
		g.line("VBROADCAST@S sign%s<>(SB), Y13", g.suffix)
		g.line("VXOR@P Y13, Y0, Y0")
	})
	g.op("sqrt", false, func(i int) { g.line("VSQRT@P Y%d, Y%d", i, i) }, func() { g.line("VSQRT@P Y0, Y0") })
	for k := range sums {
		sum := fmt.Sprintf("Y%d", 8+k)
		g.op(fmt.Sprintf("sum%d", k), false, func(i int) {
			if i > 0 {
				return
			}
			g.line("VADD@P Y1, Y0, Y13")
			g.line("VADD@P Y3, Y2, Y14")
			g.line("VADD@P Y14, Y13, Y13")
			g.line("VADD@P Y5, Y4, Y14")
			g.line("VADD@P Y7, Y6, Y15")
			g.line("VADD@P Y15, Y14, Y14")
			g.line("VADD@P Y14, Y13, Y13")
			g.line("VADD@P Y13, %s, %s", sum, sum)
		}, func() {
			g.line("VAND@P Y6, Y0, Y13")
			g.line("VADD@P Y13, %s, %s", sum, sum)
		})
	}
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
		g.op(o.name, true, func(i int) {
			if o.reverse {
				g.line("VMOVU@P %s, Y13", at(i))
				apply("Y13", i)
			} else {
				apply(at(i), i)
			}
		}, func() {
			load("Y13")
			apply("Y13", 0)
		})
		g.op(o.name+"Scalar", true, func(i int) {
			if i == 0 {
				g.line("VBROADCAST@S (R9), Y13")
			}
			apply("Y13", i)
		}, func() {
			g.line("VBROADCAST@S (R9), Y13")
			apply("Y13", 0)
		})
	}

	// multiply and add: the next step holds the second operand
	for _, name := range []string{"mulAdd", "addProduct"} {
		g.names = append(g.names, name)
		instr := "VFMADD213@P" // value·R9 + R11
		if name == "addProduct" {
			instr = "VFMADD231@P" // value + R9·R11
		}
		for k, kind := range []string{"8", "1"} {
			fmt.Fprintf(g, "\nTEXT %s%s%s<>(SB), NOSPLIT|NOFRAME, $0-0\n", name, g.suffix, kind)
			g.line("PCALIGN $64")
			g.line("MOVQ 16(SI), R9")
			g.line("MOVQ %d(SI), R11", stepSize+16)
			if k == 0 {
				for i := range 8 {
					g.line("VMOVU@P %s, Y13", at(i))
					g.line("%s %d(R11)(DX*1), Y13, Y%d", instr, 32*i-128, i)
				}
			} else {
				load("Y13")
				g.line("VMASKMOV@P -128(R11)(DX*1), Y6, Y14")
				g.line("%s Y14, Y13, Y0", instr)
			}
			g.next(k, 2)
		}
	}

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
	for k := range sums {
		g.line("VMOVU@P Y%d, %d(DI)", 8+k, 32*k)
	}
	g.line("VZEROUPPER")
	g.line("RET")

	// entry
	fmt.Fprintf(g, "\n// func run%s(code *link, n int, sums *[%d]lanes)\nTEXT ·run%s(SB), NOSPLIT|NOFRAME, $0-24\n", g.suffix, sums, g.suffix)
	g.line("MOVQ code+0(FP), BX")
	g.line("MOVQ n+8(FP), R10")
	g.line("MOVQ sums+16(FP), DI")
	for k := range sums {
		g.line("VXORPS Y%d, Y%d, Y%d", 8+k, 8+k, 8+k)
	}
	g.line("MOVQ $128, DX")
	g.line("MOVQ R10, CX")
	g.line("SHRQ $%d, CX", map[int]int{4: 6, 8: 5}[g.size])
	g.line("ANDQ $%d, R10", 256/g.size-1)
	g.line("MOVQ BX, SI")
	g.line("TESTQ CX, CX")
	g.line("JZ   short")
	g.line("MOVQ (SI), AX")
	g.line("JMP  AX")
	fmt.Fprint(g, "short:\n")
	g.line("JMP tail%s<>(SB)", g.suffix)

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

func main() {
	var b bytes.Buffer
	fmt.Fprint(&b, "// Code generated by gen; DO NOT EDIT.\n\n//go:build !noasm\n\n#include \"textflag.h\"\n\n")
	for i := range 8 {
		fmt.Fprintf(&b, "DATA masks<>+%d(SB)/8, $%s\n", 8*i, []string{"0xffffffffffffffff", "0"}[i/4])
	}
	fmt.Fprint(&b, "GLOBL masks<>(SB), RODATA, $64\n\n")
	fmt.Fprint(&b, "DATA signF32<>+0(SB)/4, $0x80000000\nGLOBL signF32<>(SB), RODATA, $4\n")
	fmt.Fprint(&b, "DATA signF64<>+0(SB)/8, $0x8000000000000000\nGLOBL signF64<>(SB), RODATA, $8\n")
	for _, g := range []*generator{{suffix: "F32", p: "PS", s: "SS", size: 4}, {suffix: "F64", p: "PD", s: "SD", size: 8}} {
		g.generate()
		b.Write(g.Bytes())
	}
	if err := os.WriteFile("chain_amd64.s", b.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}
