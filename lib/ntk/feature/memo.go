package feature

import (
	"context"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/internal/keep"
)

// runs keeps the latest results of Run, so that the claims that look at the dial, and the
// alternatives that change what is said about it, train it once.
var runs = keep.NewRuns(Run)

// kept is Run, or its result if it is kept; a zero field and its default are one configuration.
func kept(ctx context.Context, b backends.Backend, cfg Config) (*Result, error) {
	return runs.Get(ctx, b, cfg.withDefaults())
}
