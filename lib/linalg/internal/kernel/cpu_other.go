//go:build !amd64

package kernel

// fast is false where there is no assembly: the calls behind it are left out by the compiler.
const fast = false

// UseFallback does nothing here: the plain Go loops are all there is.
func UseFallback() (restore func()) { return func() {} }

func tileAVX2(k int, a *float64, ars, acs int, b, c *float64, ldc int)     {}
func dotAxpy4AVX2(n int, a *float64, lda int, x, y, coef, sum *float64)    {}
func dot4AVX2(n int, a *float64, lda int, x, sum *float64)                 {}
func axpy4AVX2(n int, a *float64, lda int, y, coef *float64)               {}
func secularAVX2(n int, d, z2 *float64, origin, tau float64, sum *float64) {}
func rotateAVX2(n int, x, y *float64, c, s float64)                        {}
func pause()                                                               {}
