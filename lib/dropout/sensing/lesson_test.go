package sensing

import (
	"context"
	"testing"
)

func TestLessons(t *testing.T) {
	ctx := context.Background()
	for _, b := range Breaks() {
		if err := b.Validate(); err != nil {
			t.Error(err)
		}
		states, err := b.States(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if !states[0].Holds || states[1].Holds || states[1].Counterexample == "" {
			t.Errorf("%s: holds %v with the hypothesis, %v without", b.ID, states[0].Holds, states[1].Holds)
		}
		for _, s := range states {
			if err := s.Figure.Validate(); err != nil {
				t.Error(err)
			}
		}
	}
	r, err := Run(ctx, Config{Size: 6, Rank: 1, Samples: 30, Cases: []Case{{0, 1}, {.3, 1}, {.5, 1}, {.9, 1}}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := PredictNuclear(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
	if score, ok := p.Curve.Score(p.Curve.Truth()); !ok || score < 99 {
		t.Errorf("the truth scores %g", score)
	}
	if score, _ := p.Curve.Score(p.Curve.Baseline); score > 60 {
		t.Errorf("the obvious guess scores %g", score)
	}
	if _, err := PredictNuclear(nil); err == nil {
		t.Error("no result: no error")
	}
	if _, err := PredictNuclear(&Result{Config: r.Config, Runs: nil}); err == nil {
		t.Error("no runs: no error")
	}
}
