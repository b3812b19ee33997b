package implicitbias

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
		if n := e.Grid(); n > 300 {
			t.Errorf("%s: %d figures", e.ID, n)
		}
		panels, start := 0, time.Now()
		for k := range e.Grid() {
			f, err := e.Draw(context.Background(), e.Index(k))
			if err != nil {
				t.Fatalf("%s at %v: %v", e.ID, e.Index(k), err)
			}
			if err := f.Validate(); err != nil {
				t.Errorf("%s at %v: %v", e.ID, e.Index(k), err)
			}
			if k > 0 && len(f.Panels) != panels {
				t.Errorf("%s at %v: %d panels, others have %d", e.ID, e.Index(k), len(f.Panels), panels)
			}
			panels = len(f.Panels)
		}
		t.Logf("%s: %d figures in %v", e.ID, e.Grid(), time.Since(start))
	}
}
