package simd

import (
	"reflect"
	"runtime"
	"slices"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/notimplemented"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"
	"github.com/pkg/errors"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// Builder records a computation. Its operations are values of this package's own, to be used with
// the builder that made them only. A builder is used by one goroutine.
//
// Every method checks its arguments and returns an error that names the operation, what it got and
// what it wanted. The functions behind the methods take nodes to nodes and panic with that error;
// build is the one place where it is caught.
type Builder struct {
	backend  *Backend
	graph    *ir.Graph
	compiled bool
}

var _ backends.Builder = (*Builder)(nil)

func newBuilder(b *Backend, name string) *Builder {
	return &Builder{backend: b, graph: &ir.Graph{Name: name}}
}

// Name returns the computation's name.
func (b *Builder) Name() string { return b.graph.Name }

// OpShape returns the shape of an operation's result.
func (b *Builder) OpShape(op backends.Op) (shape shapes.Shape, err error) {
	defer catch(&err)
	return b.node("OpShape", op).Shape.Clone(), nil
}

// Parameter adds an input. Executions take inputs in the order of these calls.
func (b *Builder) Parameter(name string, shape shapes.Shape, sharding *backends.ShardingSpec) (backends.Op, error) {
	if sharding != nil {
		return nil, errors.Wrapf(notimplemented.NotImplementedError, "simd: Parameter %q: sharding %+v, want none: there is one device", name, *sharding)
	}
	return b.build(backends.OpTypeParameter, func([]*ir.Node) *ir.Node {
		checkShape(backends.OpTypeParameter, shape)
		n := b.graph.Add(backends.OpTypeParameter, shape.Clone(), ir.Parameter{Index: len(b.graph.Params), Name: name})
		b.graph.Params = append(b.graph.Params, n)
		return n
	})
}

// Constant adds an array with a copy of the elements of flat, a slice, and the dimensions dims.
func (b *Builder) Constant(flat any, dims ...int) (backends.Op, error) {
	const op = backends.OpTypeConstant
	return b.build(op, func([]*ir.Node) *ir.Node {
		v := reflect.ValueOf(flat)
		if v.Kind() != reflect.Slice {
			fail(op, "got %T, want a slice of elements", flat)
		}
		shape := makeShape(op, dtypes.FromGoType(v.Type().Elem()), dims)
		if v.Len() != shape.Size() {
			fail(op, "got %d elements, want %d for shape %s", v.Len(), shape.Size(), shape)
		}
		n := b.constant(shape, unsafe.Slice((*byte)(v.UnsafePointer()), int(shape.Memory())))
		runtime.KeepAlive(flat)
		return n
	})
}

// constant adds an array with a copy of content.
func (b *Builder) constant(shape shapes.Shape, content []byte) *ir.Node {
	p := tensor.Alloc(len(content))
	copy(unsafe.Slice((*byte)(p), len(content)), content)
	return b.graph.Add(backends.OpTypeConstant, shape, ir.Constant{Value: tensor.Of(shape.DType, shape.Dimensions, p)})
}

// scalar adds a number of type float32 or float64 as a constant with the given dimensions.
func (b *Builder) scalar(dtype dtypes.DType, value float64, dims []int) *ir.Node {
	shape := shapes.Make(dtype)
	var n *ir.Node
	switch dtype {
	case dtypes.Float32:
		v := float32(value)
		n = b.constant(shape, unsafe.Slice((*byte)(unsafe.Pointer(&v)), 4))
	case dtypes.Float64:
		n = b.constant(shape, unsafe.Slice((*byte)(unsafe.Pointer(&value)), 8))
	default:
		panic(errors.Errorf("simd: no constant %g of type %s", value, dtype))
	}
	return b.broadcast(n, dims)
}

// zeros adds an array of zeros.
func (b *Builder) zeros(shape shapes.Shape) *ir.Node {
	one := b.constant(shapes.Make(shape.DType), make([]byte, shape.DType.Memory()))
	return b.broadcast(one, shape.Dimensions)
}

// Identity returns its operand.
func (b *Builder) Identity(x backends.Op) (backends.Op, error) {
	return b.build(backends.OpTypeIdentity, func(in []*ir.Node) *ir.Node { return in[0] }, x)
}

// build calls f with the nodes of the operands and returns the node it makes. What f panics with is
// returned as an error.
func (b *Builder) build(op ir.Op, f func(in []*ir.Node) *ir.Node, operands ...backends.Op) (result backends.Op, err error) {
	defer catch(&err)
	return f(b.nodes(op, operands)), nil
}

// buildMany is build for operations with several results.
func (b *Builder) buildMany(op ir.Op, f func(in []*ir.Node) []*ir.Node, operands ...backends.Op) (results []backends.Op, err error) {
	defer catch(&err)
	for _, n := range f(b.nodes(op, operands)) {
		results = append(results, n)
	}
	return results, nil
}

// catch makes an error of a panic. Errors that the builder panics with are the user's mistakes; a
// run-time error here is a mistake of this package, and is returned with the place where it arose.
func catch(err *error) {
	switch v := recover().(type) {
	case nil:
	case runtime.Error:
		*err = errors.Wrap(v, "simd: internal error")
	case error:
		*err = v
	default:
		*err = errors.Errorf("simd: %v", v)
	}
}

// fail panics with an error about the operation.
func fail(op ir.Op, format string, args ...any) {
	panic(errors.Errorf("simd: "+ir.Name(op)+": "+format, args...))
}

// nodes checks the operands of an operation.
func (b *Builder) nodes(op ir.Op, operands []backends.Op) []*ir.Node {
	if b.compiled {
		fail(op, "the computation %q is compiled already", b.graph.Name)
	}
	nodes := make([]*ir.Node, len(operands))
	for i, o := range operands {
		nodes[i] = b.node(ir.Name(op), o)
	}
	return nodes
}

// node checks one operand.
func (b *Builder) node(what string, op backends.Op) *ir.Node {
	n, ok := op.(*ir.Node)
	if !ok || n == nil {
		panic(errors.Errorf("simd: %s: got an operand of type %T, want one of this backend", what, op))
	}
	if n.ID >= len(b.graph.Nodes) || b.graph.Nodes[n.ID] != n {
		panic(errors.Errorf("simd: %s: operand %s is of another computation than %q", what, n, b.graph.Name))
	}
	return n
}

// checkShape fails unless arrays of the shape can be computed.
func checkShape(op ir.Op, shape shapes.Shape) {
	if err := shapeError(shape); err != nil {
		fail(op, "%s", err)
	}
}

// makeShape returns a checked shape.
func makeShape(op ir.Op, dtype dtypes.DType, dims []int) shapes.Shape {
	shape := shapes.Shape{DType: dtype, Dimensions: slices.Clone(dims)}
	checkShape(op, shape)
	return shape
}

// axis returns a as an axis of an array of the given rank; negative ones count from the end.
func axis(op ir.Op, what string, a, rank int) int {
	if a < -rank || a >= rank {
		fail(op, "%s %d, want an axis of an array of rank %d", what, a, rank)
	}
	if a < 0 {
		a += rank
	}
	return a
}

// axes returns list as axes of an array of the given rank, in the given order, each at most once.
func axes(op ir.Op, what string, list []int, rank int) []int {
	result := make([]int, len(list))
	seen := make([]bool, rank)
	for i, a := range list {
		a = axis(op, what, a, rank)
		if seen[a] {
			fail(op, "%s %v, want no axis twice", what, list)
		}
		seen[a] = true
		result[i] = a
	}
	return result
}

// sortedAxes is axes in increasing order.
func sortedAxes(op ir.Op, what string, list []int, rank int) []int {
	result := axes(op, what, list, rank)
	slices.Sort(result)
	return result
}

// broadcast repeats x, a scalar or an array of the same rank, along axes where it has dimension 1.
// The dimensions must have been checked.
func (b *Builder) broadcast(x *ir.Node, dims []int) *ir.Node {
	if slices.Equal(x.Shape.Dimensions, dims) {
		return x
	}
	axes := make([]int, x.Shape.Rank())
	for i := range axes {
		axes[i] = i
	}
	shape := shapes.Shape{DType: x.Shape.DType, Dimensions: slices.Clone(dims)}
	return b.graph.Add(backends.OpTypeBroadcastInDim, shape, ir.BroadcastInDim{Axes: axes}, x)
}

// commonDims returns the dimensions that all operands can be broadcast to: scalars to anything, and
// a dimension 1 to any other of the same axis.
func commonDims(op ir.Op, in []*ir.Node) []int {
	var dims []int
	for _, x := range in {
		if x.Shape.IsScalar() {
			continue
		}
		if dims == nil {
			dims = slices.Clone(x.Shape.Dimensions)
			continue
		}
		if len(dims) != x.Shape.Rank() {
			fail(op, "operands %s, want scalars or arrays of the same rank", shapesOf(in))
		}
		for i, d := range x.Shape.Dimensions {
			switch {
			case dims[i] == 1:
				dims[i] = d
			case d != 1 && d != dims[i]:
				fail(op, "operands %s differ in axis %d, want equal dimensions or 1", shapesOf(in), i)
			}
		}
	}
	return dims
}

// sameType fails unless all operands have the same type.
func sameType(op ir.Op, in []*ir.Node) {
	for _, x := range in[1:] {
		if x.Shape.DType != in[0].Shape.DType {
			fail(op, "operands %s, want the same type", shapesOf(in))
		}
	}
}

// shapesOf lists the shapes of nodes, for errors.
func shapesOf(in []*ir.Node) []shapes.Shape {
	list := make([]shapes.Shape, len(in))
	for i, x := range in {
		list[i] = x.Shape
	}
	return list
}
