package tied_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/dropout/tied"
)

func ExampleModel_Minimum() {
	m, err := tied.New(mat.NewDiagDense(5, []float64{4, 2, 1, .5, .1}), 3, 1)
	if err != nil {
		panic(err)
	}
	best := m.Minimum()
	fmt.Printf("ρ = %d, τ = %.1f, spectrum %.1f, value %.2f\n", best.Rank, best.Threshold, best.Spectrum, best.Value)
	fmt.Printf("gap of the lengths %.0e or less\n", max(tied.Gap(best.U), 1e-12))
	// Output:
	// ρ = 2, τ = 1.2, spectrum [2.8 0.8 0.0 0.0 0.0], value 8.46
	// gap of the lengths 1e-12 or less
}

// Every equalized critical point at λ = 5, 71 times the book's bound, with the direction that leads out of it.
func ExampleModel_Down() {
	m, err := tied.New(mat.NewDiagDense(5, []float64{4, 2, 1, .5, .1}), 3, 5)
	if err != nil {
		panic(err)
	}
	families, err := m.Equalized()
	if err != nil {
		panic(err)
	}
	for k := range families {
		f := &families[k]
		if d := m.Down(f, m.Point(f, nil)); d != nil {
			fmt.Printf("%-4s L = %8.5f  %s, curvature %.2f\n", f.Name(3), f.Value, d.Words, d.Curvature)
		} else {
			fmt.Printf("%-4s L = %8.5f  global minimum\n", f.Name(3), f.Value)
		}
	}
	// Output:
	// {0}  L = 15.26000  global minimum
	// {1}  L = 19.76000  w₁ enters, curvature -11.00
	// {2}  L = 20.88500  w₁ enters, curvature -13.50
	// {3}  L = 21.16625  w₁ enters, curvature -14.75
	// {4}  L = 21.25625  w₁ enters, curvature -15.75
	// {}   L = 21.26000  w₁ enters, curvature -16.00
}

func ExampleRestarts() {
	m, err := tied.New(mat.NewDiagDense(4, []float64{2, 1, -1, -3}), 3, 1)
	if err != nil {
		panic(err)
	}
	r, err := tied.Restarts(context.Background(), m, tied.RestartConfig{})
	if err != nil {
		panic(err)
	}
	value, gap := r.Worst()
	fmt.Printf("minimum %.1f; 40 starts within 1e-9: %t, equalized: %t\n", r.Least, value < 1e-9, gap < 1e-6)
	// Output: minimum 11.8; 40 starts within 1e-9: true, equalized: true
}

func ExampleEqualize() {
	u := mat.NewDense(2, 2, []float64{3, 0, 0, 1})
	tied.Equalize(u)
	fmt.Printf("%.4f\n", mat.Formatted(u))
	// Output:
	// ⎡ 2.1213   2.1213⎤
	// ⎣-0.7071   0.7071⎦
}
