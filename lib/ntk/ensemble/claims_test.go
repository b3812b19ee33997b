package ensemble

import (
	"testing"

	"github.com/lemma-ml/lemma/lib/claim/claimtest"
)

func TestClaims(t *testing.T) {
	claimtest.Run(t, Claims(), claimtest.Options{Slow: map[string]string{"*": "trains some hundred networks"}, Seeds: []uint64{1}})
}
