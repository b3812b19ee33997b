package dropout

import (
	"context"
	"testing"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/figure/figuretest"
)

func TestExplorers(t *testing.T) {
	figuretest.Explorers(t, Explorers(), 1)
	for _, e := range Explorers() {
		if _, err := e.Draw(context.Background(), figure.Settings{"loss": 7, "size": 1}); err == nil {
			t.Errorf("%s: loss 7: no error", e.ID)
		}
	}
}
