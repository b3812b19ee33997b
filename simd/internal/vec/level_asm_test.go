//go:build (amd64 || arm64) && !noasm

package vec

import "github.com/lemma-ml/lemma/simd/internal/cpu"

// sets returns the sets of kernels that can run here, plain Go last.
func sets() []*set {
	var s []*set
	for l := cpu.Best(); l > cpu.Go; l-- {
		s = append(s, collect(l))
		if l == neon {
			break
		}
	}
	return append(s, &fallback)
}
