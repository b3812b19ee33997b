package tied

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Way is how a direction leaves a critical point.
type Way string

const (
	Swap       Way = "swap"     // an eigenvector of the support turns to one outside it (case 3 of Lemma 11.3.7)
	Grow       Way = "grow"     // an eigenvector outside the support enters along a unit of no use so far
	Equalizing Way = "equalize" // two columns of different length turn into each other (Lemma 11.3.6)
)

// Direction is a direction at a critical point with the curvature that theory gives along it.
type Direction struct {
	Way       Way
	Words     string     // such as "w₁ enters"
	E         *mat.Dense // d₀×d₁, of length 1
	Curvature float64    // ⟨E, ∇²L_θ[E]⟩ by formula
}

// Directions returns the directions that the proofs use at u, a point of the family as Point returns it:
//
//	swap w_j for w'        w'v_jᵀ                curvature -4(λ(w') - λ_j)
//	let w' grow            w'zᵀ, Uz = 0          curvature 4(λc - λ(w'))
//	equalize u_a and u_b   u_b e_aᵀ - u_a e_bᵀ   curvature -4λ(‖u_a‖²-‖u_b‖²)²/(‖u_a‖²+‖u_b‖²)
//
// for w' outside all supports, z in a block with fewer eigenvectors than columns, and columns of different
// blocks. Zero columns are a block of c = 0. All are orthogonal to the rotations of the block.
func (m *Model) Directions(f *Family, u *mat.Dense) []Direction {
	blocks := slices.Clone(f.Blocks)
	used := 0
	for _, b := range blocks {
		used += b.Columns
	}
	if used < m.d1 {
		blocks = append(blocks, Block{Columns: m.d1 - used})
	}
	var out []Direction
	at := 0
	first := make([]int, len(blocks))
	for k, b := range blocks {
		first[k] = at
		for w := range m.d0 {
			if f.Spectrum[w] > 0 {
				continue
			}
			for _, j := range b.Support {
				if m.same(w, j) {
					continue // they span one eigenspace, in which nothing changes
				}
				v := make([]float64, m.d1) // v_j: the row of U along w_j, in this block
				vec := m.eigenvector(j)
				for c := at; c < at+b.Columns; c++ {
					v[c] = floats.Dot(vec, mat.Col(nil, c, u))
				}
				out = append(out, m.direction(Swap, fmt.Sprintf("w%s turns to w%s", lower(j+1), lower(w+1)), w, v, -4*(m.values[w]-m.values[j])))
			}
			if len(b.Support) < b.Columns {
				z := kernel(u, at, b.Columns)
				out = append(out, m.direction(Grow, fmt.Sprintf("w%s enters", lower(w+1)), w, z, 4*(m.lambda*b.Norm-m.values[w])))
			}
		}
		at += b.Columns
	}
	for a := range blocks {
		for b := range a {
			ca, cb := blocks[a].Norm, blocks[b].Norm
			e := mat.NewDense(m.d0, m.d1, nil)
			i, j := first[a], first[b]
			for r := range m.d0 {
				e.Set(r, i, u.At(r, j))
				e.Set(r, j, -u.At(r, i))
			}
			e.Scale(1/mat.Norm(e, 2), e)
			out = append(out, Direction{Equalizing, fmt.Sprintf("units %d and %d share their length", j+1, i+1), e, -4 * m.lambda * (ca - cb) * (ca - cb) / (ca + cb)})
		}
	}
	return out
}

// direction is w·vᵀ over its length.
func (m *Model) direction(way Way, words string, w int, v []float64, curvature float64) Direction {
	e := mat.NewDense(m.d0, m.d1, nil)
	e.Outer(1/floats.Norm(v, 2), mat.NewVecDense(m.d0, m.eigenvector(w)), mat.NewVecDense(m.d1, v))
	return Direction{way, words, e, curvature}
}

// kernel returns a unit vector z of R^d₁ that lives on the columns from at on, k of them, with Uz = 0.
func kernel(u *mat.Dense, at, k int) []float64 {
	rows, cols := u.Dims()
	var svd mat.SVD
	svd.Factorize(u.Slice(0, rows, at, at+k), mat.SVDFullV)
	var v mat.Dense
	svd.VTo(&v)
	z := make([]float64, cols)
	for i := range k {
		z[at+i] = v.At(i, k-1)
	}
	return z
}

// Down returns the direction of the most negative curvature among Directions, or nil where none is negative,
// which the theorem says are the global minima: every other critical point is a strict saddle for every
// λ > 0, d₁ and M. If the support is not that of the largest eigenvalues, a swap leads down; if it is, but
// smaller than ρ, the next eigenvector grows, since λ_{r'+1} > λc is the very condition for r'+1 ≤ ρ; and if
// two columns differ in length, they equalize.
func (m *Model) Down(f *Family, u *mat.Dense) *Direction {
	var best *Direction
	for _, d := range m.Directions(f, u) {
		if d.Curvature < -8*m.zero() && (best == nil || d.Curvature < best.Curvature) {
			best = &d
		}
	}
	return best
}

// Threshold returns the bound on λ of Theorem 11.3.5, rλ_r/(Σ_{i≤r}λ_i - rλ_r) for the r positive eigenvalues
// of an M ⪰ 0; it is +Inf where they are all the same.
func Threshold(eigenvalues []float64) float64 {
	r, sum, last := 0, 0.0, 0.0
	for _, v := range eigenvalues {
		if v > 0 {
			r, sum, last = r+1, sum+v, v
		}
	}
	if excess := sum - float64(r)*last; excess > 0 {
		return float64(r) * last / excess
	}
	return math.Inf(1)
}

// lower writes a number in lower digits.
func lower(n int) string {
	out := []rune(fmt.Sprint(n))
	for i, c := range out {
		out[i] = c - '0' + '₀'
	}
	return string(out)
}
