package deepnet_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gomlx/gomlx/backends"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/dropout/deepnet"
	_ "github.com/lemma-ml/lemma/simd"
)

// Two inputs ±e_1√2 and ±e_2√2 are symmetric with second moment I: the penalty is half the path norm.
func ExampleNet_PathNorm() {
	n := deepnet.Net{Weights: []*mat.Dense{
		mat.NewDense(2, 2, []float64{1, 2, -1, 0}),
		mat.NewDense(1, 2, []float64{3, 1}),
	}}
	x := mat.NewDense(2, 2, []float64{1.4142135623730951, 0, 0, 1.4142135623730951})
	penalty, err := n.Penalty(1, deepnet.Mirror(x)) // p = 1/2
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("path norm² %.4f, penalty %.4f\n", n.PathNorm(), penalty)
	// Output: path norm² 46.0000, penalty 23.0000
}

func ExampleRun() {
	b, err := backends.NewWithConfig("simd")
	if err != nil {
		log.Fatal(err)
	}
	defer b.Finalize()
	r, err := deepnet.Run(context.Background(), b, deepnet.Config{
		Methods: append(deepnet.Dropout(.5), deepnet.Explicit(.5)...),
		Train:   100, Hidden: []int{32}, Epochs: 100,
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range r.Outcomes {
		fmt.Printf("%s: R̂/λ = %.2f\n", o.Method.Name(), o.Final().Train.Penalty)
	}
	// Output:
	// dropout, p = 0.5: R̂/λ = 0.18
	// explicit penalty, p = 0.5: R̂/λ = 0.18
}
