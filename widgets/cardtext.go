package widgets

import (
	"fmt"
	"math"
	"strings"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/widgets/num"
)

// ClaimText returns the card as plain lines of at most about 100 characters.
func ClaimText(o claim.Outcome) string {
	c := o.Claim
	var b strings.Builder
	mark := map[claim.Verdict]string{claim.Holds: "✓", claim.Fails: "✗", claim.Inconclusive: "~"}
	fmt.Fprintf(&b, "%s %s  %s: %s (%s)\n", mark[o.Verdict], verdictWord(o.Verdict), c.ID, c.Title, c.Ref)
	indent := func(text string) {
		for _, line := range fold(text, 94) {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	indent(c.Statement)
	if o.Err != nil {
		indent("No evidence: " + o.Err.Error())
	}
	var rows [][]string
	for _, e := range o.Evidence {
		theory, measured := values(e)
		name := e.Name
		if e.Printed {
			name += " (as printed; must fail)"
		}
		if e.Vacuous() {
			name += " (vacuous)"
		}
		v := mark[e.Verdict()]
		rows = append(rows, []string{"  " + v, name, strings.TrimSpace(relation(e.Relation) + " " + theory), measured, tolerance(e.Tolerance), e.Tolerance.Cause})
	}
	if len(rows) > 0 {
		head := []string{"", "compared", "theory", "measured", "tolerance", "cause"}
		b.WriteString(columns(append([][]string{head}, rows...), []bool{false, false, true, true, true, false}))
	}
	for _, e := range c.Errata {
		indent(fmt.Sprintf("Erratum %s, %s. Printed: %s Correct: %s %s", e.Number, e.Where, e.Printed, e.Correct, e.Why))
	}
	for _, n := range o.Notes {
		indent("Note: " + n)
	}
	for _, p := range o.Power {
		switch {
		case p.Err != nil:
			indent(fmt.Sprintf("Alternative %q could not be run: %v", p.Name, p.Err))
		case p.Survived:
			indent(fmt.Sprintf("Alternative %q survived: the check does not notice it", p.Name))
		default:
			indent(fmt.Sprintf("Alternative %q refuted by %s", p.Name, p.By))
		}
	}
	facts := []string{fmt.Sprintf("seed %d", o.Seed), seconds(o.Seconds)}
	if t := o.Tightness(); !math.IsNaN(t) {
		facts = append([]string{"bound " + num.Format(t, 3) + " × measured"}, facts...)
	}
	fmt.Fprintf(&b, "  %s · %s\n", strings.Join(facts, " · "), Command(o))
	if o.Figure != nil {
		b.WriteString(Text(o.Figure))
	}
	return b.String()
}

// columns sets rows in columns two spaces apart; right says which are aligned to the right.
func columns(rows [][]string, right []bool) string {
	var width []int
	for _, r := range rows {
		for i, s := range r {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], len([]rune(s)))
		}
	}
	var b strings.Builder
	for _, r := range rows {
		line := ""
		for i, s := range r {
			pad := strings.Repeat(" ", width[i]-len([]rune(s)))
			if i > 0 {
				line += "  "
			}
			if i < len(right) && right[i] {
				line += pad + s
			} else {
				line += s + pad
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}
