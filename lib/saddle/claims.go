package saddle

import (
	"slices"

	"github.com/lemma-ml/lemma/lib/claim"
)

// Claims returns the claims of chapter 7.
func Claims() []claim.Claim {
	return slices.Concat(pointClaims(), descentClaims(), stuckClaims(), couplingClaims(), beyondClaims())
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
