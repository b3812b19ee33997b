package claim

import (
	"math"
	"testing"
)

func TestWilson(t *testing.T) {
	near := func(name string, got, want, tol float64, cause string) {
		t.Helper()
		if !(math.Abs(got-want) <= tol) {
			t.Errorf("%s: %g, want %g within %g (%s)", name, got, want, tol, cause)
		}
	}
	// Newcombe 1998, method 3: 81 of 263 gives .2553 to .3662.
	low, high := Wilson(81, 263)
	near("low", low, .2553, 5e-5, "printed digits")
	near("high", high, .3662, 5e-5, "printed digits")
	low, high = Wilson(0, 10)
	near("none: low", low, 0, 1e-15, "rounding")
	near("none: high", high, .2775, 5e-5, "z²/(n+z²)")
	if low, high := Wilson(0, 0); low != 0 || high != 1 {
		t.Errorf("nothing of nothing: [%g, %g], want [0, 1]", low, high)
	}
}
