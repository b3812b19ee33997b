package linalg

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// The two QL iterations, with vectors and without square roots, are separate routes to one spectrum.
func TestQL(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 71))
	w21, one := wilkinson(21)
	for _, c := range []struct {
		name string
		d, e []float64
	}{
		{"one number", []float64{7}, nil},
		{"two equal and coupled", []float64{1, 1}, []float64{0.5}},
		{"zeros beside the diagonal", []float64{3, 1, 2}, []float64{0, 0}},
		{"zeros on the diagonal", make([]float64, 9), filled(8, func(i int) float64 { return float64(1 + i) })},
		{"Wilkinson's W21+", w21, one},
		{"graded down", filled(24, func(i int) float64 { return math.Pow(10, -float64(i)) }), filled(23, func(i int) float64 { return math.Pow(10, -float64(i)-0.5) })},
		{"graded up", filled(24, func(i int) float64 { return math.Pow(10, float64(i-23)) }), filled(23, func(i int) float64 { return math.Pow(10, float64(i)-22.5) })},
		{"couplings from 1 to 1e-300", filled(30, func(i int) float64 { return float64(i % 3) }), filled(29, func(i int) float64 { return math.Pow(10, -float64(i)*10) })},
		{"all zero", make([]float64, 5), make([]float64, 4)},
		{"random", filled(50, func(int) float64 { return r.NormFloat64() }), filled(49, func(int) float64 { return r.NormFloat64() })},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := len(c.d)
			norm := math.Max(floats.Norm(append(slices.Clone(c.d), c.e...), math.Inf(1)), 5e-324)
			d, e, q := slices.Clone(c.d), slices.Clone(c.e), mat.NewDense(n, n, nil)
			for i := range n {
				q.Set(i, i, 1)
			}
			if err := qlVectors(d, e, q.RawRowView); err != nil {
				t.Fatal(err)
			}
			var left, id mat.Dense
			left.Mul(q, tridiag(c.d, c.e))
			for i := range n {
				for j := range n {
					near(t, "q·T", left.At(i, j), d[i]*q.At(i, j), 8*eps*float64(n)*norm)
				}
			}
			id.Mul(q, q.T())
			if diff := maxDiff(&id, mat.NewDiagDense(n, ones(n))); diff > 8*eps*float64(n) {
				t.Errorf("q·qᵀ differs from I by %g", diff)
			}
			only := slices.Clone(c.d)
			if err := qlValues(only, slices.Clone(c.e), func() error { return nil }); err != nil {
				t.Fatal(err)
			}
			slices.Sort(d)
			for i := range d {
				near(t, "value", only[i], d[i], 8*eps*float64(n)*norm)
			}
		})
	}
	t.Run("it stops when told to", func(t *testing.T) {
		if err := qlValues([]float64{1, 2, 3}, []float64{1, 1}, func() error { return errNonFinite }); err != errNonFinite {
			t.Errorf("err = %v", err)
		}
	})
}

func TestTwoByTwo(t *testing.T) {
	for _, c := range []struct {
		name          string
		a, b, c, x, y float64
	}{
		{"[[2,1],[1,2]]", 2, 1, 2, 3, 1},
		{"the larger in magnitude is negative", -2, 1, -2, -3, -1},
		{"trace zero", 3, 4, -3, 5, -5},
		{"zero", 0, 0, 0, 0, 0},
		{"a small value beside 1: 1e-18 up to rounding", 1, 1e-9, 2e-18, 1, 1e-18},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, y := twoByTwo(c.a, c.b, c.c)
			near(t, "large", x, c.x, 4*eps*math.Abs(c.x))
			near(t, "small", y, c.y, 4*eps*math.Abs(c.y))
		})
	}
}
