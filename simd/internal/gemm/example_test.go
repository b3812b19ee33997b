package gemm_test

import (
	"fmt"
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/gemm"
)

// Sums over windows are products, too: this is the one-dimensional convolution
// c[i, o] = Σ_j x[i+j]·w[j, o].
func Example() {
	x := []float32{1, 2, 4, 8, 16}
	w := []float32{ // three places, two filters
		1, 0,
		0, 1,
		1, -1,
	}
	c := make([]float32, 3*2)
	plan, err := gemm.New(gemm.Problem{
		DType: dtypes.Float32,
		M:     []gemm.Axis{{Size: 3, A: 1, C: 2}}, // i
		N:     []gemm.Axis{{Size: 2, B: 1, C: 1}}, // o
		K:     []gemm.Axis{{Size: 3, A: 1, B: 2}}, // j
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	plan.Run(nil, unsafe.Pointer(&x[0]), unsafe.Pointer(&w[0]), unsafe.Pointer(&c[0]), nil)
	fmt.Println(c)
	// Output: [5 -2 10 -4 20 -8]
}
