package rewrite

import (
	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// maxMaskDepth bounds how far a mask is looked for.
const maxMaskDepth = 16

// masks finds the choices that later choices by the same condition make needless:
//
//	Where(c, f(Where(c, x, y)), z) = Where(c, f(x), z)
//
// for any elementwise f, of any number of steps, if nobody else uses what lies between. GoMLX's
// masked softmax and its gradient are full of them. It returns what to put in place of each.
func masks(g *ir.Graph, uses []int) map[*ir.Node]*ir.Node {
	var wheres []*ir.Node
	for _, n := range g.Nodes {
		if n.Op == backends.OpTypeWhere && uses[n.ID] > 0 {
			wheres = append(wheres, n)
		}
	}
	if len(wheres) < 2 {
		return nil
	}
	s := search{users: make([][]use, len(g.Nodes)), known: map[question]bool{}}
	for _, n := range g.Nodes {
		if uses[n.ID] > 0 {
			for i, x := range n.In {
				s.users[x.ID] = append(s.users[x.ID], use{n, i})
			}
		}
	}
	for _, o := range g.Outputs {
		s.users[o.ID] = append(s.users[o.ID], use{})
	}
	found := map[*ir.Node]*ir.Node{}
	for _, w := range wheres {
		for branch := 1; branch <= 2; branch++ {
			if s.under(question{w, w.In[0], branch}, maxMaskDepth) {
				found[w] = w.In[branch]
				break
			}
		}
	}
	return found
}

// A use of a node is as operand i of another; an output has no user.
type use struct {
	by *ir.Node
	i  int
}

// A question is whether x only matters where the condition c is true (branch 1) or false (branch 2).
type question struct {
	x, c   *ir.Node
	branch int
}

type search struct {
	users [][]use // by ID
	known map[question]bool
}

func (s *search) under(q question, depth int) bool {
	if yes, ok := s.known[q]; ok {
		return yes
	}
	yes := depth > 0
	for _, u := range s.users[q.x.ID] {
		switch {
		case u.by == nil:
			yes = false
		case u.by.Op == backends.OpTypeWhere && u.by.In[0] == q.c && u.i == q.branch:
		case ir.Arity(u.by.Op) == 0:
			yes = false
		default:
			yes = yes && s.under(question{u.by, q.c, q.branch}, depth-1)
		}
		if !yes {
			break
		}
	}
	s.known[q] = yes
	return yes
}
