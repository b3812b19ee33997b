package conv

import (
	"context"
	"testing"
)

// ns/entry is the time of one layer at one pair of places of one pair of images. On a processor on which
// a NumPy program that works on all four indices of a pair at once takes 62 ns, one core takes 5.5 for
// GAP on 250 images; small matrices have shorter inner loops. About two thirds of it is the arithmetic of
// rectifyAVX, a root and some sixty other operations for four entries.
func BenchmarkGram(b *testing.B) {
	const n, depth = 60, 3
	x, err := firstDigits(n)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		k       Kernel
		entries float64 // a pair and layer
	}{
		{"GAP", Kernel{Depth: depth, Pool: true}, 64 * 64},
		{"GAP-NNGP", Kernel{Depth: depth, Pool: true, NNGP: true}, 64 * 64},
		{"GAP-5x5", Kernel{Depth: depth, Pool: true, Filter: 5}, 64 * 64},
		{"V", Kernel{Depth: depth}, 64},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := c.k.Gram(context.Background(), x); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(n*(n+1)/2*depth*c.entries), "ns/entry")
		})
	}
}

func BenchmarkRectify(b *testing.B) {
	s, t, v, inverse := make([]float64, 16), make([]float64, 16), make([]float64, 16), make([]float64, 16)
	for k := range s {
		v[k], inverse[k] = 1, 1
	}
	for name, f := range map[string]func(s, t, b, ib []float64, a, ia, scale float64){"vector": rectify, "plain": rectifyGo} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for k := range s {
					s[k], t[k] = float64(k)/16, .5
				}
				f(s, t, v, inverse, 1, 1, 1)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/16, "ns/entry")
		})
	}
}
