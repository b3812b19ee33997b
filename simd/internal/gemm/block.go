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

// blockOfA packs rows into panels, one for each tile, all as wide as the first.
func (w *work) blockOfA(s *scratch, cut cut, k0, kb int) {
	p := w.p
	width := cut.per * p.bytes
	dst := s.a.grow(cut.tiles * width * kb)
	s.ka = p.kA.fill(s.ka, k0, kb)
	n := kb
	if !p.packA.transpose {
		n = chunk
	}
	for k := 0; k < kb; k += n {
		end := min(kb, k+n)
		for i := range cut.tiles {
			r0, r1 := cut.tile(i)
			p.packA.panel(unsafe.Add(dst, i*width*kb+k*width), width, w.a, s.ma[r0:r1], s.ka[k:end], k0+k)
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
	cut := newCut(rows, kern.rows)
	per := cut.per
	step := kern.cols * p.bytes
	if !p.aDirect {
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
	group := n1 - n0 // columns between two calls of the epilogue
	if w.ep != nil {
		group = max(64, epilogueBytes/(rows*p.bytes)/kern.cols*kern.cols)
	}
	for k0 := w.k0; k0 < w.k1; k0 += p.kc {
		kb := min(p.kc, w.k1-k0)
		t.k, t.add = kb, 0
		if k0 > 0 {
			t.add = 1
		}
		if p.aDirect {
			t.aRow, t.aK, t.aTile = p.aRow, p.aK, per*p.aRow
			t.a = unsafe.Add(w.a, m0*p.aRow+k0*p.aK)
		} else {
			w.blockOfA(s, cut, k0, kb)
			t.aRow, t.aK, t.aTile = p.bytes, per*p.bytes, per*p.bytes*kb
			t.a = s.a.p
		}
		if ownB {
			s.kb = p.kB.fill(s.kb, k0, kb)
		}
		reported := n0
		for n := n0; n < n1; {
			cols := min(kern.cols, n1-n)
			switch {
			case p.bDirect:
				t.b, t.bK = unsafe.Add(w.b, n*p.bytes+k0*p.bK), p.bK
				if rows == 1 && p.cDirect && kern.wide != nil && (n1-n)*p.bytes >= 256 {
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
			w.panel(s, m0, cut, n0, n, cols)
			n += cols
			if k0+kb == p.k && n-reported >= group {
				w.report(m0, m1, reported, n)
				reported = n
			}
		}
		if k0+kb == p.k && reported < n1 {
			w.report(m0, m1, reported, n1)
		}
	}
	t.a, t.b, t.c = nil, nil, nil
	scratches.Put(s)
}

// epilogueBytes is how much of C is finished between two calls of the epilogue.
const epilogueBytes = 96 << 10

// panel computes the tiles of one panel, cols columns from n on, for all rows of the block.
func (w *work) panel(s *scratch, m0 int, cut cut, n0, n, cols int) {
	p, kern, t := w.p, w.p.kern, &s.tile
	fn := kern.tile[kern.shape(t, cols)]
	a := t.a
	if p.cDirect {
		t.c = unsafe.Add(w.c, m0*p.cRow+n*p.bytes)
		t.cRow, t.cTile = p.cRow, cut.per*p.cRow
		t.tiles = cut.big
		fn[cut.per-1](t)
		if rest := cut.tiles - cut.big; rest > 0 {
			t.a = unsafe.Add(a, cut.big*t.aTile)
			t.c = unsafe.Add(t.c, cut.big*t.cTile)
			aTile := t.aTile
			if p.aDirect {
				t.aTile -= p.aRow
			}
			t.cTile -= p.cRow
			t.tiles = rest
			fn[cut.per-2](t)
			t.a, t.aTile = a, aTile
		}
		return
	}
	colOffs := s.nc[n-n0 : n-n0+cols]
	side := true // the columns lie side by side
	for j := 1; j < cols; j++ {
		side = side && colOffs[j] == colOffs[j-1]+p.bytes
	}
	t.tiles = 1
	for i := range cut.tiles {
		r0, r1 := cut.tile(i)
		rowOffs := s.mc[r0:r1]
		even := side
		step := 0
		if len(rowOffs) > 1 {
			step = rowOffs[1] - rowOffs[0]
		}
		for j := 1; j < len(rowOffs); j++ {
			even = even && rowOffs[j]-rowOffs[j-1] == step
		}
		if p.aDirect {
			t.a = unsafe.Add(a, r0*p.aRow)
		} else {
			t.a = unsafe.Add(a, i*t.aTile)
		}
		if even {
			t.c, t.cRow = unsafe.Add(w.c, rowOffs[0]+colOffs[0]), step
			fn[len(rowOffs)-1](t)
		} else {
			w.scattered(s, fn[len(rowOffs)-1], rowOffs, colOffs)
		}
	}
	t.a = a
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
