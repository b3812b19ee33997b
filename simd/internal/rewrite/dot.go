package rewrite

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// dot turns products of floating point matrices into contractions. Products of 16-bit floats are
// summed in float32 and rounded once.
func dot(e *editor, n *ir.Node) *ir.Node {
	if n.Op != backends.OpTypeDotGeneral || !n.Shape.DType.IsFloat() {
		return nil
	}
	a, b, d := n.In[0], n.In[1], n.Attr.(ir.DotGeneral)
	var c ir.Contract
	axis := 0
	out := func(size, atA, atB int) {
		c.Indices = append(c.Indices, ir.Index{Size: size, A: term(atA), B: term(atB), Out: term(axis)})
		axis++
	}
	for i, at := range d.LhsBatch {
		out(a.Shape.Dimensions[at], at, d.RhsBatch[i])
	}
	for at, size := range a.Shape.Dimensions {
		if !slices.Contains(d.LhsBatch, at) && !slices.Contains(d.LhsContracting, at) {
			out(size, at, -1)
		}
	}
	for at, size := range b.Shape.Dimensions {
		if !slices.Contains(d.RhsBatch, at) && !slices.Contains(d.RhsContracting, at) {
			out(size, -1, at)
		}
	}
	for i, at := range d.LhsContracting {
		c.Indices = append(c.Indices, ir.Index{
			Size: a.Shape.Dimensions[at], A: term(at), B: term(d.RhsContracting[i]), Out: ir.Absent,
		})
	}
	return e.contraction(n.Shape, c, a, b)
}

// term is that of an index with an axis of its own; axis -1 is none.
func term(axis int) ir.Term {
	if axis < 0 {
		return ir.Absent
	}
	return ir.Term{Axis: axis, Step: 1}
}

// contraction returns a Contract of a and b with the given result; of 16-bit floats by way of
// float32.
func (e *editor) contraction(s shapes.Shape, c ir.Contract, a, b *ir.Node) *ir.Node {
	if !s.DType.IsFloat16() {
		return e.add(ir.OpContract, s, c, a, b)
	}
	wide := shapes.Make(dtypes.Float32, s.Dimensions...)
	r := e.add(ir.OpContract, wide, c, e.convert(a, wide.DType), e.convert(b, wide.DType))
	return e.convert(r, s.DType)
}
