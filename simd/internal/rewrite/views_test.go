package rewrite

import (
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

func TestViews(t *testing.T) {
	exp := backends.OpTypeExp
	become(t, 0, []rewriting{
		{"reshape of reshape", func(p *prog) *ir.Node { return p.reshape(p.reshape(p.param(f32, 6, 4), 24), 4, 6) }, "Reshape[4,6](p0)"},
		{"reshape there and back", func(p *prog) *ir.Node { return p.reshape(p.reshape(p.param(f32, 6, 4), 24), 6, 4) }, "p0"},
		{"transpose twice", func(p *prog) *ir.Node { return p.transpose(p.transpose(p.param(f32, 2, 3, 4), 1, 2, 0), 2, 0, 1) }, "p0"},
		{"transposes compose", func(p *prog) *ir.Node { return p.transpose(p.transpose(p.param(f32, 2, 3, 4), 1, 2, 0), 1, 0, 2) }, "Transpose[2,1,0](p0)"},
		{"an axis of 1 moves for nothing", func(p *prog) *ir.Node { return p.transpose(p.param(f32, 1, 3, 4), 1, 0, 2) }, "Reshape[3,1,4](p0)"},
		{"transpose below reshape", func(p *prog) *ir.Node { return p.transpose(p.reshape(p.param(f32, 3, 4), 3, 1, 4), 2, 1, 0) }, "Reshape[4,1,3](Transpose[1,0](p0))"},
		{"broadcast of broadcast", func(p *prog) *ir.Node {
			return p.broadcast(p.broadcast(p.param(f32, 3), []int{3, 4}, []int{0}), []int{2, 3, 4}, []int{1, 2})
		}, "Broadcast[2,3,4](p0)"},
		{"broadcast of a column", func(p *prog) *ir.Node {
			return p.broadcast(p.param(f32, 3, 1), []int{3, 4}, []int{0, 1})
		}, "Broadcast[3,4](Reshape[3](p0))"},
		{"broadcast that repeats nothing", func(p *prog) *ir.Node {
			return p.broadcast(p.param(f32, 3), []int{1, 3, 1}, []int{1})
		}, "Reshape[1,3,1](p0)"},
		{"reshape of broadcast", func(p *prog) *ir.Node {
			return p.reshape(p.broadcast(p.param(f32, 5), []int{2, 3, 5}, []int{2}), 6, 5)
		}, "Broadcast[6,5](p0)"},
		{"reshape of broadcast splits an axis", func(p *prog) *ir.Node {
			return p.reshape(p.broadcast(p.param(f32, 6), []int{2, 6}, []int{1}), 2, 3, 2)
		}, "Broadcast[2,3,2](Reshape[3,2](p0))"},
		{"reshape that mixes repeated axes and others", func(p *prog) *ir.Node {
			return p.reshape(p.broadcast(p.param(f32, 5), []int{2, 5}, []int{1}), 10)
		}, "Reshape[10](Broadcast[2,5](p0))"},
		{"transpose of broadcast", func(p *prog) *ir.Node {
			return p.transpose(p.broadcast(p.param(f32, 3, 4), []int{2, 3, 4}, []int{1, 2}), 2, 0, 1)
		}, "Broadcast[4,2,3](Transpose[1,0](p0))"},
		{"slice of all", func(p *prog) *ir.Node {
			return p.slice(p.param(f32, 3, 4), []int{0, 0}, []int{3, 4}, []int{1, 1})
		}, "p0"},
		{"slice of slice", func(p *prog) *ir.Node {
			x := p.slice(p.param(f32, 20), []int{1}, []int{20}, []int{2}) // 1, 3, …, 19
			return p.slice(x, []int{2}, []int{9}, []int{3})               // 5, 11, 17
		}, "Slice[3](p0)"},
		{"slice of broadcast", func(p *prog) *ir.Node {
			x := p.broadcast(p.param(f32, 5), []int{4, 5}, []int{1})
			return p.slice(x, []int{1, 2}, []int{3, 4}, []int{1, 1})
		}, "Broadcast[2,2](Slice[2](p0))"},
		{"slice of one of those concatenated", func(p *prog) *ir.Node {
			x := p.concatenate(0, p.param(f32, 2, 3), p.param(f32, 4, 3))
			return p.slice(x, []int{3, 0}, []int{5, 3}, []int{1, 1})
		}, "Slice[2,3](p1)"},
		{"reverse twice", func(p *prog) *ir.Node { return p.reverse(p.reverse(p.param(f32, 3, 4), 0, 1), 1) }, "Reverse[0](p0)"},
		{"reverse of repeated elements", func(p *prog) *ir.Node {
			return p.reverse(p.broadcast(p.param(f32, 4), []int{3, 4}, []int{1}), 0)
		}, "Broadcast[3,4](p0)"},
		{"padding with nothing", func(p *prog) *ir.Node {
			return p.pad(p.param(f32, 1, 4), p.fill(f32, 0), backends.PadAxis{Interior: 3}, backends.PadAxis{})
		}, "p0"},
		{"padding that cuts", func(p *prog) *ir.Node {
			return p.pad(p.param(f32, 5), p.fill(f32, 0), backends.PadAxis{Start: -1, End: -2})
		}, "Slice[2](p0)"},
		{"concatenation with nothing", func(p *prog) *ir.Node {
			return p.concatenate(0, p.param(f32, 0, 3), p.param(f32, 4, 3))
		}, "p1"},
		{"dynamic slice at a constant, moved inside", func(p *prog) *ir.Node {
			return p.Add(backends.OpTypeDynamicSlice, shapes.Make(f32, 3), ir.DynamicSlice{Sizes: []int{3}},
				p.param(f32, 5), p.constant(i32, nil, 9))
		}, "Slice[3](p0)"},
		{"without elements", func(p *prog) *ir.Node { return p.reshape(p.transpose(p.param(f32, 0, 3), 1, 0), 3, 0, 1) },
			"const[3,0,1]"},
		{"work on a scalar", func(p *prog) *ir.Node {
			return p.op(exp, p.broadcast(p.param(f32), []int{3, 4}, nil))
		}, "Broadcast[3,4](Exp(p0))"},
		{"work on rows", func(p *prog) *ir.Node {
			x := p.broadcast(p.param(f32, 4), []int{2, 3, 4}, []int{2})
			y := p.broadcast(p.param(f32), []int{2, 3, 4}, nil)
			return p.op(backends.OpTypeMul, x, y)
		}, "Broadcast[2,3,4](Mul(p0, Broadcast[4](p1)))"},
		{"a row and a column make a matrix", func(p *prog) *ir.Node {
			x := p.broadcast(p.param(f32, 4), []int{3, 4}, []int{1})
			y := p.broadcast(p.param(f32, 3, 1), []int{3, 4}, []int{0, 1})
			return p.op(backends.OpTypeMul, x, y)
		}, "Mul(Broadcast[3,4](p0), Broadcast[3,4](Reshape[3](p1)))"},
		{"a row and a column repeated", func(p *prog) *ir.Node {
			x := p.broadcast(p.param(f32, 4), []int{5, 3, 4}, []int{2})
			y := p.broadcast(p.param(f32, 3), []int{5, 3, 4}, []int{1})
			return p.op(backends.OpTypeMul, x, y)
		}, "Broadcast[5,3,4](Mul(Broadcast[3,4](p0), Broadcast[3,4](p1)))"},
	})
}

func TestReductions(t *testing.T) {
	const (
		sum = backends.OpTypeReduceSum
		top = backends.OpTypeReduceMax
	)
	become(t, 1e-6, []rewriting{
		{"over single elements", func(p *prog) *ir.Node { return p.reduce(sum, p.param(f32, 3, 1), 1) }, "Reshape[3](p0)"},
		{"some over single elements", func(p *prog) *ir.Node { return p.reduce(sum, p.param(f32, 3, 1, 4), 1, 2) }, "Reshape[3](ReduceSum[2](p0))"},
		{"of a transpose", func(p *prog) *ir.Node { return p.reduce(sum, p.transpose(p.param(f32, 2, 3, 4), 2, 1, 0), 1) },
			"Transpose[1,0](ReduceSum[1](p0))"},
		{"of all, transposed", func(p *prog) *ir.Node { return p.reduce(sum, p.transpose(p.param(f32, 3, 4), 1, 0), 0, 1) },
			"ReduceSum[0,1](p0)"},
		{"sum of equal elements", func(p *prog) *ir.Node {
			return p.reduce(sum, p.broadcast(p.param(f32, 4), []int{3, 4}, []int{1}), 0)
		}, "Mul(p0, 3)"},
		{"sum of equal elements and others", func(p *prog) *ir.Node {
			return p.reduce(sum, p.broadcast(p.param(f32, 4), []int{3, 4}, []int{1}), 0, 1)
		}, "Mul(ReduceSum[0](p0), 3)"},
		{"greatest of equal elements", func(p *prog) *ir.Node {
			return p.reduce(top, p.broadcast(p.param(f32, 4), []int{3, 4}, []int{1}), 0)
		}, "p0"},
		{"repeated result", func(p *prog) *ir.Node {
			return p.reduce(top, p.broadcast(p.param(f32, 4), []int{3, 4}, []int{1}), 1)
		}, "Broadcast[3](ReduceMax[0](p0))"},
		{"number of elements", func(p *prog) *ir.Node { return p.reduce(sum, p.fill(f32, 1, 100, 7), 0, 1) }, "700"},
		{"sum of sums", func(p *prog) *ir.Node { return p.reduce(sum, p.reduce(sum, p.param(f32, 2, 3, 4), 1), 1) },
			"ReduceSum[1,2](p0)"},
		{"greatest of sums", func(p *prog) *ir.Node { return p.reduce(top, p.reduce(sum, p.param(f32, 2, 3), 1), 0) },
			"ReduceMax[0](ReduceSum[1](p0))"},
		{"over nothing is 0", func(p *prog) *ir.Node { return p.reduce(sum, p.broadcast(p.param(f32), []int{0, 3}, nil), 0) }, "0"},
	})
}

func TestSelections(t *testing.T) {
	const (
		where = backends.OpTypeWhere
		not   = backends.OpTypeLogicalNot
		and   = backends.OpTypeLogicalAnd
		eq    = backends.OpTypeEqual
	)
	const n = 37
	become(t, 0, []rewriting{
		{"where true", func(p *prog) *ir.Node { return p.op(where, p.fill(pred, 1, n), p.param(f32, n), p.param(f32, n)) }, "p0"},
		{"where false", func(p *prog) *ir.Node { return p.op(where, p.fill(pred, 0, n), p.param(f32, n), p.param(f32, n)) }, "p1"},
		{"between equals", func(p *prog) *ir.Node {
			x := p.param(f32, n)
			return p.op(where, p.param(pred, n), x, x)
		}, "p0"},
		{"where not", func(p *prog) *ir.Node {
			return p.op(where, p.op(not, p.param(pred, n)), p.param(f32, n), p.param(f32, n))
		},
			"Where(p0, p2, p1)"},
		{"the same condition twice", func(p *prog) *ir.Node {
			c := p.param(pred, n)
			x := p.op(where, c, p.param(f32, n), p.param(f32, n))
			return p.op(where, c, x, p.op(where, c, p.param(f32, n), p.param(f32, n)))
		}, "Where(p0, p1, p4)"},
		{"between 1 and 0", func(p *prog) *ir.Node { return p.op(where, p.param(pred, n), p.fill(f32, 1, n), p.fill(f32, 0, n)) }, "Float32(p0)"},
		{"not not", func(p *prog) *ir.Node { return p.op(not, p.op(not, p.param(pred, n))) }, "p0"},
		{"not equal, NaN included", func(p *prog) *ir.Node { return p.op(not, p.op(eq, p.param(f32, n), p.param(f32, n))) }, "NotEqual(p0, p1)"},
		{"not less is not greater or equal", func(p *prog) *ir.Node {
			return p.op(not, p.op(backends.OpTypeLessThan, p.param(f32, n), p.param(f32, n)))
		}, "LogicalNot(LessThan(p0, p1))"},
		{"and true", func(p *prog) *ir.Node { return p.op(and, p.param(pred, n), p.fill(pred, 1, n)) }, "p0"},
		{"and false", func(p *prog) *ir.Node { return p.op(and, p.fill(pred, 0, n), p.param(pred, n)) }, "0"},
		{"xor true", func(p *prog) *ir.Node { return p.op(backends.OpTypeLogicalXor, p.fill(pred, 1, n), p.param(pred, n)) }, "LogicalNot(p0)"},
		{"bits and all", func(p *prog) *ir.Node { return p.op(backends.OpTypeBitwiseAnd, p.param(i32, n), p.fill(i32, -1, n)) }, "p0"},
		{"bits xor all", func(p *prog) *ir.Node { return p.op(backends.OpTypeBitwiseXor, p.param(i32, n), p.fill(i32, -1, n)) }, "BitwiseNot(p0)"},
		{"NaN differs from itself", func(p *prog) *ir.Node {
			x := p.param(f32, n)
			return p.op(eq, x, x)
		}, "Equal(p0, p0)"},
		{"an integer equals itself", func(p *prog) *ir.Node {
			x := p.param(i32, n)
			return p.op(eq, x, x)
		}, "1"},
	})
}
