package generic

import (
	"unsafe"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

func init() { register(backends.OpTypeConvGeneral, convGeneral) }

// convGeneral pads and dilates the input into memory of its own, then sums products over channels
// and the kernel's window: padding and the holes between elements are zeros that are multiplied, so
// that an infinite kernel makes NaN of them. Package rewrite may leave the holes out. Groups are consecutive: group g of G takes the g-th of G equal parts of
// the input's channels (or of its batch) and of the kernel's output channels, and gives that part of
// the result's channels.
func convGeneral(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
	p := params[ir.Conv](n)
	x, kernel, axes := in[0], in[1], p.Axes
	if out.Size() == 0 {
		return
	}
	spread := make([]backends.PadAxis, len(x.Dims))
	dims := append([]int(nil), x.Dims...)
	padded := false
	for i, a := range axes.InputSpatial {
		lo, hi, hole := p.Paddings[i][0], p.Paddings[i][1], p.InputDilations[i]-1
		if lo == 0 && hi == 0 && hole == 0 {
			continue
		}
		padded = true
		spread[a] = backends.PadAxis{Start: lo, End: hi, Interior: hole}
		dims[a] = lo + hi + x.Dims[a] + max(x.Dims[a]-1, 0)*hole
	}
	if padded {
		var zero [2]uint64
		y := temp(x.DType, dims)
		pad(pool, y, x, tensor.Of(x.DType, nil, unsafe.Pointer(&zero)), spread)
		x = y
	}

	batch, channels := axes.InputBatch, axes.InputChannels
	from, to := axes.KernelInputChannels, axes.KernelOutputChannels
	xs, ks, os := x.Strides, kernel.Strides, out.Strides
	batches := x.Dims[batch] / p.BatchGroupCount
	groups := p.ChannelGroupCount * p.BatchGroupCount // one of them is 1
	perGroup := kernel.Dims[to] / groups
	step := kernel.Dims[from] * xs[channels] // from group to group in the input
	if p.BatchGroupCount > 1 {
		step = batches * xs[batch]
	}
	var s summation
	s.index(groups, step, perGroup*ks[to], perGroup*os[axes.OutputChannels], true, true, true)
	s.index(batches, xs[batch], 0, os[axes.OutputBatch], true, false, true)
	for i, a := range axes.InputSpatial {
		o, k := axes.OutputSpatial[i], axes.KernelSpatial[i]
		s.index(out.Dims[o], p.Strides[i]*xs[a], 0, os[o], true, false, true)
		s.index(kernel.Dims[k], p.KernelDilations[i]*xs[a], ks[k], 0, true, true, false)
	}
	s.index(perGroup, 0, ks[to], os[axes.OutputChannels], false, true, true)
	s.index(kernel.Dims[from], xs[channels], ks[from], 0, true, true, false)
	s.run(pool, n, x, kernel, out)
}
