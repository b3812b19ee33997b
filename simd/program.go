package simd

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/gemm"
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

	traced atomic.Bool // its steps are in the trace
}

// compile rewrites a graph and plans it.
func compile(g *ir.Graph, b *Backend) (*program, error) {
	o := b.options
	off := o.off
	outputs := g.Outputs // as they were recorded: rewritten ones tell less
	if o.allOff {
		off = maps.Clone(off)
		off["all"] = true
	} else {
		g = rewrite.Run(g, b.fold, rewrite.Options{Off: off})
	}
	if err := countingError(g); err != nil {
		return nil, err
	}
	p, err := plan.Compile(g, plan.Options{Off: off})
	if err != nil {
		return nil, err
	}
	if err := programError(p, outputs, room()); err != nil {
		return nil, err
	}
	return &program{plan: p, steps: p.Steps(), nodes: len(g.Nodes)}, nil
}

// fold computes a node of constants. Where a result depends on the kernel, by rounding, it is computed
// as it would be in an execution: whether something is constant must not change its value.
func (b *Backend) fold(n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
	switch n.Op {
	case backends.OpTypeExp, backends.OpTypeExpm1, backends.OpTypeLog, backends.OpTypeLog1p, backends.OpTypeLogistic,
		backends.OpTypeTanh, backends.OpTypeErf, backends.OpTypeSin, backends.OpTypeCos, backends.OpTypePow, backends.OpTypeRsqrt,
		backends.OpTypeReduceSum, backends.OpTypeReduceProduct,
		backends.OpTypeDotGeneral, backends.OpTypeConvGeneral, ir.OpContract:
	default:
		generic.Eval(b.pool, n, in, out)
		return
	}
	g := &ir.Graph{Name: "constant"}
	args := make([]unsafe.Pointer, len(in))
	for i, t := range in {
		shape := shapes.Shape{DType: t.DType, Dimensions: t.Dims}
		g.Params = append(g.Params, g.Add(backends.OpTypeParameter, shape, ir.Parameter{Index: i}))
		args[i] = t.Data
	}
	g.Outputs = []*ir.Node{g.Add(n.Op, n.Shape, n.Attr, g.Params...)}
	off := b.options.off
	p, err := plan.Compile(rewrite.Run(g, nil, rewrite.Options{Off: off}), plan.Options{Off: off})
	if err == nil {
		err = p.Run(b.pool, args, []unsafe.Pointer{out.Data}, nil)
	}
	if err != nil {
		panic(err)
	}
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

// kernels says which kernels are in use.
func kernels() string { return describe(vec.Level(), gemm.Level()) }

// describe names the kernels, and those of products where they are others: arm64 has none in assembly.
func describe(level, products string) string {
	if level == products {
		return level + " kernels"
	}
	return fmt.Sprintf("%s kernels, products of matrices by %s", level, products)
}
