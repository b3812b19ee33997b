package kernel

import "golang.org/x/sys/cpu"

// fast says that the assembly may run. [UseFallback] is its only writer after start-up.
var fast = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// UseFallback makes the plain Go loops run where the assembly would, and returns what undoes it.
// It is for tests, and not for use while other goroutines compute.
func UseFallback() (restore func()) {
	old := fast
	fast = false
	return func() { fast = old }
}

//go:noescape
func tileAVX2(k int, a *float64, ars, acs int, b, c *float64, ldc int)

//go:noescape
func dotAxpy4AVX2(n int, a *float64, lda int, x, y, coef, sum *float64)

//go:noescape
func dot4AVX2(n int, a *float64, lda int, x, sum *float64)

//go:noescape
func axpy4AVX2(n int, a *float64, lda int, y, coef *float64)

//go:noescape
func secularAVX2(n int, d, z2 *float64, origin, tau float64, sum *float64)

//go:noescape
func rotateAVX2(n int, x, y *float64, c, s float64)

// pause tells the processor that the loop around it waits.
func pause()
