package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
)

func TestClamp(t *testing.T) {
	each(t, func(t *testing.T) {
		testClamp[float32](t, dtypes.Float32)
		testClamp[float64](t, dtypes.Float64)
	})
}

// testClamp takes bounds that are crossed, zeros of both signs and NaN in every place.
func testClamp[T float](t *testing.T, dtype dtypes.DType) {
	rng := rand.New(rand.NewPCG(19, 20))
	values := []float64{0, math.Copysign(0, -1), 1, -1, 2, math.Inf(1), math.Inf(-1), math.NaN(), 1e-40}
	for _, n := range append(lengths(), len(values)*len(values)*len(values)) {
		var x [3][]T
		for k := range x {
			x[k] = make([]T, n)
			for i := range x[k] {
				j := i
				for range k {
					j /= len(values)
				}
				if n < 100 {
					j = rng.IntN(len(values))
				}
				x[k][i] = T(values[j%len(values)])
			}
		}
		k, e := Map(backends.OpTypeClamp, dtype, dtype), elem.Map(backends.OpTypeClamp, dtype, dtype)
		compare := func(what string, got []T, x [3][]T) {
			t.Helper()
			want := one[T, T](e, x[0], x[1], x[2], n)
			for i := range want {
				if !same(got[i], want[i]) {
					t.Fatalf("Clamp%s %v (%v, %v, %v) = %v, want %v", what, dtype, x[0][i], x[1][i], x[2][i], got[i], want[i])
				}
			}
		}
		got := block[T](rng, n)
		k(ptr(got), ptr(x[0]), ptr(x[1]), ptr(x[2]), n)
		compare("", got, x)
		for i := range 3 {
			over := x
			over[i] = append([]T(nil), x[i]...)
			k(ptr(over[i]), ptr(over[0]), ptr(over[1]), ptr(over[2]), n)
			compare(fmt.Sprintf(" over operand %d", i), over[i], x)
			s := MapScalar(backends.OpTypeClamp, dtype, dtype, i)
			if s == nil || n == 0 {
				continue
			}
			whole := x
			whole[i] = make([]T, n)
			for j := range whole[i] {
				whole[i][j] = x[i][0]
			}
			s(ptr(got), ptr(x[0]), ptr(x[1]), ptr(x[2]), n)
			compare(fmt.Sprintf(" with a scalar %d", i), got, whole)
		}
	}
}
