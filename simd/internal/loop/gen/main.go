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
//	R12 elements
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

	operands      int  // of the operation being written
	loads, stores bool // it is joined with
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

// whole writes an operation whose body for 8 vectors is not the same thing 8 times: alone, after a load,
// before a store, and between them.
func (g *generator) whole(name string, operands int, wide, narrow func()) {
	g.names = append(g.names, name)
	g.operands = operands
	for v := range variants {
		g.loads, g.stores = v&1 != 0, v&2 != 0
		if v > 0 && !joins[name] {
			continue
		}
		for k, kind := range []string{"8", "1"} {
			g.wide = k == 0
			fmt.Fprintf(g, "\nTEXT %s%s%s%s<>(SB), NOSPLIT|NOFRAME, $0-0\n", name, variants[v], g.suffix, kind)
			g.line("PCALIGN $64")
			first := 0
			if g.loads {
				g.line("MOVQ 16(SI), R8")
				g.move("VMOVU@P %d(R8)(DX*1), Y%d", "VMASKMOV@P -128(R8)(DX*1), Y6, Y0", false)
				first = 1
			}
			for i, r := range []string{"R9", "R11"}[:operands] {
				g.line("MOVQ %d(SI), %s", (first+i)*stepSize+16, r)
			}
			if g.wide {
				wide()
			} else {
				narrow()
			}
			g.leave()
		}
	}
	g.loads, g.stores = false, false
}

// variants are what is joined with an operation.
var variants = [4]string{"", "Loaded", "Stored", "Between"}

// joins tells which operations loads and stores are joined with.
var joins = map[string]bool{
	"square": true, "neg": true, "sqrt": true, "sum": true, "sumSquare": true, "sumProduct": true,
	"add": true, "addScalar": true, "sub": true, "subScalar": true, "rsub": true, "rsubScalar": true,
	"mul": true, "mulScalar": true, "div": true, "divScalar": true, "rdiv": true, "rdivScalar": true,
	"mulAdd": true, "mulAddScalar": true, "addProduct": true, "addProductScalar": true, "top": true, "exp": true,
}

// move writes a load or store of the value.
func (g *generator) move(wide, narrow string, from bool) {
	if !g.wide {
		g.line("%s", narrow)
		return
	}
	for i := range 8 {
		if from {
			g.line(wide, i, 32*i-128)
		} else {
			g.line(wide, 32*i-128, i)
		}
	}
}

// leave writes the end of an operation in a loop.
func (g *generator) leave() {
	steps := max(1, g.operands)
	if g.loads {
		steps++
	}
	if g.stores {
		g.line("MOVQ %d(SI), R8", steps*stepSize+16)
		g.move("VMOVU@P Y%d, %d(R8)(DX*1)", "VMASKMOV@P Y0, Y6, -128(R8)(DX*1)", true)
		steps++
	}
	k := 1
	if g.wide {
		k = 0
	}
	g.next(k, steps)
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
	// a loop begins, with sums at its operand, and a group ends
	g.names = append(g.names, "begin", "end")
	fmt.Fprintf(g, "\nTEXT begin%s8<>(SB), NOSPLIT|NOFRAME, $0-0\n", g.suffix)
	g.line("MOVQ 16(SI), R9")
	g.line("ADDQ $%d, SI", stepSize)
	g.line("MOVQ SI, BX")
	g.line("VXORPS Y13, Y13, Y13")
	for k := range sums {
		g.line("VMOVU@P Y13, %d(R9)", 32*k)
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

	g.operations()
	g.numbers()

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
	fmt.Fprintf(g, "\n// func run%s(code *link, n int)\nTEXT ·run%s(SB), NOSPLIT|NOFRAME, $0-16\n", g.suffix, g.suffix)
	g.line("MOVQ code+0(FP), SI")
	g.line("MOVQ n+8(FP), R12")
	g.line("MOVQ (SI), AX")
	g.line("JMP  AX")

	fmt.Fprintln(g)
	at := 0
	for _, v := range variants {
		for _, n := range g.names {
			if joins[n] {
				n += v
			}
			for _, kind := range []string{"8", "1"} {
				fmt.Fprintf(g, "DATA table%s<>+%d(SB)/8, $%s%s%s<>(SB)\n", g.suffix, at, n, g.suffix, kind)
				at += 8
			}
		}
	}
	fmt.Fprintf(g, "GLOBL table%s<>(SB), RODATA, $%d\n", g.suffix, at)
	fmt.Fprintf(g, "\n// func table%s() *linkCode\nTEXT ·table%s(SB), NOSPLIT|NOFRAME, $0-8\n", g.suffix, g.suffix)
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
	fmt.Fprint(&b, "DATA oneF32<>+0(SB)/4, $0x3f800000\nGLOBL oneF32<>(SB), RODATA, $4\n")
	fmt.Fprint(&b, "DATA oneF64<>+0(SB)/8, $0x3ff0000000000000\nGLOBL oneF64<>(SB), RODATA, $8\n")
	fmt.Fprint(&b, "DATA leastF32<>+0(SB)/4, $0xff800000\nGLOBL leastF32<>(SB), RODATA, $4\n")
	fmt.Fprint(&b, "DATA leastF64<>+0(SB)/8, $0xfff0000000000000\nGLOBL leastF64<>(SB), RODATA, $8\n")
	writeExp(&b)
	for _, g := range []*generator{{suffix: "F32", p: "PS", s: "SS", size: 4}, {suffix: "F64", p: "PD", s: "SD", size: 8}} {
		g.generate()
		b.Write(g.Bytes())
	}
	if err := os.WriteFile("chain_amd64.s", b.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}
