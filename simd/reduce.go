package simd

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// reduce adds a reduction over some axes; over all if none are given.
func (b *Builder) reduce(op ir.Op, x backends.Op, k kind, over []int) (backends.Op, error) {
	return b.build(op, func(in []*ir.Node) *ir.Node {
		want(op, in[0], k)
		list := sortedAxes(op, "axis", over, in[0].Shape.Rank())
		if len(list) == 0 {
			for i := range in[0].Shape.Rank() {
				list = append(list, i)
			}
		}
		do := op
		if in[0].Shape.DType == dtypes.Bool {
			switch op {
			case backends.OpTypeReduceMax:
				do = backends.OpTypeReduceLogicalOr
			case backends.OpTypeReduceMin:
				do = backends.OpTypeReduceLogicalAnd
			}
		}
		return b.reduced(do, in[0], list)
	}, x)
}

// reduced adds a reduction over sorted axes.
func (b *Builder) reduced(op ir.Op, x *ir.Node, over []int) *ir.Node {
	if len(over) == 0 {
		return x
	}
	shape := shapes.Shape{DType: x.Shape.DType}
	for i, d := range x.Shape.Dimensions {
		if !slices.Contains(over, i) {
			shape.Dimensions = append(shape.Dimensions, d)
		}
	}
	return b.graph.Add(op, shape, ir.Axes{Axes: over}, x)
}

// ReduceSum adds over axes. The sum of nothing is 0.
func (b *Builder) ReduceSum(x backends.Op, axes ...int) (backends.Op, error) {
	return b.reduce(backends.OpTypeReduceSum, x, kindNumber, axes)
}

// ReduceProduct multiplies over axes. The product of nothing is 1.
func (b *Builder) ReduceProduct(x backends.Op, axes ...int) (backends.Op, error) {
	return b.reduce(backends.OpTypeReduceProduct, x, kindNumber, axes)
}

// ReduceMax takes the greatest over axes, NaN if there is one. Of nothing it is the least value of
// the type, -Inf for floats. True is greater than false.
func (b *Builder) ReduceMax(x backends.Op, axes ...int) (backends.Op, error) {
	return b.reduce(backends.OpTypeReduceMax, x, kindOrdered, axes)
}

// ReduceMin takes the least over axes, NaN if there is one. Of nothing it is the greatest value of
// the type, +Inf for floats. False is less than true.
func (b *Builder) ReduceMin(x backends.Op, axes ...int) (backends.Op, error) {
	return b.reduce(backends.OpTypeReduceMin, x, kindOrdered, axes)
}

// ReduceBitwiseAnd joins the bits over axes with and. Of nothing it is all ones.
func (b *Builder) ReduceBitwiseAnd(x backends.Op, axes ...int) (backends.Op, error) {
	return b.reduce(backends.OpTypeReduceBitwiseAnd, x, kindInt, axes)
}

// ReduceBitwiseOr joins the bits over axes with or. Of nothing it is 0.
func (b *Builder) ReduceBitwiseOr(x backends.Op, axes ...int) (backends.Op, error) {
	return b.reduce(backends.OpTypeReduceBitwiseOr, x, kindInt, axes)
}

// ReduceBitwiseXor joins the bits over axes with exclusive or. Of nothing it is 0.
func (b *Builder) ReduceBitwiseXor(x backends.Op, axes ...int) (backends.Op, error) {
	return b.reduce(backends.OpTypeReduceBitwiseXor, x, kindInt, axes)
}

// ReduceLogicalAnd reports whether all over axes are true. Of nothing they are.
func (b *Builder) ReduceLogicalAnd(x backends.Op, axes ...int) (backends.Op, error) {
	return b.reduce(backends.OpTypeReduceLogicalAnd, x, kindBool, axes)
}

// ReduceLogicalOr reports whether any over axes is true. Of nothing none is.
func (b *Builder) ReduceLogicalOr(x backends.Op, axes ...int) (backends.Op, error) {
	return b.reduce(backends.OpTypeReduceLogicalOr, x, kindBool, axes)
}

// ReduceLogicalXor reports whether an odd number over axes is true.
func (b *Builder) ReduceLogicalXor(x backends.Op, axes ...int) (backends.Op, error) {
	return b.reduce(backends.OpTypeReduceLogicalXor, x, kindBool, axes)
}

// ArgMinMax returns the index along an axis of the least or greatest value: of the first such, or of
// the first NaN. True is greater than false.
func (b *Builder) ArgMinMax(x backends.Op, along int, outputDType dtypes.DType, isMin bool) (backends.Op, error) {
	const op = backends.OpTypeArgMinMax
	return b.build(op, func(in []*ir.Node) *ir.Node {
		want(op, in[0], kindOrdered)
		if kindOf(outputDType)&kindInt == 0 {
			fail(op, "indices of type %s, want a type of: %s", outputDType, kindInt)
		}
		a := axis(op, "axis", along, in[0].Shape.Rank())
		dims := slices.Delete(slices.Clone(in[0].Shape.Dimensions), a, a+1)
		if in[0].Shape.Dimensions[a] == 0 && size(dims) > 0 {
			fail(op, "axis %d of %s has no elements", a, in[0].Shape)
		}
		return b.graph.Add(op, makeShape(op, outputDType, dims), ir.ArgMinMax{Axis: a, IsMin: isMin}, b.bits(in[0]))
	}, x)
}

// ReduceWindow reduces the elements under a window that slides over x. Strides default to the
// window's dimensions, dilations to 1, paddings to none; padding counts as the reduction's neutral
// element. Booleans have a maximum and a minimum: whether any, and whether all are true.
func (b *Builder) ReduceWindow(
	x backends.Op, reductionType backends.ReduceOpType,
	windowDimensions, strides, baseDilations, windowDilations []int, paddings [][2]int,
) (backends.Op, error) {
	const op = backends.OpTypeReduceWindow
	return b.build(op, func(in []*ir.Node) *ir.Node {
		switch reductionType {
		case backends.ReduceOpSum, backends.ReduceOpProduct:
			want(op, in[0], kindNumber)
		case backends.ReduceOpMax, backends.ReduceOpMin:
			want(op, in[0], kindOrdered)
		default:
			fail(op, "reduction %s, want Sum, Product, Max or Min", reductionType)
		}
		w, dims := slide(op, in[0].Shape, ir.Window{
			Reduce: reductionType, Size: windowDimensions, Strides: strides,
			BaseDilations: baseDilations, WindowDilations: windowDilations, Paddings: paddings,
		})
		x := b.bits(in[0])
		return b.convert(b.graph.Add(op, makeShape(op, x.Shape.DType, dims), w, x), in[0].Shape.DType)
	}, x)
}

// bits returns a boolean array as numbers 0 and 1, and any other as it is.
func (b *Builder) bits(x *ir.Node) *ir.Node {
	if x.Shape.DType == dtypes.Bool {
		return b.convert(x, dtypes.Uint8)
	}
	return x
}

// slide completes and checks a window over an array, and returns it with the number of its places
// along every axis.
func slide(op ir.Op, shape shapes.Shape, w ir.Window) (ir.Window, []int) {
	rank := shape.Rank()
	ones, each := filled(1, rank), "axis of "+shape.String()
	if len(w.Size) == 0 && rank > 0 {
		fail(op, "no window dimensions, want one for each %s", each)
	}
	w.Size = perAxis(op, "window dimension", w.Size, ones, each)
	w.Strides = perAxis(op, "stride", w.Strides, w.Size, each)
	w.BaseDilations = perAxis(op, "base dilation", w.BaseDilations, ones, each)
	w.WindowDilations = perAxis(op, "window dilation", w.WindowDilations, ones, each)
	w.Paddings = paddingPerAxis(op, w.Paddings, rank, each)
	dims := make([]int, rank)
	for i, d := range shape.Dimensions {
		p := w.Paddings[i]
		if p[0] < 0 || p[1] < 0 {
			fail(op, "padding %v on axis %d, want at least 0", p, i)
		}
		dims[i] = places(op, i, shape, p, dilated(op, d, w.BaseDilations[i]), dilated(op, w.Size[i], w.WindowDilations[i]), w.Strides[i])
	}
	return w, dims
}

// perAxis returns a copy of what is given for each axis of a window, numbers of at least 1; of otherwise
// if nothing is. axes says which axes they are, for errors.
func perAxis(op ir.Op, what string, given, otherwise []int, axes string) []int {
	if len(given) == 0 {
		given = otherwise
	}
	if len(given) != len(otherwise) {
		fail(op, "%s %v, want one for each %s", what, given, axes)
	}
	for _, v := range given {
		if v < 1 {
			fail(op, "%s %d in %v, want at least 1 for each %s", what, v, given, axes)
		}
	}
	return slices.Clone(given)
}

// paddingPerAxis is perAxis for the paddings of n axes, which may be negative and default to none.
func paddingPerAxis(op ir.Op, given [][2]int, n int, axes string) [][2]int {
	if len(given) == 0 {
		return make([][2]int, n)
	}
	if len(given) != n {
		fail(op, "paddings %v, want one for each %s", given, axes)
	}
	for _, p := range given {
		checkPadding(op, p[0], p[1])
	}
	return slices.Clone(given)
}

// checkPadding fails if what surrounds an axis is larger than any array, or takes as much away.
func checkPadding(op ir.Op, start, end int) {
	if min(start, end) < -mostBytes || max(start, end) > mostBytes {
		fail(op, "padding %d and %d, want at most %d elements", start, end, mostBytes)
	}
}

// dilated returns the extent of n elements whose distance is dilation, at most mostBytes.
func dilated(op ir.Op, n, dilation int) int {
	if n <= 1 {
		return n
	}
	if n-1 > (mostBytes-1)/dilation {
		fail(op, "%d elements at a distance of %d, want them to extend over at most %d", n, dilation, mostBytes)
	}
	return (n-1)*dilation + 1
}

// places returns how often a window fits on an axis.
func places(op ir.Op, axis int, shape shapes.Shape, padding [2]int, extent, window, stride int) int {
	room := padding[0] + extent + padding[1] - window
	if room < 0 {
		fail(op, "the window reaches over %d elements on axis %d of %s, which has %d with its padding %v",
			window, axis, shape, room+window, padding)
	}
	return room/stride + 1
}

// SelectAndScatterMax adds every element of source to where operand is greatest under the window at
// that element's place, the first of equals. Strides default to the window's dimensions, paddings to
// none. It is the gradient of pooling with the maximum.
func (b *Builder) SelectAndScatterMax(operand, source backends.Op, windowDimensions, windowStrides []int, paddings [][2]int) (backends.Op, error) {
	return b.selectAndScatter(backends.OpTypeSelectAndScatterMax, operand, source, windowDimensions, windowStrides, paddings)
}

// SelectAndScatterMin is SelectAndScatterMax for the least.
func (b *Builder) SelectAndScatterMin(operand, source backends.Op, windowDimensions, windowStrides []int, paddings [][2]int) (backends.Op, error) {
	return b.selectAndScatter(backends.OpTypeSelectAndScatterMin, operand, source, windowDimensions, windowStrides, paddings)
}

func (b *Builder) selectAndScatter(op ir.Op, operand, source backends.Op, windowDimensions, windowStrides []int, paddings [][2]int) (backends.Op, error) {
	return b.build(op, func(in []*ir.Node) *ir.Node {
		sameType(op, in)
		want(op, in[0], kindReal)
		w, dims := slide(op, in[0].Shape, ir.Window{Size: windowDimensions, Strides: windowStrides, Paddings: paddings})
		if !slices.Equal(dims, in[1].Shape.Dimensions) {
			fail(op, "source %s, want dimensions %v, the places of the window %v over %s", in[1].Shape, dims, w.Size, in[0].Shape)
		}
		return b.graph.Add(op, in[0].Shape, w, in[0], in[1])
	}, operand, source)
}
