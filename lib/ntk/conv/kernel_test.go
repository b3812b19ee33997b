package conv

import (
	"context"
	"math"
	"testing"
)

func TestGoldens(t *testing.T) {
	im, _, err := Digits()
	if err != nil {
		t.Fatal(err)
	}
	im, _ = im.Slice(0, 2)
	for _, c := range []struct {
		k    Kernel
		want [3]float64
	}{
		{Kernel{Depth: 1}, [3]float64{22.471354, 12.448302, 30.760417}},
		{Kernel{Depth: 2}, [3]float64{30.937789, 16.126620, 43.704427}},
		{Kernel{Depth: 3}, [3]float64{37.465342, 18.942339, 55.210477}},
		{Kernel{Depth: 1, Pool: true}, [3]float64{.14418986, .15077080, .15975650}},
		{Kernel{Depth: 2, Pool: true}, [3]float64{.17902282, .19281244, .21461785}},
		{Kernel{Depth: 3, Pool: true}, [3]float64{.19513737, .21761938, .25631326}},
	} {
		g, err := c.k.Gram(context.Background(), im)
		if err != nil {
			t.Fatal(err)
		}
		for e, got := range []float64{g.At(0, 0), g.At(0, 1), g.At(1, 1)} {
			if math.Abs(got-c.want[e]) > 1e-6*math.Abs(c.want[e])*.1+5.1e-7 {
				t.Errorf("%v entry %d: got %.8f, want %.8f", c.k, e, got, c.want[e])
			}
		}
	}
}

func BenchmarkGramPooled(b *testing.B) {
	im, _, err := Digits()
	if err != nil {
		b.Fatal(err)
	}
	im, _ = im.Slice(0, 60)
	for b.Loop() {
		if _, err := (Kernel{Depth: 3, Pool: true}).Gram(context.Background(), im); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(60*61/2*4096*3), "ns/entry")
}
