package dropout

import (
	"context"
	"math"
	"testing"

	"github.com/lemma-ml/lemma/lib/rng"
)

func TestLambda(t *testing.T) {
	for _, c := range []struct {
		name    string
		p, want float64
		bad     bool
	}{
		{"no dropout", 0, 0, false},
		{"a half", .5, 1, false},
		{"nine tenths", .9, 9, false},
		{"the largest rate", 1 - 0x1p-53, maxLambda, false},
		{"nothing left", 1, 0, true},
		{"negative", -1e-300, 0, true},
		{"more than all", 1.5, 0, true},
		{"not a number", math.NaN(), 0, true},
		{"infinite", math.Inf(1), 0, true},
	} {
		got, err := Lambda(c.p)
		if (err != nil) != c.bad || math.Abs(got-c.want) > 1e-14*c.want {
			t.Errorf("%s: Lambda(%g) = %g, %v, want %g", c.name, c.p, got, err, c.want)
		}
		if back, err := Rate(c.want); !c.bad && (err != nil || math.Abs(back-c.p) > 1e-15) {
			t.Errorf("%s: Rate(%g) = %g, %v, want %g", c.name, c.want, back, err, c.p)
		}
	}
	for _, bad := range []float64{-1, math.NaN(), math.Inf(1), 1e300} {
		if _, err := Rate(bad); err == nil {
			t.Errorf("Rate(%g): no error", bad)
		}
	}
}

func TestEnumerate(t *testing.T) {
	for _, units := range []int{0, -1, MostUnits + 1} {
		if _, err := Enumerate(.5, units); err == nil {
			t.Errorf("%d units: no error", units)
		}
	}
	if _, err := Enumerate(1, 3); err == nil {
		t.Error("rate 1: no error")
	}
	for _, p := range []float64{0, .25, .9} {
		masks, err := Enumerate(p, 6)
		if err != nil {
			t.Fatal(err)
		}
		count, total, product := 0, 0.0, 0.0
		for m, q := range masks {
			count, total, product = count+1, total+q, product+q*m[0]*m[5]
		}
		if want := map[bool]int{true: 1, false: 64}[p == 0]; count != want || math.Abs(total-1) > 1e-14 || math.Abs(product-1) > 1e-14 {
			t.Errorf("p = %g: %d masks of total probability %g, E B₀B₅ = %g, want %d, 1 and 1", p, count, total, product, want)
		}
	}
}

func TestEstimate(t *testing.T) {
	ctx := context.Background()
	sum := func(m []float64) float64 { return m[0] + m[1]*m[1] }
	for _, noise := range []Noise{Bernoulli, Gaussian} {
		mean, se, err := Estimate(ctx, rng.Stream(1, "t"), noise, .3, 2, 20000, sum)
		want := 2 + .3/.7
		if err != nil || math.Abs(mean-want) > 4*se || se > .03 {
			t.Errorf("%s: %g ± %g, %v, want %g", noise, mean, se, err, want)
		}
	}
	if _, _, err := Estimate(ctx, rng.Stream(1, "t"), "laplace", .3, 2, 20, sum); err == nil {
		t.Error("an unknown law: no error")
	}
	if _, _, err := Estimate(ctx, rng.Stream(1, "t"), Bernoulli, .3, 2, 1, sum); err == nil {
		t.Error("one draw: no error")
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Expect(stopped, .5, 10, sum); err == nil {
		t.Error("cancelled: no error")
	}
}
