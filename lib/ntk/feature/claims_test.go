package feature

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/claim"
	_ "github.com/lemma-ml/lemma/simd"
)

// openBackend opens the backend that every machine has.
func openBackend(t testing.TB) backends.Backend {
	t.Helper()
	b, err := backends.NewWithConfig("simd")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestClaimsHold(t *testing.T) {
	env := claim.Env{Backend: openBackend(t)}
	for _, c := range Claims() {
		t.Run(c.ID, func(t *testing.T) {
			if c.Title == "" || c.Ref == "" || c.Statement == "" || c.Source == "" || len(c.Alternatives) == 0 {
				t.Error("title, reference, statement, source or alternatives missing")
			}
			if strings.Count(c.Statement, "$")%2 != 0 {
				t.Error("unbalanced $ in the statement")
			}
			if testing.Short() {
				t.Skip("trains networks for several seconds")
			}
			o := claim.Run(context.Background(), &c, env)
			if o.Err != nil {
				t.Fatal(o.Err)
			}
			t.Logf("%s in %.2f s", o.Verdict, o.Seconds)
			for _, e := range o.Evidence {
				t.Logf("    %-8s %s: theory %.6g, measured %.6g, tolerance %.3g", e.Verdict(), e.Name, e.Theory, e.Measured, e.Tolerance.Value)
				if e.Verdict() != claim.Holds {
					t.Errorf("%s: theory %.9g, measured %.9g, tolerance %.3g (%s)", e.Name, e.Theory, e.Measured, e.Tolerance.Value, e.Tolerance.Cause)
				}
			}
			for _, n := range o.Notes {
				t.Log(n)
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
	env := claim.Env{Backend: openBackend(t)}
	for _, c := range Claims() {
		for _, p := range claim.RunPower(context.Background(), &c, env) {
			if p.Survived {
				t.Errorf("%s: %q survives: %s, %v", c.ID, p.Name, p.Verdict, p.Err)
			}
			t.Logf("%s: %q is refuted by %q", c.ID, p.Name, p.By)
		}
	}
}

func TestCheckStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range Claims() {
		if o := claim.Run(ctx, &c, claim.Env{Seed: 99, Backend: openBackend(t)}); o.Err == nil {
			t.Errorf("%s: no error after cancellation", c.ID)
		}
	}
}

// TestClaimsOverSeeds checks every claim for the seeds that LEMMA_SEEDS lists ("1,2,3"): a statement
// that holds must not depend on luck.
func TestClaimsOverSeeds(t *testing.T) {
	list := os.Getenv("LEMMA_SEEDS")
	if list == "" {
		t.Skip("set LEMMA_SEEDS to a list of seeds")
	}
	for _, field := range strings.Split(list, ",") {
		seed, err := strconv.ParseUint(field, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range Claims() {
			o := claim.Run(context.Background(), &c, claim.Env{Seed: seed, Backend: openBackend(t)})
			if o.Verdict != claim.Holds {
				t.Errorf("seed %d: %s %s %v", seed, c.ID, o.Verdict, o.Err)
			}
			for _, e := range o.Evidence {
				if e.Verdict() != claim.Holds {
					t.Logf("seed %d|%s|%s|theory %g|measured %g|tolerance %g", seed, c.ID, e.Name, e.Theory, e.Measured, e.Tolerance.Value)
				}
			}
			for _, n := range o.Notes {
				t.Logf("seed %d: %s", seed, n)
			}
		}
	}
}
