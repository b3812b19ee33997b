package simd

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// Reshape gives x other dimensions with the same number of elements.
func (b *Builder) Reshape(x backends.Op, dimensions ...int) (backends.Op, error) {
	return b.build(backends.OpTypeReshape, func(in []*ir.Node) *ir.Node {
		return b.reshape(in[0], dimensions)
	}, x)
}

// reshape gives x other dimensions.
func (b *Builder) reshape(x *ir.Node, dims []int) *ir.Node {
	const op = backends.OpTypeReshape
	shape := makeShape(op, x.Shape.DType, dims)
	if shape.Size() != x.Shape.Size() {
		fail(op, "operand %s has %d elements, want %d for dimensions %v", x.Shape, x.Shape.Size(), shape.Size(), dims)
	}
	if slices.Equal(dims, x.Shape.Dimensions) {
		return x
	}
	return b.graph.Add(op, shape, nil, x)
}

// Transpose permutes the axes: axis i of the result is axis permutation[i] of x.
func (b *Builder) Transpose(x backends.Op, permutation ...int) (backends.Op, error) {
	const op = backends.OpTypeTranspose
	return b.build(op, func(in []*ir.Node) *ir.Node {
		rank := in[0].Shape.Rank()
		if len(permutation) != rank {
			fail(op, "permutation %v, want the %d axes of %s", permutation, rank, in[0].Shape)
		}
		return b.transpose(in[0], axes(op, "permutation", permutation, rank))
	}, x)
}

// transpose permutes the axes.
func (b *Builder) transpose(x *ir.Node, permutation []int) *ir.Node {
	dims := make([]int, len(permutation))
	same := true
	for i, a := range permutation {
		dims[i] = x.Shape.Dimensions[a]
		same = same && i == a
	}
	if same {
		return x
	}
	shape := shapes.Shape{DType: x.Shape.DType, Dimensions: dims}
	return b.graph.Add(backends.OpTypeTranspose, shape, ir.Permutation{Axes: permutation}, x)
}

// BroadcastInDim repeats x into an array of the given shape: axis i of x, whose dimension is 1 or the
// result's, becomes axis broadcastAxes[i].
func (b *Builder) BroadcastInDim(x backends.Op, outputShape shapes.Shape, broadcastAxes []int) (backends.Op, error) {
	const op = backends.OpTypeBroadcastInDim
	return b.build(op, func(in []*ir.Node) *ir.Node {
		x := in[0]
		checkShape(op, outputShape)
		if outputShape.DType != x.Shape.DType {
			fail(op, "output shape %s for operand %s, want the same type", outputShape, x.Shape)
		}
		if len(broadcastAxes) != x.Shape.Rank() {
			fail(op, "axes %v, want one for each axis of %s", broadcastAxes, x.Shape)
		}
		to := axes(op, "axis", broadcastAxes, outputShape.Rank())
		for i, a := range to {
			if d := x.Shape.Dimensions[i]; d != 1 && d != outputShape.Dimensions[a] {
				fail(op, "operand %s, axis %d to axis %d of %s: want dimension 1 or %d", x.Shape, i, a, outputShape, outputShape.Dimensions[a])
			}
		}
		if !slices.IsSorted(to) { // first put x's axes in the order of the result's
			order := make([]int, len(to))
			for i := range order {
				order[i] = i
			}
			slices.SortFunc(order, func(i, j int) int { return to[i] - to[j] })
			x = b.transpose(x, order)
			slices.Sort(to)
		}
		if slices.Equal(x.Shape.Dimensions, outputShape.Dimensions) {
			return x
		}
		return b.graph.Add(op, outputShape.Clone(), ir.BroadcastInDim{Axes: to}, x)
	}, x)
}

// Slice takes the elements starts[i], starts[i]+strides[i], … below limits[i] of every axis; nil
// strides are 1.
func (b *Builder) Slice(x backends.Op, starts, limits, strides []int) (backends.Op, error) {
	return b.build(backends.OpTypeSlice, func(in []*ir.Node) *ir.Node {
		return b.slice(in[0], starts, limits, strides)
	}, x)
}

// slice takes a part of x.
func (b *Builder) slice(x *ir.Node, starts, limits, strides []int) *ir.Node {
	const op = backends.OpTypeSlice
	rank := x.Shape.Rank()
	if strides == nil {
		strides = filled(1, rank)
	}
	if len(starts) != rank || len(limits) != rank || len(strides) != rank {
		fail(op, "starts %v, limits %v, strides %v, want one for each axis of %s", starts, limits, strides, x.Shape)
	}
	dims := make([]int, rank)
	for i, d := range x.Shape.Dimensions {
		if strides[i] < 1 {
			fail(op, "stride %d for axis %d, want at least 1", strides[i], i)
		}
		if starts[i] < 0 || limits[i] < starts[i] || limits[i] > d {
			fail(op, "from %d to %d on axis %d of %s, want 0 ≤ start ≤ limit ≤ %d", starts[i], limits[i], i, x.Shape, d)
		}
		if n := limits[i] - starts[i]; n > 0 {
			dims[i] = (n-1)/strides[i] + 1
		}
	}
	if slices.Equal(dims, x.Shape.Dimensions) {
		return x
	}
	shape := shapes.Shape{DType: x.Shape.DType, Dimensions: dims}
	return b.graph.Add(op, shape, ir.Slice{Starts: slices.Clone(starts), Limits: slices.Clone(limits), Strides: slices.Clone(strides)}, x)
}

// Concatenate joins arrays along an axis.
func (b *Builder) Concatenate(axisOf int, operands ...backends.Op) (backends.Op, error) {
	const op = backends.OpTypeConcatenate
	return b.build(op, func(in []*ir.Node) *ir.Node {
		if len(in) == 0 {
			fail(op, "no operands, want at least one")
		}
		sameType(op, in)
		first := in[0].Shape
		a := axis(op, "axis", axisOf, first.Rank())
		shape := first.Clone()
		for _, x := range in[1:] {
			if x.Shape.Rank() != first.Rank() {
				fail(op, "operands %s, want the same rank", shapesOf(in))
			}
			for i, d := range x.Shape.Dimensions {
				if i != a && d != first.Dimensions[i] {
					fail(op, "operands %s differ in axis %d, want equal dimensions on all axes but %d", shapesOf(in), i, a)
				}
			}
			shape.Dimensions[a] += x.Shape.Dimensions[a]
		}
		checkShape(op, shape)
		if len(in) == 1 {
			return in[0]
		}
		return b.graph.Add(op, shape, ir.Concatenate{Axis: a}, in...)
	}, operands...)
}

// Pad surrounds x with a value, and spreads it. Axes without an entry stay as they are; negative
// starts and ends cut.
func (b *Builder) Pad(x, fillValue backends.Op, axesConfig ...backends.PadAxis) (backends.Op, error) {
	const op = backends.OpTypePad
	return b.build(op, func(in []*ir.Node) *ir.Node {
		sameType(op, in)
		x, value := in[0], in[1]
		if !value.Shape.IsScalar() {
			fail(op, "fill value %s, want a scalar", value.Shape)
		}
		rank := x.Shape.Rank()
		if len(axesConfig) > rank {
			fail(op, "%d axes configured, want at most the %d of %s", len(axesConfig), rank, x.Shape)
		}
		config := make([]backends.PadAxis, rank)
		copy(config, axesConfig)
		dims := make([]int, rank)
		for i, d := range x.Shape.Dimensions {
			p := config[i]
			if p.Interior < 0 {
				fail(op, "interior padding %d on axis %d, want at least 0", p.Interior, i)
			}
			checkPadding(op, p.Start, p.End)
			dims[i] = p.Start + dilated(op, d, min(p.Interior, mostBytes)+1) + p.End
			if dims[i] < 0 {
				fail(op, "padding %+v cuts more than axis %d of %s has", p, i, x.Shape)
			}
		}
		return b.graph.Add(op, makeShape(op, x.Shape.DType, dims), ir.Pad{Axes: config}, x, value)
	}, x, fillValue)
}

// Reverse turns axes around.
func (b *Builder) Reverse(x backends.Op, axesOf ...int) (backends.Op, error) {
	const op = backends.OpTypeReverse
	return b.build(op, func(in []*ir.Node) *ir.Node {
		list := sortedAxes(op, "axis", axesOf, in[0].Shape.Rank())
		if len(list) == 0 {
			return in[0]
		}
		return b.graph.Add(op, in[0].Shape, ir.Axes{Axes: list}, in[0])
	}, x)
}

// Iota counts from 0 along an axis.
func (b *Builder) Iota(shape shapes.Shape, iotaAxis int) (backends.Op, error) {
	const op = backends.OpTypeIota
	return b.build(op, func([]*ir.Node) *ir.Node {
		checkShape(op, shape)
		if kindOf(shape.DType)&kindNumber == 0 {
			fail(op, "shape %s, want a type of: %s", shape, kindNumber)
		}
		if shape.IsScalar() {
			fail(op, "shape %s is a scalar, want an axis to count along", shape)
		}
		return b.graph.Add(op, shape.Clone(), ir.Iota{Axis: axis(op, "axis", iotaAxis, shape.Rank())})
	})
}

// startIndices checks the places of dynamic slices: integer scalars, one for each axis, or one array
// of them, which is cut into scalars.
func (b *Builder) startIndices(op ir.Op, in []*ir.Node, rank int) []*ir.Node {
	if len(in) == 1 && in[0].Shape.Rank() == 1 {
		list := in[0]
		if list.Shape.Dimensions[0] != rank {
			fail(op, "start indices %s, want %d, one for each axis", list.Shape, rank)
		}
		in = make([]*ir.Node, rank)
		for i := range in {
			in[i] = b.reshape(b.slice(list, []int{i}, []int{i + 1}, nil), nil)
		}
	}
	if len(in) != rank {
		fail(op, "%d start indices, want %d, one for each axis", len(in), rank)
	}
	for _, x := range in {
		if !x.Shape.IsScalar() {
			fail(op, "start index %s, want a scalar", x.Shape)
		}
		want(op, x, kindInt)
	}
	if rank > 0 {
		sameType(op, in)
	}
	return in
}

// DynamicSlice cuts an array of dimensions sliceDims out of operand at startIndices, which are moved
// to where the cut lies within.
func (b *Builder) DynamicSlice(operand backends.Op, startIndices []backends.Op, sliceDims []int) (backends.Op, error) {
	const op = backends.OpTypeDynamicSlice
	return b.build(op, func(in []*ir.Node) *ir.Node {
		x := in[0]
		rank := x.Shape.Rank()
		if len(sliceDims) != rank {
			fail(op, "dimensions %v, want one for each axis of %s", sliceDims, x.Shape)
		}
		for i, d := range sliceDims {
			if d < 0 || d > x.Shape.Dimensions[i] {
				fail(op, "dimension %d on axis %d of %s, want 0 to %d", d, i, x.Shape, x.Shape.Dimensions[i])
			}
		}
		starts := b.startIndices(op, in[1:], rank)
		shape := makeShape(op, x.Shape.DType, sliceDims)
		return b.graph.Add(op, shape, ir.DynamicSlice{Sizes: slices.Clone(sliceDims)}, append([]*ir.Node{x}, starts...)...)
	}, append([]backends.Op{operand}, startIndices...)...)
}

// DynamicUpdateSlice returns operand with update written over it at startIndices, which are moved to
// where update lies within.
func (b *Builder) DynamicUpdateSlice(operand, update backends.Op, startIndices []backends.Op) (backends.Op, error) {
	const op = backends.OpTypeDynamicUpdateSlice
	return b.build(op, func(in []*ir.Node) *ir.Node {
		sameType(op, in[:2])
		x, u := in[0], in[1]
		rank := x.Shape.Rank()
		if u.Shape.Rank() != rank {
			fail(op, "update %s for operand %s, want the same rank", u.Shape, x.Shape)
		}
		for i, d := range u.Shape.Dimensions {
			if d > x.Shape.Dimensions[i] {
				fail(op, "update %s is larger than operand %s on axis %d", u.Shape, x.Shape, i)
			}
		}
		starts := b.startIndices(op, in[2:], rank)
		return b.graph.Add(op, x.Shape, nil, append([]*ir.Node{x, u}, starts...)...)
	}, append([]backends.Op{operand, update}, startIndices...)...)
}

// Bitcast reads x's bits as another type. If that is smaller, the result has one more axis, for the
// parts of an element, the lowest first; if it is larger, the last axis holds the parts, and goes.
func (b *Builder) Bitcast(x backends.Op, targetDType dtypes.DType) (backends.Op, error) {
	const op = backends.OpTypeBitcast
	return b.build(op, func(in []*ir.Node) *ir.Node {
		x := in[0]
		checkShape(op, shapes.Shape{DType: targetDType})
		if targetDType == x.Shape.DType {
			return x
		}
		if targetDType == dtypes.Bool {
			fail(op, "operand %s to Bool, want a type for which any bits are a value", x.Shape)
		}
		from, to := x.Shape.DType.Size(), targetDType.Size()
		dims := slices.Clone(x.Shape.Dimensions)
		switch {
		case from > to:
			dims = append(dims, from/to)
		case from < to:
			if len(dims) == 0 || dims[len(dims)-1] != to/from {
				fail(op, "operand %s to %s, want a last axis of dimension %d", x.Shape, targetDType, to/from)
			}
			dims = dims[:len(dims)-1]
		}
		return b.graph.Add(op, makeShape(op, targetDType, dims), nil, x)
	}, x)
}

// filled returns n times value.
func filled(value, n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = value
	}
	return list
}

// size is the number of elements of an array with these dimensions.
func size(dims []int) int { return tensor.Size(dims) }
