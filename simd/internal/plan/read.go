package plan

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/generic"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// read takes the graph in: which nodes are views, which are elementwise, what must be copied so that
// its reader finds a dense array.
func (c *compiler) read(g *ir.Graph) error {
	c.of = make([]*node, len(g.Nodes))
	for i, n := range g.Nodes {
		if n.ID != i {
			return fmt.Errorf("plan: node %d of graph %q has ID %d", i, g.Name, n.ID)
		}
		in := make([]*node, len(n.In))
		for k, o := range n.In {
			if o.ID >= i || c.of[o.ID] == nil {
				return fmt.Errorf("plan: node %d of graph %q comes before its operand %d", i, g.Name, o.ID)
			}
			in[k] = c.of[o.ID]
		}
		c.of[i] = c.classify(n, in)
	}
	for _, p := range g.Params {
		c.params = append(c.params, c.of[p.ID])
	}
	seen := map[*node]bool{}
	for _, o := range g.Outputs {
		n := c.of[o.ID]
		if n.root.size() == n.size() && n.see.offset == 0 && n.see.contiguous() {
			n = n.root
		}
		if n.root != n || n.kind == source || seen[n] {
			n = c.copy(n)
			if r := n.in[0]; r.fusable() && c.on("fuse") {
				n.kind = pointful // stored twice by the group that computes it
			}
		}
		seen[n] = true
		n.output = true
		c.outputs = append(c.outputs, n)
	}
	for _, o := range c.outputs {
		o.needed = true
	}
	for _, n := range slices.Backward(c.nodes) {
		if n.needed {
			for _, o := range n.in {
				o.root.needed = true
			}
		}
	}
	for _, n := range c.nodes {
		n.mem = n.see
		if !n.needed || n.kind == alias {
			continue
		}
		for k, o := range n.in {
			r := o.root
			if k == 0 || len(r.users) == 0 || r.users[len(r.users)-1] != n {
				r.users = append(r.users, n)
			}
		}
	}
	return nil
}

// classify adds the node of the graph with its operands.
func (c *compiler) classify(n *ir.Node, in []*node) *node {
	switch n.Op {
	case backends.OpTypeParameter, backends.OpTypeConstant:
		return c.add(n, source)
	case backends.OpTypeIota:
		if c.on("views") {
			return c.iota(n)
		}
	case backends.OpTypeIdentity, backends.OpTypeReshape, backends.OpTypeTranspose, backends.OpTypeBroadcastInDim,
		backends.OpTypeSlice, backends.OpTypeReverse, backends.OpTypeBitcast:
		if c.on("views") {
			if m := c.view(n, in[0]); m != nil {
				return m
			}
		}
	}
	size := n.Shape.Size()
	switch {
	case c.off["all"] || size == 0:
	case ir.IsReduction(n.Op) && in[0].size() != 0:
		// A reduction over axes of dimension 1 changes the shape only.
		if c.on("views") && in[0].size() == size {
			return c.reshaped(n, in[0])
		}
		if c.on("fuse") && elem.Reduce(n.Op, n.Shape.DType) != nil {
			if n.Shape.DType.IsFloat16() && (n.Op == backends.OpTypeReduceSum || n.Op == backends.OpTypeReduceProduct) {
				return c.widely(n, in[0])
			}
			return c.add(n, reducing, in...)
		}
	case ir.Arity(n.Op) > 0:
		if c.on("fuse") && elem.Map(n.Op, operandType(n), n.Shape.DType) != nil {
			return c.add(n, pointful, in...)
		}
	case n.Op == ir.OpContract:
		if isContract(n) {
			return c.add(n, contract, in...)
		}
	case isNative(n) && c.on("native"):
		return c.add(n, native, in...)
	}
	for k, o := range in {
		in[k] = c.densely(o)
	}
	return c.add(n, eval, in...)
}

// densely returns o, or a copy of it if its elements are not in row-major order.
func (c *compiler) densely(o *node) *node {
	if o.kind != alias || o.see.contiguous() {
		return o
	}
	if o.dense == nil {
		o.dense = c.copy(o)
	}
	return o.dense
}

// widely adds a reduction of 16-bit floats: it runs in float32 and is rounded once.
func (c *compiler) widely(n *ir.Node, o *node) *node {
	as := func(s shapes.Shape, t dtypes.DType) shapes.Shape { return shapes.Make(t, s.Dimensions...) }
	o = c.add(&ir.Node{Op: backends.OpTypeConvertDType, Shape: as(o.Shape, dtypes.Float32)}, pointful, o)
	o = c.add(&ir.Node{Op: n.Op, Shape: as(n.Shape, dtypes.Float32), Attr: n.Attr}, reducing, o)
	return c.add(&ir.Node{Op: backends.OpTypeConvertDType, Shape: n.Shape}, pointful, o)
}

// copy adds a copy of a node's value.
func (c *compiler) copy(o *node) *node {
	return c.add(identity(o), copying, o)
}

// view adds an alias, or returns nil if n is not a view of its operand.
func (c *compiler) view(n *ir.Node, o *node) *node {
	if n.Shape.DType.Size() != o.dtype().Size() {
		return nil
	}
	see, ok := o.see.through(n)
	if !ok {
		if n.Op == backends.OpTypeReshape && n.Shape.Size() > 0 {
			return c.reshaped(n, o)
		}
		return nil
	}
	m := c.add(n, alias, o)
	m.root, m.see = o.root, see
	return m
}

// reshaped adds a view of o's elements in row-major order, of a copy if need be.
func (c *compiler) reshaped(n *ir.Node, o *node) *node {
	strides, ok := reshape(o.see.dims, o.see.strides, n.Shape.Dimensions)
	if !ok {
		o = c.densely(o)
		strides, _ = reshape(o.see.dims, o.see.strides, n.Shape.Dimensions)
	}
	m := c.add(n, alias, o)
	m.root, m.see = o.root, view{offset: o.see.offset, dims: n.Shape.Dimensions, strides: strides}
	return m
}

// iota adds a view of a counting vector, which is computed now.
func (c *compiler) iota(n *ir.Node) *node {
	axis := n.Attr.(ir.Iota).Axis
	d := n.Shape.Dimensions[axis]
	if n.Shape.Size() == 0 {
		return c.add(n, eval)
	}
	shape := n.Shape.Clone()
	shape.Dimensions = []int{d}
	counting := &ir.Node{Op: n.Op, Shape: shape, Attr: ir.Iota{}}
	t := tensor.Of(shape.DType, shape.Dimensions, tensor.Alloc(d*shape.DType.Size()))
	generic.Eval(nil, counting, nil, t)
	o := c.add(&ir.Node{Op: backends.OpTypeConstant, Shape: shape, Attr: ir.Constant{Value: t}}, source)
	m := c.add(n, alias, o)
	m.root, m.see = o, view{dims: n.Shape.Dimensions, strides: make([]int, len(n.Shape.Dimensions))}
	m.see.strides[axis] = 1
	return m
}
