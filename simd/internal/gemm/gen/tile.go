package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A precision is a type of element and its names in mnemonics and functions.
type precision struct {
	name  string
	bytes int
}

var (
	single = precision{"F32", 4}
	double = precision{"F64", 8}
)

// A target is a set of vector registers and the largest tile that fits them: rows by two vectors.
type target struct {
	name  string
	bytes int   // of a vector
	rows  int   // at most
	kinds []int // of each kind of tile: the vectors in a row
	table []int // which kind serves as whole, masked2, masked1
}

// The last vector of a masked kind has a mask. Masks cost AVX-512 nothing: whole tiles need no kind
// of their own there.
var (
	avx2   = target{"AVX2", 32, 6, []int{2, 2, 1}, []int{0, 1, 2}}
	avx512 = target{"AVX512", 64, 14, []int{2, 1}, []int{0, 0, 1}}
)

// Offsets of the fields of type tile in kernel.go.
const (
	fieldK     = 8 * iota
	fieldTiles // how many tiles, one below the other
	fieldA
	fieldARow
	fieldAK
	fieldATile
	fieldB
	fieldBK
	fieldC
	fieldCRow
	fieldCTile
	fieldAdd
	fieldMask
	fieldBits
	fieldTable
)

// vector returns a fresh vector register.
func (t target) vector() reg.VecVirtual {
	if t.bytes == 64 {
		return ZMM()
	}
	return YMM()
}

// fma is acc += x·y.
func (p precision) fma(x, y Op, acc Op) {
	if p == single {
		VFMADD231PS(x, y, acc)
	} else {
		VFMADD231PD(x, y, acc)
	}
}

func (p precision) broadcast(m, x Op) {
	if p == single {
		VBROADCASTSS(m, x)
	} else {
		VBROADCASTSD(m, x)
	}
}

func (p precision) load(m, x Op) {
	if p == single {
		VMOVUPS(m, x)
	} else {
		VMOVUPD(m, x)
	}
}

func (p precision) add(m, x, y Op) {
	if p == single {
		VADDPS(m, x, y)
	} else {
		VADDPD(m, x, y)
	}
}

// A column is one of the vectors of a tile's row: its place, and its mask if it has one.
type column struct {
	p    precision
	t    target
	at   int // bytes from the row's start
	mask reg.Register
}

// load reads the vector at m; lanes that are masked off are 0 and not touched.
func (v column) load(m Mem, x Op) {
	m = m.Offset(v.at)
	switch {
	case v.mask == nil:
		v.p.load(m, x)
	case v.t.bytes == 64 && v.p == single:
		VMOVUPS_Z(m, v.mask, x)
	case v.t.bytes == 64:
		VMOVUPD_Z(m, v.mask, x)
	case v.p == single:
		VMASKMOVPS(m, v.mask, x)
	default:
		VMASKMOVPD(m, v.mask, x)
	}
}

func (v column) store(x Op, m Mem) {
	m = m.Offset(v.at)
	switch {
	case v.mask == nil:
		v.p.load(x, m)
	case v.t.bytes == 64 && v.p == single:
		VMOVUPS(x, v.mask, m)
	case v.t.bytes == 64:
		VMOVUPD(x, v.mask, m)
	case v.p == single:
		VMASKMOVPS(x, v.mask, m)
	default:
		VMASKMOVPD(x, v.mask, m)
	}
}

// columns loads the masks of a kind of tile.
func (t target) columns(p precision, kind int, args reg.Register) []column {
	cols := make([]column, t.kinds[kind])
	for i := range cols {
		cols[i] = column{p: p, t: t, at: i * t.bytes}
	}
	switch {
	case t.bytes == 64:
		bits := GP64()
		MOVQ(Mem{Base: args, Disp: fieldBits}, bits)
		for i := range cols {
			k := K()
			KMOVW(bits.As32(), k)
			cols[i].mask = k
			if i+1 < len(cols) {
				SHRQ(Imm(16), bits)
			}
		}
	case kind > 0:
		at, mask := GP64(), YMM()
		MOVQ(Mem{Base: args, Disp: fieldMask}, at)
		VMOVUPS(Mem{Base: at}, mask)
		cols[len(cols)-1].mask = mask
	}
	return cols
}

func tileName(p precision, t target, table bool, kind, rows int) string {
	how := "tile"
	if table {
		how = "table"
	}
	return fmt.Sprintf("%s%s%sk%dr%d", how, p.name, t.name, kind, rows)
}

// tile writes func tile<type><level>k<kind>r<rows>(t *tile): for each of t.tiles tiles, one below the
// other, C[r][…] (+)= Σ_k A[r][k]·B[k][…]. The accumulators stay in registers; each row of B is loaded
// once and each number of A broadcast once for every k, in the order of k. The numbers of a row of A lie
// AK apart; in func table… they lie where t.table says.
func tile(p precision, t target, table bool, kind, rows int) {
	function(tileName(p, t, table, kind, rows), "t *tile", "t *int")
	args := Load(Param("t"), GP64())
	field := func(at int) reg.GPVirtual {
		r := GP64()
		MOVQ(Mem{Base: args, Disp: at}, r)
		return r
	}
	cols := t.columns(p, kind, args)
	aTile, c := field(fieldA), field(fieldC)
	aRow, bK, tiles := field(fieldARow), field(fieldBK), field(fieldTiles)
	a, high, b, k := GP64(), GP64(), GP64(), GP64()
	var aK, offs, row7 reg.GPVirtual
	if table {
		offs = GP64()
	} else {
		aK = field(fieldAK)
	}

	// Row r of A is at a, or seven rows lower at high, plus 0 to 6 strides.
	row3, row5 := GP64(), GP64()
	if rows > 3 {
		LEAQ(Mem{Base: aRow, Index: aRow, Scale: 2}, row3)
	}
	if rows > 5 {
		LEAQ(Mem{Base: aRow, Index: aRow, Scale: 4}, row5)
	}
	if rows > 7 {
		row7 = GP64()
		LEAQ(Mem{Base: row3, Index: aRow, Scale: 4}, row7)
	}
	at := func(r int) Mem {
		base := a
		if r >= 7 {
			base, r = high, r-7
		}
		switch r {
		case 0:
			return Mem{Base: base}
		case 3:
			return Mem{Base: base, Index: row3, Scale: 1}
		case 5:
			return Mem{Base: base, Index: row5, Scale: 1}
		case 6:
			return Mem{Base: base, Index: row3, Scale: 2}
		}
		return Mem{Base: base, Index: aRow, Scale: uint8(r)}
	}

	acc := make([][]reg.VecVirtual, rows)
	for r := range acc {
		for range cols {
			acc[r] = append(acc[r], t.vector())
		}
	}
	row := make([]reg.VecVirtual, len(cols))
	for i := range row {
		row[i] = t.vector()
	}
	number := t.vector()

	step := func() {
		if table {
			MOVQ(Mem{Base: offs}, a)
			ADDQ(Imm(8), offs)
			ADDQ(aTile, a)
			if rows > 7 {
				LEAQ(Mem{Base: a, Index: row7, Scale: 1}, high)
			}
		}
		for i, col := range cols {
			col.load(Mem{Base: b}, row[i])
		}
		for r := range acc {
			p.broadcast(at(r), number)
			for i := range cols {
				p.fma(row[i], number, acc[r][i])
			}
		}
		if !table {
			ADDQ(aK, a)
			if rows > 7 {
				ADDQ(aK, high)
			}
		}
		ADDQ(bK, b)
	}

	Label("next")
	// C is needed last, and comes from farther away.
	MOVQ(c, b)
	MOVQ(Mem{Base: args, Disp: fieldCRow}, k)
	for r := range acc {
		PREFETCHT0(Mem{Base: b})
		PREFETCHT0(Mem{Base: b, Disp: len(cols)*t.bytes - 1})
		if r+1 < rows {
			ADDQ(k, b)
		}
	}
	if table {
		MOVQ(Mem{Base: args, Disp: fieldTable}, offs)
	} else {
		MOVQ(aTile, a)
		if rows > 7 {
			LEAQ(Mem{Base: aTile, Index: row7, Scale: 1}, high)
		}
	}
	MOVQ(Mem{Base: args, Disp: fieldB}, b)
	MOVQ(Mem{Base: args, Disp: fieldK}, k)
	for r := range acc {
		for i := range cols {
			VXORPS(acc[r][i], acc[r][i], acc[r][i])
		}
	}
	unroll := 4
	if table {
		unroll = 2
	}
	if t.bytes == 64 && rows > 2 {
		unroll = 1 // enough work a turn, and a third of the text
	}
	if unroll > 1 {
		SUBQ(Imm(uint64(unroll)), k)
		JL(LabelRef("rest"))
		Label("loop")
		for range unroll {
			step()
		}
		SUBQ(Imm(uint64(unroll)), k)
		JGE(LabelRef("loop"))
		Label("rest")
		ADDQ(Imm(uint64(unroll)), k)
		JE(LabelRef("store"))
	}
	Label("one")
	step()
	DECQ(k)
	JNE(LabelRef("one"))

	Label("store")
	to, cRow := GP64(), field(fieldCRow)
	MOVQ(c, to)
	CMPQ(Mem{Base: args, Disp: fieldAdd}, Imm(0))
	JE(LabelRef("set"))
	for r := range acc {
		for i, col := range cols {
			if col.mask == nil {
				p.add(Mem{Base: to, Disp: col.at}, acc[r][i], acc[r][i])
			} else {
				col.load(Mem{Base: to}, row[i])
				p.add(row[i], acc[r][i], acc[r][i])
			}
			col.store(acc[r][i], Mem{Base: to})
		}
		if r+1 < rows {
			ADDQ(cRow, to)
		}
	}
	JMP(LabelRef("done"))
	Label("set")
	for r := range acc {
		for i, col := range cols {
			col.store(acc[r][i], Mem{Base: to})
		}
		if r+1 < rows {
			ADDQ(cRow, to)
		}
	}
	Label("done")
	ADDQ(Mem{Base: args, Disp: fieldATile}, aTile)
	ADDQ(Mem{Base: args, Disp: fieldCTile}, c)
	DECQ(tiles)
	JNE(LabelRef("next"))
	VZEROUPPER()
	RET()
}
