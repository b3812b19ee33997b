package landscape

import (
	"testing"

	"github.com/lemma-ml/lemma/lib/claim/claimtest"
)

func TestClaims(t *testing.T) {
	claimtest.Run(t, Claims(), claimtest.Options{Seeds: []uint64{1}})
}
