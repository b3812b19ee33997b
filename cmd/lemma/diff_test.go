package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/figure"
)

// verified is a file of `lemma verify -json` with claims of the given evidence.
func verified(env *environmentJSON, claims ...claimJSON) verifyJSON {
	return verifyJSON{Claims: claims, Missing: []string{}, Environment: env}
}

func claimOf(id string, evidence ...claim.Evidence) claimJSON {
	f := claim.Finding{Evidence: evidence}
	return toJSON(claim.Outcome{Claim: stub(id, nil), Verdict: f.Verdict(), Evidence: evidence})
}

// inFiles writes documents into files and returns their paths.
func inFiles(t *testing.T, docs ...any) []string {
	t.Helper()
	dir := t.TempDir()
	var out []string
	for i, d := range docs {
		raw, ok := d.(string)
		if !ok {
			b, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			raw = string(b)
		}
		path := filepath.Join(dir, fmt.Sprintf("%d.json", i))
		if err := os.WriteFile(path, []byte(raw), 0o644); err != nil {
			t.Fatal(err)
		}
		out = append(out, path)
	}
	return out
}

func TestDiffOfClaims(t *testing.T) {
	sampled := func(m float64) claim.Evidence { return claim.Equals("q", 1, m, claim.Because(0.01, "sampling")) }
	exact := func(m float64) claim.Evidence { return claim.Equals("q", 1, m, claim.Exact) }
	bound := func(m float64) claim.Evidence { return claim.Below("b", 1, m, claim.Exact) }
	env := func(seed uint64, backend string) *environmentJSON {
		return &environmentJSON{Seed: seed, Backend: backend, Version: "v1", Go: "go1", Platform: "p"}
	}
	same := verified(env(0, "go"), claimOf("1.a", sampled(1), bound(.5)), claimOf("1.b", exact(1)))
	for _, c := range []struct {
		reason   string
		old, new verifyJSON
		args     []string
		code     int
		want     string
	}{
		{"a file and itself", same, same, nil, 0, "5 quantities"},
		{"within the evidence's tolerance", verified(nil, claimOf("1.a", sampled(1))), verified(nil, claimOf("1.a", sampled(1.009))), nil, 0, "2 the same"},
		{"beyond it", verified(nil, claimOf("1.a", sampled(.995))), verified(nil, claimOf("1.a", sampled(1.008))), nil, 1, "moved by 1.3 tolerances"},
		{"rounding where the evidence is exact", verified(nil, claimOf("1.a", bound(.5))), verified(nil, claimOf("1.a", bound(.5+1e-12))), nil, 0, "2 the same"},
		{"float32 on one backend", verified(env(0, "go"), claimOf("1.a", bound(.5))), verified(env(0, "go"), claimOf("1.a", bound(.50001))), nil, 1, "1 moved"},
		{"float32 on another backend", verified(env(0, "go"), claimOf("1.a", bound(.5))), verified(env(0, "xla:cpu"), claimOf("1.a", bound(.50001))), nil, 0, "backend: go in the old file, xla:cpu in the new one"},
		{"a bound of another seed is another draw", verified(env(0, "go"), claimOf("1.a", bound(.5))), verified(env(1, "go"), claimOf("1.a", bound(.7))), nil, 0, "seed: 0"},
		{"unless a tolerance is given", verified(env(0, "go"), claimOf("1.a", bound(.5))), verified(env(1, "go"), claimOf("1.a", bound(.7))), []string{"-rel", "0.1"}, 1, "1 moved"},
		{"two draws differ by more than each from its mean", verified(env(0, "go"), claimOf("1.a", sampled(1))), verified(env(1, "go"), claimOf("1.a", sampled(1.0099999))), []string{"-json"}, 0, "of two seeds"},
		{"theory and measurement of another draw", verified(env(0, "go"), claimOf("1.a", claim.Equals("q", 1, 1+1e-9, claim.Because(1e-8, "steps")))), verified(env(5, "go"), claimOf("1.a", claim.Equals("q", 7, 7-1e-9, claim.Because(1e-8, "steps")))), []string{"-json"}, 0, "theory is another draw"},
		{"measured exactly, rounded as the theory is", verified(env(0, "go"), claimOf("1.a", claim.Equals("q", 1e6, 1e6+1e-4, claim.Because(1e-3, "steps")))), verified(env(5, "go"), claimOf("1.a", claim.Equals("q", 2e6, 2e6, claim.Because(1e-3, "steps")))), nil, 0, "2 the same"},
		{"another draw whose error is not the same", verified(env(0, "go"), claimOf("1.a", claim.Equals("q", 1, 1.009, claim.Because(.01, "steps")))), verified(env(5, "go"), claimOf("1.a", claim.Equals("q", 7, 6.991, claim.Because(.01, "steps")))), nil, 1, "1 moved"},
		{"of one seed a theory that moved has moved", verified(env(0, "go"), claimOf("1.a", sampled(1))), verified(env(0, "go"), claimOf("1.a", claim.Equals("q", 7, 7, claim.Because(.01, "sampling")))), nil, 1, "2 quantities of"},
		{"what is printed, of two draws", verified(env(0, "go"), claimOf("1.a", claim.Equals("p", 1, 2, claim.Exact).AsPrinted())), verified(env(5, "go"), claimOf("1.a", claim.Equals("p", 7, 3, claim.Exact).AsPrinted())), nil, 0, "2 the same"},
		{"a bound of two draws whose theory moved", verified(env(0, "go"), claimOf("1.a", bound(.5))), verified(env(5, "go"), claimOf("1.a", claim.Below("b", 3, .5, claim.Exact))), nil, 0, "2 the same"},
		{"a bound of two draws that breaks", verified(env(0, "go"), claimOf("1.a", bound(.5))), verified(env(5, "go"), claimOf("1.a", bound(1.5))), nil, 1, "holds → fails"},
		{"an absolute tolerance", verified(nil, claimOf("1.a", sampled(1))), verified(nil, claimOf("1.a", sampled(1.4))), []string{"-abs", ".5"}, 1, "holds → fails"},
		{"a verdict that turned", verified(nil, claimOf("1.a", sampled(1.009))), verified(nil, claimOf("1.a", sampled(1.011))), nil, 1, "2 changed verdict"},
		{"a theory value that moved", verified(nil, claimOf("1.a", claim.Below("b", 1, .5, claim.Exact))), verified(nil, claimOf("1.a", claim.Below("b", 1.1, .5, claim.Exact))), nil, 1, "b (theory)"},
		{"a claim that is gone is one line", same, verified(env(0, "go"), claimOf("1.b", exact(1))), nil, 1, ", 1 gone"},
		{"a quantity that is new", verified(nil, claimOf("1.a", sampled(1))), verified(nil, claimOf("1.a", sampled(1), bound(.5))), nil, 1, ", 1 added"},
		{"what became no number", verified(nil, claimOf("1.a", sampled(1))), verified(nil, claimOf("1.a", sampled(math.NaN()))), nil, 1, "fails"},
		{"names that occur twice are matched in order", verified(nil, claimOf("1.a", sampled(1), sampled(1.005))), verified(nil, claimOf("1.a", sampled(1), sampled(1.005))), []string{"-rel", "1e-9"}, 0, "3 the same"},
		{"what is the same, on demand", same, same, []string{"-v"}, 0, "1.b"},
	} {
		files := inFiles(t, c.old, c.new)
		out, errs, code := lemma(t, "", append(append([]string{"diff"}, files...), c.args...)...)
		if code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%s: exit code %d, want %d and %q in\n%s%s", c.reason, code, c.code, c.want, out, errs)
		}
	}
}

// Alternatives are compared where both files have them.
func TestDiffOfAlternatives(t *testing.T) {
	with := func(survived bool) verifyJSON {
		c := claimOf("1.a", good)
		c.Power = []powerJSON{{Name: "wrong constant", Survived: survived}}
		return verified(nil, c)
	}
	for _, c := range []struct {
		reason   string
		old, new verifyJSON
		code     int
		want     string
	}{
		{"one that survives now", with(false), with(true), 1, "refuted → survives"},
		{"as before", with(false), with(false), 0, "3 the same"},
		{"a file without -power", with(false), verified(nil, claimOf("1.a", good)), 0, "2 the same"},
	} {
		out, errs, code := lemma(t, "", append([]string{"diff"}, inFiles(t, c.old, c.new)...)...)
		if code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%s: exit code %d, want %d and %q in\n%s%s", c.reason, code, c.code, c.want, out, errs)
		}
	}
}

func TestDiffOfFiguresAndNumbers(t *testing.T) {
	fig := func(shift float64) figure.Figure {
		return figure.Figure{ID: "f", Alt: "a", Panels: []figure.Panel{{Layers: []figure.Layer{
			figure.Line("theory", 0, []float64{0, 1, 2}, []float64{1, math.NaN(), 3 + shift}),
			figure.Line("other", 0, []float64{0, 1}, []float64{5 + shift, 6 + 2*shift}),
		}}}}
	}
	for _, c := range []struct {
		reason   string
		old, new any
		code     int
		want     []string
	}{
		{"the same picture", fig(0), fig(0), 0, []string{"10 the same"}},
		{"points of a curve that moved are one line", fig(0), fig(.1), 1, []string{"theory (line), y[2]", "other (line), y[1]", "(the most of 2)", "3 moved"}},
		{"numbers by path", `{"Loss": [1, 0.5], "Config": {"Seed": 7}, "seconds": 3}`, `{"Loss": [1, 0.25], "Config": {"Seed": 7}, "seconds": 9}`, 1, []string{"Loss[1]", "2 the same, 1 moved"}},
		{"numbers in another spelling", `[1.50, 1e2]`, `[1.5, 100]`, 0, []string{"2 the same"}},
		{"a file that begins with a byte-order mark", "\ufeff[1, 2]", `[1, 2]`, 0, []string{"2 the same"}},
		{"a list that grew", `[1]`, `[1, 2]`, 1, []string{"1 added"}},
	} {
		out, errs, code := lemma(t, "", append([]string{"diff"}, inFiles(t, c.old, c.new)...)...)
		for _, want := range c.want {
			if code != c.code || !strings.Contains(out, want) {
				t.Errorf("%s: exit code %d, want %d and %q in\n%s%s", c.reason, code, c.code, want, out, errs)
			}
		}
	}
}

func TestDiffRefuses(t *testing.T) {
	ok := verified(nil, claimOf("1.a", good))
	for _, c := range []struct {
		reason   string
		old, new any
		args     []string
		want     string
	}{
		{"what is no JSON", "# text", ok, nil, "it is not JSON"},
		{"an empty file", "", ok, nil, "it is empty"},
		{"two values in one file", "{} {}", ok, nil, "there is more"},
		{"a notebook", `{"cells": [], "nbformat": 4}`, ok, nil, "it is a notebook"},
		{"a comparison of backends", `{"backends": [], "quantities": [], "differ": 0}`, ok, nil, "comparison already"},
		{"JSON without numbers", `{"a": "b"}`, ok, nil, "no numbers"},
		{"two kinds", `[1]`, ok, nil, "nothing in common"},
		{"claims that are none", `{"claims": 3, "failed": 0}`, ok, nil, "but is not: number at claims does not belong there"},
		{"a figure that is none", `{"panels": "x", "alt": ""}`, ok, nil, "but is not: string at panels does not"},
		{"a claim twice", verified(nil, claimOf("1.a", good), claimOf("1.a", good)), ok, nil, `"1.a" twice`},
		{"a tolerance below zero", ok, ok, []string{"-abs", "-1"}, "not negative"},
		{"three files", ok, ok, []string{"third.json"}, "got 3 files"},
	} {
		out, errs, code := lemma(t, "", append(append([]string{"diff"}, inFiles(t, c.old, c.new)...), c.args...)...)
		if code != 2 || !strings.Contains(errs, c.want) || out != "" {
			t.Errorf("%s: exit code %d, want 2 and %q in %s%s", c.reason, code, c.want, errs, out)
		}
	}
	if _, errs, code := lemma(t, "", "diff", "/no/such.json", "-"); code != 2 || !strings.Contains(errs, "no such file") {
		t.Errorf("a file that is not there: exit code %d, %s", code, errs)
	}
}

func TestDiffJSONReadsBack(t *testing.T) {
	files := inFiles(t, verified(nil, claimOf("1.a", good, loose)), verified(nil, claimOf("1.a", bad)))
	out, _, code := lemma(t, "", "diff", files[0], files[1], "-json")
	var doc comparison
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != 1 {
		t.Fatalf("exit code %d, %v\n%s", code, err, out)
	}
	n := 0
	for _, k := range doc.Count {
		n += k
	}
	if n != len(doc.Changes) || doc.Different != n-doc.Count[statusSame] || doc.Kind != kindClaims {
		t.Errorf("the counts are not those of the list: %+v", doc)
	}
}

// Whatever stands in a file, it is read or refused, and a file is the same as itself.
func FuzzDiff(f *testing.F) {
	for _, s := range []string{`{"claims":[{"id":"1.a","evidence":[{"name":"q","measured":1}]}],"failed":0}`, `{"panels":[{"layers":[{"x":[1],"y":[null]}]}],"alt":""}`, `[1,[2,{"a":1e999}]]`, `{`, `"x"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := parseResults([]byte(s))
		if err != nil {
			return
		}
		if c := compareResults(r, r, allowance{}); c.Different != 0 {
			t.Errorf("%q differs from itself: %+v", s, c.Changes)
		}
	})
}
