package eigenlearning

import (
	"context"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/claim"
)

func TestClaims(t *testing.T) {
	for _, c := range Claims() {
		t.Run(c.ID, func(t *testing.T) {
			if c.Title == "" || c.Ref == "" || c.Statement == "" || c.Source == "" || strings.Count(c.Statement, "$")%2 != 0 {
				t.Error("title, reference, statement or source missing, or an unbalanced $")
			}
			o := claim.Run(context.Background(), &c, claim.Env{})
			if o.Err != nil {
				t.Fatal(o.Err)
			}
			t.Logf("%s in %.2f s", o.Verdict, o.Seconds)
			for _, e := range o.Evidence {
				if e.Verdict() != claim.Holds {
					t.Errorf("%s: theory %.9g, measured %.9g, tolerance %.3g (%s): %s", e.Name, e.Theory, e.Measured, e.Tolerance.Value, e.Tolerance.Cause, e.Verdict())
				}
			}
			if err := o.Figure.Validate(); err != nil {
				t.Error(err)
			}
			if testing.Short() {
				return
			}
			for _, p := range claim.RunPower(context.Background(), &c, claim.Env{}) {
				if p.Survived {
					t.Errorf("%q survives: %s, %v", p.Name, p.Verdict, p.Err)
				}
				t.Logf("%q is refuted by %q", p.Name, p.By)
			}
		})
	}
}

// Other seeds draw other training sets: tolerances must cover them too.
func TestClaimsOnOtherSeeds(t *testing.T) {
	if testing.Short() {
		t.Skip("every claim again, twice")
	}
	for seed := uint64(1); seed <= 2; seed++ {
		for _, c := range Claims() {
			if o := claim.Run(context.Background(), &c, claim.Env{Seed: seed}); o.Verdict != claim.Holds {
				for _, e := range o.Evidence {
					if e.Verdict() != claim.Holds {
						t.Errorf("seed %d, %s: %s: theory %.9g, measured %.9g", seed, c.ID, e.Name, e.Theory, e.Measured)
					}
				}
				t.Errorf("seed %d, %s: %s, %v", seed, c.ID, o.Verdict, o.Err)
			}
		}
	}
}
