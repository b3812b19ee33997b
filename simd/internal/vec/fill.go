package vec

import (
	"fmt"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// Fill returns the function that copies the element at value to dst[0:n]. Elements have size bytes: 1, 2,
// 4, 8 or 16. The value must not lie in dst.
func Fill(size int) func(dst, value unsafe.Pointer, n int) {
	switch size {
	case 4, 8:
		t := dtypes.Float32
		if size == 8 {
			t = dtypes.Float64
		}
		if k := current.kernels[key{scalar0, backends.OpTypeIdentity, t, t}]; k != nil {
			return func(dst, value unsafe.Pointer, n int) { k(dst, value, nil, nil, n) }
		}
	case 1, 2, 16:
	default:
		panic(fmt.Errorf("vec.Fill: got elements of %d bytes, want 1, 2, 4, 8 or 16", size))
	}
	return func(dst, value unsafe.Pointer, n int) {
		if n <= 0 {
			return
		}
		d := unsafe.Slice((*byte)(dst), n*size)
		for done := copy(d, unsafe.Slice((*byte)(value), size)); done < len(d); {
			done += copy(d[done:], d[:done])
		}
	}
}
