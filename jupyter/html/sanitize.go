package html

import (
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// prosePolicy is what may stay of the HTML in a foreign notebook: the elements of text, without
// ids (they could shadow the page's own), classes or styles (they could imitate it).
var prosePolicy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowStandardURLs()
	p.RequireNoFollowOnLinks(false)
	p.AllowRelativeURLs(true)
	p.AllowURLSchemes("http", "https", "mailto", "attachment")
	p.AllowDataURIImages()
	p.AllowElements("p", "br", "hr", "div", "span", "b", "strong", "i", "em", "u", "s", "del", "ins", "sub", "sup",
		"small", "mark", "abbr", "cite", "q", "code", "kbd", "samp", "var", "pre", "blockquote",
		"h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "center",
		"table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "colgroup", "col",
		"details", "summary", "figure", "figcaption", "section", "wbr")
	p.AllowAttrs("href").OnElements("a")
	p.AllowNoAttrs().OnElements("a", "span", "div")
	p.AllowAttrs("src", "alt", "title").OnElements("img")
	p.AllowAttrs("width", "height").Matching(bluemonday.NumberOrPercent).OnElements("img")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(left|right|center)$`)).OnElements("td", "th", "p", "div", "img", "table")
	p.AllowStyles("text-align").Matching(regexp.MustCompile(`^(left|right|center)$`)).OnElements("td", "th")
	p.AllowAttrs("colspan", "rowspan").Matching(bluemonday.Integer).OnElements("td", "th")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("open").OnElements("details")
	p.AllowAttrs("title").Globally()
	p.AllowAttrs("lang", "dir").Matching(regexp.MustCompile(`^[a-zA-Z-]{1,20}$`)).Globally()
	// Footnotes and task lists, as goldmark writes them.
	p.AllowAttrs("id").Matching(regexp.MustCompile(`^c\d+-fn(ref)?\d*:\d+$`)).OnElements("li", "sup")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^(footnotes|footnote-ref|footnote-backref)$`)).OnElements("div", "section", "a")
	p.AllowAttrs("role").Matching(regexp.MustCompile(`^doc-(endnotes|noteref|backlink)$`)).OnElements("div", "section", "a")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^checkbox$`)).OnElements("input")
	p.AllowAttrs("checked", "disabled").OnElements("input")
	return p
})

// simpleElements are those of an HTML output that is as well shown in the page itself.
var simpleElements = map[string]bool{}

func init() {
	for _, e := range strings.Fields(`p br hr div span b strong i em u s del ins sub sup small code kbd samp var pre
		blockquote h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table caption thead tbody tfoot tr td th a wbr`) {
		simpleElements[e] = true
	}
}

// simple reports whether s is text and tables only, so that nothing is lost by sanitizing it.
func simple(s string) bool {
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return true
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			if !simpleElements[string(name)] {
				return false
			}
			for more {
				var key []byte
				key, _, more = z.TagAttr()
				if strings.HasPrefix(string(key), "on") || string(key) == "style" {
					return false
				}
			}
		}
	}
}

// sanitize reduces the HTML of an output to harmless elements and balances it.
func (p *page) sanitize(s string) string {
	p.md.parts = p.md.parts[:0]
	return p.md.finish(prosePolicy().Sanitize(s))
}
