package ensemble_test

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/ntk/ensemble"
)

// A small ensemble: how many outputs lie inside the law's intervals, and inside those of the posterior
// of the Gaussian process that the networks start from.
func ExampleRun() {
	r, err := ensemble.Run(context.Background(), ensemble.Config{Width: 1024, Nets: 60, Steps: []int{10}})
	if err != nil {
		panic(err)
	}
	law := r.Coverage(0, r.Moments[0].Law, .9)[0]
	posterior := r.Coverage(0, r.Posterior, .9)[0]
	fmt.Printf("t = %g: law %.1f, posterior %.1f\n", r.Moments[0].Time, law.Measured, posterior.Measured)
	// Output:
	// t = 1: law 0.9, posterior 0.0
}

func ExampleVarianceInterval() {
	low, high := ensemble.VarianceInterval(100, .05)
	fmt.Printf("with 95%% probability s²/σ² of 100 draws lies in [%.3f, %.3f]\n", low, high)
	// Output: with 95% probability s²/σ² of 100 draws lies in [0.741, 1.297]
}
