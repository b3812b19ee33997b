//go:build !noasm

package peak

import "github.com/lemma-ml/lemma/simd/internal/cpu"

//go:noescape
func fma256(rounds int, double bool)

//go:noescape
func fma512(rounds int, double bool)

// spin does rounds of 12 independent multiply-adds on the widest registers.
func spin(rounds int, double bool) int {
	var bits int
	switch cpu.Best() {
	case cpu.AVX512:
		fma512(rounds, double)
		bits = 512
	case cpu.AVX2:
		fma256(rounds, double)
		bits = 256
	default:
		return spinGo(rounds)
	}
	lanes := bits / 32
	if double {
		lanes = bits / 64
	}
	return rounds * 12 * lanes * 2
}
