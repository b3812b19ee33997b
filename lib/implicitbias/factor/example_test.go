package factor_test

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/implicitbias/factor"
)

// At depth 3 the second singular value waits twice as long as the first, which is twice as large.
func Example() {
	r, err := factor.RunDepth(context.Background(), factor.DepthConfig{Depth: 3, Values: []float64{1, .5}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, m := range r.Config.Values {
		t, err := factor.ReachTime(1e-3, m/2, m, 3)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%.1f is halfway at %.1f, by the equation at %.1f\n", m, r.Reach(i, m/2), t)
	}
	// Output:
	// 1.0 is halfway at 9.2, by the equation at 9.1
	// 0.5 is halfway at 17.9, by the equation at 17.8
}

// The least change of slope through four points, by slopes and by a linear program.
func ExampleLeastCost() {
	x, y := []float64{0, 1, 3, 4}, []float64{0, 2, 1, 1.5}
	least, err := factor.LeastCost(x, y)
	if err != nil {
		fmt.Println(err)
		return
	}
	program, err := factor.CostByProgram(x, y, 11)
	fmt.Printf("%.4f %.4f %v\n", least, program, err)
	// Output: 3.5000 3.5000 <nil>
}
