package main

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// signature is func(names… unsafe.Pointer, n int), with an int as result if counting.
func signature(counting bool, names ...string) *gotypes.Signature {
	var params []*types.Var
	for _, name := range names {
		params = append(params, types.NewVar(token.NoPos, nil, name, types.Typ[types.UnsafePointer]))
	}
	params = append(params, types.NewVar(token.NoPos, nil, "n", types.Typ[types.Int]))
	var results []*types.Var
	if counting {
		results = append(results, types.NewVar(token.NoPos, nil, "", types.Typ[types.Int]))
	}
	return gotypes.NewSignature(nil, types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), types.NewTuple(results...), false))
}

// param loads a parameter, a word, by its name and number.
func (e *emitter) param(name string, number int) reg.GPVirtual {
	r := e.GP64()
	e.MOVQ(operand.NewParamAddr(name, 8*number), r)
	return r
}

// imm is an immediate operand, in a byte where it fits.
func imm(n int) op {
	if n < 128 {
		return operand.I8(int8(n))
	}
	return operand.I32(int32(n))
}

func ref(label string) op { return operand.LabelRef(label) }

// A kernel is the description of an elementwise function.
type kernel struct {
	name   string
	in     []kind // of the operands a, b, c
	out    kind
	unroll int // vectors for each turn of the main loop; 1 for long bodies, which overlap anyway
	body   func(x []op) op

	// hard, if there is one, tells where the body does not know the answer. The function then stops
	// before the first vector with such an element, and returns the number of elements done.
	hard func(x []op) mask

	// fast, if there is one, gives the same as body, bit for bit, but where special holds.
	fast    func(x []op) op
	special func(x []op) mask
}

// whole says whether the function does nothing with less than a vector.
func (k kernel) whole() bool {
	for _, x := range append([]kind{k.out}, k.in...) {
		if _, ok := x.(short); ok {
			return true
		}
	}
	return false
}

// counts says whether the function returns the number of elements done.
func (k kernel) counts() bool { return k.hard != nil || k.whole() }

var operandNames = []string{"a", "b", "c"}

// emit writes the function, with operand number scalar (if it is not -1) one element for all.
// Vectors go through a loop; the rest, fewer than a vector, goes through the same body with loads
// and stores that leave out what is beyond the end. So an element's result does not depend on its
// place.
func (e *emitter) emit(k kernel, scalar int) string {
	name := e.name(k.name)
	if scalar >= 0 {
		name += "Scalar" + strings.ToUpper(operandNames[scalar])
	}
	e.hoist(func() { e.write(k, scalar, name) })
	return name
}

// write writes the function of the name, with constants in registers as hoist says.
func (e *emitter) write(k kernel, scalar int, name string) {
	e.Function(name)
	e.Attributes(attr.NOSPLIT)
	e.Signature(signature(k.counts(), "dst", "a", "b", "c"))

	dst, n := e.param("dst", 0), e.param("n", 4)
	from := make([]reg.Register, len(k.in))
	raw := make([]vec, len(k.in))
	for i := range from {
		from[i] = e.param(operandNames[i], 1+i)
		if i == scalar {
			raw[i] = e.broadcast(from[i])
		}
	}
	e.prologue()
	var count reg.Register
	if k.counts() {
		count = e.GP64()
		e.MOVQ(n, count)
	}
	width := e.lanes()
	advance := func(vectors int) {
		for i, p := range from {
			if i != scalar {
				e.ADDQ(imm(vectors*width*k.in[i].size(e)), p)
			}
		}
		e.ADDQ(imm(vectors*width*k.out.size(e)), dst)
		e.SUBQ(imm(vectors*width), n)
	}
	operands := func(raw []vec) []op {
		x := make([]op, len(raw))
		for i := range x {
			x[i] = k.in[i].open(e, raw[i])
		}
		return x
	}

	again, body := "one", k.body
	if k.unroll > 1 {
		slow := k.hard
		if k.fast != nil {
			again, body, slow = "wide", k.fast, k.special // after a special vector, try two or more again
		}
		e.Label("wide")
		e.CMPQ(n, imm(width*k.unroll))
		e.JLT(ref("one"))
		loaded := make([][]op, k.unroll)
		e.interleave(k.unroll, func(u int) {
			r := make([]vec, len(k.in))
			for i := range r {
				if r[i] = raw[i]; i != scalar {
					r[i] = e.v()
					k.in[i].load(e, r[i], operand.Mem{Base: from[i], Disp: u * width * k.in[i].size(e)})
				}
			}
			loaded[u] = operands(r)
		})
		if slow != nil {
			bad := slow(loaded[0])
			for _, x := range loaded[1:] {
				bad = e.orMask(bad, slow(x))
			}
			e.jumpIfAny(bad, "one")
		}
		e.interleave(k.unroll, func(u int) {
			y := k.out.close(e, body(loaded[u]))
			k.out.store(e, y, operand.Mem{Base: dst, Disp: u * width * k.out.size(e)})
		})
		advance(k.unroll)
		e.JMP(ref("wide"))
	}

	for i := range raw {
		if i != scalar {
			raw[i] = e.v()
		}
	}
	e.Label("one")
	e.CMPQ(n, imm(width))
	e.JLT(ref("rest"))
	for i := range raw {
		if i != scalar {
			k.in[i].load(e, raw[i], operand.Mem{Base: from[i]})
		}
	}
	e.Label("body")
	x := operands(raw)
	if k.hard != nil {
		e.jumpIfAny(k.hard(x), "done")
	}
	y := k.out.close(e, k.body(x))
	if !k.whole() {
		e.CMPQ(n, imm(width))
		e.JLT(ref("part"))
	}
	k.out.store(e, y, operand.Mem{Base: dst})
	advance(1)
	e.JMP(ref(again))

	e.Label("rest")
	if k.whole() {
		e.finish(n, count)
		return
	}
	e.TESTQ(n, n)
	e.JLE(ref("done"))
	for i := range raw {
		if i != scalar {
			k.in[i].partLoad(e, raw[i], from[i], n)
		}
	}
	e.JMP(ref("body"))

	e.Label("part")
	if e.isa == neon { // one element at a time
		k.out.partStore(e, y, dst, n)
		e.advanceOne(k, scalar, from, dst, n)
		e.JMP(ref("rest"))
		e.Label("done")
		e.finish(n, count)
		return
	}
	if k.counts() {
		left := e.GP64()
		e.MOVQ(n, left)
		e.XORQ(n, n)
		k.out.partStore(e, y, dst, left)
	} else {
		k.out.partStore(e, y, dst, n)
	}
	e.Label("done")
	e.finish(n, count)
}

// advanceOne moves on by one element.
func (e *emitter) advanceOne(k kernel, scalar int, from []reg.Register, dst, n reg.Register) {
	for i, p := range from {
		if i != scalar {
			e.ADDQ(imm(k.in[i].size(e)), p)
		}
	}
	e.ADDQ(imm(k.out.size(e)), dst)
	e.SUBQ(imm(1), n)
}

// finish returns from a function, which has n elements left of count, if it counts.
func (e *emitter) finish(n, count reg.Register) {
	e.VZEROUPPER()
	if count != nil {
		e.SUBQ(n, count)
		e.MOVQ(count, operand.NewParamAddr("ret", 40))
	}
	e.RET()
}

// An entry is a line of the table by which Go code finds a function.
type entry struct {
	level    string // avx2 or avx512
	form     string // plain, scalar0, scalar1, scalar2 or reduce
	op       string // name of the operation in package backends, without OpType
	in, out  string // types, in package dtypes
	function string
	hard     bool // the function returns a count
	alias    bool // the function is listed under another type before
}

// dtype is the name of the type at hand in package dtypes.
func (e *emitter) dtype() string { return pick(e, "Float32", "Float64") }

// level is the name of the instruction set in package vec.
func (e *emitter) level() string { return strings.ToLower(e.isa.name) }

// list emits a kernel and its entries: as it is, and with each of the operands listed a scalar.
func (e *emitter) list(name, in, out string, k kernel, scalars ...int) {
	e.record(entry{e.level(), "plain", name, in, out, e.emit(k, -1), k.counts(), false})
	for _, s := range scalars {
		e.record(entry{e.level(), fmt.Sprintf("scalar%d", s), name, in, out, e.emit(k, s), k.counts(), false})
	}
}

// record lists a function in the table.
func (e *emitter) record(x entry) { *e.table = append(*e.table, x) }

// function lists a function of one float.
func (e *emitter) function(name string, unroll int, f func(x vec) vec) {
	e.list(name, e.dtype(), e.dtype(), kernel{
		name: name, in: []kind{value{}}, out: value{}, unroll: unroll,
		body: func(x []op) op { return f(x[0].(vec)) },
	})
}
