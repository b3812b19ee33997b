package widgets

import (
	_ "embed"
	"fmt"
	"html"
	"math"
	"strings"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/num"
	"github.com/lemma-ml/lemma/widgets/svg"
)

//go:embed card.css
var cardCSS string

// cardStyle is the style of cards and tables.
func cardStyle() string {
	return svg.Style() + "\n" + `<style data-lemma-once="lemma-card">` + cardCSS + "</style>\n"
}

// ClaimCard shows what was found about a claim: statement, verdict, theory beside measurement with
// each tolerance and its cause, what the book prints otherwise, tightness, the alternatives and what
// refuted them, seed, cost, the command that repeats it, and its figure.
func ClaimCard(o claim.Outcome) { display(ClaimHTML(o), ClaimText(o)) }

// verdictIcon is drawn, so that the verdict does not rest on colour or on the fonts of the reader.
func verdictIcon(v claim.Verdict) string {
	const head = `<svg class="c-icon" width="18" height="18" viewBox="0 0 18 18" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><circle cx="9" cy="9" r="7.6" stroke-width="1.5"/>`
	switch v {
	case claim.Holds:
		return head + `<path d="M5.4 9.3l2.5 2.5 4.8-5.3"/></svg>`
	case claim.Fails:
		return head + `<path d="M6 6l6 6M12 6l-6 6"/></svg>`
	}
	return head + `<path d="M5.6 9.8c1.2-1.6 2.3-1.6 3.4-.8s2.2.8 3.4-.8"/></svg>`
}

func verdictWord(v claim.Verdict) string {
	switch v {
	case claim.Holds:
		return "Holds"
	case claim.Fails:
		return "Fails"
	}
	return "Inconclusive"
}

// relation is the sign that a card writes before the theory's value, which is how the measured one
// must stand to it: "≤ 1.494". An equality needs none.
func relation(r claim.Relation) string {
	switch r {
	case claim.AtMost:
		return "≤"
	case claim.AtLeast:
		return "≥"
	}
	return ""
}

// values writes the two numbers of a comparison with as many digits as their difference and the
// tolerance deserve: at least four, at most ten.
func values(e claim.Evidence) (theory, measured string) {
	digits := 4
	fine := e.Tolerance.Value
	if d := math.Abs(e.Measured - e.Theory); d > 0 && (fine == 0 || d < fine) && e.Relation == claim.Equal {
		fine = math.Max(d, fine/10)
	}
	size := math.Max(math.Abs(e.Theory), math.Abs(e.Measured))
	if fine > 0 && size > 0 && e.Relation == claim.Equal {
		digits = max(4, min(10, int(math.Ceil(math.Log10(size/fine)))+1))
	}
	if e.Printed {
		digits = min(digits, 5) // it must differ, and does not do so in the tenth digit
	}
	if !(size >= 1e-3 && size < 1e6) || e.Relation != claim.Equal {
		return num.Format(e.Theory, digits), num.Format(e.Measured, digits)
	}
	// The same decimals in both, less the zeros that both end in.
	decimals := max(0, digits-1-int(math.Floor(math.Log10(size))))
	for {
		theory, measured = num.Fixed(e.Theory, decimals), num.Fixed(e.Measured, decimals)
		if decimals == 0 || !strings.HasSuffix(theory, "0") || !strings.HasSuffix(measured, "0") {
			return theory, measured
		}
		decimals--
	}
}

// comparison says how the values stand: the distance, or for a bound how much room is left.
func comparison(e claim.Evidence) string {
	d := e.Measured - e.Theory
	switch {
	case math.IsNaN(d):
		return "not a number"
	case d == 0:
		return "equal"
	case e.Relation == claim.Equal:
		return "off by\u00a0" + num.Format(math.Abs(d), 2)
	}
	if t := e.Tightness(); t > 0 && !math.IsNaN(t) {
		return "ratio\u00a0" + ratio(t)
	}
	return "room\u00a0" + num.Format(math.Abs(d), 2)
}

// ratio shows a fourth digit where three would read as one.
func ratio(t float64) string {
	if math.Abs(t-1) < 0.01 {
		return num.Format(t, 4)
	}
	return num.Format(t, 3)
}

func tolerance(t claim.Tolerance) string {
	if t.Value == 0 {
		return "none"
	}
	return "±" + num.Format(t.Value, 2)
}

// Command is the command line that repeats the check.
func Command(o claim.Outcome) string {
	return fmt.Sprintf("lemma verify %s -seed %d", o.Claim.ID, o.Seed)
}

// seconds of work as a reader would say them.
func seconds(s float64) string {
	switch {
	case s < 0.001:
		return "under 1 ms"
	case s < 1:
		return num.Format(math.Round(1000*s), 3) + " ms"
	case s < 100:
		return num.Format(s, 2) + " s"
	}
	return fmt.Sprintf("%d min %d s", int(s)/60, int(s)%60)
}

// ClaimHTML returns the card as HTML, style included.
func ClaimHTML(o claim.Outcome) string {
	c := o.Claim
	var b strings.Builder
	b.WriteString(cardStyle())
	id := "lemma-claim-" + strings.Map(func(r rune) rune {
		if r < 128 && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
			return r
		}
		return '-'
	}, c.ID)
	fmt.Fprintf(&b, `<section class="lemma lemma-card c-%s" id="%s" aria-labelledby="%s-h">`+"\n", o.Verdict, id, id)
	fmt.Fprintf(&b, `<div class="c-head"><span class="c-verdict">%s<b>%s</b></span><span class="c-title" id="%s-h">%s</span><span class="c-ref">%s · %s</span></div>`+"\n",
		verdictIcon(o.Verdict), verdictWord(o.Verdict), id, prose(c.Title), html.EscapeString(c.Ref), html.EscapeString(c.ID))
	fmt.Fprintf(&b, `<div class="c-statement">%s</div>`+"\n", prose(c.Statement))
	if o.Err != nil {
		fmt.Fprintf(&b, `<p class="c-error"><b>No evidence.</b> %s</p>`+"\n", html.EscapeString(o.Err.Error()))
	}
	evidenceHTML(&b, o)
	for _, e := range c.Errata {
		erratumHTML(&b, e)
	}
	if len(o.Notes) > 0 {
		b.WriteString(`<ul class="c-notes">`)
		for _, n := range o.Notes {
			fmt.Fprintf(&b, "<li>%s</li>", prose(n))
		}
		b.WriteString("</ul>\n")
	}
	powerHTML(&b, o)
	factsHTML(&b, o)
	b.WriteString("</section>\n")
	if o.Figure != nil {
		f := *o.Figure
		if f.Origin.Command == "" {
			f.Origin = figure.Origin{Seed: o.Seed, Command: fmt.Sprintf("lemma draw %s -seed %d", c.ID, o.Seed)}
		}
		s, err := HTML(f)
		if err != nil {
			s = fmt.Sprintf(`<p class="lemma c-error">%s</p>`, html.EscapeString(err.Error()))
		}
		b.WriteString(s)
	}
	return b.String()
}

func evidenceHTML(b *strings.Builder, o claim.Outcome) {
	if len(o.Evidence) == 0 {
		return
	}
	first, rest := split(o.Evidence)
	evidenceTable(b, first)
	if len(rest) > 0 {
		fmt.Fprintf(b, `<details class="c-more"><summary>%d more comparisons, all in agreement</summary>`, len(rest))
		evidenceTable(b, rest)
		b.WriteString("</details>\n")
	}
}

// Of more than maxRows comparisons a card shows someRows at once, and those that say more than
// "agrees": failures, what is too coarse, printed values, vacuous bounds.
const (
	maxRows  = 5
	someRows = 3
)

func split(all []claim.Evidence) (first, rest []claim.Evidence) {
	if len(all) <= maxRows {
		return all, nil
	}
	for _, e := range all {
		if e.Verdict() != claim.Holds || e.Printed || e.Vacuous() || len(first) < someRows {
			first = append(first, e)
		} else {
			rest = append(rest, e)
		}
	}
	return first, rest
}

func evidenceTable(b *strings.Builder, evidence []claim.Evidence) {
	b.WriteString(`<table class="c-evidence"><thead><tr><th scope="col">compared</th><th scope="col">theory</th><th scope="col">measured</th><th scope="col">difference</th><th scope="col">tolerance</th></tr></thead><tbody>` + "\n")
	for _, e := range evidence {
		theory, measured := values(e)
		class, tag := "", ""
		if e.Printed {
			class = ` class="c-printed"`
			tag = `<span class="c-tag">as printed</span> `
		}
		v := e.Verdict()
		word := map[claim.Verdict]string{claim.Holds: "agrees", claim.Fails: "disagrees", claim.Inconclusive: "too coarse to tell"}[v]
		if e.Printed {
			word = map[claim.Verdict]string{claim.Holds: "the printed value is seen to fail", claim.Fails: "the printed value is not refuted", claim.Inconclusive: "too coarse to tell"}[v]
		}
		if e.Relation != claim.Equal && !e.Printed && v == claim.Holds {
			word = "within the bound"
		}
		fmt.Fprintf(b, `<tr%s><th scope="row"><span class="c-mark c-%s">%s<span class="c-sr">%s: </span></span>%s%s</th>`, class, v, verdictIcon(v), word, tag, prose(e.Name))
		if rel := relation(e.Relation); rel == "" {
			fmt.Fprintf(b, `<td data-l="theory">%s</td>`, theory)
		} else {
			fmt.Fprintf(b, `<td data-l="theory"><span class="c-rel">%s</span> %s</td>`, rel, theory)
		}
		fmt.Fprintf(b, `<td data-l="measured">%s</td>`, measured)
		diff := comparison(e)
		if e.Vacuous() {
			diff += `<br><span class="c-tag c-warn">vacuous: ` + num.Format(e.Trivial, 3) + ` holds anyway</span>`
		}
		if e.Coarse != "" {
			diff += `<br><span class="c-cause">` + prose(e.Coarse) + `</span>`
		}
		if e.Printed {
			diff += `<br><span class="c-cause">` + word + `</span>`
		}
		fmt.Fprintf(b, `<td data-l="difference">%s</td><td data-l="tolerance">%s <span class="c-cause">%s</span></td></tr>`+"\n", diff, tolerance(e.Tolerance), prose(e.Tolerance.Cause))
	}
	b.WriteString("</tbody></table>\n")
}

func erratumHTML(b *strings.Builder, e claim.Erratum) {
	fmt.Fprintf(b, `<div class="c-erratum"><div class="c-sub">Erratum %s <span class="c-cause">%s</span></div><dl><dt class="c-bad">printed</dt><dd>%s</dd><dt class="c-good">correct</dt><dd>%s</dd>`,
		html.EscapeString(e.Number), html.EscapeString(e.Where), prose(e.Printed), prose(e.Correct))
	if e.Why != "" {
		fmt.Fprintf(b, `<dt>why</dt><dd>%s</dd>`, prose(e.Why))
	}
	b.WriteString("</dl></div>\n")
}

func powerHTML(b *strings.Builder, o claim.Outcome) {
	if len(o.Power) == 0 {
		return
	}
	b.WriteString(`<div class="c-power"><div class="c-sub">Would the check notice an error?</div><ul>`)
	for _, p := range o.Power {
		mark, text := claim.Holds, "refuted by "+prose(p.By)
		switch {
		case p.Err != nil:
			mark, text = claim.Fails, "could not be run: "+html.EscapeString(p.Err.Error())
		case p.Survived:
			mark, text = claim.Fails, "survived: the check does not notice it"
		}
		fmt.Fprintf(b, `<li><span class="c-mark c-%s">%s</span><span><b>%s</b> <span class="c-cause">%s</span></span></li>`, mark, verdictIcon(mark), prose(p.Name), text)
	}
	b.WriteString("</ul></div>\n")
}

func factsHTML(b *strings.Builder, o claim.Outcome) {
	b.WriteString(`<dl class="c-facts">`)
	fact := func(name, value string) { fmt.Fprintf(b, "<div><dt>%s</dt><dd>%s</dd></div>", name, value) }
	if t := o.Tightness(); !math.IsNaN(t) {
		value := ratio(t) + " × the measured value"
		if o.Vacuous() {
			value += ", vacuous"
		}
		fact("bound", value)
	}
	fact("seed", fmt.Sprint(o.Seed))
	fact("cost", seconds(o.Seconds))
	if o.Claim.Source != "" {
		fact("code", "<code>"+html.EscapeString(o.Claim.Source)+"</code>")
	}
	fact("repeat", `<code class="c-cmd">`+html.EscapeString(Command(o))+"</code>")
	b.WriteString("</dl>\n")
}
