// Command gen writes the assembly of package window. Run it with go generate in the package's folder.
//
// All functions go through the windows of a [window.Line], for each through its columns, vector by
// vector, and for each vector through the taps.
package main

import (
	"fmt"
	"math"
	"os"
	"reflect"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"
)

// A writer writes the functions of one instruction set and type.
type writer struct {
	*build.Context
	isa    string
	bytes  int // of a vector
	size   int // of an element
	labels int
	masks  operand.Mem // AVX2: as many ones as a vector has elements, then zeros

	line reg.Register // the parameter
	k    reg.Register // AVX-512: mask of the columns left
	m    reg.Register // AVX2: the same
}

type (
	op  = operand.Op
	vec = reg.VecVirtual
)

func main() {
	c := build.NewContext()
	c.ConstraintExpr("amd64,!noasm")
	c.Package("github.com/lemma-ml/lemma/simd/internal/window")
	for _, size := range []int{4, 8} {
		masks := c.StaticGlobal(fmt.Sprintf("masks%d", 8*size))
		c.DataAttributes(attr.RODATA | attr.NOPTR)
		for i := range 8 {
			v := uint64(0)
			if i < 4 {
				v = math.MaxUint64
			}
			c.AddDatum(8*i, operand.U64(v))
		}
		for _, w := range []*writer{{isa: "AVX2", bytes: 32}, {isa: "AVX512", bytes: 64}} {
			w.Context, w.size, w.masks = c, size, masks
			for _, name := range []string{"max", "min", "sum"} {
				w.reduce(name)
			}
			for _, name := range []string{"max", "min"} {
				w.scatter(name)
			}
		}
	}
	file, err := c.Result()
	if err == nil {
		err = pass.Compile.Execute(file)
	}
	config := printer.Config{Name: "go run ./gen", Pkg: "window"} // what go generate runs
	for name, p := range map[string]printer.Printer{
		"line_amd64.s":  printer.NewGoAsm(config),
		"line_amd64.go": printer.NewStubs(config),
	} {
		var text []byte
		if err == nil {
			text, err = p.Print(file)
		}
		if err == nil {
			err = os.WriteFile(name, text, 0o644)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// The fields of a window.Line, by number.
const (
	fieldDst, fieldSrc, fieldAdd = 0, 1, 2
	fieldTaps, fieldCount        = 3, 4
	fieldWindows, fieldColumns   = 5, 6
	fieldStepSrc, fieldStepDst   = 7, 8
)

func (w *writer) field(n int) operand.Mem { return operand.Mem{Base: w.line, Disp: 8 * n} }

// load returns a field in a register.
func (w *writer) load(n int) reg.Register {
	r := w.GP64()
	w.MOVQ(w.field(n), r)
	return r
}

func (w *writer) v() vec {
	if w.bytes == 64 {
		return w.ZMM()
	}
	return w.YMM()
}

// fp emits V<name>PS or V<name>PD.
func (w *writer) fp(name string, ops ...op) {
	w.do("V"+name+map[int]string{4: "PS", 8: "PD"}[w.size], ops...)
}

// int emits VP<name>D or VP<name>Q.
func (w *writer) int(name string, ops ...op) {
	w.do("VP"+name+map[int]string{4: "D", 8: "Q"}[w.size], ops...)
}

func (w *writer) do(name string, ops ...op) {
	in := make([]reflect.Value, len(ops))
	for i, o := range ops {
		in[i] = reflect.ValueOf(o)
	}
	reflect.ValueOf(w.Context).MethodByName(name).Call(in)
}

// begin begins a function and a window's turn. body emits what is done with some vectors whose first
// column is at p, and of whose last only some elements may count.
func (w *writer) function(name, doc string, vectors int, pointers []int, steps []int, body func(p []reg.Register, vectors int, part bool)) {
	bits := 8 * w.size
	full := fmt.Sprintf("%s%d%s", name, bits, w.isa)
	w.Function(full)
	w.Attributes(attr.NOSPLIT)
	w.SignatureExpr("func(l *Line)")
	w.Pragma("noescape")
	w.Doc(full + " " + doc)
	w.line = w.GP64()
	w.MOVQ(operand.NewParamAddr("l", 0), w.line)
	start := make([]reg.Register, len(pointers))
	for i, f := range pointers {
		start[i] = w.load(f)
	}
	windows := w.load(fieldWindows)
	lanes := w.bytes / w.size

	w.Label("window")
	p := make([]reg.Register, len(pointers))
	for i := range p {
		p[i] = w.GP64()
		w.MOVQ(start[i], p[i])
	}
	left := w.load(fieldColumns)
	turn := func(label, next string, vectors int) {
		w.Label(label)
		w.CMPQ(left, operand.U8(lanes*vectors))
		w.JLT(operand.LabelRef(next))
		body(p, vectors, false)
		for i := range p {
			w.ADDQ(operand.U32(w.bytes*vectors), p[i])
		}
		w.SUBQ(operand.U8(lanes*vectors), left)
		w.JMP(operand.LabelRef(label))
	}
	if vectors > 1 {
		turn("many", "one", vectors)
	}
	turn("one", "rest", 1)
	w.Label("rest")
	w.TESTQ(left, left)
	w.JLE(operand.LabelRef("next"))
	w.mask(left)
	body(p, 1, true)
	w.Label("next")
	for i := range start {
		w.ADDQ(w.field(steps[i]), start[i])
	}
	w.DECQ(windows)
	w.JNE(operand.LabelRef("window"))
	w.VZEROUPPER()
	w.RET()
}

// mask prepares part loads and stores of n elements.
func (w *writer) mask(n reg.Register) {
	if w.bytes == 64 {
		r := w.GP32()
		w.MOVL(operand.U32(math.MaxUint32), r)
		w.BZHIL(n.(reg.GP).As32(), r, r)
		w.k = w.K()
		w.KMOVW(r, w.k)
		return
	}
	p, k := w.GP64(), w.GP64()
	w.LEAQ(w.masks.Offset(32), p)
	w.MOVQ(n, k)
	w.NEGQ(k)
	w.m = w.v()
	w.VMOVDQU(operand.Mem{Base: p, Index: k, Scale: uint8(w.size)}, w.m)
}

// read loads a vector, or what the mask says and zeros.
func (w *writer) read(m operand.Mem, part bool) vec {
	d := w.v()
	switch {
	case !part:
		w.fp("MOVU", m, d)
	case w.bytes == 64:
		w.do("VMOVUP"+map[int]string{4: "S", 8: "D"}[w.size]+"_Z", m, w.k, d)
	default:
		w.fp("MASKMOV", m, w.m, d)
	}
	return d
}

func (w *writer) write(v vec, m operand.Mem, part bool) {
	switch {
	case !part:
		w.fp("MOVU", v, m)
	case w.bytes == 64:
		w.fp("MOVU", v, w.k, m)
	default:
		w.fp("MASKMOV", v, w.m, m)
	}
}

// label returns a new label.
func (w *writer) label(name string) string {
	w.labels++
	return fmt.Sprintf("%s%d", name, w.labels)
}

// taps emits a loop over the taps but the first, for which first is emitted; at is the place that
// belongs to p.
func (w *writer) taps(p reg.Register, first, then func(at func(vector int) operand.Mem)) {
	tap, end, offset := w.load(fieldTaps), w.GP64(), w.GP64()
	w.MOVQ(w.field(fieldCount), end)
	w.LEAQ(operand.Mem{Base: tap, Index: end, Scale: 8}, end)
	at := func(i int) operand.Mem {
		return operand.Mem{Base: p, Index: offset, Scale: 1, Disp: i * w.bytes}
	}
	again, done := w.label("tap"), w.label("taps")
	if first != nil {
		w.MOVQ(operand.Mem{Base: tap}, offset)
		first(at)
		w.ADDQ(operand.U8(8), tap)
	}
	w.Label(again)
	w.CMPQ(tap, end)
	w.JGE(operand.LabelRef(done))
	w.MOVQ(operand.Mem{Base: tap}, offset)
	then(at)
	w.ADDQ(operand.U8(8), tap)
	w.JMP(operand.LabelRef(again))
	w.Label(done)
}

// reduce writes dst = op of the taps. A maximum is NaN if a tap is, and takes -0 to be less than +0; so
// does a minimum.
func (w *writer) reduce(name string) {
	w.function(name, "reduces windows: "+name+".", 4, []int{fieldDst, fieldSrc}, []int{fieldStepDst, fieldStepSrc}, func(p []reg.Register, n int, part bool) {
		acc, nan := make([]vec, n), make([]op, n)
		w.taps(p[1], func(at func(int) operand.Mem) {
			for i := range n {
				acc[i] = w.read(at(i), part)
				if name != "sum" {
					nan[i] = w.isNaN(acc[i])
				}
			}
		}, func(at func(int) operand.Mem) {
			for i := range n {
				x := w.read(at(i), part)
				if name == "sum" {
					w.fp("ADD", x, acc[i], acc[i])
					continue
				}
				other := w.isNaN(x)
				if w.bytes == 64 {
					w.KORW(other, nan[i], nan[i])
				} else {
					w.fp("OR", other, nan[i], nan[i])
				}
				y := w.v()
				if name == "max" {
					w.fp("MAX", acc[i], x, y)
					w.fp("MAX", x, acc[i], acc[i])
					w.fp("AND", y, acc[i], acc[i])
				} else {
					w.fp("MIN", acc[i], x, y)
					w.fp("MIN", x, acc[i], acc[i])
					w.fp("OR", y, acc[i], acc[i])
				}
			}
		})
		for i := range n {
			switch {
			case name == "sum":
			case w.bytes == 64: // all ones are a NaN
				w.int("TERNLOG", operand.U8(0xff), acc[i], acc[i], nan[i], acc[i])
			default:
				w.fp("OR", nan[i], acc[i], acc[i])
			}
			w.write(acc[i], operand.Mem{Base: p[0], Disp: i * w.bytes}, part)
		}
	})
}

// isNaN returns a mask.
func (w *writer) isNaN(x vec) op {
	if w.bytes == 64 {
		k := w.K()
		w.fp("CMP", operand.U8(3), x, x, k)
		return k
	}
	d := w.v()
	w.fp("CMP", operand.U8(3), x, x, d)
	return d
}

// scatter writes dst[selected tap] += add.
func (w *writer) scatter(name string) {
	how := operand.U8(0x1d) // selected ≥ candidate
	if name == "min" {
		how = 0x12 // ≤
	}
	pointers := []int{fieldDst, fieldSrc, fieldAdd}
	steps := []int{fieldStepSrc, fieldStepSrc, fieldStepDst}
	w.function(name+"Scatter", "adds to what windows select: "+name+".", 4, pointers, steps, func(p []reg.Register, n int, part bool) {
		minusOne, number := w.v(), w.v()
		w.ones(minusOne)
		best, place, add := make([]vec, n), make([]vec, n), make([]vec, n)
		w.taps(p[1], func(at func(int) operand.Mem) {
			w.zero(number)
			for i := range n {
				best[i], place[i] = w.read(at(i), part), w.v()
				w.zero(place[i])
			}
		}, func(at func(int) operand.Mem) {
			w.int("SUB", minusOne, number, number)
			for i := range n {
				x := w.read(at(i), part)
				if w.bytes == 64 {
					k := w.K()
					w.fp("CMP", how, x, best[i], k)
					w.fp("BLENDM", best[i], x, k, best[i])
					w.int("BLENDM", place[i], number, k, place[i])
					continue
				}
				keep := w.v()
				w.fp("CMP", how, x, best[i], keep)
				w.fp("BLENDV", keep, best[i], x, best[i])
				w.fp("BLENDV", keep, place[i], number, place[i])
			}
		})
		w.zero(number)
		for i := range n {
			add[i] = w.read(operand.Mem{Base: p[2], Disp: i * w.bytes}, part)
		}
		w.taps(p[0], nil, func(at func(int) operand.Mem) {
			for i := range n {
				y := w.read(at(i), part)
				if w.bytes == 64 {
					k := w.K()
					w.int("CMPEQ", number, place[i], k)
					w.fp("ADD", add[i], y, k, y)
				} else {
					here := w.v()
					w.int("CMPEQ", number, place[i], here)
					w.fp("AND", add[i], here, here)
					w.fp("ADD", here, y, y)
				}
				w.write(y, at(i), part)
			}
			w.int("SUB", minusOne, number, number)
		})
	})
}

// ones sets all bits.
func (w *writer) ones(v vec) {
	if w.bytes == 64 {
		w.VPTERNLOGD(operand.U8(0xff), v, v, v)
	} else {
		w.VPCMPEQD(v, v, v)
	}
}

func (w *writer) zero(v vec) {
	if w.bytes == 64 {
		w.VPXORD(v, v, v)
	} else {
		w.VPXOR(v, v, v)
	}
}
