package loop

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// fuse turns a·b + c into one operation, rounded once, where all three are vectors and the product has
// no other user. How values are laid out decides, so it is done last.
func (f *form) fuse() {
	t := &task{dims: f.task.dims, nodes: slices.Clone(f.task.nodes), results: f.task.results}
	users := t.users()
	kinds := make([]kind, len(t.nodes))
	place, changed := 0, false
	for v := range t.nodes {
		n := &t.nodes[v]
		switch {
		case n.op == opInput:
			kinds[v] = f.places[place].kind
			place++
			continue
		case ir.IsReduction(n.op):
			kinds[v] = row
			continue
		}
		for _, a := range n.args {
			kinds[v] = max(kinds[v], kinds[a])
		}
		if n.op != backends.OpTypeAdd || mapKernel(opMulAdd, n.dtype, n.dtype) == nil {
			continue
		}
		for k, m := range n.args {
			product := &t.nodes[m]
			if product.op != backends.OpTypeMul || users[m] != 1 {
				continue
			}
			args := []int{product.args[0], product.args[1], n.args[1-k]}
			if slices.ContainsFunc(args, func(a int) bool { return kinds[a] != vector }) {
				continue
			}
			n.op, n.args = opMulAdd, args
			users[m] = 0
			changed = true
			break
		}
	}
	if changed {
		f.task = t.only(t.results)
	}
}
