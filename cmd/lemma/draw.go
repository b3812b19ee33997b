package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/jupyter/html"
	"github.com/lemma-ml/lemma/jupyter/ipynb"
	"github.com/lemma-ml/lemma/lib/book"
	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets"
	"github.com/lemma-ml/lemma/xla"
)

func drawCommand() *command {
	return &command{
		name:    "draw",
		args:    "[chapter | ID]",
		summary: "draw the figure of a claim, or of an explorer at a setting",
		about: `An explorer is a figure with controls; -set gives them values (a number, the name of an option or its
beginning, on or off), the others stay at their defaults. A claim's figure is what its check found,
drawn from the seed. Both are computed here and now.

-o writes the figure: .svg and .png as a picture, .json as its data, .html as a page that loads
nothing from any network, where an explorer keeps its controls and starts at the setting. A value
between those of a slider becomes one more of them; where the page would grow too large or take too
long with it, the page shows the figure alone, and says so here. Without -o the figure is told in
words. Without an ID the explorers and the claims with figures are listed, of a chapter or of all.`,
		examples: []example{
			{"lemma draw", "what can be drawn"},
			{"lemma draw 9", "what can be drawn of chapter 9"},
			{"lemma draw 9.F1 -o speed.svg", "figure 9.1 of the book, as its check draws it"},
			{"lemma draw 9.F1/width -set m=256 -set q=0.4 -o narrow.png", "an explorer at a setting"},
			{"lemma draw 9.A5/kernel -o kernel.html", "an explorer to move, in a page"},
			{"lemma draw 9.L2 -seed 7 -o seven.json", "the data of a figure, for another seed; lemma diff compares two"},
		},
		flags: func(fs *flag.FlagSet) action {
			d := drawer{set: params{}, flags: fs}
			fs.Var(d.set, "set", "set a control of an explorer: `name=value`; may be repeated")
			fs.StringVar(&d.out, "o", "", "write to `file` (.svg, .png, .json or .html)")
			fs.Uint64Var(&d.seed, "seed", 0, "all randomness of a claim's check derives from `n`")
			fs.StringVar(&d.backend, "backend", "auto", "compute on `name`: auto, simd, go, xla, xla:cuda, xla:/path/plugin.so")
			return d.run
		},
	}
}

// drawer holds the flags of draw.
type drawer struct {
	set     params
	out     string
	seed    uint64
	backend string
	flags   *flag.FlagSet    // which of them were given
	limits  []widgets.Option // of a page with an explorer; nil for those of widgets
}

// given reports whether a flag stands on the command line, whatever its value.
func (d *drawer) given(name string) bool {
	found := false
	if d.flags != nil {
		d.flags.Visit(func(f *flag.Flag) { found = found || f.Name == name })
	}
	return found
}

// drawn is a figure and how it came about.
type drawn struct {
	figure   figure.Figure
	explorer *figure.Explorer // whose figure it is, with its settings as defaults; nil for a claim's
	extra    bool             // the settings are not all on the explorer's grid, which grew by them
	how      string           // the command that draws it again
}

func (d *drawer) run(ctx context.Context, t terminal, args []string) error {
	if len(args) > 1 {
		return badUsage("got %s, want one ID", plural(len(args), "argument"))
	}
	if len(args) == 0 {
		if d.out != "" || len(d.set) > 0 {
			return badUsage("which figure? lemma draw lists them")
		}
		return d.list(t)
	}
	if n, err := strconv.Atoi(args[0]); err == nil {
		if d.out != "" || len(d.set) > 0 {
			return badUsage("%d is a chapter, want one figure of it; lemma draw %d lists them", n, n)
		}
		return d.list(t, n)
	}
	if d.out != "" {
		if !slices.Contains([]string{".svg", ".png", ".json", ".html"}, d.ending()) {
			return badUsage("-o %s: want an ending .svg, .png, .json or .html", d.out)
		}
		if err := hasFolder("-o", d.out); err != nil {
			return err
		}
		if info, err := os.Stat(d.out); err == nil && info.IsDir() {
			return badUsage("-o %s is a folder, want a file", d.out)
		}
	}
	if err := knownBackend(d.backend); err != nil {
		return err
	}
	g, err := d.draw(ctx, t, args[0])
	if err != nil {
		return err
	}
	if g.figure.Origin.Command == "" {
		g.figure.Origin.Command = g.how
	}
	if d.out == "" {
		fmt.Fprint(t.Out, widgets.Text(g.figure))
		if g.figure.Caption != "" {
			fmt.Fprintf(t.Out, "\n  %s\n", wrap(g.figure.Caption, 92, "  "))
		}
		fmt.Fprintln(t.Err, "-o file.svg draws it")
		return nil
	}
	if err := d.write(ctx, t, g); err != nil {
		return err
	}
	fmt.Fprintln(t.Out, d.out)
	return nil
}

func (d *drawer) ending() string { return strings.ToLower(filepath.Ext(d.out)) }

// draw computes the figure that an ID names: of an explorer, or else of a claim.
func (d *drawer) draw(ctx context.Context, t terminal, id string) (*drawn, error) {
	registry, err := book.Registry()
	if err != nil {
		return nil, err
	}
	var known []string
	for _, e := range book.Explorers() {
		if strings.EqualFold(e.ID, id) {
			return d.drawExplorer(ctx, e)
		}
		known = append(known, e.ID)
	}
	for _, ch := range registry.Chapters() {
		for i := range ch.Claims {
			c := &ch.Claims[i]
			known = append(known, c.ID)
			if !strings.EqualFold(c.ID, id) {
				continue
			}
			if len(d.set) > 0 {
				return nil, badUsage("-set: %s is a claim and has no controls; lemma draw lists the explorers", c.ID)
			}
			return d.drawClaim(ctx, t, c)
		}
	}
	return nil, badUsage("no explorer or claim %q; the nearest are %s; lemma draw lists them", id, strings.Join(nearest(id, known, 3), ", "))
}

// nearest returns the n names that are fewest letters away, whatever their case.
func nearest(id string, known []string, n int) []string {
	far := func(name string) int { return editDistance(strings.ToLower(name), strings.ToLower(id)) }
	known = slices.Clone(known)
	slices.SortStableFunc(known, func(a, b string) int { return far(a) - far(b) })
	return known[:min(n, len(known))]
}

func (d *drawer) drawExplorer(ctx context.Context, e figure.Explorer) (*drawn, error) {
	for _, name := range []string{"seed", "backend"} {
		if d.given(name) {
			return nil, badUsage("-%s: %s is an explorer, whose figures are fixed; it goes with a claim", name, e.ID)
		}
	}
	at, err := settings(e, d.set)
	if err != nil {
		return nil, err
	}
	f, err := e.Draw(ctx, at)
	if err != nil {
		return nil, err
	}
	f.ID = e.ID
	how := "lemma draw " + e.ID
	for _, c := range e.Controls {
		if v, given := d.set[c.Name]; given {
			how += " -set " + shellWord(c.Name+"="+v)
		}
	}
	extra := startAt(&e, at)
	return &drawn{figure: f, explorer: &e, extra: extra, how: how}, nil
}

// startAt makes settings the defaults of an explorer. A slider's value that is not on its grid becomes
// one more point of it; extra reports that there is one.
func startAt(e *figure.Explorer, at figure.Settings) (extra bool) {
	e.Controls = slices.Clone(e.Controls)
	for i := range e.Controls {
		c := &e.Controls[i]
		if c.Kind != figure.Slider {
			c.Default = int(at[c.Name])
			continue
		}
		k, found := slices.BinarySearch(c.Values, at[c.Name])
		if !found {
			c.Values = slices.Insert(slices.Clone(c.Values), k, at[c.Name])
			extra = true
		}
		c.Default = k
	}
	return extra
}

func (d *drawer) drawClaim(ctx context.Context, t terminal, c *claim.Claim) (*drawn, error) {
	var backend backends.Backend
	if c.NeedsBackend {
		b, report, err := xla.Open(ctx, d.backend)
		if err != nil {
			return nil, failure{exitUsage, err}
		}
		defer b.Finalize()
		backend = b
		fmt.Fprintf(t.Err, "backend %s: %s\n", report.Config, report.Because)
	}
	meter := widgets.NewProgress(t.Err, "draw", 1)
	o := check(ctx, []*claim.Claim{c}, checking{Env: claim.Env{Seed: d.seed, Backend: backend}, Workers: 1, Done: meter.Set})[0]
	meter.Done()
	if o.Err != nil {
		return nil, o.Err
	}
	if o.Figure == nil {
		return nil, badUsage("%s (%s) is checked by numbers alone and has no figure; lemma verify %s -v prints them", c.ID, c.Title, c.ID)
	}
	how := "lemma draw " + c.ID
	if d.seed != 0 {
		how += fmt.Sprintf(" -seed %d", d.seed)
	}
	g := &drawn{figure: *o.Figure, how: how}
	g.figure.Origin = figure.Origin{Seed: d.seed, Command: how}
	return g, nil
}

// write writes the figure in the form that the file's ending asks for.
func (d *drawer) write(ctx context.Context, t terminal, g *drawn) error {
	switch d.ending() {
	case ".json":
		return data.WriteFile(d.out, func(w io.Writer) error { return printJSON(w, g.figure) })
	case ".html":
		return d.writeHTML(ctx, t, g)
	}
	return widgets.WriteFile(g.figure, d.out)
}

// writeHTML writes a page with the explorer or, where there is none, or its grid with one more point
// is too much for a page, the figure alone.
func (d *drawer) writeHTML(ctx context.Context, t terminal, g *drawn) error {
	if g.explorer != nil {
		moving, err := widgets.ExploreHTML(ctx, *g.explorer, d.limits...)
		if err == nil {
			text, err := widgets.ExploreText(ctx, *g.explorer)
			if err != nil {
				return err
			}
			return writePage(d.out, g.explorer.Title, moving, text, g.how)
		}
		if ctx.Err() != nil || !g.extra {
			return err
		}
		why := strings.TrimPrefix(err.Error(), "widgets.ExploreHTML: ")
		fmt.Fprintf(t.Err, "the page has no controls: with a value between those of a slider there are %d settings, and %s\n", g.explorer.Grid(), why)
	}
	picture, err := widgets.HTML(g.figure)
	if err != nil {
		return err
	}
	return writePage(d.out, g.figure.Title, picture, widgets.Text(g.figure), g.how)
}

// writePage writes a page that shows one output, as a report would.
func writePage(path, title, fragment, text, how string) error {
	nb := ipynb.New("gonb", "go")
	cell := ipynb.NewCell(ipynb.Code, "")
	cell.AddTag("remove-input")
	o := &ipynb.Output{Type: "display_data"}
	o.SetMIME("text/html", fragment)
	o.SetMIME("text/plain", text)
	cell.Outputs = append(cell.Outputs, o)
	nb.Cells = append(nb.Cells, ipynb.NewCell(ipynb.Markdown, "# "+escapeMarkdown(title)), cell)
	_, err := html.WritePage(path, nb, html.PageOptions{Trusted: true, Footer: "Drawn by `" + how + "`."})
	return err
}

// shellWord quotes a word of a command line where the shell would read it otherwise.
func shellWord(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune("=.,:/+-_%@", r) && !isWord(r) }) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

func isWord(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 127
}

// list prints what can be drawn of the chapters, or of the whole book.
func (d *drawer) list(t terminal, chapters ...int) error {
	registry, err := book.Registry()
	if err != nil {
		return err
	}
	for _, n := range chapters {
		if i := slices.IndexFunc(registry.Chapters(), func(c claim.Chapter) bool { return c.Number == n }); i < 0 {
			return badUsage("there is no chapter %d, want 1 to %d", n, len(registry.Chapters()))
		} else if c := registry.Chapters()[i]; len(c.Claims) == 0 {
			return badUsage("chapter %d (%s) has no figures yet", n, c.Title)
		}
	}
	if all := book.Explorers(chapters...); len(all) > 0 {
		tab := table{head: []string{"explorer", "title", "controls"}, flex: []int{1, 2}}
		for _, e := range all {
			var words []string
			for _, c := range e.Controls {
				words = append(words, choices(c))
			}
			tab.add(e.ID, e.Title, strings.Join(words, "; "))
		}
		tab.write(t.Out, t.width())
		fmt.Fprintln(t.Out)
	}
	tab := table{head: []string{"claim", "title", "place"}, flex: []int{1}}
	for _, ch := range registry.Chapters() {
		if len(chapters) > 0 && !slices.Contains(chapters, ch.Number) {
			continue
		}
		for _, c := range ch.Claims {
			if c.Kind == claim.Figure || c.Kind == claim.Table {
				tab.add(c.ID, c.Title, c.Ref)
			}
		}
	}
	tab.write(t.Out, t.width())
	fmt.Fprintln(t.Out, "\nOther claims may have a figure too: lemma draw ID says so. lemma verify lists the claims.")
	return nil
}
