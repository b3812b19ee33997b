package rewrite

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// maxPhases bounds into how many convolutions one is split.
const maxPhases = 16

// A phase is every d-th place of a convolution's result along an axis, those that are r modulo the
// input's dilation d. They meet only the taps first, first+step, … of the kernel, since between the
// elements of the input there is nothing, so that
//
//	out[d·q + r] = Σ x[q + spread·t - start] · w[first + step·t]  over t < taps.
type phase struct{ first, step, taps, spread, start, end int }

// dilated splits convolutions of dilated inputs, which are the gradients of strided convolutions,
// into one for each phase. Their results interleave. For stride 2 and a kernel of 3 by 3 that is a
// quarter of the multiplications, none of them by an inserted zero.
func dilated(e *editor, n *ir.Node) *ir.Node {
	if n.Op != backends.OpTypeConvGeneral || !n.Shape.DType.IsFloat() {
		return nil
	}
	x, w, p := n.In[0], n.In[1], n.Attr.(ir.Conv)
	if slices.Contains(x.Shape.Dimensions, 0) || slices.Contains(w.Shape.Dimensions, 0) || slices.Contains(n.Shape.Dimensions, 0) {
		return nil
	}
	parts := 1
	for j, d := range p.InputDilations {
		if d > 1 && p.Strides[j] > 1 {
			return nil
		}
		parts *= d
	}
	if parts == 1 || parts > maxPhases {
		return nil
	}
	spatial := len(p.InputDilations)
	phases := make([][]phase, spatial) // nil where the input is not dilated
	inner := p                         // of the convolutions of phases
	inner.InputDilations = slices.Repeat([]int{1}, spatial)
	padding := make([]backends.PadAxis, x.Shape.Rank()) // what the phases need together
	dims := slices.Clone(n.Shape.Dimensions)            // of a phase's result
	for j, d := range p.InputDilations {
		if d == 1 {
			continue
		}
		axis, out := p.Axes.InputSpatial[j], p.Axes.OutputSpatial[j]
		dims[out] = (n.Shape.Dimensions[out] + d - 1) / d
		for r := range d {
			f := phaseOf(r, d, w.Shape.Dimensions[p.Axes.KernelSpatial[j]], p.KernelDilations[j], p.Paddings[j][0])
			f.end = (dims[out] - 1) + (f.taps-1)*f.spread + 1 - f.start - x.Shape.Dimensions[axis]
			if f.taps > 0 {
				padding[axis].Start = max(padding[axis].Start, f.start)
				padding[axis].End = max(padding[axis].End, f.end)
			}
			phases[j] = append(phases[j], f)
		}
	}
	x = e.pad(x, padding, 0)
	s := shapes.Make(n.Shape.DType, dims...)

	// build returns the result whose first j spatial axes are at the chosen phases.
	chosen := make([]phase, spatial)
	var build func(j int) *ir.Node
	build = func(j int) *ir.Node {
		for j < spatial && phases[j] == nil {
			j++
		}
		if j == spatial {
			return phaseConv(e, s, inner, x, w, phases, chosen, padding)
		}
		results := make([]*ir.Node, len(phases[j]))
		for r, f := range phases[j] {
			chosen[j] = f
			results[r] = build(j + 1)
		}
		return e.interleave(results, p.Axes.OutputSpatial[j])
	}
	whole := build(0) // may reach a little further
	cut := everything(whole.Shape)
	cut.Limits = n.Shape.Dimensions
	return e.slice(whole, cut)
}

// phaseOf solves r + dilation·k - before ≡ 0 modulo d for the taps k of a kernel; before is the
// padding at the start.
func phaseOf(r, d, taps, dilation, before int) phase {
	f := phase{first: -1, step: d}
	for k := range taps {
		if at := r + dilation*k - before; at%d == 0 {
			switch f.taps {
			case 0:
				f.first, f.start = k, -at/d
			case 1:
				f.step = k - f.first
			}
			f.taps++
		}
	}
	f.spread = f.step * dilation / d
	return f
}

// phaseConv returns the result of one phase for each dilated axis.
func phaseConv(e *editor, s shapes.Shape, p ir.Conv, x, w *ir.Node, phases [][]phase, chosen []phase, padding []backends.PadAxis) *ir.Node {
	p.Paddings = slices.Clone(p.Paddings)
	p.KernelDilations = slices.Clone(p.KernelDilations)
	cut := everything(w.Shape)
	for j, f := range chosen {
		if phases[j] == nil {
			continue
		}
		if f.taps == 0 {
			return e.fill(s, 0)
		}
		k := p.Axes.KernelSpatial[j]
		cut.Starts[k], cut.Strides[k] = f.first, f.step
		cut.Limits[k] = f.first + (f.taps-1)*f.step + 1
		axis := p.Axes.InputSpatial[j]
		p.KernelDilations[j] = max(1, f.spread)
		p.Paddings[j] = [2]int{f.start - padding[axis].Start, f.end - padding[axis].End} // only cuts
	}
	return e.add(backends.OpTypeConvGeneral, s, p, x, e.slice(w, cut))
}

// interleave returns the array that takes its elements along an axis from each of xs in turn.
func (e *editor) interleave(xs []*ir.Node, axis int) *ir.Node {
	parts := make([]*ir.Node, len(xs))
	for i, x := range xs {
		parts[i] = e.reshape(x, slices.Insert(slices.Clone(x.Shape.Dimensions), axis+1, 1))
	}
	dims := slices.Clone(parts[0].Shape.Dimensions)
	dims[axis+1] = len(xs)
	all := e.add(backends.OpTypeConcatenate, shapes.Make(xs[0].Shape.DType, dims...), ir.Concatenate{Axis: axis + 1}, parts...)
	dims = slices.Clone(xs[0].Shape.Dimensions)
	dims[axis] *= len(xs)
	return e.reshape(all, dims)
}
