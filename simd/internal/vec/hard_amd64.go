//go:build amd64 && !noasm

package vec

import (
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/elem"
)

// A counter is a kernel that stops before the first vector that holds an element it cannot do, and
// returns the number of elements done.
type counter func(dst, a, b, c unsafe.Pointer, n int) int

// withHard completes a counter by plain Go, which computes what is hard an element at a time.
func withHard(f counter, t entry) elem.Kernel {
	return func(dst, a, b, c unsafe.Pointer, n int) { f(dst, a, b, c, n) }
}
