package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lemma-ml/lemma/lib/book"
	"github.com/lemma-ml/lemma/lib/claim"
)

func errataCommand() *command {
	return &command{
		name:    "errata",
		args:    "[chapter ...]",
		summary: "where the book is wrong, with what is right and why",
		about: `Each erratum belongs to a claim: lemma verify checks the corrected statement and, where it can
be evaluated, sees the printed one fail. Formulas are TeX.`,
		examples: []example{
			{"lemma errata 9", "chapter 9"},
			{"lemma errata -json", "all, for a program"},
		},
		flags: func(fs *flag.FlagSet) action {
			asJSON := fs.Bool("json", false, "print JSON instead of text")
			return func(_ context.Context, t terminal, args []string) error { return errata(t, args, *asJSON) }
		},
	}
}

// erratum is one erratum with the claim it belongs to.
type erratum struct {
	Number  string `json:"number"`
	Claim   string `json:"claim"`
	Where   string `json:"where"`
	Printed string `json:"printed"`
	Correct string `json:"correct"`
	Why     string `json:"why"`
}

func errata(t terminal, args []string, asJSON bool) error {
	registry, err := book.Registry()
	if err != nil {
		return err
	}
	var chapters []int
	for _, a := range args {
		n, err := strconv.Atoi(a)
		if err != nil || n < 1 || n > len(registry.Chapters()) {
			return badUsage("%q is not a chapter; want a number from 1 to %d", a, len(registry.Chapters()))
		}
		chapters = append(chapters, n)
	}
	if len(args) > 0 {
		if _, err := selectClaims(registry, args); err != nil {
			return failure{exitUsage, err}
		}
	}
	list := allErrata(registry, chapters...)
	if asJSON {
		return printJSON(t.Out, map[string]any{"errata": list})
	}
	for i, e := range list {
		if i > 0 {
			fmt.Fprintln(t.Out)
		}
		fmt.Fprintf(t.Out, "%s  %s  (claim %s)\n", e.Number, e.Where, e.Claim)
		width := 100 // also in a pipe
		if w := t.width(); w > 0 {
			width = min(max(w, 60), width)
		}
		for _, part := range []struct{ label, text string }{{"printed", e.Printed}, {"correct", e.Correct}, {"why", e.Why}} {
			if part.text != "" {
				fmt.Fprintf(t.Out, "  %-8s %s\n", part.label, wrap(part.text, width-11, "           "))
			}
		}
	}
	fmt.Fprintf(t.Out, "\n%s\n", pluralOf(len(list), "erratum", "errata"))
	return nil
}

func allErrata(r *claim.Registry, chapters ...int) []erratum {
	list := []erratum{}
	for _, c := range r.Errata(chapters...) {
		for _, e := range c.Errata {
			list = append(list, erratum{Number: e.Number, Claim: c.ID, Where: e.Where, Printed: e.Printed, Correct: e.Correct, Why: e.Why})
		}
	}
	slices.SortStableFunc(list, func(a, b erratum) int { return compareNumbers(a.Number, b.Number) })
	return list
}

// compareNumbers orders "9.2" before "9.10".
func compareNumbers(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		m, errM := strconv.Atoi(x[i])
		n, errN := strconv.Atoi(y[i])
		c := cmp.Compare(x[i], y[i])
		if errM == nil && errN == nil {
			c = cmp.Compare(m, n)
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(len(x), len(y))
}
