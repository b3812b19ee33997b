package scene

import (
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

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
