package html

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
)

// richness is the order in which the forms of an output are preferred.
var richness = []string{
	"text/html", "image/svg+xml", "text/markdown", "image/png", "image/jpeg", "image/webp", "image/gif",
	"text/latex", "application/json", "text/plain",
}

// imageTypes are the images that are embedded as they are.
var imageTypes = []string{"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"}

// rich writes the richest form of o that the page can show.
func (p *page) rich(c *ipynb.Cell, o *ipynb.Output) {
	var skipped int64
	for _, mime := range richness {
		if mime == "application/json" {
			if raw, ok := o.Data[mime]; ok && p.json(raw) {
				return
			}
			continue
		}
		if n := len(o.Data[mime]); n > p.opt.MaxRich && mime != "text/plain" {
			skipped = max(skipped, int64(n))
			continue
		}
		text, ok := o.MIME(mime)
		if !ok || strings.TrimSpace(text) == "" {
			continue
		}
		if p.form(c, o, mime, text) {
			if skipped > 0 {
				p.leftOut(skipped)
			}
			return
		}
	}
	if skipped > 0 {
		p.leftOut(skipped)
	}
}

// leftOut writes the note for an output that is too large for the page.
func (p *page) leftOut(n int64) {
	p.stats.LeftOut += n
	p.printf("<div class=\"output\"><p class=\"left-out\">An output of %s is left out here; the notebook file has it.</p></div>\n", humanBytes(n))
}

// form writes one form of o and reports whether it could.
func (p *page) form(c *ipynb.Cell, o *ipynb.Output, mime, text string) bool {
	switch mime {
	case "text/html":
		p.html(text)
	case "image/svg+xml":
		if p.opt.Trusted {
			p.print(`<div class="output figure">` + p.firstOnly(trimProlog(text)) + "</div>\n")
			return true
		}
		p.image(c, o, mime, encodeURI(mime, []byte(text)))
	case "text/markdown":
		s := p.md.render(text)
		p.noteTeX(p.cell)
		p.print(`<div class="output prose">` + s + "</div>\n")
	case "text/latex":
		s := p.md.render(latexAsMarkdown(text))
		p.noteTeX(p.cell)
		p.print(`<div class="output prose">` + s + "</div>\n")
	case "text/plain":
		p.print(`<div class="output stream"><pre tabindex="0" role="group" aria-label="Output">`)
		p.text(strings.TrimRight(text, "\n"))
		p.print("</pre></div>\n")
	default:
		uri, ok := dataURI(mime, text)
		if !ok {
			return false
		}
		p.image(c, o, mime, uri)
	}
	return true
}

// html writes an HTML output as the trust in its notebook allows.
func (p *page) html(text string) {
	switch {
	case p.opt.Trusted:
		if text = p.firstOnly(settled(text)); strings.TrimSpace(text) != "" {
			p.print(`<div class="output rich">`)
			p.print(text)
			p.print("</div>\n")
		}
	case simple(text):
		p.print(`<div class="output rich">` + p.sanitize(text) + "</div>\n")
	default:
		p.sandbox(text)
	}
}

// image writes an image whose address is a data URI.
func (p *page) image(c *ipynb.Cell, o *ipynb.Output, mime, uri string) {
	p.print(`<div class="output figure"><img src="`)
	p.print(uri)
	p.printf(`" alt="%s"%s></div>`+"\n", escape(p.alt(c, o, mime)), size(o, mime))
}

// size is the width and height that the metadata of the output gives.
func size(o *ipynb.Output, mime string) string {
	var dims, all struct{ Width, Height float64 }
	if json.Unmarshal(o.Metadata[mime], &dims) != nil || dims.Width == 0 {
		if w := o.Metadata["width"]; w != nil {
			json.Unmarshal(w, &all.Width)
			json.Unmarshal(o.Metadata["height"], &all.Height)
			dims = all
		}
	}
	out := ""
	if dims.Width >= 1 && dims.Width < 10000 {
		out += ` width="` + strconv.Itoa(int(dims.Width)) + `"`
		if dims.Height >= 1 && dims.Height < 10000 {
			out += ` height="` + strconv.Itoa(int(dims.Height)) + `"`
		}
	}
	return out
}

// json writes a JSON value, indented.
func (p *page) json(raw json.RawMessage) bool {
	var b bytes.Buffer
	if len(raw) > p.opt.MaxRich || json.Indent(&b, raw, "", "  ") != nil {
		return false
	}
	p.print(`<div class="output stream"><pre tabindex="0" role="group" aria-label="JSON">`)
	p.text(b.String())
	p.print("</pre></div>\n")
	return true
}

// dataURI checks that data is base64 and returns its URI without white space.
func dataURI(mime, data string) (string, bool) {
	if mime == "image/svg+xml" {
		return encodeURI(mime, []byte(data)), true
	}
	data = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == ' ' {
			return -1
		}
		return r
	}, data)
	for i := range len(data) {
		c := data[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '=') {
			return "", false
		}
	}
	return "data:" + mime + ";base64," + data, true
}

func encodeURI(mime string, data []byte) string {
	return "data:" + mime + ";base64," + base64.StdEncoding.EncodeToString(data)
}

var prolog = regexp.MustCompile(`(?s)^\s*(<\?xml.*?\?>\s*)?(<!DOCTYPE[^>\[]*(\[.*?\])?>\s*)?`)

// trimProlog drops the XML declaration and document type, which have no place inside a page.
func trimProlog(svg string) string { return svg[len(prolog.FindString(svg)):] }

// latexAsMarkdown is LaTeX output in the form that Markdown knows: what has no delimiters is a
// formula.
func latexAsMarkdown(s string) string {
	t := strings.TrimSpace(s)
	for _, open := range []string{"$", `\(`, `\[`, `\begin{`} {
		if strings.HasPrefix(t, open) {
			if open == "$" && !strings.HasPrefix(t, "$$") && strings.HasPrefix(t, `$\displaystyle`) && strings.Count(t, "$") == 2 {
				return "$$" + strings.Trim(t, "$") + "$$"
			}
			return t
		}
	}
	return "$$\n" + t + "\n$$"
}

// once finds the styles and scripts that trusted fragments repeat.
var (
	onceStyle  = regexp.MustCompile(`(?is)<style\b[^>]*\bdata-lemma-once\s*=\s*["']?([\w.:-]+)["']?[^>]*>.*?</style\s*>`)
	onceScript = regexp.MustCompile(`(?is)<script\b[^>]*\bdata-lemma-once\s*=\s*["']?([\w.:-]+)["']?[^>]*>.*?</script\s*>`)
)

// settled is a figure's HTML as a page has it. A notebook's has also an address at which an explorer
// asks a running kernel, and a still picture for readers to whom the notebook hides the drawing.
func settled(text string) string {
	if !strings.Contains(text, "lemma") {
		return text
	}
	return still.ReplaceAllString(offline.ReplaceAllString(text, ""), `<div class="l-live">`)
}

var (
	offline = regexp.MustCompile(` data-lemma-live="[^"<>]*"`)
	still   = regexp.MustCompile(`<img class="lemma-still"[^>]*>\s*<div class="l-live" hidden>`)
)

// firstOnly drops the styles and scripts marked data-lemma-once whose name the page has already.
func (p *page) firstOnly(s string) string {
	if !strings.Contains(s, "data-lemma-once") {
		return s
	}
	for i, re := range []*regexp.Regexp{onceStyle, onceScript} {
		s = re.ReplaceAllStringFunc(s, func(block string) string {
			key := strconv.Itoa(i) + re.FindStringSubmatch(block)[1]
			if p.once[key] {
				return ""
			}
			p.once[key] = true
			return block
		})
	}
	return s
}
