package finite

import (
	"context"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/lib/claim"
)

// TestClaims checks every claim and every alternative on the pure Go backend.
func TestClaims(t *testing.T) {
	env := claim.Env{Seed: 1, Backend: goBackend(t)}
	total := time.Now()
	for _, c := range Claims() {
		o := claim.Run(context.Background(), &c, env)
		if o.Err != nil {
			t.Errorf("%s: %v", c.ID, o.Err)
			continue
		}
		t.Logf("%s: %s, %.2f s", c.ID, o.Verdict, o.Seconds)
		for _, e := range o.Evidence {
			t.Logf("    %-12s %s: theory %.6g, measured %.6g, tolerance %.3g", e.Verdict(), e.Name, e.Theory, e.Measured, e.Tolerance.Value)
		}
		if o.Verdict != claim.Holds {
			t.Errorf("%s: %s", c.ID, o.Verdict)
		}
		if o.Figure != nil {
			if err := o.Figure.Validate(); err != nil {
				t.Errorf("%s: %v", c.ID, err)
			}
		}
		for _, p := range claim.RunPower(context.Background(), &c, env) {
			t.Logf("    alternative %q: %s by %s", p.Name, p.Verdict, p.By)
			if p.Survived {
				t.Errorf("%s: alternative %q survived: %v %v", c.ID, p.Name, p.Verdict, p.Err)
			}
		}
	}
	t.Logf("all claims and alternatives: %v", time.Since(total))
}
