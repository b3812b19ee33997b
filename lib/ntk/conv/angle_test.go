package conv

import (
	"math"
	"testing"

	"github.com/lemma-ml/lemma/lib/ntk"
)

// The polynomial is the arcsine to 2e-14, and the layer κ₀ and κ₁, over all angles.
func TestAngle(t *testing.T) {
	worst, worst1 := 0.0, 0.0
	const n = 20000
	for i := range n + 1 {
		// Half of the angles lie within 1e-3 of one of the ends.
		theta := math.Pi * float64(i) / n
		if i%2 == 1 {
			theta = 1e-3 * float64(i) / n
			if i%4 == 1 {
				theta = math.Pi - theta
			}
		}
		const a, b = .37, 2.9
		norm := math.Sqrt(a * b)
		s, u := []float64{norm * math.Cos(theta)}, []float64{1}
		rectifyGo(s, u, []float64{b}, []float64{1 / math.Sqrt(b)}, a, 1/math.Sqrt(a), 1)
		// T ← K̇·T + K with T = 1.
		k0, k1 := u[0]-s[0], s[0]/norm
		e := math.Abs(k0 - (1 - theta/math.Pi))
		if math.Sin(theta) > 1e-3 {
			worst = max(worst, e)
		} else if e > 2e-16/max(math.Sin(theta), 1e-8)+1e-13 {
			t.Errorf("θ = %g: κ₀ is off by %g", theta, e)
		}
		worst1 = max(worst1, math.Abs(k1-ntk.Kappa1(math.Cos(theta))))
	}
	if worst > 2e-13 || worst1 > 1e-13 {
		t.Errorf("κ₀ is off by up to %g away from the ends, κ₁ by %g", worst, worst1)
	}
	t.Logf("κ₀ within %.2g away from the ends, κ₁ within %.2g", worst, worst1)
	sum := 0.0
	for i := range n + 1 {
		u := math.Sqrt(.5) * float64(i) / n
		y, a := 4*u*u-1, 0.0
		for k := terms - 1; k >= 0; k-- {
			a = a*y + sine[k]
		}
		sum = max(sum, math.Abs(u*a-math.Asin(u)/math.Pi))
	}
	t.Logf("asin within %.2g", sum*math.Pi)
	if sum*math.Pi > 2e-14 {
		t.Errorf("the polynomial is off by %g", sum*math.Pi)
	}
}
