package scene

import (
	"math"
	"slices"
	"strings"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/num"
)

// The air between the data and the ends of an axis, as a part of its length.
const (
	airX = 0.03
	airY = 0.06
)

// newPanel places axes and layers in a panel of the given size. A panel that fills the page is shown
// smaller on a phone, with larger text; wide reserves the room for it.
func newPanel(p *figure.Panel, w, h float64, wide, moving bool) Panel {
	boost := 1.0
	if wide {
		boost = PhoneText
	}
	out := Panel{W: w, H: h, XLabel: p.X.Label, YLabel: p.Y.Label, moving: moving}
	xe, ye := extents(p)
	out.X, out.Y = newScale(p.X, xe, airX), newScale(p.Y, ye, airY)

	top := 3.0
	if p.Title != "" {
		top += 22
	}
	top += SizeLabel*boost + 9 // the y label lies above the axis, so that nobody tilts the head
	out.Plot.Y0 = top

	// The height decides the y ticks, their labels the left margin, the width then the x ticks.
	bottom := SizeTick*boost + 11 + SizeLabel*boost + 6
	out.Plot.Y1 = h - bottom
	out.Y.A, out.Y.B = out.Plot.Y1, out.Plot.Y0
	yTicks, yPower := out.Y.Ticks(int(out.Plot.H() / perTick(out.Y)))
	yTicks = out.Y.thin(yTicks, func(string) float64 { return SizeTick * boost }, 3)
	left := 0.0
	for _, t := range yTicks {
		left = math.Max(left, Width(t.Label, SizeTick*boost, false))
	}
	out.Plot.X0 = math.Min(left+10, 0.45*w)
	out.Plot.X1 = w - 14
	heat, bar := colourBar(p, out.Plot)
	if heat != nil {
		out.Plot.X1 = w - bar.width(boost)
	}

	out.X.A, out.X.B = out.Plot.X0, out.Plot.X1
	xTicks, xPower := out.X.Ticks(int(out.Plot.W() / 58))
	size := func(s string) float64 { return Width(s, SizeTick*boost, false) }
	if last := lastLabel(xTicks); last != "" && heat == nil {
		out.Plot.X1 = math.Min(out.Plot.X1, w-size(last)/2-2)
		out.X.B = out.Plot.X1
	}
	tilt := false
	if len(p.X.Categories) > 0 {
		if out.X.touch(xTicks, every(len(xTicks)), size, 6) {
			tilt = true
			longest := 0.0
			for _, t := range xTicks {
				longest = math.Max(longest, size(t.Label))
			}
			longest = math.Min(longest, 0.4*h)
			out.Plot.Y1 -= longest * math.Sin(tiltAngle*math.Pi/180)
			out.Y.A = out.Plot.Y1
			xTicks = out.X.thin(xTicks, func(string) float64 { return SizeTick * boost }, 4)
		}
	} else {
		xTicks = out.X.thin(xTicks, size, 8)
	}

	out.axes(p, xTicks, yTicks, xPower, yPower, tilt, boost)
	if heat != nil {
		bar.draw(&out, boost)
	}
	out.layers(p)
	return out
}

// perTick is the height that one label of a y axis should have: powers of ten may stand closer, for
// the eye counts them.
func perTick(s Scale) float64 {
	if s.Kind == figure.Linear {
		return 40
	}
	return 28
}

const tiltAngle = 35.0

func every(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func lastLabel(ticks []Tick) string {
	for i := len(ticks) - 1; i >= 0; i-- {
		if ticks[i].Label != "" {
			return ticks[i].Label
		}
	}
	return ""
}

// axisText is the label with unit and power: "time (ms)", "loss (×10⁵)".
func axisText(a figure.Axis, power int) string {
	var in []string
	if power != 0 {
		in = append(in, "×"+num.Power(power))
	}
	if a.Unit != "" {
		in = append(in, a.Unit)
	}
	if len(in) == 0 {
		return a.Label
	}
	return a.Label + " (" + strings.Join(in, " ") + ")"
}

func (p *Panel) axes(f *figure.Panel, xTicks, yTicks []Tick, xPower, yPower int, tilt bool, boost float64) {
	r := p.Plot
	var gridLines, marks, minor [][]Point
	for _, t := range xTicks {
		x := p.X.Place(t.Value)
		if x < r.X0-0.5 || x > r.X1+0.5 {
			continue
		}
		if t.Label == "" {
			minor = append(minor, []Point{{x, r.Y1}, {x, r.Y1 + 3}})
			continue
		}
		if len(p.X.Categories) == 0 {
			gridLines = append(gridLines, []Point{{x, r.Y0}, {x, r.Y1}})
			marks = append(marks, []Point{{x, r.Y1}, {x, r.Y1 + 5}})
		}
		text := Text{At: Point{x, r.Y1 + 7 + SizeTick*boost*0.85}, Label: t.Label, Size: SizeTick, Anchor: 0.5, Paint: PaintMuted}
		if tilt {
			text.At, text.Anchor, text.Angle = Point{x + 4, r.Y1 + 12}, 1, tiltAngle
		}
		p.Over = append(p.Over, text)
	}
	for _, t := range yTicks {
		y := p.Y.Place(t.Value)
		if y < r.Y0-0.5 || y > r.Y1+0.5 {
			continue
		}
		if t.Label == "" {
			minor = append(minor, []Point{{r.X0 - 3, y}, {r.X0, y}})
			continue
		}
		if len(p.Y.Categories) == 0 {
			gridLines = append(gridLines, []Point{{r.X0, y}, {r.X1, y}})
		}
		p.Over = append(p.Over, Text{At: Point{r.X0 - 6, y + SizeTick*0.35}, Label: t.Label, Size: SizeTick, Anchor: 1, Paint: PaintMuted})
	}
	p.Under = append(p.Under, Path{Lines: gridLines, Style: Style{Stroke: PaintGrid, Width: 1}})
	axis := [][]Point{{{r.X0, r.Y1}, {r.X1, r.Y1}}}
	if f.Y.Scale != figure.Linear { // its minor ticks need something to stand on
		axis = append(axis, []Point{{r.X0, r.Y0}, {r.X0, r.Y1}})
	}
	p.Over = append(p.Over,
		Path{Lines: append(axis, marks...), Style: Style{Stroke: PaintMuted, Width: 1}},
		Path{Lines: minor, Style: Style{Stroke: PaintRef, Width: 0.8}})

	label := func(s string, room float64) (string, float64) {
		if k := Width(s, SizeLabel*boost, false); k > room {
			return s, SizeLabel * room / k
		}
		return s, SizeLabel
	}
	s, size := label(axisText(f.X, xPower), p.W-8)
	x, anchor := (r.X0+r.X1)/2, 0.5
	if half := Width(s, size*boost, false) / 2; x+half > p.W-2 {
		x, anchor = p.W-2, 1
	}
	p.Over = append(p.Over, Text{At: Point{x, p.H - 7}, Label: s, Size: size, Anchor: anchor, Paint: PaintInk})
	room := p.W - 8
	if f := barLabel(f); f != "" {
		room -= Width(f, SizeLabel*boost, false) + 12
	}
	s, size = label(axisText(f.Y, yPower), room)
	p.Over = append(p.Over, Text{At: Point{2, r.Y0 - 9}, Label: s, Size: size, Paint: PaintInk})
	if f.Title != "" {
		size := SizeTitle
		if k := Width(f.Title, SizeTitle, true); k > p.W-4 {
			size *= (p.W - 4) / k
		}
		p.Over = append(p.Over, Text{At: Point{2, 17}, Label: f.Title, Size: size, Bold: true, Paint: PaintInk})
	}
}

// extents of the data along both axes.
func extents(p *figure.Panel) (x, y extent) {
	x, y = newExtent(), newExtent()
	for _, l := range p.Layers {
		switch l.Kind {
		case figure.KindRule:
			x.add(l.X...)
			y.add(l.Y...)
			continue
		case figure.KindHeat:
			ex, ey := cellEdges(l.X, p.X.Scale), cellEdges(l.Y, p.Y.Scale)
			x.add(ex...)
			y.add(ey...)
			x.stickLo, x.stickHi, y.stickLo, y.stickHi = true, true, true, true
			continue
		case figure.KindBars:
			w := groupWidth(p)
			for _, v := range l.X {
				if p.X.Scale == figure.Linear {
					x.add(v-w*0.6, v+w*0.6)
				} else {
					x.add(v)
				}
			}
			if p.Y.Scale != figure.Log {
				y.add(0)
				y.stickLo = y.stickLo || slices.Min(append([]float64{0}, l.Y...)) == 0 // no air below the base
			}
		case figure.KindLine, figure.KindSteps:
			x.add(l.X...)
		default:
			x.add(l.X...)
		}
		y.add(l.Y...)
		y.add(l.Low...)
		y.add(l.High...)
	}
	return x, y
}

// groupWidth is the width, in values of x, of the group of bars at one place.
func groupWidth(p *figure.Panel) float64 {
	gap := math.Inf(1)
	for _, l := range p.Layers {
		if l.Kind == figure.KindBars {
			for i := 1; i < len(l.X); i++ {
				if d := math.Abs(l.X[i] - l.X[i-1]); d > 0 {
					gap = math.Min(gap, d)
				}
			}
		}
	}
	if math.IsInf(gap, 1) {
		gap = 1
	}
	return 0.8 * gap
}

// cellEdges are the borders of cells centred at v: half way between neighbours on the axis's scale,
// and as far outside at both ends.
func cellEdges(v []float64, kind figure.Scale) []float64 {
	n := len(v)
	if n == 0 {
		return nil
	}
	s := Scale{Kind: kind, Lo: 1, Hi: 10, Threshold: 1}
	f := make([]float64, n)
	for i := range v {
		f[i] = s.forward(v[i])
	}
	s.A, s.B = s.forward(s.Lo), s.forward(s.Hi)
	out := make([]float64, n+1)
	for i := 1; i < n; i++ {
		out[i] = s.Value((f[i-1] + f[i]) / 2)
	}
	half := 0.5
	if n > 1 {
		half = (f[1] - f[0]) / 2
		out[n] = s.Value(f[n-1] + (f[n-1]-f[n-2])/2)
	} else {
		out[n] = s.Value(f[0] + half)
	}
	out[0] = s.Value(f[0] - half)
	return out
}
