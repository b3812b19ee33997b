package vec

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// Blocks of 1,024 elements in cache: the figure is Gelem/s.
func BenchmarkMap(b *testing.B) {
	for _, op := range append(append([]ir.Op{}, binaryOps...), unaryOps...) {
		benchmark[float32](b, op, dtypes.Float32)
		benchmark[float64](b, op, dtypes.Float64)
	}
}

func benchmark[T float](b *testing.B, op ir.Op, dtype dtypes.DType) {
	b.Run(fmt.Sprintf("%v/%v", op, dtype), func(b *testing.B) {
		const n = 1024
		rng := rand.New(rand.NewPCG(1, 1))
		x, y, z := make([]T, n), make([]T, n), make([]T, n)
		for i := range x {
			x[i], y[i] = T(rng.NormFloat64()), T(rng.NormFloat64())
			if op == backends.OpTypeLog || op == backends.OpTypeLog1p || op == backends.OpTypeSqrt || op == backends.OpTypeRsqrt || op == backends.OpTypePow {
				x[i] = max(x[i], -x[i])
			}
		}
		k := Map(op, dtype, dtype)
		b.ResetTimer()
		for range b.N {
			k(ptr(z), ptr(x), ptr(y), nil, n)
		}
		b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds()/1e9, "Gelem/s")
	})
}

func BenchmarkReduce(b *testing.B) {
	for _, op := range []ir.Op{backends.OpTypeReduceSum, backends.OpTypeReduceMax, backends.OpTypeReduceProduct} {
		b.Run(fmt.Sprintf("%v/Float32", op), func(b *testing.B) {
			const n = 1024
			x, acc := make([]float32, n), make([]float32, 1)
			k := Reduce(op, dtypes.Float32)
			for range b.N {
				k(ptr(acc), ptr(x), n)
			}
			b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds()/1e9, "Gelem/s")
		})
	}
}

func BenchmarkCompare(b *testing.B) {
	const n = 1024
	x, y, c := make([]float32, n), make([]float32, n), make([]bool, n)
	k := Map(backends.OpTypeLessThan, dtypes.Float32, dtypes.Bool)
	b.Run("LessThan", func(b *testing.B) {
		for range b.N {
			k(ptr(c), ptr(x), ptr(y), nil, n)
		}
		b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds()/1e9, "Gelem/s")
	})
	w := Map(backends.OpTypeWhere, dtypes.Float32, dtypes.Float32)
	b.Run("Where", func(b *testing.B) {
		for range b.N {
			w(ptr(x), ptr(c), ptr(x), ptr(y), n)
		}
		b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds()/1e9, "Gelem/s")
	})
}
