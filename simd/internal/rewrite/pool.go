package rewrite

import (
	"math"
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/window"
)

// maxTaps bounds the windows that are written out.
const maxTaps = 16

// pool writes pooling over small windows as elementwise work on strided slices, one for each place of
// the window, which is as fast as they can be read:
//
//	max(x[0::2], x[1::2]).
//
// Where package window has a kernel, it is three times as fast, and they are left alone. Windows along
// the last axis are left alone: their slices would have gaps between elements. So is
// the gradient of a maximum, which as elementwise work would touch every array once for each place.
func pool(e *editor, n *ir.Node) *ir.Node {
	w, ok := n.Attr.(ir.Window)
	if !ok || n.Op != backends.OpTypeReduceWindow || slices.Contains(n.Shape.Dimensions, 0) || slices.Contains(n.In[0].Shape.Dimensions, 0) {
		return nil
	}
	if m := poolUpsample(e, n, w); m != nil {
		return m
	}
	return poolWindow(e, n, w)
}

// small reports whether a window has few places and none along the last axis.
func small(w ir.Window) bool {
	last := len(w.Size) - 1
	taps := 1
	for _, s := range w.Size {
		taps *= s
	}
	return taps > 1 && taps <= maxTaps && last >= 0 && w.Size[last] == 1 && w.Strides[last] == 1
}

// taps calls f with each place of a window, in row-major order.
func taps(size []int, f func(at []int)) {
	at := make([]int, len(size))
	for {
		f(at)
		a := len(size) - 1
		for ; a >= 0; a-- {
			if at[a]++; at[a] < size[a] {
				break
			}
			at[a] = 0
		}
		if a < 0 {
			return
		}
	}
}

// tap returns the elements of x that the windows have at one place.
func (e *editor) tap(x *ir.Node, w ir.Window, at, windows []int) *ir.Node {
	s := everything(x.Shape)
	for a, k := range at {
		s.Starts[a], s.Strides[a] = k*w.WindowDilations[a], w.Strides[a]
		s.Limits[a] = s.Starts[a] + (windows[a]-1)*w.Strides[a] + 1
	}
	return e.slice(x, s)
}

// poolWindow writes a ReduceWindow out.
func poolWindow(e *editor, n *ir.Node, w ir.Window) *ir.Node {
	x := n.In[0]
	if !small(w) || !x.Shape.DType.IsFloat() || x.Shape.DType.IsFloat16() || slices.Max(w.BaseDilations) > 1 {
		return nil
	}
	if hasKernel(w, x.Shape) {
		return nil // which reads every element once, where slices read overlapping ones again
	}
	var op ir.Op
	var neutral float64
	switch w.Reduce {
	case backends.ReduceOpMax:
		op, neutral = backends.OpTypeMax, math.Inf(-1)
	case backends.ReduceOpMin:
		op, neutral = backends.OpTypeMin, math.Inf(1)
	case backends.ReduceOpSum:
		op, neutral = backends.OpTypeAdd, 0
	default:
		return nil
	}
	pads := make([]backends.PadAxis, x.Shape.Rank())
	for a, d := range x.Shape.Dimensions {
		needed := (n.Shape.Dimensions[a]-1)*w.Strides[a] + (w.Size[a]-1)*w.WindowDilations[a] + 1
		pads[a] = backends.PadAxis{Start: w.Paddings[a][0], End: max(0, needed-w.Paddings[a][0]-d)}
	}
	x = e.pad(x, pads, neutral)
	var sum *ir.Node
	taps(w.Size, func(at []int) {
		if y := e.tap(x, w, at, n.Shape.Dimensions); sum == nil {
			sum = y
		} else {
			sum = e.add(op, n.Shape, nil, sum, y)
		}
	})
	return sum
}

// hasKernel reports whether package window is the way to reduce the windows.
func hasKernel(w ir.Window, x shapes.Shape) bool {
	if slices.Max(w.WindowDilations) > 1 {
		return false
	}
	planes, elements, run, places, leading := 1, 1, 1, 1, true
	for a, d := range x.Dimensions {
		places *= w.Size[a]
		if w.Size[a] != 1 || w.Strides[a] != 1 || w.Paddings[a] != [2]int{} {
			leading, run = false, 1
		} else {
			run *= d
		}
		if leading {
			planes *= d
		} else {
			elements *= d
		}
	}
	size := x.DType.Size()
	return window.Whole(w.Reduce, x.DType, places, run) ||
		window.Whole(w.Reduce, x.DType, places, run*window.Bundle(planes, elements, size))
}

// poolUpsample recognises the gradient of a sum over windows that do not overlap, which GoMLX writes
// as a sum over windows of stride 1 of the source with zeros between its elements: every window
// meets one element, and the result repeats each.
func poolUpsample(e *editor, n *ir.Node, w ir.Window) *ir.Node {
	p := n.In[0]
	if w.Reduce != backends.ReduceOpSum || p.Op != backends.OpTypePad {
		return nil
	}
	if v, ok := splat(p.In[1]); !ok || v.f != 0 || v.i != 0 {
		return nil
	}
	x := p.In[0]
	var dims, at, whole []int
	edges := make([]backends.PadAxis, x.Shape.Rank())
	for a, pad := range p.Attr.(ir.Pad).Axes {
		s, d := w.Size[a], x.Shape.Dimensions[a]
		dilated := w.BaseDilations[a] > 1 || w.WindowDilations[a] > 1
		if w.Strides[a] != 1 || dilated || pad.Start < 0 || pad.End < 0 || d > 1 && pad.Interior != s-1 {
			return nil
		}
		at = append(at, len(dims))
		dims = append(dims, d)
		if s > 1 {
			dims = append(dims, s)
		}
		whole = append(whole, d*s)
		start := pad.Start - s + 1 + w.Paddings[a][0]
		edges[a] = backends.PadAxis{Start: start, End: n.Shape.Dimensions[a] - start - d*s}
	}
	return e.pad(e.reshape(e.broadcast(x, shapes.Make(x.Shape.DType, dims...), at), whole), edges, 0)
}
