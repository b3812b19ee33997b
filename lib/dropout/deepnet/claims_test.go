package deepnet

import (
	"testing"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/claim/claimtest"
	_ "github.com/lemma-ml/lemma/simd"
)

func TestClaims(t *testing.T) {
	claimtest.Run(t, Claims(), claimtest.Options{Env: claim.Env{Backend: claimtest.Backend(t)}, Slow: map[string]string{"11.A2": training, "11.A3": training, "11.F14": training, "11.E6": training}})
}

// Other seeds take a minute each: LEMMA_SEEDS=1,2,3 runs them.
const training = "trains networks on digits for several seconds"
