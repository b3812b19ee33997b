package simd

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// Gather cuts slices out of operand at the places that startIndices lists. Places are moved to where
// the slice lies within the operand. That indices are sorted makes no difference.
func (b *Builder) Gather(
	operand, startIndices backends.Op, indexVectorAxis int,
	offsetOutputAxes, collapsedSliceAxes, startIndexMap, sliceSizes []int, indicesAreSorted bool,
) (backends.Op, error) {
	const op = backends.OpTypeGather
	return b.build(op, func(in []*ir.Node) *ir.Node {
		x, indices := in[0], in[1]
		rank := x.Shape.Rank()
		if rank == 0 {
			fail(op, "operand %s is a scalar, want an array", x.Shape)
		}
		batch := indexBatch(op, indices, indexVectorAxis, startIndexMap, rank)
		collapsed := sortedAxes(op, "collapsed axis", collapsedSliceAxes, rank)
		if len(sliceSizes) != rank {
			fail(op, "slice sizes %v, want one for each axis of %s", sliceSizes, x.Shape)
		}
		var offsetDims []int
		for i, s := range sliceSizes {
			if s < 0 || s > x.Shape.Dimensions[i] {
				fail(op, "slice size %d on axis %d of %s, want 0 to %d", s, i, x.Shape, x.Shape.Dimensions[i])
			}
			if !slices.Contains(collapsed, i) {
				offsetDims = append(offsetDims, s)
			} else if s != 1 {
				fail(op, "slice size %d on collapsed axis %d, want 1", s, i)
			}
		}
		if len(offsetOutputAxes) != len(offsetDims) {
			fail(op, "offset axes %v, want %d: one for each axis of %s but the collapsed %v",
				offsetOutputAxes, len(offsetDims), x.Shape, collapsed)
		}
		offset := sortedAxes(op, "offset axis", offsetOutputAxes, len(batch)+len(offsetDims))
		dims := make([]int, 0, len(batch)+len(offsetDims))
		for i := range len(batch) + len(offsetDims) {
			if slices.Contains(offset, i) {
				dims, offsetDims = append(dims, offsetDims[0]), offsetDims[1:]
			} else {
				dims, batch = append(dims, batch[0]), batch[1:]
			}
		}
		return b.graph.Add(op, makeShape(op, x.Shape.DType, dims), ir.Gather{
			IndexVectorAxis: indexVectorAxis, OffsetOutputAxes: offset, CollapsedSliceAxes: collapsed,
			StartIndexMap: slices.Clone(startIndexMap), SliceSizes: slices.Clone(sliceSizes),
		}, x, indices)
	}, operand, startIndices)
}

// indexBatch checks the indices of a Gather or Scatter, whose axis vectorAxis lists a place on the
// axes toOperand of an operand of the given rank, and returns the dimensions of the other axes.
// vectorAxis may be the indices' rank: then every index is a list of one.
func indexBatch(op ir.Op, indices *ir.Node, vectorAxis int, toOperand []int, rank int) []int {
	want(op, indices, kindInt)
	shape := indices.Shape
	if vectorAxis < 0 || vectorAxis > shape.Rank() {
		fail(op, "index vector axis %d, want 0 to %d for indices %s", vectorAxis, shape.Rank(), shape)
	}
	batch := slices.Clone(shape.Dimensions)
	n := 1
	if vectorAxis < shape.Rank() {
		n = batch[vectorAxis]
		batch = slices.Delete(batch, vectorAxis, vectorAxis+1)
	}
	if len(toOperand) != n {
		fail(op, "indices %s are for operand axes %v, want %d of them", shape, toOperand, n)
	}
	for _, a := range axes(op, "operand axis", toOperand, rank) {
		if !slices.Contains(toOperand, a) {
			fail(op, "operand axes %v, want them counted from 0", toOperand)
		}
	}
	return batch
}

// ScatterSum adds updates to operand at the places that scatterIndices lists; see [Builder.Gather],
// whose gradient it is. Updates that do not lie within the operand are left out. That indices are sorted
// or all different makes no difference: updates are added in order.
func (b *Builder) ScatterSum(
	operand, scatterIndices, updates backends.Op, indexVectorAxis int,
	updateWindowAxes, insertedWindowAxes, scatterAxesToOperandAxes []int, indicesAreSorted, uniqueIndices bool,
) (backends.Op, error) {
	return b.scatter(backends.OpTypeScatterSum, kindNumber, operand, scatterIndices, updates, indexVectorAxis,
		updateWindowAxes, insertedWindowAxes, scatterAxesToOperandAxes)
}

// ScatterMax takes the greatest of operand and updates; see [Builder.ScatterSum].
func (b *Builder) ScatterMax(
	operand, scatterIndices, updates backends.Op, indexVectorAxis int,
	updateWindowAxes, insertedWindowAxes, scatterAxesToOperandAxes []int, indicesAreSorted, uniqueIndices bool,
) (backends.Op, error) {
	return b.scatter(backends.OpTypeScatterMax, kindReal, operand, scatterIndices, updates, indexVectorAxis,
		updateWindowAxes, insertedWindowAxes, scatterAxesToOperandAxes)
}

// ScatterMin takes the least of operand and updates; see [Builder.ScatterSum].
func (b *Builder) ScatterMin(
	operand, scatterIndices, updates backends.Op, indexVectorAxis int,
	updateWindowAxes, insertedWindowAxes, scatterAxesToOperandAxes []int, indicesAreSorted, uniqueIndices bool,
) (backends.Op, error) {
	return b.scatter(backends.OpTypeScatterMin, kindReal, operand, scatterIndices, updates, indexVectorAxis,
		updateWindowAxes, insertedWindowAxes, scatterAxesToOperandAxes)
}

func (b *Builder) scatter(
	op ir.Op, k kind, operand, scatterIndices, updates backends.Op, indexVectorAxis int,
	updateWindowAxes, insertedWindowAxes, scatterAxesToOperandAxes []int,
) (backends.Op, error) {
	return b.build(op, func(in []*ir.Node) *ir.Node {
		x, indices, u := in[0], in[1], in[2]
		sameType(op, []*ir.Node{x, u})
		want(op, x, k)
		rank := x.Shape.Rank()
		batch := indexBatch(op, indices, indexVectorAxis, scatterAxesToOperandAxes, rank)
		inserted := sortedAxes(op, "inserted axis", insertedWindowAxes, rank)
		window := axes(op, "window axis", updateWindowAxes, u.Shape.Rank())
		if !slices.IsSorted(window) {
			fail(op, "window axes %v, want them in increasing order", updateWindowAxes)
		}
		if len(window)+len(inserted) != rank {
			fail(op, "window axes %v and inserted axes %v, want together the %d of operand %s", window, inserted, rank, x.Shape)
		}
		if len(window)+len(batch) != u.Shape.Rank() {
			fail(op, "updates %s, want %d axes for the indices %s and %d for the window", u.Shape, len(batch), indices.Shape, len(window))
		}
		var operandAxes []int // that the window's axes lie on
		for i := range rank {
			if !slices.Contains(inserted, i) {
				operandAxes = append(operandAxes, i)
			}
		}
		for i, d := range u.Shape.Dimensions {
			if w := slices.Index(window, i); w >= 0 {
				if limit := x.Shape.Dimensions[operandAxes[w]]; d > limit {
					fail(op, "updates %s, want at most %d on axis %d: the window must fit into operand %s", u.Shape, limit, i, x.Shape)
				}
				continue
			}
			if d != batch[0] {
				fail(op, "updates %s, want %d on axis %d as there are indices in %s", u.Shape, batch[0], i, indices.Shape)
			}
			batch = batch[1:]
		}
		return b.graph.Add(op, shapes.Shape{DType: x.Shape.DType, Dimensions: x.Shape.Dimensions}, ir.Scatter{
			IndexVectorAxis: indexVectorAxis, UpdateWindowAxes: window, InsertedWindowAxes: inserted,
			ScatterAxesToOperandAxes: slices.Clone(scatterAxesToOperandAxes),
		}, x, indices, u)
	}, operand, scatterIndices, updates)
}
