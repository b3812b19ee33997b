package sensing

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
)

func TestWaterFill(t *testing.T) {
	f := []float64{3.15676823, 1.85378886, 1.08032798, 0.6894227, 0.03741087} // singular values of F(1; 6, 5)
	tied := []float64{4, 2, 1, .5, .1}
	for _, c := range []struct {
		name   string
		values []float64
		width  int
		lambda float64
		rho    int
		tau    float64
		value  float64
	}{
		{"two of five survive", f, 5, 2, 2, 1.1134571317503814, 7.222852292980162},
		{"weak penalty", f, 5, .5, 4, .4843076975156015, 3.2851548154206798},
		{"a wider product pays less", f, 8, 2, 3, .8701264385414639, 5.7765433595140045},
		{"the width ends it", f, 3, 1, 3, 1.015147511631708, 6.659850048404332},
		{"tied, d1 = 3, λ = 0.1", tied, 3, .1, 3, .21212121212121213, 1.7448484848},
		{"tied, d1 = 3, λ = 1", tied, 3, 1, 2, 1.2, 8.46},
		{"tied, d1 = 3, λ = 5", tied, 3, 5, 1, 2.5, 15.26},
		{"tied, d1 = 3, λ = 50", tied, 3, 50, 1, 3.7735849056603774, 20.3543396226},
		{"tied, d1 = 8, λ = 0.1", tied, 8, .1, 5, .0894117647058824, .6795294118},
		{"an indefinite M", []float64{2, 1, -1, -3}, 3, 1, 2, .6, 11.8},
		{"no penalty, no threshold", tied, 5, 0, 5, 0, 0},
		{"no penalty, too narrow: the best rank 2", tied, 2, 0, 2, 0, 1.26},
		{"nothing above 0", []float64{0, -1}, 2, 1, 0, 0, 1},
		{"no values", nil, 2, 1, 0, 0, 0},
	} {
		s, rho, tau, value, err := WaterFill(c.values, c.width, c.lambda)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if rho != c.rho || math.Abs(tau-c.tau) > 2e-8 || math.Abs(value-c.value) > 6e-8 {
			t.Errorf("%s: ρ = %d, τ = %.12g, value %.12g, want %d, %.12g, %.12g", c.name, rho, tau, value, c.rho, c.tau, c.value)
		}
		// No step in s from there goes down: those kept have derivative 0, those dropped one of at least 0.
		if c.rho < min(c.width, len(c.values)) || c.rho > 0 {
			for i := range min(c.width, len(s)) {
				slope := -2*(c.values[i]-s[i]) + 2*c.lambda/float64(c.width)*floats.Sum(s)
				if s[i] > 0 && math.Abs(slope) > 1e-12 || slope < -1e-12 {
					t.Errorf("%s: slope %g at entry %d", c.name, slope, i)
				}
			}
		}
	}
}

func TestWaterFillErrors(t *testing.T) {
	for name, f := range map[string]func() error{
		"rising values":       func() error { _, _, _, _, err := WaterFill([]float64{1, 2}, 2, 1); return err },
		"a value that is NaN": func() error { _, _, _, _, err := WaterFill([]float64{math.NaN()}, 2, 1); return err },
		"no width":            func() error { _, _, _, _, err := WaterFill([]float64{1}, 0, 1); return err },
		"negative strength":   func() error { _, _, _, _, err := WaterFill([]float64{1}, 1, -1); return err },
		"strength NaN":        func() error { _, _, _, _, err := WaterFill([]float64{1}, 1, math.NaN()); return err },
		"infinite strength":   func() error { _, _, _, _, err := WaterFill([]float64{1}, 1, math.Inf(1)); return err },
	} {
		if f() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
