package finite

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/lib/figure"
)

// drawn evaluates every stride-th figure before end and checks what holds for all.
func drawn(t *testing.T, e figure.Explorer, stride, end int) {
	t.Helper()
	if err := e.Validate(); err != nil {
		t.Error(err)
	}
	if e.Try == "" {
		t.Error("no Try")
	}
	started, size, frames, most := time.Now(), 0, 0, 0
	var first figure.Figure
	for k := 0; k < end; k += stride {
		f, err := e.Draw(context.Background(), e.Index(k))
		if err != nil {
			t.Fatalf("%v: %v", e.Index(k), err)
		}
		if err := f.Validate(); err != nil {
			t.Errorf("%v: %v", e.Index(k), err)
		}
		if f.Caption == "" || f.Title == "" {
			t.Errorf("%v: no title or no caption", e.Index(k))
		}
		if frames++; frames == 1 {
			first = f
		}
		if len(f.Panels) != len(first.Panels) {
			t.Errorf("%v: %d panels, want %d as at first", e.Index(k), len(f.Panels), len(first.Panels))
		}
		for _, p := range f.Panels {
			for _, l := range p.Layers {
				most = max(most, len(l.X))
			}
		}
		raw, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		size += len(raw)
	}
	if most > 121 {
		t.Errorf("a layer of %d points, want 121 at most", most)
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
			if testing.Short() {
				drawn(t, e, 8, e.Grid()/2) // true labels of the monitor, narrow networks of figure 9.1
				return
			}
			drawn(t, e, 1, e.Grid())
		})
	}
}

// layer returns the layer of a figure with the given name and kind.
func layer(t *testing.T, f figure.Figure, panel int, kind figure.Kind, name string) figure.Layer {
	t.Helper()
	for _, l := range f.Panels[panel].Layers {
		if l.Kind == kind && l.Name == name {
			return l
		}
	}
	t.Fatalf("no %s layer %q in panel %d", kind, name, panel)
	return figure.Layer{}
}

// TestExploreLabelsNumbers: lines and dots at 50, 200 and 500 steps are those of the reference table,
// and dots come to the lines as the width grows.
func TestExploreLabelsNumbers(t *testing.T) {
	want := map[string][2][]float64{ // kernel; network of width 4096, measured in float32 from another seed
		"true":  {{.0765, .0309, .0126}, {.0787, .0335}},
		"worst": {{.959, .844, .655}, {.968, .929}},
	}
	p, err := labelProblems.Get(context.Background(), exploreTrain)
	if err != nil {
		t.Fatal(err)
	}
	widths := []int{64, 256, 1024}
	if !testing.Short() {
		widths = append(widths, 4096)
	}
	for s, name := range LabelNames {
		c := p.project(p.labels(s, 0, 0), nil)
		first, before := 0., math.Inf(1)
		for _, m := range widths {
			run, err := labelNets.Get(context.Background(), labelKey{width: m, set: s})
			if err != nil {
				t.Fatal(err)
			}
			gap := 0.0
			for j, k := range exploreSteps {
				gap = max(gap, math.Abs(run.loss[j]-p.left(c, float64(k))))
			}
			t.Logf("%s labels: width %d is off by %.4f", name, m, gap)
			if first == 0 {
				first = gap
			}
			// One network a width, so that between neighbours only the slow label sets are in order.
			if gap >= before && name != "true" || m > 64 && gap >= first {
				t.Errorf("%s labels: width %d is off by %.4f, the width before by %.4f, the narrowest by %.4f", name, m, gap, before, first)
			}
			before = gap
			w, ok := want[name]
			if !ok {
				continue
			}
			for j, k := range []int{50, 200, 500} {
				if got := p.left(c, float64(k)); math.Abs(got-w[0][j]) > 5.1e-4 { // the table's rounding
					t.Errorf("%s labels, %d steps: kernel %.5f, want %.4f", name, k, got, w[0][j])
				}
				if j == 2 {
					continue // dots end at 200 steps
				}
				if got := run.at(k); m == 4096 && math.Abs(got-w[1][j]) > .006 { // between initialisations
					t.Errorf("%s labels, %d steps: network %.5f, want %.4f", name, k, got, w[1][j])
				}
			}
		}
	}
}

// TestExploreLazyNumbers: at the last time the monitor shows the reference table.
func TestExploreLazyNumbers(t *testing.T) {
	table := [][]float64{ // one draw of five networks a width
		{1.073, .690, .397, .198},
		{.092, .053, .030, .015},
		{.0678, .0224, .0073, .0025},
	}
	e := ExploreLazy()
	for what, want := range table {
		f, err := e.Draw(context.Background(), figure.Settings{"what": float64(what), "t": 20})
		if err != nil {
			t.Fatal(err)
		}
		got := layer(t, f, 0, figure.KindPoints, lazyQuantities[what].short)
		for i, w := range want {
			if r := got.Y[i] / w; r < .75 || r > 1.3 { // nine networks' spread, up to 12% a mean of four
				t.Errorf("%s at width %g: %.4g, want about %.4g", lazyQuantities[what].name, got.X[i], got.Y[i], w)
			}
			if i > 0 && got.Y[i] >= got.Y[i-1] {
				t.Errorf("%s does not fall at width %g: %v", lazyQuantities[what].name, got.X[i], got.Y)
			}
		}
	}
}

// TestExplorersAreSteady: the same figure again, and from goroutines at once.
func TestExplorersAreSteady(t *testing.T) {
	at := figure.Settings{"m": 64, "q": .2}
	var out [4]figure.Figure
	var wg sync.WaitGroup
	for i := range out {
		wg.Go(func() {
			var err error
			if out[i], err = drawLabels(context.Background(), at); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range out {
		if !reflect.DeepEqual(out[0], out[i]) {
			t.Error("two draws at the same settings differ")
		}
	}
}

// TestExplorersStop: drawing stops with its context.
func TestExplorersStop(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := drawLabels(ctx, figure.Settings{"m": 8192, "q": .123}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
	for _, at := range []figure.Settings{{"m": 0}, {"m": 64, "q": 2}} {
		if _, err := drawLabels(context.Background(), at); err == nil {
			t.Errorf("%v: no error", at)
		}
	}
	if _, err := drawLazy(context.Background(), figure.Settings{"t": 3.3}); err == nil {
		t.Error("a time that was not observed: no error")
	}
}
