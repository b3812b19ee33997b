package finite

import (
	"context"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/internal/keep"
)

// Claims returns the claims of chapter 9 about finite networks, in the order of the inventory. All
// need a backend. Together they take about 20 s of processor time on simd and less than 400 MB; claims
// that look at one run (9.I4 and its remarks, 9.I8 and 9.A5/empirical, 9.A3 and 9.A4/output) train it
// once, whichever comes first.
func Claims() []claim.Claim {
	return slices.Concat(studentClaims(), evolutionClaims(), modelClaims(), lazyClaims(), labelClaims(), deepClaims(), widthClaims(), correctionClaims())
}

// The experiments behind the claims, each with its latest results.
var (
	students  = keep.NewRuns(RunStudents)
	evolution = keep.NewRuns(RunEvolution)
	starts    = keep.NewRuns(RunStart)
	lazy      = keep.NewRuns(RunLazy)
	steps     = keep.NewRuns(RunSteps)
	deeps     = keep.NewRuns(RunDeep)
	labels    = keep.NewRuns(RunLabels)
	widths    = keep.NewRuns(RunWidth)
	outputs   = keep.NewRuns(RunOutput)
	norms     = keep.NewRuns(RunNorms)
	backward  = keep.NewRuns(RunBackward)
)

// checkOf makes a claim's check from a function with a variant: the true statement and its
// alternatives run the same code on different settings, so that a check that cannot fail is seen.
func checkOf[V any](v V, f func(ctx context.Context, env claim.Env, v V) (*claim.Finding, error)) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) { return f(ctx, env, v) }
}

// within is a tolerance of rel times the value.
func within(value, rel float64, cause string) claim.Tolerance {
	return claim.Because(math.Abs(value)*rel, cause)
}
