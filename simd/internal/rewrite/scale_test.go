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
		{"x·y is out of range where (x·c)·(y·d) is not", func(p *prog) *ir.Node {
			return p.op(mul, p.op(mul, x(p), c(p, 3)), p.op(mul, x(p), c(p, 0.5)))
		}, "Mul(Mul(p0, 3), Mul(p1, 0.5))"},
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
		{"a factor of every term may be 0, and the sum of the terms infinite", func(p *prog) *ir.Node { return p.reduce(sum, p.op(mul, row(p), x(p)), 1) },
			"ReduceSum[1](Mul(Broadcast[5,7](p0), p1))"},
		{"terms grow by 3", func(p *prog) *ir.Node { return p.reduce(sum, p.op(mul, x(p), c(p, -3)), 1) }, "Mul(ReduceSum[1](p0), -3)"},
		{"terms shrink to a quarter", func(p *prog) *ir.Node { return p.reduce(sum, p.op(mul, x(p), c(p, .25)), 1) }, "ReduceSum[1](Mul(p0, 0.25))"},
		{"terms multiplied by a third", func(p *prog) *ir.Node { return p.reduce(sum, p.op(div, x(p), c(p, 3)), 1) }, "ReduceSum[1](Mul(p0, 0.3333333432674408))"},
		{"the inverse is denormal", func(p *prog) *ir.Node { return p.reduce(sum, p.op(div, x(p), c(p, 0x1.8p126)), 1) },
			"ReduceSum[1](Div(p0, 1.2760588759535192e+38))"},
		{"terms are divided by 0.75", func(p *prog) *ir.Node { return p.reduce(sum, p.op(div, x(p), c(p, -.75)), 1) }, "Div(ReduceSum[1](p0), -0.75)"},
		{"a factor that varies", func(p *prog) *ir.Node { return p.reduce(sum, p.op(mul, row(p), x(p)), 0) },
			"ReduceSum[0](Mul(Broadcast[5,7](p0), p1))"},
		{"the derivative of a quotient by anything", func(p *prog) *ir.Node {
			return p.reduce(sum, p.op(neg, p.op(mul, x(p), p.op(div, x(p), row(p)))), 1)
		}, "Neg(ReduceSum[1](Mul(p0, Div(p1, Broadcast[5,7](p2)))))"},
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

// Which divisors are inverted in the sum over an axis of the gradient of a softmax or a normalisation.
func TestInvertedDivisors(t *testing.T) {
	const (
		top = backends.OpTypeReduceMax
		sum = backends.OpTypeReduceSum
		sub = backends.OpTypeSub
		div = backends.OpTypeDiv
		exp = backends.OpTypeExp
	)
	dims := []int{5, 7}
	along := func(p *prog, x *ir.Node) *ir.Node { return p.broadcast(x, dims, []int{0}) }
	for _, row := range []struct {
		name     string
		inverted bool
		of       func(p *prog, z, c *ir.Node) *ir.Node
	}{
		{"softmax", true, func(p *prog, z, c *ir.Node) *ir.Node {
			return p.reduce(sum, p.op(exp, p.op(sub, z, along(p, p.reduce(top, z, 1)))), 1)
		}},
		{"masked", true, func(p *prog, z, c *ir.Node) *ir.Node {
			zero := p.fill(f32, 0, dims...)
			inside := p.op(backends.OpTypeWhere, c, z, p.fill(f32, -3e38, dims...))
			e := p.op(exp, p.op(backends.OpTypeWhere, c, p.op(sub, z, along(p, p.reduce(top, inside, 1))), zero))
			return p.reduce(sum, p.op(backends.OpTypeWhere, c, e, zero), 1)
		}},
		{"a squared deviation", true, func(p *prog, z, c *ir.Node) *ir.Node {
			square := p.reduce(sum, p.op(backends.OpTypeMul, z, z), 1)
			s := p.op(backends.OpTypeSqrt, p.op(backends.OpTypeAdd, square, p.fill(f32, 1e-5, 5)))
			return p.op(backends.OpTypeMul, s, s)
		}},
		{"a deviation that may be tiny", false, func(p *prog, z, c *ir.Node) *ir.Node {
			square := p.reduce(sum, p.op(backends.OpTypeMul, z, z), 1)
			return p.op(backends.OpTypeAdd, square, p.fill(f32, 1e-38, 5))
		}},
		{"no maximum", false, func(p *prog, z, c *ir.Node) *ir.Node { return p.reduce(sum, p.op(exp, z), 1) }},
		{"the maximum of something else", false, func(p *prog, z, c *ir.Node) *ir.Node {
			return p.reduce(sum, p.op(exp, p.op(sub, z, along(p, p.reduce(top, p.param(f32, 5, 7), 1)))), 1)
		}},
		{"the maximum of another axis", false, func(p *prog, z, c *ir.Node) *ir.Node {
			return p.reduce(sum, p.op(exp, p.op(sub, z, p.broadcast(p.reduce(top, z, 0), dims, []int{1}))), 1)
		}},
		{"the sum of squares", false, func(p *prog, z, c *ir.Node) *ir.Node { return p.reduce(sum, p.op(backends.OpTypeMul, z, z), 1) }},
	} {
		p := newProg()
		z, g, c := p.param(f32, dims...), p.param(f32, dims...), p.param(pred, dims...)
		h := rewritten(t, p.returns(p.reduce(sum, p.op(div, g, along(p, row.of(p, z, c))), 1)), Options{}, 1e-6, false)
		product := h.Outputs[0].In[0]
		if inverted := product.Op == backends.OpTypeMul; inverted != row.inverted {
			t.Errorf("%s: multiplied by the inverse: %t, want %t: %s", row.name, inverted, row.inverted, expr(h.Outputs[0]))
		}
	}
}
