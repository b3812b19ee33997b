package rewrite

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

func TestFolding(t *testing.T) {
	iota := func(p *prog, axis int, dims ...int) *ir.Node {
		return p.Add(backends.OpTypeIota, shapes.Make(i32, dims...), ir.Iota{Axis: axis})
	}
	become(t, 0, []rewriting{
		{"arithmetic", func(p *prog) *ir.Node {
			return p.op(backends.OpTypeMul, p.constant(f32, []int{3}, 1, 2, 3), p.constant(f32, []int{3}, 4, 5, 6))
		}, "const[3]"},
		{"equal elements are one", func(p *prog) *ir.Node { return p.constant(f32, []int{3}, 7, 7, 7) }, "7"},
		{"0 and -0 are not equal", func(p *prog) *ir.Node {
			return p.constant(f32, []int{2}, 0, math.Copysign(0, -1))
		}, "const[2]"},
		{"NaN is equal by its bits", func(p *prog) *ir.Node {
			return p.constant(f32, []int{2}, math.NaN(), math.NaN())
		}, "NaN"},
		{"a count varies along one axis", func(p *prog) *ir.Node { return iota(p, 1, 4, 3) }, "Broadcast[4,3](const[3])"},
		{"one-hot", func(p *prog) *ir.Node {
			at := p.broadcast(p.param(i32, 4), []int{4, 3}, []int{0})
			return p.convert(p.op(backends.OpTypeEqual, iota(p, 1, 4, 3), at), f32)
		}, "Float32(Equal(Broadcast[4,3](const[3]), Broadcast[4,3](p0)))"},
		{"a causal mask", func(p *prog) *ir.Node {
			return p.op(backends.OpTypeGreaterOrEqual, iota(p, 0, 4, 4), iota(p, 1, 4, 4))
		}, "const[4,4]"},
		{"a long count stays", func(p *prog) *ir.Node { return iota(p, 0, 100_000) }, "Iota()"},
		{"a large mask stays", func(p *prog) *ir.Node {
			return p.op(backends.OpTypeGreaterOrEqual, iota(p, 0, 400, 400), iota(p, 1, 400, 400))
		}, "GreaterOrEqual(Broadcast[400,400](const[400]), Broadcast[400,400](const[400]))"},
		{"large equal elements are one", func(p *prog) *ir.Node {
			return p.op(backends.OpTypeExp, p.fill(f32, 0, 1000, 1000))
		}, "1"},
		{"a sum", func(p *prog) *ir.Node {
			return p.reduce(backends.OpTypeReduceSum, p.constant(f32, []int{3}, 1, 2, 3), 0)
		}, "6"},
		{"random bits are never known", func(p *prog) *ir.Node {
			return p.Add(ir.OpRNGBits, shapes.Make(dtypes.Uint64, 3), nil, p.constant(dtypes.Uint64, []int{3}, 1, 2, 3))
		}, "RNGBits(const[3])"},
	})
}

func TestCommonOperations(t *testing.T) {
	const (
		add = backends.OpTypeAdd
		sub = backends.OpTypeSub
		top = backends.OpTypeMax
	)
	p := newProg()
	x, y := p.param(f32, 5), p.param(f32, 5)
	nan, zero, minus := math.NaN(), 0.0, math.Copysign(0, -1)
	rows := []struct {
		name string
		a, b *ir.Node
		same bool
	}{
		{"the same sum", p.op(add, x, y), p.op(add, x, y), true},
		{"a sum in the other order", p.op(add, x, y), p.op(add, y, x), true},
		{"a difference in the other order", p.op(sub, x, y), p.op(sub, y, x), false},
		{"max(0, -0) may depend on the order", p.op(top, x, y), p.op(top, y, x), false},
		{"NaN constants", p.constant(f32, nil, nan), p.constant(f32, nil, nan), true},
		{"zeros of both signs", p.constant(f32, nil, zero), p.constant(f32, nil, minus), false},
		{"types differ", p.constant(f32, nil, 1), p.constant(f64, nil, 1), false},
		{"axes differ", p.reduce(backends.OpTypeReduceSum, p.broadcast(x, []int{5, 5}, []int{0}), 0),
			p.reduce(backends.OpTypeReduceSum, p.broadcast(x, []int{5, 5}, []int{0}), 1), false},
		{"parameters with equal shapes", x, y, false},
	}
	for _, row := range rows {
		p.Outputs = append(p.Outputs, row.a, row.b)
	}
	h := rewritten(t, p.Graph, Options{}, 1e-6, true)
	for i, row := range rows {
		if same := h.Outputs[2*i] == h.Outputs[2*i+1]; same != row.same {
			t.Errorf("%s: one node: %t, want %t", row.name, same, row.same)
		}
	}
}

func TestDead(t *testing.T) {
	p := newProg()
	x, y := p.param(f32, 5), p.param(f32, 7)
	p.op(backends.OpTypeExp, p.op(backends.OpTypeExp, x))
	h := rewritten(t, p.returns(x, y, x), Options{}, 0, true)
	if len(h.Nodes) != 2 || len(h.Params) != 2 || h.Outputs[0] != h.Params[0] || h.Outputs[2] != h.Params[0] {
		t.Errorf("got\n%swant the two parameters and nothing else", h)
	}
	p = newProg()
	p.param(f32, 5)
	h = rewritten(t, p.returns(p.constant(f32, nil, 3)), Options{}, 0, true)
	if len(h.Params) != 1 || len(h.Nodes) != 2 {
		t.Errorf("got\n%swant the parameter to stay though nobody uses it", h)
	}
}

func TestNames(t *testing.T) {
	p := newProg()
	g := p.returns(p.op(backends.OpTypeAdd, p.op(backends.OpTypeNeg, p.op(backends.OpTypeNeg, p.param(f32, 3))), p.fill(f32, 0, 3)))
	off := map[string]bool{}
	for _, name := range Names() {
		off[name] = true
	}
	h := Run(g, eval, Options{Off: off})
	if h.String() != g.String() {
		t.Errorf("without any pass\n%sbecame\n%s", g, h)
	}
	if h.Nodes[0] == g.Nodes[0] {
		t.Error("the new graph shares nodes with the old one")
	}
	off["arith"] = false
	if got, want := expr(Run(g, nil, Options{Off: off}).Outputs[0]), "Add(p0, 0)"; got != want {
		t.Errorf("with arith alone: %s, want %s", got, want)
	}
}
