package plan

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// builder writes graphs for tests, with shapes inferred.
type builder struct{ *ir.Graph }

func newBuilder() builder { return builder{&ir.Graph{Name: "test"}} }

func shape(t dtypes.DType, dims ...int) shapes.Shape { return shapes.Make(t, dims...) }

func (b builder) param(dims ...int) *ir.Node { return b.paramOf(dtypes.Float32, dims...) }

func (b builder) paramOf(t dtypes.DType, dims ...int) *ir.Node {
	n := b.Add(backends.OpTypeParameter, shape(t, dims...), ir.Parameter{Index: len(b.Params)})
	b.Params = append(b.Params, n)
	return n
}

// number is a float32 constant, repeated to the dimensions.
func (b builder) number(x float32, dims ...int) *ir.Node {
	p := tensor.Alloc(4)
	*(*float32)(p) = x
	n := b.Add(backends.OpTypeConstant, shape(dtypes.Float32), ir.Constant{Value: tensor.Of(dtypes.Float32, nil, p)})
	if len(dims) == 0 {
		return n
	}
	return b.broadcast(n, dims)
}

func (b builder) broadcast(x *ir.Node, dims []int, axes ...int) *ir.Node {
	return b.Add(backends.OpTypeBroadcastInDim, shape(x.Shape.DType, dims...), ir.BroadcastInDim{Axes: axes}, x)
}

func (b builder) op(op ir.Op, in ...*ir.Node) *ir.Node {
	s := in[0].Shape
	switch op {
	case backends.OpTypeGreaterThan, backends.OpTypeEqual, backends.OpTypeLessThan, backends.OpTypeIsFinite:
		s = shape(dtypes.Bool, s.Dimensions...)
	case backends.OpTypeWhere:
		s = in[1].Shape
	}
	return b.Add(op, s, nil, in...)
}

func (b builder) convert(x *ir.Node, t dtypes.DType) *ir.Node {
	return b.Add(backends.OpTypeConvertDType, shape(t, x.Shape.Dimensions...), nil, x)
}

func (b builder) add(x, y *ir.Node) *ir.Node { return b.op(backends.OpTypeAdd, x, y) }
func (b builder) sub(x, y *ir.Node) *ir.Node { return b.op(backends.OpTypeSub, x, y) }
func (b builder) mul(x, y *ir.Node) *ir.Node { return b.op(backends.OpTypeMul, x, y) }
func (b builder) div(x, y *ir.Node) *ir.Node { return b.op(backends.OpTypeDiv, x, y) }

func (b builder) scale(x *ir.Node, a float32) *ir.Node {
	return b.mul(x, b.number(a, x.Shape.Dimensions...))
}

func (b builder) reduce(op ir.Op, x *ir.Node, axes ...int) *ir.Node {
	var dims []int
	for i, d := range x.Shape.Dimensions {
		if !slices.Contains(axes, i) {
			dims = append(dims, d)
		}
	}
	return b.Add(op, shape(x.Shape.DType, dims...), ir.Axes{Axes: axes}, x)
}

func (b builder) sum(x *ir.Node, axes ...int) *ir.Node {
	return b.reduce(backends.OpTypeReduceSum, x, axes...)
}

// across repeats a value that lacks the last axis along it.
func (b builder) across(x *ir.Node, dims []int) *ir.Node {
	axes := make([]int, len(dims)-1)
	for i := range axes {
		axes[i] = i
	}
	return b.broadcast(x, dims, axes...)
}

// down repeats a vector for the rows.
func (b builder) down(x *ir.Node, dims []int) *ir.Node { return b.broadcast(x, dims, len(dims)-1) }

func (b builder) reshape(x *ir.Node, dims ...int) *ir.Node {
	return b.Add(backends.OpTypeReshape, shape(x.Shape.DType, dims...), nil, x)
}

func (b builder) transpose(x *ir.Node, axes ...int) *ir.Node {
	dims := make([]int, len(axes))
	for i, a := range axes {
		dims[i] = x.Shape.Dimensions[a]
	}
	return b.Add(backends.OpTypeTranspose, shape(x.Shape.DType, dims...), ir.Permutation{Axes: axes}, x)
}

// matmul is x[…batch, m, k]·y[…batch, k, n], each perhaps transposed in its last two axes; y may lack
// the batch axes.
func (b builder) matmul(x, y *ir.Node, xt, yt bool) *ir.Node {
	r := len(x.Shape.Dimensions)
	ry := len(y.Shape.Dimensions)
	m, k, kk, n := r-2, r-1, ry-2, ry-1
	if xt {
		m, k = k, m
	}
	if yt {
		kk, n = n, kk
	}
	var c ir.Contract
	var dims []int
	for i := range r - 2 {
		ix := ir.Index{Size: x.Shape.Dimensions[i], A: ir.Term{Axis: i, Step: 1}, B: ir.Absent, Out: ir.Term{Axis: i, Step: 1}}
		if ry == r {
			ix.B = ix.A
		}
		c.Indices = append(c.Indices, ix)
		dims = append(dims, ix.Size)
	}
	c.Indices = append(c.Indices,
		ir.Index{Size: x.Shape.Dimensions[m], A: ir.Term{Axis: m, Step: 1}, B: ir.Absent, Out: ir.Term{Axis: r - 2, Step: 1}},
		ir.Index{Size: y.Shape.Dimensions[n], A: ir.Absent, B: ir.Term{Axis: n, Step: 1}, Out: ir.Term{Axis: r - 1, Step: 1}},
		ir.Index{Size: x.Shape.Dimensions[k], A: ir.Term{Axis: k, Step: 1}, B: ir.Term{Axis: kk, Step: 1}, Out: ir.Absent})
	dims = append(dims, x.Shape.Dimensions[m], y.Shape.Dimensions[n])
	return b.Add(ir.OpContract, shape(x.Shape.DType, dims...), c, x, y)
}

// softmax over the last axis.
func (b builder) softmax(x *ir.Node) *ir.Node {
	d := x.Shape.Dimensions
	last := len(d) - 1
	e := b.op(backends.OpTypeExp, b.sub(x, b.across(b.reduce(backends.OpTypeReduceMax, x, last), d)))
	return b.div(e, b.across(b.sum(e, last), d))
}

// norm is layer normalisation over the last axis.
func (b builder) norm(x, gain, bias *ir.Node) *ir.Node {
	d := x.Shape.Dimensions
	last := len(d) - 1
	n := float32(d[last])
	mean := b.scale(b.sum(x, last), 1/n)
	xc := b.sub(x, b.across(mean, d))
	v := b.scale(b.sum(b.mul(xc, xc), last), 1/n)
	inv := b.op(backends.OpTypeRsqrt, b.add(v, b.number(1e-5, v.Shape.Dimensions...)))
	return b.add(b.mul(b.mul(xc, b.across(inv, d)), b.down(gain, d)), b.down(bias, d))
}

// filled returns memory for a shape with values from the generator, small and of both signs.
func filled(s shapes.Shape, r *rand.Rand) unsafe.Pointer {
	n := s.Size()
	p := tensor.Alloc(n * s.DType.Size())
	for i := range n {
		x := math.Round(r.NormFloat64()*64) / 64
		q := unsafe.Add(p, i*s.DType.Size())
		switch s.DType {
		case dtypes.Float32:
			*(*float32)(q) = float32(x)
		case dtypes.Float64:
			*(*float64)(q) = x
		case dtypes.Int32:
			*(*int32)(q) = int32(x * 4)
		case dtypes.Bool:
			*(*bool)(q) = x > 0
		default:
			panic(fmt.Errorf("no values of type %s", s.DType))
		}
	}
	return p
}

// bytesOf copies what is at p.
func bytesOf(s shapes.Shape, p unsafe.Pointer) []byte {
	return slices.Clone(unsafe.Slice((*byte)(p), s.Size()*s.DType.Size()))
}

// execute runs a plan with arguments of a seed, some donated, and returns the outputs' bytes.
func execute(t testing.TB, p *Plan, g *ir.Graph, pool *par.Pool, seed uint64, donate bool) [][]byte {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	args := make([]unsafe.Pointer, len(g.Params))
	donated := make([]bool, len(g.Params))
	var kept [][]byte
	for i, n := range g.Params {
		args[i] = filled(n.Shape, r)
		donated[i] = donate
		kept = append(kept, bytesOf(n.Shape, args[i]))
	}
	from := make([]int, len(g.Outputs))
	p.Place(donated, from)
	outs := make([]unsafe.Pointer, len(g.Outputs))
	used := map[int]bool{}
	for i, n := range g.Outputs {
		if k := from[i]; k >= 0 {
			if used[k] || g.Params[k].Shape.Memory() != n.Shape.Memory() {
				t.Fatalf("output %d in argument %d", i, k)
			}
			used[k] = true
			outs[i] = args[k]
		} else {
			outs[i] = tensor.Alloc(int(n.Shape.Memory()))
		}
	}
	if err := p.Run(pool, args, outs, nil); err != nil {
		t.Fatal(err)
	}
	var got [][]byte
	for i, n := range g.Outputs {
		got = append(got, bytesOf(n.Shape, outs[i]))
	}
	if !donate {
		for i, n := range g.Params {
			if !slices.Equal(kept[i], bytesOf(n.Shape, args[i])) {
				t.Fatalf("argument %d was overwritten", i)
			}
		}
	}
	return got
}

// near compares outputs; floats within tol times the largest of the array or of themselves.
func near(t testing.TB, g *ir.Graph, name string, got, want [][]byte, tol float64) {
	t.Helper()
	for i, n := range g.Outputs {
		if slices.Equal(got[i], want[i]) {
			continue
		}
		count := n.Shape.Size()
		var get func(b []byte, k int) float64
		switch n.Shape.DType {
		case dtypes.Float32:
			get = func(b []byte, k int) float64 {
				return float64(*(*float32)(unsafe.Pointer(&b[4*k])))
			}
		case dtypes.Float64:
			get = func(b []byte, k int) float64 { return *(*float64)(unsafe.Pointer(&b[8*k])) }
		default:
			t.Fatalf("%s: output %d (%s) differs", name, i, n.Shape)
		}
		largest := 1.0
		for k := range count {
			if x := math.Abs(get(want[i], k)); !math.IsInf(x, 0) && x > largest {
				largest = x
			}
		}
		for k := range count {
			x, y := get(got[i], k), get(want[i], k)
			if x == y || math.IsNaN(x) && math.IsNaN(y) || math.Abs(x-y) <= tol*largest {
				continue
			}
			t.Errorf("%s: output %d (%s)[%d] = %g, want %g", name, i, n.Shape, k, x, y)
			return
		}
	}
}

func compile(t testing.TB, g *ir.Graph, off ...string) *Plan {
	t.Helper()
	o := Options{Off: map[string]bool{}, Epilogue: 1}
	for _, name := range off {
		o.Off[name] = true
	}
	p, err := Compile(g, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// integer is an int32 scalar constant.
func (b builder) integer(x int32) *ir.Node {
	p := tensor.Alloc(4)
	*(*int32)(p) = x
	return b.Add(backends.OpTypeConstant, shape(dtypes.Int32), ir.Constant{Value: tensor.Of(dtypes.Int32, nil, p)})
}
