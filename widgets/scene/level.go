package scene

import (
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/num"
)

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
