package simd

import (
	"maps"
	"slices"
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/generic"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/plan"
	"github.com/lemma-ml/lemma/simd/internal/rewrite"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
	"github.com/lemma-ml/lemma/simd/internal/vec"
)

// program is a compiled graph.
type program struct {
	plan  *plan.Plan
	steps []plan.Step
	nodes int // operations after rewriting
}

// compile rewrites a graph and plans it.
func compile(g *ir.Graph, b *Backend) (*program, error) {
	o := b.options
	eval := func(n *ir.Node, in []tensor.Tensor, out tensor.Tensor) { generic.Eval(b.pool, n, in, out) }
	off := o.off
	if o.allOff {
		off = maps.Clone(off)
		off["all"] = true
	} else {
		g = rewrite.Run(g, eval, rewrite.Options{Off: off})
	}
	p, err := plan.Compile(g, plan.Options{Off: off})
	if err != nil {
		return nil, err
	}
	return &program{plan: p, steps: p.Steps(), nodes: len(g.Nodes)}, nil
}

// run executes the program.
func (p *program) run(b *Backend, name string, in, out []unsafe.Pointer) error {
	if b.tracer == nil {
		return p.plan.Run(b.pool, in, out, nil)
	}
	return b.tracer.run(b, p, name, in, out)
}

// passNames lists what the option passes= may leave out.
func passNames() []string {
	names := rewrite.Names()
	for _, name := range plan.Names() {
		if !slices.Contains(names, name) { // both have views
			names = append(names, name)
		}
	}
	return names
}

// level names the kernels in use: avx512, avx2 or go.
func level() string { return vec.Level() }
