package rewrite

import (
	"cmp"
	"slices"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// join puts arrays side by side that are padded with zeros to their places and added:
//
//	Pad(x, 0, 3) + Pad(y, 2, 0) = Concatenate(x, y).
//
// So GoMLX adds up the gradients of slices, as those of a recurrent layer's steps: with n slices there
// are n arrays of full size and n-1 sums without join, and one concatenation with it. What else lies
// between stays zero; a -0 stays what it is.
func join(e *editor, n *ir.Node) *ir.Node {
	if n.Op != backends.OpTypeAdd || n.Shape.Rank() == 0 || !e.single(n.In[0]) || !e.single(n.In[1]) {
		return nil
	}
	a, okA := piecesOf(n.In[0])
	b, okB := piecesOf(n.In[1])
	if !okA || !okB || a.axis != b.axis {
		return nil
	}
	list := slices.Concat(a.list, b.list)
	slices.SortFunc(list, func(x, y piece) int { return cmp.Compare(x.start, y.start) })
	var in []*ir.Node
	end := 0
	gap := func(to int) {
		if to > end {
			s := n.Shape.Clone()
			s.Dimensions[a.axis] = to - end
			in = append(in, e.fill(s, 0))
		}
	}
	for _, p := range list {
		if p.start < end {
			return nil // they overlap
		}
		gap(p.start)
		in = append(in, p.x)
		end = p.start + p.x.Shape.Dimensions[a.axis]
	}
	gap(n.Shape.Dimensions[a.axis])
	return e.add(backends.OpTypeConcatenate, n.Shape, ir.Concatenate{Axis: a.axis}, in...)
}

// pieces are the parts of an array along an axis that are not known to be zero.
type pieces struct {
	axis int
	list []piece
}

type piece struct {
	start int
	x     *ir.Node
}

// piecesOf finds the parts of an array that was padded with zeros along one axis or concatenated with
// zeros.
func piecesOf(x *ir.Node) (pieces, bool) {
	switch a := x.Attr.(type) {
	case ir.Pad:
		if v, ok := splat(x.In[1]); !ok || !v.is(0) {
			return pieces{}, false
		}
		found := pieces{axis: -1}
		for axis, p := range a.Axes {
			if p.Start == 0 && p.End == 0 && (p.Interior == 0 || x.In[0].Shape.Dimensions[axis] <= 1) {
				continue
			}
			if found.axis >= 0 || p.Start < 0 || p.End < 0 || p.Interior != 0 {
				return pieces{}, false
			}
			found.axis = axis
			found.list = []piece{{p.Start, x.In[0]}}
		}
		return found, found.axis >= 0
	case ir.Concatenate:
		found := pieces{axis: a.Axis}
		at := 0
		for _, y := range x.In {
			if v, ok := splat(y); !ok || !v.is(0) {
				found.list = append(found.list, piece{at, y})
			}
			at += y.Shape.Dimensions[a.Axis]
		}
		return found, len(found.list) < len(x.In)
	}
	return pieces{}, false
}

// joinSlices puts neighbouring slices of one array together again; nil if there are none among the
// operands of a concatenation.
func joinSlices(e *editor, n *ir.Node) *ir.Node {
	axis := n.Attr.(ir.Concatenate).Axis
	in := slices.Clone(n.In[:1])
	for _, y := range n.In[1:] {
		x := in[len(in)-1]
		if s, ok := follows(x, y, axis); ok {
			in[len(in)-1] = e.slice(x.In[0], s)
		} else {
			in = append(in, y)
		}
	}
	if len(in) == len(n.In) {
		return nil
	}
	if len(in) == 1 {
		return in[0]
	}
	return e.add(n.Op, n.Shape, n.Attr, in...)
}

// follows reports whether y is the slice of the same array that begins where the slice x ends, and
// returns both together.
func follows(x, y *ir.Node, axis int) (ir.Slice, bool) {
	if x.Op != backends.OpTypeSlice || y.Op != x.Op || x.In[0] != y.In[0] {
		return ir.Slice{}, false
	}
	s, t := x.Attr.(ir.Slice), y.Attr.(ir.Slice)
	for a := range s.Starts {
		if s.Strides[a] != t.Strides[a] || a != axis && (s.Starts[a] != t.Starts[a] || s.Limits[a] != t.Limits[a]) {
			return ir.Slice{}, false
		}
	}
	if t.Starts[axis] != s.Starts[axis]+x.Shape.Dimensions[axis]*s.Strides[axis] {
		return ir.Slice{}, false
	}
	both := ir.Slice{Starts: s.Starts, Limits: slices.Clone(s.Limits), Strides: s.Strides}
	both.Limits[axis] = t.Limits[axis]
	return both, true
}
