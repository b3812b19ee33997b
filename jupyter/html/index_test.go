package html

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestIndex(t *testing.T) {
	data := IndexData{
		Title: "Report", Site: "Lemma", Intro: "All of $x$.\n\n## How to read\n\ntext", Footer: "the **end**",
		Pages: []PageLink{
			{Title: "9 The $\\Theta$ kernel", Href: "09.html", Summary: "A *summary*.", Status: "ok", Seconds: 3.21},
			{Title: "10 <b>Next</b>", Href: "10.html?a=\"b\"", Status: "failed", ErrorCount: 2, Seconds: 125},
		},
		Tables: []Table{{
			Caption: "Claims", Columns: []string{"ID", "Value", "Verdict", "$\\epsilon$"},
			Rows: [][]Cell{
				{{Text: "9.L2", Href: "09.html#l2"}, {Text: "<3>", Class: "num", Sort: "3"}, {Text: "holds", Class: "holds"}, {TeX: `\frac12`}},
				{{Text: "9.L3"}, {}, {HTML: "<i>raw</i>"}, {Markdown: "see $y$"}},
				{{TeX: `\foo`}},
			},
		}, {Caption: "Claims"}},
	}
	var b strings.Builder
	stats, err := Index(&b, data)
	if err != nil {
		t.Fatal(err)
	}
	page := b.String()
	check(t, page)
	for _, want := range []string{
		`<h1>Report</h1>`, `<h2 id="claims">`, `<h2 id="claims-2">`, `<h2 id="how-to-read">`, `<em>summary</em>`, `<span class="status ok">ok</span>`,
		`2 errors`, `2 min 05 s`, `3.2 s`, `<a href="09.html#l2">9.L2</a>`, `<td class="num" data-sort="3">&lt;3&gt;</td>`, `<th scope="col" class="num">Value</th>`,
		`<span class="status holds">holds</span>`, `<mfrac>`, `<td><i>raw</i></td>`, `see <math>`, `class="math-error"`, `<strong>end</strong>`,
		`href="10.html?a=&#34;b&#34;"`, `role="group" aria-label="Claims"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("index lacks %s", want)
		}
	}
	if stats.Title != "Report" || len(stats.TeXErrors) != 1 {
		t.Errorf("stats %+v", stats)
	}
	if _, err := WriteIndex(filepath.Join(t.TempDir(), "index.html"), IndexData{}); err != nil {
		t.Error(err)
	}
}
