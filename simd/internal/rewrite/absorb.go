package rewrite

import (
	"slices"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// absorb moves views around a contraction into its indices: permuted, repeated and added axes of the
// operands, and a permutation of the result where nobody else uses it, so that the product is
// written in the order in which it is read. A sum that only one operand takes part in is made first.
func absorb(e *editor, n *ir.Node) *ir.Node {
	if n.Op == backends.OpTypeTranspose {
		return absorbResult(e, n)
	}
	if n.Op != ir.OpContract {
		return nil
	}
	for side := range 2 {
		if m := absorbOperand(e, n, side); m != nil {
			return m
		}
		if m := sumFirst(e, n, side); m != nil {
			return m
		}
	}
	return nil
}

// absorbResult permutes the axes of a contraction's result.
func absorbResult(e *editor, n *ir.Node) *ir.Node {
	x := n.In[0]
	if x.Op != ir.OpContract || !e.single(x) {
		return nil
	}
	p := n.Attr.(ir.Permutation).Axes
	c := cloned(x)
	for i := range c.Indices {
		if t := &c.Indices[i].Out; t.Axis >= 0 {
			t.Axis = slices.Index(p, t.Axis)
		}
	}
	slices.SortStableFunc(c.Indices, byResult)
	return e.add(x.Op, n.Shape, c, x.In...)
}

// byResult orders indices by their axis of the result; those that are summed come last.
func byResult(i, j ir.Index) int {
	last := func(t ir.Term) int {
		if t.Axis < 0 {
			return 1 << 30
		}
		return t.Axis
	}
	return last(i.Out) - last(j.Out)
}

// cloned returns a contraction's parameters for change.
func cloned(n *ir.Node) ir.Contract {
	return ir.Contract{Indices: slices.Clone(n.Attr.(ir.Contract).Indices)}
}

// side returns an index's term in operand 0 or 1.
func side(i *ir.Index, operand int) *ir.Term {
	if operand == 0 {
		return &i.A
	}
	return &i.B
}

// absorbOperand takes a view away from an operand. It returns nil if there is none, or if an index
// would be left without an array.
func absorbOperand(e *editor, n *ir.Node, operand int) *ir.Node {
	x := n.In[operand]
	y, to := seeThrough(x)
	if y == nil {
		return nil
	}
	c := cloned(n)
	for i := range c.Indices {
		t := side(&c.Indices[i], operand)
		if t.Axis < 0 {
			continue
		}
		if t.Axis = to[t.Axis]; t.Axis < 0 {
			*t = ir.Absent
			if side(&c.Indices[i], 1-operand).Axis < 0 {
				return nil
			}
		}
	}
	in := slices.Clone(n.In)
	in[operand] = y
	return e.add(n.Op, n.Shape, c, in...)
}

// sumFirst sums an operand over an index that neither the other operand nor the result has.
func sumFirst(e *editor, n *ir.Node, operand int) *ir.Node {
	x, c := n.In[operand], n.Attr.(ir.Contract)
	sharing := make([]int, x.Shape.Rank())
	for i := range c.Indices {
		if t := side(&c.Indices[i], operand); t.Axis >= 0 {
			sharing[t.Axis]++
		}
	}
	for k, i := range c.Indices {
		t := *side(&i, operand)
		if i.Out.Axis >= 0 || t.Axis < 0 || side(&i, 1-operand).Axis >= 0 ||
			sharing[t.Axis] > 1 || i.Size != x.Shape.Dimensions[t.Axis] {
			continue
		}
		less := ir.Contract{Indices: slices.Delete(slices.Clone(c.Indices), k, k+1)}
		for j := range less.Indices {
			if u := side(&less.Indices[j], operand); u.Axis > t.Axis {
				u.Axis--
			}
		}
		in := slices.Clone(n.In)
		in[operand] = e.reduce(backends.OpTypeReduceSum, x, []int{t.Axis})
		return e.add(n.Op, n.Shape, less, in...)
	}
	return nil
}
