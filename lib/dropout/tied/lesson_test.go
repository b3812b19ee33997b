package tied

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/lemma-ml/lemma/lib/figure/figuretest"
	"github.com/lemma-ml/lemma/lib/lesson/lessontest"
	"gonum.org/v1/gonum/mat"
)

func TestPredictions(t *testing.T) {
	ctx := context.Background()
	m, err := New(mat.NewDiagDense(5, exampleSpectrum), 3, 5)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Restarts(ctx, m, RestartConfig{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := PredictRestarts(m, r)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
	if p.Guess.Answer != 0 {
		t.Errorf("%g starts end above the minimum", p.Guess.Answer)
	}
	q, err := PredictSaddle(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Validate(); err != nil {
		t.Error(err)
	}
	if s, ok := q.Curve.Score(q.Curve.Truth()); !ok || s != 100 {
		t.Errorf("the truth scores %g", s)
	}
	// 4(λc - λ₂) at every λ: no other direction is flatter.
	for i, lambda := range q.Curve.X {
		if want := 4 * (4*lambda/(3+lambda) - 2); want-q.Curve.Truth()[i] > 1e-9 || q.Curve.Truth()[i]-want > 1e-9 {
			t.Errorf("λ = %g: λ_min = %g, by formula %g", lambda, q.Curve.Truth()[i], want)
		}
	}
	if _, err := PredictRestarts(nil, r); err == nil {
		t.Error("no model: no error")
	}
	weak, err := New(mat.NewDiagDense(5, exampleSpectrum), 3, .01)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := PredictRestarts(weak, r); err == nil {
		t.Error("within the condition: no error")
	}
}

// TestBreak: λ may be anything, M ⪰ 0 is needed.
func TestBreak(t *testing.T) { lessontest.States(t, BreakCondition(), true, true, false, false) }

func TestExplorers(t *testing.T) {
	figuretest.Explorers(t, Explorers(), 7)
	if _, err := FigurePlane(context.Background(), 1, 7, 1); err == nil {
		t.Error("start 7: no error")
	}
	fig, err := FigurePanels(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := fig.Validate(); err != nil {
		t.Error(err)
	}
}

// TestResult: a result round-trips through JSON, and is the same on one processor and on many.
func TestResult(t *testing.T) {
	m, err := New(mat.NewDiagDense(3, []float64{2, 1, -1}), 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Restarts(context.Background(), m, RestartConfig{Starts: 6})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var b RestartResult
	if err := json.Unmarshal(text, &b); err != nil || !reflect.DeepEqual(*a, b) {
		t.Errorf("a result changes on its way through JSON: %v", err)
	}
	c, err := Restarts(context.Background(), m, RestartConfig{Starts: 6})
	if err != nil || !reflect.DeepEqual(a, c) {
		t.Errorf("two runs differ: %v", err)
	}
}
