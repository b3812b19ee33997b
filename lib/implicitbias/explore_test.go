package implicitbias

import (
	"testing"

	"github.com/lemma-ml/lemma/lib/figure/figuretest"
)

func TestExplorers(t *testing.T) { figuretest.Explorers(t, Explorers(), 1) }
