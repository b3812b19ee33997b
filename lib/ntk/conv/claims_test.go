package conv

import (
	"context"
	"testing"

	"github.com/lemma-ml/lemma/lib/claim"
)

func TestClaimsHold(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Claims() {
		if seen[c.ID] {
			t.Errorf("%s: twice", c.ID)
		}
		seen[c.ID] = true
		t.Run(c.ID, func(t *testing.T) {
			if c.Title == "" || c.Ref == "" || c.Statement == "" || c.Source == "" || len(c.Alternatives) == 0 {
				t.Error("title, reference, statement, source or alternatives missing")
			}
			if testing.Short() && c.ID != "9.+/cntk" {
				t.Skip("a lattice of kernels; TestLattice has a small one")
			}
			o := claim.Run(context.Background(), &c, claim.Env{})
			if o.Err != nil {
				t.Fatal(o.Err)
			}
			t.Logf("%s in %.2f s, tightness %.3g, vacuous %v", o.Verdict, o.Seconds, o.Tightness(), o.Vacuous())
			for _, e := range o.Evidence {
				if e.Verdict() != claim.Holds {
					t.Errorf("%s: theory %.9g, measured %.9g, tolerance %.3g (%s), printed %v: %s", e.Name, e.Theory, e.Measured, e.Tolerance.Value, e.Tolerance.Cause, e.Printed, e.Verdict())
				}
			}
			if len(o.Evidence) == 0 {
				t.Error("no evidence")
			}
			if o.Figure != nil {
				if err := o.Figure.Validate(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestAlternativesFail(t *testing.T) {
	if testing.Short() {
		t.Skip("every claim again, once for each alternative")
	}
	for _, c := range Claims() {
		t.Run(c.ID, func(t *testing.T) {
			for _, p := range claim.RunPower(context.Background(), &c, claim.Env{}) {
				if p.Survived {
					t.Errorf("%q survives: %s, %v", p.Name, p.Verdict, p.Err)
				}
				t.Logf("%q is refuted by %q", p.Name, p.By)
			}
		})
	}
}
