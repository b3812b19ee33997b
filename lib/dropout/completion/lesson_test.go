package completion

import (
	"context"
	"testing"
)

func TestBreaks(t *testing.T) {
	for _, b := range Breaks() {
		if err := b.Validate(); err != nil {
			t.Error(err)
		}
		states, err := b.States(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if !states[0].Holds || states[1].Holds || states[1].Counterexample == "" {
			t.Errorf("%s: holds %v with the hypothesis, %v without", b.ID, states[0].Holds, states[1].Holds)
		}
		for _, s := range states {
			if err := s.Figure.Validate(); err != nil {
				t.Error(err)
			}
			t.Log(s.Verdict)
		}
	}
}

func TestExplorers(t *testing.T) {
	for _, e := range Explorers() {
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
		for k := range e.Grid() {
			fig, err := e.Draw(context.Background(), e.Index(k))
			if err != nil {
				t.Fatalf("%s at %d: %v", e.ID, k, err)
			}
			if err := fig.Validate(); err != nil {
				t.Errorf("%s at %d: %v", e.ID, k, err)
			}
		}
	}
}
