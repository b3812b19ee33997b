package gemm

import "unsafe"

// packPanels packs some panels of B for everybody. Blocks of kc terms come first, then panels, then
// terms.
func (w *work) packPanels(piece int) {
	p, kern := w.p, w.p.kern
	s := scratches.Get().(*scratch)
	step := kern.cols * p.bytes
	panels := (w.n1 - w.n0 + kern.cols - 1) / kern.cols
	first, last := piece*w.per, min(panels, (piece+1)*w.per)
	n0 := w.n0 + first*kern.cols
	s.nb = p.nB.fill(s.nb, n0, min(w.n1, w.n0+last*kern.cols)-n0)
	for k0 := w.k0; k0 < w.k1; k0 += p.kc {
		kb := min(p.kc, w.k1-k0)
		s.kb = p.kB.fill(s.kb, k0, kb)
		for i := first; i < last; i++ {
			at := (i - first) * kern.cols
			cols := min(kern.cols, len(s.nb)-at)
			dst := unsafe.Add(w.packed.p, (k0-w.k0)*panels*step+i*kb*step)
			w.panelOfB(dst, s.nb[at:at+cols], s.kb, k0)
		}
	}
	scratches.Put(s)
}

// panelOfB packs one panel; columns that are not there are zero.
func (w *work) panelOfB(dst unsafe.Pointer, lanes, ks []int, k0 int) {
	p := w.p
	step := p.kern.cols * p.bytes
	p.packB.panel(dst, step, w.b, lanes, ks, k0)
	if n := len(lanes) * p.bytes; n < step {
		p.packB.zeros(unsafe.Add(dst, n), step, step-n, len(ks))
	}
}

// chunk is how many terms of a block of A are packed at a time where that reads strips: lines of
// memory that several panels share stay in the first cache meanwhile.
const chunk = 32

// A cut divides the rows of a block among tiles: big tiles of per rows, and then tiles of one row less.
// Tiles of two rows, which a plain division may leave over, run at half the speed of large ones.
type cut struct{ rows, tiles, per, big int }

func newCut(rows, most int) cut {
	tiles := (rows + most - 1) / most
	per := (rows + tiles - 1) / tiles
	return cut{rows, tiles, per, rows - tiles*(per-1)}
}

// tile returns the rows of a tile.
func (c cut) tile(i int) (r0, r1 int) {
	if i < c.big {
		return i * c.per, (i + 1) * c.per
	}
	r0 = c.big*c.per + (i-c.big)*(c.per-1)
	return r0, r0 + c.per - 1
}

// A part is some rows of a block whose numbers of A are an even distance apart, and how they are divided.
type part struct {
	cut
	row int // the first one, from the block's first
	a   int // where it is: in A, or in the packed block
}

// parts divides the rows [m0,m1) of A: in place, where the distance from row to row changes; packed, not
// at all.
func (w *work) parts(parts []part, m0, m1 int) []part {
	p := w.p
	parts = parts[:0]
	if !w.aDirect {
		return append(parts, part{cut: newCut(m1-m0, p.kern.rows)})
	}
	for m := m0; m < m1; {
		n := min(m1-m, p.aRun-m%p.aRun)
		parts = append(parts, part{newCut(n, p.kern.rows), m - m0, p.mA.at(m)})
		m += n
	}
	return parts
}

// blockOfA packs rows into panels, one for each tile, all as wide as the first.
func (w *work) blockOfA(s *scratch, cut cut, k0, kb int) {
	p := w.p
	width := cut.per * p.bytes
	dst := s.a.grow(cut.tiles * width * kb)
	if p.packA.transpose {
		for i := range cut.tiles {
			r0, r1 := cut.tile(i)
			p.packA.panel(unsafe.Add(dst, i*width*kb), width, w.a, s.ma[r0:r1], s.ka, k0)
		}
		return
	}
	// The rows of a term lie side by side. Eight tiles are copied at once where they do: then each line of
	// memory is read once, wherever the lines of the next term fall in the cache.
	first := p.packA.across(dst, width, width*kb, w.a, s.ma[:cut.big*cut.per], cut.per, s.ka)
	for k := 0; k < kb; k += chunk {
		end := min(kb, k+chunk)
		for i := first; i < cut.tiles; i++ {
			r0, r1 := cut.tile(i)
			p.packA.strips(unsafe.Add(dst, i*width*kb+k*width), width, w.a, s.ma[r0:r1], s.ka[k:end])
		}
	}
}

// block computes one block of C: mc rows by nc columns, over the terms [k0,k1).
func (w *work) block(i int) {
	p, kern := w.p, w.p.kern
	s := scratches.Get().(*scratch)
	t := &s.tile
	m0 := i / w.nBlocks * w.mc
	m1 := min(p.m, m0+w.mc)
	n0 := w.n0 + i%w.nBlocks*w.nc
	n1 := min(w.n1, n0+w.nc)
	rows := m1 - m0
	s.parts = w.parts(s.parts, m0, m1)
	step := kern.cols * p.bytes
	if !w.aDirect {
		s.ma = p.mA.fill(s.ma, m0, rows)
	}
	ownB := !p.bDirect && !w.shared
	if ownB {
		s.nb = p.nB.fill(s.nb, n0, n1-n0)
		s.b.grow(p.kc * step)
	}
	if !p.cDirect {
		s.mc = p.mC.fill(s.mc, m0, rows)
		s.nc = p.nC.fill(s.nc, n0, n1-n0)
	}
	for k0 := w.k0; k0 < w.k1; k0 += p.kc {
		kb := min(p.kc, w.k1-k0)
		t.k, t.add = kb, 0
		if k0 > 0 {
			t.add = 1
		}
		var a unsafe.Pointer
		if w.aDirect {
			t.aRow, t.aK = p.aRow, p.aK
			a = w.a
			if w.aTable {
				s.ka = p.kA.fill(s.ka, k0, kb)
				t.table = unsafe.Pointer(&s.ka[0])
			} else {
				a = unsafe.Add(a, k0*p.aK)
			}
		} else {
			s.ka = p.kA.fill(s.ka, k0, kb)
			w.blockOfA(s, s.parts[0].cut, k0, kb)
			t.aRow, t.aK = p.bytes, s.parts[0].per*p.bytes
			a = s.a.p
		}
		if ownB {
			s.kb = p.kB.fill(s.kb, k0, kb)
		}
		for n := n0; n < n1; {
			cols := min(kern.cols, n1-n)
			switch {
			case p.bDirect:
				t.b, t.bK = unsafe.Add(w.b, n*p.bytes+k0*p.bK), p.bK
				if rows == 1 && p.cDirect && !w.aTable && kern.wide != nil && (n1-n)*p.bytes >= 256 {
					t.a = unsafe.Add(a, s.parts[0].a)
					t.tiles = (n1 - n) * p.bytes / 256
					t.c = unsafe.Add(w.c, m0*p.cRow+n*p.bytes)
					kern.wide(t)
					n += t.tiles * 256 / p.bytes
					continue
				}
			case w.shared:
				panels := (w.n1 - w.n0 + kern.cols - 1) / kern.cols
				t.b = unsafe.Add(w.packed.p, (k0-w.k0)*panels*step+(n-w.n0)/kern.cols*kb*step)
				t.bK = step
			default:
				w.panelOfB(s.b.p, s.nb[n-n0:n-n0+cols], s.kb, k0)
				t.b, t.bK = s.b.p, step
			}
			for i := range s.parts {
				w.panel(s, &s.parts[i], a, m0, n0, n, cols)
			}
			n += cols
		}
	}
	t.a, t.b, t.c, t.table = nil, nil, nil, nil
	scratches.Put(s)
	if w.ep != nil && w.k1 == p.k {
		w.ep(w.bt*p.m+m0, w.bt*p.m+m1)
	}
}

// panel computes the tiles of one panel, cols columns from n on, for a part of the rows. A is at a.
func (w *work) panel(s *scratch, part *part, a unsafe.Pointer, m0, n0, n, cols int) {
	p, kern, t := w.p, w.p.kern, &s.tile
	indirect := 0
	if w.aTable {
		indirect = 1
	}
	fn := kern.tile[indirect][kern.shape(t, cols)]
	a = unsafe.Add(a, part.a)
	// From a tile of per rows to the next; packed tiles all take as much room as the largest.
	per, less := part.per*p.aRow, p.aRow
	if !w.aDirect {
		per, less = part.per*p.bytes*t.k, 0
	}
	t.a, t.aTile, t.tiles = a, per, part.big
	if p.cDirect {
		t.c = unsafe.Add(w.c, (m0+part.row)*p.cRow+n*p.bytes)
		t.cRow, t.cTile = p.cRow, part.per*p.cRow
		fn[part.per-1](t)
		if rest := part.tiles - part.big; rest > 0 {
			t.a = unsafe.Add(a, part.big*per)
			t.c = unsafe.Add(t.c, part.big*t.cTile)
			t.aTile -= less
			t.cTile -= p.cRow
			t.tiles = rest
			fn[part.per-2](t)
		}
		return
	}
	colOffs := s.nc[n-n0 : n-n0+cols]
	side := true // the columns lie side by side
	for j := 1; j < cols; j++ {
		side = side && colOffs[j] == colOffs[j-1]+p.bytes
	}
	t.tiles = 1
	for i := range part.tiles {
		r0, r1 := part.tile(i)
		rowOffs := s.mc[part.row+r0 : part.row+r1]
		if w.aDirect {
			t.a = unsafe.Add(a, r0*p.aRow)
		} else {
			t.a = unsafe.Add(a, i*per)
		}
		even := side
		step := 0
		if len(rowOffs) > 1 {
			step = rowOffs[1] - rowOffs[0]
		}
		for j := 1; j < len(rowOffs); j++ {
			even = even && rowOffs[j]-rowOffs[j-1] == step
		}
		if even {
			t.c, t.cRow = unsafe.Add(w.c, rowOffs[0]+colOffs[0]), step
			fn[len(rowOffs)-1](t)
		} else {
			w.scattered(s, fn[len(rowOffs)-1], rowOffs, colOffs)
		}
	}
}

// scattered computes a tile beside C and brings its numbers to their places.
func (w *work) scattered(s *scratch, fn func(*tile), rowOffs, colOffs []int) {
	p, t := w.p, &s.tile
	add, edge := t.add, unsafe.Pointer(&s.edge)
	t.c, t.cRow, t.add = edge, p.kern.cols*p.bytes, 0
	fn(t)
	t.add = add
	for r, off := range rowOffs {
		if p.bytes == 4 {
			scatter[float32](unsafe.Add(w.c, off), unsafe.Add(edge, r*t.cRow), colOffs, add != 0)
		} else {
			scatter[float64](unsafe.Add(w.c, off), unsafe.Add(edge, r*t.cRow), colOffs, add != 0)
		}
	}
}

// scatter stores or adds a row of a tile.
func scatter[T float32 | float64](c, row unsafe.Pointer, offs []int, add bool) {
	for j, x := range unsafe.Slice((*T)(row), len(offs)) {
		to := (*T)(unsafe.Add(c, offs[j]))
		if add {
			x += *to
		}
		*to = x
	}
}
