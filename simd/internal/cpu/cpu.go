// Package cpu says which of this module's kernels the processor can run: one question, asked once, for
// all packages that have assembly.
package cpu

// A Level is a set of kernels. Those of one architecture are in increasing order, after [Go].
type Level uint8

const (
	Go     Level = iota // no assembly
	AVX2                // amd64 with AVX2, FMA, BMI2 and F16C
	AVX512              // and with AVX-512 F, DQ, BW and VL
	NEON                // arm64
)

var names = [...]string{Go: "go", AVX2: "avx2", AVX512: "avx512", NEON: "neon"}

// String returns the level's name: "go", "avx2", "avx512" or "neon".
func (l Level) String() string { return names[l] }

// Best returns the highest level of this machine. GODEBUG=cpu.avx512f=off and GODEBUG=cpu.avx2=off
// lower it, the build tag noasm makes it [Go].
func Best() Level { return best }

var best = detect()
