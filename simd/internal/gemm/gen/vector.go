package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// wide writes func wide<type>(t *tile): a tile of one row and eight vectors, t.tiles of them side by
// side (ATile is not used, CTile is from one to the next in B and in C). Eight sums hide the latency
// of a multiply-add where a row of an ordinary tile has two.
func wide(p precision) {
	function("wide"+p.name, "t *tile", "t *int")
	args := Load(Param("t"), GP64())
	field := func(at int) reg.GPVirtual {
		r := GP64()
		MOVQ(Mem{Base: args, Disp: at}, r)
		return r
	}
	bTile, c, aK, bK, tiles := field(fieldB), field(fieldC), field(fieldAK), field(fieldBK), field(fieldTiles)
	a, b, k := GP64(), GP64(), GP64()
	var acc [8]reg.VecVirtual
	for i := range acc {
		acc[i] = YMM()
	}
	number := YMM()

	Label("next")
	MOVQ(bTile, b)
	MOVQ(Mem{Base: args, Disp: fieldA}, a)
	MOVQ(Mem{Base: args, Disp: fieldK}, k)
	for _, x := range acc {
		VXORPS(x, x, x)
	}
	Label("loop")
	p.broadcast(Mem{Base: a}, number)
	for i, x := range acc {
		p.fma(Mem{Base: b, Disp: 32 * i}, number, x)
	}
	ADDQ(aK, a)
	ADDQ(bK, b)
	DECQ(k)
	JNE(LabelRef("loop"))
	CMPQ(Mem{Base: args, Disp: fieldAdd}, Imm(0))
	JE(LabelRef("set"))
	for i, x := range acc {
		p.add(Mem{Base: c, Disp: 32 * i}, x, x)
	}
	Label("set")
	for i, x := range acc {
		p.load(x, Mem{Base: c, Disp: 32 * i})
	}
	ADDQ(U32(256), bTile)
	ADDQ(U32(256), c)
	DECQ(tiles)
	JNE(LabelRef("next"))
	VZEROUPPER()
	RET()
}

// dots writes func dots<type>x<rows>(n int, x, b unsafe.Pointer, bRow int, c unsafe.Pointer, cRow int):
// c[r] = Σ_i x[i]·b[r][i] for that many rows, whose elements are contiguous, as are x's. Each row has
// several vectors of partial sums, added in a fixed order at the end.
func dots(p precision, rows, sums int) {
	function(fmt.Sprintf("dots%sx%d", p.name, rows),
		"n int, x, b unsafe.Pointer, bRow int, c unsafe.Pointer, cRow int",
		"n int, x, b *byte, bRow int, c *byte, cRow int")
	n := Load(Param("n"), GP64())
	x := Load(Param("x"), GP64())
	c := Load(Param("c"), GP64())
	b := make([]reg.Register, rows)
	b[0] = Load(Param("b"), GP64())
	if rows > 1 {
		step := Load(Param("bRow"), GP64())
		for r := 1; r < rows; r++ {
			q := GP64()
			LEAQ(Mem{Base: b[r-1], Index: step, Scale: 1}, q)
			b[r] = q
		}
	}
	acc := make([][]reg.VecVirtual, rows)
	for r := range acc {
		for range sums {
			y := YMM()
			VXORPS(y, y, y)
			acc[r] = append(acc[r], y)
		}
	}
	lanes := 32 / p.bytes
	i := GP64()
	XORQ(i, i)
	SUBQ(Imm(uint64(lanes*sums)), n)
	JL(LabelRef("rest"))
	Label("loop")
	for s := range sums {
		v := YMM()
		p.load(Mem{Base: x, Index: i, Scale: 1, Disp: 32 * s}, v)
		for r := range rows {
			p.fma(Mem{Base: b[r], Index: i, Scale: 1, Disp: 32 * s}, v, acc[r][s])
		}
	}
	ADDQ(U32(32*sums), i)
	SUBQ(Imm(uint64(lanes*sums)), n)
	JGE(LabelRef("loop"))
	Label("rest")
	ADDQ(Imm(uint64(lanes*sums)), n)

	// Eight vectors are added in pairs, and so are the lanes of the last one.
	for width := sums / 2; width > 0; width /= 2 {
		for r := range rows {
			for s := range width {
				p.add(acc[r][s+width], acc[r][s], acc[r][s])
			}
		}
	}
	for r := range rows {
		p.fold(acc[r][0])
	}

	TESTQ(n, n)
	JE(LabelRef("store"))
	Label("tail")
	v := XMM()
	p.loadOne(Mem{Base: x, Index: i, Scale: 1}, v)
	for r := range rows {
		p.fmaOne(Mem{Base: b[r], Index: i, Scale: 1}, v, acc[r][0].AsX())
	}
	ADDQ(Imm(uint64(p.bytes)), i)
	DECQ(n)
	JNE(LabelRef("tail"))
	Label("store")
	if rows > 1 {
		step := Load(Param("cRow"), GP64())
		for r := range rows {
			p.loadOne(acc[r][0].AsX(), Mem{Base: c})
			if r+1 < rows {
				ADDQ(step, c)
			}
		}
	} else {
		p.loadOne(acc[0][0].AsX(), Mem{Base: c})
	}
	VZEROUPPER()
	RET()
}

// fold adds the lanes of y into its lowest.
func (p precision) fold(y reg.VecVirtual) {
	half, low := XMM(), y.AsX()
	VEXTRACTF128(Imm(1), y, half)
	if p == single {
		VADDPS(half, low, low)
		VHADDPS(low, low, low)
		VHADDPS(low, low, low)
	} else {
		VADDPD(half, low, low)
		VHADDPD(low, low, low)
	}
}

// loadOne moves one number between memory and the lowest lane of a register.
func (p precision) loadOne(from, to Op) {
	if p == single {
		VMOVSS(from, to)
	} else {
		VMOVSD(from, to)
	}
}

func (p precision) fmaOne(x, y Op, acc Op) {
	if p == single {
		VFMADD231SS(x, y, acc)
	} else {
		VFMADD231SD(x, y, acc)
	}
}
