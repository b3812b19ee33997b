package claim_test

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/claim"
)

// sum of the first n odd numbers, added up one by one, against a formula.
func odd(formula func(n int) int) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		sum := 0
		for k := 0; k < 100; k++ {
			sum += 2*k + 1
		}
		f := &claim.Finding{}
		f.Add(claim.Equals("1 + 3 + ... + 199", float64(formula(100)), float64(sum), claim.Exact))
		return f, nil
	}
}

func Example() {
	c := claim.Claim{
		ID: "1.L1", Kind: claim.Lemma, Ref: "Lemma 1.1.1", Title: "Odd numbers",
		Statement:    "The first $n$ odd numbers add up to $n^2$.",
		Check:        odd(func(n int) int { return n * n }),
		Alternatives: []claim.Alternative{{Name: "n(n+1)", Check: odd(func(n int) int { return n * (n + 1) })}},
	}
	ctx := context.Background()
	fmt.Println(claim.Run(ctx, &c, claim.Env{}).Verdict)
	fmt.Println("the alternative survives:", claim.RunPower(ctx, &c, claim.Env{})[0].Survived)
	// Output:
	// holds
	// the alternative survives: false
}
