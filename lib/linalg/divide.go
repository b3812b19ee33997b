package linalg

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"github.com/lemma-ml/lemma/lib/linalg/internal/kernel"
)

// leafSize is the order up to which a tridiagonal block is diagonalised by QL steps.
const leafSize = 32

// sharedFrom is the order above which all processors work on one joint; smaller ones are done side by
// side.
const sharedFrom = 160

// divide is the state of divide and conquer on a tridiagonal matrix: an array of eigenvectors in its
// rows, built up from blocks on the diagonal.
type divide struct {
	team *kernel.Team
	ld   int
	d    []float64 // eigenvalue of each row of q
	q    []float64 // row i holds the vector of d[i]; outside of the block of i it is 0
	work []float64 // as large as q: the old vectors while new ones are made
	mix  []float64 // as large as q: the vectors of the rank-one change
	// order lists the rows of each finished block by ascending eigenvalue: order[lo:hi] for [lo,hi).
	order []int
}

// joint is two neighbouring blocks [lo,mid) and [mid,hi) and the number e beside the diagonal between
// them.
type joint struct {
	lo, mid, hi int
	e           float64
}

// tridiagonalVectors returns the eigendecomposition of the tridiagonal matrix t: values d and, in the
// rows of q, leading(n) apart, the vectors, ordered by order: d[order[0]] ≤ d[order[1]] ≤ … .
//
// A matrix in two blocks that are coupled by e is block-diagonal but for a change of rank one,
//
//	T = diag(T_1, T_2) + |e|·u·uᵀ,  u = (0, …, 0, 1, ±1, 0, …, 0)
//
// with |e| taken off the two diagonal numbers at the joint. From the blocks' own decompositions the
// whole has the eigenvalues of diag(d) + ρ·z·zᵀ, see [secular] (Cuppen, Numer. Math. 36, 1981).
// The roots are exact for a slightly different z, which is known in closed form from the roots alone,
// and with that z the vectors z_j/(d_j - λ) are orthogonal to rounding however close the roots are
// (Gu and Eisenstat, SIAM J. Matrix Anal. Appl. 16, 1995).
func tridiagonalVectors(team *kernel.Team, t *tridiagonal) (d, q []float64, order []int, err error) {
	n, ld := t.n, t.ld
	s := &divide{team: team, ld: ld, d: slices.Clone(t.d), q: make([]float64, n*ld), order: make([]int, n)}
	var leaves [][2]int
	var levels [][]joint // joints whose halves are finished by the levels before
	var plan func(lo, hi int) int
	plan = func(lo, hi int) int {
		if hi-lo <= leafSize {
			leaves = append(leaves, [2]int{lo, hi})
			return 0
		}
		mid := (lo + hi) / 2
		height := max(plan(lo, mid), plan(mid, hi))
		if height == len(levels) {
			levels = append(levels, nil)
		}
		levels[height] = append(levels[height], joint{lo, mid, hi, t.e[mid-1]})
		return height + 1
	}
	plan(0, n)
	for _, l := range levels {
		for _, j := range l {
			s.d[j.mid-1] -= math.Abs(j.e)
			s.d[j.mid] -= math.Abs(j.e)
		}
	}
	e := slices.Clone(t.e)
	var once sync.Once
	team.Run(len(leaves), func(i int) {
		lo, hi := leaves[i][0], leaves[i][1]
		if failed := s.leaf(lo, hi, e); failed != nil {
			once.Do(func() { err = failed })
		}
	})
	if err != nil {
		return nil, nil, nil, err
	}
	if len(levels) > 0 {
		s.work, s.mix = make([]float64, n*ld), make([]float64, n*ld)
	}
	for _, l := range levels {
		if l[0].hi-l[0].lo <= sharedFrom {
			alone := kernel.Alone(team.Context())
			team.Run(len(l), func(i int) { s.join(alone, l[i]) })
			continue
		}
		for _, j := range l {
			s.join(team, j)
			if err := team.Err(); err != nil {
				return nil, nil, nil, err
			}
		}
	}
	return s.d, s.q, s.order, team.Err()
}

// row is row i of q between two columns.
func (s *divide) row(i, lo, hi int) []float64 { return s.q[i*s.ld+lo : i*s.ld+hi] }

// leaf diagonalises the block [lo,hi) of the matrix with e beside its diagonal.
func (s *divide) leaf(lo, hi int, e []float64) error {
	for i := lo; i < hi; i++ {
		s.q[i*s.ld+i] = 1
	}
	err := qlVectors(s.d[lo:hi], e[lo:hi-1], func(i int) []float64 { return s.row(lo+i, lo, hi) })
	s.sort(lo, hi)
	return err
}

// sort fills order[lo:hi].
func (s *divide) sort(lo, hi int) {
	order := s.order[lo:hi]
	for i := range order {
		order[i] = lo + i
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(cmp.Compare(s.d[i], s.d[j]), i-j)
	})
}

// Where the vectors of a row are not zero.
const (
	inFirst = iota
	inBoth
	inSecond
)

// join turns the decompositions of two blocks into that of both together.
func (s *divide) join(team *kernel.Team, j joint) {
	lo, mid, hi := j.lo, j.mid, j.hi
	kept, deflated, z, support := s.deflate(j)
	k := len(kept)
	// Rows by support, so that each half of the vectors is a product of only those that reach it.
	place := make([]int, k)
	var count [3]int
	for _, i := range kept {
		count[support[i-lo]]++
	}
	next := [3]int{0, count[inFirst], count[inFirst] + count[inBoth]}
	for p, i := range kept {
		kind := support[i-lo]
		place[p] = next[kind]
		next[kind]++
	}
	// The old vectors go to the work array: the kept in their places, the deflated behind them.
	source := make([]int, hi-lo)
	for p, i := range kept {
		source[place[p]] = i
	}
	copy(source[k:], deflated)
	s.copyRows(team, hi-lo, func(p int) {
		from, to := source[p], lo+p
		copy(s.work[to*s.ld+lo:to*s.ld+hi], s.row(from, lo, hi))
	})
	values := make([]float64, hi-lo)
	if k > 0 {
		eq := &secular{d: make([]float64, k), z2: make([]float64, k), rho: 2 * math.Abs(j.e)}
		zk := make([]float64, k)
		for p, i := range kept {
			eq.d[p], zk[p] = s.d[i], z[i-lo]
			eq.z2[p] = zk[p] * zk[p]
			eq.size += eq.z2[p]
		}
		s.rankOne(team, lo, eq, zk, place, values)
	}
	for p, i := range deflated {
		values[k+p] = s.d[i]
	}
	copy(s.d[lo:hi], values)
	s.copyRows(team, hi-lo, func(p int) {
		to := s.row(lo+p, lo, hi)
		if p < k {
			clear(to)
		} else {
			copy(to, s.work[(lo+p)*s.ld+lo:(lo+p)*s.ld+hi])
		}
	})
	product := func(p0, p1, c0, c1 int) {
		kernel.Gemm(team, k, c1-c0, p1-p0, 1, kernel.RowMajor(s.mix, s.ld).From(lo, p0),
			kernel.RowMajor(s.work, s.ld).From(lo+p0, c0), s.q[lo*s.ld+c0:], s.ld, kernel.Whole)
	}
	if k > 0 {
		product(0, count[inFirst]+count[inBoth], lo, mid)
		product(count[inFirst], k, mid, hi)
	}
	s.sort(lo, hi)
}

// copyRows calls f for each of n rows, several at a time.
func (s *divide) copyRows(team *kernel.Team, n int, f func(p int)) {
	const few = 32
	team.Run((n+few-1)/few, func(i int) {
		for p := i * few; p < min(n, (i+1)*few); p++ {
			f(p)
		}
	})
}

// deflate finds the eigenpairs of the two blocks that the joint leaves alone to working precision:
// those whose z_i is negligible, and one of each two whose eigenvalues are so close that a rotation
// which makes its z_i zero makes a negligible number beside the diagonal. It returns the rows of the
// others, ascending by eigenvalue, and of the deflated ones; z and the support count from lo.
func (s *divide) deflate(j joint) (kept, deflated []int, z []float64, support []int) {
	lo, mid, hi := j.lo, j.mid, j.hi
	n := hi - lo
	z, support = make([]float64, n), make([]int, n)
	sign := math.Copysign(1, j.e)
	big := 0.0
	for i := lo; i < hi; i++ {
		// u has norm √2; z is Qᵀu made a unit vector.
		if i < mid {
			z[i-lo], support[i-lo] = s.q[i*s.ld+mid-1]/math.Sqrt2, inFirst
		} else {
			z[i-lo], support[i-lo] = sign*s.q[i*s.ld+mid]/math.Sqrt2, inSecond
		}
		big = max(big, math.Abs(s.d[i]))
	}
	rho := 2 * math.Abs(j.e)
	tol := 8 * eps * max(big, rho)
	kept, deflated = make([]int, 0, n), make([]int, 0, n)
	pending := -1 // kept unless the next one is too close
	first, second := s.order[lo:mid], s.order[mid:hi]
	for len(first)+len(second) > 0 {
		var i int
		if len(second) == 0 || len(first) > 0 && s.d[first[0]] <= s.d[second[0]] {
			i, first = first[0], first[1:]
		} else {
			i, second = second[0], second[1:]
		}
		if rho*math.Abs(z[i-lo]) <= tol {
			deflated = append(deflated, i)
			continue
		}
		if pending < 0 {
			pending = i
			continue
		}
		r := math.Hypot(z[i-lo], z[pending-lo])
		c, sn := z[i-lo]/r, -z[pending-lo]/r
		gap := s.d[i] - s.d[pending]
		if math.Abs(gap*c*sn) > tol {
			kept = append(kept, pending)
			pending = i
			continue
		}
		z[i-lo], z[pending-lo] = r, 0
		if support[i-lo] != support[pending-lo] {
			support[i-lo] = inBoth
		}
		kernel.Rotate(s.row(pending, lo, hi), s.row(i, lo, hi), c, sn)
		low, high := s.d[pending], s.d[i]
		s.d[i] = low*sn*sn + high*c*c
		s.d[pending] = low*c*c + high*sn*sn
		deflated = append(deflated, pending)
		pending = i
	}
	if pending >= 0 {
		kept = append(kept, pending)
	}
	return kept, deflated, z, support
}

// rankOne solves the secular equation and leaves its eigenvectors in the rows of mix from lo on, entry
// p of a vector in column place[p], and the eigenvalues, ascending, in values.
func (s *divide) rankOne(team *kernel.Team, lo int, eq *secular, z []float64, place []int, values []float64) {
	k := len(eq.d)
	const few = 16
	pieces := (k + few - 1) / few
	roots := make([]root, k)
	team.Run(pieces, func(b int) {
		for i := b * few; i < min(k, (b+1)*few); i++ {
			roots[i] = eq.solve(i)
			values[i] = eq.d[roots[i].pole] + roots[i].tau
		}
	})
	// Löwner's formula: the roots are exact for ẑ_j² ∝ Π_i (λ_i - d_j) / Π_{i≠j} (d_i - d_j).
	team.Run(pieces, func(b int) {
		j0, j1 := b*few, min(k, (b+1)*few)
		var w [few]float64
		for j := j0; j < j1; j++ {
			w[j-j0] = eq.minus(j, roots[j])
		}
		for i, r := range roots {
			at, from := eq.d[i], eq.d[r.pole]
			for j := j0; j < j1; j++ {
				if j != i {
					w[j-j0] *= ((eq.d[j] - from) - r.tau) / (eq.d[j] - at)
				}
			}
		}
		for j := j0; j < j1; j++ {
			z[j] = math.Copysign(math.Sqrt(math.Abs(w[j-j0])), z[j])
		}
	})
	team.Run(pieces, func(b int) {
		v := make([]float64, k)
		for i := b * few; i < min(k, (b+1)*few); i++ {
			norm := 0.0
			for j := range v {
				v[j] = z[j] / eq.minus(j, roots[i])
				norm += v[j] * v[j]
			}
			norm = 1 / math.Sqrt(norm)
			row := s.mix[(lo+i)*s.ld : (lo+i)*s.ld+k]
			for j, x := range v {
				row[place[j]] = x * norm
			}
		}
	})
}
