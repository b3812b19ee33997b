package linalg

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lemma-ml/lemma/lib/linalg/internal/kernel"
)

// newSecular takes weights of any size and makes them squares of a unit vector, as the caller does.
func newSecular(d, z []float64, rho float64) *secular {
	s := &secular{d: d, z2: make([]float64, len(z)), rho: rho}
	norm := 0.0
	for _, v := range z {
		norm += v * v
	}
	for i, v := range z {
		s.z2[i] = v * v / norm
		s.size += s.z2[i]
	}
	return s
}

func TestSecular(t *testing.T) {
	t.Run("one pole: d + ρ", func(t *testing.T) {
		s := newSecular([]float64{3}, []float64{1}, 0.25)
		if r := s.solve(0); s.d[r.pole]+r.tau != 3.25 {
			t.Errorf("root %+v, want 3.25", r)
		}
	})
	t.Run("two poles at ±1 with equal weights: (ρ ± √(ρ²+4))/2", func(t *testing.T) {
		for _, rho := range []float64{1e-12, 1e-3, 1, 50, 1e9} {
			s := newSecular([]float64{-1, 1}, []float64{1, 1}, rho)
			// The trace is ρ and the determinant -1, so λ² - ρλ - 1 = 0.
			large := (rho + math.Sqrt(rho*rho+4)) / 2
			for i, want := range []float64{-1 / large, large} {
				r := s.solve(i)
				near(t, fmt.Sprintf("ρ = %g, root %d", rho, i), s.d[r.pole]+r.tau, want, 4*eps*math.Max(1, math.Abs(want)))
			}
		}
	})
	r := rand.New(rand.NewPCG(31, 7))
	for _, c := range []struct {
		name string
		make func(k int) (d, z []float64, rho float64)
	}{
		{"spread poles", func(k int) ([]float64, []float64, float64) {
			return filled(k, func(i int) float64 { return float64(i) + r.Float64()/2 }), filled(k, func(int) float64 { return r.NormFloat64() }), 1
		}},
		{"poles an ulp or two apart", func(k int) ([]float64, []float64, float64) {
			d, at := make([]float64, k), 1.0
			for i := range d {
				d[i] = at
				for range 1 + r.IntN(3) {
					at = math.Nextafter(at, 2)
				}
			}
			return d, filled(k, func(int) float64 { return 1 + r.Float64() }), 1e-3
		}},
		{"weights from 1 to 1e-14", func(k int) ([]float64, []float64, float64) {
			return filled(k, func(i int) float64 { return float64(i) }), filled(k, func(int) float64 { return math.Pow(10, -14*r.Float64()) }), 0.3
		}},
		{"poles from 1 down to 1e-15", func(k int) ([]float64, []float64, float64) {
			return filled(k, func(i int) float64 { return math.Pow(10, -15*float64(k-i)/float64(k)) }), filled(k, func(int) float64 { return r.NormFloat64() }), 2
		}},
		{"a strong change of weak poles", func(k int) ([]float64, []float64, float64) {
			return filled(k, func(i int) float64 { return 1e-10 * float64(i) }), filled(k, func(int) float64 { return r.NormFloat64() }), 1e6
		}},
		{"two families far apart", func(k int) ([]float64, []float64, float64) {
			return filled(k, func(i int) float64 { return float64(i%2)*1e8 + float64(i) }), filled(k, func(int) float64 { return r.NormFloat64() }), 1
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for k := 1; k <= 60; k++ {
				d, z, rho := c.make(k)
				slices.Sort(d)
				s := newSecular(d, z, rho)
				roots := make([]root, k)
				for i := range roots {
					roots[i] = s.solve(i)
					checkRoot(t, s, i, roots[i])
				}
				// Löwner's formula gives back the weights: every difference d_j - λ_i has its digits.
				for j := range d {
					w := -s.minus(j, roots[j])
					for i, r := range roots {
						if i != j {
							w *= s.minus(j, r) / (d[j] - d[i])
						}
					}
					if got := w / rho; !(math.Abs(got-s.z2[j]) <= 40*eps*float64(k)*s.z2[j]+tinyWeight(s)) {
						t.Errorf("k = %d: weight %d comes back as %g, is %g", k, j, got, s.z2[j])
					}
				}
				if t.Failed() {
					t.FailNow()
				}
			}
		})
	}
}

// tinyWeight is what rounding of f leaves uncertain of a weight.
func tinyWeight(s *secular) float64 { return 16 * eps * float64(len(s.d)) * s.size }

// checkRoot wants the root in its interval, and f there as small as rounding allows, or of other sign
// one step of tau further.
func checkRoot(t *testing.T, s *secular, i int, r root) {
	t.Helper()
	k := len(s.d)
	if s.minus(i, r) >= 0 || i+1 < k && s.minus(i+1, r) <= 0 {
		t.Errorf("k = %d: root %d = d[%d] + %g is not between its poles", k, i, r.pole, r.tau)
		return
	}
	at := func(tau float64) (f, size float64) {
		low, dlow := kernel.Secular(s.d[:i+1], s.z2[:i+1], s.d[r.pole], tau)
		high, dhigh := kernel.Secular(s.d[i+1:], s.z2[i+1:], s.d[r.pole], tau)
		return 1/s.rho + low + high, 1/s.rho + math.Abs(low) + math.Abs(high) + math.Abs(tau)*(dlow+dhigh)
	}
	f, size := at(r.tau)
	if math.Abs(f) <= 16*eps*float64(k+4)*size {
		return
	}
	below, _ := at(r.tau - 4*eps*math.Abs(r.tau))
	above, _ := at(r.tau + 4*eps*math.Abs(r.tau))
	if !(below <= 0 && above >= 0) {
		t.Errorf("k = %d: f = %g at root %d, of terms of size %g", k, f, i, size)
	}
}
