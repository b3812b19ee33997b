//go:build !noasm

package transpose

import "golang.org/x/sys/cpu"

// words and doubles are the functions of this machine, nil for none.
var words, doubles = choose(cpu.X86.HasAVX2)

func choose(avx2 bool) (w, d func(dst, src *byte, ds, ss, rows, columns int)) {
	if avx2 {
		return tiles4, tiles8
	}
	return nil, nil
}
