package simd

import (
	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// batchNorm holds what the three operations of batch normalisation share. They are built of
// reductions and arithmetic, in float32 for types of 16 bits.
type batchNorm struct {
	b       *Builder
	op      ir.Op
	x       *ir.Node     // the operand, in the type of the arithmetic
	dtype   dtypes.DType // the operand's and the results' type
	feature int          // the axis that is not averaged over
	others  []int        // all other axes
	count   float64      // how many elements each average has
	epsilon float64
}

// newBatchNorm checks the operand, and that all of vectors have its type and one element for each
// feature; it returns them broadcast to the operand's dimensions.
func (b *Builder) newBatchNorm(op ir.Op, x *ir.Node, epsilon float32, featureAxis int, vectors ...*ir.Node) (*batchNorm, []*ir.Node) {
	want(op, x, kindFloat)
	sameType(op, append([]*ir.Node{x}, vectors...))
	n := &batchNorm{b: b, op: op, x: x, dtype: x.Shape.DType, epsilon: float64(epsilon), count: 1}
	n.feature = axis(op, "feature axis", featureAxis, x.Shape.Rank())
	for i, d := range x.Shape.Dimensions {
		if i != n.feature {
			n.others = append(n.others, i)
			n.count *= float64(d)
		}
	}
	if n.dtype.IsFloat16() {
		n.x = b.convert(x, dtypes.Float32)
	}
	wide := make([]*ir.Node, len(vectors))
	for i, v := range vectors {
		if v.Shape.Rank() != 1 || v.Shape.Dimensions[0] != x.Shape.Dimensions[n.feature] {
			fail(op, "operand %s with %s, want vectors of %d, one for each feature", x.Shape, v.Shape, x.Shape.Dimensions[n.feature])
		}
		wide[i] = n.spread(b.convert(v, n.x.Shape.DType))
	}
	return n, wide
}

// spread repeats a vector of features over the operand's dimensions.
func (n *batchNorm) spread(v *ir.Node) *ir.Node {
	shape := shapes.Shape{DType: v.Shape.DType, Dimensions: n.x.Shape.Dimensions}
	if n.x.Shape.Rank() == 1 {
		return v
	}
	return n.b.graph.Add(backends.OpTypeBroadcastInDim, shape, ir.BroadcastInDim{Axes: []int{n.feature}}, v)
}

// do adds an operation on operands of the same shape.
func (n *batchNorm) do(op ir.Op, in ...*ir.Node) *ir.Node {
	return n.b.graph.Add(op, in[0].Shape, nil, in...)
}

// constant is a number in the shape of x.
func (n *batchNorm) constant(value float64, x *ir.Node) *ir.Node {
	return n.b.scalar(x.Shape.DType, value, x.Shape.Dimensions)
}

// sum adds up over all axes but the features'.
func (n *batchNorm) sum(x *ir.Node) *ir.Node {
	return n.b.reduced(backends.OpTypeReduceSum, x, n.others)
}

// mean averages over all axes but the features'. Of nothing it is NaN.
func (n *batchNorm) mean(x *ir.Node) *ir.Node {
	s := n.sum(x)
	return n.do(backends.OpTypeDiv, s, n.constant(n.count, s))
}

// deviation returns 1/√(variance+ε).
func (n *batchNorm) deviation(variance *ir.Node) *ir.Node {
	return n.do(backends.OpTypeRsqrt, n.do(backends.OpTypeAdd, variance, n.constant(n.epsilon, variance)))
}

// normalize returns (x-mean)·scale·deviation + offset, all of the operand's dimensions.
func (n *batchNorm) normalize(scale, offset, mean, deviation *ir.Node) *ir.Node {
	centred := n.do(backends.OpTypeSub, n.x, mean)
	return n.do(backends.OpTypeAdd, n.do(backends.OpTypeMul, centred, n.do(backends.OpTypeMul, deviation, scale)), offset)
}

// results converts to the operand's type.
func (n *batchNorm) results(nodes ...*ir.Node) []*ir.Node {
	for i, x := range nodes {
		nodes[i] = n.b.convert(x, n.dtype)
	}
	return nodes
}

// BatchNormForInference returns (x-mean)/√(variance+ε)·scale + offset, where all but x are vectors
// along the feature axis.
func (b *Builder) BatchNormForInference(operand, scale, offset, mean, variance backends.Op, epsilon float32, featureAxis int) (backends.Op, error) {
	const op = backends.OpTypeBatchNormForInference
	return b.build(op, func(in []*ir.Node) *ir.Node {
		n, v := b.newBatchNorm(op, in[0], epsilon, featureAxis, in[1:]...)
		return n.results(n.normalize(v[0], v[1], v[2], n.deviation(v[3])))[0]
	}, operand, scale, offset, mean, variance)
}

// BatchNormForTraining normalises with the mean and variance of the batch itself, and returns both
// as well. The variance is the mean of the squared distance from the mean, taken in a second pass:
// the mean of squares less the squared mean would cancel.
func (b *Builder) BatchNormForTraining(operand, scale, offset backends.Op, epsilon float32, featureAxis int) (
	normalized, batchMean, batchVariance backends.Op, err error) {
	const op = backends.OpTypeBatchNormForTraining
	result, err := b.buildMany(op, func(in []*ir.Node) []*ir.Node {
		n, v := b.newBatchNorm(op, in[0], epsilon, featureAxis, in[1:]...)
		mean := n.mean(n.x)
		spread := n.spread(mean)
		centred := n.do(backends.OpTypeSub, n.x, spread)
		variance := n.mean(n.do(backends.OpTypeMul, centred, centred))
		return n.results(n.normalize(v[0], v[1], spread, n.spread(n.deviation(variance))), mean, variance)
	}, operand, scale, offset)
	if err != nil {
		return nil, nil, nil, err
	}
	return result[0], result[1], result[2], nil
}

// BatchNormGradient returns the gradients of BatchNormForTraining with respect to its operands, for
// the gradient g of the normalised output: with d = 1/√(variance+ε), z = (x-mean)·d and means over
// the batch,
//
//	∂offset = Σ g,  ∂scale = Σ g·z,  ∂x = scale·d·(g - mean(g) - z·mean(g·z)).
func (b *Builder) BatchNormGradient(operand, scale, mean, variance, gradOutput backends.Op, epsilon float32, featureAxis int) (
	gradOperand, gradScale, gradOffset backends.Op, err error) {
	const op = backends.OpTypeBatchNormGradient
	result, err := b.buildMany(op, func(in []*ir.Node) []*ir.Node {
		n, v := b.newBatchNorm(op, in[0], epsilon, featureAxis, in[1:4]...)
		sameType(op, []*ir.Node{in[0], in[4]})
		if !in[4].Shape.Equal(in[0].Shape) {
			fail(op, "gradient %s for operand %s, want the same shape", in[4].Shape, in[0].Shape)
		}
		g := b.convert(in[4], n.x.Shape.DType)
		d := n.deviation(v[2])
		z := n.do(backends.OpTypeMul, n.do(backends.OpTypeSub, n.x, v[1]), d)
		offset, scale := n.sum(g), n.sum(n.do(backends.OpTypeMul, g, z))
		count := n.constant(n.count, offset)
		meanG := n.spread(n.do(backends.OpTypeDiv, offset, count))
		meanGZ := n.spread(n.do(backends.OpTypeDiv, scale, count))
		rest := n.do(backends.OpTypeSub, n.do(backends.OpTypeSub, g, meanG), n.do(backends.OpTypeMul, z, meanGZ))
		return n.results(n.do(backends.OpTypeMul, rest, n.do(backends.OpTypeMul, v[0], d)), scale, offset)
	}, operand, scale, mean, variance, gradOutput)
	if err != nil {
		return nil, nil, nil, err
	}
	return result[0], result[1], result[2], nil
}
