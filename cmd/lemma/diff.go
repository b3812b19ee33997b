package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"strings"
)

func diffCommand() *command {
	return &command{
		name:    "diff",
		args:    "old.json new.json",
		summary: "compare the quantities of two result files",
		about: `Compares numbers by their names, not texts: what two runs, versions, seeds or backends found. A file
is one of

  what lemma verify -json printed    every measured value and its theory value, by claim and name
  what lemma draw -o file.json wrote every series of the figure
  any other JSON with numbers        every number, by its path, but for times ("seconds")

A quantity is the same within its tolerance: the one that its evidence states, with its cause; beside
that, rounding (1e-9 relative) or, between two backends, float32 (1e-4 relative). -rel and -abs
replace all of these: |old - new| ≤ abs + rel·max(|old|, |new|). Beyond it a quantity has moved, and
the table says by how many tolerances. Changed verdicts, and what only one file has, are listed too.
Seed, backend and version of the files are compared and told.

Between two seeds a theory value may be another draw too, as where it is computed from sampled
inputs: there measured - theory must be the same within the tolerance. Of a bound, and of what the
book prints wrongly (≠), only the verdict counts. -rel and -abs compare the numbers all the same.

The exit code is 0 if all quantities are the same, 1 if one is not, 2 for bad usage or input.`,
		examples: []example{
			{"lemma verify 9 -json > old.json", "before a change, on another machine, with another version"},
			{"lemma diff old.json new.json", "what moved"},
			{"lemma verify 9 -json | lemma diff old.json -", "the new file from a pipe"},
			{"lemma diff cpu.json gpu.json -rel 1e-3", "within a thousandth, whatever the evidence allows"},
			{"lemma diff old.json new.json -json", "for a program"},
		},
		flags: func(fs *flag.FlagSet) action {
			var d differ
			fs.BoolVar(&d.json, "json", false, "print JSON instead of a table")
			fs.BoolVar(&d.all, "v", false, "print what is the same, too")
			fs.Float64Var(&d.rel, "rel", math.NaN(), "relative tolerance `x` in place of those of the files")
			fs.Float64Var(&d.abs, "abs", math.NaN(), "absolute tolerance `x` in place of those of the files")
			fs.IntVar(&d.most, "n", 100, "print at most `n` rows of the table; 0 prints all")
			// NaN stands for "not given" and is nobody's business.
			fs.Lookup("rel").DefValue, fs.Lookup("abs").DefValue = "", ""
			return d.run
		},
	}
}

// differ holds the flags of diff.
type differ struct {
	json, all bool
	rel, abs  float64 // NaN where not given
	most      int
}

func (d *differ) run(_ context.Context, t terminal, args []string) error {
	if len(args) != 2 {
		return badUsage("got %s, want two: the old one and the new one", plural(len(args), "file"))
	}
	for name, x := range map[string]float64{"rel": d.rel, "abs": d.abs} {
		if x < 0 || math.IsInf(x, 0) {
			return badUsage("-%s %g, want a number that is not negative", name, x)
		}
	}
	if d.most < 0 {
		return badUsage("-n %d, want 0 or more", d.most)
	}
	if args[0] == "-" && args[1] == "-" {
		return badUsage("standard input is one file, want two")
	}
	var files [2]*results
	for i, name := range args {
		var err error
		if files[i], err = readResults(t.In, name); err != nil {
			return failure{exitUsage, err}
		}
	}
	if a, b := files[0], files[1]; a.Kind != b.Kind {
		return badUsage("%s holds %s and %s holds %s: there is nothing in common", a.File, a.Kind, b.File, b.Kind)
	}
	out := compareResults(files[0], files[1], d.tolerance(files[0], files[1]))
	if d.json {
		if err := printJSON(t.Out, out); err != nil {
			return err
		}
	} else {
		d.print(t, out)
	}
	if out.Different > 0 {
		return failed
	}
	return nil
}

// tolerance says how far apart quantities of the two files may be.
func (d *differ) tolerance(a, b *results) allowance {
	if !math.IsNaN(d.rel) || !math.IsNaN(d.abs) {
		orZero := func(x float64) float64 {
			if math.IsNaN(x) {
				return 0
			}
			return x
		}
		return allowance{override: true, abs: orZero(d.abs), rel: orZero(d.rel), cause: "given by -rel and -abs"}
	}
	how := allowance{rel: rounded, cause: "rounding, 1e-9 relative"}
	if a.Env != nil && b.Env != nil {
		if x, y := a.Env.Backend, b.Env.Backend; x != y && x != "none" && y != "none" {
			how.rel, how.cause = single, "float32 on another backend, 1e-4 relative"
		}
		how.seeds = a.Env.Seed != b.Env.Seed
	}
	return how
}

// print writes the table of what differs, then the counts.
func (d *differ) print(t terminal, r comparison) {
	for _, e := range r.Environment {
		if !e.Same {
			fmt.Fprintf(t.Out, "%s: %s in the old file, %s in the new one\n", e.Name, e.Old, e.New)
		}
	}
	if len(r.Environment) == 0 && r.Kind == kindClaims {
		fmt.Fprintln(t.Out, "the files do not both say with which seed, backend and version they were made")
	}
	tab := table{head: []string{"ID", "quantity", "old", "new", "tolerance", "", ""}, flex: []int{1}}
	left := 0
	for _, c := range fold(r.Changes) {
		if c.Status == statusSame && !d.all {
			continue
		}
		if d.most > 0 && len(tab.rows) == d.most {
			left++
			continue
		}
		tab.add(c.row()...)
	}
	if len(tab.rows) > 0 {
		fmt.Fprintln(t.Out)
		tab.write(t.Out, t.width())
	}
	if left > 0 {
		fmt.Fprintf(t.Out, "and %s more; -n 0 prints all\n", plural(left, "row"))
	}
	words := []string{fmt.Sprintf("%d the same", r.Count[statusSame])}
	for _, s := range []string{statusMoved, statusVerdict, statusAdded, statusGone} {
		if n := r.Count[s]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, statusWords[s]))
		}
	}
	total := 0
	for _, n := range r.Count {
		total += n
	}
	fmt.Fprintf(t.Out, "\n%s of %s and %s: %s\n", pluralOf(total, "quantity", "quantities"), r.Old, r.New, strings.Join(words, ", "))
}

// row is a change as the table shows it.
func (c change) row() []string {
	old, new, tol := number(float64(c.Old)), number(float64(c.New)), number(float64(c.Tolerance))
	if c.Status == statusAdded {
		old, tol = "-", ""
	}
	if c.Status == statusGone {
		new, tol = "-", ""
	}
	if math.IsNaN(float64(c.Tolerance)) {
		tol = ""
	}
	word := statusWords[c.Status]
	if c.Status == statusMoved || c.Status == statusVerdict {
		if x := float64(c.Times); !math.IsNaN(x) {
			word = fmt.Sprintf("moved by %.3g tolerances", x)
		}
		if c.endless {
			word = "moved, with no tolerance"
		}
	}
	verdict := ""
	if c.Status == statusVerdict {
		verdict = c.OldVerdict + " → " + c.NewVerdict
		if math.IsNaN(float64(c.Times)) || float64(c.Times) <= 1 {
			word = statusWords[statusVerdict]
		}
	}
	if c.folded > 0 {
		verdict = strings.TrimSpace(fmt.Sprintf("%s (the most of %d)", verdict, c.folded+1))
	}
	return []string{c.ID, c.Quantity, old, new, tol, word, verdict}
}

// fold keeps of the points of one series that share a fate the one that moved most: a curve that
// shifts is one line of the table, not five hundred.
func fold(list []change) []change {
	type fate struct{ id, series, status string }
	var out []change
	at := map[fate]int{}
	for _, c := range list {
		key := fate{c.ID, c.series, c.Status}
		i, seen := at[key]
		switch {
		case c.series == "" || !seen:
			at[key] = len(out)
			out = append(out, c)
		case c.endless && !out[i].endless || float64(c.Times) > float64(out[i].Times):
			c.folded = out[i].folded + 1
			out[i] = c
		default:
			out[i].folded++
		}
	}
	return out
}

// pluralOf is plural for a word that does not end in s.
func pluralOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// errNoNumbers is why a JSON file cannot be compared.
var errNoNumbers = errors.New("it holds no numbers")
