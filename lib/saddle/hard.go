package saddle

import (
	"fmt"
	"math"
	"math/bits"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/linalg"
)

// Quartic returns f(x) = Σ A_ij·x_i²x_j² for a symmetric A. Gradient and Hessian vanish at 0, which is a local
// minimum iff A is copositive: yᵀAy ≥ 0 for all y ≥ 0 (put y_i = x_i²). To decide that is co-NP-complete
// (Murty and Kabadi 1987), which is what "telling saddles from minima is NP-hard" means: the degenerate ones.
func Quartic(a *mat.SymDense) *landscape.Objective {
	d := a.SymmetricDim()
	times := func(x []float64) []float64 { // A·x²
		out := make([]float64, d)
		for i := range d {
			for j := range d {
				out[i] += a.At(i, j) * x[j] * x[j]
			}
		}
		return out
	}
	return &landscape.Objective{
		Name: "ΣA·x²x²", Dim: d, Lipschitz: math.NaN(), HessLipschitz: math.NaN(), Min: math.NaN(),
		Value: func(x []float64) float64 {
			s := 0.0
			for i, v := range times(x) {
				s += x[i] * x[i] * v
			}
			return s
		},
		Gradient: func(dst, x []float64) {
			for i, v := range times(x) {
				dst[i] = 4 * x[i] * v
			}
		},
		HessVec: func(dst, x, v []float64) {
			cross := make([]float64, d)
			for i := range d {
				for j := range d {
					cross[i] += 2 * a.At(i, j) * x[j] * v[j]
				}
			}
			for i, w := range times(x) {
				dst[i] = 4*v[i]*w + 4*x[i]*cross[i]
			}
		},
	}
}

// maxCopositive is the order up to which Copositive enumerates supports.
const maxCopositive = 14

// Copositive decides whether yᵀAy ≥ 0 for all y ≥ 0 by Kaplan's criterion: it is not iff some principal
// submatrix has an eigenvector with positive entries and a negative eigenvalue (Kaplan 2000). All 2^d - 1
// supports are looked at, exponential as any known method is in the worst case. The witness, nil for a
// copositive A, is a y ≥ 0 with yᵀAy < 0. Errors are orders above 14 and entries that are not finite.
// Eigenvalues above -1e-10 of the largest entry count as 0.
func Copositive(a *mat.SymDense) (yes bool, witness []float64, err error) {
	const fn = "saddle.Copositive"
	d := a.SymmetricDim()
	if d > maxCopositive {
		return false, nil, fmt.Errorf("%s: order %d, want at most %d: the cost is 2^d", fn, d, maxCopositive)
	}
	if err := linalg.CheckFinite(a); err != nil {
		return false, nil, fmt.Errorf("%s: %w", fn, err)
	}
	tiny := 1e-10 * mat.Max(a)
	for i := range d {
		tiny = max(tiny, 1e-10*math.Abs(a.At(i, i)))
	}
	for set := 1; set < 1<<d; set++ {
		var at []int
		for i := range d {
			if set>>i&1 == 1 {
				at = append(at, i)
			}
		}
		n := bits.OnesCount(uint(set))
		sub := mat.NewSymDense(n, nil)
		for i := range n {
			for j := i; j < n; j++ {
				sub.SetSym(i, j, a.At(at[i], at[j]))
			}
		}
		values, vectors, err := linalg.EigenSym(sub)
		if err != nil {
			return false, nil, fmt.Errorf("%s: %w", fn, err)
		}
		for k := n - 1; k >= 0 && values[k] < -tiny; k-- {
			v := mat.Col(nil, k, vectors)
			sum := 0.0
			for _, e := range v {
				sum += e
			}
			inside := true
			for i := range v {
				v[i] *= math.Copysign(1, sum)
				inside = inside && v[i] > 1e-12
			}
			if inside {
				y := make([]float64, d)
				for i, k := range at {
					y[k] = v[i]
				}
				return false, y, nil
			}
		}
	}
	return true, nil, nil
}

// Stable returns t(I + G) - 11ᵀ for the 0-1 adjacency matrix G of a graph: copositive iff t is at least the
// largest number of vertices no two of which are joined (Motzkin and Straus 1965), so that to tell minima of
// Quartic from saddles is to find that number.
func Stable(adjacent [][]bool, t float64) *mat.SymDense {
	d := len(adjacent)
	a := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			v := -1.0
			if i == j || adjacent[i][j] {
				v = t - 1
			}
			a.SetSym(i, j, v)
		}
	}
	return a
}
