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
	return limit(out, maxData)
}

// limit keeps every k-th value, the ends included, n in all.
func limit(d []Datum, n int) []Datum {
	if len(d) <= n {
		return d
	}
	out := make([]Datum, n)
	for i := range out {
		out[i] = d[i*(len(d)-1)/(n-1)]
	}
	return out
}
