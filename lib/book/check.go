package book

import (
	"context"

	"github.com/lemma-ml/lemma/lib/claim"
)

// Check runs one claim of the book and its alternatives, for a claim card in a notebook. It panics
// on an ID that does not exist, with an error that lists those that do, so that a misspelt cell
// fails.
func Check(id string, env claim.Env) claim.Outcome {
	c, err := MustRegistry().Claim(id)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	o := claim.Run(ctx, c, env)
	o.Power = claim.RunPower(ctx, c, env)
	return o
}
