package graph

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/rng"
)

func TestValidate(t *testing.T) {
	ok := Path(3)
	for _, tt := range []struct {
		name string
		g    Graph
		want string // in the error; empty means none
	}{
		{"a path", ok, ""},
		{"one node alone", New(1), ""},
		{"an edge written from the larger node", New(2, [2]int{1, 0}), ""},
		{"no node", Graph{}, "no nodes"},
		{"an edge to a node that is not there", New(2, [2]int{0, 2}), "edge 0 joins 0 and 2"},
		{"a negative node", New(2, [2]int{-1, 0}), "edge 0 joins -1 and 0"},
		{"a loop", New(2, [2]int{1, 1}), "itself"},
		{"an edge and its reverse", New(2, [2]int{0, 1}, [2]int{1, 0}), "edge 1, from 1 to 0, stands there twice"},
		{"features of two lengths", Graph{Features: [][]float64{{1}, {1, 2}}}, "node 1 has 2 features"},
		{"no feature", Graph{Features: [][]float64{{}}}, "node 0 has 0 features"},
		{"a feature that is no number", Graph{Features: [][]float64{{1, math.NaN()}}}, "feature 1 of node 0 is NaN"},
		{"an infinite feature", Graph{Features: [][]float64{{math.Inf(1)}}}, "+Inf"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.g.Validate()
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestPermuted(t *testing.T) {
	g := Graph{Features: [][]float64{{1}, {2}, {3}}, Edges: [][2]int{{0, 1}}}
	p, err := g.Permuted([]int{2, 0, 1})
	if err != nil {
		t.Fatal(err)
	}
	want := Graph{Features: [][]float64{{2}, {3}, {1}}, Edges: [][2]int{{2, 0}}}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("got %v, want %v", p, want)
	}
	for _, bad := range [][]int{{0, 1}, {0, 0, 1}, {1, 2, 3}} {
		if _, err := g.Permuted(bad); err == nil {
			t.Errorf("%v is no permutation", bad)
		}
	}
}

func TestTriangles(t *testing.T) {
	ring, err := Ring(9, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		g    Graph
		want int
	}{
		{"a tree has none", Star(5), 0},
		{"K₅ has 5·4·3/6", Complete(5), 10},
		{"each node of a ring with two neighbours a side starts one", ring, 9},
		{"a bipartite graph has no odd cycle", bipartite(), 0},
		{"prism", prism(), 2},
	} {
		if got := tt.g.Triangles(); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}

// TestFamilies: every generator makes valid graphs with the numbers of edges it promises, from its
// stream alone; rewiring keeps degrees.
func TestFamilies(t *testing.T) {
	for seed := range uint64(20) {
		uniform, err := ErdosRenyi(rng.Stream(seed, "a"), 12, 20)
		if err != nil {
			t.Fatal(err)
		}
		hubs, err := Preferential(rng.Stream(seed, "b"), 12, 2)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := Preferential(rng.Stream(seed, "b"), 12, 2)
		if !reflect.DeepEqual(hubs, again) {
			t.Error("one stream gave two graphs")
		}
		if len(uniform.Edges) != 20 || len(hubs.Edges) != 3+2*9 {
			t.Errorf("%d and %d edges, want 20 and 21", len(uniform.Edges), len(hubs.Edges))
		}
		swapped := hubs.Rewired(rng.Stream(seed, "c"), 200, nil)
		less := hubs.Rewired(rng.Stream(seed, "d"), 200, func(g Graph) float64 { return -float64(g.Triangles()) })
		for _, g := range []Graph{uniform, hubs, swapped, less} {
			if err := g.Validate(); err != nil {
				t.Fatal(err)
			}
		}
		if !reflect.DeepEqual(swapped.Degrees(), hubs.Degrees()) || !reflect.DeepEqual(less.Degrees(), hubs.Degrees()) {
			t.Error("rewiring changed a degree")
		}
		if less.Triangles() > hubs.Triangles() {
			t.Error("the score went down")
		}
	}
	for _, err := range []error{
		second(ErdosRenyi(rng.Stream(0, ""), 3, 4)), second(ErdosRenyi(rng.Stream(0, ""), 0, 0)),
		second(Preferential(rng.Stream(0, ""), 3, 3)), second(Preferential(rng.Stream(0, ""), 3, 0)),
		second(Ring(4, 2)), second(Ring(4, 0)),
	} {
		if err == nil {
			t.Error("an impossible graph was drawn")
		}
	}
}

func second(_ Graph, err error) error { return err }

// TestTasks: in each task the classes share what its comment says they share.
func TestTasks(t *testing.T) {
	for _, task := range Tasks() {
		graphs, labels, err := Draw(task, 20, 5, 1, 3)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(graphs); i += 2 {
			a, b := graphs[i], graphs[i+1]
			if labels[i] != 0 || labels[i+1] != 1 || len(a.Edges) != len(b.Edges) {
				t.Errorf("%s, pair %d: labels or numbers of edges", task, i/2)
			}
			if task != Hubs && !reflect.DeepEqual(a.Degrees(), b.Degrees()) {
				t.Errorf("%s, pair %d: degrees differ", task, i/2)
			}
			for _, g := range []Graph{a, b} {
				if err := g.Validate(); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if _, _, err := Draw("molecules", 20, 5, 1, 3); err == nil || !strings.Contains(err.Error(), "hubs") {
		t.Errorf("got %v, want an error that lists the tasks", err)
	}
}

// FuzzGraph: a graph from JSON is refused or gives a finite kernel.
func FuzzGraph(f *testing.F) {
	f.Add([]byte(`{"Features":[[1],[2]],"Edges":[[0,1]]}`))
	f.Add([]byte(`{"Features":[[1e200],[2]],"Edges":[[0,1]]}`))
	f.Add([]byte(`{"Features":[[0],[-1],[1]],"Edges":[[0,1],[1,2],[2,0]]}`))
	f.Add([]byte(`{"Edges":[[0,9]]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var g Graph
		if json.Unmarshal(raw, &g) != nil || len(g.Features) > 50 {
			return
		}
		v, err := Kernel{Blocks: 2, Layers: 1}.At(g, g)
		if g.Validate() != nil && err == nil {
			t.Error("an invalid graph has a kernel")
		}
		if err == nil && (math.IsNaN(v) || math.IsInf(v, 0) || v < 0) {
			t.Errorf("kernel %g", v)
		}
	})
}
