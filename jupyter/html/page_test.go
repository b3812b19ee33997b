package html

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
	"golang.org/x/net/html"
)

// notebook returns a notebook of the given cells.
func notebook(cells ...*ipynb.Cell) *ipynb.Notebook {
	nb := ipynb.New("gonb", "go")
	nb.Cells = cells
	return nb
}

func md(src string) *ipynb.Cell { return ipynb.NewCell(ipynb.Markdown, src) }

func code(src string, outputs ...*ipynb.Output) *ipynb.Cell {
	c := ipynb.NewCell(ipynb.Code, src)
	c.Outputs = outputs
	return c
}

func tagged(tag string, c *ipynb.Cell) *ipynb.Cell {
	c.AddTag(tag)
	return c
}

func display(pairs ...string) *ipynb.Output {
	o := &ipynb.Output{Type: ipynb.DisplayData, Metadata: ipynb.Object{}}
	for i := 0; i < len(pairs); i += 2 {
		o.SetMIME(pairs[i], pairs[i+1])
	}
	return o
}

func stream(name, text string) *ipynb.Output {
	return &ipynb.Output{Type: ipynb.Stream, Name: name, Text: text}
}

func failure(name, value string) *ipynb.Output {
	return &ipynb.Output{Type: ipynb.ErrorOutput, EName: name, EValue: value, Traceback: []string{name + ": " + value}}
}

// write returns the page of nb and checks what every page must be.
func write(t *testing.T, nb *ipynb.Notebook, opt PageOptions) (string, Stats) {
	t.Helper()
	var b strings.Builder
	stats, err := Page(&b, nb, opt)
	if err != nil {
		t.Fatal(err)
	}
	check(t, b.String())
	return b.String(), stats
}

var void = map[string]bool{"meta": true, "link": true, "br": true, "hr": true, "img": true, "input": true, "wbr": true, "col": true}

// check asserts that tags nest, that a browser's parser agrees, and that ids are unique.
func check(t *testing.T, page string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(page))
	var open []string
	for tok := z.Next(); tok != html.ErrorToken; tok = z.Next() {
		name, _ := z.TagName()
		switch tok {
		case html.StartTagToken:
			if !void[string(name)] {
				open = append(open, string(name))
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != string(name) {
				t.Fatalf("</%s> closes %v", name, open)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Fatalf("not closed: %v", open)
	}
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	mains, h1 := 0, 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if id := attr(n, "id"); id != "" {
			if ids[id] {
				t.Errorf("id %q is used twice", id)
			}
			ids[id] = true
		}
		switch n.Data {
		case "main":
			mains++
			if n.Parent.Parent.Data != "body" || !strings.Contains(attr(n.Parent, "class"), "layout") {
				t.Errorf("main was moved into %s", n.Parent.Data)
			}
		case "footer":
			if n.Parent.Data != "body" {
				t.Errorf("the footer was moved into %s", n.Parent.Data)
			}
		case "h1":
			h1++
		case "html":
			if attr(n, "lang") == "" {
				t.Error("no lang")
			}
		case "img":
			if attr(n, "alt") == "" {
				t.Error("an image without alt")
			}
			if !strings.HasPrefix(attr(n, "src"), "data:") {
				t.Errorf("an image from %s", attr(n, "src"))
			}
		case "a":
			if href := attr(n, "href"); strings.HasPrefix(href, "#") {
				defer func() {
					if !ids[href[1:]] {
						t.Errorf("link to %s leads nowhere", href)
					}
				}()
			}
		}
	}
	if mains != 1 || h1 == 0 {
		t.Errorf("%d main, %d h1", mains, h1)
	}
}

func TestPageParts(t *testing.T) {
	nb := notebook(
		md("# Kernels of $K$\n\nText with $x^2$.\n\n## One\n\n## One\n\n### Two `code`"),
		code("fmt.Println(1) // one", stream("stdout", "1\n")),
		tagged("hide-input", code("hidden()")),
		tagged("remove-input", code("removed()", stream("stdout", "shown\n"))),
		tagged("remove-cell", code("gone()", stream("stdout", "gone\n"))),
		tagged("remove-output", code("kept()", stream("stdout", "silenced\n"))),
		code("", stream("stderr", "warn\n")),
	)
	folded := code("folded()", stream("stdout", "also\n"))
	folded.Metadata["jupyter"] = json.RawMessage(`{"source_hidden":true,"outputs_hidden":true}`)
	nb.Cells = append(nb.Cells, folded)
	page, stats := write(t, nb, PageOptions{Home: Link{"Lemma", "index.html"}, Prev: Link{"8 Before", "08.html"}, Next: Link{"10 After", "10.html"},
		Source: Link{"", "09.ipynb"}, Footer: "Made with **care**."})
	for _, want := range []string{
		`<html lang="en">`, `<title>Kernels of K · Lemma</title>`, `<a class="skip" href="#main">`, `<main id="main"`,
		`<nav class="toc" id="contents" aria-label="Contents">`, `<h2 id="one">`, `<h2 id="one-2">`, `href="#two-code"`,
		`rel="prev" href="08.html"`, `rel="next" href="10.html"`, `href="09.ipynb"`, `<strong>care</strong>`,
		`<meta name="color-scheme" content="light dark">`, `<link rel="icon" href="data:`, `prefers-color-scheme:dark`, `@media print`,
		`prefers-reduced-motion`, `<details class="fold"><summary>Code</summary>`, `<summary>Output</summary>`, `<span class="c">// one</span>`, "shown", "stderr",
		`<math><semantics><msup>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("page lacks %s", want)
		}
	}
	for _, not := range []string{"removed()", "gone", "silenced", "http://", "https://", "This run failed"} {
		if strings.Contains(strings.ReplaceAll(page, "http://www.w3.org/2000/svg", ""), not) {
			t.Errorf("page has %s", not)
		}
	}
	if stats.Title != "Kernels of K" || stats.Cells != 8 || stats.CodeCells != 7 || stats.Formulas != 2 {
		t.Errorf("stats %+v", stats)
	}
}

func TestFailedRun(t *testing.T) {
	page, stats := write(t, notebook(md("# T"), code("a", failure("panic", "boom")), tagged("raises-exception", code("b", failure("E", "wanted")))), PageOptions{})
	if len(stats.Errors) != 1 || stats.Errors[0].Cell != 1 || stats.Errors[0].Err.Error() != "panic: boom" {
		t.Errorf("errors %v", stats.Errors)
	}
	for _, want := range []string{"This run failed", `<a href="#cell-2">Cell 2</a>: panic: boom`, "Error, as expected"} {
		if !strings.Contains(page, want) {
			t.Errorf("page lacks %s", want)
		}
	}
	long := "first line\nsecond\nthird " + strings.Repeat("x", 1000)
	if page, _ := write(t, notebook(code("a", failure("E", long))), PageOptions{}); !strings.Contains(page, "Cell 1</a>: E: first line second</li>") {
		t.Error("the banner does not say the beginning of a long message")
	}
	write(t, notebook(md("## No heading of level 1"), md("### Deeper")), PageOptions{})
	page, _ = write(t, notebook(md("# T")), PageOptions{Failed: "The kernel died <here>."})
	if !strings.Contains(page, "The kernel died &lt;here&gt;.") {
		t.Error("no banner for a dead kernel")
	}
}

func TestTitles(t *testing.T) {
	for _, row := range []struct {
		reason, src string
		opt         PageOptions
		want        string
	}{
		{"the first heading", "## Two\n# One", PageOptions{}, "Two"},
		{"the option", "# One", PageOptions{Title: "X"}, "X"},
		{"the name where there is no heading", "text", PageOptions{Name: "nb"}, "nb"},
		{"no name either", "", PageOptions{}, "Notebook"},
		{"mathematics as its source", "# The $\\Theta$ kernel", PageOptions{}, `The \Theta kernel`},
		{"a formula that fails", "# The $\\foo$ kernel", PageOptions{}, `The \foo kernel`},
	} {
		var b strings.Builder
		stats, err := Page(&b, notebook(md(row.src)), row.opt)
		if err != nil || stats.Title != row.want {
			t.Errorf("%s: got %q, %v, want %q", row.reason, stats.Title, err, row.want)
		}
	}
}

// Each form is shown, the richest first.
func TestRichest(t *testing.T) {
	const png = "iVBORw0KGgo="
	for _, row := range []struct {
		reason string
		o      *ipynb.Output
		want   string
	}{
		{"html before png and text", display("text/html", "<b>h</b>", "image/png", png, "text/plain", "p"), "<b>h</b>"},
		{"an empty form is none", display("text/html", " ", "image/png", png), "data:image/png;base64," + png},
		{"png before text", display("image/png", png, "text/plain", "p"), "data:image/png"},
		{"a png that is none gives way to text", display("image/png", `"><script>`, "text/plain", "plain"), "plain"},
		{"markdown", display("text/markdown", "**m**"), "<strong>m</strong>"},
		{"latex without delimiters", display("text/latex", `\frac12`), "<mfrac>"},
		{"latex in display style", display("text/latex", `$\displaystyle \frac12$`), `<math display="block">`},
		{"text is escaped", display("text/plain", "<i>"), "&lt;i&gt;"},
		{"svg of a foreign notebook is an image", display("image/svg+xml", "<svg><script>x</script></svg>"), `<img src="data:image/svg+xml;base64,`},
	} {
		page, _ := write(t, notebook(md("# T"), code("x", row.o)), PageOptions{})
		if !strings.Contains(page, row.want) {
			t.Errorf("%s: page lacks %s", row.reason, row.want)
		}
	}
	o := &ipynb.Output{Type: ipynb.DisplayData, Data: ipynb.Object{"application/json": json.RawMessage(`{"a":[1]}`)}}
	if page, _ := write(t, notebook(code("x", o)), PageOptions{}); !strings.Contains(page, "&#34;a&#34;: [") {
		t.Error("json is not shown")
	}
	o = display("image/png", png)
	o.Metadata = ipynb.Object{"image/png": json.RawMessage(`{"alt":"A \"curve\"","width":300}`)}
	if page, _ := write(t, notebook(code("x", o)), PageOptions{}); !strings.Contains(page, `alt="A &#34;curve&#34;" width="300"`) {
		t.Error("alt text and width are not taken from the metadata")
	}
	page, _ := write(t, notebook(code("x", display("image/svg+xml", "<?xml version='1.0'?>\n<!DOCTYPE svg PUBLIC \"a\" \"b\">\n<svg><g/></svg>"))), PageOptions{Trusted: true})
	if !strings.Contains(page, `<div class="output figure"><svg><g/></svg></div>`) {
		t.Error("trusted svg is not inline without its prolog")
	}
}

func TestOnce(t *testing.T) {
	part := `<style data-lemma-once="fig">.a{}</style><script data-lemma-once="fig">run()</script><p>fig</p>`
	page, _ := write(t, notebook(code("a", display("text/html", part)), code("b", display("text/html", part)),
		code("c", display("text/html", strings.ReplaceAll(part, `"fig"`, `"other"`)))), PageOptions{Trusted: true})
	for s, want := range map[string]int{`<style data-lemma-once="fig">`: 1, `<script data-lemma-once="fig">`: 1, `<script data-lemma-once="other">`: 1, "<p>fig</p>": 3} {
		if got := strings.Count(page, s); got != want {
			t.Errorf("%s: %d times, want %d", s, got, want)
		}
	}
}

func TestWritePage(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.html")
	if _, err := WritePage(path, notebook(md("# T")), PageOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := WritePage(filepath.Join(dir, "no", "a.html"), notebook(), PageOptions{}); err == nil {
		t.Error("no error for a folder that is not there")
	}
	if _, err := WritePage(path, nil, PageOptions{}); err == nil || err.Error() != "html.WritePage: html.Page: notebook is nil" {
		t.Errorf("got %v", err)
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 {
		t.Errorf("%d files remain, want 1", len(entries))
	}
	if b, err := os.ReadFile(path); err != nil || !strings.Contains(string(b), "<h1") {
		t.Errorf("the page was lost: %v", err)
	}
}

// The same notebook gives the same bytes.
func TestDeterminism(t *testing.T) {
	nb := notebook(md("# T\n\n## A\n\nx[^1]\n\n[^1]: note"), code("x", display("text/html", "<script>1</script>"), stream("stdout", "a")))
	a, _ := write(t, nb, PageOptions{})
	b, _ := write(t, nb, PageOptions{})
	if a != b {
		t.Error("two pages of one notebook differ")
	}
}

// A page has no address of a running kernel, and no second picture of what it draws.
func TestSettled(t *testing.T) {
	for _, c := range []struct{ why, in, want string }{
		{"the address in an explorer", `<figure class="lemma lemma-explore" id="a" data-lemma-live="4711.0af"><svg></svg></figure>`, `<figure class="lemma lemma-explore" id="a"><svg></svg></figure>`},
		{"its picture", `<img class="lemma-still" width="5" alt="a &gt; b" src="data:image/png;base64,AA==">` + "\n" + `<div class="l-live" hidden>`, `<div class="l-live">`},
		{"other pictures stay", `<img class="lemma-other" src="x"><div class="l-live" hidden>`, `<img class="lemma-other" src="x"><div class="l-live" hidden>`},
		{"prose about it stays", "<p>data-lemma-live is an attribute</p>", "<p>data-lemma-live is an attribute</p>"},
	} {
		if got := settled(c.in); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.why, got, c.want)
		}
	}
}
