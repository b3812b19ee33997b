package ensemble

import (
	"context"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/claim"
)

func TestClaims(t *testing.T) {
	if testing.Short() {
		t.Skip("trains some hundred networks")
	}
	for _, c := range Claims() {
		if strings.Count(c.Statement, "$")%2 != 0 {
			t.Errorf("%s: unbalanced $ in the statement", c.ID)
		}
		for seed := range uint64(2) {
			o := claim.Run(context.Background(), &c, claim.Env{Seed: seed})
			if o.Err != nil {
				t.Fatal(o.Err)
			}
			t.Logf("seed %d: %s in %.2f s", seed, o.Verdict, o.Seconds)
			for _, e := range o.Evidence {
				if seed == 0 {
					t.Logf("    %s: theory %.4g, measured %.4g, tolerance %.3g", e.Name, e.Theory, e.Measured, e.Tolerance.Value)
				}
				if e.Verdict() != claim.Holds {
					t.Errorf("seed %d: %s: theory %.6g, measured %.6g, tolerance %.3g (%s)", seed, e.Name, e.Theory, e.Measured, e.Tolerance.Value, e.Tolerance.Cause)
				}
			}
			if err := o.Figure.Validate(); err != nil {
				t.Error(err)
			}
		}
		for _, p := range claim.RunPower(context.Background(), &c, claim.Env{}) {
			if p.Survived {
				t.Errorf("%q survives: %s, %v", p.Name, p.Verdict, p.Err)
			}
			t.Logf("%q is refuted by %q", p.Name, p.By)
		}
	}
}
