package sensing

import (
	"context"
	"testing"
	"time"
)

func TestExplorers(t *testing.T) {
	for _, e := range Explorers() {
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
		for _, k := range []int{e.Default(), 0, e.Grid() / 2, e.Grid() - 1} {
			start := time.Now()
			fig, err := e.Draw(context.Background(), e.Index(k))
			if err != nil {
				t.Fatalf("%s at %d: %v", e.ID, k, err)
			}
			t.Logf("%s at %d: %v", e.ID, k, time.Since(start))
			if err := fig.Validate(); err != nil {
				t.Errorf("%s at %d: %v", e.ID, k, err)
			}
		}
	}
}
