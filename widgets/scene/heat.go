package scene

import (
	"image"
	"image/color"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/num"
)

// ramp turns values into colours: the sequential map, or the diverging one about zero where the
// values have both signs.
type ramp struct {
	scale     Scale
	diverging bool
	label     string
}

func newRamp(l figure.Layer) ramp {
	e := newExtent()
	for _, row := range l.Z {
		e.add(row...)
	}
	e.stickLo, e.stickHi = true, true
	r := ramp{scale: newScale(l.Colour, e, 0), label: l.Colour.Label}
	if r.label == "" {
		r.label = l.Name
	}
	if r.label != "" && l.Colour.Unit != "" {
		r.label += " (" + l.Colour.Unit + ")"
	}
	s := &r.scale
	if s.Kind != figure.Log && s.Lo < 0 && s.Hi > 0 {
		// A few values just below zero, as of a loss with noise, do not make two sides.
		r.diverging = math.Min(-s.Lo, s.Hi) > 0.12*math.Max(-s.Lo, s.Hi)
		// Equal distance from zero is equal strength of colour.
		if r.diverging && l.Colour.Min == nil && l.Colour.Max == nil {
			m := math.Max(-s.Lo, s.Hi)
			s.Lo, s.Hi = -m, m
		}
	}
	s.A, s.B = 0, 1
	return r
}

func (r ramp) rgb(v float64) (red, green, blue uint8) {
	t := r.scale.Place(v)
	if math.IsNaN(t) {
		t = 0
	}
	if !r.diverging {
		return Sequential(t)
	}
	zero := r.scale.Place(0)
	if t < zero {
		return Diverging((t - zero) / math.Max(zero, 1e-12))
	}
	return Diverging((t - zero) / math.Max(1-zero, 1e-12))
}

// maxCells is the number of cells up to which a heat map is drawn as rectangles, which scale and
// print best; larger ones become a picture.
const maxCells = 500

func (out *Panel) heat(g *Group, l figure.Layer) {
	g.Name = newRamp(l).label
	ex, ey := cellEdges(l.X, out.X.Kind), cellEdges(l.Y, out.Y.Kind)
	if len(l.X) == 0 || len(l.Y) == 0 {
		return
	}
	px, py := make([]float64, len(ex)), make([]float64, len(ey))
	for i, v := range ex {
		px[i] = out.X.Place(v)
	}
	for i, v := range ey {
		py[i] = out.Y.Place(v)
	}
	r := newRamp(l)
	if len(l.X)*len(l.Y) <= 2500 {
		g.Grid = &Grid{X: px, Y: py, Z: l.Z, Name: r.label}
	}
	if len(l.X)*len(l.Y) <= maxCells {
		out.cells(g, l.Z, px, py, r)
		return
	}
	// One pixel a cell where the cells are equal, else enough pixels to show the smallest.
	w, h := len(l.X), len(l.Y)
	whole := Rect{math.Min(px[0], px[len(px)-1]), math.Min(py[0], py[len(py)-1]), math.Max(px[0], px[len(px)-1]), math.Max(py[0], py[len(py)-1])}
	box := Rect{math.Max(whole.X0, out.Plot.X0), math.Max(whole.Y0, out.Plot.Y0), math.Min(whole.X1, out.Plot.X1), math.Min(whole.Y1, out.Plot.Y1)}
	if box.W() <= 0 || box.H() <= 0 {
		return
	}
	if !even(px) || math.Abs(box.W()-whole.W()) > 0.01 {
		w = int(2*box.W()) + 1
	}
	if !even(py) || math.Abs(box.H()-whole.H()) > 0.01 {
		h = int(2*box.H()) + 1
	}
	w, h = min(w, int(2*box.W())+1), min(h, int(2*box.H())+1)
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for j := range h {
		row := cellAt(py, box.Y0+(float64(j)+0.5)/float64(h)*box.H())
		for i := range w {
			v := l.Z[row][cellAt(px, box.X0+(float64(i)+0.5)/float64(w)*box.W())]
			if math.IsNaN(v) {
				continue // transparent: no value
			}
			// 64 levels are more than an eye tells apart, and a picture of few colours is small.
			red, green, blue := r.rgb(r.scale.Value(math.Round(clamp01(r.scale.Place(v))*63) / 63))
			img.SetRGBA(i, j, color.RGBA{red, green, blue, 255})
		}
	}
	g.Shapes = append(g.Shapes, Picture{Box: box, Image: img})
}

// cells draws rectangles, one path a colour.
func (out *Panel) cells(g *Group, z [][]float64, px, py []float64, r ramp) {
	byColour := map[Paint][][]Point{}
	var order []Paint
	for j, row := range z {
		for i, v := range row {
			if math.IsNaN(v) {
				continue
			}
			c := RGB(r.rgb(v))
			x0, x1 := math.Min(px[i], px[i+1]), math.Max(px[i], px[i+1])
			y0, y1 := math.Min(py[j], py[j+1]), math.Max(py[j], py[j+1])
			box := clipPolygon([]Point{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}, out.Plot)
			if len(box) < 3 {
				continue
			}
			if _, seen := byColour[c]; !seen {
				order = append(order, c)
			}
			byColour[c] = append(byColour[c], box)
		}
	}
	for _, c := range order {
		g.Shapes = append(g.Shapes, Path{Lines: byColour[c], Closed: true, Style: Style{Fill: c, Crisp: true}})
	}
}

func even(p []float64) bool {
	d := (p[len(p)-1] - p[0]) / float64(len(p)-1)
	for i := 1; i < len(p); i++ {
		if math.Abs(p[i]-p[i-1]-d) > 0.02*math.Abs(d) {
			return false
		}
	}
	return true
}

// cellAt finds the cell that holds place v among monotone edges.
func cellAt(edges []float64, v float64) int {
	up := edges[len(edges)-1] > edges[0]
	for i := 1; i < len(edges); i++ {
		if up && v < edges[i] || !up && v > edges[i] {
			return i - 1
		}
	}
	return len(edges) - 2
}

// contour draws level lines; on a heat map they are ink with a margin of the page's colour.
func (out *Panel) contour(g *Group, l figure.Layer, onHeat bool) {
	x, y := make([]float64, len(l.X)), make([]float64, len(l.Y))
	for i, v := range l.X {
		x[i] = out.X.Place(v)
	}
	for i, v := range l.Y {
		y[i] = out.Y.Place(v)
	}
	levels := l.Levels
	r := newRamp(l)
	if len(levels) == 0 {
		ticks, _ := r.scale.Ticks(7)
		for _, t := range ticks {
			if t.Label != "" && t.Value > r.scale.Lo && t.Value < r.scale.Hi {
				levels = append(levels, t.Value)
			}
		}
	}
	if l.Colour.Scale == figure.Log {
		// Interpolate where the values are even: in the logarithm.
		z := make([][]float64, len(l.Z))
		for i, row := range l.Z {
			z[i] = make([]float64, len(row))
			for j, v := range row {
				z[i][j] = math.Log10(v)
			}
		}
		l.Z = z
	}
	style := stroke(l)
	style.Width = 1.5
	if onHeat {
		// The map has the same colours in every theme, and so have the lines on it: white, cased
		// in black for the pale end.
		style.Stroke, style.Width, g.Paint = RGB(255, 255, 255), 1.2, PaintInk
	}
	var labels []Shape
	for _, level := range levels {
		at := level
		if l.Colour.Scale == figure.Log {
			at = math.Log10(level)
		}
		var lines [][]Point
		for _, line := range contours(x, y, l.Z, at) {
			for _, part := range clipLine(line, grow(out.Plot, edge)) {
				lines = append(lines, simplify(part, 0.15))
			}
		}
		if len(lines) == 0 {
			continue
		}
		if onHeat {
			g.Shapes = append(g.Shapes, Path{Lines: lines, Style: Style{Stroke: RGB(0, 0, 0), Width: 2.6, Alpha: 0.45}})
		}
		g.Shapes = append(g.Shapes, Path{Lines: lines, Style: style})
		if t, ok := out.levelLabel(lines, levelText(levels, level), labels); ok {
			labels = append(labels, t)
		}
	}
	g.Shapes = append(g.Shapes, labels...)
}

// levelLabel stands in the middle of the longest line of a level that has room for it.
func (out *Panel) levelLabel(lines [][]Point, text string, taken []Shape) (Text, bool) {
	longest, best := 0.0, lines[0]
	for _, line := range lines {
		if n := length(line); n > longest {
			longest, best = n, line
		}
	}
	w := Width(text, SizeTick-1, false)
	if longest < 2*w+10 {
		return Text{}, false
	}
	for _, f := range []float64{0.5, 0.35, 0.65, 0.2, 0.8} {
		p := along(best, f*longest)
		t := Text{At: Point{p.X, p.Y + 3.5}, Label: text, Size: SizeTick - 1, Anchor: 0.5, Paint: PaintInk, Halo: true}
		clear := inside(Point{p.X - w/2, p.Y}, grow(out.Plot, -6)) && inside(Point{p.X + w/2, p.Y}, grow(out.Plot, -6))
		for _, s := range taken {
			q := s.(Text)
			if math.Abs(q.At.X-t.At.X) < w+8 && math.Abs(q.At.Y-t.At.Y) < SizeTick+2 {
				clear = false
			}
		}
		if clear {
			return t, true
		}
	}
	return Text{}, false
}

func length(p []Point) float64 {
	n := 0.0
	for i := 1; i < len(p); i++ {
		n += math.Hypot(p[i].X-p[i-1].X, p[i].Y-p[i-1].Y)
	}
	return n
}

func along(p []Point, s float64) Point {
	for i := 1; i < len(p); i++ {
		d := math.Hypot(p[i].X-p[i-1].X, p[i].Y-p[i-1].Y)
		if s <= d && d > 0 {
			t := s / d
			return Point{p[i-1].X + t*(p[i].X-p[i-1].X), p[i-1].Y + t*(p[i].Y-p[i-1].Y)}
		}
		s -= d
	}
	return p[len(p)-1]
}

// bar is the colour bar at the right of a heat map.
type bar struct {
	ramp  ramp
	ticks []Tick
	power int
	text  float64 // widest label
}

// colourBar returns the heat map of the panel, if it has one, with its bar.
func colourBar(p *figure.Panel, plot Rect) (*figure.Layer, *bar) {
	i := slices.IndexFunc(p.Layers, func(l figure.Layer) bool { return l.Kind == figure.KindHeat })
	if i < 0 {
		return nil, nil
	}
	b := &bar{ramp: newRamp(p.Layers[i])}
	b.ramp.scale.A, b.ramp.scale.B = plot.Y1, plot.Y0
	b.ticks, b.power = b.ramp.scale.Ticks(int(plot.H() / 40))
	b.ticks = b.ramp.scale.thin(b.ticks, func(string) float64 { return SizeTick * 1.25 }, 3)
	for _, t := range b.ticks {
		b.text = math.Max(b.text, Width(t.Label, SizeTick, false))
	}
	return &p.Layers[i], b
}

// barLabel is what stands above the colour bar.
func barLabel(p *figure.Panel) string {
	_, b := colourBar(p, Rect{0, 0, 100, 100})
	if b == nil || b.ramp.label == "" {
		return ""
	}
	return axisText(figure.Axis{Label: b.ramp.label}, b.power)
}

const (
	barGap   = 14.0
	barWidth = 11.0
)

func (b *bar) width(boost float64) float64 { return barGap + barWidth + 6 + b.text*boost + 4 }

func (b *bar) draw(out *Panel, boost float64) {
	const steps = 48
	x0 := out.Plot.X1 + barGap
	s := b.ramp.scale
	s.A, s.B = out.Plot.Y1, out.Plot.Y0
	unit := b.ramp
	unit.scale.A, unit.scale.B = 0, 1
	for i := range steps {
		y1 := out.Plot.Y1 - float64(i)/steps*out.Plot.H()
		y0 := out.Plot.Y1 - float64(i+1)/steps*out.Plot.H()
		v := s.Value((y0 + y1) / 2)
		out.Under = append(out.Under, Path{Lines: [][]Point{{{x0, y0}, {x0 + barWidth, y0}, {x0 + barWidth, y1}, {x0, y1}}},
			Closed: true, Style: Style{Fill: RGB(unit.rgb(v)), Crisp: true}})
	}
	var marks [][]Point
	for _, t := range b.ticks {
		y := s.Place(t.Value)
		if t.Label == "" || y < out.Plot.Y0-0.5 || y > out.Plot.Y1+0.5 {
			continue
		}
		marks = append(marks, []Point{{x0 + barWidth, y}, {x0 + barWidth + 3, y}})
		out.Over = append(out.Over, Text{At: Point{x0 + barWidth + 6, y + SizeTick*0.35}, Label: t.Label, Size: SizeTick, Paint: PaintMuted})
	}
	out.Over = append(out.Over, Path{Lines: marks, Style: Style{Stroke: PaintMuted, Width: 1}})
	if b.ramp.label != "" {
		out.Over = append(out.Over, Text{At: Point{out.W - 2, out.Plot.Y0 - 9}, Label: axisText(figure.Axis{Label: b.ramp.label}, b.power), Size: SizeLabel, Anchor: 1, Paint: PaintInk})
	}
}

// levelText writes a level with as many digits as the levels need to differ.
func levelText(levels []float64, v float64) string {
	for digits := 2; digits < 7; digits++ {
		seen := map[string]bool{}
		for _, l := range levels {
			seen[num.Format(l, digits)] = true
		}
		if len(seen) == len(levels) {
			return num.Format(v, digits)
		}
	}
	return num.Format(v, 7)
}
