package conv

import (
	"context"
	"testing"

	"github.com/lemma-ml/lemma/lib/figure"
)

func TestExplorers(t *testing.T) {
	for _, e := range []figure.Explorer{ExploreConv(), ExploreLattice()} {
		if err := e.Validate(); err != nil {
			t.Fatal(err)
		}
		if testing.Short() && e.ID == "9.+/lattice" {
			continue
		}
		for k := range e.Grid() {
			f, err := e.Draw(context.Background(), e.Index(k))
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Validate(); err != nil {
				t.Error(err)
			}
			if k == e.Default() {
				t.Log(f.Caption)
			}
		}
	}
}
