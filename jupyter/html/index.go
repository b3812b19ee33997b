package html

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/lemma-ml/lemma/jupyter/tex"
)

//go:embed table.js
var tableJS string

// IndexData is what the index page shows. It is written by the report's author: Markdown and HTML
// in it are trusted.
type IndexData struct {
	Title  string // heading of the page
	Site   string // a name for the line above it; "" for no line
	Lang   string // "" is "en"
	Intro  string // Markdown below the title
	Pages  []PageLink
	Tables []Table
	Footer string            // Markdown
	Macros map[string]string // TeX macros, see tex.New
}

// PageLink is a page that the index leads to.
type PageLink struct {
	Title      string // Markdown of one line: mathematics is drawn
	Href       string
	Summary    string // Markdown of one paragraph
	Status     string // "ok", "failed", ... shown as a word; "" for none
	Seconds    float64
	ErrorCount int
}

// Table is a table that readers can sort and filter.
type Table struct {
	Caption string // its heading
	Intro   string // Markdown between heading and table
	Columns []string
	Rows    [][]Cell
}

// Cell is one cell. HTML, if given, is written as it is; else Text, Markdown and TeX, in that order.
type Cell struct {
	Text     string
	Markdown string // one line: words and formulas
	TeX      string // a formula without dollars
	HTML     string
	Class    string // of the cell's content: "holds", "fails", "inconclusive" colour it; "num" sets the cell right
	Href     string // makes the content a link
	Sort     string // what the column is sorted by, "" for what is shown
}

// Index writes the index page to w. The error is w's; formulas that cannot be drawn show their
// source, and their errors are in the returned Stats.
func Index(w io.Writer, data IndexData) (Stats, error) {
	if data.Lang == "" {
		data.Lang = "en"
	}
	if data.Title == "" {
		data.Title = "Index"
	}
	x := &index{data: data, md: newMarkdown(tex.New(data.Macros), true, nil)}
	x.stats.Title = data.Title
	x.body() // before the head, which must know whether there are formulas

	footer := ""
	if data.Footer != "" {
		footer = x.md.render(data.Footer)
	}
	out := bufio.NewWriterSize(w, 64<<10)
	s := &shell{math: x.md.formulas > 0, lang: data.Lang, title: data.Title, home: Link{Title: data.Site}, wide: true}
	s.policy = policy(true)
	s.open(out)
	io.WriteString(out, x.b.String())
	s.close(out, footer, tableJS, pageJS)
	x.stats.Formulas = x.md.formulas
	for _, err := range x.md.errors {
		x.stats.TeXErrors = append(x.stats.TeXErrors, CellError{0, err})
	}
	return x.stats, out.Flush()
}

// WriteIndex writes the index page to a file, whole or not at all.
func WriteIndex(path string, data IndexData) (stats Stats, err error) {
	err = writeFile(path, func(w io.Writer) error {
		stats, err = Index(w, data)
		return err
	})
	if err != nil {
		return stats, fmt.Errorf("html.WriteIndex: %w", err)
	}
	return stats, nil
}

// index is the state of an index page while it is written.
type index struct {
	data  IndexData
	md    *markdown
	ids   []string // of the tables' headings
	stats Stats
	b     strings.Builder
}

func (x *index) body() {
	x.b.WriteString("<h1>" + x.md.inline(x.data.Title) + "</h1>\n")
	if x.data.Intro != "" {
		x.b.WriteString("<section class=\"prose\">\n" + x.md.render(x.data.Intro) + "</section>\n")
	}
	x.jump()
	if len(x.data.Pages) > 0 {
		x.heading("Chapters", "chapters")
		x.b.WriteString("<ul class=\"pages\">\n")
		for _, p := range x.data.Pages {
			x.page(p)
		}
		x.b.WriteString("</ul>\n")
	}
	for i, t := range x.data.Tables {
		x.table(t, x.ids[i])
	}
}

// jump writes the links to the parts of the page, where there are several. It gives them their ids.
func (x *index) jump() {
	var links []string
	link := func(text string) string {
		id := x.md.unique(slug(text))
		links = append(links, anchor("#"+id, x.md.inline(text)))
		return id
	}
	if len(x.data.Pages) > 0 {
		link("Chapters")
	}
	for _, t := range x.data.Tables {
		id := ""
		if t.Caption != "" {
			id = link(t.Caption)
		}
		x.ids = append(x.ids, id)
	}
	if len(links) > 1 {
		x.b.WriteString("<nav class=\"jump\" aria-label=\"On this page\">" + strings.Join(links, "") + "</nav>\n")
	}
}

// heading writes a heading of level 2.
func (x *index) heading(text, id string) {
	inner := x.md.inline(text)
	x.b.WriteString(`<h2 id="` + id + `">` + inner + `<a class="anchor" href="#` + id + `" aria-label="Link to this section">#</a></h2>` + "\n")
}

func (x *index) page(p PageLink) {
	x.b.WriteString("<li><h3>")
	x.b.WriteString(anchor(p.Href, x.md.inline(p.Title)))
	x.b.WriteString("</h3>")
	if p.Summary != "" {
		x.b.WriteString("<p>" + x.md.inline(p.Summary) + "</p>")
	}
	var facts []string
	if p.Status != "" {
		class := slug(p.Status)
		facts = append(facts, `<span class="status `+class+`">`+escape(p.Status)+`</span>`)
	}
	if p.ErrorCount > 0 {
		word := " errors"
		if p.ErrorCount == 1 {
			word = " error"
		}
		facts = append(facts, `<span class="bad">`+strconv.Itoa(p.ErrorCount)+word+`</span>`)
	}
	if p.Seconds > 0 {
		facts = append(facts, "<span>"+seconds(p.Seconds)+"</span>")
	}
	if facts != nil {
		x.b.WriteString(`<div class="facts">` + strings.Join(facts, "") + `</div>`)
	}
	x.b.WriteString("</li>\n")
}

// seconds is a duration as a reader wants it.
func seconds(s float64) string {
	switch {
	case s < 10:
		return strconv.FormatFloat(s, 'f', 1, 64) + " s"
	case s < 120:
		return strconv.FormatFloat(s, 'f', 0, 64) + " s"
	}
	return fmt.Sprintf("%d min %02d s", int(s)/60, int(s)%60)
}

func anchor(href, inner string) string {
	if href == "" {
		return inner
	}
	return `<a href="` + escape(href) + `">` + inner + `</a>`
}

func (x *index) table(t Table, id string) {
	x.b.WriteString("<section class=\"table\">\n")
	if t.Caption != "" {
		x.heading(t.Caption, id)
	}
	if t.Intro != "" {
		x.b.WriteString("<div class=\"prose\">" + x.md.render(t.Intro) + "</div>\n")
	}
	label := t.Caption
	if label == "" {
		label = "Table"
	}
	x.b.WriteString(`<div class="scroll" tabindex="0" role="group" aria-label="` + escape(label) + `"><table class="data" aria-label="` + escape(label) + "\">\n<thead><tr>")
	for j, c := range t.Columns {
		class := ""
		if numeric(t, j) {
			class = ` class="num"`
		}
		x.b.WriteString(`<th scope="col"` + class + `>` + x.md.inline(c) + `</th>`)
	}
	x.b.WriteString("</tr></thead>\n<tbody>\n")
	for _, r := range t.Rows {
		x.b.WriteString("<tr>")
		for _, c := range r {
			x.cell(c)
		}
		x.b.WriteString("</tr>\n")
	}
	x.b.WriteString("</tbody></table></div>\n</section>\n")
}

// numeric reports whether every cell of column j that says anything is set as a number.
func numeric(t Table, j int) bool {
	found := false
	for _, r := range t.Rows {
		if j >= len(r) || r[j] == (Cell{}) {
			continue
		}
		if r[j].Class != "num" {
			return false
		}
		found = true
	}
	return found
}

func (x *index) cell(c Cell) {
	x.b.WriteString("<td")
	class := c.Class
	switch {
	case class == "num":
		x.b.WriteString(` class="num"`)
		class = ""
	case len(c.Text)+len(c.Markdown) > 40: // sentences want room
		x.b.WriteString(` class="words"`)
	}
	if c.Sort != "" {
		x.b.WriteString(` data-sort="` + escape(c.Sort) + `"`)
	}
	x.b.WriteByte('>')
	inner := c.HTML
	if inner == "" {
		var parts []string
		if c.Text != "" {
			parts = append(parts, escape(c.Text))
		}
		if c.Markdown != "" {
			parts = append(parts, x.md.inline(c.Markdown))
		}
		if c.TeX != "" {
			parts = append(parts, x.md.math(c.TeX, false))
		}
		inner = strings.Join(parts, " ")
	}
	if class != "" {
		inner = `<span class="status ` + escape(class) + `">` + inner + `</span>`
	}
	x.b.WriteString(anchor(c.Href, inner))
	x.b.WriteString("</td>")
}
