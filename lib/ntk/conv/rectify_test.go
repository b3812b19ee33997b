package conv

import (
	"math"
	"testing"

	"github.com/lemma-ml/lemma/lib/rng"
)

// The vector loops and the plain ones give the same numbers to the last bit, for every length and with
// zeros, equal inputs and both signs among the entries.
func TestLoopsAgree(t *testing.T) {
	r := rng.Stream(1, "entries")
	for n := range 23 {
		for _, tangent := range []bool{true, false} {
			s, u, b, ib := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
			a := 0.7
			for k := range s {
				b[k] = math.Exp(4 * r.NormFloat64())
				s[k] = math.Sqrt(a*b[k]) * (2*r.Float64() - 1)
				switch k % 7 {
				case 3:
					b[k], s[k] = 0, 0
				case 5:
					b[k], s[k] = a, a
				case 6:
					b[k], s[k] = a, -a
				}
				if b[k] > 0 {
					ib[k] = 1 / math.Sqrt(b[k])
				}
				u[k] = r.NormFloat64()
			}
			if !tangent {
				u = nil
			}
			s2, u2 := append([]float64(nil), s...), append([]float64(nil), u...)
			if !tangent {
				u2 = nil
			}
			rectify(s, u, b, ib, a, 1/math.Sqrt(a), 1./9)
			rectifyGo(s2, u2, b, ib, a, 1/math.Sqrt(a), 1./9)
			same(t, "S", s, s2)
			same(t, "T", u, u2)
			x, y, z := rng.Normals(r, n), rng.Normals(r, n), rng.Normals(r, n)
			d1, d2 := make([]float64, n), make([]float64, n)
			addThree(d1, x, y, z)
			addThreeGo(d2, x, y, z)
			same(t, "sum", d1, d2)
		}
	}
}

func same(t *testing.T, what string, got, want []float64) {
	t.Helper()
	for k := range want {
		if math.Float64bits(got[k]) != math.Float64bits(want[k]) {
			t.Errorf("%s[%d] of %d: %g and %g", what, k, len(want), got[k], want[k])
		}
	}
}
