package rewrite

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/generic"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// This file writes programs for tests, evaluates them, and prints them as expressions.

const (
	f32  = dtypes.Float32
	f64  = dtypes.Float64
	i32  = dtypes.Int32
	pred = dtypes.Bool
)

// prog is a program under construction.
type prog struct{ *ir.Graph }

func newProg() *prog { return &prog{&ir.Graph{Name: "test"}} }

func (p *prog) param(dtype dtypes.DType, dims ...int) *ir.Node {
	n := p.Add(backends.OpTypeParameter, shapes.Make(dtype, dims...), ir.Parameter{Index: len(p.Params), Name: fmt.Sprint("p", len(p.Params))})
	p.Params = append(p.Params, n)
	return n
}

// op adds an operation with the shape of its first operand, comparisons with type Bool.
func (p *prog) op(op ir.Op, in ...*ir.Node) *ir.Node {
	s := in[len(in)-1].Shape
	switch op {
	case backends.OpTypeEqual, backends.OpTypeNotEqual, backends.OpTypeLessThan, backends.OpTypeGreaterThan,
		backends.OpTypeLessOrEqual, backends.OpTypeGreaterOrEqual:
		s = shapes.Make(pred, s.Dimensions...)
	}
	return p.Add(op, s, nil, in...)
}

func (p *prog) constant(dtype dtypes.DType, dims []int, values ...float64) *ir.Node {
	s := shapes.Make(dtype, dims...)
	t := newTensor(s)
	for i, v := range values {
		storeAt(t, i, v)
	}
	return p.Add(backends.OpTypeConstant, s, ir.Constant{Value: t})
}

// storeAt writes element i of a contiguous tensor.
func storeAt(t tensor.Tensor, i int, v float64) {
	store(tensor.Of(t.DType, nil, unsafe.Add(t.Data, i*t.DType.Size())), v)
}

// fill adds an array of equal elements.
func (p *prog) fill(dtype dtypes.DType, v float64, dims ...int) *ir.Node {
	return p.broadcast(p.constant(dtype, nil, v), dims, nil)
}

func (p *prog) broadcast(x *ir.Node, dims, axes []int) *ir.Node {
	return p.Add(backends.OpTypeBroadcastInDim, shapes.Make(x.Shape.DType, dims...), ir.BroadcastInDim{Axes: axes}, x)
}

func (p *prog) reshape(x *ir.Node, dims ...int) *ir.Node {
	return p.Add(backends.OpTypeReshape, shapes.Make(x.Shape.DType, dims...), nil, x)
}

func (p *prog) transpose(x *ir.Node, axes ...int) *ir.Node {
	dims := make([]int, len(axes))
	for i, a := range axes {
		dims[i] = x.Shape.Dimensions[a]
	}
	return p.Add(backends.OpTypeTranspose, shapes.Make(x.Shape.DType, dims...), ir.Permutation{Axes: axes}, x)
}

func (p *prog) slice(x *ir.Node, starts, limits, strides []int) *ir.Node {
	dims := make([]int, len(starts))
	for i := range dims {
		dims[i] = (limits[i] - starts[i] + strides[i] - 1) / strides[i]
	}
	return p.Add(backends.OpTypeSlice, shapes.Make(x.Shape.DType, dims...), ir.Slice{Starts: starts, Limits: limits, Strides: strides}, x)
}

func (p *prog) reverse(x *ir.Node, axes ...int) *ir.Node {
	return p.Add(backends.OpTypeReverse, x.Shape, ir.Axes{Axes: axes}, x)
}

func (p *prog) convert(x *ir.Node, to dtypes.DType) *ir.Node {
	return p.Add(backends.OpTypeConvertDType, shapes.Make(to, x.Shape.Dimensions...), nil, x)
}

func (p *prog) reduce(op ir.Op, x *ir.Node, axes ...int) *ir.Node {
	var dims []int
	for _, a := range without(x.Shape.Rank(), axes) {
		dims = append(dims, x.Shape.Dimensions[a])
	}
	return p.Add(op, shapes.Make(x.Shape.DType, dims...), ir.Axes{Axes: axes}, x)
}

func (p *prog) pad(x, fill *ir.Node, axes ...backends.PadAxis) *ir.Node {
	dims := slices.Clone(x.Shape.Dimensions)
	for i, a := range axes {
		dims[i] += a.Start + a.End + max(0, dims[i]-1)*a.Interior
	}
	return p.Add(backends.OpTypePad, shapes.Make(x.Shape.DType, dims...), ir.Pad{Axes: axes}, x, fill)
}

func (p *prog) concatenate(axis int, xs ...*ir.Node) *ir.Node {
	s := xs[0].Shape.Clone()
	for _, x := range xs[1:] {
		s.Dimensions[axis] += x.Shape.Dimensions[axis]
	}
	return p.Add(backends.OpTypeConcatenate, s, ir.Concatenate{Axis: axis}, xs...)
}

func (p *prog) dot(a, b *ir.Node, d ir.DotGeneral) *ir.Node {
	var dims []int
	for _, i := range d.LhsBatch {
		dims = append(dims, a.Shape.Dimensions[i])
	}
	for _, i := range without(a.Shape.Rank(), append(slices.Clone(d.LhsBatch), d.LhsContracting...)) {
		dims = append(dims, a.Shape.Dimensions[i])
	}
	for _, i := range without(b.Shape.Rank(), append(slices.Clone(d.RhsBatch), d.RhsContracting...)) {
		dims = append(dims, b.Shape.Dimensions[i])
	}
	return p.Add(backends.OpTypeDotGeneral, shapes.Make(a.Shape.DType, dims...), d, a, b)
}

// matmul adds a product of two matrices.
func (p *prog) matmul(a, b *ir.Node) *ir.Node {
	return p.dot(a, b, ir.DotGeneral{LhsContracting: []int{1}, RhsContracting: []int{0}})
}

func (p *prog) returns(outs ...*ir.Node) *ir.Graph {
	p.Outputs = outs
	return p.Graph
}

// eval is generic.Eval on the caller.
func eval(n *ir.Node, in []tensor.Tensor, out tensor.Tensor) { generic.Eval(nil, n, in, out) }

// run evaluates a program node by node.
func run(g *ir.Graph, args []tensor.Tensor) []tensor.Tensor {
	values := map[*ir.Node]tensor.Tensor{}
	for _, n := range g.Nodes {
		switch a := n.Attr.(type) {
		case ir.Parameter:
			values[n] = args[a.Index]
			continue
		case ir.Constant:
			values[n] = a.Value
			continue
		}
		in := make([]tensor.Tensor, len(n.In))
		for i, x := range n.In {
			in[i] = values[x]
		}
		values[n] = newTensor(n.Shape)
		eval(n, in, values[n])
	}
	outs := make([]tensor.Tensor, len(g.Outputs))
	for i, o := range g.Outputs {
		outs[i] = values[o]
	}
	return outs
}

// arguments returns random values for g's parameters. Some floats are zeros of both signs, small
// whole numbers, infinities and NaN if special is true.
func arguments(g *ir.Graph, r *rand.Rand, special bool) []tensor.Tensor {
	odd := []float64{0, math.Copysign(0, -1), 1, -1, 2, math.Inf(1), math.Inf(-1), math.NaN(), 1e-40, -3e38}
	var args []tensor.Tensor
	for _, p := range g.Params {
		t := newTensor(p.Shape)
		for i := range t.Size() {
			v := r.NormFloat64()
			switch d := t.DType; {
			case d == dtypes.Bool:
				v = float64(r.IntN(2))
			case d.IsInt():
				v = float64(r.IntN(7))
			case special && r.IntN(3) == 0:
				v = odd[r.IntN(len(odd))]
			}
			storeAt(t, i, v)
		}
		args = append(args, t)
	}
	return args
}

// values returns the elements as float64.
func values(t tensor.Tensor) []float64 {
	vs := make([]float64, t.Size())
	for i := range vs {
		p := unsafe.Add(t.Data, i*t.DType.Size())
		n := &ir.Node{Op: backends.OpTypeConstant, Attr: ir.Constant{Value: tensor.Of(t.DType, nil, p)}}
		v, _ := splat(n)
		if vs[i] = v.f; !v.float {
			vs[i] = float64(v.i)
		}
	}
	return vs
}

// sameValues reports an error unless got is want: bit for bit but for NaNs where tol is 0, otherwise
// to within tol of the greatest finite element.
func sameValues(t *testing.T, what string, got, want tensor.Tensor, tol float64) {
	t.Helper()
	g, w := values(got), values(want)
	var scale float64
	for _, v := range w {
		if !math.IsInf(v, 0) && !math.IsNaN(v) {
			scale = max(scale, math.Abs(v))
		}
	}
	for i := range w {
		switch {
		case math.Float64bits(g[i]) == math.Float64bits(w[i]), math.IsNaN(g[i]) && math.IsNaN(w[i]):
		case tol > 0 && math.Abs(g[i]-w[i]) <= tol*max(scale, 1e-30):
		default:
			t.Errorf("%s: element %d of %s%v is %v, want %v", what, i, want.DType, want.Dims, g[i], w[i])
			return
		}
	}
}

// rewritten runs passes on g, checks both graphs and that every output keeps its value, and returns
// the result. A second run must leave it as it is.
func rewritten(t *testing.T, g *ir.Graph, o Options, tol float64, special bool) *ir.Graph {
	t.Helper()
	if err := Check(g); err != nil {
		t.Fatal(err)
	}
	before := g.String()
	h := Run(g, eval, o)
	if g.String() != before {
		t.Error("the original graph has changed")
	}
	if err := Check(h); err != nil {
		t.Fatalf("%v\n%s\nfrom\n%s", err, h, g)
	}
	if len(h.Params) != len(g.Params) || len(h.Outputs) != len(g.Outputs) {
		t.Fatalf("%d parameters and %d outputs, want %d and %d", len(h.Params), len(h.Outputs), len(g.Params), len(g.Outputs))
	}
	if again := Run(h, eval, o).String(); again != h.String() {
		t.Errorf("rewriting again gives\n%safter\n%s", again, h)
	}
	r := rand.New(rand.NewPCG(1, 2))
	args := arguments(g, r, special)
	want, got := run(g, args), run(h, args)
	for i := range want {
		if !h.Outputs[i].Shape.Equal(g.Outputs[i].Shape) {
			t.Errorf("output %d has shape %s, want %s", i, h.Outputs[i].Shape, g.Outputs[i].Shape)
			continue
		}
		sameValues(t, fmt.Sprintf("output %d", i), got[i], want[i], tol)
	}
	if t.Failed() {
		t.Logf("before:\n%safter:\n%s", g, h)
	}
	return h
}

// expr writes a node as an expression. Arrays of equal elements are numbers; views show what they do.
func expr(n *ir.Node) string {
	if v, ok := splat(n); ok {
		if v.float {
			return fmt.Sprint(v.f)
		}
		return fmt.Sprint(v.i)
	}
	in := make([]string, len(n.In))
	for i, x := range n.In {
		in[i] = expr(x)
	}
	list := strings.Join(in, ", ")
	dims := strings.ReplaceAll(fmt.Sprint(n.Shape.Dimensions), " ", ",")
	switch a := n.Attr.(type) {
	case ir.Parameter:
		return a.Name
	case ir.Constant:
		return "const" + dims
	case ir.Permutation:
		return fmt.Sprintf("Transpose%s(%s)", strings.ReplaceAll(fmt.Sprint(a.Axes), " ", ","), list)
	case ir.BroadcastInDim:
		return fmt.Sprintf("Broadcast%s(%s)", dims, list)
	case ir.Axes:
		return fmt.Sprintf("%s%s(%s)", ir.Name(n.Op), strings.ReplaceAll(fmt.Sprint(a.Axes), " ", ","), list)
	case ir.Slice:
		return fmt.Sprintf("Slice%s(%s)", dims, list)
	case ir.Contract:
		return fmt.Sprintf("Contract%s%s(%s)", dims, formula(a), list)
	}
	switch n.Op {
	case backends.OpTypeReshape:
		return fmt.Sprintf("Reshape%s(%s)", dims, list)
	case backends.OpTypeConvertDType:
		return fmt.Sprintf("%s(%s)", n.Shape.DType, list)
	}
	return fmt.Sprintf("%s(%s)", ir.Name(n.Op), list)
}

// formula writes a contraction's indices as letters: those of the operands' axes, then the result's.
func formula(c ir.Contract) string {
	axes := func(of func(ir.Index) ir.Term) string {
		var parts []string
		for k, i := range c.Indices {
			if t := of(i); t.Axis >= 0 {
				for len(parts) <= t.Axis {
					parts = append(parts, "")
				}
				s := string(rune('i' + k))
				if t.Step != 1 {
					s = fmt.Sprint(t.Step) + s
				}
				if parts[t.Axis] != "" {
					s = parts[t.Axis] + "+" + s
				}
				parts[t.Axis] = s
			}
		}
		return strings.Join(parts, ",")
	}
	return fmt.Sprintf("<%s;%s;%s>", axes(func(i ir.Index) ir.Term { return i.A }),
		axes(func(i ir.Index) ir.Term { return i.B }), axes(func(i ir.Index) ir.Term { return i.Out }))
}
