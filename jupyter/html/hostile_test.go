package html

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
	"github.com/lemma-ml/lemma/jupyter/tex/mathfont"
	"golang.org/x/net/html"
)

// A hostile notebook runs nothing in the page, asks nobody and breaks nothing.
func TestHostile(t *testing.T) {
	attacks := []string{
		`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<svg onload=alert(1)><script>alert(1)</script></svg>`,
		`<iframe src="https://evil.example"></iframe>`, `<a href="javascript:alert(1)">x</a>`, `<a href="  JaVaScRiPt:alert(1)">x</a>`,
		`</div></section></main></body></html><h1>out</h1>`, `<div><div><table><tr><td>`, `<!-- open`, `<style>body{display:none}</style>`,
		`<textarea>`, `<plaintext>`, `<title>`, `<xmp>`, `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
		`<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>`, `<form action="https://evil.example"><input name=a></form>`,
		`<meta http-equiv="refresh" content="0;url=https://evil.example">`, `<link rel=stylesheet href="https://evil.example/a.css">`,
		`<base href="https://evil.example/">`, `<img src="https://evil.example/pixel.png">`, `<object data="https://evil.example"></object>`,
		`<b id="main" class="banner">x</b>`, `<a name="main">x</a>`, `<div style="position:fixed;inset:0">x</div>`,
		`<details ontoggle=alert(1) open>x</details>`, `<input autofocus onfocus=alert(1)>`, `"><script>alert(1)</script>`, `]]><script>alert(1)</script>`,
		`<div title="` + "\n\n$x$ `code`\n\n", "<div title='\n\n$\\text{\" onmouseover=alert(1) x=\"}$\n\n'>", `[x](javascript:alert(1))`, `![x](https://evil.example/p.png)`,
		`$\text{<script>alert(1)</script>}$`, `$\href{javascript:alert(1)}{x}$`, `$\textcolor{red" onclick="alert(1)}{x}$`, "$\\class{x}{y}$",
		"```html\"><script>alert(1)</script>\n<script>alert(1)</script>\n```", string(partOpen) + "0" + string(partClose) + " $x$", `# <script>alert(1)</script>`,
	}
	for _, a := range attacks {
		cells := []*ipynb.Cell{
			md("# T"), md(a), md("text " + a + " text"), md("| a | b |\n|---|---|\n| " + a + " | $|x|$ |\n"),
			code(a, stream("stdout", a), stream("stderr", a), failure(a, a), display("text/html", a), display("text/plain", a),
				display("text/markdown", a), display("text/latex", a), display("image/png", a), display("image/svg+xml", a)),
		}
		c := ipynb.NewCell(ipynb.Markdown, "![a](attachment:x.png) ![b](attachment:y)")
		raw, _ := json.Marshal(map[string]map[string]string{"x.png": {"image/png": `" onerror="alert(1)`}, "y": {"image/svg+xml": a}})
		c.Attachments = raw
		cells = append(cells, c, md("## The end"))
		page, _ := write(t, notebook(cells...), PageOptions{Home: Link{"Lemma", "index.html"}})
		assertHarmless(t, a, page)
	}
}

// assertHarmless looks at a page as a browser's parser sees it.
func assertHarmless(t *testing.T, attack, page string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	last := ""
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script":
			if s := n.FirstChild.Data; s != earlyJS && s != pageJS && s != framesJS {
				t.Errorf("%s: a script of its own: %s", attack, s)
			}
		case "style":
			if s := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(n.FirstChild.Data), mathfont.Face())); s != strings.TrimSpace(styleCSS) {
				t.Errorf("%s: a style of its own", attack)
			}
		case "iframe":
			if attr(n, "sandbox") != "allow-scripts" || attr(n, "src") != "" || attr(n, "title") == "" {
				t.Errorf("%s: frame %v", attack, n.Attr)
			}
			assertFrame(t, attack, attr(n, "srcdoc"))
		case "object", "embed", "form", "base", "textarea", "audio", "video", "portal", "frameset":
			t.Errorf("%s: <%s>", attack, n.Data)
		case "meta", "link", "title":
			if n.Parent.Data != "head" {
				t.Errorf("%s: <%s> in the page", attack, n.Data)
			}
		case "h2":
			last = attr(n, "id")
		}
		for _, a := range n.Attr {
			val := strings.ToLower(strings.TrimSpace(a.Val))
			if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(val, "javascript:") {
				t.Errorf("%s: <%s %s=%q>", attack, n.Data, a.Key, a.Val)
			}
			if (a.Key == "src" || a.Key == "srcset" || a.Key == "data") && !strings.HasPrefix(val, "data:") {
				t.Errorf("%s: <%s %s=%q>", attack, n.Data, a.Key, a.Val)
			}
			if a.Key == "style" && strings.Contains(val, "position") {
				t.Errorf("%s: <%s style=%q>", attack, n.Data, a.Val)
			}
		}
	}
	if last != "the-end" {
		t.Errorf("%s: the end of the page was lost, last heading %q", attack, last)
	}
}

// assertFrame checks the document of a frame: its policy comes first, and nothing asks a network.
func assertFrame(t *testing.T, attack, doc string) {
	t.Helper()
	if !strings.HasPrefix(doc, frameHead) {
		t.Errorf("%s: a frame without its policy", attack)
	}
	for _, bad := range []string{` src="http`, ` href="http`, `http-equiv="refresh"`} {
		if strings.Contains(strings.ReplaceAll(doc, `<a href="http`, ""), bad) {
			t.Errorf("%s: frame with %s", attack, bad)
		}
	}
}

// The scripts of a foreign page without frames are named by their hashes.
func TestPolicy(t *testing.T) {
	policyOf := func(page string) string {
		return regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)[1]
	}
	page, _ := write(t, notebook(md("# T"), code("x", display("text/html", "<b>x</b>"))), PageOptions{})
	if p := policyOf(page); strings.Contains(p, "script-src 'unsafe-inline'") || !strings.Contains(p, "'sha256-") {
		t.Errorf("simple output: %s", p)
	}
	page, _ = write(t, notebook(md("# T"), code("x", display("text/html", "<script>1</script>"))), PageOptions{})
	if p := policyOf(page); !strings.Contains(p, "script-src 'unsafe-inline'") {
		t.Errorf("a frame needs its scripts: %s", p)
	}
	for _, want := range []string{"default-src 'none'", "frame-src 'none'", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(policyOf(page), want) {
			t.Errorf("policy lacks %s", want)
		}
	}
}
