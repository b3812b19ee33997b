// Package ir is the program between the builder and the plan: a graph of operations on arrays, each
// with one result. Passes rewrite it; nothing in it is executed here.
//
// Every elementwise operation has operands of the shape of its result: the builder makes broadcasts
// explicit (BroadcastInDim), and views cost nothing later. Operations with several results are built
// from others with one: batch normalisation from reductions and arithmetic, random bits from
// [OpRNGBits] and [OpRNGState].
package ir

import (
	"fmt"
	"strings"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/shapes"
)

// Op is the kind of an operation: GoMLX's, or one of those that only this backend has.
type Op = backends.OpType

// Operations beyond GoMLX's.
const (
	// OpContract is a sum of products of two arrays over some indices: matrix products, their
	// gradients, convolutions. Attr: Contract.
	OpContract Op = backends.OpTypeLast + 1 + iota
	// OpRNGBits fills an array with random bits from a state. Input: the state. Attr: none.
	OpRNGBits
	// OpRNGState is the state after OpRNGBits filled an array. Input: the state. Attr: RNGState.
	OpRNGState
	// OpEnd is one more than the largest operation, for tables.
	OpEnd
)

// Name returns the operation's name for people.
func Name(op Op) string {
	switch op {
	case OpContract:
		return "Contract"
	case OpRNGBits:
		return "RNGBits"
	case OpRNGState:
		return "RNGState"
	}
	return op.String()
}

// A Node is one operation and its result.
type Node struct {
	ID    int // position in Graph.Nodes
	Op    Op
	In    []*Node
	Shape shapes.Shape
	Attr  any // the operation's parameters, of the type listed in this package; nil if it has none
}

// A Graph is a program: nodes in an order in which operands come before their users.
type Graph struct {
	Name    string
	Nodes   []*Node
	Params  []*Node // in the order in which arguments are given
	Outputs []*Node // may repeat nodes, and may be parameters or constants
}

// Add appends a node.
func (g *Graph) Add(op Op, shape shapes.Shape, attr any, in ...*Node) *Node {
	n := &Node{ID: len(g.Nodes), Op: op, In: in, Shape: shape, Attr: attr}
	g.Nodes = append(g.Nodes, n)
	return n
}

// String lists a node as "%7 = Add f32[3,4] (%2, %5) attr".
func (n *Node) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%%%d = %s %s (", n.ID, Name(n.Op), n.Shape)
	for i, in := range n.In {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%%%d", in.ID)
	}
	b.WriteByte(')')
	if n.Attr != nil {
		fmt.Fprintf(&b, " %+v", n.Attr)
	}
	return b.String()
}

// String lists the program, a node a line.
func (g *Graph) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:\n", g.Name)
	for _, n := range g.Nodes {
		fmt.Fprintf(&b, "  %s\n", n)
	}
	b.WriteString("  return")
	for _, o := range g.Outputs {
		fmt.Fprintf(&b, " %%%d", o.ID)
	}
	b.WriteByte('\n')
	return b.String()
}
