//go:build !noasm

package philox

import "github.com/lemma-ml/lemma/simd/internal/cpu"

// A level is an instruction set.
type level uint8

const (
	plain  = level(cpu.Go)
	avx2   = level(cpu.AVX2)
	avx512 = level(cpu.AVX512)
)

// current is the best level of this machine.
var current = best()

func best() level { return level(cpu.Best()) }

// fill does in assembly what blocks does, but for some blocks at the end. It returns how many it did.
func (l level) fill(out [][4]uint32, k *keys, low, high uint64) int {
	var n int
	switch l { // calls that the compiler sees: else k would be allocated
	case avx512:
		if n = len(out) &^ 15; n > 0 {
			fillAVX512(&out[0], k, low, high, n)
		}
	case avx2:
		if n = len(out) &^ 7; n > 0 {
			fillAVX2(&out[0], k, low, high, n)
		}
	}
	return n
}
