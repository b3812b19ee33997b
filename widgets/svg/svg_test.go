package svg

import (
	"encoding/xml"
	"flag"
	"html"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/scene"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// kinds is a small figure for each kind of layer.
func kinds() map[string]*figure.Figure {
	x, y := []float64{0, 1, 2, 4}, []float64{1, 3, 2, 5}
	low, high := figure.PlusMinus(y, []float64{.5, .25, .5, 1})
	grid := [][]float64{{0, 1, 2, 3}, {1, 2, 3, 4}, {2, 3, 4, 9}}
	one := func(id string, layers ...figure.Layer) *figure.Figure {
		return &figure.Figure{ID: id, Title: "Title of " + id, Alt: "A small picture.", Panels: []figure.Panel{{X: figure.Axis{Label: "x_{1}"}, Y: figure.Axis{Label: "y", Unit: "s"}, Layers: layers}}}
	}
	log := one("log", figure.Line("y = x^{-1/2}", 0, []float64{1, 1e4}, []float64{1, 1e-2}).As(figure.Bound))
	log.Panels[0].X.Scale, log.Panels[0].Y.Scale = figure.Log, figure.Log
	symlog := one("symlog", figure.Line("cubic", 1, x, []float64{-100, -1, 0, 1000}))
	symlog.Panels[0].Y.Scale = figure.SymLog
	bars := one("bars", figure.Bars("a", 0, x[:3], y[:3]), figure.Bars("b", 1, x[:3], y[1:]).As(figure.Theory))
	bars.Panels[0].X.Categories = []string{"iris", "wine", "digits"}
	two := one("panels", figure.Line("line", 0, x, y), figure.Points("points", 0, x, y, nil, nil))
	two.Panels = append(two.Panels, two.Panels[0])
	two.Panels[1].Title = "Second"
	hidden := figure.Line("hidden", 3, x, low)
	hidden.Hidden = true
	return map[string]*figure.Figure{
		"line":    one("line", figure.Line("with a gap", 0, []float64{0, 1, 2, 3, 4}, []float64{1, 2, math.NaN(), 2, 1}), hidden),
		"points":  one("points", figure.Points("circles", 0, x, y, low, high), figure.Points("squares", 1, x, low, nil, nil), figure.Points("fails", 2, x, high, nil, nil).As(figure.Wrong)),
		"band":    one("band", figure.Band("between", 2, x, low, high)),
		"bars":    bars,
		"steps":   one("steps", figure.Steps("empirical", 1, x, y)),
		"heat":    one("heat", figure.Heat("K_{ij}", []float64{0, 1, 2, 3}, []float64{0, 1, 2}, grid), figure.Contour("levels", []float64{0, 1, 2, 3}, []float64{0, 1, 2}, grid, []float64{1.5, 2.5})),
		"contour": one("contour", figure.Contour("levels", []float64{0, 1, 2, 3}, []float64{0, 1, 2}, grid, nil)),
		"text":    one("text", figure.Annotation(1, 2, "here & <there>"), figure.HRule("level", 3), figure.VRule("", 1)),
		"log":     log, "symlog": symlog, "panels": two,
	}
}

func render(t *testing.T, f *figure.Figure) (string, *scene.Figure) {
	t.Helper()
	s, err := scene.New(f)
	if err != nil {
		t.Fatal(err)
	}
	return Fragment(f, s, html.EscapeString, Around{}), s
}

var shared = regexp.MustCompile(`(?s)<(style|script) data-lemma-once="lemma-figure">.*?</(style|script)>\n?`)

// body is the fragment without its shared parts.
func body(s string) string { return shared.ReplaceAllString(s, "") }

func TestGolden(t *testing.T) {
	for name, f := range kinds() {
		got, _ := render(t, f)
		path := filepath.Join("testdata", name+".html")
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(body(got)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if body(got) != string(want) {
			t.Errorf("%s differs from its golden file; look at it, then run with -update", name)
		}
	}
}

// Every fragment and document is well formed, has unique ids and references only these, and asks
// the network for nothing.
func TestWellFormed(t *testing.T) {
	for name, f := range kinds() {
		fragment, s := render(t, f)
		for form, text := range map[string]string{"fragment": "<div>" + body(fragment) + "</div>", "document": Document(f, s)} {
			ids, refs := map[string]bool{}, map[string]bool{}
			d := xml.NewDecoder(strings.NewReader(text))
			for {
				tok, err := d.Token()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatalf("%s, %s: %v", name, form, err)
				}
				e, ok := tok.(xml.StartElement)
				if !ok {
					continue
				}
				for _, a := range e.Attr {
					switch a.Name.Local {
					case "id":
						if ids[a.Value] {
							t.Errorf("%s, %s: id %s twice", name, form, a.Value)
						}
						ids[a.Value] = true
					case "aria-labelledby":
						for _, r := range strings.Fields(a.Value) {
							refs[r] = true
						}
					case "href", "src":
						if !strings.HasPrefix(a.Value, "data:") {
							t.Errorf("%s, %s: refers to %s", name, form, a.Value)
						}
					}
				}
			}
			for r := range refs {
				if !ids[r] {
					t.Errorf("%s, %s: nothing has the id %s", name, form, r)
				}
			}
			if !strings.Contains(text, f.Alt) || !strings.Contains(text, `role="img"`) {
				t.Errorf("%s, %s: no alt text", name, form)
			}
			if strings.Contains(text, "NaN") {
				t.Errorf("%s, %s: a NaN was written", name, form)
			}
		}
		if strings.Count(fragment, "http") != strings.Count(fragment, "http://www.w3.org/") {
			t.Errorf("%s: an address in the fragment", name)
		}
	}
}

func TestSameFigureSameBytes(t *testing.T) {
	for name, f := range kinds() {
		a, _ := render(t, f)
		b, _ := render(t, kinds()[name])
		if a != b {
			t.Errorf("%s: two renderings differ", name)
		}
	}
	f := kinds()["line"]
	id := ID(f)
	f.Panels[0].Layers[0].Y[0]++
	if ID(f) == id {
		t.Error("another figure under the same name has the same element ids")
	}
}

// steps parses path data of the forms that the writer uses into absolute points.
func steps(t *testing.T, d string) (lines [][]scene.Point) {
	t.Helper()
	token := regexp.MustCompile(`[MlhvzaZ]|-?[0-9]*\.?[0-9]+`)
	var x, y float64
	words := token.FindAllString(d, -1)
	num := func(i int) float64 {
		v, err := strconv.ParseFloat(words[i], 64)
		if err != nil {
			t.Fatalf("path %q: %v", d, err)
		}
		return v
	}
	for i := 0; i < len(words); {
		switch words[i] {
		case "M":
			x, y = num(i+1), num(i+2)
			lines = append(lines, nil)
			i += 3
		case "l":
			x, y = x+num(i+1), y+num(i+2)
			i += 3
		case "h":
			x, i = x+num(i+1), i+2
		case "v":
			y, i = y+num(i+1), i+2
		case "z":
			i++
			continue
		default:
			t.Fatalf("path %q: unexpected %q", d, words[i])
		}
		k := len(lines) - 1
		lines[k] = append(lines[k], scene.Point{X: x, Y: y})
	}
	return lines
}

// group returns the path data of a layer.
func group(t *testing.T, fragment, at string) []string {
	t.Helper()
	g := regexp.MustCompile(`(?s)<g data-at="` + regexp.QuoteMeta(at) + `".*?</g>`).FindString(fragment)
	var out []string
	for _, m := range regexp.MustCompile(` d="([^"]*)"`).FindAllStringSubmatch(g, -1) {
		out = append(out, m[1])
	}
	if len(out) == 0 {
		t.Fatalf("layer %s draws nothing", at)
	}
	return out
}

// The series given to the renderer are found again in the picture: places turned back into values
// by the axes that the picture itself states.
func TestSeriesAreWhereTheyBelong(t *testing.T) {
	x := []float64{1, 3, 10, 40, 100}
	y := []float64{-200, -3, 0, 0.5, 70}
	for _, c := range []struct {
		name   string
		layer  figure.Layer
		xs, ys figure.Scale
		path   int // which path holds the places
	}{
		{"line", figure.Line("", 0, x, y), figure.Linear, figure.Linear, 0},
		{"line on symlog", figure.Line("", 0, x, y), figure.Log, figure.SymLog, 0},
		{"circles", figure.Points("", 0, x, y, nil, nil), figure.Log, figure.SymLog, 1},
		{"points with intervals", figure.Points("", 0, x, y, y, y), figure.Log, figure.Linear, 1},
	} {
		f := &figure.Figure{ID: "p", Alt: "a", Panels: []figure.Panel{{X: figure.Axis{Label: "x", Scale: c.xs}, Y: figure.Axis{Label: "y", Scale: c.ys}, Layers: []figure.Layer{c.layer}}}}
		fragment, s := render(t, f)
		var places []scene.Point
		for _, line := range steps(t, group(t, fragment, "0.0")[c.path]) {
			if c.layer.Kind == figure.KindPoints {
				line = line[:1] // the second is the h0 that makes it visible
			}
			places = append(places, line...)
		}
		p := s.Panels[0]
		for i := range x {
			want := scene.Point{X: p.X.Place(x[i]), Y: p.Y.Place(y[i])}
			best := math.Inf(1)
			for _, q := range places {
				best = math.Min(best, math.Hypot(q.X-want.X, q.Y-want.Y))
				if math.Hypot(q.X-want.X, q.Y-want.Y) < 0.1 {
					// Half a tenth of rounding, as a part of the axis, each way.
					if back := p.X.Value(q.X); math.Abs(p.X.Place(back)-want.X) > 0.051 {
						t.Errorf("%s: x = %g reads as %g", c.name, x[i], back)
					}
				}
			}
			if best > 0.1 {
				t.Errorf("%s: (%g, %g) is nowhere; the nearest place is %.2f away", c.name, x[i], y[i], best)
			}
		}
	}
}

func TestBarsStandOnZero(t *testing.T) {
	f := kinds()["bars"]
	fragment, s := render(t, f)
	p := s.Panels[0]
	for k, at := range []string{"0.0", "0.1"} {
		for i, box := range steps(t, group(t, fragment, at)[0]) {
			top, bottom := math.Inf(1), math.Inf(-1)
			for _, q := range box {
				top, bottom = math.Min(top, q.Y), math.Max(bottom, q.Y)
			}
			if v := f.Panels[0].Layers[k].Y[i]; math.Abs(top-p.Y.Place(v)) > 0.06 || math.Abs(bottom-p.Y.Place(0)) > 0.06 {
				t.Errorf("bar %d of layer %d spans [%g, %g], want [%g, %g]", i, k, top, bottom, p.Y.Place(v), p.Y.Place(0))
			}
		}
	}
}

func TestGapStaysOpen(t *testing.T) {
	fragment, _ := render(t, kinds()["line"])
	if lines := steps(t, group(t, fragment, "0.0")[0]); len(lines) != 2 {
		t.Errorf("a line with a gap is %d lines, want 2", len(lines))
	}
}

func TestLegend(t *testing.T) {
	fragment, _ := render(t, kinds()["line"])
	if !strings.Contains(fragment, `aria-pressed="false" data-to="0.1"`) || !strings.Contains(fragment, `<g data-at="0.1" display="none"`) {
		t.Error("a hidden layer is not switched off in both legend and picture")
	}
	fragment, _ = render(t, kinds()["panels"])
	if strings.Count(body(fragment), "l-key\"") != 2 || !strings.Contains(fragment, `data-to="0.0 1.0"`) {
		t.Error("panels with the same entries do not share one legend")
	}
	fragment, _ = render(t, kinds()["text"])
	if strings.Contains(body(fragment), "l-key\"") {
		t.Error("a reference that is named in the picture is in the legend too")
	}
	if !strings.Contains(fragment, "here &amp; &lt;there&gt;") {
		t.Error("text is not escaped")
	}
}

// A figure with hostile words cannot leave its place.
func TestHostileWords(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	f := &figure.Figure{ID: evil, Title: evil, Alt: evil, Caption: evil, Panels: []figure.Panel{{Title: evil, X: figure.Axis{Label: evil, Categories: []string{evil}}, Y: figure.Axis{Label: evil, Unit: evil},
		Layers: []figure.Layer{figure.Line(evil, 0, []float64{0, 1}, []float64{0, 1}), figure.Annotation(0, 0, evil)}}}}
	fragment, s := render(t, f)
	for form, text := range map[string]string{"fragment": body(fragment), "document": Document(f, s)} {
		if strings.Contains(text, "<script") || strings.Contains(text, "<img") {
			t.Errorf("%s: markup got through", form)
		}
	}
}

// The script and the style do not end early, and a figure of some hundred points stays small.
func TestSizes(t *testing.T) {
	if strings.Count(Script(), "</script") != 1 || strings.Count(Style(), "</style") != 1 {
		t.Error("a shared part ends early")
	}
	x, y, z := make([]float64, 300), make([]float64, 300), make([]float64, 300)
	for i := range x {
		x[i], y[i], z[i] = float64(i), math.Sin(float64(i)/20), math.Cos(float64(i)/17)
	}
	f := &figure.Figure{ID: "s", Alt: "a", Panels: []figure.Panel{{X: figure.Axis{Label: "x"}, Y: figure.Axis{Label: "y"},
		Layers: []figure.Layer{figure.Line("a", 0, x, y), figure.Line("b", 1, x, z), figure.Points("a", 0, x, y, nil, nil), figure.Points("b", 1, x, z, nil, nil)}}}}
	if fragment, _ := render(t, f); len(fragment) > 40000 {
		t.Errorf("four layers of 300 points take %d bytes, want at most 40000", len(fragment))
	}
}
