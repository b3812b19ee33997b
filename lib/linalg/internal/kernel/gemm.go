package kernel

// Matrix is a matrix in a slice: entry (i, j) is Data[i·Row + j·Col]. One of the strides is 1.
type Matrix struct {
	Data     []float64
	Row, Col int
}

// RowMajor is the matrix whose rows are contiguous and lie stride apart.
func RowMajor(data []float64, stride int) Matrix { return Matrix{data, stride, 1} }

// T is the transpose, of the same numbers.
func (m Matrix) T() Matrix { return Matrix{m.Data, m.Col, m.Row} }

// From is the part of the matrix below row i and right of column j, both included.
func (m Matrix) From(i, j int) Matrix { return Matrix{m.Data[i*m.Row+j*m.Col:], m.Row, m.Col} }

// Part says which entries of a square product are wanted.
type Part int

const (
	Whole Part = iota
	Upper      // i ≤ j
	Lower      // i ≥ j
)

// wants says whether the rows [i0,i1) and columns [j0,j1) hold a wanted entry.
func (p Part) wants(i0, i1, j0, j1 int) bool {
	return p == Whole || p == Upper && i0 < j1 || p == Lower && j0 < i1
}

// Sizes of the blocks of a product: a packed panel of B, depth×12, is 24 KiB and stays in the first
// cache; blockRows rows of A of that length are 192 KiB and stay in the second. The depth is the
// only one that the order of additions depends on.
const (
	depth      = 256
	blockRows  = 96
	blockCols  = 20 * tileCols
	superDepth = 4 * depth
)

// tooSmall is the number of multiplications, ten microseconds of work, below which no helper is asked.
const tooSmall = 200_000

// Gemm adds a product to the m×n matrix C = c[i·ldc + j]: C += α·A·B, A m×k and B k×n, which must not
// overlap C. Of a triangle only the tiles that hold a wanted entry are touched; of a tile on the diagonal
// the other entries change too, and mean nothing.
//
// Each entry is Σ over blocks of 256 of sums in the order of k, so that it depends on its row of A
// and its column of B alone: not on the sizes, nor on the number of processors. B is copied into
// panels of twelve columns, A is read where it is. Cost 2mnk flops; memory at most 1024·n.
func Gemm(t *Team, m, n, k int, alpha float64, a, b Matrix, c []float64, ldc int, part Part) {
	if m <= 0 || n <= 0 {
		return
	}
	_ = c[(m-1)*ldc+n-1]
	if m*n*k < tooSmall {
		t = Alone(t.ctx)
	}
	panels := (n + tileCols - 1) / tileCols
	packed := make([]float64, panels*tileCols*min(k, superDepth))
	down, across := (m+blockRows-1)/blockRows, (n+blockCols-1)/blockCols
	for k0 := 0; k0 < k; k0 += superDepth {
		k1 := min(k, k0+superDepth)
		const few = 8 // panels packed by one piece of work
		t.Run((panels+few-1)/few, func(i int) {
			for p := i * few; p < min(panels, (i+1)*few); p++ {
				packPanel(packed, b, k0, k1, p, panels, n, alpha)
			}
		})
		t.Run(down*across, func(i int) {
			i0, j0 := i/across*blockRows, i%across*blockCols
			i1, j1 := min(m, i0+blockRows), min(n, j0+blockCols)
			if !part.wants(i0, i1, j0, j1) {
				return
			}
			for d0 := k0; d0 < k1; d0 += depth {
				d1 := min(k1, d0+depth)
				at := packed[(d0-k0)*panels*tileCols:]
				block(a, at, d0, d1, i0, i1, j0, j1, c, ldc, part)
			}
		})
	}
}

// packPanel copies α·B, rows [k0,k1) and the twelve columns of panel p, to where [block] reads it:
// first by blocks of depth, then by panels, then by rows. Columns beyond n are zero.
func packPanel(packed []float64, b Matrix, k0, k1, p, panels, n int, alpha float64) {
	j0 := p * tileCols
	w := min(tileCols, n-j0)
	for d0 := k0; d0 < k1; d0 += depth {
		h := min(depth, k1-d0)
		dst := packed[(d0-k0)*panels*tileCols+p*h*tileCols:]
		dst = dst[:h*tileCols]
		switch {
		case w < tileCols:
			clear(dst)
			for j := range w {
				for r := range h {
					dst[r*tileCols+j] = alpha * b.Data[(d0+r)*b.Row+(j0+j)*b.Col]
				}
			}
		case b.Col == 1:
			for r := range h {
				src := b.Data[(d0+r)*b.Row+j0:]
				src = src[:tileCols]
				to := dst[r*tileCols : (r+1)*tileCols]
				for j, v := range src {
					to[j] = alpha * v
				}
			}
		default:
			for j := 0; j < tileCols; j += 4 {
				at := d0*b.Row + (j0+j)*b.Col
				s0, s1, s2, s3 := b.Data[at:], b.Data[at+b.Col:], b.Data[at+2*b.Col:], b.Data[at+3*b.Col:]
				for r := range h {
					to := dst[r*tileCols+j : r*tileCols+j+4 : r*tileCols+j+4]
					q := r * b.Row
					to[0], to[1], to[2], to[3] = alpha*s0[q], alpha*s1[q], alpha*s2[q], alpha*s3[q]
				}
			}
		}
	}
}

// block adds A[i0:i1, d0:d1]·B[d0:d1, j0:j1] to C, with the packed rows [d0,d1) of B at packed.
func block(a Matrix, packed []float64, d0, d1, i0, i1, j0, j1 int, c []float64, ldc int, part Part) {
	h := d1 - d0
	var edge [tileRows * tileCols]float64
	var short [tileRows * depth]float64
	for j := j0; j < j1; j += tileCols {
		w := min(tileCols, j1-j)
		panel := packed[j/tileCols*h*tileCols:]
		for i := i0; i < i1; i += tileRows {
			left := min(tileRows, i1-i)
			if !part.wants(i, i+left, j, j+w) {
				continue
			}
			rows, ars, acs := a.Data[i*a.Row+d0*a.Col:], a.Row, a.Col
			if left < tileRows { // the last rows: a copy with zeros below
				clear(short[:])
				for r := range left {
					for s := range h {
						short[s*tileRows+r] = rows[r*ars+s*acs]
					}
				}
				rows, ars, acs = short[:], 1, tileRows
			}
			if left == tileRows && w == tileCols {
				tile(h, rows, ars, acs, panel, c[i*ldc+j:], ldc)
				continue
			}
			clear(edge[:])
			tile(h, rows, ars, acs, panel, edge[:], tileCols)
			for r := range left {
				to := c[(i+r)*ldc+j : (i+r)*ldc+j+w]
				for s := range to {
					to[s] += edge[r*tileCols+s]
				}
			}
		}
	}
}
