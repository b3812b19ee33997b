//go:build (amd64 || arm64) && !noasm

package vec

import (
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/elem"
)

// A counter is a kernel that stops before the first vector that holds an element it cannot do, and
// returns the number of elements done.
type counter func(dst, a, b, c unsafe.Pointer, n int) int

// withHard completes a counter by plain Go, which computes what is hard an element at a time. The
// counter, given one element, says whether it is.
func withHard(f counter, t entry) elem.Kernel {
	slow := elem.Map(t.op, t.in, t.out)
	in, out := int(t.in.Memory()), int(t.out.Memory())
	sizes := [3]int{in, in, in}
	if t.form != plain {
		sizes[t.form-scalar0] = 0
	}
	step := func(p unsafe.Pointer, bytes int) unsafe.Pointer {
		if p == nil {
			return nil
		}
		return unsafe.Add(p, bytes)
	}
	return func(dst, a, b, c unsafe.Pointer, n int) {
		advance := func(count int) {
			n -= count
			if n > 0 {
				dst, a, b, c = step(dst, count*out), step(a, count*sizes[0]), step(b, count*sizes[1]), step(c, count*sizes[2])
			}
		}
		for n > 0 {
			advance(f(dst, a, b, c, n))
			for i := 0; i < 32/out && n > 0; i++ { // about a vector
				if f(dst, a, b, c, 1) == 0 {
					slow(dst, a, b, c, 1)
				}
				advance(1)
			}
		}
	}
}
