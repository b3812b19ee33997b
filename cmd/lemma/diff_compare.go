package main

import (
	"fmt"
	"math"
)

// Comparing numbers by name, for `lemma diff` and `lemma verify -agree`.

// single is the relative difference that two backends may show beyond a claim's own tolerance: they
// add in another order, in float32 (unit 6e-8), over up to some thousand terms and steps.
const single = 1e-4

// rounded is the relative difference that two machines or versions may show where no evidence allows
// more: float64 (unit 1e-16) through sums, solves and iterations of up to some million terms.
const rounded = 1e-9

// The fates of a quantity.
const (
	statusSame    = "same"    // within the tolerance
	statusMoved   = "moved"   // beyond it
	statusVerdict = "verdict" // its verdict is another, wherever the number is
	statusAdded   = "added"   // only in the new file
	statusGone    = "gone"    // only in the old file
)

var statusWords = map[string]string{
	statusSame: "same", statusMoved: "moved", statusVerdict: "changed verdict", statusAdded: "added", statusGone: "gone",
}

// allowance says how far apart two values of one quantity may be.
type allowance struct {
	override bool    // abs and rel replace the tolerance of the quantities
	abs      float64 // only with override
	rel      float64 // relative to the larger of the two values
	cause    string  // of rel
	seeds    bool    // the values are of two samples: the difference of two errors is larger than either, and of a bound only the verdict is comparable
}

// of is the tolerance between values a and b, whose own tolerances are ta and tb, and its cause.
func (w allowance) of(a, b, ta, tb float64, cause string) (float64, string) {
	relative := w.rel * max(math.Abs(a), math.Abs(b))
	if math.IsNaN(relative) {
		relative = 0
	}
	if w.override {
		return w.abs + relative, w.cause
	}
	if !(ta >= 0) {
		ta = 0
	}
	if !(tb >= 0) {
		tb = 0
	}
	own := max(ta, tb)
	if w.seeds && own > 0 {
		own, cause = math.Hypot(ta, tb), cause+"; of two seeds"
	}
	if relative > own {
		return relative, w.cause
	}
	return own, cause
}

// apart is the distance of two values: 0 for two that are not numbers, infinite for one that is and
// one that is not.
func apart(a, b float64) float64 {
	switch {
	case math.IsNaN(a) && math.IsNaN(b) || a == b:
		return 0
	case math.IsNaN(a) || math.IsNaN(b):
		return math.Inf(1)
	}
	return math.Abs(a - b)
}

// pair is the places of one name in two lists, -1 where a list lacks it.
type pair struct{ a, b int }

// pairs matches two lists of names. The n-th of several equal names is matched with the n-th. First
// come those of a in their order, then what only b has.
func pairs(a, b []string) []pair {
	key := func(seen map[string]int, name string) string {
		seen[name]++
		return fmt.Sprintf("%d %s", seen[name], name)
	}
	at, seen := map[string]int{}, map[string]int{}
	for i, name := range b {
		at[key(seen, name)] = i
	}
	var out []pair
	used := map[int]bool{}
	seen = map[string]int{}
	for i, name := range a {
		j, ok := at[key(seen, name)]
		if !ok {
			j = -1
		}
		used[j] = true
		out = append(out, pair{i, j})
	}
	for j := range b {
		if !used[j] {
			out = append(out, pair{-1, j})
		}
	}
	return out
}

// quantity is one named number of a result file.
type quantity struct {
	ID        string  // of its claim or figure; empty for other files
	Name      string  // within ID
	Value     float64 // what was measured; NaN for none
	Theory    float64 // NaN for none
	Tolerance float64
	Cause     string
	Verdict   string // empty for none
	bound     bool   // Value must stay on one side of Theory, wherever: its tolerance is not about its size
	power     bool   // it is an alternative: a file made without -power lacks all of them
	whole     bool   // it stands for the whole claim: the other quantities of ID come and go with it
	series    string // the curve that it is a point of
}

// change is the fate of one quantity.
type change struct {
	ID         string `json:"id,omitempty"`
	Quantity   string `json:"quantity"`
	Status     string `json:"status"`
	Old        finite `json:"old"`
	New        finite `json:"new"`
	Tolerance  finite `json:"tolerance"`
	Cause      string `json:"cause,omitempty"`
	Times      finite `json:"times"` // |old - new| in tolerances; null where there is no such number
	OldVerdict string `json:"old_verdict,omitempty"`
	NewVerdict string `json:"new_verdict,omitempty"`

	series  string
	endless bool // moved although the tolerance is zero, or from or to what is no number
	folded  int  // other points of the series with the same fate, not shown
}

// setting is one line of the environment in both files.
type setting struct {
	Name string `json:"name"`
	Old  string `json:"old"`
	New  string `json:"new"`
	Same bool   `json:"same"`
}

// comparison is the form of `lemma diff -json`.
type comparison struct {
	Old         string         `json:"old"`
	New         string         `json:"new"`
	Kind        string         `json:"kind"`
	Environment []setting      `json:"environment"` // empty where a file does not say
	Changes     []change       `json:"quantities"`
	Count       map[string]int `json:"count"`     // of quantities by status: one that moved with its theory has two lines above
	Different   int            `json:"different"` // all but the same
}

// compareResults matches the quantities of two files by claim and name.
func compareResults(old, new *results, how allowance) comparison {
	out := comparison{Old: old.File, New: new.File, Kind: old.Kind, Changes: []change{}, Count: map[string]int{}, Environment: []setting{}}
	if old.Env != nil && new.Env != nil {
		a, b := old.Env.lines(), new.Env.lines()
		for i := range a {
			out.Environment = append(out.Environment, setting{a[i][0], a[i][1], b[i][1], a[i] == b[i]})
		}
	}
	names := func(r *results) (keys []string, wholes map[string]bool) {
		wholes = map[string]bool{}
		for _, q := range r.Quantities {
			keys = append(keys, q.ID+"\x00"+q.Name)
			if q.whole {
				wholes[q.ID] = true
			}
		}
		return keys, wholes
	}
	a, inOld := names(old)
	b, inNew := names(new)
	for _, p := range pairs(a, b) {
		switch {
		case p.b < 0:
			// Of a claim that is gone as a whole one line says so.
			if q := old.Quantities[p.a]; (q.whole || inNew[q.ID] || !inOld[q.ID]) && (new.power || !q.power) {
				out.add(only(q, statusGone))
			}
		case p.a < 0:
			if q := new.Quantities[p.b]; (q.whole || inOld[q.ID] || !inNew[q.ID]) && (old.power || !q.power) {
				out.add(only(q, statusAdded))
			}
		default:
			lines := compareQuantities(old.Quantities[p.a], new.Quantities[p.b], how)
			out.add(lines[0])
			out.Changes = append(out.Changes, lines[1:]...) // of the same quantity: counted once
		}
	}
	return out
}

func (r *comparison) add(c change) {
	r.Changes = append(r.Changes, c)
	r.Count[c.Status]++
	if c.Status != statusSame {
		r.Different++
	}
}

// only is a quantity that one file has.
func only(q quantity, status string) change {
	nan := finite(math.NaN())
	c := change{ID: q.ID, Quantity: q.Name, Status: status, Old: nan, New: nan, Tolerance: nan, Times: nan, series: q.series}
	if status == statusAdded {
		c.New, c.NewVerdict = finite(q.Value), q.Verdict
	} else {
		c.Old, c.OldVerdict = finite(q.Value), q.Verdict
	}
	return c
}

// compareQuantities compares one quantity of two files: its measured value and verdict, and its theory
// value. That is a line of its own where it moved; the first line tells the quantity's fate.
//
// Between two seeds a quantity whose theory value moved is that of another draw (the Gram matrix, the
// labels): there the distance of measurement and theory must be the same within the tolerance. Of what
// is no equation, a bound or what the book prints, the verdict alone is comparable.
func compareQuantities(a, b quantity, how allowance) []change {
	c := compareValues(a.Value, b.Value, a, b, how)
	t := compareValues(a.Theory, b.Theory, a, b, how)
	if how.seeds && !how.override {
		switch {
		case a.bound && b.bound:
			if c.Status == statusMoved || t.Status == statusMoved {
				c.drop("of two seeds its verdict counts")
			}
			t.Status = statusSame
		case t.Status == statusMoved && !t.endless:
			c = compareErrors(a, b, how)
			t.Status = statusSame
		}
	}
	c.OldVerdict, c.NewVerdict = a.Verdict, b.Verdict
	if a.Verdict != b.Verdict {
		c.Status = statusVerdict
	}
	t.Quantity += " (theory)"
	switch {
	case t.Status != statusMoved:
		return []change{c}
	case c.Status == statusSame:
		return []change{t}
	}
	return []change{c, t}
}

// compareErrors compares measurement less theory of two draws. Both are rounded as the theory value is.
func compareErrors(a, b quantity, how allowance) change {
	c := compareValues(a.Value-a.Theory, b.Value-b.Theory, a, b, how)
	tol := max(float64(c.Tolerance), how.rel*max(math.Abs(a.Theory), math.Abs(b.Theory)))
	d := apart(a.Value-a.Theory, b.Value-b.Theory)
	c.Old, c.New, c.Tolerance, c.Cause, c.Times = finite(a.Value), finite(b.Value), finite(tol), c.Cause+"; theory is another draw", finite(d/tol)
	c.Status, c.endless = statusSame, false
	if d == 0 {
		c.Times = 0
	}
	if !(d <= tol) {
		c.Status, c.endless = statusMoved, math.IsInf(float64(c.Times), 0)
	}
	return c
}

// drop makes the change one whose numbers do not count.
func (c *change) drop(cause string) {
	nan := finite(math.NaN())
	c.Status, c.Tolerance, c.Times, c.Cause, c.endless = statusSame, nan, nan, cause, false
}

func compareValues(x, y float64, a, b quantity, how allowance) change {
	tol, cause := how.of(x, y, a.Tolerance, b.Tolerance, a.Cause)
	d := apart(x, y)
	c := change{ID: a.ID, Quantity: a.Name, Status: statusSame, Old: finite(x), New: finite(y), Tolerance: finite(tol), Cause: cause, Times: finite(d / tol), series: a.series}
	if math.IsNaN(x) && math.IsNaN(y) {
		c.Tolerance, c.Cause = finite(math.NaN()), ""
	}
	if d == 0 {
		c.Times = 0
	}
	if !(d <= tol) {
		c.Status = statusMoved
		c.endless = math.IsInf(float64(c.Times), 0)
	}
	return c
}
