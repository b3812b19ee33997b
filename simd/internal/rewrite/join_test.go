package rewrite

import (
	"testing"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

func TestJoins(t *testing.T) {
	const add = backends.OpTypeAdd
	pad := func(p *prog, x *ir.Node, start, end int) *ir.Node {
		return p.pad(x, p.fill(f32, 0), backends.PadAxis{}, backends.PadAxis{Start: start, End: end})
	}
	x := func(p *prog, n int) *ir.Node { return p.param(f32, 2, n) }
	cut := func(p *prog, x *ir.Node, from, to int) *ir.Node {
		return p.slice(x, []int{0, from}, []int{2, to}, []int{1, 1})
	}
	become(t, 1e-6, []rewriting{
		{"two halves", func(p *prog) *ir.Node { return p.op(add, pad(p, x(p, 3), 0, 4), pad(p, x(p, 4), 3, 0)) }, "Concatenate(p0, p1)"},
		{"in the other order", func(p *prog) *ir.Node { return p.op(add, pad(p, x(p, 3), 4, 0), pad(p, x(p, 4), 0, 3)) }, "Concatenate(p1, p0)"},
		{"three", func(p *prog) *ir.Node {
			y := p.op(add, pad(p, x(p, 3), 0, 7), pad(p, x(p, 3), 7, 0))
			return p.op(add, y, pad(p, x(p, 4), 3, 3))
		}, "Concatenate(p0, p2, p1)"},
		{"zeros between", func(p *prog) *ir.Node { return p.op(add, pad(p, x(p, 3), 0, 6), pad(p, x(p, 4), 4, 1)) },
			"Concatenate(p0, 0, p1, 0)"},
		{"overlap", func(p *prog) *ir.Node { return p.op(add, pad(p, x(p, 3), 0, 3), pad(p, x(p, 4), 2, 0)) },
			"Add(Pad(p0, 0), Pad(p1, 0))"},
		{"other axes", func(p *prog) *ir.Node {
			a := p.pad(p.param(f32, 1, 4), p.fill(f32, 0), backends.PadAxis{Start: 1}, backends.PadAxis{})
			return p.op(add, a, pad(p, x(p, 2), 2, 0))
		}, "Add(Pad(p0, 0), Pad(p1, 0))"},
		{"padded with ones", func(p *prog) *ir.Node {
			a := p.pad(x(p, 3), p.fill(f32, 1), backends.PadAxis{}, backends.PadAxis{End: 4})
			return p.op(add, a, pad(p, x(p, 4), 3, 0))
		}, "Add(Pad(p0, 1), Pad(p1, 0))"},
	})
	become(t, 0, []rewriting{
		{"slices put together again", func(p *prog) *ir.Node {
			y := x(p, 9)
			return p.concatenate(1, cut(p, y, 0, 2), cut(p, y, 2, 5), cut(p, y, 5, 9))
		}, "p0"},
		{"some of them", func(p *prog) *ir.Node {
			y := x(p, 9)
			return p.concatenate(1, cut(p, y, 0, 2), cut(p, y, 2, 5), cut(p, y, 6, 9))
		}, "Concatenate(Slice[2,5](p0), Slice[2,3](p0))"},
		{"along another axis", func(p *prog) *ir.Node {
			y := x(p, 9)
			return p.concatenate(0, cut(p, y, 0, 2), cut(p, y, 2, 4))
		}, "Concatenate(Slice[2,2](p0), Slice[2,2](p0))"},
	})
}
