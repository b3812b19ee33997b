package conv

import (
	"context"
	"slices"

	"github.com/lemma-ml/lemma/lib/claim"
)

// Claims returns the claims about convolutional kernels: the experiment of section 9.5, and beyond the
// book the kernel itself and its ablation. None needs a backend. Together they take about 10 s of one
// processor.
func Claims() []claim.Claim {
	return slices.Concat(experimentClaims(), kernelClaims(), latticeClaims())
}

// checkOf makes a claim's check from a function with a variant: the true statement and its
// alternatives run the same code on other settings.
func checkOf[V any](v V, f func(ctx context.Context, env claim.Env, v V) (*claim.Finding, error)) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) { return f(ctx, env, v) }
}
