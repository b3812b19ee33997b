package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/lib/claim"
)

// stub is a claim whose check returns what f says.
func stub(id string, f func(ctx context.Context) (*claim.Finding, error), alternatives ...claim.Alternative) *claim.Claim {
	return &claim.Claim{ID: id, Title: "title of " + id, Ref: "ref", Statement: "statement",
		Check: func(ctx context.Context, _ claim.Env) (*claim.Finding, error) { return f(ctx) }, Alternatives: alternatives}
}

func finds(e ...claim.Evidence) func(context.Context) (*claim.Finding, error) {
	return func(context.Context) (*claim.Finding, error) { return &claim.Finding{Evidence: e}, nil }
}

func alternative(name string, e ...claim.Evidence) claim.Alternative {
	return claim.Alternative{Name: name, Check: func(ctx context.Context, _ claim.Env) (*claim.Finding, error) { return finds(e...)(ctx) }}
}

var (
	good  = claim.Equals("good", 1, 1, claim.Exact)
	bad   = claim.Equals("bad", 1, 2, claim.Because(0.5, "a reason"))
	blind = claim.Evidence{Name: "blind", Theory: 1, Measured: 1, Coarse: "too few draws"}
	nan   = claim.Equals("nan", 1, math.NaN(), claim.Exact)
	loose = claim.Below("loose", 4, 2, claim.Exact)
)

// everyKind has one claim of each fate.
func everyKind() []*claim.Claim {
	return []*claim.Claim{
		stub("1.a", finds(good, loose), alternative("wrong", bad)),
		stub("1.b", finds(good, bad), alternative("wrong", bad)),
		stub("1.c", finds(blind), alternative("survivor", good)),
		stub("1.d", func(context.Context) (*claim.Finding, error) { return nil, errors.New("no data") }, alternative("wrong", bad)),
		stub("2.e", func(context.Context) (*claim.Finding, error) { var m map[string]int; m["x"] = 1; return nil, nil }, alternative("wrong", bad)),
		stub("2.f", finds(nan), alternative("wrong", bad)),
	}
}

func TestCheckKeepsOrderAndSurvivesPanics(t *testing.T) {
	for _, workers := range []int{0, 1, 3, 100} {
		out := check(context.Background(), everyKind(), checking{Power: true, Workers: workers})
		s := summarise(out, nil)
		if s.checked != 6 || s.holds != 1 || s.failed != 4 || s.inconclusive != 1 || s.survived != 1 {
			t.Errorf("%d workers: %+v", workers, s)
		}
		for i, c := range everyKind() {
			if out[i].Claim.ID != c.ID {
				t.Errorf("%d workers: outcome %d is of %s, want %s", workers, i, out[i].Claim.ID, c.ID)
			}
		}
		if err := out[4].Err; err == nil || !strings.Contains(err.Error(), "panic") {
			t.Errorf("the claim that panics: %v", err)
		}
	}
}

func TestInterruptedCheckKeepsWhatIsFinished(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var claims []*claim.Claim
	claims = append(claims, stub("1.a", finds(good)))
	for range 3 {
		claims = append(claims, stub("1.slow", func(context.Context) (*claim.Finding, error) { select {} })) // does not even look at ctx
	}
	start := time.Now()
	out := check(ctx, claims, checking{Workers: 1, Done: func(int, string) { cancel() }})
	if time.Since(start) > 30*time.Second {
		t.Error("it waited for a check that does not end")
	}
	s := summarise(out, nil)
	if s.checked != 1 || s.holds != 1 || s.failed != 0 {
		t.Errorf("after the interruption: %+v", s)
	}
	if n := len(s.JSON().Claims); n != 1 {
		t.Errorf("JSON has %d claims, want the one that was checked", n)
	}
}

func TestVerifyJSON(t *testing.T) {
	s := summarise(check(context.Background(), everyKind(), checking{Power: true}), []claim.Row{{ID: "1.z"}})
	var b bytes.Buffer
	if err := printJSON(&b, s.JSON()); err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc["failed"] != 4.0 || doc["missing"].([]any)[0] != "1.z" {
		t.Errorf("failed %v, missing %v", doc["failed"], doc["missing"])
	}
	claims := doc["claims"].([]any)
	first := claims[0].(map[string]any)
	for _, key := range []string{"id", "title", "verdict", "evidence", "tightness", "vacuous", "power", "seconds"} {
		if _, ok := first[key]; !ok {
			t.Errorf("a claim has no %q: %v", key, first)
		}
	}
	if first["tightness"] != 2.0 || claims[1].(map[string]any)["tightness"] != nil {
		t.Errorf("tightness %v and %v, want 2 and null", first["tightness"], claims[1].(map[string]any)["tightness"])
	}
	evidence := first["evidence"].([]any)[0].(map[string]any)
	for _, key := range []string{"name", "theory", "measured", "tolerance", "cause"} {
		if _, ok := evidence[key]; !ok {
			t.Errorf("evidence has no %q: %v", key, evidence)
		}
	}
	if m := claims[5].(map[string]any)["evidence"].([]any)[0].(map[string]any)["measured"]; m != nil {
		t.Errorf("a measured NaN is %v in JSON, want null", m)
	}
	var back verifyJSON
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if !math.IsNaN(float64(back.Claims[1].Tightness)) {
		t.Errorf("null came back as %v", back.Claims[1].Tightness)
	}

	b.Reset()
	if err := printJSON(&b, summarise(nil, nil).JSON()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "null") {
		t.Errorf("nothing checked: want empty lists, got %s", b.String())
	}
}

func TestVerifyTable(t *testing.T) {
	out := check(context.Background(), everyKind(), checking{Power: true})
	s := summarise(out, []claim.Row{{ID: "1.z"}})
	for _, all := range []bool{false, true} {
		var b bytes.Buffer
		(&verify{power: true, all: all, seed: 7}).print(terminal{Out: &b}, out, s)
		for _, want := range []string{
			"1.a", "title of 1.b", "fails: bad: measured 2, theory = 1, tolerance 0.5: a reason", "too few draws",
			"no evidence: claim 1.d: no data", `"survivor" survives`, "1 hold, 4 fail, 1 inconclusive", "seed 7", "without a claim: 1.z",
		} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("-v %v: %q is missing from\n%s", all, want, b.String())
			}
		}
		if all != strings.Contains(b.String(), "fails, as it must") {
			t.Errorf("-v %v: alternatives that fail are shown with -v alone\n%s", all, b.String())
		}
	}
}

func TestTellingEvidence(t *testing.T) {
	near := claim.Equals("near", 1, 1.1, claim.Because(1, "c"))
	far := claim.Equals("far", 1, 1.9, claim.Because(1, "c"))
	for _, c := range []struct {
		reason   string
		evidence []claim.Evidence
		want     string
	}{
		{"what fails comes first", []claim.Evidence{far, blind, bad}, "bad"},
		{"what is too coarse comes before what holds", []claim.Evidence{far, blind}, "blind"},
		{"what uses most of its tolerance", []claim.Evidence{near, far, good}, "far"},
		{"the first, where nothing is told apart", []claim.Evidence{good, loose}, "good"},
		{"an erratum last", []claim.Evidence{bad.AsPrinted(), good}, "good"},
	} {
		if got := toJSON(claim.Outcome{Claim: stub("1.a", nil), Evidence: c.evidence}).telling(); got.Name != c.want {
			t.Errorf("%s: got %s, want %s", c.reason, got.Name, c.want)
		}
	}
	if (claimJSON{}).telling() != nil {
		t.Error("evidence out of nothing")
	}
}

func TestJUnit(t *testing.T) {
	var b bytes.Buffer
	if err := writeJUnit(&b, check(context.Background(), everyKind(), checking{Power: true})); err != nil {
		t.Fatal(err)
	}
	var back struct {
		Suites []junitSuite `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if len(back.Suites) != 2 || back.Suites[0].Name != "lemma.chapter1" || back.Suites[0].Tests != 4 {
		t.Fatalf("suites %+v", back.Suites)
	}
	one, two := back.Suites[0], back.Suites[1]
	if one.Failures != 2 || one.Errors != 1 || one.Skipped != 0 || two.Errors != 1 || two.Failures != 1 {
		t.Errorf("chapter 1: %d failures, %d errors, %d skipped; chapter 2: %d, %d; want 2, 1, 0; 1, 1", one.Failures, one.Errors, one.Skipped, two.Failures, two.Errors)
	}
	if c := one.Cases[2]; c.Failure == nil || !strings.Contains(c.Failure.Text, "survivor") {
		t.Errorf("an alternative that survives is no failure: %+v", c)
	}
}

func TestCompareBackends(t *testing.T) {
	c := stub("1.a", nil)
	at := func(m float64) claim.Evidence { return claim.Equals("q", 1, m, claim.Because(0.01, "sampling")) }
	exact := func(m float64) claim.Evidence { return claim.Below("q", 1, m, claim.Exact) }
	for _, k := range []struct {
		reason string
		a, b   []claim.Evidence
		agree  bool
	}{
		{"within the claim's tolerance", []claim.Evidence{at(1)}, []claim.Evidence{at(1.009)}, true},
		{"beyond it", []claim.Evidence{at(1)}, []claim.Evidence{at(1.02)}, false},
		{"float32 where the claim is exact", []claim.Evidence{exact(1)}, []claim.Evidence{exact(1 + 5e-5)}, true},
		{"a quantity on one backend only", []claim.Evidence{at(1), good}, []claim.Evidence{at(1)}, false},
		{"not a number", []claim.Evidence{at(math.NaN())}, []claim.Evidence{at(1)}, false},
	} {
		got := compare(claim.Outcome{Claim: c, Evidence: k.a}, claim.Outcome{Claim: c, Evidence: k.b})
		all := !slices.ContainsFunc(got, func(a agreement) bool { return !a.Agree })
		if all != k.agree {
			t.Errorf("%s: agree %v, want %v: %+v", k.reason, all, k.agree, got)
		}
	}
	got := compare(claim.Outcome{Claim: c, Err: errors.New("gone")}, claim.Outcome{Claim: c})
	if len(got) != 1 || got[0].Agree || got[0].Err != "gone" {
		t.Errorf("no evidence on one backend: %+v", got)
	}
}

func TestClaimsAreKept(t *testing.T) {
	dir := t.TempDir()
	runs := 0
	run := func(keep bool) func() ([]claimJSON, bool) {
		return func() ([]claimJSON, bool) {
			runs++
			return summarise(check(context.Background(), everyKind()[:2], checking{}), nil).JSON().Claims, keep
		}
	}
	for i, c := range []struct {
		reason        string
		key           string
		force, keep   bool
		cached        bool
		runsAfterward int
	}{
		{"nothing is known", "k", false, false, false, 1},
		{"an interrupted run is not kept", "k", false, true, false, 2},
		{"a whole run is", "k", false, true, true, 2},
		{"another key", "l", false, true, false, 3},
		{"force", "k", true, true, false, 4},
	} {
		claims, cached, err := cachedClaims(dir, c.key, c.force, run(c.keep))
		if err != nil {
			t.Fatal(err)
		}
		if cached != c.cached || runs != c.runsAfterward || len(claims) != 2 || claims[1].Verdict != claim.Fails {
			t.Errorf("%d, %s: cached %v after %d runs, claims %+v", i, c.reason, cached, runs, claims)
		}
	}
	a, errA := claimsKey(9, "go", 1)
	b, errB := claimsKey(9, "go", 2)
	if errA != nil || errB != nil || a == b {
		t.Errorf("keys %q, %q for two seeds (%v, %v)", a, b, errA, errB)
	}
}

// The relation is read from the measured value to the theory's, and is what must be seen: of a printed
// erratum its opposite, which a reader of the JSON would else see violated under the verdict "holds".
func TestRelation(t *testing.T) {
	for _, c := range []struct {
		e          claim.Evidence
		json, sign string
	}{
		{claim.Evidence{}, "=", "="},
		{claim.Below("", 2, 1, claim.Exact), "<=", "≤"},
		{claim.Above("", 1, 2, claim.Exact), ">=", "≥"},
		{claim.Equals("", 1, 2, claim.Exact).AsPrinted(), "!=", "≠"},
		{claim.Below("", 1, 2, claim.Exact).AsPrinted(), ">", ">"},
		{claim.Above("", 2, 1, claim.Exact).AsPrinted(), "<", "<"},
	} {
		if got := evidenceOf(c.e); got.Relation != c.json || got.sign() != c.sign {
			t.Errorf("%+v: got %q %q, want %q %q", c.e, got.Relation, got.sign(), c.json, c.sign)
		}
	}
}
