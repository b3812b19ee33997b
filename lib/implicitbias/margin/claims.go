package margin

import (
	"context"
	"slices"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/internal/keep"
)

// Claims returns the claims of sections 8.3 and 8.4.
func Claims() []claim.Claim {
	return slices.Concat(linearClaims(), boundClaims(), homogeneousClaims(), stationaryClaims())
}

// setting names a run of steepest descent on one of the data sets of this package.
type setting struct {
	Data string // "five", "wedge" or "cloud"
	Seed uint64 // of the cloud
	Config
}

var runs = keep.OnHost(func(ctx context.Context, s setting) (*Result, error) {
	d, err := dataset(s.Data, s.Seed)
	if err != nil {
		return nil, err
	}
	return Run(ctx, d, s.Config)
})

func dataset(name string, seed uint64) (*Data, error) {
	switch name {
	case "five":
		return Five(), nil
	case "wedge":
		return Wedge(), nil
	}
	return Cloud(seed, 20, 4, .3)
}

// Wedge is a pair of points (0.1, ±1) of one class: along the second feature the loss is a hyperbolic cosine,
// on which a step of steepest descent is too long as soon as it is more than twice 1/(B²L).
func Wedge() *Data { return must(NewData("wedge", [][]float64{{.1, 1}, {.1, -1}}, nil)) }

func norms() []Norm { return []Norm{Sum, Euclidean, Largest} }
