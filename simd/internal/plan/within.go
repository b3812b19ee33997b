package plan

import (
	"cmp"
	"slices"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// within lets contractions that are operands of Concatenate and Pad be computed where they belong in the
// result, so that nothing is left to copy. Their other users see them there.
func (c *compiler) within() {
	if !c.on("native") {
		return
	}
	views := map[*node][]*node{} // by root, operands first
	for _, n := range c.nodes {
		if n.kind == alias {
			views[n.root] = append(views[n.root], n)
		}
	}
	for _, n := range slices.Backward(c.nodes) { // the outermost result first
		if !n.needed || n.kind != native {
			continue
		}
		for i, o := range n.in {
			if region, ok := n.region(i); ok {
				enter(n, i, region, views[o.root])
			}
		}
	}
}

// region returns where operand i lies in the array of n, if that is known.
func (n *node) region(i int) (view, bool) {
	v := view{offset: n.mem.offset, dims: n.in[i].dims(), strides: n.mem.strides}
	switch attr := n.Attr.(type) {
	case ir.Concatenate:
		for _, o := range n.in[:i] {
			v.offset += o.dims()[attr.Axis] * n.mem.strides[attr.Axis]
		}
		return v, true
	case ir.Pad:
		for k, a := range attr.Axes {
			v.offset += a.Start * n.mem.strides[k]
		}
		return v, i == 0
	}
	return v, false
}

// minRun is how many bytes must lie together for a value to be computed within another's array.
const minRun = 64

// enter makes the root of operand i, of which aliases are views, lie where region is in the array of n.
// It does nothing if somebody would not find it there.
func enter(n *node, i int, region view, aliases []*node) {
	o := n.in[i]
	r := o.root
	if r.output || r.host != nil || r.size() != o.size() || r.size() < 2 || r.dtype() != n.dtype() {
		return
	}
	switch {
	case r.kind == contract, r.kind == native && r.Op != backends.OpTypeDynamicUpdateSlice:
	default:
		return // elementwise programs are faster in one long row
	}
	for _, u := range r.users {
		if u.kind == eval || u.fusable() {
			return // wants it dense, or is faster if it is
		}
	}
	mem, ok := carry(o.see, region, r.dims())
	if !ok {
		return
	}
	d, s := merge(mem.dims, mem.strides)
	if k := len(d) - 1; s[k] != 1 || d[k]*r.dtype().Size() < minRun {
		return
	}
	old := make([]view, len(aliases))
	before := r.mem
	r.mem = mem
	for i, a := range aliases {
		old[i] = a.mem
		if ok = a.remember(); !ok {
			for k, b := range aliases[:i+1] {
				b.mem = old[k]
			}
			r.mem = before
			return
		}
	}
	r.host, r.part = n, i
}

// remember finds an alias where its operand lies now.
func (n *node) remember() (ok bool) {
	o := n.in[0]
	if ir.IsReduction(n.Op) {
		n.mem.offset, n.mem.dims = o.mem.offset, n.dims()
		n.mem.strides, ok = reshape(o.mem.dims, o.mem.strides, n.dims())
		return ok
	}
	n.mem, ok = o.mem.through(n.Node)
	return ok
}

// carry returns where the elements of an array of dimensions dims lie if see, a view of all of it, is
// found at region.
func carry(see, region view, dims []int) (view, bool) {
	if see.offset != 0 {
		return view{}, false
	}
	type axis struct{ size, from, to int }
	var axes []axis
	for i, d := range see.dims {
		if d > 1 {
			axes = append(axes, axis{d, see.strides[i], region.strides[i]})
		}
	}
	slices.SortFunc(axes, func(a, b axis) int { return cmp.Compare(b.from, a.from) })
	var sizes, strides []int
	next := 1
	for _, a := range slices.Backward(axes) {
		if a.from != next {
			return view{}, false // not each element once
		}
		next *= a.size
	}
	for _, a := range axes {
		sizes = append(sizes, a.size)
		strides = append(strides, a.to)
	}
	out, ok := reshape(sizes, strides, dims)
	return view{offset: region.offset, dims: dims, strides: out}, ok
}
