package rewrite

import (
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// An Eval computes a node from contiguous operands into a contiguous result.
type Eval = func(n *ir.Node, in []tensor.Tensor, out tensor.Tensor)

// Options says how to rewrite; its zero value turns everything on.
type Options struct {
	Off map[string]bool // passes to leave out, by the names that Names lists
}

// passes are the rules in the order in which a node is offered to them. The names without a rule
// are parts of the visit itself.
var passes = []struct {
	name string
	rule rule
}{
	{name: "dead"},
	{name: "cse"},
	{name: "fold"},
	{name: "mask"},
	{"views", views},
	{"sink", sink},
	{"arith", arith},
	{"select", selects},
	{"reduce", reduce},
	{"join", join},
	{"dot", dot},
	{"dilated", dilated},
	{"conv", conv},
	{"pool", pool},
	{"scale", scale},
	{"contract", contract},
	{"absorb", absorb},
}

// maxRounds bounds the visits; programs settle after two or three.
const maxRounds = 8

// Names returns the names of all passes.
func Names() []string {
	names := make([]string, len(passes))
	for i, p := range passes {
		names[i] = p.name
	}
	return names
}

// Run returns a program that computes the same outputs as g and is cheaper. The new graph has g's
// parameters, in the same order and all of them, and its outputs in the same order; it shares no
// nodes with g. Constants may share their memory. eval computes constants; nil leaves them alone.
//
// Without the pass "dot" products of matrices stay DotGeneral, without "conv" convolutions stay
// ConvGeneral.
func Run(g *ir.Graph, eval Eval, o Options) *ir.Graph {
	e := settings{eval: eval, dead: !o.Off["dead"], cse: !o.Off["cse"], mask: !o.Off["mask"], fold: !o.Off["fold"] && eval != nil}
	for _, p := range passes {
		if p.rule != nil && !o.Off[p.name] {
			e.rules = append(e.rules, p.rule)
		}
	}
	for range maxRounds {
		var changed bool
		if g, changed = visit(g, e); !changed {
			break
		}
	}
	return g
}
