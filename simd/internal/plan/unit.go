package plan

import "slices"

// A unit is what one step computes: one node, or several that are fused.
type unit struct {
	nodes []*node
	at    int // position in compiler.order
	group
	gemm *node // the contraction whose epilogue the unit is
	gone bool  // merged into another

	stamp int // of the last change
	mark  int // the last search that came by
}

// separate gives every node that needs a step a unit of its own.
func (c *compiler) separate() {
	for _, n := range c.nodes {
		if !n.needed || n.kind == source || n.kind == alias {
			continue
		}
		u := &unit{at: len(c.order), stamp: len(c.order), nodes: []*node{n}}
		n.unit = u
		c.order = append(c.order, u)
	}
}

// reaches reports whether some user of a, other than b, needs b's results or is needed by b: whether
// there is a way from a to b that leaves both. a comes before b.
func (c *compiler) reaches(a, b *unit) bool {
	c.searches++
	stack := c.stack[:0]
	visit := func(from *unit) (hit bool) {
		for _, n := range from.nodes {
			for _, m := range n.users {
				v := m.unit
				if v == b && from != a {
					return true
				}
				if v != from && v != b && v.at < b.at && v.mark != c.searches {
					v.mark = c.searches
					stack = append(stack, v)
				}
			}
		}
		return false
	}
	a.mark = c.searches
	hit := visit(a)
	for !hit && len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		hit = visit(v)
	}
	c.stack = stack
	return hit
}

// join merges b into a, which comes before b and does not reach it otherwise, and puts the result
// where both can be: before what depends on a, after what b depends on.
func (c *compiler) join(a, b *unit) {
	// The last search from a has marked what depends on it, up to b.
	window := c.order[a.at : b.at+1]
	var before, after []*unit
	for _, v := range window[1 : len(window)-1] {
		if v.mark == c.searches {
			after = append(after, v)
		} else {
			before = append(before, v)
		}
	}
	for _, n := range b.nodes {
		n.unit = a
	}
	c.joins++
	a.stamp = len(c.order) + c.joins
	a.nodes = append(a.nodes, b.nodes...)
	slices.SortFunc(a.nodes, func(x, y *node) int { return x.id - y.id })
	b.gone = true
	at := a.at
	place := func(v *unit) {
		c.order[at] = v
		v.at = at
		at++
	}
	for _, v := range before {
		place(v)
	}
	place(a)
	for _, v := range after {
		place(v)
	}
	place(b) // gone: nobody's
}
