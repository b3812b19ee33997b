package finite

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/lib/claim"
)

// TestClaims checks every claim and every alternative on simd, 25 s of processor time.
func TestClaims(t *testing.T) {
	if testing.Short() {
		t.Skip("trains networks for 25 s of processor time")
	}
	env := claim.Env{Seed: 1, Backend: openBackend(t)}
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

// TestClaimsAreComplete: what a registry requires of each claim, without running any.
func TestClaimsAreComplete(t *testing.T) {
	rows := map[string]bool{}
	for _, c := range Claims() {
		if c.Title == "" || c.Statement == "" || c.Ref == "" || c.Source == "" || c.Check == nil || len(c.Alternatives) == 0 || !c.NeedsBackend {
			t.Errorf("%s: incomplete", c.ID)
		}
		if strings.Count(c.Statement, "$")%2 != 0 {
			t.Errorf("%s: unbalanced $ in the statement", c.ID)
		}
		if o := claim.Run(context.Background(), &c, claim.Env{}); o.Err == nil {
			t.Errorf("%s: no error without a backend", c.ID)
		}
		rows[c.Row()] = true
	}
	for _, id := range []string{"9.R0", "9.L1", "9.A2", "9.L3", "9.I4", "9.R1", "9.R2", "9.R3", "9.R4", "9.R5", "9.F1", "9.A3", "9.I5", "9.I6", "9.I7", "9.I8", "9.A4", "9.A5"} {
		if !rows[id] {
			t.Errorf("no claim on row %s", id)
		}
	}
}

// TestCheckStops: a check stops with its context.
func TestCheckStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b := openBackend(t)
	for _, c := range Claims() {
		if o := claim.Run(ctx, &c, claim.Env{Seed: 99, Backend: b}); o.Err == nil {
			t.Errorf("%s: no error after cancellation", c.ID)
		}
	}
}
