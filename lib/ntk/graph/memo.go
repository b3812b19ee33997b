package graph

import "github.com/lemma-ml/lemma/lib/internal/keep"

// The experiments behind the claims, each with its latest results: a claim's alternatives mostly
// change what is said about a run, and not the run.
var (
	studies  = keep.OnHost(RunStudy)
	networks = keep.NewRuns(RunNetworks)
	outputs  = keep.OnHost(RunOutputs)
)
