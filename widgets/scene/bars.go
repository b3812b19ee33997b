package scene

import (
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

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
