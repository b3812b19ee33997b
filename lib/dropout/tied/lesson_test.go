package tied

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"
	"time"

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
func TestBreak(t *testing.T) {
	b := BreakCondition()
	states, err := b.States(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range []bool{true, true, false, false} {
		t.Logf("%s: %s %s", b.Words(k), states[k].Verdict, states[k].Counterexample)
		if states[k].Holds != want {
			t.Errorf("%s: holds %t, want %t", b.Words(k), states[k].Holds, want)
		}
	}
}

func TestExplorers(t *testing.T) {
	for _, e := range Explorers() {
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
		if n := e.Grid(); n > 300 {
			t.Errorf("%s has %d frames", e.ID, n)
		}
		start, drawn := time.Now(), 0
		for k := 0; k < e.Grid(); k += 7 {
			fig, err := e.Draw(context.Background(), e.Index(k))
			if err != nil {
				t.Fatalf("%s at %d: %v", e.ID, k, err)
			}
			if err := fig.Validate(); err != nil {
				t.Errorf("%s at %d: %v", e.ID, k, err)
			}
			drawn++
		}
		t.Logf("%s: %v a frame", e.ID, time.Since(start)/time.Duration(drawn))
	}
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
