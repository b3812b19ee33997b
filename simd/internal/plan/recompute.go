package plan

import (
	"slices"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// cheap reports whether to compute an operation again costs less than to store its result and read it
// back.
func cheap(op ir.Op) bool {
	switch op {
	case backends.OpTypeAdd, backends.OpTypeSub, backends.OpTypeMul, backends.OpTypeNeg, backends.OpTypeAbs,
		backends.OpTypeMax, backends.OpTypeMin, backends.OpTypeWhere, backends.OpTypeConvertDType,
		backends.OpTypeSign, backends.OpTypeEqual, backends.OpTypeNotEqual, backends.OpTypeGreaterThan,
		backends.OpTypeGreaterOrEqual, backends.OpTypeLessThan, backends.OpTypeLessOrEqual,
		backends.OpTypeLogicalAnd, backends.OpTypeLogicalOr, backends.OpTypeLogicalNot:
		return true
	}
	return false
}

// again is how many operations are repeated for one value that need not be stored.
const again = 3

// maxCopies is into how many groups one value may go.
const maxCopies = 16

// recompute saves groups from storing what others can cheaply make anew from arrays that they read
// anyway: a gradient's group computes the mask of its activation itself.
func (c *compiler) recompute() {
	for u := range c.order.all {
		if u.gone || u.size == 0 {
			continue
		}
		for _, x := range slices.Backward(slices.Clone(u.nodes)) {
			if x.output || x.unit != u || x.rows || !cheapNode(x) {
				continue
			}
			var others []*unit
			ok := true
			for _, m := range x.users {
				if m.unit != u && !slices.Contains(others, m.unit) {
					others = append(others, m.unit)
					if ok = len(others) <= maxCopies && c.repeatable(x, u, m.unit); !ok {
						break
					}
				}
			}
			if !ok {
				continue
			}
			for _, b := range others {
				c.repeat(x, u, b)
			}
			c.forget(x)
		}
	}
}

func cheapNode(n *node) bool { return n.kind == pointful && cheap(n.Op) }

// repeatable reports whether group b can compute x of group u itself.
func (c *compiler) repeatable(x *node, u, b *unit) bool {
	if b.size != x.size() || len(b.nodes)+again > maxNodes {
		return false
	}
	for _, n := range b.nodes { // who must see it place by place
		for _, o := range n.in {
			if o.root == x && (!n.fusable() || n.rows || !o.see.repeats(1) || o.dtype() != x.dtype()) {
				return false
			}
		}
	}
	p := price{operations: again, reads: 1, bounds: slices.Clone(b.bounds)}
	if !c.affordable(x, u, b, &p) {
		return false
	}
	_, ok := united(p.bounds, b.size, b.cols)
	return ok
}

// A price is what it may cost to compute a value again.
type price struct {
	operations int
	reads      int   // of arrays that the group does not read yet: one, in place of the value
	bounds     []int // that the views ask for
}

// affordable counts what must be repeated for x and collects the bounds of its views.
func (c *compiler) affordable(x *node, u, b *unit, p *price) bool {
	p.operations--
	if p.operations < 0 || !cheapNode(x) || x.rows {
		return false
	}
	x.accesses(func(dims, strides []int) {
		d, _ := merge(dims, strides)
		inside := 1
		for i := len(d) - 1; i > 0; i-- {
			inside *= d[i]
			p.bounds = append(p.bounds, inside)
		}
	})
	for _, o := range x.in {
		r := o.root
		switch {
		case r.unit != b && small(o, x), b.reads(r):
		case r.unit == u && !r.leaves(u, u) && o.see.repeats(1) && o.dtype() == r.dtype():
			if !c.affordable(r, u, b, p) {
				return false
			}
		case r.unit == u && !r.leaves(u, u), r.unit == b:
			return false
		case r.kind != source && r.bytes() <= x.bytes() && p.reads > 0:
			p.reads--
		default:
			return false
		}
	}
	return true
}

// small reports whether o is next to nothing compared to x: one value for each row, or for all.
func small(o, x *node) bool {
	_, s := merge(o.mem.dims, o.mem.strides)
	return o.root.size() <= x.size()/8 && (len(s) == 0 || s[len(s)-1] == 0)
}

// reads reports whether the group reads the array of r from memory.
func (u *unit) reads(r *node) bool {
	if r.unit == u {
		return false
	}
	for _, n := range u.nodes {
		for _, o := range n.in {
			if o.root == r {
				return true
			}
		}
	}
	return false
}

// repeat puts a copy of x, and of what it needs of u, into group b and lets b's nodes use it.
func (c *compiler) repeat(x *node, u, b *unit) {
	twin := c.twin(x, u, b)
	for _, n := range b.nodes {
		for i, o := range n.in {
			if o.root == x {
				n.in[i] = viewOf(o, twin)
				if !slices.Contains(twin.users, n) {
					twin.users = append(twin.users, n)
				}
			}
		}
	}
	x.users = slices.DeleteFunc(x.users, func(n *node) bool { return n.unit == b })
	b.nodes = append(b.nodes, c.twins...)
	c.twins = c.twins[:0]
	slices.SortStableFunc(b.nodes, func(x, y *node) int { return x.id - y.id })
	b.bounds, _ = b.limits(b.size, b.cols, false)
}

// twin copies a node of u for b.
func (c *compiler) twin(x *node, u, b *unit) *node {
	t := *x
	t.root, t.unit, t.users = &t, b, nil
	t.in = slices.Clone(x.in)
	for i, o := range t.in {
		r := o.root
		if r.unit == u && !r.leaves(u, u) && !b.reads(r) && !small(o, x) {
			r = c.twin(r, u, b)
			t.in[i] = viewOf(o, r)
		}
		if !slices.Contains(r.users, &t) {
			r.users = append(r.users, &t)
		}
	}
	c.twins = append(c.twins, &t)
	return &t
}

// viewOf is o with another root.
func viewOf(o, root *node) *node {
	v := *o
	v.root = root
	if o.root == o {
		return root
	}
	return &v
}

// forget drops a node that nobody needs any more, and what only it needed.
func (c *compiler) forget(x *node) {
	if x.output || len(x.users) > 0 || x.unit == nil {
		return
	}
	u := x.unit
	u.nodes = slices.DeleteFunc(u.nodes, func(n *node) bool { return n == x })
	u.gone = u.gone || len(u.nodes) == 0
	for _, o := range x.in {
		r := o.root
		r.users = slices.DeleteFunc(r.users, func(n *node) bool { return n == x })
		if r.unit == u {
			c.forget(r)
		}
	}
}
