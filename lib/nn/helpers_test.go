package nn

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/backends"
	_ "github.com/gomlx/gomlx/backends/simplego"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// roundoff is what float64 sums of a few thousand terms of order one may differ by when their order
// differs.
const roundoff = 1e-12

// goBackend opens the pure Go backend with its operations in order. Its default runs independent
// operations side by side and reads a counter without the lock that guards it, which the race detector
// reports; within one operation it uses all processors either way.
func goBackend(t testing.TB) backends.Backend {
	t.Helper()
	b, err := backends.NewWithConfig("go:ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

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
