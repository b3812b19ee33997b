package saddle

import (
	"context"
	"testing"
	"time"
)

func TestExplorers(t *testing.T) {
	for _, e := range Explorers() {
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
		for _, k := range []int{0, e.Default(), e.Grid() - 1, e.Grid() / 2} {
			start := time.Now()
			fig, err := e.Draw(context.Background(), e.Index(k))
			if err != nil {
				t.Fatalf("%s at %d: %v", e.ID, k, err)
			}
			t.Logf("%s at %d: %v", e.ID, k, time.Since(start))
			if err := fig.Validate(); err != nil {
				t.Errorf("%s at %d: %v", e.ID, k, err)
			}
		}
	}
}

func TestLessons(t *testing.T) {
	ctx := context.Background()
	list, err := Predictions(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if err := p.Validate(); err != nil {
			t.Error(err)
		}
		if s, ok := p.Curve.Score(p.Curve.Truth()); !ok || s != 100 {
			t.Errorf("%s: the truth scores %g", p.ID, s)
		}
		if s, _ := p.Curve.Score(p.Curve.Baseline); s > 50 {
			t.Errorf("%s: the obvious guess scores %g", p.ID, s)
		}
	}
	for _, b := range Breaks() {
		states, err := b.States(ctx)
		if err != nil {
			t.Fatal(err)
		}
		// Noise, noise; no noise at the saddle; no noise beside it.
		for k, want := range []bool{true, false, true, true} {
			if states[k].Holds != want {
				t.Errorf("%s, state %d: holds %v, want %v", b.ID, k, states[k].Holds, want)
			}
		}
	}
}
