package sensing_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/dropout/sensing"
)

// Two ways to the objective with dropout: all masks, and the loss with its penalty.
func ExampleProblem() {
	p := &sensing.Problem{
		A: []*mat.Dense{sensing.Fixture(0, 3, 2), sensing.Fixture(1, 3, 2)},
		Y: []float64{1, -1},
	}
	f := &sensing.Factors{U: sensing.Fixture(2, 3, 4), V: sensing.Fixture(3, 2, 4)}
	v, err := p.Objective(f, .5)
	if err != nil {
		panic(err)
	}
	e, err := p.Enumerate(context.Background(), f, .5)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.6f + 1·%.6f = %.6f, all 16 masks %.6f\n", v.Loss, v.Penalty, v.Total, e.Total)
	// Output: 6.010021 + 1·4.786947 = 10.796968, all 16 masks 10.796968
}

// Equal shares for the singular values 3 and 1 at width 4.
func ExampleEqualize() {
	m := mat.NewDense(2, 2, []float64{3, 0, 0, 1})
	e, err := sensing.Equalize(m, 4)
	if err != nil {
		panic(err)
	}
	theta, err := sensing.Theta(m, 4)
	if err != nil {
		panic(err)
	}
	fmt.Printf("shares %.3f, R = %.3f, Θ = %.3f; before %.3f, R = %.3f\n", e.Shares(), e.Penalty(), theta, e.Balanced.Shares(), e.Balanced.Penalty())
	_, err = sensing.Theta(m, 1)
	fmt.Println(err)
	// Output:
	// shares [1.000 1.000 1.000 1.000], R = 4.000, Θ = 4.000; before [3.000 1.000 0.000 0.000], R = 10.000
	// sensing.Theta: a matrix of rank 2 is no product of factors with 1 columns
}

func ExampleWaterFill() {
	s, rho, tau, value, err := sensing.WaterFill([]float64{4, 2, 1, .5, .1}, 3, 1)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.1f, ρ = %d, τ = %.1f, value %.2f\n", s, rho, tau, value)
	// Output: [2.8 0.8 0.0 0.0 0.0], ρ = 2, τ = 1.2, value 8.46
}

// Dropout at a small rate from a large start, where plain gradient descent ends far away.
func ExampleRun() {
	r, err := sensing.Run(context.Background(), sensing.Config{Size: 6, Rank: 1, Samples: 24, Cases: []sensing.Case{{Rate: 0, Start: 1}, {Rate: .05, Start: 1}}})
	if err != nil {
		panic(err)
	}
	for _, t := range r.Runs {
		fmt.Printf("p = %g: loss below 0.001 %t, risk above 1 %t\n", t.Case.Rate, t.Loss < 1e-3, t.Risk > 1)
	}
	// Output:
	// p = 0: loss below 0.001 true, risk above 1 true
	// p = 0.05: loss below 0.001 true, risk above 1 false
}
