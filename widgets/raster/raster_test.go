package raster

import (
	"image/color"
	"math"
	"testing"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/scene"
)

func picture(t *testing.T, layers ...figure.Layer) (*scene.Figure, scene.Page) {
	t.Helper()
	s, err := scene.New(&figure.Figure{ID: "r", Title: "Title", Alt: "a", Panels: []figure.Panel{{X: figure.Axis{Label: "x"}.Range(0, 10), Y: figure.Axis{Label: "y"}.Range(0, 10), Layers: layers}}})
	if err != nil {
		t.Fatal(err)
	}
	return s, s.Page("Title")
}

// at is the colour of the picture at a value of the first panel.
func at(s *scene.Figure, page scene.Page, width int, x, y float64) (px, py int) {
	p := s.Panels[0]
	part := page.Parts[len(page.Parts)-1] // the axes, whose origin is the panel's
	k := float64(width) / page.W
	return int((p.X.Place(x) + part.X) * k), int((p.Y.Place(y) + part.Y) * k)
}

func near(a color.RGBA, hex string, tol float64) bool {
	r, g, b := scene.ParseHex(hex)
	return math.Abs(float64(a.R)-float64(r)) <= tol && math.Abs(float64(a.G)-float64(g)) <= tol && math.Abs(float64(a.B)-float64(b)) <= tol
}

func TestPixelsCarryTheData(t *testing.T) {
	s, page := picture(t,
		figure.Points("a", 0, []float64{2, 7}, []float64{3, 8}, nil, nil),
		figure.Line("b", 1, []float64{0, 10}, []float64{5, 5}),
		figure.Bars("c", 2, []float64{9}, []float64{2}),
		figure.Points("hidden", 3, []float64{4.4}, []float64{1.3}, nil, nil))
	s.Panels[0].Groups[3].Hidden = true
	page = s.Page("Title")
	const width = 1000
	img := Paint(page, width)
	if b := img.Bounds(); b.Dx() != width || b.Dy() != int(math.Round(page.H*width/page.W)) {
		t.Errorf("size %v, page %g by %g", b, page.W, page.H)
	}
	for _, c := range []struct {
		why  string
		x, y float64
		want string
	}{
		{"a point", 2, 3, scene.Light["s0"]}, {"another point", 7, 8, scene.Light["s0"]},
		{"on the line", 6.05, 5, scene.Light["s1"]}, {"inside the bar", 9, 1, scene.Light["s2"]},
		{"a layer that is off", 4.4, 1.3, "#ffffff"}, {"nothing", 3.1, 6.3, "#ffffff"},
	} {
		px, py := at(s, page, width, c.x, c.y)
		if got := img.RGBAAt(px, py); !near(got, c.want, 3) {
			t.Errorf("%s: pixel (%d, %d) is %v, want %s", c.why, px, py, got, c.want)
		}
	}
}

func TestTextIsPainted(t *testing.T) {
	_, page := picture(t, figure.Line("b", 1, []float64{0, 10}, []float64{5, 5}))
	img := Paint(page, 800)
	dark := 0
	for y := range 40 {
		for x := range 120 {
			if c := img.RGBAAt(x, y); c.R < 90 {
				dark++
			}
		}
	}
	if dark < 50 {
		t.Errorf("the title has %d dark pixels", dark)
	}
}

func TestDashes(t *testing.T) {
	line := []scene.Point{{X: 0, Y: 0}, {X: 10, Y: 0}, {X: 10, Y: 10}}
	on := 0.0
	for _, d := range dashes(line, []float64{3, 2}, 1) {
		for i := 1; i < len(d); i++ {
			on += math.Hypot(d[i].X-d[i-1].X, d[i].Y-d[i-1].Y)
		}
	}
	if math.Abs(on-12) > 1e-9 { // four periods of five units, three on
		t.Errorf("%g units are on, want 12", on)
	}
	if all := dashes(line, nil, 1); len(all) != 1 || len(all[0]) != 3 {
		t.Errorf("without a pattern the line became %v", all)
	}
}

// Overlapping shapes of opposite sense do not cut holes into each other.
func TestUnionOfPolygons(t *testing.T) {
	_, page := picture(t)
	page.Parts = []scene.Part{{Shapes: []scene.Shape{scene.Path{Closed: true, Style: scene.Style{Fill: scene.RGB(0, 0, 0)}, Lines: [][]scene.Point{
		{{X: 10, Y: 10}, {X: 30, Y: 10}, {X: 30, Y: 30}, {X: 10, Y: 30}},
		{{X: 20, Y: 20}, {X: 20, Y: 40}, {X: 40, Y: 40}, {X: 40, Y: 20}},
	}}}}}
	img := Paint(page, int(page.W))
	for _, p := range [][2]int{{15, 15}, {25, 25}, {35, 35}} {
		if c := img.RGBAAt(p[0], p[1]); c.R != 0 {
			t.Errorf("pixel %v is %v, want black", p, c)
		}
	}
}
