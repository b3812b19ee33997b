package saddle

import (
	"context"
	"testing"

	"github.com/lemma-ml/lemma/lib/figure/figuretest"
	"github.com/lemma-ml/lemma/lib/lesson/lessontest"
)

func TestExplorers(t *testing.T) { figuretest.Explorers(t, Explorers(), 0) }

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
		// Noise, noise; no noise at the saddle; no noise beside it.
		lessontest.States(t, b, true, false, true, true)
	}
}
