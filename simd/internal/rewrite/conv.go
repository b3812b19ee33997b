package rewrite

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// conv turns convolutions of floats into contractions of the padded input x and the kernel w,
//
//	out[b, y, o] = Σ x[b, stride·y + dilation·k, c] · w[k, c, o]  over k, c,
//
// in which the place y and the window's k share an axis of x: nothing like a matrix of all windows
// is made. The gradients that GoMLX builds are convolutions as well: of the kernel with the batch as
// channels, of the input with a reversed kernel and the result's channels as input.
//
// With g groups of channels, group i of the result's channels comes from group i of x's; with groups
// of the batch, from group i of x's batch. The group is an index of x, w and the result.
func conv(e *editor, n *ir.Node) *ir.Node {
	if n.Op != backends.OpTypeConvGeneral || !n.Shape.DType.IsFloat() {
		return nil
	}
	x, w, p := n.In[0], n.In[1], n.Attr.(ir.Conv)
	if tensor.Size(x.Shape.Dimensions) == 0 || tensor.Size(w.Shape.Dimensions) == 0 || tensor.Size(n.Shape.Dimensions) == 0 {
		return e.fill(n.Shape, 0) // sums of nothing
	}
	x = e.padInput(n)
	ax := p.Axes
	var c ir.Contract
	var dims []int
	index := func(size int, a, b ir.Term) {
		out := ir.Term{Axis: len(dims), Step: 1}
		c.Indices = append(c.Indices, ir.Index{Size: size, A: a, B: b, Out: out})
		dims = append(dims, size)
	}
	groups := max(1, p.ChannelGroupCount) * max(1, p.BatchGroupCount) // one of them is 1
	features := w.Shape.Dimensions[ax.KernelOutputChannels] / groups  // in a group
	channels := w.Shape.Dimensions[ax.KernelInputChannels]
	if p.ChannelGroupCount > 1 && features == 1 && channels == 1 && w.Shape.Size() <= maxTaps*groups {
		return e.depthwise(n, x, w, p)
	}
	for axis, size := range n.Shape.Dimensions {
		switch axis {
		case ax.OutputBatch:
			index(size, ir.Term{Axis: ax.InputBatch, Step: 1}, ir.Absent)
		case ax.OutputChannels:
			if groups > 1 {
				from := ir.Term{Axis: ax.InputChannels, Step: channels}
				if p.BatchGroupCount > 1 {
					from = ir.Term{Axis: ax.InputBatch, Step: n.Shape.Dimensions[ax.OutputBatch]}
				}
				index(groups, from, ir.Term{Axis: ax.KernelOutputChannels, Step: features})
			}
			index(features, ir.Absent, ir.Term{Axis: ax.KernelOutputChannels, Step: 1})
		default:
			for j, s := range ax.OutputSpatial {
				if s == axis {
					index(size, ir.Term{Axis: ax.InputSpatial[j], Step: p.Strides[j]}, ir.Absent)
				}
			}
		}
	}
	for j, s := range ax.KernelSpatial {
		if size := w.Shape.Dimensions[s]; size > 1 {
			c.Indices = append(c.Indices, ir.Index{
				Size: size, A: ir.Term{Axis: ax.InputSpatial[j], Step: p.KernelDilations[j]}, B: term(s), Out: ir.Absent,
			})
		}
	}
	if channels > 1 {
		c.Indices = append(c.Indices, ir.Index{
			Size: channels, A: term(ax.InputChannels), B: term(ax.KernelInputChannels), Out: ir.Absent,
		})
	}
	return e.reshape(e.contraction(shapes.Make(n.Shape.DType, dims...), c, x, w), n.Shape.Dimensions)
}

// depthwise returns a convolution of every channel with a kernel of its own, written out as
//
//	Σ x[b, stride·y + dilation·k, c] · w[k, c]
//
// with a slice of the padded x for each k: there is nothing of a matrix product in it.
func (e *editor) depthwise(n, x, w *ir.Node, p ir.Conv) *ir.Node {
	ax := p.Axes
	perm := make([]int, n.Shape.Rank()) // axis of x at each axis of the result
	perm[ax.OutputBatch], perm[ax.OutputChannels] = ax.InputBatch, ax.InputChannels
	size := make([]int, len(ax.KernelSpatial))
	for j, a := range ax.OutputSpatial {
		perm[a] = ax.InputSpatial[j]
		size[j] = w.Shape.Dimensions[ax.KernelSpatial[j]]
	}
	wide := n.Shape.Clone()
	if wide.DType.IsFloat16() { // rounded once, at the end
		wide.DType = dtypes.Float32
	}
	x, w = e.convert(x, wide.DType), e.convert(w, wide.DType)
	var sum *ir.Node
	taps(size, func(k []int) {
		ofX, ofW := everything(x.Shape), everything(w.Shape)
		for j, at := range k {
			a, from := ax.InputSpatial[j], at*p.KernelDilations[j]
			windows := n.Shape.Dimensions[ax.OutputSpatial[j]]
			ofX.Starts[a], ofX.Strides[a] = from, p.Strides[j]
			ofX.Limits[a] = from + (windows-1)*p.Strides[j] + 1
			ofW.Starts[ax.KernelSpatial[j]], ofW.Limits[ax.KernelSpatial[j]] = at, at+1
		}
		factor := e.reshape(e.slice(w, ofW), []int{n.Shape.Dimensions[ax.OutputChannels]})
		term := e.add(backends.OpTypeMul, wide, nil,
			e.transpose(e.slice(x, ofX), perm), e.broadcast(factor, wide, []int{ax.OutputChannels}))
		if sum == nil {
			sum = term
		} else {
			sum = e.add(backends.OpTypeAdd, wide, nil, sum, term)
		}
	})
	return e.convert(sum, n.Shape.DType)
}

// padInput returns a convolution's input with as much padding as the windows reach, spread by its
// dilation, and without what negative padding cuts off. What no window reaches at the end stays, so
// that the convolution and the gradient of its kernel read the same array.
func (e *editor) padInput(n *ir.Node) *ir.Node {
	x, w, p := n.In[0], n.In[1], n.Attr.(ir.Conv)
	pad := make([]backends.PadAxis, x.Shape.Rank())
	for j, axis := range p.Axes.InputSpatial {
		windows := n.Shape.Dimensions[p.Axes.OutputSpatial[j]]
		taps := w.Shape.Dimensions[p.Axes.KernelSpatial[j]]
		needed := (windows-1)*p.Strides[j] + (taps-1)*p.KernelDilations[j] + 1
		have := (x.Shape.Dimensions[axis]-1)*p.InputDilations[j] + 1
		start := p.Paddings[j][0]
		pad[axis] = backends.PadAxis{Start: start, End: max(0, needed-start-have), Interior: p.InputDilations[j] - 1}
	}
	return e.pad(x, pad, 0)
}

// pad returns x padded with a value; x itself if there is nothing to do. What only cuts is a slice
// before, which costs nothing.
func (e *editor) pad(x *ir.Node, axes []backends.PadAxis, value float64) *ir.Node {
	cut, grow := everything(x.Shape), slices.Clone(axes)
	dims := slices.Clone(x.Shape.Dimensions) // of the result
	grows := false
	for i, p := range axes {
		d := dims[i]
		if p.Interior == 0 || d <= 1 {
			cut.Starts[i] = min(d, max(0, -p.Start))
			cut.Limits[i] = max(cut.Starts[i], d-max(0, -p.End))
			grow[i] = backends.PadAxis{Start: p.Start + cut.Starts[i], End: p.End + d - cut.Limits[i]}
			d = cut.Limits[i] - cut.Starts[i]
		}
		dims[i] = d + grow[i].Start + grow[i].End + max(0, d-1)*grow[i].Interior
		grows = grows || grow[i] != backends.PadAxis{}
	}
	x = e.slice(x, cut)
	if !grows {
		return x
	}
	return e.add(backends.OpTypePad, shapes.Make(x.Shape.DType, dims...), ir.Pad{Axes: grow}, x, e.scalar(x.Shape.DType, value))
}
