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

func TestReduce(t *testing.T) {
	each(t, func(t *testing.T) {
		testReduce[float32](t, dtypes.Float32, 0x1p-24)
		testReduce[float64](t, dtypes.Float64, 0x1p-53)
	})
}

func testReduce[T float](t *testing.T, dtype dtypes.DType, eps float64) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, n := range append(lengths(), 5000, 100001) {
		x := block[T](rng, n)[:n]
		sum, size, product := 0.0, 0.0, 1.0
		for i := range x {
			x[i] = T(rng.NormFloat64())
			sum += float64(x[i])
			size += math.Abs(float64(x[i]))
		}
		acc := []T{0.5, 7}
		Reduce(backends.OpTypeReduceSum, dtype)(ptr(acc), ptr(x), n)
		if d := math.Abs(float64(acc[0]) - sum - 0.5); d > (size+0.5)*eps*20 || acc[1] != 7 {
			t.Errorf("sum of %d %v: got %v, want %v", n, dtype, acc[0], sum+0.5)
		}

		for _, op := range []struct {
			name string
			want T
		}{{"max", T(math.Inf(-1))}, {"min", T(math.Inf(1))}} {
			k, acc, want := Reduce(backends.OpTypeReduceMax, dtype), []T{op.want}, op.want
			if op.name == "min" {
				k = Reduce(backends.OpTypeReduceMin, dtype)
			}
			for _, v := range x {
				if op.name == "max" && v > want || op.name == "min" && v < want {
					want = v
				}
			}
			k(ptr(acc), ptr(x), n)
			if acc[0] != want {
				t.Errorf("%s of %d %v: got %v, want %v", op.name, n, dtype, acc[0], want)
			}
			if n > 0 && n <= 70 { // NaN anywhere wins
				for i := range n {
					old := x[i]
					x[i] = T(math.NaN())
					acc[0] = op.want
					k(ptr(acc), ptr(x), n)
					if acc[0] == acc[0] {
						t.Errorf("%s of %d %v with NaN at %d: got %v", op.name, n, dtype, i, acc[0])
					}
					x[i] = old
				}
			}
			acc[0] = T(math.NaN())
			if k(ptr(acc), ptr(x), n); acc[0] == acc[0] {
				t.Errorf("%s into NaN of %d %v: got %v", op.name, n, dtype, acc[0])
			}
		}

		for i := range x {
			x[i] = T(1 + rng.NormFloat64()/1000)
			product *= float64(x[i])
		}
		acc[0] = 2
		Reduce(backends.OpTypeReduceProduct, dtype)(ptr(acc), ptr(x), n)
		if d := math.Abs(float64(acc[0])/product/2 - 1); d > eps*float64(n+2) {
			t.Errorf("product of %d %v: got %v, want %v", n, dtype, acc[0], product*2)
		}
	}

	// Signs of zeros are those of plain Go, whatever the order.
	for _, zeros := range [][]float64{{0, math.Copysign(0, -1)}, {math.Copysign(0, -1), 0}, {math.Copysign(0, -1)}, {0}} {
		for _, op := range []int{0, 1, 2} {
			reduce := []backends.OpType{backends.OpTypeReduceMax, backends.OpTypeReduceMin, backends.OpTypeReduceSum}[op]
			for _, n := range []int{1, 2, 9, 40} {
				x := make([]T, n)
				for i := range x {
					x[i] = T(zeros[i%len(zeros)])
				}
				got, want := make([]T, 1), make([]T, 1)
				elem.Identity(reduce, dtype, ptr(got))
				elem.Identity(reduce, dtype, ptr(want))
				Reduce(reduce, dtype)(ptr(got), ptr(x), n)
				elem.Reduce(reduce, dtype)(ptr(want), ptr(x), n)
				if !same(got[0], want[0]) {
					t.Errorf("%s: %v of %d %v %v: got %v, want %v", fmt.Sprint(zeros), reduce, n, dtype, x, got[0], want[0])
				}
			}
		}
	}
}
