package ntk

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/rng"
)

// drawn evaluates every stride-th figure of an explorer and checks what holds for all.
func drawn(t *testing.T, e figure.Explorer, stride int) {
	t.Helper()
	if err := e.Validate(); err != nil {
		t.Error(err)
	}
	if e.Try == "" {
		t.Error("no Try")
	}
	started, size, frames := time.Now(), 0, 0
	var first figure.Figure
	for k := 0; k < e.Grid(); k += stride {
		f, err := e.Draw(context.Background(), e.Index(k))
		if err != nil {
			t.Fatalf("%v: %v", e.Index(k), err)
		}
		if err := f.Validate(); err != nil {
			t.Errorf("%v: %v", e.Index(k), err)
		}
		if f.Caption == "" || f.Title == "" || strings.Count(f.Caption, "$")%2 != 0 {
			t.Errorf("%v: no title, or a caption that is empty or leaves a formula open: %s", e.Index(k), f.Caption)
		}
		if frames++; frames == 1 {
			first = f
		}
		if len(f.Panels) != len(first.Panels) {
			t.Errorf("%v: %d panels, want %d as at first", e.Index(k), len(f.Panels), len(first.Panels))
		}
		for _, p := range f.Panels {
			for _, l := range p.Layers {
				if len(l.X) > 121 {
					t.Errorf("%v: layer %q has %d points, want 121 at most", e.Index(k), l.Name, len(l.X))
				}
			}
		}
		raw, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		size += len(raw)
	}
	for _, c := range e.Controls { // what a live kernel draws between the first two settings
		if !c.Between {
			continue
		}
		s := e.Index(0)
		if s[c.Name] = (c.Values[0] + c.Values[1]) / 2; c.Log {
			s[c.Name] = math.Sqrt(c.Values[0] * c.Values[1])
		}
		if c.Whole {
			s[c.Name] = math.Round(s[c.Name])
		}
		f, err := e.Draw(context.Background(), s)
		if err == nil {
			err = f.Validate()
		}
		if err != nil {
			t.Errorf("between settings, %v: %v", s, err)
		}
	}
	t.Logf("%d of %d figures, %.0f kB of JSON, %v", frames, e.Grid(), float64(size)/1000, time.Since(started))
}

func TestExplorers(t *testing.T) {
	ids := map[string]bool{}
	for _, e := range Explorers() {
		if ids[e.ID] {
			t.Errorf("two explorers are called %q", e.ID)
		}
		ids[e.ID] = true
		t.Run(e.ID, func(t *testing.T) {
			stride := 1
			if testing.Short() {
				stride = 7
			}
			drawn(t, e, stride)
		})
	}
}

// at draws one figure.
func at(t *testing.T, e figure.Explorer, s figure.Settings) figure.Figure {
	t.Helper()
	f, err := e.Draw(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// layer returns the layer of a figure whose name begins so.
func layer(t *testing.T, f figure.Figure, panel int, name string) figure.Layer {
	t.Helper()
	for _, l := range f.Panels[panel].Layers {
		if strings.HasPrefix(l.Name, name) {
			return l
		}
	}
	t.Fatalf("no layer %q in panel %d", name, panel)
	return figure.Layer{}
}

// value is Y where X is x.
func value(t *testing.T, l figure.Layer, x float64) float64 {
	t.Helper()
	for i, v := range l.X {
		if math.Abs(v-x) < 1e-12 {
			return l.Y[i]
		}
	}
	t.Fatalf("layer %q has no point at %g", l.Name, x)
	return 0
}

// TestExplorerNumbers: what the figures show, against values known from elsewhere.
func TestExplorerNumbers(t *testing.T) {
	near := func(name string, got, want, tolerance float64) {
		t.Helper()
		if !(math.Abs(got-want) <= tolerance) {
			t.Errorf("%s: %.8g, want %.8g ± %.2g", name, got, want, tolerance)
		}
	}
	t.Run("kernel", func(t *testing.T) {
		f := at(t, ExploreKernel(), figure.Settings{"L": 3})
		near("Θ³(0)/4", value(t, layer(t, f, 0, "tangent"), 0), 1.0603881068/4, 1e-9)
		near("Σ³(0)", value(t, layer(t, f, 0, "output"), 0), .6048257201, 1e-9)
		near("Θ³(-1)/4", value(t, layer(t, f, 0, "tangent"), -1), .6857086363/4, 1e-9)
		for act, a := range kernelActivations {
			c, err := kernelTables.Get(context.Background(), act)
			if err != nil {
				t.Fatal(err)
			}
			want, err := Kernel{Depth: 4, Activation: a}.Layers(.5)
			if err != nil {
				t.Fatal(err)
			}
			for h, l := range want { // ρ = 1/2 is a point of the curve
				near("Θ of "+a.Name(), c.at[2*(kernelPoints-1)/3][h].Theta, l.Theta, 1e-7) // the product rule's error on tanh, amplified by depth
			}
			switch a {
			case ReLU:
				near("χ of ReLU", c.chi, 1, 1e-12)
			case Erf:
				near("χ of erf", c.chi, 2.15257886061*4/math.Pi/math.Sqrt(5), 1e-9)
			default:
				if calm := a == Softplus; (c.chi < 1) != calm {
					t.Errorf("χ of %s is %.3f", a.Name(), c.chi)
				}
			}
		}
		deep := at(t, ExploreKernel(), figure.Settings{"L": 100})
		near("Θ³(1/2)/4", layer(t, f, 1, "tangent").Y[3], 1.7378446792/4, 1e-9)
		plateau := layer(t, deep, 1, "tangent")
		if last := plateau.Y[len(plateau.Y)-1]; last < .25 || last > .3 {
			t.Errorf("Θ(1/2) at depth 100 is %.4f of its largest value, want a little above the plateau 1/4", last)
		}
	})
	t.Run("taylor", func(t *testing.T) {
		for terms, want := range map[int]float64{1: .2529859, 2: .2593548, 5: .2613053, 20: .2613858} {
			f := at(t, ExploreTaylor(), figure.Settings{"terms": float64(terms)})
			if s := strings.Split(f.Caption, "$ is ")[1][:9]; s != formatted(want) {
				t.Errorf("%d terms: caption says %s, want %.7f", terms, s, want)
			}
		}
		near("dropped factor at 0", at(t, ExploreTaylor(), figure.Settings{"terms": 50, "drop": 1}).Panels[1].Layers[0].Y[40], .25, 1e-12)
	})
	t.Run("step", func(t *testing.T) {
		for _, unit := range []float64{.5, .99, 1.01} {
			f := at(t, ExploreStep(), figure.Settings{"eta": unit})
			line, dots := f.Panels[0].Layers[0], f.Panels[0].Layers[1]
			for i, k := range dots.X {
				near("loss", dots.Y[i]/value(t, line, k), 1, 1e-9)
			}
			if grows := dots.Y[len(dots.Y)-1] > dots.Y[len(dots.Y)-2]; grows != (unit > 1) {
				t.Errorf("η = %g·2/λ₁: growing is %v", unit, grows)
			}
		}
	})
	t.Run("directions", func(t *testing.T) {
		for set := range 3 {
			f := at(t, ExploreDirections(), figure.Settings{"t": 10, "labels": float64(set)})
			bars, points := layer(t, f, 0, "gradient"), layer(t, f, 0, "theory")
			for i, v := range bars.Y {
				if !math.IsNaN(points.Y[i]) {
					near("direction", v, points.Y[i], .01) // descent against flow: ηλ₁/(2e) at most, .006
				}
			}
		}
	})
	t.Run("noise", func(t *testing.T) {
		f := at(t, ExploreNoise(), figure.Settings{"n": 200})
		theory := layer(t, f, 0, "theory")
		for q, want := range map[float64]float64{0: 1.494, .1: 3.068, .2: 3.980, .4: 5.140, .6: 5.829, .8: 6.206, 1: 6.327} {
			near("√(2E C/n)", value(t, theory, q), want, 5.1e-4)
		}
		printed := layer(t, at(t, ExploreNoise(), figure.Settings{"n": 200, "bound": 1}), 0, "theory")
		near("as printed", value(t, printed, 0), 1.0565, 1e-3)
		for n, want := range map[float64]float64{50: .9231, 100: .8203, 200: .7380, 300: .7176} {
			near("digits 0 and 1", value(t, layer(t, at(t, ExploreNoise(), figure.Settings{"pair": 1, "n": n}), 0, "theory"), 0), want, 1e-3)
		}
	})
	t.Run("teachers", func(t *testing.T) {
		e := ExploreTeachers()
		near("power 1", layer(t, at(t, e, figure.Settings{"p": 1}), 0, "limit").Y[0], 2, 1e-6)
		for p := 1.0; p <= 6; p++ {
			for bias := range 2 {
				f := at(t, e, figure.Settings{"p": p, "bias": float64(bias)})
				root := layer(t, f, 0, "labels").Y
				growth := root[len(root)-1] / root[0]
				odd := int(p)%2 == 1 && p > 1
				if odd && bias == 0 {
					if growth < 2 || len(f.Panels[0].Layers) != 1 {
						t.Errorf("power %g: √C grows by %.2f with a limit or bound, want divergence", p, growth)
					}
					continue
				}
				limit := layer(t, f, 0, "limit").Y[0]
				if root[len(root)-1] > limit || !slices.IsSorted(root) {
					t.Errorf("power %g, bias %d: √C %.3g, want rising below %.4g", p, bias, root, limit)
				}
				if bias == 0 && limit > layer(t, f, 0, "bound").Y[0] {
					t.Errorf("power %g: limit %.3g above the bound", p, limit)
				}
			}
		}
	})
	t.Run("circle", func(t *testing.T) {
		f := at(t, ExploreCircle(), figure.Settings{"t": 100})
		rates := layer(t, f, 2, "λ")
		for k, want := range map[float64]float64{0: .101321, 1: .125, 2: .056290, 4: .007655, 6: .003060} {
			near("λ", value(t, rates, k), want, 1e-6)
		}
		near("frequency 3 without a bias", value(t, layer(t, f, 1, "gradient"), 3), 1, 1e-3)
		biased := at(t, ExploreCircle(), figure.Settings{"t": 100, "bias": 1})
		for k, want := range map[float64]float64{0: .200385, 1: .115770, 2: .018684, 3: .004696, 4: .002511, 5: .001532} {
			near("λ with a bias", value(t, layer(t, biased, 2, "λ"), k), want, 1e-6)
		}
		for _, x := range circleTimes {
			for bias := range 2 {
				f := at(t, ExploreCircle(), figure.Settings{"t": x, "bias": float64(bias)})
				bars, theory := layer(t, f, 1, "gradient"), layer(t, f, 1, "theory")
				for i, k := range theory.X {
					near("left of a frequency", value(t, bars, k), theory.Y[i], .002) // descent against flow: ηnλ₁/(2e), .0011
				}
			}
		}
	})
	t.Run("posterior", func(t *testing.T) {
		prior := at(t, ExplorePosterior(), figure.Settings{"t": 0, "L": 2})
		if !reflect.DeepEqual(prior.Panels[0].Layers[0].High, prior.Panels[1].Layers[0].High) {
			t.Error("at t = 0 the two laws differ, want the prior in both")
		}
		near("prior at x = 0", prior.Panels[0].Layers[0].High[30], 2, 1e-12) // (0, 1) is a unit input
		end := at(t, ExplorePosterior(), figure.Settings{"t": 1000, "L": 2})
		r, err := RunPosterior(context.Background(), PosteriorConfig{Points: 61})
		if err != nil {
			t.Fatal(err)
		}
		for i := range r.At {
			near("Gaussian process", (end.Panels[0].Layers[0].High[i]-end.Panels[0].Layers[0].Low[i])/4, r.NNGP[i], .02) // what is left at t = 1000, and the ridge
			near("trained networks", (end.Panels[1].Layers[0].High[i]-end.Panels[1].Layers[0].Low[i])/4, r.NTK[i], .02)
		}
	})
	t.Run("concentration", func(t *testing.T) {
		for _, m := range []float64{16, 256, 4096} {
			f := at(t, ExploreConcentration(), figure.Settings{"m": m})
			square := 0.0
			for _, d := range layer(t, f, 1, "forty").Y {
				square += d * d / 40
			}
			near("m·mean of ‖H(0)-H*‖²", m*square, 65.54372, 65.5*.6) // heavy tail: s.d. about the mean, over √40, four times
			near("exact line at m = 16", layer(t, f, 1, "exact").Y[0], math.Sqrt(65.54372/16), 1e-6)
		}
	})
}

func formatted(v float64) string {
	raw, _ := json.Marshal(math.Round(v*1e7) / 1e7)
	return string(raw) + strings.Repeat("0", 9-len(raw))
}

// TestExplorersAreSteady: the same figure again.
func TestExplorersAreSteady(t *testing.T) {
	for _, e := range Explorers() {
		s := e.Index(e.Default())
		first, err := json.Marshal(at(t, e, s))
		if err != nil {
			t.Fatal(err)
		}
		second, err := json.Marshal(at(t, e, s))
		if err != nil {
			t.Fatal(err)
		}
		if string(first) != string(second) {
			t.Errorf("%s: two draws at the same settings differ", e.ID)
		}
	}
}

// TestExplorersRefuse: settings without a figure, and a cancelled context, are errors.
func TestExplorersRefuse(t *testing.T) {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	for _, e := range Explorers() {
		wrong := e.Index(0)
		for _, c := range e.Controls {
			if c.Kind != figure.Toggle {
				wrong[c.Name] = -7
			}
		}
		if _, err := e.Draw(context.Background(), wrong); err == nil || !strings.Contains(err.Error(), "ntk.Explore") {
			t.Errorf("%s: settings %v: error %v", e.ID, wrong, err)
		}
	}
	for _, draw := range []figure.Draw{drawStep, drawConcentration} {
		if _, err := draw(done, figure.Settings{"eta": .5, "m": 64}); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	}
}

// TestCachedPairs: images of other sets become pairs as digits do.
func TestCachedPairs(t *testing.T) {
	if len(CachedPairs(t.TempDir())) != 0 {
		t.Error("an empty folder has pairs")
	}
	images := func(n int) *data.ImageSet {
		s := &data.ImageSet{Name: "test", Height: 4, Width: 4, Channels: 1, Classes: []string{"a", "b", "c"}}
		r := rng.Stream(1, "images")
		for i := range n {
			class := i % 3
			for p := range 16 {
				s.Pixels = append(s.Pixels, byte(50+r.IntN(60)+100*boolean(p < 8 == (class == 0))))
			}
			s.Y = append(s.Y, class)
		}
		return s
	}
	all, err := imagePair(images(300), images(90))
	if err != nil {
		t.Fatal(err)
	}
	if rows, d := all.X.Dims(); rows != 200 || d != 16 || len(all.TestY) != 60 {
		t.Errorf("%d×%d training and %d test images, want 200×16 and 60: two classes of three", rows, d, len(all.TestY))
	}
	e := ExploreNoise(Pair{"images", all.first})
	f := at(t, e, figure.Settings{"pair": 4, "n": 50})
	if !strings.HasPrefix(f.Title, "images") || e.Grid() != 60 {
		t.Errorf("%q, %d figures", f.Title, e.Grid())
	}
	if _, err := e.Draw(context.Background(), figure.Settings{"pair": 4, "n": 300}); err == nil {
		t.Error("more training images than there are: no error")
	}
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}
