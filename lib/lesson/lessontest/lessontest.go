package lessontest

import (
	"context"
	"testing"

	"github.com/lemma-ml/lemma/lib/lesson"
)

// Breaks computes all states of each claim and asks that the claim holds with all its hypotheses and
// fails, with a counterexample, without the first.
func Breaks(t *testing.T, list []lesson.Break) {
	t.Helper()
	for _, b := range list {
		states := States(t, b, true, false)
		if len(states) > 1 && states[1].Counterexample == "" {
			t.Errorf("%s: no counterexample without the hypothesis", b.ID)
		}
	}
}

// States computes all states of a claim, asks that description and figures are valid and that the first
// states hold or fail as wanted, and returns them.
func States(t *testing.T, b lesson.Break, holds ...bool) []lesson.State {
	t.Helper()
	if err := b.Validate(); err != nil {
		t.Error(err)
	}
	states, err := b.States(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range holds {
		if states[k].Holds != want {
			t.Errorf("%s, %s: holds %v, want %v", b.ID, b.Words(k), states[k].Holds, want)
		}
	}
	for k, s := range states {
		t.Logf("%s, %s: %s %s", b.ID, b.Words(k), s.Verdict, s.Counterexample)
		if err := s.Figure.Validate(); err != nil {
			t.Errorf("%s, %s: %v", b.ID, b.Words(k), err)
		}
	}
	return states
}
