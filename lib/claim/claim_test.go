package claim

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
)

func TestEvidenceVerdict(t *testing.T) {
	tests := []struct {
		name string
		e    Evidence
		want Verdict
	}{
		{"equal within the tolerance", Equals("", 1, 1.05, Because(.1, "")), Holds},
		{"equal just outside the tolerance", Equals("", 1, 1.11, Because(.1, "")), Fails},
		{"a bound met with equality and no slack", Below("", 2, 2, Exact), Holds},
		{"a bound exceeded by rounding only", Below("", 2, 2+1e-15, Rounding(2, 4)), Holds},
		{"a bound exceeded", Below("", 2, 2.1, Exact), Fails},
		{"a lower bound met", Above("", 2, 3, Exact), Holds},
		{"a lower bound missed", Above("", 2, 1, Exact), Fails},
		{"NaN is never within tolerance", Equals("", 1, math.NaN(), Because(10, "")), Fails},
		{"an infinite tolerance would pass anything", Equals("", 1, 2, Because(math.Inf(1), "")), Fails},
		{"a NaN tolerance would compare as false", Equals("", 1, 1, Because(math.NaN(), "")), Fails},
		{"infinite on both sides", Equals("", math.Inf(1), math.Inf(1), Exact), Fails},
		{"a printed erratum must fail and does", Equals("", 1, 2, Exact).AsPrinted(), Holds},
		{"a printed erratum that comes true is a failure", Equals("", 1, 1, Exact).AsPrinted(), Fails},
		{"a printed erratum that was not evaluated", Equals("", 1, math.NaN(), Exact).AsPrinted(), Fails},
		{"a pass too coarse to tell", Evidence{Theory: 1, Measured: 1, Coarse: "two draws"}, Inconclusive},
		{"a failure stays one however coarse", Evidence{Theory: 1, Measured: 2, Coarse: "two draws"}, Fails},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.e.Verdict(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestTightnessAndVacuity(t *testing.T) {
	e := Below("error", 1.5, .3, Exact)
	e.Trivial = 1
	if got := e.Tightness(); math.Abs(got-5) > 1e-12 {
		t.Errorf("tightness: got %g, want 5", got)
	}
	if !e.Vacuous() {
		t.Error("a bound of 1.5 on an error rate must be vacuous")
	}
	if got := Equals("", 1, 1, Exact).Tightness(); !math.IsNaN(got) {
		t.Errorf("an equality has no tightness, got %g", got)
	}
}

// half claims that the mean of 1..n is (n+1)/2 and is given the wrong formula as alternative.
func half(theory func(n float64) float64) Check {
	return func(ctx context.Context, env Env) (*Finding, error) {
		var sum float64
		for i := 1; i <= 10; i++ {
			sum += float64(i)
		}
		f := &Finding{}
		f.Add(Equals("mean of 1..10", theory(10), sum/10, Rounding(10, 4)))
		return f, nil
	}
}

func testClaim() Claim {
	return Claim{
		ID: "1.L1", Kind: Lemma, Title: "Mean", Ref: "Lemma 1", Statement: "$(n+1)/2$",
		Check:        half(func(n float64) float64 { return (n + 1) / 2 }),
		Alternatives: []Alternative{{"n/2", half(func(n float64) float64 { return n / 2 })}},
	}
}

func TestRunAndPower(t *testing.T) {
	c := testClaim()
	if o := Run(t.Context(), &c, Env{}); o.Verdict != Holds || o.Err != nil {
		t.Fatalf("got %s, %v", o.Verdict, o.Err)
	}
	if p := RunPower(t.Context(), &c, Env{}); p[0].Survived || p[0].By != "mean of 1..10" {
		t.Errorf("the wrong formula survived: %+v", p[0])
	}
	c.Alternatives[0].Check = c.Check
	if p := RunPower(t.Context(), &c, Env{}); !p[0].Survived {
		t.Error("an alternative that holds must be reported as surviving")
	}
	c.Alternatives = nil
	if p := RunPower(t.Context(), &c, Env{}); !p[0].Survived {
		t.Error("a claim without alternatives has no power")
	}
}

func TestRunErrors(t *testing.T) {
	c := testClaim()
	c.Check = func(context.Context, Env) (*Finding, error) { panic(errors.New("graph: shape mismatch")) }
	if o := Run(t.Context(), &c, Env{}); o.Err == nil || o.Verdict != Inconclusive || !strings.Contains(o.Err.Error(), "shape mismatch") {
		t.Errorf("a graph panic must become the outcome's error, got %v, %s", o.Err, o.Verdict)
	}
	if p := RunPower(t.Context(), &Claim{Alternatives: []Alternative{{"crash", c.Check}}}, Env{}); !p[0].Survived {
		t.Error("an alternative that crashes refutes nothing")
	}
	c = testClaim()
	c.NeedsBackend = true
	if o := Run(t.Context(), &c, Env{}); o.Err == nil {
		t.Error("a claim that needs a backend ran without one")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c = testClaim()
	if o := Run(ctx, &c, Env{}); !errors.Is(o.Err, context.Canceled) {
		t.Errorf("got %v, want the context's error", o.Err)
	}
}

func TestRegistry(t *testing.T) {
	chapter := Chapter{Number: 1, Rows: []Row{{ID: "1.L1"}, {ID: "1.L2"}}, Claims: []Claim{testClaim()}}
	r, err := NewRegistry(chapter)
	if err != nil {
		t.Fatal(err)
	}
	if m := r.Missing(1); len(m) != 1 || m[0].ID != "1.L2" {
		t.Errorf("missing: got %v, want 1.L2", m)
	}
	for _, arg := range []string{"1", "1.L1"} {
		if s, err := r.Select(arg); err != nil || len(s) != 1 {
			t.Errorf("Select(%q): got %v, %v", arg, s, err)
		}
	}
	if c, err := r.Claim("1.l1"); err != nil || c.ID != "1.L1" {
		t.Errorf("case must not matter, got %v, %v", c, err)
	}
	for arg, want := range map[string]string{
		"1.L3": "nearest are 1.L1",         // nothing of that name
		"1.L2": "1.L2 () has no claim yet", // a row of the inventory
		"7":    "no claim",                 // no such chapter
	} {
		if _, err := r.Select(arg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Select(%q): got %v, want an error with %q", arg, err, want)
		}
	}
	faults := []struct {
		name string
		edit func(*Chapter)
	}{
		{"a claim on a row that is not in the inventory", func(c *Chapter) { c.Claims[0].ID = "1.L9" }},
		{"a claim that cannot fail", func(c *Chapter) { c.Claims[0].Alternatives = nil }},
		{"a claim without a statement", func(c *Chapter) { c.Claims[0].Statement = "" }},
		{"two claims with one ID", func(c *Chapter) { c.Claims = append(c.Claims, testClaim()) }},
	}
	for _, tt := range faults {
		t.Run(tt.name, func(t *testing.T) {
			c := chapter
			c.Claims = []Claim{testClaim()}
			tt.edit(&c)
			if _, err := NewRegistry(c); err == nil {
				t.Error("accepted")
			}
		})
	}
}
