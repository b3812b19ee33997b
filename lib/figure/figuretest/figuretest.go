package figuretest

import (
	"context"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/lib/figure"
)

// most is how many figures one explorer may bring along: a page ships all of them.
const most = 300

// Explorers draws every stride-th figure of each explorer's grid, and those of the first, the default and
// the last setting; stride 0 is these and the middle of the grid. It asks that explorer and figures are
// valid, that there
// are at most 300 of them, and that all of one explorer have as many panels.
func Explorers(t *testing.T, list []figure.Explorer, stride int) {
	t.Helper()
	for _, e := range list {
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
		if n := e.Grid(); n > most {
			t.Errorf("%s: %d figures, want %d at most", e.ID, n, most)
		}
		start, panels := time.Now(), -1
		settings := frames(&e, stride)
		for _, k := range settings {
			f, err := e.Draw(context.Background(), e.Index(k))
			if err != nil {
				t.Fatalf("%s, %v: %v", e.ID, e.Index(k), err)
			}
			if err := f.Validate(); err != nil {
				t.Errorf("%s, %v: %v", e.ID, e.Index(k), err)
			}
			if panels < 0 {
				panels = len(f.Panels)
			}
			if len(f.Panels) != panels {
				t.Errorf("%s, %v: %d panels, others have %d", e.ID, e.Index(k), len(f.Panels), panels)
			}
		}
		t.Logf("%s: %d of %d figures in %v", e.ID, len(settings), e.Grid(), time.Since(start))
	}
}

func frames(e *figure.Explorer, stride int) []int {
	last := e.Grid() - 1
	list := []int{e.Default(), last}
	if stride == 0 {
		return append(list, 0, last/2)
	}
	for k := 0; k < last; k += stride {
		if k != e.Default() {
			list = append(list, k)
		}
	}
	return list
}
