package html

import (
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/jupyter/tex"
	"golang.org/x/net/html"
)

func TestMarkdownMath(t *testing.T) {
	formula := func(src string, display bool) string {
		m := newMarkdown(tex.New(nil), true, nil)
		return m.math(src, display)
	}
	for _, row := range []struct{ reason, src, want string }{
		{"dollars", `a $x_1*y*z_2$ b`, formula(`x_1*y*z_2`, false)},
		{"parentheses", `a \(x\) b`, formula(`x`, false)},
		{"parentheses as in Jupyter", `a \\(x\\) b`, formula(`x`, false)},
		{"display in a line", `a $$x$$ b`, formula(`x`, true)},
		{"display on lines of its own", "text\n$$\nx\n= y\n- z\n$$\nmore", formula("x\n= y\n- z", true)},
		{"display with a full stop", "$$x$$.", formula("x", true) + "."},
		{"brackets", `\[` + "\nx\n" + `\]`, formula("x", true)},
		{"brackets as in Jupyter", `\\[x\\]`, formula("x", true)},
		{"an environment without dollars", `\begin{align*}` + "\na&=b\\\\\n\nc&=d\n" + `\end{align*}`, formula(`\begin{align*}`+"\na&=b\\\\\n\nc&=d\n"+`\end{align*}`, true)},
		{"braces balance", `$a_{\text{if $b$}}$`, formula(`a_{\text{if $b$}}`, false)},
		{"over two lines", "$a +\nb$", formula("a +\nb", false)},
		{"in a quotation", "> $$\n> x\n> $$\n", formula("x", true)},
		{"in a list", "- a\n  $$x$$\n- $y$", formula("y", false)},
		{"in a table, with bars", "| a | b |\n|---|---|\n| $|x|$ | $\\|y\\|$ |", formula(`\vert{}x\vert{}`, false)},
		{"in a heading", "# The $x$ axis", formula("x", false)},
		{"in emphasis", "*a $x$ b*", "<em>a " + formula("x", false) + " b</em>"},
		{"money is no formula", "It costs $5 and $10.", "It costs $5 and $10."},
		{"an escaped dollar", `\$x$`, "$x$"},
		{"a dollar in code", "`$x$`", "<code>$x$</code>"},
		{"a dollar in a block of code", "```\n$x$\n```", "$x$"},
		{"a lone dollar", "a $ b", "a $ b"},
		{"two dollars that never end", "$$\nx", "$$"},
		{"a broken formula shows its source", `$\foo$`, `<code class="math-error" title="tex: unknown command \foo at 0">\foo</code>`},
	} {
		for _, trusted := range []bool{true, false} {
			m := newMarkdown(tex.New(nil), trusted, nil)
			if got := m.render(row.src); !strings.Contains(got, row.want) {
				t.Errorf("%s (trusted %t): %s\n got %s\nwant %s", row.reason, trusted, row.src, got, row.want)
			}
		}
	}
}

func TestMarkdown(t *testing.T) {
	for _, row := range []struct {
		reason, src string
		trusted     bool
		want        string
	}{
		{"a table scrolls", "| a |\n|--|\n| 1 |", false, `<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>`},
		{"alignment stays", "| a |\n|-:|\n| 1 |", false, `<td style="text-align: right`},
		{"raw HTML is kept where it is trusted", `<kbd class="k">x</kbd>`, true, `<kbd class="k">x</kbd>`},
		{"raw HTML is cleaned where it is not", `<kbd class="k" onclick="x">x</kbd>`, false, `<kbd>x</kbd>`},
		{"HTML is balanced", `<div><b>x`, true, `<div><b>x</b></div>`},
		{"footnotes", "a[^1]\n\n[^1]: b", false, `<a class="footnote-ref" href="#c1-fn:1" role="doc-noteref"`},
		{"links say nothing to where they lead", "[x](https://a.example)", false, `<a href="https://a.example" rel="noopener noreferrer">x</a>`},
		{"an image from elsewhere is a link", "![pic](https://a.example/p.png)", true, `[image: pic]</a>`},
		{"an image that is not there is said so", "![pic](p.png)", true, `<span class="missing">[image: pic]</span>`},
		{"an image of the folder is embedded", "![pic](sub/ok.png)", false, `src="data:image/png;base64,aGk="`},
		{"none above the folder", "![pic](../ok.png)", false, `[image: pic]`},
		{"code is coloured", "```go\nfunc f() {}\n```", false, `<span class="k">func</span>`},
		{"a task", "- [x] done", false, `<input checked="" disabled="" type="checkbox" aria-label="task"/>`},
	} {
		m := newMarkdown(tex.New(nil), row.trusted, func(name string) ([]byte, error) {
			if name != "sub/ok.png" {
				t.Errorf("read %s", name)
			}
			return []byte("hi"), nil
		})
		if !strings.Contains(row.src, "ok.png") {
			m.readFile = nil
		}
		if got := m.render(row.src); !strings.Contains(got, row.want) {
			t.Errorf("%s: %s\n got %s\nwant %s", row.reason, row.src, got, row.want)
		}
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{"$x$", "$$\nx\n$$", "a $ b $ c", "\\[x\\]", "\\begin{align}\na\n\\end{align}", "| $|x|$ | b |\n|--|--|\n", "<div title=\"\n\n$x$",
		"- $$\n  x\n\n  $$", "> \\\\(x\\\\)", "# $x$\n# $x$", "$$x$$ y $z$", "`$`$x$", "<b>$x$", "```\n$$\n```", "a[^1]\n\n[^1]: $x$"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		for _, trusted := range []bool{true, false} {
			m := newMarkdown(tex.New(nil), trusted, nil)
			got := m.render(src)
			if strings.ContainsRune(got, partOpen) && !strings.ContainsAny(src, "<") {
				t.Fatalf("%q: a placeholder remains: %q", src, got)
			}
			if trusted {
				continue
			}
			doc, err := html.Parse(strings.NewReader(got))
			if err != nil {
				t.Fatal(err)
			}
			for n := range doc.Descendants() {
				if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style" || n.Data == "iframe") {
					t.Fatalf("%q: <%s> in %q", src, n.Data, got)
				}
				for _, a := range n.Attr {
					if strings.HasPrefix(a.Key, "on") || strings.ContainsRune(a.Val, partOpen) {
						t.Fatalf("%q: %s=%q", src, a.Key, a.Val)
					}
				}
			}
		}
	})
}
