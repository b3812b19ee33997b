package num_test

import (
	"fmt"

	"github.com/lemma-ml/lemma/widgets/num"
)

func ExampleFormat() {
	fmt.Println(num.Format(-0.0123456, 3), num.Format(6.02214e23, 4))
	// Output: −0.0123 6.022×10²³
}

// The labels of one axis have the same decimals.
func ExampleFixed() {
	for _, v := range []float64{-0.5, 0, 0.25} {
		fmt.Println(num.Fixed(v, 2))
	}
	// Output:
	// −0.50
	// 0.00
	// 0.25
}

func ExamplePower() {
	fmt.Println(num.Power(-3), "x"+num.Superscript("2n+1"))
	// Output: 10⁻³ x²n⁺¹
}
