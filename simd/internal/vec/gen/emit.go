package main

import (
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// An isa is an instruction set that kernels are written for.
type isa struct {
	name  string // as in the names of functions
	bytes int    // of a vector register
}

var (
	avx2   = isa{"AVX2", 32}
	avx512 = isa{"AVX512", 64}
	neon   = isa{"NEON", 16} // see arm64.go
)

// An op is anything an instruction takes: a register, memory or a constant.
type op = operand.Op

// A vec is a vector register.
type vec = reg.VecVirtual

// A constant stands for a vector whose elements all have these bits.
type constant uint64

// Asm makes a constant an operand; it never reaches the printer.
func (c constant) Asm() string { return fmt.Sprintf("%#x", uint64(c)) }

// A row stands for a vector of different words of 32 bits.
type row struct {
	name  string
	words []uint64
}

// Asm makes a row an operand; it never reaches the printer.
func (r row) Asm() string { return r.name }

// An emitter writes the functions of one file. Its methods are the vocabulary in which kernels are
// described once for all instruction sets and both types: they return new registers and leave
// their operands alone, but for those whose names end in To, which change their first.
type emitter struct {
	*build.Context
	file   string
	isa    isa
	f64    bool
	consts map[string]operand.Mem
	labels int
	table  *[]entry

	keep      []*held          // constants to be kept in registers
	found     map[string]*held // constants used
	registers map[string]op    // those that hold constants
}

// suffix is the type in the names of functions.
func (e *emitter) suffix() string {
	if e.f64 {
		return "F64"
	}
	return "F32"
}

// size is the bytes of an element.
func (e *emitter) size() int {
	if e.f64 {
		return 8
	}
	return 4
}

// lanes is the number of elements in a register.
func (e *emitter) lanes() int { return e.isa.bytes / e.size() }

// mantissa is the number of bits of a mantissa, without the leading 1.
func (e *emitter) mantissa() uint64 {
	if e.f64 {
		return 52
	}
	return 23
}

// pick returns the constant for the type at hand.
func pick[T any](e *emitter, f32, f64 T) T {
	if e.f64 {
		return f64
	}
	return f32
}

// f is a floating-point constant, rounded to the type.
func (e *emitter) f(x float64) constant {
	if e.f64 {
		return constant(math.Float64bits(x))
	}
	return constant(math.Float32bits(float32(x)))
}

// i is a constant of the width of the type.
func (e *emitter) i(x uint64) constant {
	if e.f64 {
		return constant(x)
	}
	return constant(uint32(x))
}

// sign is the constant with only the sign bit.
func (e *emitter) sign() constant { return e.i(1 << (8*e.size() - 1)) }

// magnitude is the constant with all but the sign bit.
func (e *emitter) magnitude() constant { return e.i(1<<(8*e.size()-1) - 1) }

// label returns a new label.
func (e *emitter) label(name string) string {
	e.labels++
	return fmt.Sprintf("%s%d", name, e.labels)
}

// v returns a new register.
func (e *emitter) v() vec {
	switch e.isa.bytes {
	case 64:
		return e.ZMM()
	case 16:
		return e.XMM()
	}
	return e.YMM()
}

// data returns the memory of a table, one for all functions of the file.
func (e *emitter) data(name string, words []uint64, size int) operand.Mem {
	if m, ok := e.consts[name]; ok {
		return m
	}
	m := e.StaticGlobal(fmt.Sprintf("%s_%s", e.file, name))
	e.DataAttributes(attr.RODATA | attr.NOPTR)
	for i, w := range words {
		if size == 8 {
			e.AddDatum(8*i, operand.U64(w))
		} else {
			e.AddDatum(4*i, operand.U32(uint32(w)))
		}
	}
	e.consts[name] = m
	return m
}

// memory returns where a constant lies: a vector of it for AVX2, which has no broadcasting
// operands, one element for AVX-512.
func (e *emitter) memory(c constant) operand.Mem {
	n := 1
	name := fmt.Sprintf("s%d_%x", 8*e.size(), uint64(c))
	if e.isa.bytes < 64 {
		n, name = e.lanes(), fmt.Sprintf("v%d_%x", 8*e.size(), uint64(c))
	}
	words := make([]uint64, n)
	for i := range words {
		words[i] = uint64(c)
	}
	return e.data(name, words, e.size())
}

// do emits the instruction of this name.
func (e *emitter) do(name string, ops ...op) {
	for i, o := range ops {
		if m, ok := o.(mask); ok {
			ops[i] = m.op
		}
		switch c := o.(type) {
		case constant, row:
			if r := e.use(c); r != nil {
				ops[i] = r
				continue
			}
		}
		switch c := o.(type) {
		case constant:
			ops[i] = e.memory(c)
			if e.isa.bytes == 64 {
				name += "_BCST"
			}
		case row:
			ops[i] = e.data(c.name, c.words, 4)
		}
	}
	m := reflect.ValueOf(e.Context).MethodByName(name)
	if !m.IsValid() {
		panic(fmt.Errorf("gen: no instruction %s", name))
	}
	in := make([]reflect.Value, len(ops))
	for i, o := range ops {
		in[i] = reflect.ValueOf(o)
	}
	m.Call(in)
	if _, err := e.Result(); err != nil {
		panic(fmt.Errorf("gen: %s %v: %w", name, ops, err))
	}
}

// fp emits V<name>PS or V<name>PD.
func (e *emitter) fp(name string, ops ...op) { e.do("V"+name+pick(e, "PS", "PD"), ops...) }

// int emits VP<name>D or VP<name>Q.
func (e *emitter) int(name string, ops ...op) { e.do("VP"+name+pick(e, "D", "Q"), ops...) }

// reg returns x in a register.
func (e *emitter) reg(x op) vec {
	switch x := x.(type) {
	case vec:
		return x
	case constant:
		if r := e.use(x); r != nil {
			return r.(vec)
		}
	}
	return e.copy(x)
}

// copy returns x in a register of its own.
func (e *emitter) copy(x op) vec {
	d := e.v()
	if c, ok := x.(constant); ok && e.isa.bytes == 64 {
		if r := e.use(c); r != nil {
			e.fp("MOVU", r, d)
			return d
		}
		e.do("VBROADCAST"+pick(e, "SS", "SD"), e.memory(c), d)
		return d
	}
	e.fp("MOVU", x, d)
	return d
}

// two emits an instruction with two sources, the first in a register.
func (e *emitter) two(emit func(string, ...op), name string, a, b op) vec {
	d := e.v()
	emit(name, b, e.reg(a), d)
	return d
}

// commute lets a constant be either operand.
func (e *emitter) commute(emit func(string, ...op), name string, a, b op) vec {
	if _, ok := a.(vec); !ok {
		a, b = b, a
	}
	return e.two(emit, name, a, b)
}

func (e *emitter) add(a, b op) vec { return e.commute(e.fp, "ADD", a, b) }
func (e *emitter) mul(a, b op) vec { return e.commute(e.fp, "MUL", a, b) }
func (e *emitter) sub(a, b op) vec { return e.two(e.fp, "SUB", a, b) }
func (e *emitter) div(a, b op) vec { return e.two(e.fp, "DIV", a, b) }
func (e *emitter) and(a, b op) vec { return e.commute(e.fp, "AND", a, b) }
func (e *emitter) or(a, b op) vec  { return e.commute(e.fp, "OR", a, b) }
func (e *emitter) xor(a, b op) vec { return e.commute(e.fp, "XOR", a, b) }

// minX and maxX are the processor's: where an operand is NaN, or both are zero, they return b.
func (e *emitter) minX(a, b op) vec { return e.two(e.fp, "MIN", a, b) }
func (e *emitter) maxX(a, b op) vec { return e.two(e.fp, "MAX", a, b) }

func (e *emitter) iadd(a, b op) vec { return e.commute(e.int, "ADD", a, b) }
func (e *emitter) isub(a, b op) vec { return e.two(e.int, "SUB", a, b) }

// shl and shr shift the bits of elements.
func (e *emitter) shl(a op, n uint64) vec {
	d := e.v()
	e.int("SLL", operand.U8(uint8(n)), e.reg(a), d)
	return d
}

func (e *emitter) shr(a op, n uint64) vec {
	d := e.v()
	e.int("SRL", operand.U8(uint8(n)), e.reg(a), d)
	return d
}

// abs clears signs.
func (e *emitter) abs(x op) vec { return e.and(x, e.magnitude()) }

// neg flips signs.
func (e *emitter) neg(x op) vec { return e.xor(x, e.sign()) }

// mulAddTo is x = x·y + z.
func (e *emitter) mulAddTo(x vec, y, z op) { e.fp("FMADD213", z, e.reg(y), x) }

// addMulTo is z = z + x·y.
func (e *emitter) addMulTo(z vec, x, y op) {
	if _, ok := x.(vec); !ok {
		x, y = y, x
	}
	e.fp("FMADD231", y, e.reg(x), z)
}

// subMulTo is z = z - x·y.
func (e *emitter) subMulTo(z vec, x, y op) {
	if _, ok := x.(vec); !ok {
		x, y = y, x
	}
	e.fp("FNMADD231", y, e.reg(x), z)
}

// mulAdd is x·y + z.
func (e *emitter) mulAdd(x, y, z op) vec {
	d := e.copy(x)
	e.mulAddTo(d, y, z)
	return d
}

// poly returns c[0] + c[1]·x + c[2]·x² + …
func (e *emitter) poly(x vec, c []float64) vec {
	y := e.copy(e.f(c[len(c)-1]))
	for i := len(c) - 2; i >= 0; i-- {
		e.mulAddTo(y, x, e.f(c[i]))
	}
	return y
}

// round rounds as the immediate of VROUNDPS says: 0 to even, 1 down, 2 up, 3 to zero.
func (e *emitter) round(x op, how uint8) vec {
	d := e.v()
	if e.isa.bytes == 64 {
		e.fp("RNDSCALE", operand.U8(how|8), x, d)
	} else {
		e.fp("ROUND", operand.U8(how|8), x, d)
	}
	return d
}

// broadcast fills a register with the element at p.
func (e *emitter) broadcast(p reg.Register) vec {
	d := e.v()
	name := "VBROADCAST" + pick(e, "SS", "SD")
	if e.f64 && e.isa == neon { // whose 128 bits another instruction fills
		name = "VMOVDDUP"
	}
	e.do(name, operand.Mem{Base: p}, d)
	return d
}

// name is the name of a function for the type and instruction set at hand.
func (e *emitter) name(base string) string {
	suffix := e.suffix()
	if b, ok := strings.CutSuffix(base, "Int"); ok { // of integers: the type ends in its bits
		base, suffix = b, fmt.Sprintf("Int%d", 8*e.size())
	}
	if strings.HasPrefix(base, "Convert") {
		suffix = "" // the types are in the name
	}
	return strings.ToLower(base[:1]) + base[1:] + suffix + e.isa.name
}
