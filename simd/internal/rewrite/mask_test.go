package rewrite

import (
	"testing"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

func TestMasks(t *testing.T) {
	const (
		where = backends.OpTypeWhere
		exp   = backends.OpTypeExp
		mul   = backends.OpTypeMul
		n     = 37
	)
	become(t, 0, []rewriting{
		{"the inner choice is needless", func(p *prog) *ir.Node {
			c, zero := p.param(pred, n), p.fill(f32, 0, n)
			x := p.op(exp, p.op(where, c, p.param(f32, n), zero))
			return p.op(where, c, x, zero)
		}, "Where(p0, Exp(p1), 0)"},
		{"where false", func(p *prog) *ir.Node {
			c, zero := p.param(pred, n), p.fill(f32, 0, n)
			x := p.op(exp, p.op(where, c, zero, p.param(f32, n)))
			return p.op(where, c, zero, x)
		}, "Where(p0, 0, Exp(p1))"},
		{"two uses, both chosen from by the condition", func(p *prog) *ir.Node {
			c, zero := p.param(pred, n), p.fill(f32, 0, n)
			x := p.op(exp, p.op(where, c, p.param(f32, n), zero))
			y := p.op(where, c, p.op(mul, x, p.param(f32, n)), zero)
			return p.op(mul, p.op(where, c, x, p.fill(f32, 1, n)), y)
		}, "Mul(Where(p0, Exp(p1), 1), Where(p0, Mul(Exp(p1), p2), 0))"},
		{"another condition", func(p *prog) *ir.Node {
			zero := p.fill(f32, 0, n)
			x := p.op(exp, p.op(where, p.param(pred, n), p.param(f32, n), zero))
			return p.op(where, p.param(pred, n), x, zero)
		}, "Where(p2, Exp(Where(p0, p1, 0)), 0)"},
		{"the other branch is known", func(p *prog) *ir.Node {
			c, zero := p.param(pred, n), p.fill(f32, 0, n)
			x := p.op(exp, p.op(where, c, p.param(f32, n), zero))
			return p.op(where, c, zero, x)
		}, "Float32(LogicalNot(p0))"},
		{"a sum mixes places", func(p *prog) *ir.Node {
			c, zero := p.param(pred, n), p.fill(f32, 0, n)
			x := p.op(where, c, p.param(f32, n), zero)
			s := p.broadcast(p.reduce(backends.OpTypeReduceMax, x, 0), []int{n}, nil)
			return p.op(where, c, s, zero)
		}, "Where(p0, Broadcast[37](ReduceMax[0](Where(p0, p1, 0))), 0)"},
	})

	p := newProg()
	c, zero := p.param(pred, n), p.fill(f32, 0, n)
	x := p.op(exp, p.op(where, c, p.param(f32, n), zero))
	h := rewritten(t, p.returns(p.op(where, c, x, zero), x), Options{}, 0, true)
	if got, want := expr(h.Outputs[1]), "Exp(Where(p0, p1, 0))"; got != want {
		t.Errorf("what is returned itself became %s, want %s", got, want)
	}
}
