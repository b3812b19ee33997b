package graph

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Graph is an undirected graph whose nodes 0, 1, ..., n-1 carry feature vectors. It is plain data:
// it round-trips through JSON, and Validate says what is wrong with it.
type Graph struct {
	Features [][]float64 // h_u, one row a node, all of the same length
	Edges    [][2]int    // each edge once, in either direction; no loops, since aggregation adds them
}

// New returns the graph of n nodes with the given edges and the one feature 1 at every node.
func New(n int, edges ...[2]int) Graph {
	g := Graph{Features: make([][]float64, max(n, 0)), Edges: edges}
	for u := range g.Features {
		g.Features[u] = []float64{1}
	}
	return g
}

// Nodes is the number of nodes.
func (g Graph) Nodes() int { return len(g.Features) }

// Validate reports every fault: no node, features that are empty, of different lengths or not finite,
// edges that name no node, join a node to itself or stand there twice.
func (g Graph) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	n := g.Nodes()
	if n == 0 {
		bad("no nodes, want at least one")
	}
	for u, h := range g.Features {
		if len(h) == 0 || len(h) != len(g.Features[0]) {
			bad("node %d has %d features, want as many as node 0, which has %d, and at least one", u, len(h), len(g.Features[0]))
		}
		for j, v := range h {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				bad("feature %d of node %d is %g, want a finite number", j, u, v)
			}
		}
	}
	seen := make(map[[2]int]bool, len(g.Edges))
	for k, e := range g.Edges {
		u, v := min(e[0], e[1]), max(e[0], e[1])
		switch {
		case u < 0 || v >= n:
			bad("edge %d joins %d and %d, want nodes 0 to %d", k, e[0], e[1], n-1)
		case u == v:
			bad("edge %d joins node %d to itself; every node counts as its own neighbour already", k, u)
		case seen[[2]int{u, v}]:
			bad("edge %d, from %d to %d, stands there twice; an undirected edge is listed once", k, e[0], e[1])
		}
		seen[[2]int{u, v}] = true
	}
	return errors.Join(errs...)
}

// Degrees returns the number of neighbours of each node, itself not counted.
func (g Graph) Degrees() []int {
	d := make([]int, g.Nodes())
	for _, e := range g.Edges {
		d[e[0]]++
		d[e[1]]++
	}
	return d
}

// Permuted returns the same graph with node u renamed to to[u], a permutation of 0..n-1.
func (g Graph) Permuted(to []int) (Graph, error) {
	n := g.Nodes()
	if s := slices.Sorted(slices.Values(to)); len(s) != n || !slices.Equal(s, upTo(n)) {
		return Graph{}, fmt.Errorf("graph.Graph.Permuted: %v is no permutation of 0 to %d", to, n-1)
	}
	p := Graph{Features: make([][]float64, n), Edges: make([][2]int, len(g.Edges))}
	for u, h := range g.Features {
		p.Features[to[u]] = h
	}
	for k, e := range g.Edges {
		p.Edges[k] = [2]int{to[e[0]], to[e[1]]}
	}
	return p, nil
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// Triangles is the number of triples of nodes that are all joined, in O(n·m) time for m edges.
func (g Graph) Triangles() int {
	n := g.Nodes()
	joined := make([]bool, n*n)
	for _, e := range g.Edges {
		joined[e[0]*n+e[1]], joined[e[1]*n+e[0]] = true, true
	}
	count := 0
	for _, e := range g.Edges {
		for w := range n {
			if joined[e[0]*n+w] && joined[e[1]*n+w] {
				count++
			}
		}
	}
	return count / 3 // once for each of its edges
}

// OneHotDegrees returns the graph with the indicator of its degree as features of each node: most+1
// entries for the degrees 0, 1, ..., most, and larger degrees counted as most. Graphs without
// features of their own are given these (Du et al. 2019, section 5): with a single constant feature
// every vector at every node is a multiple of one vector, and the kernel counts walks and nothing
// else.
func (g Graph) OneHotDegrees(most int) Graph {
	out := Graph{Features: make([][]float64, g.Nodes()), Edges: g.Edges}
	for u, d := range g.Degrees() {
		out.Features[u] = make([]float64, max(most, 0)+1)
		out.Features[u][min(d, max(most, 0))] = 1
	}
	return out
}

// validateAll checks graphs that meet in one kernel and returns their feature dimension.
func validateAll(fn string, sets ...[]Graph) (int, error) {
	d := 0
	for s, graphs := range sets {
		name := "graphs"
		if len(sets) > 1 {
			name = []string{"x", "z"}[s]
		}
		if len(graphs) == 0 {
			return 0, fmt.Errorf("%s: %s is empty, want at least one graph", fn, name)
		}
		for i, g := range graphs {
			if err := g.Validate(); err != nil {
				return 0, fmt.Errorf("%s: %s[%d]: %w", fn, name, i, err)
			}
			if d == 0 {
				d = len(g.Features[0])
			}
			if len(g.Features[0]) != d {
				return 0, fmt.Errorf("%s: %s[%d] has %d features a node, want %d as the first graph", fn, name, i, len(g.Features[0]), d)
			}
		}
	}
	return d, nil
}
