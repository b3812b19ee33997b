package sensing

import (
	"context"
	"testing"

	"github.com/lemma-ml/lemma/lib/lesson/lessontest"
)

func TestLessons(t *testing.T) {
	ctx := context.Background()
	lessontest.Breaks(t, Breaks())
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
