// Command gen writes the assembly of package transpose. Run it with go generate in the package's
// folder.
package main

import (
	"fmt"
	"log"

	"github.com/lemma-ml/lemma/simd/internal/header"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	Package("github.com/lemma-ml/lemma/simd/internal/transpose")
	tiles(4)
	tiles(8)
	Generate()
	if err := header.Write("tiles_amd64.s", "tiles_amd64.go"); err != nil {
		log.Fatal(err)
	}
}

// tiles writes a function that transposes squares whose rows are registers. Rows are loaded by halves,
// those of row k beside those of row k+side/2, which saves the exchange of halves in registers.
func tiles(size int) {
	side := 32 / size
	TEXT(fmt.Sprintf("tiles%d", size), NOSPLIT, "func(dst, src *byte, ds, ss, rows, columns int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("tiles%d transposes rows × columns elements of %d bytes, multiples of %d.", size, size, side))
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	ds, ss := Load(Param("ds"), GP64()), Load(Param("ss"), GP64())
	columns := Load(Param("columns"), GP64())
	ds3, ss3 := GP64(), GP64()
	LEAQ(operand.Mem{Base: ds, Index: ds, Scale: 2}, ds3)
	LEAQ(operand.Mem{Base: ss, Index: ss, Scale: 2}, ss3)

	// row is row k of up to eight, from p and from four rows on, in far.
	row := func(p, far, step, step3 reg.Register, k, disp int) operand.Mem {
		if k >= 4 {
			p, k = far, k-4
		}
		m := operand.Mem{Base: p, Disp: disp}
		switch k {
		case 1, 2:
			m.Index, m.Scale = step, uint8(k)
		case 3:
			m.Index, m.Scale = step3, 1
		}
		return m
	}

	Label("strip") // of the source: as many columns as a register has
	rows := GP64()
	Load(Param("rows"), rows)
	s, d := GP64(), GP64()
	MOVQ(src, s)
	MOVQ(dst, d)
	Label("tile")
	sFar, dFar := GP64(), GP64()
	LEAQ(operand.Mem{Base: s, Index: ss, Scale: 4}, sFar)
	LEAQ(operand.Mem{Base: d, Index: ds, Scale: 4}, dFar)
	for half := range 2 { // of the columns
		var r []reg.VecVirtual
		for k := range side / 2 {
			v := YMM()
			VMOVUPS(row(s, sFar, ss, ss3, k, 16*half), v.AsX())
			VINSERTF128(operand.U8(1), row(s, sFar, ss, ss3, k+side/2, 16*half), v, v)
			r = append(r, v)
		}
		if size == 4 {
			r = []reg.VecVirtual{unpack(VUNPCKLPS, r[0], r[1]), unpack(VUNPCKLPS, r[2], r[3]),
				unpack(VUNPCKHPS, r[0], r[1]), unpack(VUNPCKHPS, r[2], r[3])}
		}
		for k := 0; k < side/2; k += 2 {
			VMOVUPS(unpack(VUNPCKLPD, r[k], r[k+1]), row(d, dFar, ds, ds3, half*side/2+k, 0))
			VMOVUPS(unpack(VUNPCKHPD, r[k], r[k+1]), row(d, dFar, ds, ds3, half*side/2+k+1, 0))
		}
	}
	ADDQ(operand.U8(32), d)
	LEAQ(operand.Mem{Base: s, Index: ss, Scale: 4}, s)
	if side == 8 {
		LEAQ(operand.Mem{Base: s, Index: ss, Scale: 4}, s)
	}
	SUBQ(operand.U8(side), rows)
	JNE(operand.LabelRef("tile"))
	ADDQ(operand.U8(32), src)
	LEAQ(operand.Mem{Base: dst, Index: ds, Scale: 4}, dst)
	if side == 8 {
		LEAQ(operand.Mem{Base: dst, Index: ds, Scale: 4}, dst)
	}
	SUBQ(operand.U8(side), columns)
	JNE(operand.LabelRef("strip"))
	VZEROUPPER()
	RET()
}

// unpack takes elements of a and b in turn.
func unpack(f func(ops ...operand.Op), a, b reg.VecVirtual) reg.VecVirtual {
	d := YMM()
	f(b, a, d)
	return d
}
