package saddle_test

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/saddle"
)

// Gradient descent stays at the saddle; with a perturbation it finds a second-order stationary point.
func ExamplePGD2() {
	ctx := context.Background()
	o, err := saddle.Cosine(10, .5)
	if err != nil {
		panic(err)
	}
	start := make([]float64, 10)
	opt := saddle.Options{Epsilon: .05, Stop: true, Steps: 800}
	gd, err := saddle.GD(ctx, o, start, opt)
	if err != nil {
		panic(err)
	}
	pgd, err := saddle.PGD2(ctx, o, start, saddle.Kick{}, opt)
	if err != nil {
		panic(err)
	}
	fmt.Println("gradient descent:", gd.Found, "f =", gd.Values[gd.Steps()])
	fmt.Println("perturbed:", pgd.Found, "within 80 steps:", pgd.Steps() <= 80)
	// Output:
	// gradient descent: false f = 0.5
	// perturbed: true within 80 steps: true
}

// Ten times as many dimensions cost three steps.
func ExampleEscape() {
	for _, d := range []int{10, 100, 1000, 10_000} {
		law, err := saddle.Escape{Dim: d}.Law()
		if err != nil {
			panic(err)
		}
		fmt.Printf("%.2f ", law)
	}
	// Output: 16.38 19.12 21.94 24.78
}

// The probability to be stuck on a quadratic saddle for 40 steps, and the bound by volumes.
func ExampleStuck() {
	s := saddle.Stuck{Dim: 10, Steps: 40}
	p, err := s.Probability()
	if err != nil {
		panic(err)
	}
	width, err := s.Width()
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.6f at most %.4f\n", p, saddle.SlabBound(10, width, 1))
	// Output: 0.045764 at most 0.0701
}
