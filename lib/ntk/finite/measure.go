package finite

import (
	"math"

	"github.com/lemma-ml/lemma/lib/linalg"
	"gonum.org/v1/gonum/mat"
)

// scaled returns c·x.
func scaled(x *mat.Dense, c float64) *mat.Dense {
	var out mat.Dense
	out.Scale(c, x)
	return &out
}

// distance is the spectral norm of a-b.
func distance(a, b *mat.SymDense) (float64, error) {
	n := a.SymmetricDim()
	d := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			d.SetSym(i, j, a.At(i, j)-b.At(i, j))
		}
	}
	return linalg.SpectralNorm(d)
}

// movement is max_r ‖w_r-v_r‖ and the root of the mean of its square.
func movement(w, v *mat.Dense) (most, root float64) {
	m, _ := w.Dims()
	total := 0.0
	for r := range m {
		sum := 0.0
		a, b := w.RawRowView(r), v.RawRowView(r)
		for j := range a {
			sum += (a[j] - b[j]) * (a[j] - b[j])
		}
		most, total = max(most, sum), total+sum
	}
	return math.Sqrt(most), math.Sqrt(total / float64(m))
}

// flips is the fraction of entries whose sign differs.
func flips(a, b *mat.Dense) float64 {
	n, m := a.Dims()
	count := 0
	for i := range n {
		ra, rb := a.RawRowView(i), b.RawRowView(i)
		for r := range m {
			if (ra[r] > 0) != (rb[r] > 0) {
				count++
			}
		}
	}
	return float64(count) / float64(n*m)
}

// rms is the root of the mean square of a-b; b nil is zero.
func rms(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		if b != nil {
			v -= b[i]
		}
		sum += v * v
	}
	return math.Sqrt(sum / float64(len(a)))
}

// flat returns the entries of a symmetric matrix row by row.
func flat(s *mat.SymDense) []float64 {
	n := s.SymmetricDim()
	out := make([]float64, 0, n*n)
	for i := range n {
		for j := range n {
			out = append(out, s.At(i, j))
		}
	}
	return out
}

// largest is the largest entry of |a-b|; b nil is zero.
func largest(a, b []float64) float64 {
	worst := 0.0
	for i, v := range a {
		if b != nil {
			v -= b[i]
		}
		worst = max(worst, math.Abs(v))
	}
	return worst
}
