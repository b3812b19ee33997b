package graph

import "testing"

// TestLessons: every state of every break is well formed, and so is every prediction.
func TestLessons(t *testing.T) {
	for _, b := range Breaks() {
		states, err := b.States(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for k, s := range states {
			t.Logf("%s, %s: %v, %s %s", b.ID, b.Words(k), s.Holds, s.Verdict, s.Counterexample)
			if want := k == 0; s.Holds != want {
				t.Errorf("%s: holds %v, want %v", b.Words(k), s.Holds, want)
			}
		}
	}
	all, err := Predictions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if err := p.Validate(); err != nil {
			t.Error(err)
		}
		t.Log(p.Question)
		if p.Guess.Answer != 50 {
			t.Errorf("answer %g, want 50", p.Guess.Answer)
		}
	}
}

// TestSmallest: without marks, two edges that meet and two that do not are the first pair of graphs
// with different numbers of walks; three nodes are enough with a mark.
func TestSmallest(t *testing.T) {
	k := Kernel{Blocks: 4, Layers: 1}
	a, b, err := smallest(t.Context(), k, func(a, b Graph) [2]Graph { return [2]Graph{a, b} })
	if err != nil {
		t.Fatal(err)
	}
	if a.Nodes() != 4 || len(a.Edges) != 2 || walks(a, 2) == walks(b, 2) {
		t.Errorf("got %v and %v", a.Edges, b.Edges)
	}
	a, _, err = smallest(t.Context(), k, func(a, b Graph) [2]Graph { return [2]Graph(distinguished(a, b)) })
	if err != nil {
		t.Fatal(err)
	}
	if a.Nodes() != 3 || len(a.Edges) != 1 {
		t.Errorf("got %v with a mark", a.Edges)
	}
}
