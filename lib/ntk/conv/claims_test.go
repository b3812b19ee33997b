package conv

import (
	"testing"

	"github.com/lemma-ml/lemma/lib/claim/claimtest"
)

func TestClaims(t *testing.T) {
	claimtest.Run(t, Claims(), claimtest.Options{Slow: map[string]string{"9.E3": lattice, "9.+/lattice": lattice}})
}

const lattice = "a lattice of kernels; TestLattice has a small one"
