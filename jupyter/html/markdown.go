package html

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/lemma-ml/lemma/jupyter/tex"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	goldhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// heading is an entry of the table of contents.
type heading struct {
	level int
	id    string
	text  string // plain
	html  string // with mathematics and emphasis, without links
}

// markdown turns Markdown into HTML for one page. Mathematics and coloured code are made apart and
// stand in the text as placeholders until everything else has been cleaned, so that what cleans
// need not know MathML and cannot be led to break it.
type markdown struct {
	gold        goldmark.Markdown
	tex         *tex.Converter
	trusted     bool
	readFile    func(string) ([]byte, error)
	attachments map[string]string // of the cell, by name

	parts    []string // what the placeholders of the cell stand for
	ids      map[string]bool
	cells    int // rendered so far, for footnote ids
	headings []heading
	formulas int
	errors   []error // of formulas, since the page last looked
}

// Placeholders are a number between two characters of Unicode's private use area; those that stand
// in the source itself are replaced first, so nobody can forge one.
const (
	partOpen  = '\uE0F0'
	partClose = '\uE0F1'
)

// inlineWidth is the width in em above which an inline formula may be broken: a phone's line.
const inlineWidth = 16

func newMarkdown(c *tex.Converter, trusted bool, readFile func(string) ([]byte, error)) *markdown {
	m := &markdown{tex: c, trusted: trusted, readFile: readFile, ids: map[string]bool{"main": true, "contents": true}}
	m.gold = goldmark.New(
		goldmark.WithExtensions(extension.GFM,
			extension.NewFootnote(extension.WithFootnoteIDPrefixFunction(func(ast.Node) []byte {
				return []byte("c" + strconv.Itoa(m.cells) + "-")
			}))),
		goldmark.WithParserOptions(
			parser.WithBlockParsers(util.Prioritized(mathBlockParser{}, 150)),
			parser.WithInlineParsers(util.Prioritized(mathSpanParser{}, 90)),
		),
		goldmark.WithRendererOptions(
			goldhtml.WithUnsafe(),
			renderer.WithNodeRenderers(util.Prioritized(&nodeRenderer{m}, 100)),
		),
	)
	return m
}

// render returns src as HTML: balanced, with headings noted, and harmless unless m is trusted.
func (m *markdown) render(src string) string {
	m.cells++
	m.parts = m.parts[:0]
	src = strings.Map(func(r rune) rune {
		if r == partOpen || r == partClose {
			return '\uFFFD'
		}
		return r
	}, src)
	var b bytes.Buffer
	if err := m.gold.Convert(protectTables([]byte(src)), &b); err != nil {
		// A bytes.Buffer never fails and the renderers below return nil: only goldmark
		// itself could bring us here.
		return "<pre>" + escape(src) + "</pre>\n"
	}
	text := b.String()
	if !m.trusted {
		text = prosePolicy().Sanitize(text)
	}
	return m.finish(text)
}

// inline renders src without the paragraph around it.
func (m *markdown) inline(src string) string {
	s := strings.TrimSpace(m.render(src))
	if strings.HasPrefix(s, "<p>") && strings.HasSuffix(s, "</p>") && strings.Count(s, "<p>") == 1 {
		s = s[3 : len(s)-4]
	}
	return s
}

// part keeps finished HTML and returns the placeholder for it.
func (m *markdown) part(s string) string {
	m.parts = append(m.parts, s)
	return string(partOpen) + strconv.Itoa(len(m.parts)-1) + string(partClose)
}

// math returns a formula as HTML.
func (m *markdown) math(src string, display bool) string {
	m.formulas++
	var s string
	var err error
	if display {
		s, err = m.tex.Convert(src, true)
	} else {
		s, err = m.tex.Inline(src, inlineWidth)
	}
	if err != nil {
		m.errors = append(m.errors, err)
		s = tex.ErrorBox(src, err)
	}
	if display {
		return `<span class="display">` + s + `</span>`
	}
	return s
}

// nodeRenderer draws what goldmark leaves to us: mathematics and code.
type nodeRenderer struct{ m *markdown }

func (r *nodeRenderer) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(kindMathSpan, r.mathSpan)
	reg.Register(kindMathBlock, r.mathBlock)
	reg.Register(ast.KindFencedCodeBlock, r.fenced)
	reg.Register(ast.KindCodeBlock, r.fenced)
}

func (r *nodeRenderer) mathSpan(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		s := n.(*mathSpan)
		w.WriteString(r.m.part(r.m.math(s.src, s.display)))
	}
	return ast.WalkSkipChildren, nil
}

func (r *nodeRenderer) mathBlock(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		b := n.(*mathBlock)
		w.WriteString("<div>" + r.m.part(r.m.math(b.formula(source), true)) + escape(b.rest) + "</div>\n")
	}
	return ast.WalkSkipChildren, nil
}

func (r *nodeRenderer) fenced(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	lang := ""
	if f, ok := n.(*ast.FencedCodeBlock); ok {
		lang = string(f.Language(source))
	}
	var src strings.Builder
	lines := n.Lines()
	for i := range lines.Len() {
		seg := lines.At(i)
		src.Write(seg.Value(source))
	}
	var b strings.Builder
	b.WriteString(`<pre class="code" tabindex="0" role="group" aria-label="Code"><code>`)
	newHighlighter(lang).write(&b, strings.TrimRight(src.String(), "\n"))
	b.WriteString("</code></pre>")
	w.WriteString("<div>" + r.m.part(b.String()) + "</div>\n")
	return ast.WalkSkipChildren, nil
}
