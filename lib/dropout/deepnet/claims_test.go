package deepnet

import (
	"testing"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/claim/claimtest"
	_ "github.com/lemma-ml/lemma/simd"
)

func TestClaims(t *testing.T) {
	claimtest.Run(t, Claims(), claimtest.Options{Env: claim.Env{Backend: claimtest.Backend(t)}, Seeds: []uint64{1, 2}})
}
