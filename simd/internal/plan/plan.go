package plan

import (
	"time"
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
)

// Options leave ideas out; the zero value has them all.
type Options struct {
	Off map[string]bool // names from Names, or "all": one evaluation a node, each in memory of its own
}

// Names lists what Options.Off may name.
func Names() []string { return []string{"views", "fuse", "epilogue", "inplace", "reuse", "donate", "native"} }

// A Plan is a compiled graph.
type Plan struct{}

// Compile plans a graph. It keeps the graph's constants and shapes and changes nothing in it.
func Compile(g *ir.Graph, o Options) (*Plan, error) { panic("not yet") }

// Place says which outputs are to lie in the memory of donated arguments: from[i] becomes the index
// of the argument, or -1 for an output that needs memory of its own. It has an entry for each output.
func (p *Plan) Place(donated []bool, from []int) {}

// A Trace is told of each step that was run.
type Trace func(step int, start time.Time, took time.Duration)

// Run executes the plan. args and outs hold the addresses of the parameters' and outputs' arrays;
// outs[i] is args[from[i]] where Place said so. trace may be nil. An error means that outs hold
// nothing useful, and donated arguments neither; the caller owns all of them as before.
func (p *Plan) Run(pool *par.Pool, args, outs []unsafe.Pointer, trace Trace) error { return nil }
