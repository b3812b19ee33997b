package landscape

import (
	"slices"

	"github.com/lemma-ml/lemma/lib/claim"
)

// Claims returns the claims of chapter 6.
func Claims() []claim.Claim {
	return slices.Concat(localClaims(), uniqueClaims(), symmetryClaims(), eigenClaims())
}
