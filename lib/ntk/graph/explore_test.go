package graph

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/lemma-ml/lemma/lib/figure"
)

// TestExplorers draws the whole grid: each figure is valid, has the panels of the default one, reads
// itself, and comes out the same twice.
func TestExplorers(t *testing.T) {
	if testing.Short() {
		t.Skip("sixty Gram matrices")
	}
	for _, e := range []figure.Explorer{ExploreFamilies(), ExplorePairs()} {
		if err := e.Validate(); err != nil {
			t.Fatal(err)
		}
		panels := 0
		for k := range e.Grid() {
			f, err := e.Draw(t.Context(), e.Index(k))
			if err != nil {
				t.Fatalf("%s, %v: %v", e.ID, e.Index(k), err)
			}
			if err := f.Validate(); err != nil {
				t.Fatalf("%s, %v: %v", e.ID, e.Index(k), err)
			}
			if panels == 0 {
				panels = len(f.Panels)
			}
			if len(f.Panels) != panels || f.Caption == "" {
				t.Errorf("%s, %v: %d panels, caption %q", e.ID, e.Index(k), len(f.Panels), f.Caption)
			}
			if k == e.Default() {
				again, _ := e.Draw(t.Context(), e.Index(k))
				a, _ := json.Marshal(f)
				b, _ := json.Marshal(again)
				if !reflect.DeepEqual(a, b) {
					t.Errorf("%s: two drawings of one setting differ", e.ID)
				}
				t.Log(f.Caption)
			}
		}
		if _, err := e.Draw(t.Context(), figure.Settings{"task": 9, "pair": 9}); err == nil {
			t.Errorf("%s: a setting off the grid was drawn", e.ID)
		}
	}
}
