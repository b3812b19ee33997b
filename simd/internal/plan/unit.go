package plan

import (
	"cmp"
	"slices"
)

// A unit is what one step computes: one node, or several that are fused.
type unit struct {
	nodes []*node // by id
	group
	gemm *node // the contraction whose epilogue the unit is
	gone bool  // merged into another, or of no use any more

	at         int // grows along the order
	prev, next *unit

	stamp int // of the last change
	mark  int // the last search that came by
}

// separate gives every node that needs a step a unit of its own.
func (c *compiler) separate() {
	c.order.init()
	for _, n := range c.nodes {
		if !n.needed || n.kind == source || n.kind == alias {
			continue
		}
		n.unit = &unit{stamp: c.units, nodes: []*node{n}}
		c.units++
		c.order.insert(c.order.end.prev, n.unit)
	}
	c.effort = 1<<20 + 64*len(c.nodes)
}

// An order is a list of units, what is needed before what needs it. Their numbers have gaps, so that
// units can be moved without a look at the others.
type order struct {
	end   unit // before the first, and after the last
	units int
}

const gap = 1 << 24 // between the numbers of neighbours

func (o *order) init() { o.end.prev, o.end.next, o.end.at = &o.end, &o.end, 0 }

// all iterates over the units.
func (o *order) all(yield func(u *unit) bool) {
	for u := o.end.next; u != &o.end; u = u.next {
		if !yield(u) {
			return
		}
	}
}

// remove takes units out.
func (o *order) remove(units ...*unit) {
	for _, u := range units {
		u.prev.next, u.next.prev = u.next, u.prev
	}
	o.units -= len(units)
}

// insert puts units, in this order, after p, which may be &o.end.
func (o *order) insert(p *unit, units ...*unit) {
	n := p.next
	step := gap
	if n != &o.end {
		step = (n.at - p.at) / (len(units) + 1)
	}
	at := p.at
	for _, u := range units {
		at += step
		u.at = at
		p.next, u.prev = u, p
		p = u
	}
	p.next, n.prev = n, p
	o.units += len(units)
	if step == 0 { // no gap is left
		at := 0
		for u := range o.all {
			at += gap
			u.at = at
		}
	}
}

// A front is where a search has come to, breadth first.
type front struct {
	found []*unit // the first is where it began
	next  int     // to be looked at
	work  int     // nodes looked at
}

func (f *front) done() bool { return f.next == len(f.found) }

// users goes on from one unit to those that need it, marked down. It reports whether it meets b, or a
// unit marked up.
func (f *front) users(a, b *unit, down, up int) (hit bool) {
	u := f.found[f.next]
	f.next++
	for _, n := range u.nodes {
		f.work += 1 + len(n.users)
		for _, m := range n.users {
			v := m.unit
			if v == u || v == b && u == a || v.at > b.at || v.mark == down {
				continue
			}
			if v == b || v.mark == up {
				return true
			}
			v.mark = down
			f.found = append(f.found, v)
		}
	}
	return false
}

// operands goes on from one unit to those it needs, marked up. It reports whether it meets a, or a
// unit marked down.
func (f *front) operands(a, b *unit, down, up int) (hit bool) {
	u := f.found[f.next]
	f.next++
	for _, n := range u.nodes {
		f.work += 1 + len(n.in)
		for _, o := range n.in {
			v := o.root.unit
			if v == nil || v == u || v == a && u == b || v.at < a.at || v.mark == up {
				continue
			}
			if v == a || v.mark == down {
				return true
			}
			v.mark = up
			f.found = append(f.found, v)
		}
	}
	return false
}

// reaches reports whether there is a way from a to b that leaves both: whether some user of a, other
// than b, is needed by b. a comes before b. It searches from both ends, as one of them is mostly a
// dead end soon. A search that takes long is given up, with the answer that there is a way.
//
// If there is none, c.late holds a and what depends on it up to b, or c.early b and what it depends on
// back to a.
func (c *compiler) reaches(a, b *unit) bool {
	c.searches += 2
	down, up := c.searches, c.searches+1
	late := front{found: append(c.late[:0], a)}
	early := front{found: append(c.early[:0], b)}
	limit := max(c.effort/64, 64)
	hit := false
	for !hit && !late.done() && (!early.done() || late.work < 1024) && late.work+early.work < limit {
		if early.done() || late.work <= early.work {
			hit = late.users(a, b, down, up)
		} else {
			hit = early.operands(a, b, down, up)
		}
	}
	c.effort -= late.work + early.work
	c.late, c.early = late.found, early.found
	if hit || !late.done() && !early.done() {
		return true
	}
	c.sink = late.done()
	return false
}

// join merges b into a, which comes before b and does not reach it otherwise, as the last search has
// found out. The result goes where both can be: before what depends on a, after what b depends on.
func (c *compiler) join(a, b *unit) {
	byPlace := func(x, y *unit) int { return cmp.Compare(x.at, y.at) }
	if c.sink {
		slices.SortFunc(c.late, byPlace)
		c.order.remove(c.late...)
		c.order.insert(b, c.late...)
		c.order.remove(b)
	} else {
		slices.SortFunc(c.early, byPlace) // b is the last
		c.order.remove(c.early...)
		c.order.insert(a.prev, c.early[:len(c.early)-1]...)
	}
	b.gone = true
	for _, n := range b.nodes {
		n.unit = a
	}
	a.stamp = c.units
	c.units++
	a.nodes = union(a.nodes, b.nodes)
}

// union merges nodes that are in order.
func union(a, b []*node) []*node {
	if len(b) == 0 || len(a) > 0 && a[len(a)-1].id <= b[0].id {
		return append(a, b...)
	}
	all := make([]*node, 0, 2*max(len(a), len(b)))
	for len(a) > 0 && len(b) > 0 {
		if a[0].id <= b[0].id {
			all, a = append(all, a[0]), a[1:]
		} else {
			all, b = append(all, b[0]), b[1:]
		}
	}
	return append(append(all, a...), b...)
}
