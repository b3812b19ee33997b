package margin

import (
	"context"
	"slices"
	"testing"
	"time"
)

func TestBreaks(t *testing.T) {
	for _, b := range Breaks() {
		states, err := b.States(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if !states[0].Holds || states[1].Holds {
			t.Errorf("%s: holds %v with the hypothesis, %v without", b.ID, states[0].Holds, states[1].Holds)
		}
	}
}

func TestExplorers(t *testing.T) {
	for _, e := range Explorers() {
		if err := e.Validate(); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for k := range e.Grid() {
			fig, err := e.Draw(context.Background(), e.Index(k))
			if err != nil {
				t.Fatalf("%s at %v: %v", e.ID, e.Index(k), err)
			}
			if err := fig.Validate(); err != nil {
				t.Errorf("%s at %v: %v", e.ID, e.Index(k), err)
			}
		}
		t.Logf("%s: %d frames in %v", e.ID, e.Grid(), time.Since(start))
	}
}

func TestPredictions(t *testing.T) {
	all, err := Predictions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if err := p.Validate(); err != nil {
			t.Error(err)
		}
		if p.Curve != nil {
			if score, ok := p.Curve.Score(p.Curve.Truth()); !ok || score < 99 {
				t.Errorf("%s: the truth scores %g", p.ID, score)
			}
			if score, _ := p.Curve.Score(p.Curve.Baseline); score > 70 {
				t.Errorf("%s: the obvious guess scores %g", p.ID, score)
			}
		}
	}
}

// TestCycle: what the reading of PredictBoost says about the cycle.
func TestCycle(t *testing.T) {
	r, err := Boost(t.Context(), Boosting(), BoostConfig{Rounds: 3000, Keep: 3})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, j := range r.Learner {
		seen[j] = true
	}
	if len(seen) != 3 || !seen[0] || !seen[1] || !seen[2] {
		t.Errorf("learners %v in the cycle, want 0, 1 and 2 in some order", r.Learner)
	}
	for j := range 8 { // every learner is needed for 3/8
		var x [][]float64
		for _, row := range Boosting().X {
			x = append(x, slices.Delete(slices.Clone(row), j, j+1))
		}
		s, err := MaxMargin(t.Context(), must(NewData("seven", x, nil)), Sum)
		if err != nil {
			t.Fatal(err)
		}
		if s.Upper > 3./8-1e-6 {
			t.Errorf("without learner %d the largest margin is still %g", j, s.Margin)
		}
	}
}
