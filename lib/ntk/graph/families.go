package graph

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Path returns the path 0-1-...-(n-1).
func Path(n int) Graph {
	var e [][2]int
	for u := 1; u < n; u++ {
		e = append(e, [2]int{u - 1, u})
	}
	return New(n, e...)
}

// Cycle returns the cycle of n nodes, n >= 3.
func Cycle(n int) Graph {
	g := Path(n)
	g.Edges = append(g.Edges, [2]int{n - 1, 0})
	return g
}

// Complete returns the graph of n nodes that are all joined.
func Complete(n int) Graph {
	var e [][2]int
	for u := range n {
		for v := range u {
			e = append(e, [2]int{v, u})
		}
	}
	return New(n, e...)
}

// Star returns node 0 joined to nodes 1 to n-1.
func Star(n int) Graph {
	var e [][2]int
	for u := 1; u < n; u++ {
		e = append(e, [2]int{0, u})
	}
	return New(n, e...)
}

// Union returns the graphs side by side, without edges between them.
func Union(graphs ...Graph) Graph {
	var out Graph
	for _, g := range graphs {
		shift := out.Nodes()
		out.Features = append(out.Features, g.Features...)
		for _, e := range g.Edges {
			out.Edges = append(out.Edges, [2]int{e[0] + shift, e[1] + shift})
		}
	}
	return out
}

// ErdosRenyi draws a graph of n nodes and m edges, all such graphs alike.
func ErdosRenyi(r *rand.Rand, n, m int) (Graph, error) {
	if all := n * (n - 1) / 2; n < 1 || m < 0 || m > all {
		return Graph{}, fmt.Errorf("graph.ErdosRenyi: %d edges on %d nodes, want 0 to %d", m, n, max(all, 0))
	}
	all := Complete(n).Edges
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	e := all[:m:m]
	slices.SortFunc(e, func(a, b [2]int) int { return (a[0]-b[0])*n + a[1] - b[1] })
	return New(n, e...), nil
}

// Preferential draws a graph that grows by preferential attachment (Barabási and Albert 1999): from a
// complete graph of k+1 nodes, each new node joins k different older ones, each chosen in proportion
// to its degree. It has k(k+1)/2 + k(n-k-1) edges, and hubs.
func Preferential(r *rand.Rand, n, k int) (Graph, error) {
	if k < 1 || n <= k {
		return Graph{}, fmt.Errorf("graph.Preferential: %d edges a node on %d nodes, want at least 1 and fewer than nodes", k, n)
	}
	e := Complete(k + 1).Edges
	for u := k + 1; u < n; u++ {
		ends := e[:len(e):len(e)] // a random end of a random edge is a node in proportion to its degree
		var chosen []int
		for len(chosen) < k {
			if v := ends[r.IntN(len(ends))][r.IntN(2)]; !slices.Contains(chosen, v) {
				chosen = append(chosen, v)
			}
		}
		for _, v := range chosen {
			e = append(e, [2]int{v, u})
		}
	}
	return New(n, e...), nil
}

// Ring returns n nodes on a circle, each joined to the k nearest on either side: 2k neighbours each,
// rich in triangles for k >= 2. It starts small worlds (Watts and Strogatz 1998).
func Ring(n, k int) (Graph, error) {
	if k < 1 || n < 2*k+1 {
		return Graph{}, fmt.Errorf("graph.Ring: %d neighbours on either side of %d nodes, want at least 1 and fewer than half", k, n)
	}
	var e [][2]int
	for u := range n {
		for s := 1; s <= k; s++ {
			e = append(e, [2]int{u, (u + s) % n})
		}
	}
	return New(n, e...), nil
}

// Rewired returns the graph after some tries of a double swap: edges ab and cd become ad and cb. Every
// degree stays as it is. A swap that would make a loop or a double edge is not made, nor one that
// lowers the score, if there is a score; nil accepts every swap, which wanders towards a uniform draw
// among the graphs of these degrees. The score is of the whole graph, with its features.
func (g Graph) Rewired(r *rand.Rand, tries int, score func(Graph) float64) Graph {
	out := Graph{Features: g.Features, Edges: slices.Clone(g.Edges)}
	if len(out.Edges) < 2 {
		return out
	}
	n := g.Nodes()
	joined := make([]bool, n*n)
	mark := func(u, v int, is bool) { joined[u*n+v], joined[v*n+u] = is, is }
	for _, e := range out.Edges {
		mark(e[0], e[1], true)
	}
	now := 0.0
	if score != nil {
		now = score(out)
	}
	for range tries {
		i, j := r.IntN(len(out.Edges)), r.IntN(len(out.Edges))
		a, b, c, d := out.Edges[i][0], out.Edges[i][1], out.Edges[j][0], out.Edges[j][1]
		if r.IntN(2) == 1 {
			c, d = d, c
		}
		if i == j || a == d || b == c || joined[a*n+d] || joined[c*n+b] {
			continue
		}
		first, second := out.Edges[i], out.Edges[j]
		out.Edges[i], out.Edges[j] = [2]int{a, d}, [2]int{c, b}
		if score != nil {
			next := score(out)
			if next < now {
				out.Edges[i], out.Edges[j] = first, second
				continue
			}
			now = next
		}
		mark(a, b, false)
		mark(c, d, false)
		mark(a, d, true)
		mark(c, b, true)
	}
	return out
}
