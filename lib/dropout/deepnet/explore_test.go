package deepnet

import (
	"context"
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"github.com/lemma-ml/lemma/lib/claim/claimtest"
	"github.com/lemma-ml/lemma/lib/figure/figuretest"
	"github.com/lemma-ml/lemma/lib/lesson/lessontest"
	_ "github.com/lemma-ml/lemma/simd"
)

func TestExplorers(t *testing.T) {
	figuretest.Explorers(t, append(Explorers(), ExploreShares(claimtest.Backend(t))), 1)
}

func TestBreakPath(t *testing.T) { lessontest.States(t, BreakPath(), true, false, false, false) }

func TestGammaHalf(t *testing.T) {
	for _, c := range []struct {
		name    string
		k, want float64
		tol     float64
	}{
		{"exponential", 1, 2 / math.E, 1e-14},
		{"sum of two: ∫_2^∞ (g-2)² g e^{-g} dg/2", 2, 5 * math.Exp(-2), 1e-14},
		{"nearly normal", 1e6, .5 + 2/(3*math.Sqrt(2*math.Pi*1e6)), 1e-6},
	} {
		got, err := GammaHalf(c.k)
		if err != nil || math.Abs(got-c.want) > c.tol {
			t.Errorf("%s: %.15f, %v, want %.15f", c.name, got, err, c.want)
		}
	}
	for _, bad := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, err := GammaHalf(bad); err == nil {
			t.Errorf("GammaHalf(%g): no error", bad)
		}
	}
}

func TestRun(t *testing.T) {
	b := claimtest.Backend(t)
	ctx := context.Background()
	small := Config{Methods: append(Dropout(0, .5, .75), Method{L2: .001}), Train: 100, Epochs: 20, Hidden: []int{16}}
	r, err := Run(ctx, b, small)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Run(ctx, b, small)
	if err != nil || !reflect.DeepEqual(r, again) {
		t.Errorf("a second run differs, %v", err)
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	back := new(Result)
	if err := json.Unmarshal(raw, back); err != nil || !reflect.DeepEqual(r, back) {
		t.Errorf("JSON does not give the result back, %v", err)
	}
	p, err := PredictCorrelation(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
	if _, err := r.FigureShares(.3, 0); err == nil {
		t.Error("a rate that was not run: no error")
	}
	if _, err := r.FigureShares(.5, 7); err == nil {
		t.Error("an epoch without a look: no error")
	}
	for name, c := range map[string]Config{
		"a batch that does not divide": {Batch: 7},
		"nothing left to test":         {Train: 1500, Validation: 297},
		"a negative step":              {Step: -1},
		"a rate of 1":                  {Methods: Dropout(1)},
		"a layer that is not there":    {Methods: []Method{{Rate: .5, Layers: []int{2}}}},
		"a penalty that is negative":   {Methods: []Method{{L1: -1}}},
		"a step that diverges":         {Step: 1e3, Train: 100},
	} {
		if _, err := Run(ctx, b, c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestRunModels(t *testing.T) {
	b := claimtest.Backend(t)
	ctx := context.Background()
	small := ModelsConfig{Train: 50, Epochs: 2, Methods: []ModelMethod{{Rate: .25}, {Rate: .25, Places: []string{"top"}}}}
	r, err := RunModels(ctx, b, small)
	if err != nil {
		t.Fatal(err)
	}
	again, err := RunModels(ctx, b, small)
	if err != nil || !reflect.DeepEqual(r, again) {
		t.Errorf("a second run differs, %v", err)
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	back := new(ModelsResult)
	if err := json.Unmarshal(raw, back); err != nil || !reflect.DeepEqual(r, back) {
		t.Errorf("JSON does not give the result back, %v", err)
	}
	if o := r.Outcome(Transformer, 1); o.Model != Transformer || o.Method.Places == nil {
		t.Errorf("Outcome(transformer, 1) is %s, %s", o.Model, o.Method.Name())
	}
	for name, c := range map[string]ModelsConfig{
		"an unknown model":             {Models: []Model{"mamba"}},
		"masks where there is nothing": {Models: []Model{Convnet}, Methods: []ModelMethod{{Rate: .5, Places: []string{"block"}}}},
		"a batch that does not divide": {Batch: 7},
		"a rate of 1":                  {Methods: []ModelMethod{{Rate: 1}}},
		"a step that diverges":         {Train: 50, Epochs: 5, Step: 1e4},
	} {
		if _, err := RunModels(ctx, b, c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
