// Command gen writes the assembly of package philox. Run it with go generate in the package's folder.
//
// A register holds word c of the counters of four blocks (AVX2) or eight (AVX-512), each in the low half
// of 64 bits: that is where VPMULUDQ takes its factors from. What is in the high halves does not
// matter until the last round, so that a round is, with p = c0·M0 and q = c2·M1,
//
//	c0, c1, c2, c3 = q>>32 ⊕ c1 ⊕ k0, q, p>>32 ⊕ c3 ⊕ k1, p
//
// In the end c0 and c1, c2 and c3 are put together and unpacked: registers of even blocks, registers
// of odd ones. So block numbers are not in order in the registers, but such that memory is.
package main

import (
	"fmt"
	"log"

	"github.com/lemma-ml/lemma/simd/internal/header"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	m0     = 0xD2511F53
	m1     = 0xCD9E8D57
	rounds = 10
	groups = 2 // of registers, which take turns: a round waits five cycles for its results
)

// An isa is an instruction set.
type isa struct {
	name  string
	bytes int
}

func main() {
	ConstraintExpr("amd64,!noasm")
	Package("github.com/lemma-ml/lemma/simd/internal/philox")
	for _, i := range []isa{{"AVX2", 32}, {"AVX512", 64}} {
		i.fill()
	}
	Generate()
	if err := header.Write("fill_amd64.s", "fill_amd64.go"); err != nil {
		log.Fatal(err)
	}
}

func (i isa) v() reg.VecVirtual {
	if i.bytes == 64 {
		return ZMM()
	}
	return YMM()
}

// fill writes a function that encrypts n counters, a multiple of what one turn does.
func (i isa) fill() {
	lanes := i.bytes / 8
	TEXT("fill"+i.name, NOSPLIT, "func(out *[4]uint32, k *keys, low, high uint64, n int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("fill%s encrypts n counters, a multiple of %d, from (low, high) on; low does not overflow.", i.name, groups*lanes))
	out := Load(Param("out"), GP64())
	keys := Load(Param("k"), GP64())
	n := Load(Param("n"), GP64())

	// The numbers of the blocks: unpacking takes registers apart in halves of 128 bits.
	order := GLOBL("order"+i.name, RODATA|NOPTR)
	for l := range lanes {
		DATA(8*l, operand.U64(l/2+l%2*lanes/2))
	}
	low, high, high3 := i.v(), i.v(), i.v()
	address := func(name string) operand.Mem { return must(Param(name).Resolve()).Addr }
	VPBROADCASTQ(address("low"), low)
	VPADDQ(order, low, low)
	VPBROADCASTQ(address("high"), high)
	VPSRLQ(operand.U8(32), high, high3)
	f0, f1, step := i.v(), i.v(), i.v()
	word := GP64()
	for _, c := range []struct {
		value uint64
		to    reg.VecVirtual
	}{{m0, f0}, {m1, f1}, {uint64(lanes), step}} {
		MOVQ(operand.U64(c.value), word)
		x := XMM()
		MOVQ(word, x)
		VPBROADCASTQ(x, c.to)
	}

	var even reg.Register // selects low halves
	if i.bytes == 64 {
		even = K()
		MOVL(operand.U32(0x5555), word.As32())
		KMOVW(word.As32(), even)
	}

	Label("turn")
	var c [groups][4]reg.VecVirtual
	for g := range c {
		for w := range c[g] {
			c[g][w] = i.v()
		}
		move(i, low, c[g][0])
		VPSRLQ(operand.U8(32), low, c[g][1])
		move(i, high, c[g][2])
		move(i, high3, c[g][3])
		VPADDQ(step, low, low)
	}
	for r := range rounds {
		k0 := operand.Mem{Base: keys, Disp: 64 * r}
		k1 := operand.Mem{Base: keys, Disp: 64*r + 32}
		for g := range c {
			p, q := i.v(), i.v()
			VPMULUDQ(c[g][0], f0, p)
			VPMULUDQ(c[g][2], f1, q)
			a, b := i.v(), i.v()
			VPSRLQ(operand.U8(32), q, a)
			VPSRLQ(operand.U8(32), p, b)
			i.xor(k0, c[g][1], a)
			i.xor(k1, c[g][3], b)
			c[g] = [4]reg.VecVirtual{a, q, b, p}
		}
	}
	for g := range c {
		a, b := i.join(c[g][0], c[g][1], even), i.join(c[g][2], c[g][3], even)
		first, second := i.v(), i.v()
		VPUNPCKLQDQ(b, a, first)
		VPUNPCKHQDQ(b, a, second)
		move(i, first, operand.Mem{Base: out, Disp: 2 * i.bytes * g})
		move(i, second, operand.Mem{Base: out, Disp: 2*i.bytes*g + i.bytes})
	}
	ADDQ(operand.U32(2*i.bytes*groups), out)
	SUBQ(operand.U8(lanes*groups), n)
	JNE(operand.LabelRef("turn"))
	VZEROUPPER()
	RET()
}

// xor is x = x ⊕ y ⊕ key.
func (i isa) xor(key operand.Mem, y, x reg.VecVirtual) {
	if i.bytes == 64 {
		VPTERNLOGQ_BCST(operand.U8(0x96), key, y, x)
		return
	}
	VPXOR(key, y, y)
	VPXOR(y, x, x)
}

// join puts the low halves of a and, above them, of b into one word.
func (i isa) join(a, b reg.VecVirtual, even reg.Register) reg.VecVirtual {
	d := i.v()
	VPSLLQ(operand.U8(32), b, d)
	if i.bytes == 64 {
		VMOVDQA32(a, even, d)
		return d
	}
	VPBLENDD(operand.U8(0b01010101), a, d, d)
	return d
}

// move loads, stores or copies a register.
func move(i isa, from, to operand.Op) {
	if i.bytes == 64 {
		VMOVDQU64(from, to)
	} else {
		VMOVDQU(from, to)
	}
}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}
