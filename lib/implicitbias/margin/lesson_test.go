package margin

import (
	"slices"
	"testing"

	"github.com/lemma-ml/lemma/lib/figure/figuretest"
	"github.com/lemma-ml/lemma/lib/lesson/lessontest"
)

func TestBreaks(t *testing.T) { lessontest.Breaks(t, Breaks()) }

func TestExplorers(t *testing.T) { figuretest.Explorers(t, Explorers(), 1) }

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
