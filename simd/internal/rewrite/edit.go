package rewrite

import (
	"fmt"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// A rule looks at a node that is not in the graph yet, whose operands are, and returns a node of the
// graph with the same value and shape, or nil if it has nothing better.
type rule func(e *editor, n *ir.Node) *ir.Node

// settings say what a visit does.
type settings struct {
	eval            Eval
	dead, cse, fold bool
	mask            bool
	rules           []rule
}

// An editor builds the new graph of a visit.
type editor struct {
	settings
	out     *ir.Graph
	seen    map[string]*ir.Node // by key, for cse
	key     []byte
	uses    []int // by ID, how often nodes of out are used by the old graph; 0 if created by rules
	depth   int   // of rules within rules
	changed bool
}

// maxDepth bounds how deep rules apply to what rules created; what lies deeper waits for the next
// round.
const maxDepth = 64

// visit rebuilds g by the rules and reports whether anything changed.
func visit(g *ir.Graph, s settings) (*ir.Graph, bool) {
	e := &editor{
		settings: s,
		out:      &ir.Graph{Name: g.Name},
		seen:     make(map[string]*ir.Node, len(g.Nodes)),
	}
	uses := countUses(g)
	to := make([]*ir.Node, len(g.Nodes)) // by ID
	for _, p := range g.Params {         // first, so that they stay, in order
		q := e.append(&ir.Node{Op: p.Op, Shape: p.Shape, Attr: p.Attr})
		to[p.ID] = q
		e.out.Params = append(e.out.Params, q)
		e.uses[q.ID] = uses[p.ID]
	}
	var needless map[*ir.Node]*ir.Node
	if s.mask {
		needless = masks(g, uses)
	}
	for k, n := range g.Nodes {
		if to[k] != nil {
			continue
		}
		if x := needless[n]; x != nil {
			to[k] = to[x.ID]
			e.uses[to[k].ID] += uses[k]
			e.changed = true
			continue
		}
		if s.dead && uses[k] == 0 {
			e.changed = true
			continue
		}
		in := make([]*ir.Node, len(n.In))
		for i, x := range n.In {
			in[i] = to[x.ID]
		}
		to[k] = e.offer(&ir.Node{Op: n.Op, In: in, Shape: n.Shape, Attr: n.Attr})
		e.uses[to[k].ID] += uses[k]
	}
	for _, o := range g.Outputs {
		e.out.Outputs = append(e.out.Outputs, to[o.ID])
	}
	if s.dead {
		e.out = sweep(e.out)
	}
	return e.out, e.changed
}

// add returns a node with the value of this operation, simplified.
func (e *editor) add(op ir.Op, shape shapes.Shape, attr any, in ...*ir.Node) *ir.Node {
	return e.offer(&ir.Node{Op: op, In: in, Shape: shape, Attr: attr})
}

// offer gives n to the rules, and adds it to the graph if no rule has something better.
func (e *editor) offer(n *ir.Node) *ir.Node {
	if e.depth < maxDepth {
		e.depth++
		defer func() { e.depth-- }()
		if n.Op == backends.OpTypeIdentity {
			return n.In[0]
		}
		if e.fold {
			if m := e.folded(n); m != nil {
				e.changed = true
				return m
			}
		}
		for _, r := range e.rules {
			if m := r(e, n); m != nil {
				if !m.Shape.Equal(n.Shape) {
					panic(fmt.Errorf("rewrite: %s would become %s, of another shape", n, m))
				}
				e.changed = true
				return m
			}
		}
	}
	return e.append(n)
}

// append adds n, or finds its equal.
func (e *editor) append(n *ir.Node) *ir.Node {
	if e.cse && n.Op != backends.OpTypeParameter {
		e.key = key(e.key[:0], n)
		if m := e.seen[string(e.key)]; m != nil {
			e.changed = true
			return m
		}
		e.seen[string(e.key)] = n
	}
	n.ID = len(e.out.Nodes)
	e.out.Nodes = append(e.out.Nodes, n)
	e.uses = append(e.uses, 0)
	return n
}

// single reports whether x, an operand of the node that a rule looks at, has no other user. It is
// false for what rules created in this round, whose users are not known yet.
func (e *editor) single(x *ir.Node) bool { return e.depth == 1 && e.uses[x.ID] == 1 }
