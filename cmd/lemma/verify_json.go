package main

import (
	"encoding/json"
	"math"
	"runtime/debug"
	"strconv"

	"github.com/lemma-ml/lemma/lib/claim"
)

// The form of `lemma verify -json`. What is not a finite number is null.

type verifyJSON struct {
	Claims      []claimJSON      `json:"claims"`
	Missing     []string         `json:"missing"` // inventory IDs without a claim
	Failed      int              `json:"failed"`  // claims that fail or could not be checked
	Environment *environmentJSON `json:"environment,omitempty"`
}

// environmentJSON is what else decides the numbers of a verification.
type environmentJSON struct {
	Seed     uint64 `json:"seed"`
	Backend  string `json:"backend"` // "none" where no claim needs one
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// environment says what this program computes with.
func environment(seed uint64, backend string) *environmentJSON {
	info, _ := debug.ReadBuildInfo()
	v := versionOf(info)
	e := &environmentJSON{Seed: seed, Backend: backend, Version: v.Version, Go: v.Go, Platform: v.Platform}
	if v.Revision != "" {
		e.Version += " " + v.Revision
	}
	if v.Modified {
		e.Version += " modified"
	}
	return e
}

// lines are the settings by name, the same names in the same order for any two.
func (e *environmentJSON) lines() [][2]string {
	return [][2]string{{"seed", strconv.FormatUint(e.Seed, 10)}, {"backend", e.Backend}, {"version", e.Version}, {"go", e.Go}, {"platform", e.Platform}}
}

type claimJSON struct {
	ID        string         `json:"id"`
	Title     string         `json:"title"`
	Verdict   claim.Verdict  `json:"verdict"`
	Evidence  []evidenceJSON `json:"evidence"`
	Tightness finite         `json:"tightness"` // of the tightest bound; null without one
	Vacuous   bool           `json:"vacuous"`
	Power     []powerJSON    `json:"power"` // null unless -power
	Seconds   float64        `json:"seconds"`
	Notes     []string       `json:"notes,omitempty"`
	Error     string         `json:"error,omitempty"` // why there is no evidence
}

type evidenceJSON struct {
	Name      string        `json:"name"`
	Theory    finite        `json:"theory"`
	Measured  finite        `json:"measured"`
	Relation  string        `json:"relation"` // of measured to theory: =, <=, >=; !=, >, < for what is printed
	Tolerance finite        `json:"tolerance"`
	Cause     string        `json:"cause"`
	Verdict   claim.Verdict `json:"verdict"`
	Printed   bool          `json:"printed,omitempty"` // the book's wrong text, which must fail
}

type powerJSON struct {
	Name     string        `json:"name"`
	Verdict  claim.Verdict `json:"verdict"`
	Survived bool          `json:"survived"`
	By       string        `json:"by,omitempty"`
	Error    string        `json:"error,omitempty"`
}

// finite is a number that JSON can hold, or null.
type finite float64

func (f finite) MarshalJSON() ([]byte, error) {
	if x := float64(f); math.IsNaN(x) || math.IsInf(x, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(f))
}

func (f *finite) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*f = finite(math.NaN())
		return nil
	}
	return json.Unmarshal(b, (*float64)(f))
}

// JSON returns the summary in the form that -json prints. Claims that an interruption left out are
// left out.
func (s summary) JSON() verifyJSON {
	out := verifyJSON{Claims: []claimJSON{}, Missing: []string{}, Failed: s.failed}
	for _, o := range s.outcomes {
		if !notChecked(o) {
			out.Claims = append(out.Claims, toJSON(o))
		}
	}
	for _, row := range s.missing {
		out.Missing = append(out.Missing, row.ID)
	}
	return out
}

func toJSON(o claim.Outcome) claimJSON {
	c := claimJSON{ID: o.Claim.ID, Title: o.Claim.Title, Verdict: o.Verdict, Evidence: []evidenceJSON{},
		Tightness: finite(o.Tightness()), Vacuous: o.Vacuous(), Seconds: o.Seconds, Notes: o.Notes}
	if o.Err != nil {
		c.Error = o.Err.Error()
	}
	for _, e := range o.Evidence {
		c.Evidence = append(c.Evidence, evidenceOf(e))
	}
	for _, p := range o.Power {
		q := powerJSON{Name: p.Name, Verdict: p.Verdict, Survived: p.Survived, By: p.By}
		if p.Err != nil {
			q.Error = p.Err.Error()
		}
		c.Power = append(c.Power, q)
	}
	return c
}

func evidenceOf(e claim.Evidence) evidenceJSON {
	return evidenceJSON{e.Name, finite(e.Theory), finite(e.Measured), relationOf(e), finite(e.Tolerance.Value), e.Tolerance.Cause, e.Verdict(), e.Printed}
}
