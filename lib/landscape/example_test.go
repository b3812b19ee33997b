package landscape_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/landscape"
)

// The saddle at √2·v₂ of ¼‖M - xxᵀ‖² has one direction down, v₁, of curvature λ₂ - λ₁.
func ExampleTopEigenvector() {
	m := mat.NewSymDense(4, nil)
	for i, v := range []float64{3, 2, 1, .5} {
		m.SetSym(i, i, v)
	}
	top, err := landscape.NewTopEigenvector(m)
	if err != nil {
		panic(err)
	}
	points, err := top.CriticalPoints()
	if err != nil {
		panic(err)
	}
	for _, p := range points {
		fmt.Printf("%-8s f = %.4f, index %d, curvature %+.1f along v₁\n", p.Name, p.Value, p.Index(), p.Curvature)
	}
	// Output:
	// 0        f = 3.5625, index 4, curvature -3.0 along v₁
	// +√λ₁ v₁  f = 1.3125, index 0, curvature +6.0 along v₁
	// -√λ₁ v₁  f = 1.3125, index 0, curvature +6.0 along v₁
	// +√λ₂ v₂  f = 2.5625, index 1, curvature -1.0 along v₁
	// -√λ₂ v₂  f = 2.5625, index 1, curvature -1.0 along v₁
	// +√λ₃ v₃  f = 3.3125, index 2, curvature -2.0 along v₁
	// -√λ₃ v₃  f = 3.3125, index 2, curvature -2.0 along v₁
	// +√λ₄ v₄  f = 3.5000, index 3, curvature -2.5 along v₁
	// -√λ₄ v₄  f = 3.5000, index 3, curvature -2.5 along v₁
}

func ExampleCertify() {
	saddle := landscape.Obstacles(.3)[1].Objective
	c, err := landscape.Certify(context.Background(), saddle, []float64{0, 0})
	if err != nil {
		panic(err)
	}
	yes, certain := c.SecondOrder(1e-6, .1)
	fmt.Printf("gradient %.0f, least curvature %.0f: second-order stationary %t, certain %t\n", c.Gradient, c.Curvature, yes, certain)
	// Output: gradient 0, least curvature -2: second-order stationary false, certain true
}
