package landscape

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestClassify(t *testing.T) {
	for _, tt := range []struct {
		name string
		h    []float64
		grad float64
		want Kind
	}{
		{"w₁² - w₂²", []float64{2, -2}, 0, Saddle},
		{"a vanishing eigenvalue beside both signs", []float64{1, 0, -1}, 0, Saddle},
		{"w⁴, -w⁴ and w³", []float64{0}, 0, Degenerate},
		{"a trough", []float64{1, 0}, 0, Degenerate},
		{"a ridge", []float64{-1, 0}, 0, Degenerate},
		{"a bowl", []float64{1, 2}, 0, LocalMin},
		{"a hill", []float64{-1, -2}, 0, LocalMax},
		{"an eigenvalue within the tolerance", []float64{1, 1e-9}, 0, Degenerate},
		{"a slope in a bowl", []float64{1, 2}, 1e-3, Regular},
	} {
		g := make([]float64, len(tt.h))
		g[0] = tt.grad
		got, err := Classify(mat.NewDiagDense(len(tt.h), tt.h), g, 1e-6, 1e-8)
		if err != nil || got != tt.want {
			t.Errorf("%s: %s, %v, want %s", tt.name, got, err, tt.want)
		}
	}
	// A rotation changes nothing.
	c, s := math.Cos(.7), math.Sin(.7)
	r := mat.NewDense(2, 2, []float64{c, -s, s, c})
	var h mat.Dense
	h.Product(r, mat.NewDiagDense(2, []float64{3, -1e-3}), r.T())
	if got, err := Classify(&h, []float64{0, 0}, 0, 1e-6); err != nil || got != Saddle {
		t.Errorf("rotated: %s, %v", got, err)
	}
}

func TestClassifyErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		h    *mat.Dense
		grad []float64
		tol  float64
		say  string
	}{
		{"not square", mat.NewDense(1, 2, nil), []float64{0}, 0, "1×2"},
		{"gradient too long", mat.NewDense(1, 1, nil), []float64{0, 0}, 0, "2 entries"},
		{"not symmetric", mat.NewDense(2, 2, []float64{1, 2, 3, 4}), []float64{0, 0}, 0, "symmetric"},
		{"NaN", mat.NewDense(1, 1, []float64{math.NaN()}), []float64{0}, 0, "(0, 0)"},
		{"infinite gradient", mat.NewDense(1, 1, nil), []float64{math.Inf(1)}, 0, "gradient"},
		{"negative tolerance", mat.NewDense(1, 1, nil), []float64{0}, -1, "tolerances"},
	} {
		if _, err := Classify(tt.h, tt.grad, tt.tol, tt.tol); err == nil || !strings.Contains(err.Error(), tt.say) {
			t.Errorf("%s: %v, want one that says %q", tt.name, err, tt.say)
		}
	}
}
