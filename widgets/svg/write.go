package svg

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image/png"
	"math"
	"strconv"
	"strings"

	"github.com/lemma-ml/lemma/widgets/pack"
	"github.com/lemma-ml/lemma/widgets/scene"
)

// writer writes shapes. Colours are written twice: as presentation attributes of the light theme,
// which hold where style sheets are stripped, and as classes, which follow the page's theme.
type writer struct {
	bytes.Buffer
	moving bool // mark the numbers that change from frame to frame
}

// n writes a coordinate, marked where it may move.
func (w *writer) n(v float64) string {
	if w.moving {
		return pack.Tenths(v)
	}
	return n(v)
}

// lines writes the data of a path.
func (w *writer) lines(lines [][]scene.Point, closed bool) {
	if !w.moving {
		for _, line := range lines {
			w.line(line, closed)
		}
		return
	}
	out := make([][]pack.Point, len(lines))
	for i, line := range lines {
		out[i] = make([]pack.Point, len(line))
		for k, q := range line {
			out[i][k] = tenths(q)
		}
	}
	w.WriteString(pack.Path(out, closed))
}

func tenths(q scene.Point) pack.Point {
	return pack.Point{X: int(math.Round(q.X * 10)), Y: int(math.Round(q.Y * 10))}
}

// n writes a coordinate with one decimal, a tenth of what a screen shows.
func n(v float64) string {
	s := strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
	if s == "-0" {
		return "0"
	}
	return s
}

func (w *writer) shapes(shapes []scene.Shape) {
	for _, s := range shapes {
		switch s := s.(type) {
		case scene.Path:
			w.path(s)
		case scene.Dots:
			w.dots(s)
		case scene.Text:
			w.text(s)
		case scene.Picture:
			w.picture(s)
		}
	}
}

// colour writes the attributes of one property, "stroke" or "fill", and returns its class.
func colour(property string, p scene.Paint) (attr, class string) {
	if p == scene.PaintNone {
		return fmt.Sprintf(` %s="none"`, property), ""
	}
	attr = fmt.Sprintf(` %s="%s"`, property, scene.Light.Hex(p))
	if _, themed := scene.Light[p]; themed {
		class = property[:1] + "-" + string(p)
	}
	return attr, class
}

func classes(names ...string) string {
	s := strings.TrimSpace(strings.Join(names, " "))
	if s == "" {
		return ""
	}
	return ` class="` + s + `"`
}

func (w *writer) path(p scene.Path) {
	if len(p.Lines) == 0 {
		return
	}
	stroke, sc := colour("stroke", p.Style.Stroke)
	fill, fc := colour("fill", p.Style.Fill)
	if p.Style.Stroke == scene.PaintNone {
		stroke = ""
	}
	fmt.Fprintf(w, `<path%s%s%s`, classes(sc, fc), fill, stroke)
	if p.Style.Width > 0 && p.Style.Stroke != scene.PaintNone {
		fmt.Fprintf(w, ` stroke-width="%s"`, n(p.Style.Width))
		if len(p.Style.Dash) > 0 {
			parts := make([]string, len(p.Style.Dash))
			for i, d := range p.Style.Dash {
				parts[i] = n(d)
			}
			fmt.Fprintf(w, ` stroke-dasharray="%s"`, strings.Join(parts, " "))
		}
	}
	if a := p.Style.Alpha; a > 0 && a < 1 {
		fmt.Fprintf(w, ` opacity="%g"`, a)
	}
	if p.Style.Crisp {
		w.WriteString(` shape-rendering="crispEdges"`)
	}
	w.WriteString(` d="`)
	w.lines(p.Lines, p.Closed)
	w.WriteString(`"/>`)
}

// line writes a polyline: an absolute start, then steps. The steps are differences of rounded
// places, so that rounding does not add up along the line.
func (w *writer) line(p []scene.Point, closed bool) {
	var x, y int
	for i, q := range p {
		a, b := int(math.Round(q.X*10)), int(math.Round(q.Y*10))
		switch {
		case i == 0:
			w.WriteString("M")
			w.pair(a, b)
		case a == x && b == y && i < len(p)-1:
		case b == y:
			w.WriteString("h" + tenth(a-x))
		case a == x:
			w.WriteString("v" + tenth(b-y))
		default:
			w.WriteString("l")
			w.pair(a-x, b-y)
		}
		x, y = a, b
	}
	if closed {
		w.WriteString("z")
	}
}

func (w *writer) pair(a, b int) {
	w.WriteString(tenth(a))
	if b >= 0 {
		w.WriteByte(' ')
	}
	w.WriteString(tenth(b))
}

func tenth(v int) string {
	s := strconv.FormatFloat(float64(v)/10, 'f', -1, 64)
	switch {
	case strings.HasPrefix(s, "0."):
		return s[1:]
	case strings.HasPrefix(s, "-0."):
		return "-" + s[2:]
	}
	return s
}

// dots writes one path a layer: a filled circle is a stroke of no length with round ends, and where
// there are many, a square is one with square ends.
func (w *writer) dots(d scene.Dots) {
	stroke, sc := colour("stroke", d.Paint)
	fill, fc := colour("fill", d.Paint)
	margin, mc := colour("stroke", scene.PaintSurface)
	surface, fs := colour("fill", scene.PaintSurface)
	sparse := len(d.At) <= scene.SparseDots
	if w.moving {
		w.movingDots(d)
		return
	}
	switch {
	case (d.Marker == scene.Circle || d.Marker == scene.Square && !sparse) && !d.Hollow:
		end, width := "round", 2*d.R
		if d.Marker == scene.Square {
			end, width = "square", 1.76*d.R
		}
		var at writer
		for _, p := range d.At {
			at.line([]scene.Point{p}, false)
			at.WriteString("h0")
		}
		if sparse {
			fmt.Fprintf(w, `<path%s%s fill="none" stroke-width="%s" stroke-linecap="round" d="%s"/>`, classes(mc), margin, n(2*d.R+1.6), at.String())
		}
		fmt.Fprintf(w, `<path%s%s fill="none" stroke-width="%s" stroke-linecap="%s" d="%s"/>`, classes(sc), stroke, n(width), end, at.String())
		return
	case d.Marker == scene.Cross:
		fmt.Fprintf(w, `<path%s%s fill="none" stroke-width="1.8" stroke-linecap="round" d="`, classes(sc), stroke)
	case d.Hollow:
		fmt.Fprintf(w, `<path%s%s%s stroke-width="1.6" d="`, classes(sc, fs), surface, stroke)
	case sparse:
		fmt.Fprintf(w, `<path%s%s%s stroke-width=".8" d="`, classes(mc, fc), fill, margin)
	default:
		fmt.Fprintf(w, `<path%s%s d="`, classes(fc), fill)
	}
	lines, closed := d.Marker.Outline(d.R)
	for _, p := range d.At {
		if d.Marker == scene.Circle {
			r := n(d.R)
			w.line([]scene.Point{{X: p.X - d.R, Y: p.Y}}, false)
			fmt.Fprintf(w, "a%s %s 0 1 0 %s 0a%s %s 0 1 0-%s 0z", r, r, n(2*d.R), r, r, n(2*d.R))
			continue
		}
		for _, line := range lines {
			moved := make([]scene.Point, len(line))
			for i, q := range line {
				moved[i] = scene.Point{X: p.X + q.X, Y: p.Y + q.Y}
			}
			w.line(moved, closed)
		}
	}
	w.WriteString(`"/>`)
}

func (w *writer) text(t scene.Text) {
	fill, fc := colour("fill", t.Paint)
	size := ""
	switch t.Size { // the sizes that grow on a phone
	case scene.SizeTick:
		size = "tt"
	case scene.SizeLabel:
		size = "tl"
	case scene.SizeTitle:
		size = "th"
	}
	halo, hc := "", ""
	if t.Halo {
		halo, hc = colour("stroke", scene.PaintSurface)
		halo += ` stroke-width="3" stroke-linejoin="round" paint-order="stroke"`
	}
	fmt.Fprintf(w, `<text%s%s%s x="%s" y="%s" font-size="%s"`, classes(fc, size, hc), fill, halo, w.n(t.At.X), w.n(t.At.Y), w.n(t.Size))
	switch t.Anchor {
	case 0.5:
		w.WriteString(` text-anchor="middle"`)
	case 1:
		w.WriteString(` text-anchor="end"`)
	}
	if t.Bold {
		w.WriteString(` font-weight="600"`)
	}
	if t.Angle != 0 {
		fmt.Fprintf(w, ` transform="rotate(%s %s %s)"`, n(-t.Angle), w.n(t.At.X), w.n(t.At.Y))
	}
	w.WriteString(">")
	w.WriteString(runs(t.Label))
	w.WriteString("</text>")
}

// runs writes a label; raised and lowered runs are tspans, and the next run returns to the line.
func runs(label string) string {
	var b strings.Builder
	back := 0.0
	for _, r := range scene.Runs(label) {
		text := html.EscapeString(r.Text)
		shift := 0.0
		switch {
		case r.Shift > 0:
			shift = -0.36
		case r.Shift < 0:
			shift = 0.2
		}
		move := shift - back // in units of the line's size
		switch {
		case r.Shift != 0:
			fmt.Fprintf(&b, `<tspan dy="%.2fem" font-size="%g%%">%s</tspan>`, move/scene.SmallRun, 100*scene.SmallRun, text)
		case move != 0:
			fmt.Fprintf(&b, `<tspan dy="%.2fem">%s</tspan>`, move, text)
		default:
			b.WriteString(text)
		}
		back = shift
	}
	return b.String()
}

func (w *writer) picture(p scene.Picture) {
	if w.moving {
		fmt.Fprintf(w, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" style="image-rendering:pixelated" href="%s"/>`,
			w.n(p.Box.X0), w.n(p.Box.Y0), w.n(p.Box.W()), w.n(p.Box.H()), pack.Image(p.Image.Bounds().Dx(), p.Levels, p.Ramp))
		return
	}
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&b, paletted(p.Image)); err != nil {
		panic(err) // memory buffers do not fail, and the image is ours
	}
	fmt.Fprintf(w, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" style="image-rendering:pixelated" href="data:image/png;base64,%s"/>`,
		n(p.Box.X0), n(p.Box.Y0), n(p.Box.W()), n(p.Box.H()), base64.StdEncoding.EncodeToString(b.Bytes()))
}
