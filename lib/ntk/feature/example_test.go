package feature_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/ntk/feature"
	_ "github.com/lemma-ml/lemma/simd"
)

// One start, two output scales: the network at the small one learns the direction of the teacher, the
// one at the large scale does what its kernel does.
func ExampleRun() {
	b, err := backends.NewWithConfig("simd")
	if err != nil {
		panic(err)
	}
	r, err := feature.Run(context.Background(), b, feature.Config{Alphas: []float64{.1, 100}, Seeds: 1, Steps: 200})
	if err != nil {
		panic(err)
	}
	for a, alpha := range r.Config.Alphas {
		p := r.Tracks[a][0].Points[len(r.Step)-1]
		fmt.Printf("α = %g: test error %.2f, the kernel's %.2f; weights along the teacher %.2f, alignment × %.1f\n",
			alpha, p.Test, r.Kernels[0].Test[len(r.Step)-1], p.Share, p.Alignment/r.Tracks[a][0].Points[0].Alignment)
	}
	// Output:
	// α = 0.1: test error 0.10, the kernel's 0.45; weights along the teacher 0.59, alignment × 2.4
	// α = 100: test error 0.45, the kernel's 0.45; weights along the teacher 0.08, alignment × 1.0
}
