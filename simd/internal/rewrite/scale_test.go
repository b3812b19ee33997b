package rewrite

import (
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

func TestScales(t *testing.T) {
	const (
		mul = backends.OpTypeMul
		div = backends.OpTypeDiv
		neg = backends.OpTypeNeg
		sum = backends.OpTypeReduceSum
	)
	x := func(p *prog) *ir.Node { return p.param(f32, 5, 7) }
	c := func(p *prog, v float64) *ir.Node { return p.fill(f32, v, 5, 7) }
	row := func(p *prog) *ir.Node { return p.broadcast(p.param(f32, 5), []int{5, 7}, []int{0}) }
	become(t, 2e-6, []rewriting{
		{"(x·c)·d", func(p *prog) *ir.Node { return p.op(mul, p.op(mul, x(p), c(p, 3)), c(p, 0.5)) }, "Mul(p0, 1.5)"},
		{"(x·c)·(y·d)", func(p *prog) *ir.Node {
			return p.op(mul, p.op(mul, x(p), c(p, 3)), p.op(mul, x(p), c(p, 0.5)))
		}, "Mul(Mul(p0, p1), 1.5)"},
		{"2^100·2^100 is out of range", func(p *prog) *ir.Node {
			return p.op(mul, p.op(mul, x(p), c(p, 0x1p-99)), c(p, 0x1p-99))
		}, "Mul(Mul(p0, 1.5777218104420236e-30), 1.5777218104420236e-30)"},
		{"x·0·3 stays NaN for infinite x", func(p *prog) *ir.Node {
			return p.op(mul, p.op(mul, x(p), c(p, 0)), c(p, 3))
		}, "Mul(Mul(p0, 0), 3)"},
		{"float16 is narrow", func(p *prog) *ir.Node {
			c := func(v float64) *ir.Node { return p.fill(dtypes.Float16, v, 5) }
			return p.op(mul, p.op(mul, p.param(dtypes.Float16, 5), c(3)), c(0.5))
		}, "Mul(Mul(p0, 3), 0.5)"},
		{"a factor of every term", func(p *prog) *ir.Node { return p.reduce(sum, p.op(mul, row(p), x(p)), 1) }, "Mul(ReduceSum[1](p1), p0)"},
		{"a factor that varies", func(p *prog) *ir.Node { return p.reduce(sum, p.op(mul, row(p), x(p)), 0) },
			"ReduceSum[0](Mul(Broadcast[5,7](p0), p1))"},
		{"the derivative of a quotient", func(p *prog) *ir.Node {
			return p.reduce(sum, p.op(neg, p.op(mul, x(p), p.op(div, x(p), row(p)))), 1)
		}, "Neg(Div(ReduceSum[1](Mul(p0, p1)), p2))"},
		{"a sum of negatives", func(p *prog) *ir.Node { return p.reduce(sum, p.op(neg, x(p)), 0, 1) }, "Neg(ReduceSum[0,1](p0))"},
		{"a mean of scaled terms", func(p *prog) *ir.Node {
			return p.op(mul, p.reduce(sum, p.op(mul, x(p), c(p, 6)), 0, 1), p.constant(f32, nil, 0.5))
		}, "Mul(ReduceSum[0,1](p0), 3)"},
		{"terms divided by 0 are infinite", func(p *prog) *ir.Node { return p.reduce(sum, p.op(div, x(p), c(p, 0)), 1) },
			"ReduceSum[1](Div(p0, 0))"},
	})

	p := newProg()
	y := p.op(mul, x(p), c(p, 3))
	h := rewritten(t, p.returns(p.op(mul, y, c(p, 0.5)), y), Options{}, 1e-6, false)
	if got, want := expr(h.Outputs[0]), "Mul(Mul(p0, 3), 0.5)"; got != want {
		t.Errorf("a product that is used twice became %s, want %s", got, want)
	}
}
