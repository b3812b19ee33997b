package rewrite

import "github.com/lemma-ml/lemma/simd/internal/ir"

// countUses returns how often each node is an operand of a live node or an output. Nodes that no
// output needs have no entry.
func countUses(g *ir.Graph) map[*ir.Node]int {
	uses := make(map[*ir.Node]int, len(g.Nodes))
	for _, o := range g.Outputs {
		uses[o]++
	}
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		n := g.Nodes[i]
		if uses[n] == 0 {
			continue
		}
		for _, x := range n.In {
			uses[x]++
		}
	}
	return uses
}

// sweep drops the nodes that no output needs, except parameters, and numbers the others anew.
func sweep(g *ir.Graph) *ir.Graph {
	uses := countUses(g)
	for _, p := range g.Params {
		uses[p]++
	}
	live := g.Nodes[:0]
	for _, n := range g.Nodes {
		if uses[n] > 0 {
			n.ID = len(live)
			live = append(live, n)
		}
	}
	clear(g.Nodes[len(live):])
	g.Nodes = live
	return g
}
