package implicitbias_test

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/implicitbias"
)

// Gradient descent and steepest descent in another norm solve the same equations, differently.
func ExampleDescend() {
	ctx := context.Background()
	p := implicitbias.Book()
	for _, m := range []implicitbias.Method{implicitbias.Gradient{}, implicitbias.Steepest{P: 4. / 3}} {
		run, err := implicitbias.Descend(ctx, p, m, make([]float64, 3), implicitbias.DescentConfig{Eta: .03})
		if err != nil {
			panic(err)
		}
		fmt.Printf("%-30s %.4f, %s\n", m.Name(), run.End(), run.Status)
	}
	least, err := p.LeastNorm(ctx, 4./3)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%-30s %.4f\n", "least norm in ℓ_{4/3}", least)
	// Output:
	// gradient descent               [0.3333 4.8333 -4.1667], converged
	// steepest descent in ℓ_{1.333}  [0.3254 4.8373 -4.1627], converged
	// least norm in ℓ_{4/3}          [0.0002 4.9999 -4.0001]
}

// The size of the start chooses between the least ‖w‖₁ and the least ‖w‖₂.
func ExampleHyperbolic() {
	p := implicitbias.Book()
	for _, alpha := range []float64{.01, 1, 10} {
		w, err := p.Closest(context.Background(), implicitbias.Hyperbolic{Alpha: alpha}, make([]float64, 3))
		if err != nil {
			panic(err)
		}
		fmt.Printf("α = %-5g w = %.4f, ‖w‖₁ = %.4f\n", alpha, w, implicitbias.Norm(w, 1))
	}
	// Output:
	// α = 0.01  w = [0.0000 5.0000 -4.0000], ‖w‖₁ = 9.0000
	// α = 1     w = [0.1692 4.9154 -4.0846], ‖w‖₁ = 9.1692
	// α = 10    w = [0.3333 4.8334 -4.1666], ‖w‖₁ = 9.3333
}

func ExampleParametrization_Commutator() {
	g := implicitbias.Factored(2, 2) // w = (G₁₁, G₁₂, G₂₂) of UUᵀ
	u := []float64{1, 2, 3, 5}
	fmt.Println(g.Commutator(0, 1, u), g.Commutator(0, 2, u))
	// Output: [6 10 -2 -4] [0 0 0 0]
}

func ExampleIdentify() {
	r, err := implicitbias.Identify(context.Background(), implicitbias.Mirror{Potential: implicitbias.SquaredNorm{P: 1.3}}, implicitbias.IdentifyConfig{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s with parameter %.2f\n", r.Fits[0].Family, r.Fits[0].At)
	// Output: ½‖w‖_p² with parameter 1.30
}
