package vec_test

import (
	"fmt"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/vec"
)

// The sum of max(x, 0), a block at a time.
func Example() {
	x := []float32{-1, 2, -3, 4, 0.5}
	y := make([]float32, len(x))
	var zero, sum float32

	clip := vec.MapScalar(backends.OpTypeMax, dtypes.Float32, dtypes.Float32, 1)
	if clip == nil { // there is none in plain Go
		full := make([]float32, len(x))
		vec.Fill(4)(unsafe.Pointer(&full[0]), unsafe.Pointer(&zero), len(full))
		vec.Map(backends.OpTypeMax, dtypes.Float32, dtypes.Float32)(unsafe.Pointer(&y[0]), unsafe.Pointer(&x[0]), unsafe.Pointer(&full[0]), nil, len(x))
	} else {
		clip(unsafe.Pointer(&y[0]), unsafe.Pointer(&x[0]), unsafe.Pointer(&zero), nil, len(x))
	}
	vec.Reduce(backends.OpTypeReduceSum, dtypes.Float32)(unsafe.Pointer(&sum), unsafe.Pointer(&y[0]), len(y))
	fmt.Println(y, sum)
	// Output: [0 2 0 4 0.5] 6.5
}
