package eigenlearning_test

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/ntk/eigenlearning"
	"gonum.org/v1/gonum/mat"
)

// What the NTK of depth 3 learns of parities from 32 points of the 8-cube.
func ExampleSolve() {
	cube, err := eigenlearning.NewCube(8, ntk.Kernel{Depth: 3})
	if err != nil {
		panic(err)
	}
	levels := cube.Spectrum()
	t, err := eigenlearning.Solve(levels, 32, 0)
	if err != nil {
		panic(err)
	}
	fmt.Printf("κ %.5f, overfit %.4f, sum %.6f\n", t.Kappa, t.Overfit, t.Sum(levels))
	for k := 1; k <= 3; k++ {
		power := make([]float64, len(levels))
		power[k] = 1
		fmt.Printf("%d bits: λ %.6f, learnability %.4f, error %.4f\n", k, levels[k].Lambda, t.Learn[k], t.MSE(power, 0))
	}
	// Output:
	// κ 0.05617, overfit 1.4154, sum 32.000000
	// 1 bits: λ 0.132643, learnability 0.7025, error 0.1253
	// 2 bits: λ 0.028598, learnability 0.3374, error 0.6215
	// 3 bits: λ 0.007505, learnability 0.1179, error 1.1014
}

// Three examples have three units of learnability to give, whatever they are.
func ExampleFit_Learnability() {
	cube, err := eigenlearning.NewCube(3, ntk.Kernel{Depth: 2})
	if err != nil {
		panic(err)
	}
	f, err := eigenlearning.NewFit(cube.Gram(), []int{0, 3, 5}, 0)
	if err != nil {
		panic(err)
	}
	parities := mat.NewDense(8, 8, nil)
	for s := range 8 {
		parities.SetCol(s, cube.Parity(s))
	}
	learn, err := f.Learnability(parities)
	if err != nil {
		panic(err)
	}
	sum := 0.0
	for _, l := range learn {
		sum += l
	}
	fmt.Printf("%.3f\nsum %.9f\n", learn, sum)
	// Output:
	// [0.763 0.468 0.468 0.254 0.468 0.254 0.254 0.070]
	// sum 3.000000000
}

// A learning curve, predicted and measured.
func ExampleRun() {
	r, err := eigenlearning.Run(context.Background(), eigenlearning.Config{Degrees: []int{1}})
	if err != nil {
		panic(err)
	}
	for _, p := range r.Points {
		fmt.Printf("n = %d: predicted %.2f, measured %.2f\n", p.N, p.Want[0], p.MSE[0].Mean)
	}
	// Output:
	// n = 16: predicted 0.35, measured 0.35
	// n = 32: predicted 0.13, measured 0.13
	// n = 64: predicted 0.03, measured 0.03
}

// The transform of one parity is concentrated in one place.
func ExampleWalsh() {
	cube, err := eigenlearning.NewCube(3, ntk.Kernel{})
	if err != nil {
		panic(err)
	}
	f := cube.Parity(5)
	fmt.Println(f)
	eigenlearning.Walsh(f)
	fmt.Println(f)
	// Output:
	// [1 -1 1 -1 -1 1 -1 1]
	// [0 0 0 0 0 8 0 0]
}

// One hidden layer knows no odd parity beyond a single bit; three layers do.
func ExampleCube_Spectrum() {
	for _, depth := range []int{1, 3} {
		cube, err := eigenlearning.NewCube(5, ntk.Kernel{Depth: depth})
		if err != nil {
			panic(err)
		}
		fmt.Printf("depth %d:", depth)
		for _, l := range cube.Spectrum() {
			fmt.Printf(" %d × %.4f", l.Count, l.Lambda+1e-9) // no -0
		}
		fmt.Println()
	}
	// Output:
	// depth 1: 1 × 0.4298 5 × 0.2000 10 × 0.0516 10 × 0.0000 5 × 0.0109 1 × 0.0000
	// depth 3: 1 × 1.2414 5 × 0.2435 10 × 0.0936 10 × 0.0415 5 × 0.0331 1 × 0.0245
}
