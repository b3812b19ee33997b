package rewrite

import (
	"math"
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/dtypes/bfloat16"
	"github.com/gomlx/gomlx/pkg/core/shapes"
	"github.com/x448/float16"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// bytesOf returns the memory an array takes.
func bytesOf(s shapes.Shape) int { return tensor.Size(s.Dimensions) * s.DType.Size() }

// newTensor returns a row-major array of zeros.
func newTensor(s shapes.Shape) tensor.Tensor {
	return tensor.Of(s.DType, s.Dimensions, tensor.Alloc(bytesOf(s)))
}

// constant returns a new constant's value if n is one.
func constant(n *ir.Node) (tensor.Tensor, bool) {
	c, ok := n.Attr.(ir.Constant)
	return c.Value, ok && n.Op == backends.OpTypeConstant
}

// A number is the one value of all elements of an array: of a float f, of an integer or boolean i
// (for unsigned 64-bit integers modulo 2^64). Complex numbers have none.
type number struct {
	float bool
	f     float64
	i     int64
}

// splat returns the value that all elements of n have, if n is a constant of one element or such a
// one broadcast or reshaped. Larger constants with equal elements become that by the pass fold.
func splat(n *ir.Node) (number, bool) {
	for n.Op == backends.OpTypeBroadcastInDim || n.Op == backends.OpTypeReshape {
		n = n.In[0]
	}
	t, ok := constant(n)
	if !ok || t.Size() != 1 {
		return number{}, false
	}
	p := t.Data
	switch t.DType {
	case dtypes.Float32:
		return number{float: true, f: float64(*(*float32)(p))}, true
	case dtypes.Float64:
		return number{float: true, f: *(*float64)(p)}, true
	case dtypes.Float16:
		return number{float: true, f: float64((*(*float16.Float16)(p)).Float32())}, true
	case dtypes.BFloat16:
		return number{float: true, f: float64((*(*bfloat16.BFloat16)(p)).Float32())}, true
	case dtypes.Int8:
		return number{i: int64(*(*int8)(p))}, true
	case dtypes.Int16:
		return number{i: int64(*(*int16)(p))}, true
	case dtypes.Int32:
		return number{i: int64(*(*int32)(p))}, true
	case dtypes.Int64, dtypes.Uint64:
		return number{i: *(*int64)(p)}, true
	case dtypes.Uint8, dtypes.Bool:
		return number{i: int64(*(*uint8)(p))}, true
	case dtypes.Uint16:
		return number{i: int64(*(*uint16)(p))}, true
	case dtypes.Uint32:
		return number{i: int64(*(*uint32)(p))}, true
	}
	return number{}, false
}

// is reports whether the number is the small whole number k; 0 is not -0.
func (v number) is(k int64) bool {
	if v.float {
		return v.f == float64(k) && (k != 0 || !math.Signbit(v.f))
	}
	return v.i == k
}

// isNegZero reports whether the number is the floating point number -0.
func (v number) isNegZero() bool { return v.float && v.f == 0 && math.Signbit(v.f) }

// scalar returns a constant without axes.
func (e *editor) scalar(dtype dtypes.DType, v float64) *ir.Node {
	t := newTensor(shapes.Make(dtype))
	store(t, v)
	return e.add(backends.OpTypeConstant, shapes.Make(dtype), ir.Constant{Value: t})
}

// store writes a value to a tensor with one element; integers take it modulo their range.
func store(t tensor.Tensor, v float64) {
	switch p := t.Data; t.DType {
	case dtypes.Float32:
		*(*float32)(p) = float32(v)
	case dtypes.Float64:
		*(*float64)(p) = v
	case dtypes.Float16:
		*(*float16.Float16)(p) = float16.Fromfloat32(float32(v))
	case dtypes.BFloat16:
		*(*bfloat16.BFloat16)(p) = bfloat16.FromFloat32(float32(v))
	case dtypes.Int8, dtypes.Uint8, dtypes.Bool:
		*(*int8)(p) = int8(int64(v))
	case dtypes.Int16, dtypes.Uint16:
		*(*int16)(p) = int16(int64(v))
	case dtypes.Int32, dtypes.Uint32:
		*(*int32)(p) = int32(int64(v))
	case dtypes.Int64, dtypes.Uint64:
		*(*int64)(p) = int64(v)
	case dtypes.Complex64:
		*(*complex64)(p) = complex(float32(v), 0)
	case dtypes.Complex128:
		*(*complex128)(p) = complex(v, 0)
	}
}

// fill returns an array of equal elements.
func (e *editor) fill(s shapes.Shape, v float64) *ir.Node {
	return e.broadcast(e.scalar(s.DType, v), s, nil)
}

// broadcast returns x with its axes at the given ones of a shape; x itself if nothing changes.
func (e *editor) broadcast(x *ir.Node, s shapes.Shape, axes []int) *ir.Node {
	if x.Shape.Equal(s) {
		return x
	}
	return e.add(backends.OpTypeBroadcastInDim, s, ir.BroadcastInDim{Axes: axes}, x)
}

// reshape returns x with other dimensions; x itself if they are the same.
func (e *editor) reshape(x *ir.Node, dims []int) *ir.Node {
	s := shapes.Make(x.Shape.DType, dims...)
	if x.Shape.Equal(s) {
		return x
	}
	return e.add(backends.OpTypeReshape, s, nil, x)
}

// transpose returns x with permuted axes; x itself if they stay.
func (e *editor) transpose(x *ir.Node, axes []int) *ir.Node {
	dims := make([]int, len(axes))
	same := true
	for i, a := range axes {
		dims[i] = x.Shape.Dimensions[a]
		same = same && a == i
	}
	if same {
		return x
	}
	return e.add(backends.OpTypeTranspose, shapes.Make(x.Shape.DType, dims...), ir.Permutation{Axes: axes}, x)
}

// everything are the parameters of the slice that takes a whole array.
func everything(s shapes.Shape) ir.Slice {
	rank := s.Rank()
	return ir.Slice{Starts: make([]int, rank), Limits: slices.Clone(s.Dimensions), Strides: slices.Repeat([]int{1}, rank)}
}

// slice returns a part of x; x itself if it is all.
func (e *editor) slice(x *ir.Node, s ir.Slice) *ir.Node {
	dims := make([]int, len(s.Starts))
	for i := range dims {
		dims[i] = (s.Limits[i] - s.Starts[i] + s.Strides[i] - 1) / s.Strides[i]
	}
	part := shapes.Make(x.Shape.DType, dims...)
	if part.Equal(x.Shape) {
		return x
	}
	return e.add(backends.OpTypeSlice, part, s, x)
}

// convert returns x converted to a type; x itself if it has it.
func (e *editor) convert(x *ir.Node, to dtypes.DType) *ir.Node {
	if x.Shape.DType == to {
		return x
	}
	return e.add(backends.OpTypeConvertDType, shapes.Make(to, x.Shape.Dimensions...), nil, x)
}
