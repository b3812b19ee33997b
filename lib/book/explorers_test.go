package book

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/claim"
)

// Every explorer is described well, belongs to a row of its chapter and is found by its ID.
func TestExplorers(t *testing.T) {
	seen := map[string]bool{}
	for _, ch := range MustRegistry().Chapters() {
		for _, e := range Explorers(ch.Number) {
			if err := e.Validate(); err != nil {
				t.Error(err)
			}
			row, _, _ := strings.Cut(e.ID, "/")
			if !strings.HasPrefix(e.ID, fmt.Sprint(ch.Number, ".")) || !slices.ContainsFunc(ch.Rows, func(r claim.Row) bool { return r.ID == row }) {
				t.Errorf("explorer %q of chapter %d: want the ID of a row of its inventory, then /name", e.ID, ch.Number)
			}
			if seen[e.ID] {
				t.Errorf("explorer %q occurs twice", e.ID)
			}
			seen[e.ID] = true
			if found, err := Explorer(e.ID); err != nil || found.Title != e.Title {
				t.Errorf("Explorer(%q) = %q, %v", e.ID, found.Title, err)
			}
		}
	}
	if all := Explorers(); len(all) != len(seen) {
		t.Errorf("%d explorers in all, %d by chapters", len(all), len(seen))
	}
	if _, err := Explorer("0.X/none"); err == nil || !strings.Contains(err.Error(), `no explorer "0.X/none"`) {
		t.Errorf("an explorer that does not exist: %v", err)
	}
}
