package generic

import (
	"bytes"
	"fmt"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// allTypes are the element types of this backend.
var allTypes = []dtypes.DType{
	dtypes.Bool, dtypes.Int8, dtypes.Int16, dtypes.Int32, dtypes.Int64, dtypes.Uint8, dtypes.Uint16,
	dtypes.Uint32, dtypes.Uint64, dtypes.Float16, dtypes.BFloat16, dtypes.Float32, dtypes.Float64,
	dtypes.Complex64, dtypes.Complex128,
}

// offsetOf returns the address of element i of a contiguous tensor.
func offsetOf(t tensor.Tensor, i int) unsafe.Pointer {
	return unsafe.Add(t.Data, i*t.DType.Size())
}

// differ returns the first element in which two contiguous tensors differ by value, or -1. All NaN
// are one value here, +0 and -0 are two.
func differ(a, b tensor.Tensor) int {
	size := a.DType.Size()
	for i := range a.Size() {
		x := unsafe.Slice((*byte)(offsetOf(a, i)), size)
		y := unsafe.Slice((*byte)(offsetOf(b, i)), size)
		if !bytes.Equal(x, y) && !(isNaN(a, i) && isNaN(b, i)) {
			return i
		}
	}
	return -1
}

func isNaN(t tensor.Tensor, i int) bool {
	k := elem.Map(backends.OpTypeIsNaN, t.DType, dtypes.Bool)
	var r bool
	if k != nil {
		k(unsafe.Pointer(&r), offsetOf(t, i), nil, nil, 1)
	}
	return r
}

// show prints an element.
func show(t tensor.Tensor, i int) string {
	var z complex128
	elem.Map(backends.OpTypeConvertDType, t.DType, dtypes.Complex128)(unsafe.Pointer(&z), offsetOf(t, i), nil, nil, 1)
	return fmt.Sprint(z)
}
