package plan

import (
	"cmp"
	"fmt"
	"slices"
	"time"
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
)

// Options leave ideas out; the zero value has them all.
type Options struct {
	Off map[string]bool // names from Names, or "all": one evaluation a node, each in memory of its own

	// Epilogue is the size in bytes from which on a product's result goes through the elementwise group
	// that follows row by row, while it is in cache; 0 means 16 MiB, half of a large third cache.
	Epilogue int
}

// Names lists what Options.Off may name.
func Names() []string {
	return []string{"views", "fuse", "inplace", "reuse", "donate", "native", "within", "recompute", "epilogue"}
}

// A Plan is a compiled graph.
type Plan struct {
	name    string
	params  int
	outputs []shapes.Shape
	links   []link
	consts  []unsafe.Pointer
	donor   []int // for each output the argument whose memory it can take, or -1
	arena   int
	loose   int
	frames  frames
	steps   []Step
	misfits []error // groups that had to be evaluated node by node
}

// Compile plans a graph. It keeps the graph's constants and shapes and changes nothing in it.
func Compile(g *ir.Graph, o Options) (*Plan, error) {
	c := &compiler{off: o.Off, epilogue: cmp.Or(o.Epilogue, epilogueBytes)}
	if err := c.read(g); err != nil {
		return nil, err
	}
	if c.on("within") {
		c.within()
	}
	c.sources()
	c.arrange()
	if err := c.lower(); err != nil {
		return nil, fmt.Errorf("plan: graph %q: %w", g.Name, err)
	}
	c.place()
	p := &Plan{name: g.Name, params: len(g.Params), consts: c.consts, donor: c.donor, arena: c.arena, loose: c.loose, misfits: c.misfits}
	for _, n := range g.Outputs {
		p.outputs = append(p.outputs, n.Shape)
	}
	for _, s := range c.steps {
		l := link{step: s}
		for _, r := range s.reads {
			l.in = append(l.in, spot{r.array.store.base, r.array.store.offset + r.offset})
		}
		for _, w := range s.writes {
			l.out = append(l.out, spot{w.array.store.base, w.array.store.offset + w.offset})
		}
		p.links = append(p.links, l)
		p.steps = append(p.steps, describe(s))
	}
	return p, nil
}

// Place says which outputs are to lie in the memory of donated arguments: from[i] becomes the index
// of the argument, or -1 for an output that needs memory of its own. It has an entry for each output.
// An array that is given as two arguments must not be donated.
func (p *Plan) Place(donated []bool, from []int) {
	for i, k := range p.donor {
		from[i] = -1
		if k >= 0 && k < len(donated) && donated[k] {
			from[i] = k
		}
	}
}

// A Trace is told of each step that was run.
type Trace func(step int, start time.Time, took time.Duration)

// Run executes the plan. args and outs hold the addresses of the parameters' and outputs' arrays;
// outs[i] is args[from[i]] where Place said so. trace may be nil. An error means that outs hold
// nothing useful, and donated arguments neither; the caller owns all of them as before.
func (p *Plan) Run(pool *par.Pool, args, outs []unsafe.Pointer, trace Trace) error {
	if len(args) != p.params || len(outs) != len(p.outputs) {
		return fmt.Errorf("plan: graph %q run with %d arguments and %d outputs, want %d and %d",
			p.name, len(args), len(outs), p.params, len(p.outputs))
	}
	f := p.takeFrame()
	f.arena = takeArena(p.arena)
	err := p.run(f, pool, args, outs, trace)
	giveArena(f.arena)
	f.arena = arena{}
	if err == nil { // a frame that was left in the middle is not worth trust
		p.giveFrame(f)
	}
	return err
}

// run executes the steps in one frame.
func (p *Plan) run(f *frame, pool *par.Pool, args, outs []unsafe.Pointer, trace Trace) (err error) {
	at := -1
	defer func() {
		if v := recover(); v != nil {
			cause, ok := v.(error)
			if !ok {
				cause = fmt.Errorf("%v", v)
			}
			err = fmt.Errorf("plan: graph %q, step %d: %w", p.name, at, cause)
		}
	}()
	f.base[0] = f.arena.data
	copy(f.base[1:], args)
	copy(f.base[1+p.params:], outs)
	for i := range p.links {
		at = i
		l, c := &p.links[i], &f.calls[i]
		for k, s := range l.in {
			c.in[k] = unsafe.Add(f.base[s.base], s.offset)
		}
		for k, s := range l.out {
			c.out[k] = unsafe.Add(f.base[s.base], s.offset)
		}
		if trace == nil {
			c.run(pool)
			continue
		}
		start := time.Now()
		c.run(pool)
		trace(i, start, time.Since(start))
	}
	return nil
}

// Outputs returns the shapes of the outputs.
func (p *Plan) Outputs() []shapes.Shape { return slices.Clone(p.outputs) }
