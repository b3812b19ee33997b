package linalg

import (
	"math"

	"github.com/lemma-ml/lemma/lib/linalg/internal/kernel"
	"gonum.org/v1/gonum/floats"
)

// reflectors is the number of Householder vectors collected before they are taken off the rest of
// the matrix by one product: wide enough for the product, narrow enough that 2·32 rows of a thousand
// numbers stay in the second cache.
const reflectors = 32

// tridiagonal is A = Q·T·Qᵀ with T tridiagonal and Q = H_0·H_1·…·H_{n-2}, H_j = I - tau_j·v_j·v_jᵀ.
type tridiagonal struct {
	n, ld int
	d, e  []float64 // T's diagonal, n numbers, and the n-1 beside it
	tau   []float64
	// v holds v_j in row j, columns j+1 to n-1, with its leading 1. Rows and columns beyond n, up to
	// a multiple of four, are zero.
	v []float64
}

// pad4 is the smallest multiple of four that is at least n.
func pad4(n int) int { return (n + 3) &^ 3 }

// leading returns the distance between rows of n numbers in a work array: whole cache lines, and an
// odd number of them, so that a column does not fall on a few sets of a cache.
func leading(n int) int { return 8 * ((n+7)/8 | 1) }

// newTridiagonal reduces the symmetric n×n matrix whose upper triangle lies in a, rows leading(n)
// apart and pad4(n) of them. It overwrites a.
//
// The reduction goes by panels (Dongarra, Sorensen and Hammarling, J. Comput. Appl. Math. 27, 1989):
// with v_0…v_{r-1} and w_0…w_{r-1} the vectors of the panel so far, the matrix after them is
// A - V·Wᵀ - W·Vᵀ, of which only row j is formed to find v_j; then, with A as the panel found it,
//
//	y = A·v_j - V·(Wᵀv_j) - W·(Vᵀv_j),  w_j = τ·y - ½τ²(yᵀv_j)·v_j.
//
// Half of the 4n³/3 flops are the products A·v, each of which reads all of A's triangle; the other
// half is the matrix product at the end of a panel.
func newTridiagonal(team *kernel.Team, a []float64, n int) *tridiagonal {
	ld := leading(n)
	t := &tridiagonal{n: n, ld: ld, d: make([]float64, n), e: make([]float64, max(n-1, 0)), tau: make([]float64, max(n-1, 0)), v: a}
	p := newPanel(t)
	for j0 := 0; j0 < n-1 && team.Err() == nil; j0 += reflectors {
		j1 := min(j0+reflectors, n-1)
		clear(p.vwv)
		for j := j0; j < j1; j++ {
			row := a[j*ld : j*ld+pad4(n)]
			p.update(row, j, j-j0)
			t.d[j] = row[j]
			t.e[j], t.tau[j] = reflect(row[j+1 : n])
			copy(p.v(j - j0)[j+1:n], row[j+1:n])
			if t.tau[j] != 0 {
				p.next(team, j, j-j0)
			}
			if team.Err() != nil {
				return t
			}
		}
		// A -= V·Wᵀ + W·Vᵀ as one product of depth 2·32: the rows of vwv are V, W, V.
		copy(p.vwv[2*reflectors*ld:], p.vwv[:reflectors*ld])
		left := kernel.RowMajor(p.vwv, ld).T().From(j1, 0)
		right := kernel.RowMajor(p.vwv, ld).From(reflectors, j1)
		kernel.Gemm(team, n-j1, n-j1, 2*reflectors, -1, left, right, a[j1*ld+j1:], ld, kernel.Upper)
	}
	if n > 0 {
		t.d[n-1] = a[(n-1)*ld+n-1]
	}
	return t
}

// reflect replaces x by the v, v[0] = 1, of the reflector H = I - tau·v·vᵀ with H·x = (beta, 0, …, 0).
// Where there is nothing to reflect, tau is 0.
func reflect(x []float64) (beta, tau float64) {
	alpha, rest := x[0], x[1:]
	square := floats.Dot(rest, rest)
	unit := 1.0
	if square < 0x1p-800 { // near underflow: measure in a smaller unit
		if floats.Norm(rest, math.Inf(1)) == 0 {
			x[0] = 1
			return alpha, 0
		}
		unit = 0x1p-600
		floats.Scale(1/unit, x)
		alpha, square = x[0], floats.Dot(rest, rest)
	}
	beta = -math.Copysign(math.Hypot(alpha, math.Sqrt(square)), alpha)
	tau = (beta - alpha) / beta
	floats.Scale(1/(alpha-beta), rest)
	x[0] = 1
	return beta * unit, tau
}

// panelWork is what the reduction keeps of one panel.
type panelWork struct {
	t    *tridiagonal
	vwv  []float64   // rows of V, of W, and of V again
	part [][]float64 // the parts of A·v
	y    []float64
	dot  []float64 // the parts of yᵀv
	wv   [reflectors]float64
	vv   [reflectors]float64
}

func newPanel(t *tridiagonal) *panelWork {
	p := &panelWork{t: t, vwv: make([]float64, 3*reflectors*t.ld), y: make([]float64, t.ld)}
	p.part = make([][]float64, len(areas(0, pad4(t.n)))-1)
	for i := range p.part {
		p.part[i] = make([]float64, t.ld)
	}
	p.dot = make([]float64, (t.n+columnsAtOnce-1)/columnsAtOnce+1)
	return p
}

func (p *panelWork) v(r int) []float64 { return p.vwv[r*p.t.ld : (r+1)*p.t.ld] }
func (p *panelWork) w(r int) []float64 { return p.v(reflectors + r) }

// update takes the first r vectors of the panel off row j: row -= Σ_s v_s·w_s[j] + w_s·v_s[j].
// It starts at the multiple of four below j, where the row holds nothing that is read again.
func (p *panelWork) update(row []float64, j, r int) {
	from := j &^ 3
	var c [4]float64
	for s := 0; s < r; s += 4 {
		for q := range c {
			c[q] = -p.w(s + q)[j]
		}
		kernel.Axpy4(p.vwv[s*p.t.ld+from:], p.t.ld, row[from:], &c)
		for q := range c {
			c[q] = -p.v(s + q)[j]
		}
		kernel.Axpy4(p.vwv[(reflectors+s)*p.t.ld+from:], p.t.ld, row[from:], &c)
	}
}

// columnsAtOnce is the number of columns of y that one piece of work sums.
const columnsAtOnce = 512

// next computes w_j from v_j, r vectors into the panel. Everything is done from the multiple of four
// at or below j+1: v_j is zero there.
func (p *panelWork) next(team *kernel.Team, j, r int) {
	n, ld, tau := pad4(p.t.n), p.t.ld, p.t.tau[j]
	from := (j + 1) &^ 3
	v := p.v(r)[:n]
	bounds := areas(from, n)
	symv := len(bounds) - 1
	fours := (r + 3) / 4
	first := func(i int) {
		if i < symv {
			p.multiply(p.part[i][:n], v, bounds[i], bounds[i+1])
			return
		}
		s := (i - symv) * 4
		var wv, vv [4]float64
		kernel.Dot4(p.vwv[(reflectors+s)*ld+from:], ld, v[from:], &wv)
		kernel.Dot4(p.vwv[s*ld+from:], ld, v[from:], &vv)
		copy(p.wv[s:], wv[:])
		copy(p.vv[s:], vv[:])
	}
	chunks := (n - from + columnsAtOnce - 1) / columnsAtOnce
	second := func(i int) {
		lo := from + i*columnsAtOnce
		hi := min(n, lo+columnsAtOnce)
		y := p.y[lo:hi]
		copy(y, p.part[0][lo:hi])
		for k := 1; k < symv && bounds[k] < hi; k++ {
			at := max(lo, bounds[k])
			floats.Add(p.y[at:hi], p.part[k][at:hi])
		}
		var c [4]float64
		for s := 0; s < r; s += 4 {
			for q := range c {
				c[q] = -p.wv[s+q]
			}
			kernel.Axpy4(p.vwv[s*ld+lo:], ld, y, &c)
			for q := range c {
				c[q] = -p.vv[s+q]
			}
			kernel.Axpy4(p.vwv[(reflectors+s)*ld+lo:], ld, y, &c)
		}
		p.dot[i] = floats.Dot(y, v[lo:hi])
	}
	if symv == 1 { // too small to share
		for i := range 1 + fours {
			first(i)
		}
		for i := range chunks {
			second(i)
		}
	} else {
		team.Run(symv+fours, first)
		team.Run(chunks, second)
	}
	yv := floats.Sum(p.dot[:chunks])
	w := p.w(r)
	floats.ScaleTo(w[j+1:p.t.n], tau, p.y[j+1:p.t.n])
	floats.AddScaled(w[j+1:p.t.n], -tau*tau*yv/2, v[j+1:p.t.n])
}

// areas cuts the rows [from, n), both multiples of four, of an upper triangle into parts of about
// equal area, as many as the size is worth: it depends on the size alone, and so do the sums.
func areas(from, n int) []int {
	m := n - from
	parts := min(max(m/128, 1), 16)
	bounds := make([]int, parts+1)
	for i := range bounds {
		bounds[i] = from + int(float64(m)*(1-math.Sqrt(1-float64(i)/float64(parts))))&^3
	}
	bounds[parts] = n
	return bounds
}

// multiply sets y, from lo on, to the product with v of the rows [lo,hi) of the triangle and of
// their mirror images: both bounds are multiples of four.
func (p *panelWork) multiply(y, v []float64, lo, hi int) {
	clear(y[lo:])
	for i := lo; i < hi; i += 4 {
		fourRows(p.t.v, p.t.ld, i, v, y)
	}
}

// fourRows adds to y the product with v of the rows i to i+3 of the upper triangle a, and of their
// mirror images. Each row is read once for both.
func fourRows(a []float64, ld, i int, v, y []float64) {
	var c, sum [4]float64
	copy(c[:], v[i:i+4])
	for q := range 4 { // the block on the diagonal
		row := a[(i+q)*ld+i : (i+q)*ld+i+4]
		sum[q] += row[q] * c[q]
		for s := q + 1; s < 4; s++ {
			sum[q] += row[s] * c[s]
			sum[s] += row[s] * c[q]
		}
	}
	if i+4 < len(v) {
		kernel.DotAxpy4(a[i*ld+i+4:], ld, v[i+4:], y[i+4:], &c, &sum)
	}
	for q := range 4 {
		y[i+q] += sum[q]
	}
}
