package margin

import (
	"context"
	"testing"
	"time"
)

func TestBreaks(t *testing.T) {
	for _, b := range Breaks() {
		states, err := b.States(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if !states[0].Holds || states[1].Holds {
			t.Errorf("%s: holds %v with the hypothesis, %v without", b.ID, states[0].Holds, states[1].Holds)
		}
	}
}

func TestExplorers(t *testing.T) {
	for _, e := range Explorers() {
		if err := e.Validate(); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for k := range e.Grid() {
			fig, err := e.Draw(context.Background(), e.Index(k))
			if err != nil {
				t.Fatalf("%s at %v: %v", e.ID, e.Index(k), err)
			}
			if err := fig.Validate(); err != nil {
				t.Errorf("%s at %v: %v", e.ID, e.Index(k), err)
			}
		}
		t.Logf("%s: %d frames in %v", e.ID, e.Grid(), time.Since(start))
	}
}
