package linalg

import (
	"errors"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/linalg/internal/kernel"
)

// errNoConvergence says that a QL iteration used up its steps. No matrix is known to do that.
var errNoConvergence = errors.New("the QL iteration did not converge")

// sweeps is the number of QL steps allowed for an eigenvalue; two or three are usual.
const sweeps = 60

// negligible is the largest |e_i| that counts as 0 whatever its neighbours: far below the rounding of
// the whole, it keeps a block of zeros with specks beside them from iterating.
func negligible(d, e []float64) float64 {
	norm := 0.0
	for i, v := range d {
		norm = max(norm, math.Abs(v))
		if i < len(e) {
			norm = max(norm, math.Abs(e[i]))
		}
	}
	return norm * eps * eps
}

// qlVectors diagonalises the tridiagonal matrix (d, e) by implicit QL steps with Wilkinson's shift
// (Golub and Van Loan, section 8.3) and turns the rows of q, one for each d, along: with the identity
// at the start, row i ends as the eigenvector of d[i]. The order is arbitrary; e is lost.
func qlVectors(d, e []float64, q func(i int) []float64) error {
	n := len(d)
	tiny := negligible(d, e)
	for l := range n {
		for step := 0; ; step++ {
			m := l
			for m < n-1 && math.Abs(e[m]) > max(tiny, eps/2*(math.Abs(d[m])+math.Abs(d[m+1]))) {
				m++
			}
			if m == l {
				break
			}
			if step == sweeps {
				return errNoConvergence
			}
			g := (d[l+1] - d[l]) / (2 * e[l])
			g = d[m] - d[l] + e[l]/(g+math.Copysign(math.Hypot(g, 1), g))
			s, c, p := 1.0, 1.0, 0.0
			i := m - 1
			for ; i >= l; i-- {
				f, b := s*e[i], c*e[i]
				r := math.Hypot(f, g)
				if i < m-1 {
					e[i+1] = r
				}
				if r == 0 { // the bulge is gone: the matrix splits here
					d[i+1] -= p
					break
				}
				s, c = f/r, g/r
				g = d[i+1] - p
				r = (d[i]-g)*s + 2*c*b
				p = s * r
				d[i+1] = g + p
				g = c*r - b
				kernel.Rotate(q(i+1), q(i), c, s)
			}
			if i < l {
				d[l] -= p
				e[l] = g
			}
			if m < n-1 {
				e[m] = 0
			}
		}
	}
	return nil
}

// qlValues replaces d by the eigenvalues, ascending, of the tridiagonal matrix (d, e), by QL steps
// without square roots (Pal, Walker and Kahan; Parlett, The Symmetric Eigenvalue Problem, section
// 8.15): about n² steps of two divisions. e is lost. stop is asked now and then.
func qlValues(d, e []float64, stop func() error) error {
	n := len(d)
	tiny := negligible(d, e)
	tiny *= tiny
	for i := range e {
		e[i] *= e[i]
	}
	small := func(i int) bool { return e[i] <= max(tiny, eps*eps/4*math.Abs(d[i]*d[i+1])) }
	for lo := 0; lo < n; {
		hi := lo
		for hi < n-1 && !small(hi) {
			hi++
		}
		block, beside := d[lo:hi+1], e[lo:hi]
		if math.Abs(block[len(block)-1]) < math.Abs(block[0]) {
			// QL finds the values at the top first and wants the small ones there.
			slices.Reverse(block)
			slices.Reverse(beside)
		}
		for l := lo; l <= hi; {
			if err := stop(); err != nil {
				return err
			}
			found := false
			for range sweeps {
				m := l
				for m < hi && !small(m) {
					m++
				}
				if m == l {
					l++
					found = true
					break
				}
				if m == l+1 {
					d[l], d[m] = twoByTwo(d[l], math.Sqrt(e[l]), d[m])
					e[l] = 0
					l += 2
					found = true
					break
				}
				qlStep(d[l:m+1], e[l:m])
			}
			if !found {
				return errNoConvergence
			}
		}
		lo = hi + 1
	}
	slices.Sort(d)
	return nil
}

// qlStep makes one step on an unreduced block with squares e beside the diagonal.
func qlStep(d, e []float64) {
	m := len(e)
	root := math.Sqrt(e[0])
	shift := (d[1] - d[0]) / (2 * root)
	shift = d[0] - root/(shift+math.Copysign(math.Hypot(shift, 1), shift))
	c, s := 1.0, 0.0
	gamma := d[m] - shift
	p := gamma * gamma
	for i := m - 1; i >= 0; i-- {
		b := e[i]
		r := p + b
		if i < m-1 {
			e[i+1] = s * r
		}
		before := c
		c, s = p/r, b/r
		old := gamma
		alpha := d[i]
		gamma = c*(alpha-shift) - s*old
		d[i+1] = old + (alpha - gamma)
		if c != 0 {
			p = gamma * gamma / c
		} else {
			p = before * b
		}
	}
	e[0] = s * p
	d[0] = shift + gamma
}

// twoByTwo returns the eigenvalues of [[a, b], [b, c]]: the larger in magnitude first, the other from
// the determinant, so that a small one keeps its digits.
func twoByTwo(a, b, c float64) (large, small float64) {
	sum, root := a+c, math.Hypot(a-c, 2*b)
	switch {
	case sum == 0:
		return root / 2, -root / 2
	case sum < 0:
		large = (sum - root) / 2
	default:
		large = (sum + root) / 2
	}
	if math.Abs(a) < math.Abs(c) {
		a, c = c, a
	}
	return large, (a/large)*c - (b/large)*b
}
