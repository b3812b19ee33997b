package nn

import (
	"math"

	"github.com/lemma-ml/lemma/lib/rng"
	_ "github.com/lemma-ml/lemma/simd"
	"gonum.org/v1/gonum/mat"
)

// roundoff is what float64 sums of a few thousand terms of order one may differ by when their order
// differs.
const roundoff = 1e-12

func normals(seed uint64, name string, r, c int) *mat.Dense {
	return mat.NewDense(r, c, rng.Normals(rng.Stream(seed, name), r*c))
}

// apart is the largest difference of two lists.
func apart(a, b []float64) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	worst := 0.0
	for i := range a {
		if d := math.Abs(a[i] - b[i]); !(d <= worst) {
			worst = d
		}
	}
	return worst
}
