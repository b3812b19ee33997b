package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/reg"
)

// A held constant is an operand that is, or may be, kept in a register.
type held struct {
	name string
	c    op
	f64  bool
	uses int
}

// use notes that a constant or a row is an operand, and returns the register that holds it, or nil.
func (e *emitter) use(c op) op {
	name := fmt.Sprintf("%T%d %s", c, e.size(), c.Asm())
	h := e.found[name]
	if h == nil {
		h = &held{name: name, c: c, f64: e.f64}
		e.found[name] = h
	}
	h.uses++
	if r, ok := e.registers[name]; ok {
		return r
	}
	return nil
}

// prologue loads the constants to be kept.
func (e *emitter) prologue() {
	for _, h := range e.keep {
		w := *e
		w.f64 = h.f64
		d := e.v()
		switch c := h.c.(type) {
		case row:
			e.VMOVUPS(w.data(c.name, c.words, 4), d)
		case constant:
			if e.isa.bytes == 64 {
				e.do("VBROADCAST"+pick(&w, "SS", "SD"), w.memory(c), d)
			} else {
				w.fp("MOVU", w.memory(c), d)
			}
		}
		e.registers[h.name] = d
	}
}

// hoist emits the function that write writes, which calls prologue before its loop, with as many constants in
// registers as leave enough of those for the rest: those used most. It tries until register allocation
// succeeds. Constants in memory cost a load each time, and processors load two vectors a cycle.
func (e *emitter) hoist(write func()) {
	context, consts := e.Context, e.consts
	try := func(keep []*held) error {
		e.Context, e.consts, e.labels, e.keep = build.NewContext(), maps.Clone(consts), 0, keep
		e.found, e.registers = map[string]*held{}, map[string]op{}
		defer func() { e.Context, e.consts = context, consts }()
		write()
		f, err := e.Result()
		if err != nil {
			return err
		}
		if err := pass.Compile.Execute(f); err != nil {
			return err
		}
		return e.encodable(f)
	}
	if err := try(nil); err != nil {
		panic(fmt.Errorf("gen: %w", err))
	}
	all := slices.SortedFunc(maps.Values(e.found), func(a, b *held) int {
		if a.uses != b.uses {
			return b.uses - a.uses
		}
		if a.name < b.name {
			return -1
		}
		return 1
	})
	n := len(all)
	for ; n > 0 && try(all[:n]) != nil; n-- {
	}
	e.labels, e.keep, e.found, e.registers = 0, all[:n], map[string]*held{}, map[string]op{}
	write()
	e.registers = nil
}

// encodable reports registers that are not there to be used: the allocator knows those of AVX-512.
func (e *emitter) encodable(f *ir.File) error {
	last := 15
	switch e.isa {
	case avx512:
		return nil
	case neon:
		last = scratch1 - 1
	}
	for _, i := range f.Functions()[0].Instructions() {
		for _, r := range i.Registers() {
			if p, ok := r.(reg.Physical); ok && r.Kind() == reg.KindVector && int(p.PhysicalIndex()) > last {
				return fmt.Errorf("%s needs register %s", f.Functions()[0].Name, r.Asm())
			}
		}
	}
	return nil
}

// interleave emits several copies of straight code, an instruction of each in turn, so that one does not wait
// for another's results.
func (e *emitter) interleave(copies int, write func(copy int)) {
	f := e.functionNow()
	start := len(f.Nodes)
	var parts [][]ir.Node
	for i := range copies {
		write(i)
		parts = append(parts, slices.Clone(f.Nodes[start:]))
		f.Nodes = f.Nodes[:start]
	}
	for i := range parts[0] {
		for _, p := range parts {
			f.Nodes = append(f.Nodes, p[i])
		}
	}
}

// functionNow is the function being written.
func (e *emitter) functionNow() *ir.Function {
	f, _ := e.Result()
	all := f.Functions()
	return all[len(all)-1]
}
