package book_test

import (
	"fmt"

	"github.com/lemma-ml/lemma/lib/book"
	"github.com/lemma-ml/lemma/lib/claim"
)

func ExampleCheck() {
	o := book.Check("9.X3c", claim.Env{})
	fmt.Println(o.Claim.Ref, o.Verdict)
	for _, p := range o.Power {
		fmt.Println("survives:", p.Survived)
	}
	// Output:
	// Exercise 3c holds
	// survives: false
}

func ExampleRegistry() {
	r, err := book.Registry()
	if err != nil {
		fmt.Println(err)
		return
	}
	c, _ := r.Claim("9.L2")
	fmt.Println(c.Ref, "-", c.Title)
	// Output: Lemma 9.2.2 - Concentration of H(0)
}
