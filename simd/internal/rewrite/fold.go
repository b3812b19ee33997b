package rewrite

import (
	"bytes"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// foldLimit is how large, in bytes, a computed constant may be. A larger one is only computed if it
// takes no more memory than the constants it is made of.
const foldLimit = 64 << 10

// folded returns the constant that n equals, or nil. Broadcasts stay: they cost nothing when the
// program runs, and rules see through them. Random bits are never computed here.
func (e *editor) folded(n *ir.Node) *ir.Node {
	if tensor.Size(n.Shape.Dimensions) == 0 && n.Op != backends.OpTypeParameter && n.Op != backends.OpTypeConstant {
		return e.add(backends.OpTypeConstant, n.Shape, ir.Constant{Value: newTensor(n.Shape)}) // no elements at all
	}
	switch n.Op {
	case backends.OpTypeParameter, ir.OpRNGBits, ir.OpRNGState, backends.OpTypeBroadcastInDim:
		return nil
	case backends.OpTypeConstant:
		return e.uniform(n)
	case backends.OpTypeIota:
		return e.iota(n)
	}
	size := bytesOf(n.Shape)
	var from int
	for _, x := range n.In {
		if x.Op != backends.OpTypeConstant && x.Op != backends.OpTypeBroadcastInDim {
			return nil
		}
		from += bytesOf(x.Shape)
	}
	in := make([]tensor.Tensor, len(n.In))
	for i, x := range n.In {
		var ok bool
		if in[i], ok = e.known(x); !ok {
			return nil
		}
	}
	if size > foldLimit && size > from || from > maxFoldWork || work(n) > maxFoldWork {
		return nil
	}
	out := newTensor(n.Shape)
	e.eval(n, in, out)
	return e.add(backends.OpTypeConstant, n.Shape, ir.Constant{Value: out})
}

// maxFoldWork bounds operands, in bytes, and sums, in terms, that are computed while compiling.
const maxFoldWork = 64 << 20

// work returns about how many operations n takes where that may be much more than its elements.
func work(n *ir.Node) int {
	size := tensor.Size(n.Shape.Dimensions)
	switch a := n.Attr.(type) {
	case ir.DotGeneral:
		for _, k := range a.LhsContracting {
			size *= n.In[0].Shape.Dimensions[k]
		}
	case ir.Conv:
		size *= tensor.Size(n.In[1].Shape.Dimensions)
	case ir.Contract:
		for _, x := range a.Indices {
			if x.Out.Axis < 0 {
				size *= x.Size
			}
		}
	case ir.Window:
		size *= tensor.Size(a.Size)
	}
	return size
}

// known returns n's elements if n is a constant, or a broadcast of a single element that is small
// enough to write out.
func (e *editor) known(n *ir.Node) (tensor.Tensor, bool) {
	if t, ok := constant(n); ok {
		return t, true
	}
	if n.Op != backends.OpTypeBroadcastInDim || bytesOf(n.Shape) > foldLimit {
		return tensor.Tensor{}, false
	}
	if t, ok := constant(n.In[0]); ok {
		out := newTensor(n.Shape)
		e.eval(n, []tensor.Tensor{t}, out)
		return out, true
	}
	return tensor.Tensor{}, false
}

// uniform returns a constant whose elements all have the same bits as a broadcast of one; nil if
// they differ.
func (e *editor) uniform(n *ir.Node) *ir.Node {
	t := n.Attr.(ir.Constant).Value
	size := n.Shape.DType.Size()
	if t.Size() <= 1 {
		return nil
	}
	all := unsafe.Slice((*byte)(t.Data), bytesOf(n.Shape))
	// Equal to itself shifted by one element: every element equals the next.
	if !bytes.Equal(all[size:], all[:len(all)-size]) {
		return nil
	}
	one := newTensor(shapes.Make(n.Shape.DType))
	copy(unsafe.Slice((*byte)(one.Data), size), unsafe.Slice((*byte)(t.Data), size))
	c := e.add(backends.OpTypeConstant, shapes.Make(n.Shape.DType), ir.Constant{Value: one})
	return e.broadcast(c, n.Shape, nil)
}

// iota returns a count as a constant along its axis, broadcast over the others; nil if it is too
// long.
func (e *editor) iota(n *ir.Node) *ir.Node {
	a := n.Attr.(ir.Iota).Axis
	line := shapes.Make(n.Shape.DType, n.Shape.Dimensions[a])
	if len(n.Shape.Dimensions) > 1 {
		return e.broadcast(e.add(n.Op, line, ir.Iota{}), n.Shape, []int{a})
	}
	if bytesOf(n.Shape) > foldLimit {
		return nil
	}
	out := newTensor(line)
	e.eval(n, nil, out)
	return e.add(backends.OpTypeConstant, line, ir.Constant{Value: out})
}
