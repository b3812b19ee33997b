//go:build !noasm

package vec

import "golang.org/x/sys/cpu"

// best returns the highest level of this machine, 0 for none.
func best() level {
	x := &cpu.X86
	switch {
	case !(x.HasAVX2 && x.HasFMA && x.HasBMI2 && x.HasF16C):
		return 0
	case x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL:
		return avx512
	}
	return avx2
}
