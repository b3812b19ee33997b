package plan

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// run times a plan on one goroutine.
func run(b *testing.B, g *ir.Graph, off ...string) {
	p := compile(b, g, off...)
	r := rand.New(rand.NewPCG(1, 1))
	var args, outs []unsafe.Pointer
	for _, n := range g.Params {
		args = append(args, filled(n.Shape, r))
	}
	for _, n := range g.Outputs {
		outs = append(outs, tensor.Alloc(int(n.Shape.Memory())))
	}
	for b.Loop() {
		if err := p.Run(nil, args, outs, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEpilogue compares products with what follows in the same step and in one of its own. One step
// is faster from 16 MiB on, the second row of sizes.
func BenchmarkEpilogue(b *testing.B) {
	for _, s := range [][3]int{{1024, 128, 512}, {50176, 9, 16}, {4096, 512, 512},
		{65536, 27, 64}, {4096, 128, 1024}, {131072, 72, 32}, {4096, 16, 4096}} {
		for _, row := range []struct {
			name  string
			build func(b builder, h *ir.Node) *ir.Node
		}{
			{"relu", func(b builder, h *ir.Node) *ir.Node {
				return b.op(backends.OpTypeMax, h, b.number(0, h.Shape.Dimensions...))
			}},
			{"gelu", func(b builder, h *ir.Node) *ir.Node {
				u := b.scale(b.add(h, b.scale(b.mul(b.mul(h, h), h), 0.044715)), 0.7979)
				return b.mul(b.scale(h, 0.5), b.add(b.number(1, h.Shape.Dimensions...), b.op(backends.OpTypeTanh, u)))
			}},
		} {
			g := newBuilder()
			d := []int{s[0], s[2]}
			h := g.add(g.matmul(g.param(s[0], s[1]), g.param(s[1], s[2]), false, false), g.down(g.param(s[2]), d))
			g.Outputs = append(g.Outputs, row.build(g, h))
			b.Run(fmt.Sprint(s, row.name, "/one"), func(b *testing.B) { run(b, g.Graph) })
			b.Run(fmt.Sprint(s, row.name, "/two"), func(b *testing.B) { run(b, g.Graph, "epilogue") })
		}
	}
}

// BenchmarkTrivial is the cost of a plan with next to no work.
func BenchmarkTrivial(b *testing.B) {
	g := newBuilder()
	g.Outputs = append(g.Outputs, g.add(g.param(), g.param()))
	run(b, g.Graph)
}
