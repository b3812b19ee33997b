package linreg_test

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/dropout/linreg"
)

// The path over the rate for a table, with its cross-validated choice.
func ExamplePath() {
	x, y, _, err := linreg.Wine()
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := linreg.Path(context.Background(), x, y, linreg.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	best := r.Dropout[r.Best]
	fmt.Printf("p = %.2f, error %.3f; least squares %.3f\n", best.Rate, best.CV, r.Dropout[0].CV)
	// Output: p = 0.10, error 0.303; least squares 0.307
}

// Inputs dropped at rate 0.4: the minimizer is not least squares times 0.6.
func ExampleProblem_Input() {
	p := linreg.Fixture()
	ols, err := p.Least()
	if err != nil {
		fmt.Println(err)
		return
	}
	u, err := p.Input(.4)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n%.3f\n", ols, u)
	// Output:
	// [1.404 1.182 1.169]
	// [0.341 0.027 0.297]
}
