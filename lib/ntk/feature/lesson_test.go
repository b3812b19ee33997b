package feature

import (
	"testing"

	"github.com/lemma-ml/lemma/lib/claim/claimtest"
)

func TestPredictDial(t *testing.T) {
	r, err := Run(t.Context(), claimtest.Backend(t), small())
	if err != nil {
		t.Fatal(err)
	}
	p, err := PredictDial(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
	if s, ok := p.Curve.Score(p.Curve.Truth()); !ok || s != 100 {
		t.Errorf("the truth scores %g", s)
	}
	open := p.Curve.Open()
	if n := len(open.Panels[0].Layers); n != 1 {
		t.Errorf("%d layers before the answer, want the kernel's line alone", n)
	}
	if _, err := PredictDial(nil); err == nil {
		t.Error("a prediction from nothing")
	}
}

// TestBreakScale: the claim holds with both hypotheses and fails without either.
func TestBreakScale(t *testing.T) {
	b := BreakScale(claimtest.Backend(t))
	states, err := b.States(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for k, s := range states {
		t.Logf("%s: %v, %s %s", b.Words(k), s.Holds, s.Verdict, s.Counterexample)
		if want := k == 0; s.Holds != want {
			t.Errorf("%s: holds %v, want %v", b.Words(k), s.Holds, want)
		}
	}
	broken := BreakScale(nil)
	if _, err := broken.States(t.Context()); err == nil {
		t.Error("states without a backend")
	}
}
