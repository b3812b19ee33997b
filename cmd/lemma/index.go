package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lemma-ml/lemma/jupyter/html"
	"github.com/lemma-ml/lemma/jupyter/ipynb"
	"github.com/lemma-ml/lemma/lib/claim"
)

// index writes report/index.html, with the table of claims, and report/errata.html.
func (r *reporter) index(registry *claim.Registry, pages []reportPage, claims reportClaims) error {
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	data := html.IndexData{
		Title: "Theory of Deep Learning, executed",
		Intro: "Each chapter of the book as a notebook that was run to make this page, and each of its statements as a claim " +
			"that was checked: a theory value against a value reached by another route, within a tolerance that has a cause.",
		Footer: footer(claims),
	}
	hrefs := map[int]string{} // of chapters
	for _, p := range pages {
		n, _ := strconv.Atoi(chapterNumber(p.job.path))
		hrefs[n] = p.href
		link := html.PageLink{Title: p.title, Href: p.href, Status: "ok", Seconds: p.job.res.Elapsed.Seconds(), ErrorCount: len(p.stats.Errors)}
		if p.job.err != nil {
			link.Status, link.Summary = "failed", "The run stopped: `"+strings.ReplaceAll(p.job.err.Error(), "`", "'")+"`"
		}
		data.Pages = append(data.Pages, link)
	}
	of := map[string]*claim.Claim{}
	var shown []int
	for _, ch := range registry.Chapters() {
		if hrefs[ch.Number] != "" {
			shown = append(shown, ch.Number)
		}
		for i := range ch.Claims {
			of[ch.Claims[i].ID] = &ch.Claims[i]
		}
	}
	if list := allErrata(registry, shown...); len(shown) > 0 && len(list) > 0 {
		data.Intro += fmt.Sprintf("\n\nOn the way [%s of the book](errata.html) came to light.", pluralOf(len(list), "erratum", "errata"))
		if err := r.errata(list, hrefs, data.Footer); err != nil {
			return err
		}
	}
	if len(claims.list) > 0 {
		data.Tables = append(data.Tables, claimsTable(claims, of, hrefs))
	}
	if len(claims.missing) > 0 {
		data.Tables = append(data.Tables, missingTable(claims.missing))
	}
	_, err := html.WriteIndex(filepath.Join(r.out, "index.html"), data)
	return err
}

// errata writes report/errata.html: a section an erratum.
func (r *reporter) errata(list []erratum, hrefs map[int]string, footer string) error {
	nb := ipynb.New("gonb", "go")
	add := func(format string, args ...any) {
		nb.Cells = append(nb.Cells, ipynb.NewCell(ipynb.Markdown, fmt.Sprintf(format, args...)))
	}
	add("# Errata of the book\n\nPlaces where the book's text is wrong. The claim named with each checks the corrected statement and, where the " +
		"printed one can be evaluated, sees it fail. `lemma errata` prints this list.")
	for _, e := range list {
		text := fmt.Sprintf("## %s: %s\n\n**Printed.** %s\n\n**Correct.** %s", e.Number, e.Where, e.Printed, e.Correct)
		if e.Why != "" {
			text += "\n\n**Why.** " + e.Why
		}
		chapter, _, _ := strings.Cut(e.Claim, ".")
		n, _ := strconv.Atoi(chapter)
		add("%s\n\nClaim [%s](%s)", text, e.Claim, hrefs[n])
	}
	_, err := html.WritePage(filepath.Join(r.out, "errata.html"), nb, html.PageOptions{
		Trusted: true, Home: html.Link{Title: "Lemma", Href: "index.html"}, Footer: footer})
	return err
}

func footer(claims reportClaims) string {
	s := "Made by `lemma report`. "
	if claims.backend != "" {
		s += fmt.Sprintf("Claims: backend `%s`, seed %d; `lemma verify` repeats them.", filepath.Base(claims.backend), reportSeed)
	}
	return s
}

// claimsTable has a row a claim, with the piece of evidence that tells most.
func claimsTable(claims reportClaims, of map[string]*claim.Claim, hrefs map[int]string) html.Table {
	t := html.Table{
		Caption: "Claims",
		Intro: fmt.Sprintf("%s. Measured and theory are those of the piece of evidence that uses most of its tolerance; the tolerance says "+
			"its cause when it is pointed at. Tightness is bound over measured: 1 is tight. `lemma verify ID -v` prints all evidence.", counts(claims.list)),
		Columns: []string{"ID", "Statement", "Verdict", "Measured", "Theory", "Tolerance", "Tightness", "Seconds"},
	}
	for _, c := range claims.list {
		row := make([]html.Cell, len(t.Columns))
		row[0].Text = c.ID
		row[1].Markdown = "**" + escapeMarkdown(c.Title) + ".**"
		if known := of[c.ID]; known != nil {
			row[0].Href = hrefs[chapterOf(known)]
			row[1].Markdown += " " + strings.Join(strings.Fields(known.Statement), " ") + " *" + known.Ref + "*"
		}
		verdict := string(c.Verdict)
		if c.Error != "" {
			verdict = "fails"
			row[1].Markdown += " (no evidence: " + c.Error + ")"
		}
		row[2] = html.Cell{Text: verdict, Class: verdict}
		if e := c.telling(); e != nil {
			row[3] = html.Cell{Text: brief(float64(e.Measured)), Class: "num", Sort: number(float64(e.Measured))}
			row[4] = html.Cell{Text: brief(float64(e.Theory)), Class: "num", Sort: number(float64(e.Theory))}
			if s := e.sign(); s != "=" { // measured ≤ theory
				row[4].Text = s + " " + row[4].Text
			}
			row[5] = html.Cell{HTML: fmt.Sprintf(`<span title="%s">%s</span>`, escapeAttr(e.Cause), brief(float64(e.Tolerance))), Class: "num", Sort: number(float64(e.Tolerance))}
		}
		if x := float64(c.Tightness); !math.IsNaN(x) {
			row[6] = html.Cell{Text: brief(x), Class: "num", Sort: number(x)}
			if c.Vacuous {
				row[6].Text += " (vacuous)"
			}
		}
		row[7] = html.Cell{Text: fmt.Sprintf("%.2f", c.Seconds), Class: "num"}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// brief is a number in four digits, for a table that is read; what repeats the claim prints more.
func brief(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return fmt.Sprintf("%.4g", x)
}

func counts(list []claimJSON) string {
	n := map[claim.Verdict]int{}
	for _, c := range list {
		if c.Error != "" {
			n[claim.Fails]++
			continue
		}
		n[c.Verdict]++
	}
	return fmt.Sprintf("%s: %d hold, %d fail, %d inconclusive", plural(len(list), "claim"), n[claim.Holds], n[claim.Fails], n[claim.Inconclusive])
}

// missingTable lists the rows of the book that no claim is about yet.
func missingTable(rows []claim.Row) html.Table {
	t := html.Table{Caption: "Not yet", Intro: "Rows of the book without a claim.", Columns: []string{"ID", "Place", "Kind", "What"}}
	for _, r := range rows {
		t.Rows = append(t.Rows, []html.Cell{{Text: r.ID}, {Text: r.Ref}, {Text: string(r.Kind)}, {Markdown: r.What}})
	}
	return t
}

// escapeMarkdown keeps a title such as "The limit kernel H*" from being read as emphasis.
func escapeMarkdown(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`).Replace(s)
}

func escapeAttr(s string) string {
	return strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;", ">", "&gt;").Replace(s)
}
