package loop

import "unsafe"

// An input whose neighbours lie along the rows (a transposed array) would touch a new cache line for
// each element of a row. It is staged: several rows of it are copied at once, so that each line is
// read once, and kernels work on the copy.

// stageBytes bounds the copy: it should stay in a second-level cache.
const stageBytes = 128 << 10

// stageRows returns how many rows of an input are copied at once, 1 if it is not to be staged.
func (f *form) stageRows(p *place) int {
	last := len(f.rows) - 1
	if f.batch > 1 || last < 0 || p.kind != vector || p.column == p.size {
		return 1
	}
	step, column := p.rows[last], p.column
	if step == 0 || max(step, -step) >= max(column, -column) || max(step, -step) >= 64 {
		return 1
	}
	rows := max(16, 64/p.size)
	return max(1, min(rows, f.rows[last], stageBytes/(f.step[2]*p.size)))
}

// stage makes sure that the staged rows of a place hold the current one.
func (s *state) stage(p *place, c0, c1 int) {
	f := s.form
	g := &s.stages[p.stage]
	if s.row >= g.row && s.row < g.row+g.rows {
		return
	}
	last := len(f.rows) - 1
	g.row, g.next = s.row, (c1-c0)*p.size
	g.rows = min(p.ahead, f.rows[last]-s.row%f.rows[last], s.limit-s.row)
	movers[p.size].patch(unsafe.Add(s.base, p.room), g.next,
		unsafe.Add(s.arrays[p.array], s.offset(p, 0)+c0*p.column), p.rows[last], p.column, g.rows, c1-c0)
}

// staged is what a stage holds.
type staged struct {
	row, rows int
	next      int // bytes from row to row
}

// patchOf copies rows × columns elements, step and column bytes apart, to rows that lie next bytes
// apart and are dense.
func patchOf[T any](dst unsafe.Pointer, next int, src unsafe.Pointer, step, column, rows, columns int) {
	c := 0
	for ; c+4 <= columns; c += 4 {
		a := unsafe.Add(src, c*column)
		for j := range rows {
			x := unsafe.Add(a, j*step)
			d := (*[4]T)(unsafe.Add(dst, j*next+c*int(unsafe.Sizeof(*new(T)))))
			d[0] = *(*T)(x)
			d[1] = *(*T)(unsafe.Add(x, column))
			d[2] = *(*T)(unsafe.Add(x, 2*column))
			d[3] = *(*T)(unsafe.Add(x, 3*column))
		}
	}
	for ; c < columns; c++ {
		a := unsafe.Add(src, c*column)
		for j := range rows {
			*(*T)(unsafe.Add(dst, j*next+c*int(unsafe.Sizeof(*new(T))))) = *(*T)(unsafe.Add(a, j*step))
		}
	}
}
