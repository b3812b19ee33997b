package peak

import "testing"

func TestRate(t *testing.T) {
	one, two := Rate(1, false), Rate(2, false)
	if one <= 0 || two <= 0 {
		t.Errorf("rates %g and %g, want more than none", one, two)
	}
	if d := Rate(0, true); d <= 0 {
		t.Errorf("float64: %g", d)
	}
	t.Logf("GFLOP/s float32: %.1f on one goroutine, %.1f on two; float64 %.1f", one/1e9, two/1e9, Rate(1, true)/1e9)
}

func TestOperationsAreCounted(t *testing.T) {
	for _, rounds := range []int{0, 1, 100} {
		single, double := spin(rounds, false), spin(rounds, true)
		if single < double || single%(max(rounds, 1)) != 0 {
			t.Errorf("%d rounds: %d operations in float32, %d in float64", rounds, single, double)
		}
	}
}
