package svg

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/pack"
	"github.com/lemma-ml/lemma/widgets/scene"
)

// ID returns the element id of a figure: its own ID in letters, digits and dashes with six digits
// of its content's hash.
func ID(f *figure.Figure) string {
	same := *f
	same.Origin = figure.Origin{} // no part of the picture
	data, err := json.Marshal(same)
	if err != nil { // a NaN gap has no JSON; the printed form does as well
		data = fmt.Appendf(nil, "%v", same)
	}
	sum := sha256.Sum256(data)
	slug := strings.Trim(strings.Map(func(r rune) rune {
		if r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToLower(r)
		}
		return '-'
	}, f.ID), "-")
	if slug == "" {
		slug = "figure"
	}
	return "lemma-" + slug + "-" + hex.EncodeToString(sum[:3])
}

// Around is HTML that goes with a figure. Where a page takes style and SVG out, a still picture is
// seen in place of the drawing, which is hidden there.
type Around struct {
	Still  string // an <img> of class lemma-still, or nothing
	Origin string // where the figure comes from, below it, or nothing
}

// Live opens the element that holds what moves and answers; </div> closes it.
func (a Around) Live() string {
	if a.Still == "" {
		return `<div class="l-live">` + "\n"
	}
	return a.Still + `<div class="l-live" hidden>` + "\n"
}

// Fragment writes the figure as HTML, style and script included. prose turns a text with TeX
// between $ signs into HTML.
func Fragment(f *figure.Figure, s *scene.Figure, prose func(string) string, around Around) string {
	id := ID(f)
	var w writer
	w.WriteString(Style())
	fmt.Fprintf(&w, "\n"+`<figure class="lemma lemma-fig" id="%s" aria-labelledby="%s-t" data-lm-suppress-shortcuts="true">`+"\n", id, id)
	title := f.Title
	if title == "" {
		title = f.ID
	}
	fmt.Fprintf(&w, `<div class="l-title" id="%s-t">%s</div>`+"\n", id, Label(title))
	w.WriteString(around.Live())
	w.keys(s.Legend)
	fmt.Fprintf(&w, `<div class="l-grid l-n%d">`+"\n", s.Columns)
	for i := range s.Panels {
		w.panel(f, s, i, id)
	}
	w.WriteString("</div>\n")
	w.table(f, s)
	w.WriteString("</div>\n")
	if f.Caption != "" {
		fmt.Fprintf(&w, "<figcaption>%s</figcaption>\n", prose(f.Caption))
	}
	w.WriteString(around.Origin + "</figure>\n")
	w.WriteString(Script())
	return w.String()
}

// keys writes a legend of buttons; where scripts do not run it is still a legend.
func (w *writer) keys(keys []scene.Key) {
	if len(keys) == 0 {
		return
	}
	w.WriteString(keysOpen + ">")
	w.buttons(keys)
	w.WriteString("</div>\n")
}

const keysOpen = `<div class="l-keys" role="group" aria-label="Legend; each button switches a series on or off"`

func (w *writer) buttons(keys []scene.Key) {
	for _, k := range keys {
		var to []string
		for _, t := range k.Targets {
			to = append(to, fmt.Sprintf("%d.%d", t.Panel, t.Layer))
		}
		fmt.Fprintf(w, `<button type="button" class="l-key" aria-pressed="%t" data-to="%s"><svg width="%g" height="%g" viewBox="0 0 %g %g" aria-hidden="true">`,
			!k.Hidden, strings.Join(to, " "), scene.KeyW, scene.KeyH, scene.KeyW, scene.KeyH)
		w.shapes(k.Swatch)
		fmt.Fprintf(w, `</svg><span>%s</span></button>`, Label(k.Name))
	}
}

const fontFamily = `system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif`

func (w *writer) panel(f *figure.Figure, s *scene.Figure, i int, id string) {
	p := &s.Panels[i]
	w.WriteString(`<div class="l-panel">`)
	w.keys(p.Legend)
	fmt.Fprintf(w, `<div class="l-plot" tabindex="0" role="group" aria-label="%s; arrow keys read the values">`, html.EscapeString(panelName(f, i)))
	fmt.Fprintf(w, `<svg viewBox="0 0 %s %s" role="img" aria-labelledby="%s-t %s-d%d" font-family="%s" data-axes="%s">`,
		n(p.W), n(p.H), id, id, i, fontFamily, html.EscapeString(axes(p)))
	fmt.Fprintf(w, `<desc id="%s-d%d">%s</desc>`, id, i, html.EscapeString(describe(f, i)))
	w.WriteString("<g>")
	w.shapes(p.Under)
	w.WriteString("</g>\n")
	for j := range p.Groups {
		w.group(&p.Groups[j], i, j)
	}
	w.WriteString("<g>")
	w.shapes(p.Over)
	w.WriteString("</g></svg></div></div>\n")
}

func panelName(f *figure.Figure, i int) string {
	switch {
	case f.Panels[i].Title != "":
		return scene.Plain(f.Panels[i].Title)
	case len(f.Panels) > 1:
		return fmt.Sprintf("Panel %d", i+1)
	}
	return "Figure"
}

// describe is the alt text of a panel. A figure of one panel has the author's; with several, the
// author's goes to the first and each says what its axes and series are.
func describe(f *figure.Figure, i int) string {
	if len(f.Panels) == 1 {
		return scene.Plain(f.Alt)
	}
	p := f.Panels[i]
	var b strings.Builder
	if i == 0 {
		b.WriteString(f.Alt + " ")
	}
	if p.Title != "" {
		b.WriteString(p.Title + ": ")
	}
	fmt.Fprintf(&b, "%s against %s", p.Y.Label, p.X.Label)
	var names []string
	for _, l := range p.Layers {
		if l.Name != "" && !contains(names, l.Name) {
			names = append(names, l.Name)
		}
	}
	if len(names) > 0 {
		fmt.Fprintf(&b, " for %s", strings.Join(names, ", "))
	}
	return scene.Plain(b.String() + ".")
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (w *writer) group(g *scene.Group, panel, layer int) {
	fmt.Fprintf(w, `<g data-at="%d.%d"`, panel, layer)
	if g.Hidden {
		w.WriteString(` display="none"`)
	}
	if g.Name != "" {
		fmt.Fprintf(w, ` data-name="%s"`, html.EscapeString(scene.Plain(g.Name)))
	}
	_, class := colour("stroke", g.Paint)
	if class != "" && (len(g.Data) > 0 || g.Grid != nil) {
		fmt.Fprintf(w, ` data-paint="%s"`, class)
	}
	if g.Kind == figure.KindPoints {
		w.WriteString(` data-dots="1"`)
	}
	if g.Kind == figure.KindBand {
		w.WriteString(` data-band="1"`)
	}
	if g.DX != 0 {
		fmt.Fprintf(w, ` data-dx="%s"`, w.n(g.DX))
	}
	if len(g.Data) > 0 && w.moving {
		fmt.Fprintf(w, ` data-v="%s"`, rows(g.Data))
	} else if len(g.Data) > 0 {
		w.WriteString(` data-v="`)
		for i, d := range g.Data {
			if i > 0 {
				w.WriteByte(';')
			}
			w.WriteString(short(d.X) + "," + short(d.Y))
			if d.Interval {
				w.WriteString("," + short(d.Low) + "," + short(d.High))
			}
		}
		w.WriteByte('"')
	}
	if g.Grid != nil {
		w.grid(g.Grid)
	}
	w.WriteString(">")
	w.shapes(g.Shapes)
	w.WriteString("</g>\n")
}

// grid writes the cells of a heat map for the readout: edges of columns and rows, values by row.
func (w *writer) grid(g *scene.Grid) {
	list := func(v []float64, format func(float64) string) string {
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = format(v[i])
		}
		return strings.Join(parts, ",")
	}
	if w.moving {
		fmt.Fprintf(w, ` data-cx="%s" data-cy="%s" data-z="%s"`, list(g.X, n), list(g.Y, n), pack.Cells(g.Z, len(g.X)-1))
		return
	}
	rows := make([]string, len(g.Z))
	for i := range g.Z {
		rows[i] = list(g.Z[i], func(v float64) string {
			if math.IsNaN(v) {
				return "?"
			}
			return strconv.FormatFloat(v, 'g', 3, 64)
		})
	}
	fmt.Fprintf(w, ` data-cx="%s" data-cy="%s" data-z="%s"`, list(g.X, n), list(g.Y, n), strings.Join(rows, ";"))
}

// short is a value with the four digits that the readout shows.
func short(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

// axes is what the readout needs to find places and words for values.
func axes(p *scene.Panel) string {
	one := func(s scene.Scale, label string) map[string]any {
		m := map[string]any{"k": string(s.Kind), "lo": s.Lo, "hi": s.Hi, "a": round(s.A), "b": round(s.B), "t": s.Threshold, "n": scene.Plain(label)}
		if len(s.Categories) > 0 {
			m["c"] = s.Categories
		}
		return m
	}
	out, err := json.Marshal([]any{one(p.X, p.XLabel), one(p.Y, p.YLabel)})
	if err != nil {
		panic(err) // plain finite numbers and strings
	}
	return string(out)
}

func round(v float64) float64 { return float64(int(v*100+0.5)) / 100 }

// The table shows at most this many rows for a layer and for the figure.
const (
	layerRows = 12
	tableRows = 90
)
