//go:build !noasm

package transpose

import "github.com/lemma-ml/lemma/simd/internal/cpu"

// words and doubles are the functions of this machine, nil for none.
var words, doubles = choose(cpu.Best() >= cpu.AVX2)

func choose(avx2 bool) (w, d func(dst, src *byte, ds, ss, rows, columns int)) {
	if avx2 {
		return tiles4, tiles8
	}
	return nil, nil
}
