package simd

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// Dot multiplies vectors and matrices: it sums over the last axis of lhs and the first of rhs.
func (b *Builder) Dot(lhs, rhs backends.Op) (backends.Op, error) {
	const op = backends.OpTypeDot
	return b.build(op, func(in []*ir.Node) *ir.Node {
		l, r := in[0].Shape.Rank(), in[1].Shape.Rank()
		if l < 1 || l > 2 || r < 1 || r > 2 {
			fail(op, "operands %s, want vectors or matrices", shapesOf(in))
		}
		return b.dot(op, in, ir.DotGeneral{LhsContracting: []int{l - 1}, RhsContracting: []int{0}})
	}, lhs, rhs)
}

// DotGeneral sums products over the contracting axes, for every index of the batch axes, which are
// aligned, and of the other axes of both. The result has the batch axes, then the others of lhs, then
// of rhs.
func (b *Builder) DotGeneral(
	lhs backends.Op, lhsContractingAxes, lhsBatchAxes []int,
	rhs backends.Op, rhsContractingAxes, rhsBatchAxes []int,
) (backends.Op, error) {
	const op = backends.OpTypeDotGeneral
	return b.build(op, func(in []*ir.Node) *ir.Node {
		l, r := in[0].Shape.Rank(), in[1].Shape.Rank()
		return b.dot(op, in, ir.DotGeneral{
			LhsContracting: axes(op, "lhs contracting axis", lhsContractingAxes, l),
			LhsBatch:       axes(op, "lhs batch axis", lhsBatchAxes, l),
			RhsContracting: axes(op, "rhs contracting axis", rhsContractingAxes, r),
			RhsBatch:       axes(op, "rhs batch axis", rhsBatchAxes, r),
		})
	}, lhs, rhs)
}

// dot adds a DotGeneral. op is for errors.
func (b *Builder) dot(op ir.Op, in []*ir.Node, d ir.DotGeneral) *ir.Node {
	sameType(op, in)
	want(op, in[0], kindNumber)
	l, r := in[0].Shape, in[1].Shape
	align := func(what string, la, ra []int) {
		if len(la) != len(ra) {
			fail(op, "%s axes %v of lhs and %v of rhs, want as many", what, la, ra)
		}
		for i := range la {
			if l.Dimensions[la[i]] != r.Dimensions[ra[i]] {
				fail(op, "%s axis %d of lhs %s and %d of rhs %s, want the same dimension", what, la[i], l, ra[i], r)
			}
		}
	}
	align("contracting", d.LhsContracting, d.RhsContracting)
	align("batch", d.LhsBatch, d.RhsBatch)
	var dims []int
	for _, a := range d.LhsBatch {
		dims = append(dims, l.Dimensions[a])
	}
	dims = appendOthers(op, "lhs", dims, l, d.LhsContracting, d.LhsBatch)
	dims = appendOthers(op, "rhs", dims, r, d.RhsContracting, d.RhsBatch)
	return b.graph.Add(backends.OpTypeDotGeneral, makeShape(op, l.DType, dims), d, in...)
}

// appendOthers appends the dimensions that are neither contracted nor of the batch.
func appendOthers(op ir.Op, side string, dims []int, shape shapes.Shape, contracting, batch []int) []int {
	for i, d := range shape.Dimensions {
		c, inBatch := slices.Contains(contracting, i), slices.Contains(batch, i)
		if c && inBatch {
			fail(op, "axis %d of %s %s is both contracted and of the batch", i, side, shape)
		}
		if !c && !inBatch {
			dims = append(dims, d)
		}
	}
	return dims
}

// ConvGeneral convolves input with kernel. Strides and dilations default to 1, paddings to none.
// With channel groups, each group of input channels meets its group of output channels alone; with
// batch groups, each group of the batch makes its group of output channels.
func (b *Builder) ConvGeneral(
	input, kernel backends.Op, axesConfig backends.ConvolveAxesConfig,
	strides []int, paddings [][2]int, inputDilations, kernelDilations []int, channelGroupCount, batchGroupCount int,
) (backends.Op, error) {
	const op = backends.OpTypeConvGeneral
	return b.build(op, func(in []*ir.Node) *ir.Node {
		sameType(op, in)
		want(op, in[0], kindNumber)
		x, k := in[0].Shape, in[1].Shape
		rank := x.Rank()
		if rank < 2 || k.Rank() != rank {
			fail(op, "input %s and kernel %s, want the same rank, at least 2", x, k)
		}
		c := convAxes(op, axesConfig, rank)
		spatial := rank - 2
		ones, each := filled(1, spatial), "spatial axis of "+x.String()
		conv := ir.Conv{
			Axes:              c,
			Strides:           perAxis(op, "stride", strides, ones, each),
			Paddings:          paddingPerAxis(op, paddings, spatial, each),
			InputDilations:    perAxis(op, "input dilation", inputDilations, ones, each),
			KernelDilations:   perAxis(op, "kernel dilation", kernelDilations, ones, each),
			ChannelGroupCount: channelGroupCount, BatchGroupCount: batchGroupCount,
		}
		batch, channels := convChannels(op, x, k, conv)
		dims := make([]int, rank)
		dims[c.OutputBatch], dims[c.OutputChannels] = batch, channels
		for i := range spatial {
			a := c.InputSpatial[i]
			dims[c.OutputSpatial[i]] = places(op, a, x, conv.Paddings[i],
				dilated(op, x.Dimensions[a], conv.InputDilations[i]),
				dilated(op, k.Dimensions[c.KernelSpatial[i]], conv.KernelDilations[i]), conv.Strides[i])
		}
		return b.graph.Add(op, makeShape(op, x.DType, dims), conv, in...)
	}, input, kernel)
}

// convAxes checks that each of the three lists of axes names all axes.
func convAxes(op ir.Op, c backends.ConvolveAxesConfig, rank int) backends.ConvolveAxesConfig {
	check := func(what string, first, second *int, spatial *[]int) {
		if len(*spatial) != rank-2 {
			fail(op, "%s spatial axes %v, want %d", what, *spatial, rank-2)
		}
		all := axes(op, what+" axis", append([]int{*first, *second}, *spatial...), rank)
		*first, *second, *spatial = all[0], all[1], all[2:]
	}
	check("input", &c.InputBatch, &c.InputChannels, &c.InputSpatial)
	check("kernel", &c.KernelInputChannels, &c.KernelOutputChannels, &c.KernelSpatial)
	check("output", &c.OutputBatch, &c.OutputChannels, &c.OutputSpatial)
	return c
}

// convChannels checks a convolution's groups and returns the dimensions of the result's batch and
// channels.
func convChannels(op ir.Op, x, k shapes.Shape, c ir.Conv) (batch, channels int) {
	batch, channels = x.Dimensions[c.Axes.InputBatch], k.Dimensions[c.Axes.KernelOutputChannels]
	in, kernelIn := x.Dimensions[c.Axes.InputChannels], k.Dimensions[c.Axes.KernelInputChannels]
	groups, batchGroups := c.ChannelGroupCount, c.BatchGroupCount
	switch {
	case groups < 1 || batchGroups < 1:
		fail(op, "%d channel groups and %d batch groups, want at least 1", groups, batchGroups)
	case groups > 1 && batchGroups > 1:
		fail(op, "%d channel groups and %d batch groups, want one of them 1", groups, batchGroups)
	case in != kernelIn*groups:
		fail(op, "input %s has %d channels, want %d: the kernel's %d times %d groups", x, in, kernelIn*groups, kernelIn, groups)
	case channels%groups != 0 || channels%batchGroups != 0:
		fail(op, "kernel %s has %d output channels, want a multiple of the %d groups", k, channels, max(groups, batchGroups))
	case batch%batchGroups != 0:
		fail(op, "input %s has a batch of %d, want a multiple of the %d batch groups", x, batch, batchGroups)
	}
	return batch / batchGroups, channels
}
