package figure

import (
	"context"
	"strings"
	"testing"
)

func TestExplorerGrid(t *testing.T) {
	e := Explorer{ID: "e", Title: "t", Controls: []Control{
		Slide("depth", "depth L", 1, 2, 4).From(1), Choose("act", "activation", "ReLU", "erf"), Switch("bias", "bias").From(1),
	}, Play: "depth", Draw: func(context.Context, Settings) (Figure, error) { return Figure{}, nil }}
	if err := e.Validate(); err != nil {
		t.Fatal(err)
	}
	if e.Grid() != 12 {
		t.Fatalf("Grid = %d, want 3·2·2", e.Grid())
	}
	at := e.Index(e.Default())
	if at.Int("depth") != 2 || at.Int("act") != 0 || !at.On("bias") {
		t.Errorf("default settings %v, want depth 2, ReLU, bias on", at)
	}
	seen := map[[3]float64]bool{}
	for k := range e.Grid() {
		s := e.Index(k)
		seen[[3]float64{s["depth"], s["act"], s["bias"]}] = true
	}
	if len(seen) != e.Grid() {
		t.Errorf("%d different settings on a grid of %d", len(seen), e.Grid())
	}
}

func TestExplorerValidate(t *testing.T) {
	draw := func(context.Context, Settings) (Figure, error) { return Figure{}, nil }
	ok := Slide("m", "width m", 1, 2)
	for _, c := range []struct {
		name, want string
		e          Explorer
	}{
		{"no function", "no Draw", Explorer{ID: "e", Title: "t", Controls: []Control{ok}}},
		{"nothing to set", "no controls", Explorer{ID: "e", Title: "t", Draw: draw}},
		{"decreasing grid", "increasing", Explorer{ID: "e", Title: "t", Draw: draw, Controls: []Control{Slide("m", "m", 2, 1)}}},
		{"one option", "at least 2", Explorer{ID: "e", Title: "t", Draw: draw, Controls: []Control{Choose("c", "c", "only")}}},
		{"two of one name", "names differ", Explorer{ID: "e", Title: "t", Draw: draw, Controls: []Control{ok, ok}}},
		{"default off the grid", "want 0 to 1", Explorer{ID: "e", Title: "t", Draw: draw, Controls: []Control{ok.From(2)}}},
		{"play what is no slider", "name of a slider", Explorer{ID: "e", Title: "t", Draw: draw, Controls: []Control{Switch("b", "b")}, Play: "b"}},
		{"logarithm of zero", "positive", Explorer{ID: "e", Title: "t", Draw: draw, Controls: []Control{{Kind: Slider, Name: "m", Label: "m", Values: []float64{0, 1}, Log: true}}}},
	} {
		if err := c.e.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
}
