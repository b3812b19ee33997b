package scene

import (
	"testing"

	"github.com/lemma-ml/lemma/lib/figure"
)

// Figures under common ranges have the same axes, whatever each holds; ends that a figure sets
// itself stay, and each scale of an axis has its own.
func TestShare(t *testing.T) {
	line := func(scale figure.Scale, y ...float64) *figure.Figure {
		x := make([]float64, len(y))
		for i := range x {
			x[i] = float64(i + 1)
		}
		return &figure.Figure{ID: "f", Alt: "a", Panels: []figure.Panel{{X: figure.Axis{Label: "x"}, Y: figure.Axis{Label: "y", Scale: scale}, Layers: []figure.Layer{figure.Line("l", 0, x, y)}}}}
	}
	heat := func(z ...float64) *figure.Figure {
		return &figure.Figure{ID: "f", Alt: "a", Panels: []figure.Panel{{X: figure.Axis{Label: "x"}, Y: figure.Axis{Label: "y"}, Layers: []figure.Layer{figure.Heat("h", []float64{1, 2}, []float64{1}, [][]float64{z})}}}}
	}
	fixed := line(figure.Linear, 2, 3)
	fixed.Panels[0].Y = fixed.Panels[0].Y.Range(-7, 5)
	for _, c := range []struct {
		why    string
		list   []*figure.Figure
		lo, hi [2]float64 // of the first two figures' y axes at most and at least
	}{
		{"the union of both", []*figure.Figure{line("", -1, 2), line("", 3, 10, 4)}, [2]float64{-1, -1}, [2]float64{10, 10}},
		{"logarithmic among linear", []*figure.Figure{line(figure.Log, 1, 10), line("", -5, 5)}, [2]float64{1, -5}, [2]float64{10, 5}},
		{"ends that are set", []*figure.Figure{fixed, line("", -20, 30)}, [2]float64{-7, -20}, [2]float64{5, 30}},
	} {
		r, err := Share(c.list)
		if err != nil {
			t.Fatalf("%s: %v", c.why, err)
		}
		for i := range 2 {
			f := r.Fix(*c.list[i])
			s, err := Frame(&f)
			if err != nil {
				t.Fatalf("%s: %v", c.why, err)
			}
			y := s.Panels[0].Y
			if y.Lo > c.lo[i] || y.Hi < c.hi[i] || y.Lo < c.lo[i]-0.2*(c.hi[i]-c.lo[i]) || y.Hi > c.hi[i]+0.6*(c.hi[i]-c.lo[i]) {
				t.Errorf("%s: figure %d goes from %g to %g, want %g to %g with a little air", c.why, i, y.Lo, y.Hi, c.lo[i], c.hi[i])
			}
		}
	}
	r, err := Share([]*figure.Figure{heat(1, 2), heat(-3, 2)})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range []*figure.Figure{heat(1, 2), heat(-3, 2)} {
		g := r.Fix(*f)
		if c := g.Panels[0].Layers[0].Colour; c.Min == nil || *c.Min != -3 || *c.Max != 3 {
			t.Errorf("heat map %d: colours %+v, want both the same and even about zero", i, c)
		}
		if f.Panels[0].Layers[0].Colour.Min != nil {
			t.Error("Fix changes the figure that it is given")
		}
	}
	for why, list := range map[string][]*figure.Figure{"none": nil, "a wrong figure": {{ID: "f"}}, "panels that come and go": {line("", 1, 2), {ID: "f", Alt: "a", Panels: append(line("", 1).Panels, line("", 1).Panels...)}}} {
		if _, err := Share(list); err == nil {
			t.Errorf("%s: no error", why)
		}
	}
}
