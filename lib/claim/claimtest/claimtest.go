package claimtest

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/claim"
)

// Backend opens the backend that every machine has, simd. The test imports it:
//
//	import _ "github.com/lemma-ml/lemma/simd"
func Backend(t testing.TB) backends.Backend {
	t.Helper()
	b, err := backends.NewWithConfig("simd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Finalize)
	return b
}

// Options says how the claims of a package are tested.
type Options struct {
	Env  claim.Env         // what checks get; its Backend must be open where a claim needs one
	Slow map[string]string // claims left out with -short, by ID, and why; "*" means all of them
	// Seeds are others for which all claims must hold too, not with -short: a statement that holds
	// must not depend on luck. LEMMA_SEEDS in the environment lists more ("1,2,3").
	Seeds []uint64
}

// Run tests a package's claims in four subtests: Hold, Power (not with -short), Stop and Seeds.
func Run(t *testing.T, list []claim.Claim, o Options) {
	t.Run("Hold", func(t *testing.T) { hold(t, list, o) })
	t.Run("Power", func(t *testing.T) { power(t, list, o) })
	t.Run("Stop", func(t *testing.T) { stop(t, list, o) })
	t.Run("Seeds", func(t *testing.T) { seeds(t, list, o) })
}

func hold(t *testing.T, list []claim.Claim, o Options) {
	seen := map[string]bool{}
	for _, c := range list {
		if seen[c.ID] {
			t.Errorf("%s: twice", c.ID)
		}
		seen[c.ID] = true
		t.Run(c.ID, func(t *testing.T) {
			if c.Title == "" || c.Ref == "" || c.Statement == "" || c.Source == "" || len(c.Alternatives) == 0 {
				t.Error("title, reference, statement, source or alternatives missing")
			}
			if strings.Count(c.Statement, "$")%2 != 0 {
				t.Error("unbalanced $ in the statement")
			}
			if testing.Short() {
				for _, id := range []string{c.ID, "*"} {
					if why, ok := o.Slow[id]; ok {
						t.Skip(why)
					}
				}
			}
			r := claim.Run(context.Background(), &c, o.Env)
			if r.Err != nil {
				t.Fatal(r.Err)
			}
			t.Logf("%s in %.2f s, tightness %.3g, vacuous %v", r.Verdict, r.Seconds, r.Tightness(), r.Vacuous())
			if len(r.Evidence) == 0 {
				t.Error("no evidence")
			}
			for _, e := range r.Evidence {
				line := "%-8s %s: theory %.9g, measured %.9g, tolerance %.3g (%s), printed %v"
				if e.Verdict() == claim.Holds {
					t.Logf(line, e.Verdict(), e.Name, e.Theory, e.Measured, e.Tolerance.Value, e.Tolerance.Cause, e.Printed)
				} else {
					t.Errorf(line, e.Verdict(), e.Name, e.Theory, e.Measured, e.Tolerance.Value, e.Tolerance.Cause, e.Printed)
				}
			}
			for _, n := range r.Notes {
				t.Log(n)
			}
			if r.Figure != nil {
				if err := r.Figure.Validate(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func power(t *testing.T, list []claim.Claim, o Options) {
	if testing.Short() {
		t.Skip("every claim again, once for each alternative")
	}
	for _, c := range list {
		t.Run(c.ID, func(t *testing.T) {
			for _, p := range claim.RunPower(context.Background(), &c, o.Env) {
				if p.Survived {
					t.Errorf("%q survives: %s, %v", p.Name, p.Verdict, p.Err)
				}
				t.Logf("%q is refuted by %q", p.Name, p.By)
			}
		})
	}
}

func stop(t *testing.T, list []claim.Claim, o Options) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	env := o.Env
	env.Seed = 99 // nothing is kept from a check before
	for _, c := range list {
		if r := claim.Run(ctx, &c, env); r.Err == nil {
			t.Errorf("%s: no error after cancellation", c.ID)
		}
	}
}

func seeds(t *testing.T, list []claim.Claim, o Options) {
	var all []uint64
	if !testing.Short() {
		all = append(all, o.Seeds...)
	}
	for field := range strings.FieldsFuncSeq(os.Getenv("LEMMA_SEEDS"), func(r rune) bool { return r == ',' }) {
		seed, err := strconv.ParseUint(field, 10, 64)
		if err != nil {
			t.Fatalf("LEMMA_SEEDS: %v", err)
		}
		all = append(all, seed)
	}
	if len(all) == 0 {
		t.Skip("no other seeds; LEMMA_SEEDS may list some")
	}
	for _, seed := range all {
		env := o.Env
		env.Seed = seed
		for _, c := range list {
			r := claim.Run(context.Background(), &c, env)
			if r.Verdict != claim.Holds {
				t.Errorf("seed %d: %s %s %v", seed, c.ID, r.Verdict, r.Err)
			}
			for _, e := range r.Evidence {
				used := 0.0 // of the tolerance
				if e.Tolerance.Value > 0 && !e.Printed {
					used = (e.Measured - e.Theory) / e.Tolerance.Value
				}
				t.Logf("seed %d: %s, %s: %s, theory %g, measured %g, tolerance %g, used %.2f", seed, c.ID, e.Name, e.Verdict(), e.Theory, e.Measured, e.Tolerance.Value, used)
			}
			for _, n := range r.Notes {
				t.Logf("seed %d: %s", seed, n)
			}
		}
	}
}
