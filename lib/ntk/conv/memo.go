package conv

import (
	"context"

	"github.com/lemma-ml/lemma/lib/internal/keep"
)

// The experiments behind claims and explorers, each with its latest results.
var (
	lattices = keep.OnHost(RunLattice)
	networks = keep.OnHost(func(ctx context.Context, cfg NetworkConfig) (*Networks, error) {
		two, err := firstDigits(2)
		if err != nil {
			return nil, err
		}
		return RunNetworks(ctx, two, cfg)
	})
)

// firstDigits returns the first n digits.
func firstDigits(n int) (*Images, error) {
	all, _, err := Digits()
	if err != nil {
		return nil, err
	}
	return all.Slice(0, n)
}
