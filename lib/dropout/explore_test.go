package dropout

import (
	"context"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/lib/figure"
)

func TestExplorers(t *testing.T) {
	for _, e := range Explorers() {
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
		at := time.Now()
		for k := range e.Grid() {
			f, err := e.Draw(context.Background(), e.Index(k))
			if err != nil {
				t.Fatalf("%s, %v: %v", e.ID, e.Index(k), err)
			}
			if err := f.Validate(); err != nil {
				t.Errorf("%s, %v: %v", e.ID, e.Index(k), err)
			}
		}
		t.Logf("%s: %d frames in %s", e.ID, e.Grid(), time.Since(at))
		if _, err := e.Draw(context.Background(), figure.Settings{"loss": 7, "size": 1}); err == nil {
			t.Errorf("%s: loss 7: no error", e.ID)
		}
	}
}
