package plan

import (
	"cmp"
	"slices"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// A group is a unit of elementwise operations and reductions that become one program over a box of
// places: rows of cols places each, if there are reductions over the columns whose results are used
// again, and without such a division otherwise.
type group struct {
	size int // of the box; 0: the unit is not a group
	cols int // of a row; 0: not divided
	// bounds are the products of the box's trailing extents, in increasing order, each dividing the
	// next: where some view's stride changes. The last is size.
	bounds []int
}

// role is how a node takes part in a group.
type role struct {
	// rows: the node's operands have an element for each row, not for each place.
	rows bool
	// fold is set for reductions.
	fold fold
}

type fold int

const (
	noFold fold = iota
	inner       // over the columns, giving row values that the group may go on with
	outer       // over any dimensions; the result leaves the group
)

const (
	maxInner  = 1 << 14 // elements of an array that is reduced to one and used on
	maxNodes  = 192     // of a group
	maxArrays = 48      // that a group reads from memory, and that it stores
)

// accesses returns the strides of all views that the node has of the box (or of its rows): its
// operands and, for a reduction, its result with 0 for the dimensions that are summed over.
func (n *node) accesses(f func(dims, strides []int)) {
	for _, o := range n.in {
		f(o.mem.dims, o.mem.strides)
	}
	if n.kind == reducing {
		f(n.in[0].see.dims, n.folded())
	}
}

// folded returns the strides of a reduction's result over its operand's axes.
func (n *node) folded() []int {
	dims := n.in[0].see.dims
	strides := make([]int, len(dims))
	step := 1
	over := n.Attr.(ir.Axes).Axes
	for i := len(dims) - 1; i >= 0; i-- {
		if !slices.Contains(over, i) {
			strides[i] = step
			step *= dims[i]
		}
	}
	return strides
}

// own makes the node's unit a group of its own.
func (n *node) own() {
	u := n.unit
	dims := n.dims()
	if n.kind == reducing {
		dims = n.in[0].see.dims
	}
	u.size = tensor.Size(dims)
	n.role = role{}
	u.cols = 0
	if n.kind == reducing {
		n.fold = outer
		c := u.size / n.size()
		_, s := merge(dims, n.folded())
		trailing := len(s) > 0 && s[len(s)-1] == 0 && !slices.Contains(s[:len(s)-1], 0)
		if trailing && (n.size() > 1 || c <= maxInner) {
			n.fold = inner
			u.cols = c
		}
	}
	var ok bool
	if u.bounds, ok = u.limits(u.size, u.cols, false); !ok { // views that change within a row
		n.fold = outer
		u.cols = 0
		u.bounds, _ = u.limits(u.size, 0, false)
	}
}

// limits returns the bounds that the unit's views want of a box with size places, in rows of cols
// if that is not 0; rows: the unit is to compute row values. ok is false if they do not fit together.
func (u *unit) limits(size, cols int, rows bool) (bounds []int, ok bool) {
	bounds = append(bounds, size)
	if cols > 0 {
		bounds = append(bounds, cols)
	}
	for _, n := range u.nodes {
		unit := 1
		if rows || n.rows {
			unit = cols
		}
		n.accesses(func(dims, strides []int) {
			d, _ := merge(dims, strides)
			p := unit
			for i := len(d) - 1; i > 0; i-- {
				p *= d[i]
				bounds = append(bounds, p)
			}
		})
	}
	return united(bounds, size, cols)
}

// united sorts bounds and checks that each divides the next and that none falls into a row.
func united(bounds []int, size, cols int) ([]int, bool) {
	slices.Sort(bounds)
	bounds = slices.Compact(bounds)
	for i, p := range bounds {
		if p < cols && p < size || i > 0 && p%bounds[i-1] != 0 {
			return nil, false
		}
	}
	return bounds, true
}

// fusable reports whether a node may be in a group.
func (n *node) fusable() bool { return n.kind == pointful || n.kind == reducing }

// fuse merges units of elementwise operations and reductions as far as it goes: first along the
// values whose trip to memory costs most, then units that read the same array.
func (c *compiler) fuse() {
	for u := range c.order.all {
		if u.nodes[0].fusable() {
			u.nodes[0].own()
		}
	}
	type edge struct {
		a, b   *node
		weight int
		tried  [2]int // the stamps of their units when they did not fit
	}
	var edges []edge
	for _, n := range c.nodes {
		if !n.needed || !n.fusable() {
			continue
		}
		weight := n.bytes()
		if len(n.users) == 1 && !n.output {
			weight *= 2 // saves the writing, too
		}
		for _, m := range n.users {
			if m.fusable() {
				edges = append(edges, edge{n, m, weight, [2]int{-1, -1}})
			}
		}
	}
	slices.SortStableFunc(edges, func(x, y edge) int { return cmp.Compare(y.weight, x.weight) })
	for again := true; again; {
		again = false
		open := edges[:0]
		for _, e := range edges {
			a, b := e.a.unit, e.b.unit
			if a == b {
				continue
			}
			if e.tried != [2]int{a.stamp, b.stamp} {
				if c.merge(a, b) {
					again = true
					continue
				}
				e.tried = [2]int{a.stamp, b.stamp}
			}
			open = append(open, e)
		}
		edges = open
	}
	var seen []*unit
	for _, n := range c.nodes {
		if n.root != n || n.size() == 1 {
			continue
		}
		seen = c.sideways(n, seen[:0])
	}
	c.beside()
}

// little is how many elements a group has, at most, whose time goes to the step, not to the elements.
const little = 512

// beside merges little groups that have nothing to do with one another but their size: arithmetic on
// scalars, an optimizer's updates of biases.
func (c *compiler) beside() {
	last := map[int][]*unit{} // by size
	for _, n := range c.nodes {
		u := n.unit
		if u == nil || u.size == 0 || u.size > little || u.nodes[0] != n {
			continue
		}
		list := last[u.size]
		done := false
		for _, k := range slices.Backward(list[max(0, len(list)-maxBeside/4):]) {
			if done = k == u || !k.gone && c.merge(k, u); done {
				break
			}
		}
		if !done || n.unit == u {
			last[u.size] = append(list, n.unit)
		}
	}
}

// maxBeside is how many groups that read the same array are looked at as partners of another.
const maxBeside = 32

// sideways merges units that read the array of n, if that is about as large as what they compute.
func (c *compiler) sideways(n *node, seen []*unit) []*unit {
	for _, m := range n.users {
		u := m.unit
		if !m.fusable() || u.size < n.size() || u.size/4 > n.size() || slices.Contains(seen[max(0, len(seen)-maxBeside):], u) {
			continue
		}
		for _, k := range seen[max(0, len(seen)-maxBeside):] {
			if k.gone || k == m.unit || k.size != m.unit.size {
				continue
			}
			c.merge(k, m.unit)
		}
		if !slices.Contains(seen[max(0, len(seen)-maxBeside):], m.unit) {
			seen = append(seen, m.unit)
		}
	}
	return seen
}

// merge makes one group of two if they fit into one box, all values that pass between them can stay
// inside, and nothing outside comes between them.
func (c *compiler) merge(a, b *unit) bool {
	if a.at > b.at {
		a, b = b, a
	}
	if a.size == 0 || b.size == 0 || len(a.nodes)+len(b.nodes) > maxNodes || c.traffic(a, b) > maxArrays {
		return false
	}
	type fit struct {
		size, cols   int
		aRows, bRows bool
	}
	var fits []fit
	if a.size == b.size && (a.cols == 0 || b.cols == 0 || a.cols == b.cols) {
		fits = append(fits, fit{size: a.size, cols: max(a.cols, b.cols)})
	}
	if a.cols == 0 && b.cols > 1 && a.size == b.size/b.cols {
		fits = append(fits, fit{size: b.size, cols: b.cols, aRows: true})
	}
	if b.cols == 0 && a.cols > 1 && b.size == a.size/a.cols {
		fits = append(fits, fit{size: a.size, cols: a.cols, bRows: true})
	}
	// A reduction on its own can give up the use of its result in the group.
	for _, u := range []*unit{a, b} {
		if n := u.nodes[0]; len(fits) == 0 && len(u.nodes) == 1 && n.fold == inner {
			n.fold, u.cols = outer, 0
			bounds := u.bounds
			u.bounds, _ = u.limits(u.size, 0, false)
			if c.merge(a, b) {
				return true
			}
			n.fold, u.cols, u.bounds = inner, u.size/n.size(), bounds
		}
	}
	for _, f := range fits {
		ba, ok := a.limits(f.size, f.cols, f.aRows)
		if !ok {
			continue
		}
		bb, ok := b.limits(f.size, f.cols, f.bRows)
		if !ok {
			continue
		}
		bounds, ok := united(append(ba, bb...), f.size, f.cols)
		if !ok || !stays(a, b, f.cols, f.aRows, f.bRows) || !stays(b, a, f.cols, f.bRows, f.aRows) {
			continue
		}
		if c.reaches(a, b) {
			return false
		}
		for _, n := range a.nodes {
			n.rows = n.rows || f.aRows
		}
		for _, n := range b.nodes {
			n.rows = n.rows || f.bRows
		}
		a.size, a.cols, a.bounds = f.size, f.cols, bounds
		c.join(a, b)
		return true
	}
	return false
}

// stays reports whether b's nodes can take all that they read from a without a detour through memory.
func stays(a, b *unit, cols int, aRows, bRows bool) bool {
	for _, n := range b.nodes {
		for _, o := range n.in {
			p := o.root
			if p.unit != a {
				continue
			}
			if p.fold == outer || p.dtype() != o.dtype() {
				return false
			}
			times := 1
			if p.rows || aRows || p.fold == inner {
				if !(n.rows || bRows) {
					times = cols
				}
			} else if n.rows || bRows {
				return false
			}
			if !o.see.repeats(times) {
				return false
			}
		}
	}
	return true
}

// traffic counts the arrays that the two would read and store together.
func (c *compiler) traffic(a, b *unit) int {
	c.searches++
	k := 0
	for _, u := range []*unit{a, b} {
		for _, n := range u.nodes {
			for _, o := range n.in {
				if r := o.root; r.unit == nil || r.unit != a && r.unit != b {
					if r.mark != c.searches {
						r.mark = c.searches
						k++
					}
				}
			}
			if n.leaves(a, b) {
				k++
			}
		}
	}
	return k
}

// leaves reports whether somebody outside of the units needs the node's value.
func (n *node) leaves(a, b *unit) bool {
	if n.output {
		return true
	}
	for _, m := range n.users {
		if m.unit != a && m.unit != b {
			return true
		}
	}
	return false
}
