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

// BenchmarkEpilogue compares products with what follows in the same step and in one of its own.
func BenchmarkEpilogue(b *testing.B) {
	for _, s := range [][3]int{{128, 784, 256}, {1024, 128, 128}, {1024, 128, 512}, {1024, 512, 512}, {4096, 64, 256}} {
		for _, row := range []struct {
			name  string
			build func(b builder, x *ir.Node) *ir.Node
		}{
			{"relu", func(b builder, x *ir.Node) *ir.Node {
				d := x.Shape.Dimensions
				return b.op(backends.OpTypeMax, b.add(x, b.down(b.param(d[1]), d)), b.number(0, d...))
			}},
			{"gelu", func(b builder, x *ir.Node) *ir.Node {
				d := x.Shape.Dimensions
				h := b.add(x, b.down(b.param(d[1]), d))
				return b.mul(b.scale(h, 0.5), b.add(b.number(1, d...), b.op(backends.OpTypeErf, b.scale(h, 0.7071))))
			}},
			{"residual", func(b builder, x *ir.Node) *ir.Node {
				d := x.Shape.Dimensions
				return b.add(b.param(d...), b.add(x, b.down(b.param(d[1]), d)))
			}},
		} {
			g := newBuilder()
			g.Outputs = append(g.Outputs, row.build(g, g.matmul(g.param(s[0], s[1]), g.param(s[1], s[2]), false, false)))
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
