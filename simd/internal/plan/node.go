package plan

import (
	"fmt"
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// kind says how a node gets its value.
type kind int

const (
	source   kind = iota // a parameter or a constant
	alias                // a view of another node's array
	eval                 // generic.Eval
	copying              // the elements of its operand in row-major order
	pointful             // an elementwise operation
	reducing             // a reduction over some axes
	contract             // a contraction that package gemm computes
	native               // an operation with a step of its own (native.go)
)

// A node is an operation of the graph, or one that the plan has put in: a copy, the counting that
// views of an Iota look at.
type node struct {
	*ir.Node
	id    int // position in compiler.nodes
	kind  kind
	in    []*node
	root  *node // the node whose value it is a view of: itself unless it is an alias
	see   view  // which of the root's elements, in row-major order, it shows
	mem   view  // where they lie in the root's array: see, unless the root lies within another array
	host  *node // of a root: the node in whose array it lies, if not in its own
	part  int   // as which operand of that
	users []*node

	array  *array // of a root; nil if the value never reaches memory
	output bool   // the plan's result
	needed bool   // for an output
	unit   *unit  // nil for sources and aliases
	role
	dense *node // a copy of an alias, once somebody has asked for it
	mark  int   // the last search that came by
}

// dtype of the elements as the node gives them.
func (n *node) dtype() dtypes.DType { return n.Shape.DType }
func (n *node) dims() []int         { return n.Shape.Dimensions }
func (n *node) size() int           { return tensor.Size(n.Shape.Dimensions) }

func (n *node) bytes() int { return n.size() * n.dtype().Size() }

func (n *node) String() string {
	return fmt.Sprintf("%s %s", ir.Name(n.Op), n.Shape)
}

// compiler is the state of Compile.
type compiler struct {
	off      map[string]bool
	epilogue int     // Options.Epilogue
	nodes    []*node // operands before users
	of       []*node // by the id of the graph's node
	params   []*node
	outputs  []*node // dense, computed, no two the same
	order    order
	steps    []*step
	consts   []unsafe.Pointer
	misfits  []error // groups that did not become programs
	layout
	kernels

	searches int // counts them
	units    int // counts them and their changes
	effort   int // that searches may still take
	late     []*unit
	early    []*unit
	sink     bool    // late is all that depends on the first unit
	twins    []*node // that are being made
}

// on reports whether an idea is in use.
func (c *compiler) on(name string) bool { return !c.off["all"] && !c.off[name] }

// add appends a node of the plan's own or of the graph.
func (c *compiler) add(n *ir.Node, k kind, in ...*node) *node {
	m := &node{Node: n, id: len(c.nodes), kind: k, in: in}
	m.root = m
	m.see = dense(n.Shape.Dimensions)
	c.nodes = append(c.nodes, m)
	return m
}
