package html

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
	"github.com/lemma-ml/lemma/jupyter/tex"
)

// Link is a page to go to.
type Link struct {
	Title string
	Href  string // relative to this page; "" for none
}

// PageOptions says how a notebook becomes a page. The zero value writes a foreign notebook safely.
type PageOptions struct {
	// Trusted writes HTML, SVG and scripts of the notebook as they are. Set it for notebooks
	// that you wrote or would run in your own browser.
	Trusted bool

	Title string // "" takes the first heading, then Name
	Name  string // what the notebook is called where it has no heading; "" is "Notebook"
	Lang  string // "" is "en"

	Home       Link // the index; its title stands at the top of the page
	Prev, Next Link // neighbouring chapters
	Source     Link // the notebook itself, offered at the foot

	// Failed, if not empty, says in words why the run failed (a timeout, a dead kernel); it
	// stands in the banner. Cells with an error that they were not expected to raise (tag
	// raises-exception) show the banner by themselves.
	Failed string
	Footer string // Markdown, trusted

	Macros map[string]string // TeX macros beside those that the notebook defines, see tex.New

	// ReadFile returns a file that Markdown names by a relative path, for images beside the
	// notebook. Nil shows such images as links.
	ReadFile func(path string) ([]byte, error)

	// What is shown of long outputs. Zero takes the defaults: 1000 lines and 200 kB of text a
	// cell and stream, 16 MB for an image or a piece of HTML.
	MaxLines int
	MaxText  int
	MaxRich  int
}

// Stats says what a page holds.
type Stats struct {
	Title     string
	Cells     int
	CodeCells int
	Formulas  int
	TeXErrors []CellError // formulas that could not be drawn; the page shows their source
	Errors    []CellError // errors of cells without the tag raises-exception
	LeftOut   int64       // bytes of output that the page does not show
}

// CellError is an error and the place of its cell, counted from 0.
type CellError struct {
	Cell int
	Err  error
}

// Error returns for example "cell 3: tex: unknown command \foo at 0".
func (e CellError) Error() string { return fmt.Sprintf("cell %d: %v", e.Cell, e.Err) }

// Unwrap returns the error itself.
func (e CellError) Unwrap() error { return e.Err }

// page is the state of one page while it is written.
type page struct {
	out   *bufio.Writer
	nb    *ipynb.Notebook
	opt   PageOptions
	stats Stats
	md    *markdown
	cell  int // the one being written
	code  highlighter
	once  map[string]bool // data-lemma-once names that were written
	frame int             // sandboxed frames so far
}

// Page writes nb as a page to w. The notebook is not changed. The error is w's, or one in opt.
func Page(w io.Writer, nb *ipynb.Notebook, opt PageOptions) (Stats, error) {
	if nb == nil {
		return Stats{}, fmt.Errorf("html.Page: notebook is nil")
	}
	setDefaults(&opt)
	p := &page{out: bufio.NewWriterSize(w, 64<<10), nb: nb, opt: opt, once: map[string]bool{}}
	p.md = newMarkdown(tex.New(opt.Macros), opt.Trusted, opt.ReadFile)
	p.code = newHighlighter(language(nb))

	// Prose first: the head of the page needs its headings. Outputs are written as they come.
	prose := make([]string, len(nb.Cells))
	for i := range nb.Cells {
		p.md.ids["cell-"+strconv.Itoa(i+1)] = true // taken by the cell itself
	}
	for i, c := range nb.Cells {
		p.stats.Cells++
		if c.Type == ipynb.Code {
			p.stats.CodeCells++
			p.noteErrors(i, c)
			continue
		}
		if c.Type != ipynb.Markdown || c.HasTag("remove-cell") {
			continue
		}
		p.md.attachments = attachments(c)
		prose[i] = p.md.render(c.Source)
		p.noteTeX(i)
	}
	p.md.attachments = nil
	headings := p.md.headings // those of outputs are none of the chapter's
	title := opt.Title
	if title == "" && len(headings) > 0 {
		title = headings[0].text
	}
	if title == "" {
		title = opt.Name
	}
	p.stats.Title = title

	p.head(title, headings)
	for i, c := range nb.Cells {
		p.cell = i
		switch {
		case c.HasTag("remove-cell"):
		case c.Type == ipynb.Markdown:
			if prose[i] != "" {
				p.printf("<section class=\"prose\">\n%s</section>\n", prose[i])
			}
		case c.Type == ipynb.Code:
			p.codeCell(c)
		}
	}
	p.foot()
	p.stats.Formulas = p.md.formulas
	return p.stats, p.out.Flush()
}

func setDefaults(opt *PageOptions) {
	if opt.Name == "" {
		opt.Name = "Notebook"
	}
	if opt.Lang == "" {
		opt.Lang = "en"
	}
	if opt.MaxLines <= 0 {
		opt.MaxLines = 1000
	}
	if opt.MaxText <= 0 {
		opt.MaxText = 200_000
	}
	if opt.MaxRich <= 0 {
		opt.MaxRich = 16_000_000
	}
}

// WritePage writes the page to a file, whole or not at all.
func WritePage(path string, nb *ipynb.Notebook, opt PageOptions) (stats Stats, err error) {
	err = writeFile(path, func(w io.Writer) error {
		stats, err = Page(w, nb, opt)
		return err
	})
	if err != nil {
		return stats, fmt.Errorf("html.WritePage: %w", err)
	}
	return stats, nil
}

// noteErrors records the errors of cell i.
func (p *page) noteErrors(i int, c *ipynb.Cell) {
	if c.HasTag("raises-exception") {
		return
	}
	for _, o := range c.Outputs {
		if o.Type == ipynb.ErrorOutput {
			msg := strings.TrimSpace(stripANSI(o.EName + ": " + o.EValue))
			p.stats.Errors = append(p.stats.Errors, CellError{i, fmt.Errorf("%s", strings.Trim(msg, ": "))})
		}
	}
}

// noteTeX records the errors of the formulas rendered since the last call.
func (p *page) noteTeX(cell int) {
	for _, err := range p.md.errors {
		p.stats.TeXErrors = append(p.stats.TeXErrors, CellError{cell, err})
	}
	p.md.errors = p.md.errors[:0]
}

// language is the language of the code cells, "go" where the notebook does not say.
func language(nb *ipynb.Notebook) string {
	var info struct {
		Name     string `json:"name"`
		Language string `json:"language"`
	}
	for _, key := range []string{"language_info", "kernelspec"} {
		if json.Unmarshal(nb.Metadata[key], &info) == nil {
			if key == "language_info" && info.Name != "" {
				return info.Name
			}
			if info.Language != "" {
				return info.Language
			}
		}
	}
	return "go"
}

// attachments are the images that a Markdown cell carries, as data URIs by name.
func attachments(c *ipynb.Cell) map[string]string {
	if len(c.Attachments) == 0 {
		return nil
	}
	var files map[string]map[string]json.RawMessage
	if json.Unmarshal(c.Attachments, &files) != nil {
		return nil
	}
	out := map[string]string{}
	for name, bundle := range files {
		for _, mime := range imageTypes {
			if data, ok := (&ipynb.Output{Data: bundle}).MIME(mime); ok {
				if uri, ok := dataURI(mime, data); ok {
					out[name] = uri
				}
			}
		}
	}
	return out
}

func (p *page) printf(format string, args ...any) { fmt.Fprintf(p.out, format, args...) }
func (p *page) print(s string)                    { p.out.WriteString(s) }
