package linalg

import "github.com/lemma-ml/lemma/lib/linalg/internal/kernel"

// together is the number of reflectors applied by two products: eight panels of twelve columns.
const together = 96

// apply replaces each row z of the rows×n array by Q·z: eigenvectors of T become those of A. Blocks of
// reflectors go from the last to the first, each as
//
//	H_p·…·H_{p+k-1} = I - V·S·Vᵀ,  S upper triangular, S_ii = τ_i, S_{·i} = -τ_i·S·(Vᵀv_i)
//
// (Schreiber and Van Loan, SIAM J. Sci. Stat. Comput. 10, 1989), so that nearly all of the 2n³ flops
// are matrix products.
func (t *tridiagonal) apply(team *kernel.Team, z []float64, rows, ldz int) {
	n := t.n
	last := (n - 2) / together * together // the n-2 last reflectors do something
	for p := last; p >= 0 && n > 2; p -= together {
		k := min(together, n-1-p)
		if team.Err() != nil {
			return
		}
		// V as k rows from column p+1 on, zeros below the diagonal.
		m := n - p - 1
		ld := leading(m)
		vt := make([]float64, k*ld)
		for i := range k {
			copy(vt[i*ld+i:i*ld+m], t.v[(p+i)*t.ld+p+i+1:(p+i)*t.ld+n])
		}
		v := kernel.RowMajor(vt, ld)
		inner := make([]float64, k*k)
		kernel.Gemm(team, k, k, m, 1, v, v.T(), inner, k, kernel.Upper)
		s := compact(inner, t.tau[p:p+k])
		// y = Sᵀ·Vᵀ, then z -= (z·V)·y.
		y := make([]float64, k*ld)
		kernel.Gemm(team, k, m, k, 1, kernel.RowMajor(s, k).T(), v, y, ld, kernel.Whole)
		zv := make([]float64, rows*k)
		kernel.Gemm(team, rows, k, m, 1, kernel.RowMajor(z, ldz).From(0, p+1), v.T(), zv, k, kernel.Whole)
		kernel.Gemm(team, rows, m, k, -1, kernel.RowMajor(zv, k), kernel.RowMajor(y, ld), z[p+1:], ldz, kernel.Whole)
	}
}

// compact returns the k×k factor S from the inner products of the vectors above the diagonal.
func compact(inner, tau []float64) []float64 {
	k := len(tau)
	s := make([]float64, k*k)
	for i, h := range tau {
		s[i*k+i] = h
		for r := range i {
			sum := 0.0
			for q := r; q < i; q++ {
				sum += s[r*k+q] * inner[q*k+i]
			}
			s[r*k+i] = -h * sum
		}
	}
	return s
}
