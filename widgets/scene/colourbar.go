package scene

import (
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/figure"
)

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
