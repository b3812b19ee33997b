package book

import (
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/claim"
)

func TestRegistry(t *testing.T) {
	r, err := Registry()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.Chapters()); n != 18 {
		t.Errorf("got %d chapters, want 18", n)
	}
	for _, ch := range r.Chapters() {
		at := -1
		for i := range ch.Claims {
			for k, row := range ch.Rows {
				if row.ID != ch.Claims[i].Row() {
					continue
				}
				if k < at {
					t.Errorf("%s stands after a later row of the inventory", ch.Claims[i].ID)
				}
				at = k
			}
		}
	}
}

// Numbers of errata are how readers and authors refer to them, so each belongs to one place.
func TestErrataNumbers(t *testing.T) {
	seen := map[string]string{}
	for _, c := range MustRegistry().Errata() {
		for _, e := range c.Errata {
			if e.Number == "" || e.Where == "" || e.Printed == "" || e.Correct == "" || e.Why == "" {
				t.Errorf("%s: erratum %q lacks a field", c.ID, e.Number)
			}
			if other := seen[e.Number]; other != "" {
				t.Errorf("erratum %s is claimed by %s and by %s", e.Number, other, c.ID)
			}
			seen[e.Number] = c.ID
		}
	}
}

func TestCheckOfAnUnknownClaim(t *testing.T) {
	defer func() {
		err, ok := recover().(error)
		if !ok || !strings.Contains(err.Error(), "nearest") {
			t.Errorf("got %v, want an error that names the nearest claims", err)
		}
	}()
	Check("9.X99", claim.Env{})
}
