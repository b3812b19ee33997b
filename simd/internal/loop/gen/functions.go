package main

import (
	"fmt"
	"io"
	"math"
)

// top writes the maximum over columns, NaN if there is one; the first operand points at the lanes. Which
// of -0 and +0 is the greater is left open.
func (g *generator) top() {
	g.whole("top", 1, func() {
		for i := range 4 {
			g.line("VMAX@P Y%d, Y%d, Y%d", 2*i+1, 2*i, 8+i)
			g.line("VCMP@P $3, Y%d, Y%d, Y%d", 2*i+1, 2*i, 12+i) // all ones, a NaN, if either is NaN
		}
		g.line("VMAX@P Y9, Y8, Y8")
		g.line("VMAX@P Y11, Y10, Y10")
		g.line("VOR@P  Y13, Y12, Y12")
		g.line("VOR@P  Y15, Y14, Y14")
		g.line("VMAX@P Y10, Y8, Y8")
		g.line("VOR@P  Y14, Y12, Y12")
		g.line("VMAX@P (R9), Y8, Y8") // NaN lanes stay
		g.line("VOR@P  Y12, Y8, Y8")
		g.line("VMOVU@P Y8, (R9)")
	}, func() {
		g.line("VBROADCAST@S least%s<>(SB), Y13", g.suffix)
		g.line("VBLENDV@P Y6, Y0, Y13, Y13")
		g.line("VCMP@P $3, Y13, Y13, Y14")
		g.line("VMAX@P (R9), Y13, Y13")
		g.line("VOR@P Y14, Y13, Y13")
		g.line("VMOVU@P Y13, (R9)")
	})
}

// topOfPair writes the maximum of X13 and X14.
func (g *generator) topOfPair() {
	g.line("VCMP@P $3, X14, X13, X15")
	g.line("VMAX@P X14, X13, X13")
	g.line("VOR@P  X15, X13, X13")
}

// constants of exp in float32, each 32 bytes, in this order.
const (
	expLeast = 32 * iota
	expMost
	expMagic
	expLn2High
	expScale
	expLn2Low
	expThird
	expSecond
	expHalf
	expRoots
)

// writeExp writes the constants of exp.
func writeExp(w io.Writer) {
	at := 0
	put := func(bits uint32) {
		fmt.Fprintf(w, "DATA exp<>+%d(SB)/4, $%#08x\n", at, bits)
		at += 4
	}
	const ln2High, ln2Low = 0.6931471824645996, -1.9046542121259336e-09
	for _, x := range []float32{
		-105, 89, 0x1.8p23, ln2High / 4, 4 * math.Log2E, ln2Low / 4, 0.020835268065382526, 0.12501650935669997, 0.5,
	} {
		for range 8 {
			put(math.Float32bits(x))
		}
	}
	for j := range uint32(8) { // less j where the shift will put it
		put(math.Float32bits(float32(math.Exp2(float64(j)/8))) - j<<20)
	}
	fmt.Fprintf(w, "GLOBL exp<>(SB), RODATA, $%d\n", at)
}

// exp writes e^x of n vectors in float32, as package vec computes it: x = (8k + j)·ln(2)/4 + r, where
// |r| <= ln(2)/8 wants a short polynomial for e^(r/2); a lookup gives 2^(j/8), a shift 2^(k/2), whole
// where j counts the rest, and the square of the product is rounded once where it is denormal.
func (g *generator) exp(n int) {
	if g.size != 4 {
		g.line("INT $3") // no chain has it
		return
	}
	g.line("VMOVUPS exp<>+%d(SB), Y8", expLeast)
	g.line("VMOVUPS exp<>+%d(SB), Y9", expMost)
	for i := range n {
		g.line("VMAXPS Y%d, Y8, Y%d", i, i) // NaN stays
		g.line("VMINPS Y%d, Y9, Y%d", i, i)
	}
	for first := 0; first < n; first += 4 {
		each := func(format string, registers func(x, bits, p int) []any) {
			for i := range min(4, n-first) {
				g.line(format, registers(first+i, 8+i, 12+i)...)
			}
		}
		type list = []any
		each("VMOVUPS exp<>+%d(SB), Y%d", func(x, bits, p int) list { return list{expScale, bits} })
		each("VFMADD213PS exp<>+%d(SB), Y%d, Y%d", func(x, bits, p int) list { return list{expMagic, x, bits} })
		each("VSUBPS exp<>+%d(SB), Y%d, Y%d", func(x, bits, p int) list { return list{expMagic, bits, p} })
		each("VFNMADD231PS exp<>+%d(SB), Y%d, Y%d", func(x, bits, p int) list { return list{expLn2High, p, x} })
		each("VFNMADD231PS exp<>+%d(SB), Y%d, Y%d", func(x, bits, p int) list { return list{expLn2Low, p, x} })
		each("VMOVUPS exp<>+%d(SB), Y%d", func(x, bits, p int) list { return list{expThird, p} })
		each("VFMADD213PS exp<>+%d(SB), Y%d, Y%d", func(x, bits, p int) list { return list{expSecond, x, p} })
		each("VFMADD213PS exp<>+%d(SB), Y%d, Y%d", func(x, bits, p int) list { return list{expHalf, x, p} })
		each("VMULPS Y%d, Y%d, Y%d", func(x, bits, p int) list { return list{x, p, p} })
		each("VPERMPS exp<>+%d(SB), Y%d, Y%d", func(x, bits, p int) list { return list{expRoots, bits, x} })
		each("VPSLLD $20, Y%d, Y%d", func(x, bits, p int) list { return list{bits, bits} })
		each("VPADDD Y%d, Y%d, Y%d", func(x, bits, p int) list { return list{bits, x, x} })
		each("VFMADD213PS Y%d, Y%d, Y%d", func(x, bits, p int) list { return list{x, x, p} })
		each("VMULPS Y%d, Y%d, Y%d", func(x, bits, p int) list { return list{p, p, x} })
	}
}
