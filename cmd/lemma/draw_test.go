package main

import (
	"context"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets"
)

// dialled is an explorer with every kind of control.
func dialled() figure.Explorer {
	width := figure.Slide("m", "width m", 64, 256, 1024).From(1)
	width.Between, width.Whole = true, true
	return figure.Explorer{ID: "9.F1/test", Title: "t",
		Controls: []figure.Control{width, figure.Slide("q", "noise q", 0, .1, .5), figure.Choose("act", "activation", "ReLU", "erf"), figure.Switch("bias", "bias")},
		Draw: func(_ context.Context, at figure.Settings) (figure.Figure, error) {
			return figure.Figure{ID: "f", Title: "t", Alt: "a", Panels: []figure.Panel{{X: figure.Axis{Label: "x"}, Y: figure.Axis{Label: "y"}, Layers: []figure.Layer{figure.Line("l", 0, []float64{0, 1}, []float64{at["m"], at["q"]})}}}}, nil
		}}
}

func TestSettings(t *testing.T) {
	for _, c := range []struct {
		reason string
		set    params
		want   figure.Settings // nil for an error
		says   string
	}{
		{"the defaults", params{}, figure.Settings{"m": 256, "q": 0, "act": 0, "bias": 0}, ""},
		{"all of them", params{"m": "64", "q": ".5", "act": "erf", "bias": "on"}, figure.Settings{"m": 64, "q": .5, "act": 1, "bias": 1}, ""},
		{"between two values, where that is meant", params{"m": "100"}, figure.Settings{"m": 100, "q": 0, "act": 0, "bias": 0}, ""},
		{"an option in another case", params{"act": "relu"}, figure.Settings{"m": 256, "q": 0, "act": 0, "bias": 0}, ""},
		{"the beginning of an option", params{"act": "re"}, figure.Settings{"m": 256, "q": 0, "act": 0, "bias": 0}, ""},
		{"between two values, where it is not", params{"q": ".2"}, nil, "want q one of 0, 0.1, 0.5"},
		{"a fraction of a whole number", params{"m": "100.5"}, nil, "want m from 64 to 1024, whole (default 256)"},
		{"beyond the end", params{"m": "4096"}, nil, "from 64 to 1024"},
		{"no number", params{"m": "wide"}, nil, "from 64 to 1024"},
		{"an option that does not exist", params{"act": "tanh"}, nil, `one of "ReLU", "erf"`},
		{"neither on nor off", params{"bias": "maybe"}, nil, "one of off, on"},
		{"a control misspelt", params{"acr": "erf"}, nil, `did you mean "act"?`},
	} {
		got, err := settings(dialled(), c.set)
		switch {
		case c.want == nil:
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v, want %q", c.reason, err, c.says)
			}
		case err != nil:
			t.Errorf("%s: %v", c.reason, err)
		default:
			for name, x := range c.want {
				if got[name] != x {
					t.Errorf("%s: %s = %g, want %g", c.reason, name, got[name], x)
				}
			}
		}
	}
}

// The command in a page's footer draws the same figure.
func TestDrawSaysHow(t *testing.T) {
	d := drawer{set: params{"act": "erf", "m": "100"}}
	g, err := d.drawExplorer(context.Background(), dialled())
	if err != nil || g.how != "lemma draw 9.F1/test -set m=100 -set act=erf" || g.figure.Panels[0].Layers[0].Y[0] != 100 {
		t.Errorf("%+v, %v", g, err)
	}
	if got := shellWord("act=a b's"); got != `'act=a b'\''s'` {
		t.Errorf("shellWord gives %s", got)
	}
}

func TestOptionOf(t *testing.T) {
	options := []string{"erf", "erfc", "sin x", "sinh"}
	for _, c := range []struct {
		reason, name string
		want         int // -1 for none
	}{
		{"a whole name goes before a longer one", "erf", 0},
		{"whatever its case", "ERFC", 1},
		{"an only beginning", "sin ", 2},
		{"two that begin so", "sin", -1},
		{"nothing", "", -1},
		{"no beginning", "f", -1},
	} {
		if got, ok := optionOf(options, c.name); ok != (c.want >= 0) || ok && int(got) != c.want {
			t.Errorf("%s: %g, %t, want %d", c.reason, got, ok, c.want)
		}
	}
}

// A value off the grid becomes a point of it, in its place, and the page starts there with all its
// controls; where that is too much the page shows the figure and the reader is told why.
func TestDrawOffTheGrid(t *testing.T) {
	e := dialled()
	page := filepath.Join(t.TempDir(), "p.html")
	for _, c := range []struct {
		reason string
		limits []widgets.Option
		moving bool
	}{
		{"within the limits", nil, true},
		{"beyond them", []widgets.Option{widgets.MaxBytes(1)}, false},
	} {
		d := drawer{set: params{"m": "100"}, out: page, limits: c.limits}
		g, err := d.drawExplorer(context.Background(), e)
		if err != nil {
			t.Fatal(err)
		}
		if m := g.explorer.Controls[0]; !g.extra || m.Default != 1 || !slices.Equal(m.Values, []float64{64, 100, 256, 1024}) || len(e.Controls[0].Values) != 3 {
			t.Errorf("%s: slider %+v of an explorer with %v", c.reason, m, e.Controls[0].Values)
		}
		if g.figure.ID != e.ID {
			t.Errorf("%s: figure %q, want the explorer's ID %q", c.reason, g.figure.ID, e.ID)
		}
		var errs strings.Builder
		if err := d.write(context.Background(), terminal{Err: &errs}, g); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(raw), `type="range"`); got != c.moving || c.moving != (errs.Len() == 0) {
			t.Errorf("%s: a slider in the page: %t, said %q", c.reason, got, errs.String())
		}
		if !c.moving && !strings.Contains(errs.String(), "no controls") {
			t.Errorf("%s: said %q", c.reason, errs.String())
		}
	}
}

// 9.F2 takes a tenth of a second and needs no backend.
func TestDrawWritesEachForm(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"f.svg", "f.png", "f.json", "f.html"} {
		path := filepath.Join(dir, name)
		out, errs, code := lemma(t, "", "draw", "9.F2", "-o", path)
		if code != 0 || strings.TrimSpace(out) != path {
			t.Fatalf("%s: exit code %d, %s%s", name, code, out, errs)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		switch name {
		case "f.png":
			if _, err := png.Decode(strings.NewReader(string(raw))); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		case "f.json":
			var f figure.Figure
			if err := json.Unmarshal(raw, &f); err != nil || f.ID != "9.F2" || f.Validate() != nil {
				t.Errorf("%s: %v, %q", name, err, f.ID)
			}
		default:
			if !strings.Contains(string(raw), "<svg") || name == "f.html" && !strings.Contains(string(raw), "lemma draw 9.F2") {
				t.Errorf("%s has no picture, or does not say how it was drawn", name)
			}
		}
	}
	if out, _, code := lemma(t, "", "diff", filepath.Join(dir, "f.json"), filepath.Join(dir, "f.json")); code != 0 {
		t.Errorf("a drawn figure differs from itself:\n%s", out)
	}
	if out, _, code := lemma(t, "", "draw"); code != 0 || !strings.Contains(out, "9.F2") {
		t.Errorf("the list: exit code %d\n%s", code, out)
	}
	if out, _, code := lemma(t, "", "draw", "9"); code != 0 || !strings.Contains(out, "9.F2") || !strings.Contains(out, "9.F1/width") {
		t.Errorf("the list of a chapter: exit code %d\n%s", code, out)
	}
	if out, _, code := lemma(t, "", "draw", "9.f2"); code != 0 || !strings.Contains(out, "Left:") {
		t.Errorf("in words: exit code %d\n%s", code, out)
	}
}

func TestDrawRefuses(t *testing.T) {
	for _, c := range []struct {
		reason string
		args   []string
		want   string
	}{
		{"two IDs", []string{"9.F1", "9.F2"}, "want one ID"},
		{"an output without an ID", []string{"-o", "x.svg"}, "which figure?"},
		{"an unknown form", []string{"9.F2", "-o", "x.pdf"}, ".svg, .png, .json or .html"},
		{"no such folder", []string{"9.F2", "-o", "/no/such/x.svg"}, "no such file"},
		{"no such claim", []string{"9.F99"}, "the nearest are"},
		{"an explorer misspelt", []string{"9.f1/WIDHT"}, "the nearest are 9.F1/width"},
		{"a chapter that does not exist", []string{"19"}, "no chapter 19"},
		{"a chapter that is not begun", []string{"2"}, "no figures yet"},
		{"a chapter into a file", []string{"9", "-o", "x.svg"}, "is a chapter"},
		{"a seed of an explorer, though it is the default", []string{"9.F1/width", "-seed", "0"}, "-seed: 9.F1/width is an explorer"},
		{"a backend of an explorer", []string{"9.F1/width", "-backend", "go"}, "-backend: 9.F1/width is an explorer"},
		{"a claim has no controls", []string{"9.F2", "-set", "q=1"}, "has no controls"},
		{"a claim without a figure", []string{"9.X1"}, "has no figure"},
		{"a setting without a value", []string{"9.F2", "-set", "q"}, "name=value"},
		{"an unknown backend", []string{"9.F2", "-backend", "foo"}, "known are"},
	} {
		out, errs, code := lemma(t, "", append([]string{"draw"}, c.args...)...)
		if code != 2 || !strings.Contains(errs, c.want) || out != "" {
			t.Errorf("%s: exit code %d, want 2 and %q in %s%s", c.reason, code, c.want, errs, out)
		}
	}
}
