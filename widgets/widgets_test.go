package widgets

import (
	"bytes"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/figure"
)

// inNotebook runs f as if in a cell and returns the HTML and the text it displays.
func inNotebook(t *testing.T, f func()) (html, text string) {
	t.Helper()
	was, old := gonbui.IsNotebook, send
	defer func() { gonbui.IsNotebook, send = was, old }()
	gonbui.IsNotebook = true
	send = func(h, p string) { html, text = html+h, text+p }
	f()
	return html, text
}

func TestShowInNotebook(t *testing.T) {
	f := gallery()[1]
	byPointer, text := inNotebook(t, func() { Show(f) })
	byValue, _ := inNotebook(t, func() { Show(*f) })
	took := regexp.MustCompile(`<tr><th scope="row">time</th><td>[^<]*</td></tr>`)
	if took.ReplaceAllString(byPointer, "") != took.ReplaceAllString(byValue, "") {
		t.Error("a figure and a pointer to it show differently")
	}
	for _, want := range []string{`<figure class="lemma lemma-fig"`, `<style data-lemma-once="lemma-figure">`, `<script data-lemma-once="lemma-figure">`, f.Alt[:40]} {
		if !strings.Contains(byPointer, want) {
			t.Errorf("the output lacks %q", want)
		}
	}
	if !strings.Contains(text, "approaches its limit") {
		t.Errorf("text beside the HTML: %q", text)
	}
}

func TestShowRefusesWrongFigures(t *testing.T) {
	for why, f := range map[string]*figure.Figure{"nil": nil, "no alt text": {ID: "x", Panels: []figure.Panel{{X: figure.Axis{Label: "x"}, Y: figure.Axis{Label: "y"}}}}} {
		if _, err := SVG(f); err == nil {
			t.Errorf("%s: SVG has no error", why)
		}
		func() {
			defer func() {
				if err, ok := recover().(error); !ok || !strings.Contains(err.Error(), "widgets.Show") {
					t.Errorf("%s: Show panicked with %v", why, err)
				}
			}()
			Show(f)
		}()
	}
}

// The two file forms have one shape, and every figure of the gallery can be written as both.
func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	for _, f := range gallery() {
		for _, ext := range []string{".svg", ".png"} {
			path := filepath.Join(dir, f.ID+ext)
			if err := WriteFile(f, path); err != nil {
				t.Fatal(err)
			}
		}
		var b bytes.Buffer
		if err := PNG(&b, f, 600); err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(&b)
		if err != nil || img.Bounds().Dx() != 600 {
			t.Errorf("%s: PNG of %v (%v), want 600 wide", f.ID, img.Bounds(), err)
		}
	}
	f := gallery()[1]
	if err := WriteFile(f, filepath.Join(dir, "x.pdf")); err == nil || !strings.Contains(err.Error(), ".svg or .png") {
		t.Errorf("an unknown extension: %v", err)
	}
	if err := WriteFile(f, filepath.Join(dir, "none", "x.svg")); err == nil {
		t.Error("a folder that does not exist: no error")
	}
	if err := PNG(&bytes.Buffer{}, f, 3); err == nil {
		t.Error("a width of 3: no error")
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v (%v)", left, err)
	}
	if info, err := os.Stat(filepath.Join(dir, f.ID+".svg")); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("mode %v (%v), want 0644", info.Mode(), err)
	}
}

func TestClaimCard(t *testing.T) {
	all := outcomes()
	html, text := inNotebook(t, func() { ClaimCard(all[0]) })
	for _, want := range []string{"<b>Holds</b>", "<math", "9.T1", "as printed", "the printed value is seen to fail", "vacuous: 1 holds anyway", "Erratum 9.10",
		"refuted by", "survived", "lemma verify 9.T1 -seed 0", "412 ms", "ntk.Flow", "golden value", `<figure class="lemma lemma-fig"`} {
		if !strings.Contains(html, want) {
			t.Errorf("the card lacks %q", want)
		}
	}
	for _, want := range []string{"✓ Holds", "as printed; must fail", "(vacuous)", "golden value", "Erratum 9.10", "survived", "lemma verify 9.T1 -seed 0"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q", want)
		}
	}
	if html := ClaimHTML(all[1]); !strings.Contains(html, "<b>Fails</b>") || !strings.Contains(html, "c-fails") {
		t.Error("a failed claim does not say so")
	}
	if html := ClaimHTML(all[2]); !strings.Contains(html, "<b>Inconclusive</b>") || !strings.Contains(html, "needs a backend, got none") {
		t.Error("a claim without evidence does not say why")
	}
}

// Both forms of a card set the relation before the theory's value, and theory before measured.
func TestRelationStandsBeforeTheory(t *testing.T) {
	o := claim.Outcome{Claim: &claim.Claim{ID: "1.T1", Title: "A bound"}, Verdict: claim.Holds, Evidence: []claim.Evidence{
		claim.Below("error", 1.5, 0.25, claim.Exact),
		claim.Above("gap", 0.125, 0.75, claim.Exact),
		claim.Equals("rank", 7, 7, claim.Exact),
	}}
	html, text := ClaimHTML(o), ClaimText(o)
	for _, want := range []string{
		`<td data-l="theory"><span class="c-rel">≤</span> 1.5</td><td data-l="measured">0.25</td>`,
		`<td data-l="theory"><span class="c-rel">≥</span> 0.125</td><td data-l="measured">0.75</td>`,
		`<td data-l="theory">7</td><td data-l="measured">7</td>`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the card lacks %q", want)
		}
	}
	for _, want := range []string{
		"     compared   theory  measured  tolerance  cause\n",
		"  ✓  error       ≤ 1.5      0.25       none  exact\n",
		"  ✓  gap       ≥ 0.125      0.75       none  exact\n",
		"  ✓  rank            7         7       none  exact\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
}

func TestValuesShowTheirDifference(t *testing.T) {
	for _, c := range []struct {
		why              string
		e                claim.Evidence
		theory, measured string
	}{
		{"four digits are the least, zeros that both have go", claim.Equals("", 1, 1.5, claim.Because(1, "")), "1.0", "1.5"},
		{"counts", claim.Equals("", 9, 9, claim.Because(1, "")), "9", "9"},
		{"the same decimals", claim.Equals("", 1.99, 1.982, claim.Because(.03, "")), "1.990", "1.982"},
		{"a printed value needs few", claim.Equals("", 1.5202064, -0.20766187, claim.Because(1e-6, "")).AsPrinted(), "1.5202", "−0.2077"},
		{"digits down to the tolerance", claim.Equals("", 63.352768, 63.352771, claim.Because(1e-5, "")), "63.352768", "63.352771"},
		{"ten at most", claim.Equals("", 1.0/3, 1.0/3+1e-16, claim.Rounding(1, 4)), "0.3333333333", "0.3333333333"},
		{"a bound needs no more than four", claim.Below("", 1.49412, 0.0573, claim.Exact), "1.494", "0.0573"},
		{"no number", claim.Equals("", 1, math.NaN(), claim.Exact), "1", "NaN"},
	} {
		if a, b := values(c.e); a != c.theory || b != c.measured {
			t.Errorf("%s: %s and %s, want %s and %s", c.why, a, b, c.theory, c.measured)
		}
	}
}

func TestProse(t *testing.T) {
	for _, c := range []struct{ why, in, want string }{
		{"plain", "a < b & c", "a &lt; b &amp; c"},
		{"an escaped dollar", `costs \$5`, "costs $5"},
		{"a lone dollar", "costs $5", "costs $5"},
		{"indices as typed", "λ_10 of H* - y", "λ<sub>10</sub> of H* − y"},
		{"powers of ten", "1e-05 and 2.99e+03", "10<sup>−5</sup> and 2990"},
		{"code", "see `a_b` and `c", "see <code>a_b</code> and `c"},
	} {
		if got := prose(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
	if got := prose("for $x<1$ and $$y$$"); strings.Count(got, "<math") != 2 || strings.Contains(got, "$") {
		t.Errorf("two formulas became %q", got)
	}
	if got := prose(`$\nosuch{x}$`); !strings.Contains(got, "math-error") || !strings.Contains(got, `\nosuch`) {
		t.Errorf("a formula in error became %q", got)
	}
}

func TestTableAndErrata(t *testing.T) {
	html, text := inNotebook(t, func() {
		Table([]string{"name", "$n$", "verdict"}, [][]any{{"<b>", 12000, claim.Holds}, {"short"}})
	})
	if !strings.Contains(html, "&lt;b&gt;") || !strings.Contains(html, "<math") || !strings.Contains(html, "Holds") {
		t.Errorf("table: %s", html)
	}
	if !strings.Contains(text, "12\u202f000") {
		t.Errorf("table as text: %q", text)
	}
	c := outcomes()[0].Claim
	html, text = inNotebook(t, func() { Errata([]*claim.Claim{c}) })
	if !strings.Contains(html, "Erratum 9.10") || !strings.Contains(text, "9.10  section 9.3 (9.T1)") {
		t.Errorf("errata: %s\n%s", html, text)
	}
}
