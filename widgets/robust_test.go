package widgets

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/svg"
)

// Whatever Validate accepts can be drawn: extreme, empty, constant, tiny and huge data of every kind
// on every scale give a picture without NaN or infinity in it.
func TestEveryValidFigureIsDrawn(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	values := []func() float64{
		r.NormFloat64,
		func() float64 { return 3 },
		func() float64 { return 0 },
		func() float64 { return 1e300 * r.NormFloat64() },
		func() float64 { return 1e-300 * r.NormFloat64() },
		func() float64 { return 1e9 + 1e-6*r.NormFloat64() },
		func() float64 { return math.Pow(10, 40*r.NormFloat64()) },
		func() float64 { return math.MaxFloat64 * (2*r.Float64() - 1) },
	}
	scales := []figure.Scale{figure.Linear, figure.Log, figure.SymLog}
	drawn := 0
	for i := range 250 {
		draw := values[r.IntN(len(values))]
		xs, ys := scales[r.IntN(3)], scales[r.IntN(3)]
		n := []int{0, 1, 2, 7, 40}[r.IntN(5)]
		series := func(s figure.Scale, gaps bool) []float64 {
			v := make([]float64, n)
			for i := range v {
				v[i] = draw()
				if s == figure.Log {
					v[i] = math.Abs(v[i]) + 1e-300
				}
				if gaps && r.IntN(8) == 0 {
					v[i] = math.NaN()
				}
			}
			return v
		}
		x, y := series(xs, false), series(ys, true)
		low, high := series(figure.Linear, true), series(figure.Linear, true)
		gx, gz := make([]float64, n), make([][]float64, n)
		for i := range gx {
			gx[i] = float64(i + 1)
			gz[i] = series(figure.Linear, true)
		}
		layers := []figure.Layer{figure.Line("a", i, x, y), figure.Points("b", i, x, y, low, high), figure.Band("c", i, x, low, high), figure.Bars("d", i, x, y),
			figure.Steps("e", i, x, y), figure.Heat("f", gx, gx, gz), figure.Contour("g", gx, gx, gz, nil)}
		if n > 0 {
			layers = append(layers, figure.Annotation(x[0], y[0], "here"), figure.HRule("rule", y[0]), figure.VRule("rule", x[0]))
		}
		f := figure.Figure{ID: fmt.Sprint(i), Title: "t", Alt: "a", Panels: []figure.Panel{{X: figure.Axis{Label: "x", Scale: xs}, Y: figure.Axis{Label: "y", Scale: ys},
			Layers: []figure.Layer{layers[r.IntN(len(layers))], layers[r.IntN(len(layers))]}}}}
		if f.Validate() != nil {
			continue // a NaN where none may be
		}
		drawn++
		s, err := SVG(f)
		if err != nil {
			t.Fatal(err)
		}
		h, err := HTML(f)
		h = strings.Replace(h, svg.Script(), "", 1)
		if err != nil || strings.Contains(s, "NaN") || strings.Contains(s, "Inf") || strings.Contains(h, "NaN") {
			s += h
			at := max(strings.Index(s, "NaN"), strings.Index(s, "Inf"), 100)
			t.Fatalf("figure %d (%v): a number that is none in %.300s\n%+v", i, err, s[at-100:], f.Panels[0])
		}
		if i%10 == 0 {
			var b bytes.Buffer
			if err := PNG(&b, f, 200); err != nil {
				t.Fatal(err)
			}
		}
	}
	if drawn < 150 {
		t.Errorf("only %d figures were valid", drawn)
	}
}

// A million points take seconds at most, and a page can still carry the picture.
func TestMillionPoints(t *testing.T) {
	if testing.Short() {
		t.Skip("a million points")
	}
	r := rand.New(rand.NewPCG(1, 1))
	x, y := make([]float64, 1_000_000), make([]float64, 1_000_000)
	for i := range x {
		x[i], y[i] = float64(i), r.NormFloat64()
	}
	for _, l := range []figure.Layer{figure.Line("l", 0, x, y), figure.Points("p", 0, x, y, nil, nil), figure.Steps("s", 0, x, y)} {
		f := figure.Figure{ID: "m", Alt: "a", Panels: []figure.Panel{{X: figure.Axis{Label: "x"}, Y: figure.Axis{Label: "y"}, Layers: []figure.Layer{l}}}}
		s, err := SVG(f)
		if err != nil {
			t.Fatal(err)
		}
		if len(s) > 500_000 {
			t.Errorf("%s: a million points take %d bytes, want at most 500000", l.Kind, len(s))
		}
	}
}
