//go:build !noasm

package peak

import "golang.org/x/sys/cpu"

//go:noescape
func fma256(rounds int, double bool)

//go:noescape
func fma512(rounds int, double bool)

// spin does rounds of 12 independent multiply-adds on the widest registers.
func spin(rounds int, double bool) int {
	var bits int
	switch {
	case cpu.X86.HasAVX512F:
		fma512(rounds, double)
		bits = 512
	case cpu.X86.HasAVX2 && cpu.X86.HasFMA:
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
