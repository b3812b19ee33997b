package plan

import (
	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// arrange decides which nodes are computed together.
func (c *compiler) arrange() {
	c.separate()
	if c.on("fuse") {
		c.fuse()
		if c.on("recompute") {
			c.recompute()
		}
	}
	if c.on("fuse") && c.on("epilogue") {
		c.epilogues()
	}
}

// lower makes steps of the units.
func (c *compiler) lower() error {
	for u := range c.order.all {
		if u.gone {
			continue
		}
		if err := c.lowerUnit(u); err != nil {
			return err
		}
	}
	return nil
}

func (c *compiler) lowerUnit(u *unit) error {
	n := u.nodes[0]
	switch {
	case u.gemm != nil || n.kind == contract:
		return c.gemmStep(u)
	case u.size > 0:
		s, err := c.loopStep(u)
		if err == nil {
			c.steps = append(c.steps, s)
			return nil
		}
		c.misfits = append(c.misfits, err)
		for _, n := range u.nodes {
			n.unit = &unit{nodes: []*node{n}}
			n.own()
		}
		for _, n := range u.nodes {
			if s, err := c.loopStep(n.unit); err == nil {
				c.steps = append(c.steps, s)
			} else {
				c.evaluate(n)
			}
		}
		return nil
	}
	c.memoryFor(n)
	switch n.kind {
	case copying:
		c.steps = append(c.steps, copyStep(n))
	case native:
		if s := nativeStep(n); s != nil {
			c.steps = append(c.steps, s)
		}
	default:
		c.steps = append(c.steps, evalStep(n))
	}
	return nil
}

// memoryFor gives the node and its operands arrays.
func (c *compiler) memoryFor(n *node) {
	for _, o := range n.in {
		c.arrayFor(o.root)
	}
	c.arrayFor(n)
}

// evaluate makes steps of an elementwise operation or reduction that could not become a program.
func (c *compiler) evaluate(n *node) {
	m := *n // with dense operands
	m.in = make([]*node, len(n.in))
	for i, o := range n.in {
		c.arrayFor(o.root)
		if !o.mem.contiguous() {
			o = c.copy(o)
			o.mem = o.see
			c.arrayFor(o)
			c.steps = append(c.steps, copyStep(o))
		}
		m.in[i] = o
	}
	m.root = n
	c.arrayFor(n)
	c.steps = append(c.steps, evalStep(&m))
}

// identity is the operation of a copy.
func identity(n *node) *ir.Node { return &ir.Node{Op: backends.OpTypeIdentity, Shape: n.Shape} }
