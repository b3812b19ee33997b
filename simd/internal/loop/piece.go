package loop

import "unsafe"

// piece runs piece number i of the grid.
func (s *state) piece(i int, partial unsafe.Pointer) {
	f := s.form
	var at [3]int
	at[2] = i % f.pieces[2]
	i /= f.pieces[2]
	at[1] = i % f.pieces[1]
	at[0] = i / f.pieces[1]
	k0 := at[0] * f.step[0]
	k1 := min(k0+f.step[0], f.kept)
	o0 := at[1] * f.step[1]
	o1 := min(o0+f.step[1], f.reduced)
	c0 := at[2] * f.step[2]
	c1 := min(c0+f.step[2], f.columns)
	s.begin(c0, c1)
	if len(f.accums) == 0 {
		r0, r1 := k0*f.reduced, k1*f.reduced // reduced is 1, or every place of it is stored
		s.limit = r1
		s.seek(r0)
		for r := s.twins(r0, r1, c0, c1); r < r1; r += f.batch {
			s.rows(r, min(f.batch, r1-r), c0, c1)
		}
		return
	}
	part := at[1]*f.pieces[2] + at[2]
	for k := k0; k < k1; k++ {
		r0, r1 := k*f.reduced+o0, k*f.reduced+o1
		if k == k0 || r0 != s.row {
			s.seek(r0)
		}
		s.limit = r1
		s.unit, s.block = 0, 0
		if f.rowSums != nil {
			for r := r0; r < r1; r += fan {
				s.sumRows(r, min(fan, r1-r), c0, c1)
				s.unit++
			}
		} else {
			for r := s.twins(r0, r1, c0, c1); r < r1; r += f.batch {
				s.rows(r, min(f.batch, r1-r), c0, c1)
				s.unit++
			}
		}
		s.row = r1
		s.flush(k, part, at[1], c0, c1, partial)
	}
}

// flush takes the accumulators' sums to the output, or to the parts of it that combine joins.
func (s *state) flush(k, part, reducedPart, c0, c1 int, partial unsafe.Pointer) {
	f := s.form
	for i := range f.accums {
		a := &f.accums[i]
		mem := unsafe.Add(s.base, a.offset)
		n := s.unit
		if a.code == addFold {
			n = s.block
		}
		x := a.sum(mem, n)
		width, c := 1, 0
		if a.code == addBlock {
			width, c = c1-c0, c0
			if f.batch > 1 {
				a.join(x, f.batch, width)
			}
		}
		if f.parts(a.code) == 1 {
			f.store(a, s.arrays, k, c, x, width)
			continue
		}
		p := part
		if a.code != addFold {
			p = reducedPart
		}
		move(unsafe.Add(partial, a.partial+((p*f.kept+k)*a.whole+c)*a.size), x, width*a.size)
	}
}

// begin sets what is the same in all rows.
func (s *state) begin(c0, c1 int) {
	f := s.form
	clear(s.stages)
	s.c0 = c0
	for _, i := range f.fixed {
		p := &f.places[i]
		s.reg[p.reg] = s.arrays[p.array]
	}
	for i := range f.still {
		q := &f.still[i]
		s.reg[q.reg] = unsafe.Add(s.arrays[q.array], c0*q.column)
	}
	for i, code := range s.code {
		for _, m := range f.chains[i].once {
			code[m.link].operand = uintptr(s.reg[m.reg])
		}
	}
	for i := range f.begin {
		o := &f.begin[i]
		switch o.code {
		case callOne:
			o.kernel(s.reg[o.d], s.reg[o.a], s.reg[o.b], s.reg[o.c], 1)
		case fillOnce:
			fill(s.reg[o.d], s.reg[o.a], o.n, o.size)
		case loadOnce:
			p := &f.places[o.x]
			n := c1 - c0
			first := s.reg[o.d]
			gather(first, unsafe.Add(s.arrays[p.array], c0*p.column), p.column, n, p.size)
			for j := 1; j < f.batch; j++ {
				move(unsafe.Add(first, j*n*p.size), first, n*p.size)
			}
		}
	}
}

// seek goes to a row.
func (s *state) seek(r int) {
	f := s.form
	s.row = r
	if f.slots == 0 {
		return
	}
	for d := len(f.rows) - 1; d >= 0; d-- {
		s.index[d] = r % f.rows[d]
		r /= f.rows[d]
	}
	for i := range f.places {
		p := &f.places[i]
		if p.even {
			continue
		}
		off := 0
		for d, x := range s.index {
			off += x * p.rows[d]
		}
		s.current[p.slot] = off
	}
}

// next writes down where the next n rows are and goes past them.
func (s *state) next(n int) {
	f := s.form
	for j := range n {
		for i, off := range s.current {
			s.offsets[i*f.batch+j] = off
		}
		for d := len(f.rows) - 1; d >= 0; d-- {
			s.index[d]++
			if s.index[d] < f.rows[d] {
				for i := range f.places {
					if p := &f.places[i]; !p.even {
						s.current[p.slot] += p.rows[d]
					}
				}
				break
			}
			s.index[d] = 0
			for i := range f.places {
				if p := &f.places[i]; !p.even {
					s.current[p.slot] -= p.rows[d] * (f.rows[d] - 1)
				}
			}
		}
	}
}

// offset returns where the j-th of the current rows of a place begins.
func (s *state) offset(p *place, j int) int {
	if p.even {
		return (s.row + j) * p.flat
	}
	return s.offsets[p.slot*s.form.batch+j]
}

// rows runs the code for rows r to r+n, at most a batch, and columns c0 to c1. Rows follow on those
// of the call before, or on seek.
func (s *state) rows(r, n, c0, c1 int) {
	f := s.form
	s.row = r
	if f.slots > 0 {
		s.next(n)
	}
	if f.stages > 0 {
		for i := range f.inputs {
			if p := &f.places[i]; p.ahead > 0 {
				s.stage(p, c0, c1)
			}
		}
	}
	for i := range f.pointers {
		q := &f.pointers[i]
		s.reg[q.reg] = unsafe.Add(s.arrays[q.array], r*q.flat+c0*q.column)
	}
	for _, i := range f.others {
		s.point(&f.places[i], c0, c0)
	}
	for i := range f.phases {
		ph := &f.phases[i]
		if len(ph.rows) > 0 {
			s.exec(ph.rows, n, 0, 0, 0)
		}
		if !f.many {
			if len(ph.blocks) > 0 {
				s.exec(ph.blocks, n, c0, c1-c0, 0)
			}
			s.block++
			continue
		}
		for c, b := c0, 0; c < c1; c, b = c+f.width, b+1 {
			for _, k := range ph.places {
				s.point(&f.places[k], c0, c)
			}
			for _, m := range f.moving {
				s.reg[m.reg] = unsafe.Add(s.base, m.offset+(c-c0)*m.size)
			}
			s.exec(ph.blocks, n, c, min(f.width, c1-c), b)
			s.block++
		}
		for k := range ph.finish {
			o := &ph.finish[k]
			s.joinParts(o, (c1-c0+f.width-1)/f.width)
		}
	}
	if len(f.end) > 0 {
		s.exec(f.end, n, 0, 0, 0)
	}
}

// point sets the register of a place to column c of the current row of a piece that begins at c0.
func (s *state) point(p *place, c0, c int) {
	if p.ahead > 0 {
		g := &s.stages[p.stage]
		s.reg[p.reg] = unsafe.Add(s.base, p.room+(s.row-g.row)*g.next+(c-c0)*p.size)
		return
	}
	s.reg[p.reg] = unsafe.Add(s.arrays[p.array], s.offset(p, 0)+c*p.column)
}
