package sensing

import (
	"context"
	"testing"
)

// BenchmarkSweep is one draw of the experiment of claim 11.+/sensing: ten training runs of 288 numbers.
func BenchmarkSweep(b *testing.B) {
	for range b.N {
		if _, err := Run(context.Background(), Config{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkObjective is one value and gradient at the size of that experiment.
func BenchmarkObjective(b *testing.B) {
	c := Config{}.withDefaults()
	_, p := c.draw(0)
	s := newSample(p, c.Width, 1)
	x, g := make([]float64, 288), make([]float64, 288)
	for i := range x {
		x[i] = float64(i%7) / 7
	}
	for b.Loop() {
		s.objective(g, x)
	}
}
