package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/book"
	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/widgets"
	"github.com/lemma-ml/lemma/xla"
)

func verifyCommand() *command {
	return &command{
		name:    "verify",
		args:    "[chapter | ID ...]",
		summary: "check claims of the book against measurement",
		about: `A claim is a row of the book: a theorem, a bound, a figure, an exercise. Its check compares
a theory value with a value reached by another route, within a tolerance that has a cause, and the
verdict follows: holds, fails or inconclusive. Rows of the book without a claim are listed as
missing. -power also runs each claim's alternatives (a wrong constant, a broken hypothesis), which
its check must refute.

The exit code is 0 if nothing fails (and, with -power, nothing survives), 1 if something does, 2 for
bad usage.`,
		examples: []example{
			{"lemma verify", "everything"},
			{"lemma verify 9", "chapter 9"},
			{"lemma verify 9.L2 -v", "one row of the book, with all its evidence"},
			{"lemma verify 9 -power", "can the checks fail?"},
			{"lemma verify 9 -json > claims.json", "for a program"},
			{"lemma verify 9 -backend simd,xla:cuda -agree", "do two backends give the same quantities?"},
		},
		flags: func(fs *flag.FlagSet) action {
			var v verify
			fs.BoolVar(&v.json, "json", false, "print JSON instead of a table")
			fs.BoolVar(&v.power, "power", false, "also run the alternatives, which must fail")
			fs.BoolVar(&v.all, "v", false, "print all evidence, causes and notes")
			fs.StringVar(&v.junit, "junit", "", "also write a JUnit report to `file`")
			fs.StringVar(&v.backend, "backend", "auto", "compute on `name`: auto, simd, go, xla, xla:cuda, xla:/path/plugin.so")
			fs.BoolVar(&v.agree, "agree", false, "with -backend a,b: compare the quantities of the two backends")
			fs.Uint64Var(&v.seed, "seed", 0, "all randomness derives from `n`, 0 being an ordinary seed")
			fs.IntVar(&v.workers, "j", 0, "check `n` claims at a time (0: as many as there are cores, at most 4)")
			return v.run
		},
	}
}

// verify holds the command's flags.
type verify struct {
	json, power, all, agree bool
	junit, backend          string
	seed                    uint64
	workers                 int
}

func (v *verify) run(ctx context.Context, t terminal, args []string) error {
	if v.workers < 0 {
		return badUsage("-j %d, want 0 or more", v.workers)
	}
	names := []string{v.backend}
	if v.agree {
		if names = splitBackends(v.backend); len(names) != 2 {
			return badUsage("-agree compares two backends, got -backend %q; want -backend a,b", v.backend)
		}
		if v.power || v.junit != "" {
			return badUsage("-agree goes with neither -power nor -junit")
		}
	}
	for _, name := range names {
		if err := knownBackend(name); err != nil {
			return err
		}
	}
	if v.junit != "" {
		if err := hasFolder("-junit", v.junit); err != nil {
			return err
		}
	}
	registry, err := book.Registry()
	if err != nil {
		return err
	}
	claims, err := selectClaims(registry, args)
	if err != nil {
		return failure{exitUsage, err}
	}
	opened := make([]backends.Backend, len(names))
	config := "none"
	if slices.ContainsFunc(claims, func(c *claim.Claim) bool { return c.NeedsBackend }) {
		for i, name := range names {
			b, report, err := xla.Open(ctx, name)
			if err != nil {
				return failure{exitUsage, err}
			}
			defer b.Finalize()
			opened[i], config = b, report.Config
			fmt.Fprintf(t.Err, "backend %s: %s\n", report.Config, report.Because)
		}
	}
	if v.agree {
		return v.runAgree(ctx, t, claims, names, opened)
	}
	meter := widgets.NewProgress(t.Err, "verify", len(claims))
	outcomes := check(ctx, claims, checking{
		Env:     claim.Env{Seed: v.seed, Backend: opened[0]},
		Power:   v.power,
		Workers: v.workers,
		Done:    meter.Set,
	})
	meter.Done()

	s := summarise(outcomes, registry.Missing(chaptersOf(args, claims)...))
	if v.json {
		doc := s.JSON()
		doc.Environment = environment(v.seed, config)
		err = printJSON(t.Out, doc)
	} else {
		v.print(t, outcomes, s)
	}
	if v.junit != "" {
		err = errors.Join(err, data.WriteFile(v.junit, func(w io.Writer) error { return writeJUnit(w, outcomes) }))
	}
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("%d of %d claims were checked: %w", s.checked, len(claims), ctx.Err())
	case s.failed+s.survived > 0:
		return failed
	}
	return nil
}

// print writes the table, then what a reader should not miss.
func (v *verify) print(t terminal, outcomes []claim.Outcome, s summary) {
	tab := table{head: []string{"ID", "title", "measured", "", "theory", "tolerance", "verdict", "seconds"}, flex: []int{1, 5}}
	for _, o := range outcomes {
		if notChecked(o) {
			continue
		}
		seconds := fmt.Sprintf("%.2f", o.Seconds)
		e := toJSON(o).telling()
		switch {
		case o.Err != nil:
			tab.add(o.Claim.ID, o.Claim.Title, "-", "", "-", "", "error", seconds)
		case v.all:
			tab.add(o.Claim.ID, o.Claim.Title, "", "", "", "", string(o.Verdict), seconds)
		case e == nil:
			tab.add(o.Claim.ID, o.Claim.Title, "-", "", "-", "", string(o.Verdict), seconds)
		default:
			tab.add(o.Claim.ID, o.Claim.Title, number(float64(e.Measured)), e.sign(), number(float64(e.Theory)), number(float64(e.Tolerance)), string(o.Verdict), seconds)
		}
		if v.all {
			for _, e := range o.Evidence {
				tab.add("", "  "+evidenceName(e), number(e.Measured), evidenceOf(e).sign(), number(e.Theory), number(e.Tolerance.Value)+" ("+e.Tolerance.Cause+")", string(e.Verdict()), "")
			}
		}
	}
	tab.write(t.Out, t.width())
	for _, o := range outcomes {
		if o.Err != nil && !notChecked(o) {
			fmt.Fprintf(t.Out, "\n%s: no evidence: %v\n", o.Claim.ID, o.Err)
		}
		for _, e := range o.Evidence {
			if e.Verdict() != claim.Holds {
				fmt.Fprintf(t.Out, "\n%s %s: %s: measured %s, theory %s %s, tolerance %s: %s\n", o.Claim.ID, e.Verdict(), evidenceName(e),
					number(e.Measured), evidenceOf(e).sign(), number(e.Theory), number(e.Tolerance.Value), e.Tolerance.Cause)
				if e.Coarse != "" {
					fmt.Fprintf(t.Out, "  too coarse to tell: %s\n", e.Coarse)
				}
			}
		}
		if v.all {
			for _, n := range o.Notes {
				fmt.Fprintf(t.Out, "\n%s: %s\n", o.Claim.ID, n)
			}
		}
		for _, p := range o.Power {
			switch {
			case p.Survived && p.Err != nil:
				fmt.Fprintf(t.Out, "\n%s: the alternative %q could not be run: %v\n", o.Claim.ID, p.Name, p.Err)
			case p.Survived:
				fmt.Fprintf(t.Out, "\n%s: the alternative %q survives: the check cannot tell it from the truth\n", o.Claim.ID, p.Name)
			case v.all:
				fmt.Fprintf(t.Out, "\n%s: the alternative %q fails, as it must, on %s\n", o.Claim.ID, p.Name, p.By)
			}
		}
	}
	fmt.Fprintf(t.Out, "\n%s: %d hold, %d fail, %d inconclusive", plural(s.checked, "claim"), s.holds, s.failed, s.inconclusive)
	if v.power {
		fmt.Fprintf(t.Out, "; %s, %d survive", plural(s.alternatives, "alternative"), s.survived)
	}
	fmt.Fprintf(t.Out, "; seed %d\n", v.seed)
	if len(s.missing) > 0 {
		fmt.Fprintf(t.Out, "%s of the book without a claim:", plural(len(s.missing), "row"))
		for _, row := range s.missing {
			fmt.Fprintf(t.Out, " %s", row.ID)
		}
		fmt.Fprintln(t.Out)
	}
}

// relationOf is how measured stands to theory where the evidence holds: for a printed erratum, which
// holds its place by failing, the opposite of what is printed.
func relationOf(e claim.Evidence) string {
	relation := e.Relation
	if relation == "" {
		relation = claim.Equal
	}
	if e.Printed {
		return map[claim.Relation]string{claim.Equal: "!=", claim.AtMost: ">", claim.AtLeast: "<"}[relation]
	}
	return string(relation)
}

// sign is the relation as a table shows it, between measured and theory.
func (e evidenceJSON) sign() string {
	return strings.NewReplacer("!=", "≠", "<=", "≤", ">=", "≥").Replace(e.Relation)
}

// knownBackend refuses a name that no claim could be computed on, whether or not one needs it. Which
// plugins there are is found out when one is opened.
func knownBackend(name string) error {
	if list := splitBackends(name); len(list) > 1 {
		return badUsage("-backend %s names %d; want one, or two with -agree", name, len(list))
	}
	kind, _, _ := strings.Cut(strings.TrimSpace(name), ":")
	if !slices.Contains(append(backends.List(), "auto", "xla"), kind) {
		return badUsage("-backend %q: no such backend; known are %s", name, strings.Join(xla.Names(), ", "))
	}
	return nil
}

func evidenceName(e claim.Evidence) string {
	if e.Printed {
		return e.Name + " (as printed: must fail)"
	}
	return e.Name
}

// selectClaims is Registry.Select, where a chapter that has no claims yet is an error that says so.
func selectClaims(r *claim.Registry, args []string) ([]*claim.Claim, error) {
	claims, err := r.Select(args...)
	if err != nil {
		return nil, err
	}
	for _, a := range args {
		n, err := strconv.Atoi(a)
		if err != nil {
			continue
		}
		for _, ch := range r.Chapters() {
			if ch.Number == n && len(ch.Claims) == 0 {
				return nil, fmt.Errorf("chapter %d (%s) has no claims yet", n, ch.Title)
			}
		}
	}
	return claims, nil
}

// chaptersOf returns the chapters whose missing rows matter: those asked for as a whole, all that
// have claims if nothing was asked for, and none for single claims.
func chaptersOf(args []string, claims []*claim.Claim) []int {
	var out []int
	for _, a := range args {
		if n, err := strconv.Atoi(a); err == nil {
			out = append(out, n)
		}
	}
	if len(args) == 0 {
		for _, c := range claims {
			out = append(out, chapterOf(c))
		}
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) == 0 {
		return []int{0} // no chapter has this number: nothing is missing
	}
	return out
}

// chapterOf returns the chapter a claim belongs to: 9 for "9.L2".
func chapterOf(c *claim.Claim) int {
	prefix, _, _ := strings.Cut(c.ID, ".")
	n, _ := strconv.Atoi(prefix)
	return n
}

// splitBackends splits "a,b" where a backend's own options may hold commas too: a part that names no
// backend belongs to the one before.
func splitBackends(list string) []string {
	var out []string
	known := append(backends.List(), "auto", "xla")
	for _, part := range strings.Split(list, ",") {
		kind, _, _ := strings.Cut(part, ":")
		if len(out) > 0 && !slices.Contains(known, kind) {
			out[len(out)-1] += "," + part
			continue
		}
		out = append(out, part)
	}
	return out
}

// notChecked reports whether the claim was left out because of an interruption.
func notChecked(o claim.Outcome) bool {
	return errors.Is(o.Err, context.Canceled) || errors.Is(o.Err, context.DeadlineExceeded)
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
