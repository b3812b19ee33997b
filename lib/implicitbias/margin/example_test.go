package margin_test

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/implicitbias/margin"
)

// Steepest descent in three norms on the same five points: three directions.
func ExampleRun() {
	ctx := context.Background()
	for _, n := range []margin.Norm{margin.Sum, margin.Euclidean, margin.Largest} {
		best, err := margin.MaxMargin(ctx, margin.Five(), n)
		if err != nil {
			panic(err)
		}
		run, err := margin.Run(ctx, margin.Five(), margin.Config{Norm: n})
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: margin %.4f of %.4f, second weight over first %.3f of %.3f\n", n, run.Last().Margin, best.Margin, run.End[1]/run.End[0], best.W[1]/best.W[0])
	}
	// Output:
	// ℓ₁: margin 0.8406 of 0.8409, second weight over first 0.295 of 0.294
	// ℓ₂: margin 1.0440 of 1.0440, second weight over first 0.303 of 0.300
	// ℓ∞: margin 1.3000 of 1.3000, second weight over first 1.000 of 1.000
}

// AdaBoost on eight weak learners stops at a margin of 1/3; small steps go on.
func ExampleBoost() {
	for _, epsilon := range []float64{0, .02} {
		r, err := margin.Boost(context.Background(), margin.Boosting(), margin.BoostConfig{Epsilon: epsilon, Rounds: 10000})
		if err != nil {
			panic(err)
		}
		period, _ := r.Period()
		fmt.Printf("step %.2f: margin %.4f, period %d\n", epsilon, r.Margin[len(r.Margin)-1], period)
	}
	// Output:
	// step 0.00: margin 0.3332, period 3
	// step 0.02: margin 0.3732, period 0
}

// The direction of a diagonal net that is stationary and not the best.
func ExampleStationary() {
	net := margin.Diagonal{Data: margin.Five()}
	for _, w := range [][]float64{{1, 0, 0, 0}, {.8790491, .4767313, 0, 0}, {.9, .3, 0, 0}} {
		s, err := margin.Stationary(net, w, 1e-6)
		if err != nil {
			panic(err)
		}
		fmt.Printf("margin %.4f, %d support vectors, residual %.4f\n", s.Margin, len(s.Support), s.Residual)
	}
	// Output:
	// margin 0.5000, 1 support vectors, residual 0.0000
	// margin 0.8409, 2 support vectors, residual 0.0000
	// margin 0.6500, 1 support vectors, residual 0.5692
}

func ExampleNNLS() {
	x, residual, err := margin.NNLS([][]float64{{1, 0, 0}, {1, 1, 0}}, []float64{2, -1, 3})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.1f, residual² %.1f\n", x, residual*residual)
	// Output:
	// [2.0 0.0], residual² 10.0
}
