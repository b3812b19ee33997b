// Package peak measures what a processor's multiply-add units can do when nothing holds them up: the
// ceiling of every product of matrices.
package peak

import (
	"sync"
	"time"
)

// Rate returns floating-point operations a second, a multiplication and an addition counted as two,
// of the given number of goroutines, each of which works for about a tenth of a second on registers
// alone: the sum of each one's best stretch of some tens of microseconds, so that others who use the
// processor too do not lower it. Where there is no kernel in assembly it is what Go's own arithmetic
// reaches, one number at a time.
func Rate(threads int, double bool) float64 {
	rates := make([]float64, max(threads, 1))
	var wg sync.WaitGroup
	for i := range rates {
		wg.Go(func() {
			const rounds = 10_000
			spin(rounds, double) // wakes the wide units up
			for start := time.Now(); time.Since(start) < 100*time.Millisecond; {
				stretch := time.Now()
				done := spin(rounds, double)
				rates[i] = max(rates[i], float64(done)/time.Since(stretch).Seconds())
			}
		})
	}
	wg.Wait()
	sum := 0.0
	for _, r := range rates {
		sum += r
	}
	return sum
}

// spinGo does rounds of independent multiply-adds in plain Go and returns their number of operations.
func spinGo(rounds int) int {
	var s [8]float64
	for i := range rounds {
		x := float64(i)
		s[0] = s[0]*0.5 + x
		s[1] = s[1]*0.5 + x
		s[2] = s[2]*0.5 + x
		s[3] = s[3]*0.5 + x
		s[4] = s[4]*0.5 + x
		s[5] = s[5]*0.5 + x
		s[6] = s[6]*0.5 + x
		s[7] = s[7]*0.5 + x
	}
	sink(s)
	return rounds * len(s) * 2
}

// sink keeps the compiler from leaving work out.
//
//go:noinline
func sink([8]float64) {}
