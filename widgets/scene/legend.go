package scene

import (
	"fmt"
	"slices"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/num"
)

// legends collects the named layers. Layers of one name and series are one entry: the theory line
// and the measured points of a case are switched together. Where all panels show the same entries,
// one legend serves them all.
func (f *Figure) legends() {
	shared := true
	for i := range f.Panels {
		f.Panels[i].Legend = f.keys(i)
		if i > 0 && !slices.EqualFunc(f.Panels[0].Legend, f.Panels[i].Legend, func(a, b Key) bool { return a.Name == b.Name }) {
			shared = false
		}
	}
	if !shared {
		return
	}
	f.Legend = f.keys(every(len(f.Panels))...)
	for i := range f.Panels {
		f.Panels[i].Legend = nil
	}
}

func (f *Figure) keys(panels ...int) []Key {
	type id struct {
		name  string
		paint Paint
	}
	at := map[id]int{}
	kinds := map[id][]figure.Kind{}
	var out []Key
	for _, i := range panels {
		for j := range f.Panels[i].Groups {
			g := &f.Panels[i].Groups[j]
			if g.Name == "" || g.Kind == figure.KindHeat || len(g.Shapes) == 0 && len(g.Data) == 0 {
				continue
			}
			if g.Kind == figure.KindRule && len(g.Shapes) > 1 {
				continue // named in the picture
			}
			k := id{g.Name, g.Paint}
			n, ok := at[k]
			if !ok {
				n = len(out)
				at[k] = n
				out = append(out, Key{Name: g.Name, Hidden: true})
			}
			out[n].Targets = append(out[n].Targets, Target{i, j})
			out[n].Hidden = out[n].Hidden && g.Hidden
			if !slices.Contains(kinds[k], g.Kind) {
				kinds[k] = append(kinds[k], g.Kind)
				out[n].Swatch = append(out[n].Swatch, swatch(g)...)
			}
		}
	}
	return out
}

// swatch is the look of a layer in a box of KeyW by KeyH.
func swatch(g *Group) []Shape {
	mid := KeyH / 2
	line := [][]Point{{{1, mid}, {KeyW - 1, mid}}}
	if g.Kind == figure.KindSteps {
		line = [][]Point{{{1, KeyH - 2}, {10, KeyH - 2}, {10, mid}, {19, mid}, {19, 2}, {KeyW - 1, 2}}}
	}
	box := func(y0, y1 float64) [][]Point {
		return [][]Point{{{4, y0}, {KeyW - 4, y0}, {KeyW - 4, y1}, {4, y1}}}
	}
	var out []Shape
	for _, s := range g.Shapes {
		switch s := s.(type) {
		case Path:
			switch {
			case s.Closed && g.Kind == figure.KindBars:
				out = append(out, Path{Lines: box(2, KeyH-2), Closed: true, Style: s.Style})
			case s.Closed:
				out = append(out, Path{Lines: box(1.5, KeyH-1.5), Closed: true, Style: s.Style},
					Path{Lines: [][]Point{{{4, 1.5}, {KeyW - 4, 1.5}}, {{4, KeyH - 1.5}, {KeyW - 4, KeyH - 1.5}}}, Style: Style{Stroke: s.Style.Fill, Width: 0.8, Alpha: 0.7}})
			case g.Kind == figure.KindPoints:
				out = append(out, Path{Lines: [][]Point{{{KeyW / 2, 0.5}, {KeyW / 2, KeyH - 0.5}}}, Style: s.Style})
			case g.Kind == figure.KindBars, g.Kind == figure.KindBand, g.Kind == figure.KindContour && s.Style.Alpha != 0:
			case s.Style.Stroke == RGB(255, 255, 255): // lines on a heat map
				s.Style.Stroke = PaintInk
				out = append(out, Path{Lines: line, Style: s.Style})
			default:
				out = append(out, Path{Lines: line, Style: s.Style})
			}
		case Dots:
			s.At = []Point{{KeyW / 2, mid}}
			s.R = max(s.R, 3)
			out = append(out, s)
		}
		if g.Kind == figure.KindContour && len(out) > 0 {
			break
		}
	}
	return out
}

// Readout is a value as the readout and the table show it.
func (p *Panel) Readout(d Datum) (x, y string) {
	x = num.Format(d.X, 4)
	if i := int(d.X); len(p.X.Categories) > 0 && float64(i) == d.X && i >= 0 && i < len(p.X.Categories) {
		x = p.X.Categories[i]
	}
	y = num.Format(d.Y, 4)
	if d.Interval {
		y += fmt.Sprintf(" [%s, %s]", num.Format(d.Low, 4), num.Format(d.High, 4))
	}
	return x, y
}
