package html

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"io"
	"slices"
	"strings"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
	"github.com/lemma-ml/lemma/jupyter/tex/mathfont"
)

//go:embed style.css
var styleCSS string

//go:embed early.js
var earlyJS string

//go:embed page.js
var pageJS string

//go:embed frames.js
var framesJS string

// icon is the page's icon, as data: a browser would ask the server for favicon.ico.
const icon = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect x='2' y='2' width='12' height='12' rx='2' fill='%233f66d9'/%3E%3C/svg%3E"

// shell is what a page and the index have in common.
type shell struct {
	lang, title string
	home        Link
	prev, next  Link
	policy      string
	toc         []heading
	headJS      string
	math        bool // there are formulas
	wide        bool // tables may take the whole width
}

// policy is the content security policy of a page. Its scripts are named by their hashes; anything
// that the page holds beside them needs anyScript.
func policy(anyScript bool, scripts ...string) string {
	src := "'unsafe-inline'"
	if !anyScript {
		src = ""
		for _, s := range scripts {
			sum := sha256.Sum256([]byte(s))
			src += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		}
	}
	return "default-src 'none'; img-src data:; media-src data:; font-src data:; style-src 'unsafe-inline'; script-src " +
		strings.TrimSpace(src) + "; frame-src 'none'; base-uri 'none'; form-action 'none'"
}

// open writes everything up to the content of main.
func (s *shell) open(w io.Writer) {
	print := func(parts ...string) {
		for _, p := range parts {
			io.WriteString(w, p)
		}
	}
	print("<!doctype html>\n<html lang=\"", escape(s.lang), "\">\n<head>\n<meta charset=\"utf-8\">\n",
		"<meta http-equiv=\"Content-Security-Policy\" content=\"", s.policy, "\">\n",
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
		"<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n",
		"<title>", escape(s.title))
	if s.home.Title != "" && s.home.Title != s.title {
		print(" · ", escape(s.home.Title))
	}
	print("</title>\n<link rel=\"icon\" href=\"", icon, "\">\n<style>\n")
	if s.math {
		print(mathfont.Face(), "\n")
	}
	print(styleCSS, "</style>\n")
	if s.headJS != "" {
		print("<script>", s.headJS, "</script>\n")
	}
	print("</head>\n<body>\n", "<a class=\"skip\" href=\"#main\">Skip to the text</a>\n")
	s.top(w)
	switch {
	case len(s.toc) > 1:
		print("<div class=\"layout with-toc\">\n")
		s.contents(w)
	case s.wide:
		print("<div class=\"layout wide\">\n")
	default:
		print("<div class=\"layout\">\n")
	}
	print("<main id=\"main\" tabindex=\"-1\">\n")
}

// top writes the line above the page.
func (s *shell) top(w io.Writer) {
	if s.home.Title == "" && s.prev.Href == "" && s.next.Href == "" {
		return
	}
	io.WriteString(w, "<header class=\"top\">\n")
	mark := `<svg viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" rx="1.5"/></svg>`
	switch {
	case s.home.Href != "":
		io.WriteString(w, `<a class="home" href="`+escape(s.home.Href)+`">`+mark+escape(s.home.Title)+"</a>\n")
	default:
		io.WriteString(w, `<span class="home">`+mark+escape(s.home.Title)+"</span>\n")
	}
	if s.prev.Href != "" || s.next.Href != "" {
		io.WriteString(w, "<nav aria-label=\"Chapters\">")
		if s.prev.Href != "" {
			io.WriteString(w, `<a rel="prev" href="`+escape(s.prev.Href)+`" title="`+escape(s.prev.Title)+`">← `+escape(s.prev.Title)+`</a>`)
		}
		if s.next.Href != "" {
			io.WriteString(w, `<a rel="next" href="`+escape(s.next.Href)+`" title="`+escape(s.next.Title)+`">`+escape(s.next.Title)+` →</a>`)
		}
		io.WriteString(w, "</nav>\n")
	}
	io.WriteString(w, "</header>\n")
}

// contents writes the table of contents: the first heading of level 1 is the title and left out,
// two further levels are shown.
func (s *shell) contents(w io.Writer) {
	list := s.toc
	if len(list) > 0 && list[0].level == 1 {
		list = list[1:]
	}
	top := 7
	for _, h := range list {
		top = min(top, h.level)
	}
	io.WriteString(w, "<nav class=\"toc\" id=\"contents\" aria-label=\"Contents\"><details open><summary>Contents</summary>\n<ol>\n")
	for _, h := range list {
		class := ""
		switch h.level - top {
		case 0:
		case 1:
			class = ` class="deep"`
		case 2:
			class = ` class="deeper"`
		default:
			continue
		}
		io.WriteString(w, "<li"+class+`><a href="#`+escape(h.id)+`">`+h.html+"</a></li>\n")
	}
	io.WriteString(w, "</ol></details></nav>\n<script>"+earlyJS+"</script>\n")
}

// close writes everything behind the content of main. footer and scripts are HTML.
func (s *shell) close(w io.Writer, footer string, scripts ...string) {
	io.WriteString(w, "</main>\n</div>\n<footer class=\"end\">\n")
	if s.prev.Href != "" || s.next.Href != "" {
		io.WriteString(w, "<nav class=\"pager\" aria-label=\"Neighbouring chapters\">\n")
		if s.prev.Href != "" {
			io.WriteString(w, `<a rel="prev" href="`+escape(s.prev.Href)+`"><span>← Previous</span><b>`+escape(s.prev.Title)+"</b></a>\n")
		}
		if s.next.Href != "" {
			io.WriteString(w, `<a class="next" rel="next" href="`+escape(s.next.Href)+`"><span>Next →</span><b>`+escape(s.next.Title)+"</b></a>\n")
		}
		io.WriteString(w, "</nav>\n")
	}
	io.WriteString(w, footer+"</footer>\n")
	for _, js := range scripts {
		io.WriteString(w, "<script>"+js+"</script>\n")
	}
	io.WriteString(w, "</body>\n</html>\n")
}

// head writes the top of a page and its banner.
func (p *page) head(title string, headings []heading) {
	s := p.shell()
	s.title = title
	s.toc = headings
	s.math = p.md.formulas > 0 || p.hasMathOutputs()
	frames := !p.opt.Trusted && p.needsFrames()
	s.policy = policy(p.opt.Trusted || frames, earlyJS, pageJS)
	if frames {
		s.headJS = framesJS
	}
	s.open(p.out)
	p.banner()
	switch {
	case len(headings) == 0:
		p.print("<h1>" + escape(title) + "</h1>\n")
	case !slices.ContainsFunc(headings, func(h heading) bool { return h.level == 1 }):
		p.print("<h1 class=\"unseen\">" + escape(title) + "</h1>\n") // readers that jump by headings begin there
	}
}

func (p *page) shell() *shell {
	return &shell{lang: p.opt.Lang, home: p.opt.Home, prev: p.opt.Prev, next: p.opt.Next}
}

// needsFrames reports whether an output will be shown in a frame, whose scripts the policy of the
// page must allow since the frame inherits it.
func (p *page) needsFrames() bool {
	for _, c := range p.nb.Cells {
		for _, o := range c.Outputs {
			if o.Type != ipynb.DisplayData && o.Type != ipynb.ExecuteResult {
				continue
			}
			if text, ok := o.MIME("text/html"); ok && len(text) <= p.opt.MaxRich && !simple(text) {
				return true
			}
		}
	}
	return false
}

// hasMathOutputs reports whether an output may hold formulas, which are drawn later.
func (p *page) hasMathOutputs() bool {
	for _, c := range p.nb.Cells {
		for _, o := range c.Outputs {
			if o.Data["text/latex"] != nil || o.Data["text/markdown"] != nil || p.opt.Trusted && bytes.Contains(o.Data["text/html"], []byte("math")) {
				return true
			}
		}
	}
	return false
}

// banner says first that a run failed, and where.
func (p *page) banner() {
	if p.opt.Failed == "" && len(p.stats.Errors) == 0 {
		return
	}
	p.print("<div class=\"banner\" role=\"note\"><strong>This run failed.</strong> ")
	p.print(escape(p.opt.Failed))
	if n := len(p.stats.Errors); n > 0 {
		p.print("<ul>\n")
		for _, e := range p.stats.Errors[:min(n, 10)] {
			p.printf("<li><a href=\"#cell-%d\">Cell %d</a>: %s</li>\n", e.Cell+1, e.Cell+1, escape(inBrief(e.Err.Error())))
		}
		if n > 10 {
			p.printf("<li>and %d more</li>\n", n-10)
		}
		p.print("</ul>\n")
	}
	p.print("</div>\n")
}

// inBrief is the beginning of a message, on one line.
func inBrief(msg string) string {
	lines := strings.SplitN(msg, "\n", 3)
	s := strings.Join(strings.Fields(strings.Join(lines[:min(2, len(lines))], " ")), " ")
	if short := prefixLines(s, 0, 200); short != s {
		return short + "…"
	}
	return s
}

// foot writes the end of a page.
func (p *page) foot() {
	footer := ""
	if p.opt.Source.Href != "" {
		title := p.opt.Source.Title
		if title == "" {
			title = "The notebook of this page"
		}
		footer += `<p><a href="` + escape(p.opt.Source.Href) + `">` + escape(title) + "</a></p>\n"
	}
	if p.opt.Footer != "" {
		was := p.md.trusted
		p.md.trusted = true
		footer += p.md.render(p.opt.Footer)
		p.md.trusted = was
		p.noteTeX(len(p.nb.Cells))
	}
	p.shell().close(p.out, footer, pageJS)
}
