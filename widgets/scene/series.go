package scene

import (
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// lines clips and thins a polyline; a run of one point leaves a dot.
func (out *Panel) lines(p []Point) [][]Point {
	var lines [][]Point
	for _, run := range runs(p) {
		run = decimate(run, out.Plot.W())
		for _, part := range clipLine(run, grow(out.Plot, edge)) {
			lines = append(lines, out.simpler(part))
		}
	}
	return lines
}

// simpler drops points that nobody would see missing.
func (out *Panel) simpler(line []Point) []Point {
	if out.moving {
		return line
	}
	return simplify(line, 0.1)
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
	at := distinct(out.visible(out.places(l.X, l.Y)), fine)
	if len(at) > 6000 {
		at = distinct(at, 0.5)
	}
	if len(at) > 0 {
		g.Shapes = append(g.Shapes, Dots{At: at, Marker: marker, R: r, Paint: g.Paint, Hollow: l.Role == figure.Theory || l.Role == figure.Bound})
	}
	g.Data = data(l)
}

// distinct keeps the first of the points that share a cell of 1/fine units.
func distinct(p []Point, fine float64) []Point {
	seen := map[[2]int]bool{}
	var out []Point
	for _, q := range p {
		key := [2]int{int(math.Round(fine * q.X)), int(math.Round(fine * q.Y))}
		if !seen[key] {
			seen[key] = true
			out = append(out, q)
		}
	}
	return out
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
			upper := out.simpler(decimate(hi[start:i], out.Plot.W()))
			lower := out.simpler(decimate(lo[start:i], out.Plot.W()))
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
	g.Data = limit(g.Data, maxData)
}
