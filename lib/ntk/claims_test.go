package ntk

import (
	"testing"

	"github.com/lemma-ml/lemma/lib/claim/claimtest"
)

func TestClaims(t *testing.T) {
	claimtest.Run(t, Claims(), claimtest.Options{Slow: map[string]string{"9.E1": "35 factorisations of order 1437; TestTablesGoldens has the small tables"}})
}
