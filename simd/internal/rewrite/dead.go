package rewrite

import "github.com/lemma-ml/lemma/simd/internal/ir"

// countUses returns, by ID, how often each node is an operand of a live node or an output.
func countUses(g *ir.Graph) []int {
	uses := make([]int, len(g.Nodes))
	for _, o := range g.Outputs {
		uses[o.ID]++
	}
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		if uses[i] == 0 {
			continue
		}
		for _, x := range g.Nodes[i].In {
			uses[x.ID]++
		}
	}
	return uses
}

// sweep drops the nodes that no output needs, except parameters, and numbers the others anew.
func sweep(g *ir.Graph) *ir.Graph {
	uses := countUses(g)
	for _, p := range g.Params {
		uses[p.ID]++
	}
	live := g.Nodes[:0]
	for i, n := range g.Nodes {
		if uses[i] > 0 {
			n.ID = len(live)
			live = append(live, n)
		}
	}
	clear(g.Nodes[len(live):])
	g.Nodes = live
	return g
}
