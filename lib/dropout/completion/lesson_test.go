package completion

import (
	"testing"

	"github.com/lemma-ml/lemma/lib/figure/figuretest"
	"github.com/lemma-ml/lemma/lib/lesson/lessontest"
)

func TestBreaks(t *testing.T) { lessontest.Breaks(t, Breaks()) }

func TestExplorers(t *testing.T) { figuretest.Explorers(t, Explorers(), 1) }
