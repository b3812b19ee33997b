package svg

import (
	"fmt"
	"html"
	"strings"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/pack"
	"github.com/lemma-ml/lemma/widgets/scene"
)

// The sections of a frame: the first belongs to the whole figure, the others to one panel each.
const (
	partCaption = iota // HTML
	partAlt            // text, escaped
	partKeys           // HTML of the buttons of the common legend
)

// The parts of a panel's section. All after partOver are layers.
const (
	partPanelKeys = iota
	partAxes      // JSON
	partName      // of the panel, escaped
	partDesc      // the elements of the <svg>: description, what lies under the layers and over them
	partUnder
	partOver
)

// Frame returns one frame of a figure that moves, with its numbers marked for package pack. s is
// laid out by scene.Frame; id names the element that holds the figure. The script of Moving knows
// the order of the parts.
func Frame(f *figure.Figure, s *scene.Figure, id string, prose func(string) string) pack.Frame {
	text := func(write func(w *writer)) string {
		w := writer{moving: true}
		write(&w)
		return strings.TrimSuffix(w.String(), "\n")
	}
	caption := ""
	if f.Caption != "" {
		caption = prose(f.Caption)
	}
	out := pack.Frame{{caption, html.EscapeString(scene.Plain(f.Alt)), text(func(w *writer) { w.buttons(s.Legend) })}}
	for i := range s.Panels {
		p := &s.Panels[i]
		parts := []string{
			partPanelKeys: text(func(w *writer) { w.buttons(p.Legend) }),
			partAxes:      axes(p),
			partName:      html.EscapeString(panelName(f, i)),
			partDesc:      fmt.Sprintf(`<desc id="%s-d%d">%s</desc>`, id, i, html.EscapeString(describe(f, i))),
			partUnder:     text(func(w *writer) { w.WriteString("<g>"); w.shapes(p.Under); w.WriteString("</g>") }),
			partOver:      text(func(w *writer) { w.WriteString("<g>"); w.shapes(p.Over); w.WriteString("</g>") }),
		}
		for j := range p.Groups {
			parts = append(parts, text(func(w *writer) { w.group(&p.Groups[j], i, j) }))
		}
		out = append(out, parts)
	}
	return out
}

// Moving writes the figure of a frame as HTML: legend, panels, data, the end of the element that
// Around.Live opens, and the caption, ready for a script to put another frame's parts in place. f and
// s are those of the frame.
func Moving(f *figure.Figure, s *scene.Figure, frame pack.Frame, id string) string {
	var w writer
	head := frame[0]
	part := func(section, k int) string { return pack.Plain(frame[section][k]) }
	keys := func(buttons string) {
		hidden := ""
		if buttons == "" {
			hidden = " hidden"
		}
		fmt.Fprintf(&w, "%s%s>%s</div>\n", keysOpen, hidden, buttons)
	}
	keys(pack.Plain(head[partKeys]))
	fmt.Fprintf(&w, `<div class="l-grid l-n%d">`+"\n", s.Columns)
	for i := range s.Panels {
		p := &s.Panels[i]
		w.WriteString(`<div class="l-panel">`)
		keys(part(i+1, partPanelKeys))
		fmt.Fprintf(&w, `<div class="l-plot" tabindex="0" role="group" aria-label="%s; arrow keys read the values">`, part(i+1, partName))
		fmt.Fprintf(&w, `<svg viewBox="0 0 %s %s" role="img" aria-labelledby="%s-t %s-d%d" font-family="%s" data-axes="%s">`,
			n(p.W), n(p.H), id, id, i, fontFamily, html.EscapeString(part(i+1, partAxes)))
		w.WriteString(part(i+1, partDesc) + part(i+1, partUnder))
		for k := partOver + 1; k < len(frame[i+1]); k++ {
			w.WriteString(part(i+1, k))
		}
		w.WriteString(part(i+1, partOver) + "</svg></div></div>\n")
	}
	w.WriteString("</div>\n")
	w.table(f, s)
	w.WriteString("</div>\n") // of what is live
	fmt.Fprintf(&w, "<figcaption>%s</figcaption>\n", pack.Plain(head[partCaption]))
	return w.String()
}

// rows are the values of a layer for the readout. An interval that a value lacks is written as NaN.
func rows(data []scene.Datum) string {
	w := 2
	for _, d := range data {
		if d.Interval {
			w = 4
		}
	}
	out := make([][]float64, len(data))
	for i, d := range data {
		out[i] = []float64{d.X, d.Y}
		switch {
		case d.Interval:
			out[i] = append(out[i], d.Low, d.High)
		case w == 4:
			out[i] = append(out[i], d.Y, d.Y)
		}
	}
	return pack.Values(out, w)
}

// movingDots writes the markers of a layer. Each marker's form is rounded by itself, so that it
// keeps its shape wherever it goes; a circle is a stroke of no length with round ends.
func (w *writer) movingDots(d scene.Dots) {
	stroke, sc := colour("stroke", d.Paint)
	fill, fc := colour("fill", d.Paint)
	margin, mc := colour("stroke", scene.PaintSurface)
	surface, fs := colour("fill", scene.PaintSurface)
	sparse := len(d.At) <= scene.SparseDots
	outline, closed := d.Marker.Outline(d.R)
	end := ""
	switch {
	case d.Marker == scene.Circle:
		end = "round"
	case d.Marker == scene.Square && !sparse && !d.Hollow:
		end = "square"
	}
	var forms [][]pack.Point
	for _, at := range d.At {
		c := tenths(at)
		if end != "" {
			forms = append(forms, []pack.Point{c})
			continue
		}
		for _, line := range outline {
			form := make([]pack.Point, len(line))
			for i, q := range line {
				o := tenths(q)
				form[i] = pack.Point{X: c.X + o.X, Y: c.Y + o.Y}
			}
			forms = append(forms, form)
		}
	}
	data := pack.Path(forms, closed && end == "")
	dots := func(class, stroke string, width float64) {
		fmt.Fprintf(w, `<path%s%s fill="none" stroke-width="%s" stroke-linecap="%s" d="%s"/>`, classes(class), stroke, n(width), end, data)
	}
	switch {
	case end != "" && d.Hollow:
		dots(sc, stroke, 2*d.R+1.6)
		dots(mc, margin, 2*d.R-1.6)
	case end == "square":
		dots(sc, stroke, 1.76*d.R)
	case end != "":
		if sparse {
			dots(mc, margin, 2*d.R+1.6)
		}
		dots(sc, stroke, 2*d.R)
	case d.Marker == scene.Cross:
		fmt.Fprintf(w, `<path%s%s fill="none" stroke-width="1.8" stroke-linecap="round" d="%s"/>`, classes(sc), stroke, data)
	case d.Hollow:
		fmt.Fprintf(w, `<path%s%s%s stroke-width="1.6" d="%s"/>`, classes(sc, fs), surface, stroke, data)
	case sparse:
		fmt.Fprintf(w, `<path%s%s%s stroke-width=".8" d="%s"/>`, classes(mc, fc), fill, margin, data)
	default:
		fmt.Fprintf(w, `<path%s%s d="%s"/>`, classes(fc), fill, data)
	}
}
