package simd

import (
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/generic"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// program is a graph ready to run.
type program struct {
	plan *interpreter
}

// interpreter evaluates a graph node by node, each in memory of its own.
type interpreter struct{ graph *ir.Graph }

func compile(g *ir.Graph, b *Backend) (*program, error) {
	return &program{plan: &interpreter{g}}, nil
}

func (p *interpreter) Place(donated []bool, from []int) {
	for i := range from {
		from[i] = -1
	}
}

func (p *program) run(b *Backend, in, out []unsafe.Pointer) (err error) {
	defer catch(&err)
	g := p.plan.graph
	values := make([]tensor.Tensor, len(g.Nodes))
	var blocks []*block
	defer func() {
		for _, k := range blocks {
			b.memory.put(k)
		}
	}()
	for _, n := range g.Nodes {
		switch attr := n.Attr.(type) {
		case ir.Parameter:
			values[n.ID] = tensor.Of(n.Shape.DType, n.Shape.Dimensions, in[attr.Index])
			continue
		case ir.Constant:
			values[n.ID] = attr.Value
			continue
		}
		k := b.memory.get(int(n.Shape.Memory()))
		blocks = append(blocks, k)
		values[n.ID] = tensor.Of(n.Shape.DType, n.Shape.Dimensions, k.data)
		args := make([]tensor.Tensor, len(n.In))
		for i, x := range n.In {
			args[i] = values[x.ID]
		}
		generic.Eval(b.pool, n, args, values[n.ID])
	}
	for i, o := range g.Outputs {
		size := int(o.Shape.Memory())
		copy(unsafe.Slice((*byte)(out[i]), size), unsafe.Slice((*byte)(values[o.ID].Data), size))
	}
	return nil
}

func passNames() []string { return nil }

func level() string { return "go" }
