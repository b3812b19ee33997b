package scene

import (
	"math"
	"sort"

	"github.com/lemma-ml/lemma/lib/figure"
)

// edge is how far a line may reach out of the plot: a line along an axis keeps its full width.
// Everything is cut to the plot here, so that no writer needs to clip.
const edge = 0.6

// layers draws the layers of p into groups.
func (out *Panel) layers(p *figure.Panel) {
	bars, bar := 0, 0
	for _, l := range p.Layers {
		if l.Kind == figure.KindBars {
			bars++
		}
	}
	onHeat := false
	out.barred = bars > 0
	for _, l := range p.Layers {
		g := Group{Kind: l.Kind, Role: l.Role, Name: l.Name, Series: l.Series, Hidden: l.Hidden, Paint: paintOf(l)}
		switch l.Kind {
		case figure.KindLine:
			out.line(&g, l)
		case figure.KindPoints:
			out.points(&g, l)
		case figure.KindBand:
			out.band(&g, l)
		case figure.KindBars:
			out.bars(&g, l, groupWidth(p), bar, bars)
			bar++
		case figure.KindSteps:
			out.steps(&g, l)
		case figure.KindHeat:
			out.heat(&g, l)
			onHeat = true
		case figure.KindContour:
			out.contour(&g, l, onHeat)
		case figure.KindText:
			out.text(&g, l)
		case figure.KindRule:
			out.rule(&g, l)
		}
		out.Groups = append(out.Groups, g)
	}
	for i := range out.Groups {
		if g := &out.Groups[i]; g.label != (Point{}) {
			g.Shapes = append(g.Shapes, out.ruleLabel(g, len(p.Layers[i].Y) > 0))
		}
	}
}

// paintOf is the colour of a layer: its series', unless the role speaks louder.
func paintOf(l figure.Layer) Paint {
	switch l.Role {
	case figure.Wrong:
		return PaintWrong
	case figure.Reference:
		return PaintRef
	}
	return Series(l.Series)
}

// stroke is the line of a role: theory full, measurement fine, a bound dashed, what fails dash-dot.
// Bounds of different series have different dashes.
func stroke(l figure.Layer) Style {
	s := Style{Stroke: paintOf(l), Width: 2.2}
	switch l.Role {
	case figure.Measured:
		s.Width = 1.5
	case figure.Bound:
		s.Width = 1.9
		s.Dash = [][]float64{{7, 4}, {3, 3}, {10, 3, 3, 3}, {14, 4}, {2, 4}, {8, 2}}[mod(l.Series, NumSeries)]
	case figure.Reference:
		s.Width = 1.2
	case figure.Wrong:
		s.Width = 2
		s.Dash = []float64{9, 3, 2, 3}
	}
	if s.Dash == nil && l.Series >= NumSeries && l.Role != figure.Reference {
		s.Dash = []float64{16, 3} // colours have come round again
	}
	return s
}

func markerOf(l figure.Layer) Marker {
	if l.Role == figure.Wrong {
		return Cross
	}
	return Marker(mod(l.Series, int(Cross)))
}

func (out *Panel) at(x, y float64) Point { return Point{out.X.Place(x), out.Y.Place(y)} }

func (out *Panel) places(x, y []float64) []Point {
	p := make([]Point, len(x))
	for i := range x {
		p[i] = out.at(x[i], y[i])
	}
	return p
}

// lines clips and thins a polyline; a run of one point leaves a dot.
func (out *Panel) lines(p []Point) [][]Point {
	var lines [][]Point
	for _, run := range runs(p) {
		run = decimate(run, out.Plot.W())
		for _, part := range clipLine(run, grow(out.Plot, edge)) {
			lines = append(lines, simplify(part, 0.1))
		}
	}
	return lines
}

func (out *Panel) line(g *Group, l figure.Layer) {
	p := out.places(l.X, l.Y)
	if len(l.Low) > 0 {
		g.Shapes = append(g.Shapes, out.area(l.X, l.Low, l.High, g.Paint, 0.16)...)
	}
	g.Shapes = append(g.Shapes, Path{Lines: out.lines(p), Style: stroke(l)})
	var alone []Point
	for _, run := range runs(p) {
		if len(run) == 1 {
			alone = append(alone, run[0])
		}
	}
	if l.Role == figure.Measured && len(p) <= 40 {
		alone = nil
		for _, run := range runs(p) {
			alone = append(alone, run...)
		}
	}
	if alone = out.visible(alone); len(alone) > 0 {
		g.Shapes = append(g.Shapes, Dots{At: alone, Marker: markerOf(l), R: 2.8, Paint: g.Paint})
	}
	g.Data = data(l)
}

func (out *Panel) visible(p []Point) []Point {
	var in []Point
	for _, q := range p {
		if inside(q, grow(out.Plot, 0.01)) {
			in = append(in, q)
		}
	}
	return in
}

func (out *Panel) points(g *Group, l figure.Layer) {
	r := 3.6
	switch n := len(l.X); {
	case n > 2000:
		r = 1.2
	case n > 400:
		r = 1.7
	case n > 80:
		r = 2.5
	}
	if w := out.whiskers(l, 0); len(w) > 0 {
		g.Shapes = append(g.Shapes, Path{Lines: w, Style: Style{Stroke: g.Paint, Width: 1.3}})
	}
	fine, marker := 2.0, markerOf(l)
	if len(l.X) > 400 && marker != Cross {
		marker = Circle // at this size no other form can be made out
	}
	if len(l.X) > 1000 {
		fine = 1
	}
	seen := map[[2]int]bool{}
	var at []Point
	for _, q := range out.visible(out.places(l.X, l.Y)) {
		key := [2]int{int(math.Round(fine * q.X)), int(math.Round(fine * q.Y))}
		if !seen[key] {
			seen[key] = true
			at = append(at, q)
		}
	}
	if len(at) > 0 {
		g.Shapes = append(g.Shapes, Dots{At: at, Marker: marker, R: r, Paint: g.Paint, Hollow: l.Role == figure.Theory || l.Role == figure.Bound})
	}
	g.Data = data(l)
}

// whiskers are the intervals of a layer with caps where both ends are inside the plot. An end that
// a logarithmic axis cannot show runs into its edge.
func (out *Panel) whiskers(l figure.Layer, dx float64) [][]Point {
	const half = 3
	var w [][]Point
	for i := range l.Low {
		x := out.X.Place(l.X[i]) + dx
		a, b := out.Y.Place(l.Low[i]), out.Y.Place(l.High[i])
		if math.IsNaN(x) || math.IsNaN(a) || math.IsNaN(b) || x < out.Plot.X0-0.01 || x > out.Plot.X1+0.01 {
			continue
		}
		p, q, ok := clipSegment(Point{x, a}, Point{x, b}, grow(out.Plot, edge))
		if !ok || p == q {
			continue
		}
		w = append(w, []Point{p, q})
		for _, end := range []float64{a, b} {
			if end >= out.Plot.Y0 && end <= out.Plot.Y1 && math.Abs(a-b) > 2 {
				w = append(w, []Point{{x - half, end}, {x + half, end}})
			}
		}
	}
	return w
}

func (out *Panel) area(x, low, high []float64, paint Paint, alpha float64) []Shape {
	lo, hi := out.places(x, low), out.places(x, high)
	var polygons [][]Point
	start := 0
	for i := 0; i <= len(x); i++ {
		if i < len(x) && !math.IsNaN(lo[i].X+lo[i].Y+hi[i].Y) {
			continue
		}
		if i-start > 1 {
			upper := simplify(decimate(hi[start:i], out.Plot.W()), 0.1)
			lower := simplify(decimate(lo[start:i], out.Plot.W()), 0.1)
			polygon := append([]Point(nil), upper...)
			for k := len(lower) - 1; k >= 0; k-- {
				polygon = append(polygon, lower[k])
			}
			if polygon = clipPolygon(polygon, out.Plot); len(polygon) > 2 {
				polygons = append(polygons, polygon)
			}
		}
		start = i + 1
	}
	if len(polygons) == 0 {
		return nil
	}
	return []Shape{Path{Lines: polygons, Closed: true, Style: Style{Fill: paint, Alpha: alpha}}}
}

func (out *Panel) band(g *Group, l figure.Layer) {
	g.Shapes = out.area(l.X, l.Low, l.High, g.Paint, 0.2)
	for _, border := range [][]float64{l.Low, l.High} {
		if lines := out.lines(out.places(l.X, border)); len(lines) > 0 {
			g.Shapes = append(g.Shapes, Path{Lines: lines, Style: Style{Stroke: g.Paint, Width: 0.8, Alpha: 0.55}})
		}
	}
	for i := range l.X {
		if math.IsNaN(l.Low[i] + l.High[i]) {
			continue
		}
		g.Data = append(g.Data, Datum{X: l.X[i], Y: l.Low[i]/2 + l.High[i]/2, Low: l.Low[i], High: l.High[i], Interval: true})
	}
	g.Data = limit(g.Data)
}

func (out *Panel) bars(g *Group, l figure.Layer, width float64, index, count int) {
	base := out.Y.Place(0)
	if out.Y.Kind == figure.Log || base > out.Plot.Y1 {
		base = out.Plot.Y1
	}
	base = math.Max(base, out.Plot.Y0)
	var boxes [][]Point
	for i := range l.X {
		// On a logarithmic axis the width is that of the group around the value, in places.
		a, b := out.X.Place(l.X[i]-width/2), out.X.Place(l.X[i]+width/2)
		if out.X.Kind != figure.Linear {
			c, half := out.X.Place(l.X[i]), out.Plot.W()/float64(2*len(l.X)+2)
			a, b = c-half, c+half
		}
		slot := (b - a) / float64(count)
		g.DX = a + slot*(float64(index)+0.5) - out.X.Place(l.X[i])
		y := out.Y.Place(l.Y[i])
		if math.IsNaN(a) || math.IsNaN(y) {
			continue
		}
		x0, x1 := a+slot*float64(index), a+slot*float64(index+1)
		if gap := math.Min(1, slot*0.12); count > 1 || slot > 6 {
			x0, x1 = x0+gap, x1-gap
		}
		box := clipPolygon([]Point{{x0, y}, {x1, y}, {x1, base}, {x0, base}}, out.Plot)
		if len(box) > 2 {
			boxes = append(boxes, box)
		}
	}
	style := Style{Fill: g.Paint}
	if l.Role == figure.Theory || l.Role == figure.Bound {
		style = Style{Fill: g.Paint, Alpha: 0.3, Stroke: g.Paint, Width: 1.4}
		if l.Role == figure.Bound {
			style.Dash = []float64{4, 3}
		}
	}
	if len(boxes) > 0 {
		g.Shapes = append(g.Shapes, Path{Lines: boxes, Closed: true, Style: style})
	}
	if w := out.whiskers(l, g.DX); len(w) > 0 {
		g.Shapes = append(g.Shapes, Path{Lines: w, Style: Style{Stroke: PaintInk, Width: 1.2}})
	}
	g.Data = data(l)
}

// steps: y[i] holds from x[i] to x[i+1], the last value to the edge of the plot.
func (out *Panel) steps(g *Group, l figure.Layer) {
	var p []Point
	for i := range l.X {
		q := out.at(l.X[i], l.Y[i])
		end := out.Plot.X1
		if i+1 < len(l.X) {
			end = out.X.Place(l.X[i+1])
		}
		if math.IsNaN(q.X) || math.IsNaN(q.Y) {
			p = append(p, q)
			continue
		}
		p = append(p, q, Point{end, q.Y})
	}
	var lines [][]Point
	for _, run := range runs(p) {
		for _, part := range clipLine(decimate(run, out.Plot.W()), grow(out.Plot, edge)) {
			lines = append(lines, simplify(part, 0.01))
		}
	}
	style := stroke(l)
	style.Width = math.Max(style.Width, 1.8)
	g.Shapes = append(g.Shapes, Path{Lines: lines, Style: style})
	g.Data = data(l)
}

func (out *Panel) text(g *Group, l figure.Layer) {
	for i := range l.X {
		q := out.at(l.X[i], l.Y[i])
		if !inside(q, grow(out.Plot, 1)) {
			continue
		}
		t := Text{At: q, Label: l.Text[i], Size: SizeLabel, Paint: PaintInk, Halo: true}
		if l.Role == figure.Wrong {
			t.Paint = PaintWrong
		}
		// A text that would run out of the panel is set to the left of its place instead.
		if w := Width(t.Label, t.Size, false); q.X+w > out.Plot.X1+8 && q.X-w >= out.Plot.X0 {
			t.Anchor = 1
		} else if q.X+w > out.W-2 {
			t.At.X = math.Max(out.Plot.X0+2, out.W-2-w)
		}
		t.At.Y = math.Max(t.At.Y, out.Plot.Y0+SizeLabel*0.8)
		g.Shapes = append(g.Shapes, t)
	}
}

func (out *Panel) rule(g *Group, l figure.Layer) {
	r := out.Plot
	var lines [][]Point
	for _, x := range l.X {
		if p := out.X.Place(x); p >= r.X0-0.5 && p <= r.X1+0.5 {
			lines = append(lines, []Point{{p, r.Y0}, {p, r.Y1}})
		}
	}
	for _, y := range l.Y {
		if p := out.Y.Place(y); p >= r.Y0-0.5 && p <= r.Y1+0.5 {
			lines = append(lines, []Point{{r.X0, p}, {r.X1, p}})
		}
	}
	if len(lines) == 0 {
		return
	}
	style := stroke(l)
	style.Width = math.Min(style.Width, 1.6)
	g.Shapes = append(g.Shapes, Path{Lines: lines, Style: style})
	if l.Name == "" || !labelled(l) || out.barred { // bars leave no room for words
		return
	}
	g.label = lines[0][0]
}

// labelled reports whether the layer carries its name in the picture rather than in the legend.
func labelled(l figure.Layer) bool {
	return l.Kind == figure.KindRule && l.Role == figure.Reference && len(l.X)+len(l.Y) == 1
}

// data lists the values of a layer for the readout, in order of x.
func data(l figure.Layer) []Datum {
	var out []Datum
	for i := range l.X {
		if math.IsNaN(l.X[i]) || math.IsNaN(l.Y[i]) {
			continue
		}
		d := Datum{X: l.X[i], Y: l.Y[i]}
		if i < len(l.Low) && i < len(l.High) && !math.IsNaN(l.Low[i]+l.High[i]) {
			d.Low, d.High, d.Interval = l.Low[i], l.High[i], true
		}
		out = append(out, d)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].X < out[j].X })
	return limit(out)
}

// limit keeps every k-th value, the ends included.
func limit(d []Datum) []Datum {
	if len(d) <= maxData {
		return d
	}
	out := make([]Datum, maxData)
	for i := range out {
		out[i] = d[i*(len(d)-1)/(maxData-1)]
	}
	return out
}
