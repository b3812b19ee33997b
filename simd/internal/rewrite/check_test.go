package rewrite

import (
	"strings"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

func TestCheck(t *testing.T) {
	rows := []struct {
		name  string
		build func(p *prog) *ir.Node
		want  string // part of the error
	}{
		{"shapes differ", func(p *prog) *ir.Node { return p.op(backends.OpTypeAdd, p.param(f32, 3), p.param(f32, 4)) }, "has shape (Float32)[3]"},
		{"types differ", func(p *prog) *ir.Node { return p.op(backends.OpTypeAdd, p.param(i32, 3), p.param(f32, 3)) }, "has shape (Int32)[3]"},
		{"no condition", func(p *prog) *ir.Node {
			return p.op(backends.OpTypeWhere, p.param(f32, 3), p.param(f32, 3), p.param(f32, 3))
		}, "condition has shape"},
		{"parameters of another operation", func(p *prog) *ir.Node {
			return p.Add(backends.OpTypeReduceSum, shapes.Make(f32), ir.Permutation{Axes: []int{0}}, p.param(f32, 3))
		}, "want ir.Axes"},
		{"parameters where there are none", func(p *prog) *ir.Node {
			return p.Add(backends.OpTypeExp, shapes.Make(f32, 3), ir.Axes{}, p.param(f32, 3))
		}, "want <nil>"},
		{"another number of elements", func(p *prog) *ir.Node { return p.reshape(p.param(f32, 3), 4) }, "has shape (Float32)[3]"},
		{"shape of a transpose", func(p *prog) *ir.Node {
			return p.Add(backends.OpTypeTranspose, shapes.Make(f32, 3, 4), ir.Permutation{Axes: []int{1, 0}}, p.param(f32, 3, 4))
		}, "shape should be (Float32)[4 3]"},
		{"axes out of order", func(p *prog) *ir.Node { return p.reduce(backends.OpTypeReduceSum, p.param(f32, 3, 4), 1, 0) }, "axes are [1 0]"},
		{"an index without operands", func(p *prog) *ir.Node {
			c := ir.Contract{Indices: []ir.Index{{Size: 3, A: ir.Absent, B: ir.Absent, Out: term(0)}}}
			return p.Add(ir.OpContract, shapes.Make(f32, 3), c, p.param(f32), p.param(f32))
		}, "has no operand"},
		{"an axis of the result without an index", func(p *prog) *ir.Node {
			c := ir.Contract{Indices: []ir.Index{{Size: 3, A: term(0), B: term(0), Out: ir.Absent}}}
			return p.Add(ir.OpContract, shapes.Make(f32, 3), c, p.param(f32, 3), p.param(f32, 3))
		}, "has 0 indices"},
		{"a place outside", func(p *prog) *ir.Node {
			c := ir.Contract{Indices: []ir.Index{
				{Size: 3, A: term(0), B: ir.Absent, Out: term(0)},
				{Size: 2, A: term(0), B: term(0), Out: ir.Absent},
			}}
			return p.Add(ir.OpContract, shapes.Make(f32, 3), c, p.param(f32, 3), p.param(f32, 2))
		}, "place 3 is outside of axis 0"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			p := newProg()
			err := Check(p.returns(row.build(p)))
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want an error with %q", err, row.want)
			}
		})
	}

	p := newProg()
	x := p.param(f32, 3)
	y := p.op(backends.OpTypeExp, x)
	g := p.returns(y)
	g.Nodes[0], g.Nodes[1] = y, x
	if err := Check(g); err == nil {
		t.Error("a user before its operand is no error")
	}
	x.ID, y.ID = 1, 0
	if err := Check(g); err == nil || !strings.Contains(err.Error(), "before its operand") {
		t.Errorf("a user before its operand: %v", err)
	}
}
