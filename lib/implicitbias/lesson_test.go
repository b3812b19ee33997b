package implicitbias

import (
	"context"
	"math"
	"testing"

	"github.com/lemma-ml/lemma/lib/lesson/lessontest"
)

func TestLessons(t *testing.T) {
	ctx := context.Background()
	p, err := PredictLimit(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
	if math.Abs(p.Guess.Answer-.282596) > 1e-6 || p.Guess.Score(p.Guess.Baseline) > 10 {
		t.Errorf("answer %g, the obvious guess scores %g", p.Guess.Answer, p.Guess.Score(p.Guess.Baseline))
	}
	lessontest.Breaks(t, Breaks())
}
