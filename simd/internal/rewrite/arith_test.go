package rewrite

import (
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// A rewriting states what a program becomes.
type rewriting struct {
	name  string
	build func(p *prog) *ir.Node
	want  string
}

// become runs the rows of a table with all passes on. Values must be the same bit for bit where tol
// is 0, for infinities, NaN and signed zeros, too.
func become(t *testing.T, tol float64, rows []rewriting) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			p := newProg()
			g := p.returns(row.build(p))
			h := rewritten(t, g, Options{}, tol, tol == 0)
			if got := expr(h.Outputs[0]); got != row.want {
				t.Errorf("got  %s\nwant %s\nfrom %s", got, row.want, expr(g.Outputs[0]))
			}
		})
	}
}

func TestArithmetic(t *testing.T) {
	const (
		add = backends.OpTypeAdd
		sub = backends.OpTypeSub
		mul = backends.OpTypeMul
		div = backends.OpTypeDiv
		neg = backends.OpTypeNeg
		pow = backends.OpTypePow
		exp = backends.OpTypeExp
		abs = backends.OpTypeAbs
	)
	const n = 97
	x := func(p *prog) *ir.Node { return p.param(f32, n) }
	c := func(p *prog, v float64) *ir.Node { return p.fill(f32, v, n) }
	become(t, 0, []rewriting{
		{"x+0 is 0 for x=-0", func(p *prog) *ir.Node { return p.op(add, x(p), c(p, 0)) }, "Add(p0, 0)"},
		{"exp is never -0", func(p *prog) *ir.Node { return p.op(add, p.op(exp, x(p)), c(p, 0)) }, "Exp(p0)"},
		{"x-0", func(p *prog) *ir.Node { return p.op(sub, x(p), c(p, 0)) }, "p0"},
		{"0-x is not -x for x=0", func(p *prog) *ir.Node { return p.op(sub, c(p, 0), x(p)) }, "Sub(0, p0)"},
		{"x + -y", func(p *prog) *ir.Node { return p.op(add, x(p), p.op(neg, x(p))) }, "Sub(p0, p1)"},
		{"-x + y", func(p *prog) *ir.Node { return p.op(add, p.op(neg, x(p)), x(p)) }, "Sub(p1, p0)"},
		{"x - -y", func(p *prog) *ir.Node { return p.op(sub, x(p), p.op(neg, x(p))) }, "Add(p0, p1)"},
		{"--x", func(p *prog) *ir.Node { return p.op(neg, p.op(neg, x(p))) }, "p0"},
		{"x·1", func(p *prog) *ir.Node { return p.op(mul, x(p), c(p, 1)) }, "p0"},
		{"1·x", func(p *prog) *ir.Node { return p.op(mul, c(p, 1), x(p)) }, "p0"},
		{"x·-1", func(p *prog) *ir.Node { return p.op(mul, x(p), c(p, -1)) }, "Neg(p0)"},
		{"x·0 is NaN for infinite x", func(p *prog) *ir.Node { return p.op(mul, x(p), c(p, 0)) }, "Mul(p0, 0)"},
		{"-x·3", func(p *prog) *ir.Node { return p.op(mul, p.op(neg, x(p)), c(p, 3)) }, "Mul(p0, -3)"},
		{"-(x·3)", func(p *prog) *ir.Node { return p.op(neg, p.op(mul, x(p), c(p, 3))) }, "Mul(p0, -3)"},
		{"-x·-y", func(p *prog) *ir.Node { return p.op(mul, p.op(neg, x(p)), p.op(neg, x(p))) }, "Mul(p0, p1)"},
		{"x/1", func(p *prog) *ir.Node { return p.op(div, x(p), c(p, 1)) }, "p0"},
		{"x/8", func(p *prog) *ir.Node { return p.op(div, x(p), c(p, 8)) }, "Mul(p0, 0.125)"},
		{"x/-2", func(p *prog) *ir.Node { return p.op(div, x(p), c(p, -2)) }, "Mul(p0, -0.5)"},
		{"x/3 rounds otherwise than x·(1/3)", func(p *prog) *ir.Node { return p.op(div, x(p), c(p, 3)) }, "Div(p0, 3)"},
		{"1/2^127 is not normal", func(p *prog) *ir.Node { return p.op(div, x(p), c(p, 0x1p127)) }, "Div(p0, 1.7014118346046923e+38)"},
		{"x^0 is 1 for NaN, too", func(p *prog) *ir.Node { return p.op(pow, x(p), c(p, 0)) }, "1"},
		{"x^1", func(p *prog) *ir.Node { return p.op(pow, x(p), c(p, 1)) }, "p0"},
		{"x^2", func(p *prog) *ir.Node { return p.op(pow, x(p), c(p, 2)) }, "Mul(p0, p0)"},
		{"x^-1", func(p *prog) *ir.Node { return p.op(pow, x(p), c(p, -1)) }, "Div(1, p0)"},
		{"the root of -0 is -0, its power 0", func(p *prog) *ir.Node { return p.op(pow, x(p), c(p, 0.5)) }, "Pow(p0, 0.5)"},
		{"the root of a square", func(p *prog) *ir.Node {
			y := x(p)
			return p.op(pow, p.op(mul, y, y), c(p, 0.5))
		}, "Sqrt(Mul(p0, p0))"},
		{"|-x|", func(p *prog) *ir.Node { return p.op(abs, p.op(neg, x(p))) }, "Abs(p0)"},
		{"|exp x|", func(p *prog) *ir.Node { return p.op(abs, p.op(exp, x(p))) }, "Exp(p0)"},
		{"the greater of one", func(p *prog) *ir.Node {
			y := x(p)
			return p.op(backends.OpTypeMax, y, y)
		}, "p0"},
		{"x ≥ 0 as GoMLX has it", func(p *prog) *ir.Node {
			sign := p.op(backends.OpTypeSign, x(p))
			return p.op(backends.OpTypeSign, p.op(add, sign, c(p, 1)))
		}, "Min(Add(Sign(p0), 1), 1)"},
		{"bfloat16 is in float32", func(p *prog) *ir.Node {
			return p.convert(p.convert(p.param(dtypes.BFloat16, n), f32), dtypes.BFloat16)
		}, "p0"},
		{"float32 is not in bfloat16", func(p *prog) *ir.Node {
			return p.convert(p.convert(x(p), dtypes.BFloat16), f32)
		}, "Float32(BFloat16(p0))"},
		{"int32 to int8 wraps, float64 to int8 saturates", func(p *prog) *ir.Node {
			return p.convert(p.convert(p.param(i32, n), f64), dtypes.Int8)
		}, "Int8(Float64(p0))"},
		{"int32 by way of int64", func(p *prog) *ir.Node {
			return p.convert(p.convert(p.param(i32, n), dtypes.Int64), f32)
		}, "Float32(p0)"},
		{"integers: x·0", func(p *prog) *ir.Node { return p.op(mul, p.param(i32, n), p.fill(i32, 0, n)) }, "0"},
		{"integers: x-x", func(p *prog) *ir.Node {
			y := p.param(i32, n)
			return p.op(sub, y, y)
		}, "0"},
	})
	become(t, 4e-7, []rewriting{
		{"x^3", func(p *prog) *ir.Node { return p.op(pow, x(p), c(p, 3)) }, "Mul(Mul(p0, p0), p0)"},
		{"x^4", func(p *prog) *ir.Node { return p.op(pow, x(p), c(p, 4)) }, "Mul(Mul(p0, p0), Mul(p0, p0))"},
		{"x^-2", func(p *prog) *ir.Node { return p.op(pow, x(p), c(p, -2)) }, "Mul(Div(1, p0), Div(1, p0))"},
	})
}
