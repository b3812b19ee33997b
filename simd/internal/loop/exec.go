package loop

import (
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/elem"
)

// exec runs steps on n rows and, for blocks, width columns from column c; b is the block's number.
func (s *state) exec(code []op, n, c, width, b int) {
	f := s.form
	for i := range code {
		o := &code[i]
		switch o.code {
		case callBlock:
			o.kernel(s.reg[o.d], s.reg[o.a], s.reg[o.b], s.reg[o.c], n*width)
		case callChain:
			s.chain(o.x, n*width, c, b)
		case callFloat:
			s.float(o)
		case callRows:
			o.kernel(s.reg[o.d], s.reg[o.a], s.reg[o.b], s.reg[o.c], n)
		case repeatOne:
			if o.n > 0 {
				width = o.n
			}
			fill(s.reg[o.d], s.reg[o.a], width, o.size)
		case repeatMany:
			repeatRows(s.reg[o.d], s.reg[o.a], n, width, o.size)
		case loadBlock:
			p := &f.places[o.x]
			if n > 1 && p.even && p.column != p.size {
				movers[p.size].patch(s.reg[o.d], width*p.size, unsafe.Add(s.arrays[p.array], s.offset(p, 0)+c*p.column), p.flat, p.column, n, width)
				continue
			}
			for j := range n {
				gather(unsafe.Add(s.reg[o.d], j*width*p.size),
					unsafe.Add(s.arrays[p.array], s.offset(p, j)+c*p.column), p.column, width, p.size)
			}
		case loadRows:
			p := &f.places[o.x]
			if p.even {
				gather(s.reg[o.d], unsafe.Add(s.arrays[p.array], s.offset(p, 0)), p.flat, n, p.size)
				continue
			}
			for j := range n {
				move(unsafe.Add(s.reg[o.d], j*p.size), unsafe.Add(s.arrays[p.array], s.offset(p, j)), p.size)
			}
		case reduceRows:
			s.reduceRows(o, n, width, b)
		case storeBlock:
			p := &f.places[o.x+f.inputs]
			if p.column == p.size && p.dense(width) {
				move(unsafe.Add(s.arrays[p.array], s.offset(p, 0)+c*p.column), s.reg[o.a], n*width*p.size)
				continue
			}
			for j := range n {
				scatter(unsafe.Add(s.arrays[p.array], s.offset(p, j)+c*p.column), p.column,
					unsafe.Add(s.reg[o.a], j*width*p.size), width, p.size)
			}
		case storeRows:
			p := &f.places[o.x+f.inputs]
			for j := range n {
				move(unsafe.Add(s.arrays[p.array], s.offset(p, j)), unsafe.Add(s.reg[o.a], j*p.size), p.size)
			}
		case addBlock:
			a := &f.accums[o.x]
			full := f.batch * width
			if f.batch == 1 {
				a.add(unsafe.Add(s.base, a.offset), s.reg[o.a], s.column(c), width, width, s.unit)
			} else {
				a.add(unsafe.Add(s.base, a.offset), s.reg[o.a], 0, n*width, full, s.unit)
			}
		case addFold:
			a := &f.accums[o.x]
			x := unsafe.Add(s.base, a.offset+a.levels*a.width*max(a.size, 16))
			*(*value)(x) = a.identity
			reduce(a.reducer, x, s.reg[o.a], n*width, a.size)
			a.add(unsafe.Add(s.base, a.offset), x, 0, 1, 1, s.block)
		case addRows:
			a := &f.accums[o.x]
			x := s.reg[o.a]
			if n > 1 {
				x = unsafe.Add(s.base, a.offset+a.levels*a.width*max(a.size, 16))
				*(*value)(x) = a.identity
				a.reducer(x, s.reg[o.a], n)
			}
			a.add(unsafe.Add(s.base, a.offset), x, 0, 1, 1, s.unit)
		}
	}
}

// column returns a column's place in its piece.
func (s *state) column(c int) int { return c - s.c0 }

// reduce calls a reducer on blocks that are short enough for it to need no memory.
func reduce(r elem.Reducer, acc, x unsafe.Pointer, n, size int) {
	const longest = 2048
	for ; n > longest; n -= longest {
		r(acc, x, longest)
		x = unsafe.Add(x, longest*size)
	}
	r(acc, x, n)
}

// reduceRows reduces each row of a block.
func (s *state) reduceRows(o *op, n, width, b int) {
	if o.part > 0 {
		x := unsafe.Add(s.reg[o.part], b*o.size)
		fill(x, unsafe.Pointer(&o.identity), 1, o.size)
		reduce(o.reducer, x, s.reg[o.a], width, o.size)
		return
	}
	fill(s.reg[o.d], unsafe.Pointer(&o.identity), n, o.size)
	for j := range n {
		reduce(o.reducer, unsafe.Add(s.reg[o.d], j*o.size), unsafe.Add(s.reg[o.a], j*width*o.size), width, o.size)
	}
}

// joinParts reduces what n blocks of a row gave.
func (s *state) joinParts(o *op, n int) {
	x := s.reg[o.part]
	for n > 1024 { // a tree
		m := (n + 1023) / 1024
		for j := range m {
			acc := o.identity
			lo := j * 1024
			o.reducer(unsafe.Pointer(&acc), unsafe.Add(x, lo*o.size), min(1024, n-lo))
			fill(unsafe.Add(x, j*o.size), unsafe.Pointer(&acc), 1, o.size)
		}
		n = m
	}
	fill(s.reg[o.d], unsafe.Pointer(&o.identity), 1, o.size)
	o.reducer(s.reg[o.d], x, n)
}
