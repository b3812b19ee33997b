package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// strip writes func strip<width>(dst, step, src, offs, n): copies width bytes
// from src + offs[i] to dst + i·step, for i = 0..n-1.
func strip(width int) {
	function(fmt.Sprintf("strip%d", width),
		"dst unsafe.Pointer, step int, src unsafe.Pointer, offs *int, n int",
		"dst *byte, step int, src *byte, offs *int, n int")
	dst := Load(Param("dst"), GP64())
	step := Load(Param("step"), GP64())
	src := Load(Param("src"), GP64())
	offs := Load(Param("offs"), GP64())
	n := Load(Param("n"), GP64())
	one := func(i int) {
		off := GP64()
		MOVQ(Mem{Base: offs, Disp: 8 * i}, off)
		from, to := Mem{Base: src, Index: off, Scale: 1}, Mem{Base: dst}
		switch width {
		case 64:
			x, y := YMM(), YMM()
			VMOVUPS(from, x)
			VMOVUPS(from.Offset(32), y)
			VMOVUPS(x, to)
			VMOVUPS(y, to.Offset(32))
		case 32:
			x := YMM()
			VMOVUPS(from, x)
			VMOVUPS(x, to)
		case 16:
			x := XMM()
			VMOVUPS(from, x)
			VMOVUPS(x, to)
		case 8:
			x := GP64()
			MOVQ(from, x)
			MOVQ(x, to)
		case 4:
			x := GP32()
			MOVL(from, x)
			MOVL(x, to)
		}
		ADDQ(step, dst)
	}
	SUBQ(Imm(4), n)
	JL(LabelRef("rest"))
	Label("loop")
	for i := range 4 {
		one(i)
	}
	ADDQ(Imm(32), offs)
	SUBQ(Imm(4), n)
	JGE(LabelRef("loop"))
	Label("rest")
	ADDQ(Imm(4), n)
	JE(LabelRef("done"))
	Label("one")
	one(0)
	ADDQ(Imm(8), offs)
	DECQ(n)
	JNE(LabelRef("one"))
	Label("done")
	VZEROUPPER()
	RET()
}

// across writes func across<width>(dst, step, panel, src, offs, n): copies 8·width bytes from src + offs[i],
// the first width to dst + i·step, the next to dst + panel + i·step and so on, for i = 0..n-1.
func across(width int) {
	function(fmt.Sprintf("across%d", width),
		"dst unsafe.Pointer, step, panel int, src unsafe.Pointer, offs *int, n int",
		"dst *byte, step, panel int, src *byte, offs *int, n int")
	dst := Load(Param("dst"), GP64())
	step := Load(Param("step"), GP64())
	panel := Load(Param("panel"), GP64())
	src := Load(Param("src"), GP64())
	offs := Load(Param("offs"), GP64())
	n := Load(Param("n"), GP64())
	panel3, panel5, panel7 := GP64(), GP64(), GP64()
	LEAQ(Mem{Base: panel, Index: panel, Scale: 2}, panel3)
	LEAQ(Mem{Base: panel, Index: panel, Scale: 4}, panel5)
	LEAQ(Mem{Base: panel3, Index: panel, Scale: 4}, panel7)
	to := []Mem{
		{Base: dst}, {Base: dst, Index: panel, Scale: 1}, {Base: dst, Index: panel, Scale: 2},
		{Base: dst, Index: panel3, Scale: 1}, {Base: dst, Index: panel, Scale: 4},
		{Base: dst, Index: panel5, Scale: 1}, {Base: dst, Index: panel3, Scale: 2}, {Base: dst, Index: panel7, Scale: 1},
	}
	Label("loop")
	from := GP64()
	MOVQ(Mem{Base: offs}, from)
	ADDQ(src, from)
	for i, m := range to {
		at := Mem{Base: from, Disp: i * width}
		low, high := XMM(), XMM()
		if width == 48 {
			low = YMM()
			high = XMM()
			VMOVUPS(at, low)
			VMOVUPS(at.Offset(32), high)
			VMOVUPS(low, m)
			VMOVUPS(high, m.Offset(32))
			continue
		}
		VMOVUPS(at, low)
		VMOVSD(at.Offset(16), high)
		VMOVUPS(low, m)
		VMOVSD(high, m.Offset(16))
	}
	ADDQ(step, dst)
	ADDQ(Imm(8), offs)
	DECQ(n)
	JNE(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// Parameters of a transposing copy.
const (
	transposing       = "dst unsafe.Pointer, step int, src unsafe.Pointer, lanes *int, n int"
	transposingSimple = "dst *byte, step int, src *byte, lanes *int, n int"
)

// lanes loads the arguments of a transposing copy and returns its places in memory.
func lanes(n int) (dst, step, count reg.Register, from []reg.Register) {
	dst = Load(Param("dst"), GP64())
	step = Load(Param("step"), GP64())
	src := Load(Param("src"), GP64())
	at := Load(Param("lanes"), GP64())
	count = Load(Param("n"), GP64())
	for i := range n {
		r := GP64()
		MOVQ(Mem{Base: at, Disp: 8 * i}, r)
		ADDQ(src, r)
		from = append(from, r)
	}
	return
}

// transpose4 writes func transpose4<type>(dst, step, src, lanes, n): row i of
// dst, at dst + i·step, becomes element i of the four lanes, which lie at src + lanes[0..3] and are
// contiguous, for i = 0..n-1.
func transpose4(p precision) {
	function("transpose4"+p.name, transposing, transposingSimple)
	dst, step, n, from := lanes(4)
	SUBQ(Imm(4), n)
	JL(LabelRef("rest"))
	step3 := GP64()
	LEAQ(Mem{Base: step, Index: step, Scale: 2}, step3)
	Label("loop")
	to := []Mem{{Base: dst}, {Base: dst, Index: step, Scale: 1}, {Base: dst, Index: step, Scale: 2}, {Base: dst, Index: step3, Scale: 1}}
	var x, y [4]reg.VecVirtual
	for i := range x {
		if p == single {
			x[i], y[i] = XMM(), XMM()
		} else {
			x[i], y[i] = YMM(), YMM()
		}
		p.load(Mem{Base: from[i]}, x[i])
	}
	// Pairs of numbers of lanes 0, 1 and of lanes 2, 3, and then their halves.
	if p == single {
		VUNPCKLPS(x[1], x[0], y[0])
		VUNPCKHPS(x[1], x[0], y[1])
		VUNPCKLPS(x[3], x[2], y[2])
		VUNPCKHPS(x[3], x[2], y[3])
		VUNPCKLPD(y[2], y[0], x[0])
		VUNPCKHPD(y[2], y[0], x[1])
		VUNPCKLPD(y[3], y[1], x[2])
		VUNPCKHPD(y[3], y[1], x[3])
	} else {
		VUNPCKLPD(x[1], x[0], y[0])
		VUNPCKHPD(x[1], x[0], y[1])
		VUNPCKLPD(x[3], x[2], y[2])
		VUNPCKHPD(x[3], x[2], y[3])
		VPERM2F128(Imm(0x20), y[2], y[0], x[0])
		VPERM2F128(Imm(0x20), y[3], y[1], x[1])
		VPERM2F128(Imm(0x31), y[2], y[0], x[2])
		VPERM2F128(Imm(0x31), y[3], y[1], x[3])
	}
	for i := range x {
		p.load(x[i], to[i])
		ADDQ(Imm(uint64(4*p.bytes)), from[i])
	}
	LEAQ(Mem{Base: dst, Index: step, Scale: 4}, dst)
	SUBQ(Imm(4), n)
	JGE(LabelRef("loop"))
	Label("rest")
	ADDQ(Imm(4), n)
	JE(LabelRef("done"))
	Label("one")
	singly(p, dst, step, from)
	DECQ(n)
	JNE(LabelRef("one"))
	Label("done")
	VZEROUPPER()
	RET()
}

// transpose8 writes func transpose<lanes>F32 for eight lanes, or for six: then each row of dst is written
// with eight bytes of rubbish behind it, which the next row covers.
func transpose8(count int) {
	function(fmt.Sprintf("transpose%dF32", count), transposing, transposingSimple)
	dst, step, n, from := lanes(count)
	SUBQ(Imm(4), n)
	JL(LabelRef("rest"))
	Label("loop")
	var x, y [4]reg.VecVirtual
	for i := range x {
		x[i], y[i] = YMM(), YMM()
		VMOVUPS(Mem{Base: from[i]}, x[i].AsX())
		if i+4 < count {
			VINSERTF128(Imm(1), Mem{Base: from[i+4]}, x[i], x[i])
		}
	}
	VUNPCKLPS(x[1], x[0], y[0])
	VUNPCKHPS(x[1], x[0], y[1])
	VUNPCKLPS(x[3], x[2], y[2])
	VUNPCKHPS(x[3], x[2], y[3])
	VUNPCKLPD(y[2], y[0], x[0])
	VUNPCKHPD(y[2], y[0], x[1])
	VUNPCKLPD(y[3], y[1], x[2])
	VUNPCKHPD(y[3], y[1], x[3])
	for i := range x {
		VMOVUPS(x[i], Mem{Base: dst})
		ADDQ(step, dst)
	}
	for _, r := range from {
		ADDQ(Imm(16), r)
	}
	SUBQ(Imm(4), n)
	JGE(LabelRef("loop"))
	Label("rest")
	ADDQ(Imm(4), n)
	JE(LabelRef("done"))
	Label("one")
	singly(single, dst, step, from)
	DECQ(n)
	JNE(LabelRef("one"))
	Label("done")
	VZEROUPPER()
	RET()
}

// transpose2 is the same for two lanes.
func transpose2(p precision) {
	function("transpose2"+p.name, transposing, transposingSimple)
	dst, step, n, from := lanes(2)
	each := 16 / p.bytes
	SUBQ(Imm(uint64(each)), n)
	JL(LabelRef("rest"))
	Label("loop")
	x, y, low, high := XMM(), XMM(), XMM(), XMM()
	p.load(Mem{Base: from[0]}, x)
	p.load(Mem{Base: from[1]}, y)
	put := func(v reg.VecVirtual) {
		if p == double {
			VMOVUPD(v, Mem{Base: dst})
			ADDQ(step, dst)
			return
		}
		VMOVLPS(v, Mem{Base: dst})
		VMOVHPS(v, Mem{Base: dst, Index: step, Scale: 1})
		LEAQ(Mem{Base: dst, Index: step, Scale: 2}, dst)
	}
	if p == single {
		VUNPCKLPS(y, x, low)
		VUNPCKHPS(y, x, high)
	} else {
		VUNPCKLPD(y, x, low)
		VUNPCKHPD(y, x, high)
	}
	put(low)
	put(high)
	ADDQ(Imm(16), from[0])
	ADDQ(Imm(16), from[1])
	SUBQ(Imm(uint64(each)), n)
	JGE(LabelRef("loop"))
	Label("rest")
	ADDQ(Imm(uint64(each)), n)
	JE(LabelRef("done"))
	Label("one")
	singly(p, dst, step, from)
	DECQ(n)
	JNE(LabelRef("one"))
	Label("done")
	VZEROUPPER()
	RET()
}

// singly copies one number of each lane and moves on.
func singly(p precision, dst, step reg.Register, from []reg.Register) {
	for i, r := range from {
		if p == single {
			x := GP32()
			MOVL(Mem{Base: r}, x)
			MOVL(x, Mem{Base: dst, Disp: p.bytes * i})
		} else {
			x := GP64()
			MOVQ(Mem{Base: r}, x)
			MOVQ(x, Mem{Base: dst, Disp: p.bytes * i})
		}
		ADDQ(Imm(uint64(p.bytes)), r)
	}
	ADDQ(step, dst)
}
