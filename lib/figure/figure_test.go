package figure

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
)

func good() Figure {
	return Figure{ID: "1.F1", Title: "t", Alt: "a falling line", Panels: []Panel{{X: Axis{Label: "x"}, Y: Axis{Label: "y"},
		Layers: []Layer{Line("theory", 0, []float64{1, 2, 3}, []float64{3, 2, 1})}}}}
}

func TestValidate(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	layer := func(l Layer) func(*Figure) { return func(f *Figure) { f.Panels[0].Layers = []Layer{l} } }
	x, z := []float64{1, 2}, [][]float64{{1, 2}, {3, 4}}
	for _, c := range []struct {
		why  string
		edit func(*Figure)
		want string // in the error; empty means valid
	}{
		{"as it should be", func(*Figure) {}, ""},
		{"a picture without words says nothing to some readers", func(f *Figure) { f.Alt = "" }, "no alt text"},
		{"nothing to draw", func(f *Figure) { f.Panels = nil }, "no panels"},
		{"an axis without a name", func(f *Figure) { f.Panels[0].Y.Label = "" }, "axis has no label"},
		{"series of different lengths", layer(Line("l", 0, []float64{1, 2}, []float64{1})), "Y has 1 values, want 2"},
		{"one end of the intervals is missing", layer(Points("l", 0, x, x, x, nil)), "Low has 2 values, High 0"},
		{"a band needs both ends", layer(Band("l", 0, x, x, nil)), "High has 0"},
		{"a NaN is a gap", layer(Line("l", 0, x, []float64{1, nan})), ""},
		{"a NaN place is nowhere", layer(Line("l", 0, []float64{1, nan}, x)), "X[1] is NaN"},
		{"infinity has no place", layer(Line("l", 0, x, []float64{1, inf})), "Y[1] is infinite"},
		{"an infinite interval has none either", layer(Points("l", 0, x, x, x, []float64{2, inf})), "High[1] is infinite"},
		{"zero on a logarithmic axis", func(f *Figure) {
			f.Panels[0].Y.Scale = Log
			f.Panels[0].Layers[0].Y[2] = 0
		}, "Y[2] = 0 on a logarithmic axis"},
		{"an interval may reach below a logarithmic axis", func(f *Figure) {
			f.Panels[0].Y.Scale = Log
			f.Panels[0].Layers[0] = Points("l", 0, x, x, []float64{-1, 1}, []float64{2, 3})
		}, ""},
		{"ends the wrong way round", func(f *Figure) { f.Panels[0].X = f.Panels[0].X.Range(2, 1) }, "Min 2 is not below Max 1"},
		{"a logarithmic axis from zero", func(f *Figure) {
			f.Panels[0].X = f.Panels[0].X.Range(0, 1)
			f.Panels[0].X.Scale = Log
		}, "on a logarithmic axis"},
		{"unknown scale", func(f *Figure) { f.Panels[0].X.Scale = "sqrt" }, `unknown scale "sqrt"`},
		{"unknown role", layer(Line("l", 0, x, x).As("hope")), `unknown role "hope"`},
		{"unknown kind", layer(Layer{Kind: "pie"}), `unknown kind "pie"`},
		{"a grid of the right shape", layer(Heat("h", x, x, z)), ""},
		{"a row is short", layer(Heat("h", x, x, [][]float64{{1, 2}, {3}})), "Z[1] has 1 values, want 2"},
		{"a row is missing", layer(Heat("h", x, x, z[:1])), "Z has 1 rows, want 2"},
		{"a grid that turns back", layer(Heat("h", []float64{1, 1}, x, z)), "must each rise"},
		{"a grid that falls", layer(Heat("h", []float64{2, 1}, x, z)), ""},
		{"negative values on a logarithmic colour", layer(Heat("h", x, x, [][]float64{{1, -2}, {3, 4}}).Coloured(Axis{Scale: Log})), "Z[0][1] = -2"},
		{"a rule is one way only", layer(Layer{Kind: KindRule, X: x, Y: x}), "either X or Y"},
	} {
		f := good()
		c.edit(&f)
		err := f.Validate()
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.why, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: error %v, want one with %q", c.why, err, c.want)
		}
	}
}

func TestJSONKeepsEverything(t *testing.T) {
	f := good()
	f.Origin = Origin{Seed: 3, Command: "lemma draw 1.F1 -seed 3"}
	f.Panels[0].X = f.Panels[0].X.Range(0, 4)
	f.Panels[0].Layers = append(f.Panels[0].Layers,
		Points("gap", 1, []float64{1, 2}, []float64{math.NaN(), 2}, []float64{0, 1}, []float64{1, 3}),
		Heat("h", []float64{1, 2}, []float64{1, 2}, [][]float64{{1, math.NaN()}, {3, 4}}).Coloured(Axis{Label: "z", Scale: Log}))
	data, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var back Figure
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil || string(again) != string(data) {
		t.Errorf("written again:\n%s\n%s (%v)", data, again, err)
	}
	if y := back.Panels[0].Layers[1].Y; !math.IsNaN(y[0]) || y[1] != 2 {
		t.Errorf("gap came back as %v", y)
	}
	f.Panels[0].Layers, back.Panels[0].Layers = f.Panels[0].Layers[:1], back.Panels[0].Layers[:1]
	if !reflect.DeepEqual(f, back) {
		t.Errorf("came back as %+v, want %+v", back, f)
	}
}

func TestLayersCopyTheirData(t *testing.T) {
	x := []float64{1, 2}
	z := [][]float64{{1, 2}, {3, 4}}
	layers := []Layer{Line("", 0, x, x), Points("", 0, x, x, x, x), Band("", 0, x, x, x), Bars("", 0, x, x), Steps("", 0, x, x), Heat("", x, x, z), Contour("", x, x, z, x)}
	x[0], z[0][0] = 9, 9
	for _, l := range layers {
		if l.X[0] != 1 || len(l.Y) > 0 && l.Y[0] != 1 || len(l.Low) > 0 && l.Low[0] != 1 || len(l.Z) > 0 && l.Z[0][0] != 1 || len(l.Levels) > 0 && l.Levels[0] != 1 {
			t.Errorf("%s shares its data with the caller", l.Kind)
		}
	}
}
