package finite

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/claim"
)

// TestClaimsOverSeeds checks every claim for the seeds that LEMMA_SEEDS lists ("0,2,3"), about 20 s a
// seed of processor time. A statement that holds must not depend on luck: tolerances are set so that no
// seed of twenty fails, and -v prints how much of each tolerance was used.
func TestClaimsOverSeeds(t *testing.T) {
	list := os.Getenv("LEMMA_SEEDS")
	if list == "" {
		t.Skip("set LEMMA_SEEDS to a list of seeds")
	}
	b := openBackend(t)
	for _, field := range strings.Split(list, ",") {
		seed, err := strconv.ParseUint(field, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range Claims() {
			o := claim.Run(context.Background(), &c, claim.Env{Seed: seed, Backend: b})
			if o.Verdict != claim.Holds {
				t.Errorf("seed %d: %s %s %v", seed, c.ID, o.Verdict, o.Err)
			}
			for _, e := range o.Evidence {
				used := 0.0
				if e.Tolerance.Value > 0 && !e.Printed {
					used = (e.Measured - e.Theory) / e.Tolerance.Value
				}
				t.Logf("seed %d|%s|%s|%s|theory %g|measured %g|tolerance %g|used %.2f", seed, c.ID, e.Verdict(), e.Name, e.Theory, e.Measured, e.Tolerance.Value, used)
			}
		}
	}
}
