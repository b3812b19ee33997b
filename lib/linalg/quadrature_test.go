package linalg

import (
	"context"
	"math"
	"testing"

	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// TestQuadrature: polynomials up to degree 2m-1 are integrated exactly, that of degree 2m is not, and
// the weights sum to 1.
func TestQuadrature(t *testing.T) {
	const n, m = 30, 4
	r := rng.Stream(1, "quadrature")
	a := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			a.SetSym(i, j, r.NormFloat64()/math.Sqrt(n))
		}
	}
	v := rng.Normals(r, n)
	nodes, weights, err := Quadrature(context.Background(), SymOp(a), n, m, v)
	if err != nil {
		t.Fatal(err)
	}
	if len(nodes) != m || math.Abs(floats.Sum(weights)-1) > 1e-14 {
		t.Fatalf("%d nodes of total weight %g, want %d of 1", len(nodes), floats.Sum(weights), m)
	}
	p := append([]float64(nil), v...)
	for degree := 0; degree <= 2*m; degree++ {
		exact := floats.Dot(v, p) / floats.Dot(v, v)
		sum := 0.0
		for i, x := range nodes {
			sum += weights[i] * math.Pow(x, float64(degree))
		}
		if off := math.Abs(sum - exact); (off > 1e-12) != (degree == 2*m) {
			t.Errorf("degree %d: quadrature %g, vᵀA^k v %g", degree, sum, exact)
		}
		next := make([]float64, n)
		SymOp(a)(next, p)
		p = next
	}
}

func TestQuadratureEndsEarly(t *testing.T) {
	a := mat.NewSymDense(3, []float64{2, 0, 0, 0, 5, 0, 0, 0, 7})
	nodes, weights, err := Quadrature(context.Background(), SymOp(a), 3, 3, []float64{3, 0, 4})
	if err != nil {
		t.Fatal(err)
	}
	if !floats.EqualApprox(nodes, []float64{2, 7}, 1e-12) || !floats.EqualApprox(weights, []float64{.36, .64}, 1e-12) {
		t.Errorf("nodes %v, weights %v, want 2 and 7 with .36 and .64", nodes, weights)
	}
	for name, f := range map[string]func() error{
		"zero start": func() error {
			_, _, err := Quadrature(context.Background(), SymOp(a), 3, 2, make([]float64, 3))
			return err
		},
		"short start": func() error { _, _, err := Quadrature(context.Background(), SymOp(a), 3, 2, []float64{1}); return err },
		"no steps": func() error {
			_, _, err := Quadrature(context.Background(), SymOp(a), 3, 0, []float64{1, 0, 0})
			return err
		},
		"start of NaN": func() error {
			_, _, err := Quadrature(context.Background(), SymOp(a), 3, 2, []float64{math.NaN(), 0, 0})
			return err
		},
	} {
		if f() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
