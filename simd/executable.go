package simd

import (
	"slices"
	"sync"
	"unsafe"
	"weak"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/notimplemented"
	"github.com/gomlx/gomlx/pkg/core/shapes"
	"github.com/pkg/errors"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// Executable is a compiled computation. Any number of goroutines may execute it at once.
type Executable struct {
	backend *Backend
	name    string
	names   []string
	inputs  []shapes.Shape
	outputs []shapes.Shape
	built   int // operations that the builder recorded
	calls   sync.Pool
	usage   usage

	running sync.RWMutex // held for reading by executions
	program *program     // nil once finalized
}

var _ backends.Executable = (*Executable)(nil)

// Compile ends the recording and returns an executable. Outputs may repeat, and may be parameters or
// constants. Shardings must be nil, or all nil: there is one device.
func (b *Builder) Compile(outputs []backends.Op, shardings []*backends.ShardingSpec) (e backends.Executable, err error) {
	for _, s := range shardings {
		if s != nil {
			return nil, errors.Wrapf(notimplemented.NotImplementedError, "simd: Compile %q: sharding %+v, want none: there is one device", b.Name(), *s)
		}
	}
	if b.compiled {
		return nil, errors.Errorf("simd: Compile: the computation %q is compiled already", b.Name())
	}
	// Constants are computed on the backend's goroutines: Finalize waits.
	b.backend.running.RLock()
	defer b.backend.running.RUnlock()
	if b.backend.IsFinalized() {
		return nil, errors.Errorf("simd: Compile %q: the backend is finalized", b.Name())
	}
	defer catch(&err)
	nodes := make([]*ir.Node, len(outputs))
	for i, o := range outputs {
		nodes[i] = b.node("Compile", o)
	}
	b.compiled = true
	b.graph.Outputs = nodes
	x := &Executable{backend: b.backend, name: b.Name(), built: len(b.graph.Nodes)}
	for _, p := range b.graph.Params {
		x.names = append(x.names, p.Attr.(ir.Parameter).Name)
		x.inputs = append(x.inputs, p.Shape)
	}
	for _, n := range nodes {
		x.outputs = append(x.outputs, n.Shape)
	}
	if x.program, err = compile(b.graph, b.backend); err != nil {
		return nil, errors.WithMessagef(err, "simd: Compile %q", b.Name())
	}
	b.backend.executables.add(x)
	b.graph = &ir.Graph{Name: b.Name()} // let go of what the program does not need
	return x, nil
}

// Finalize waits for running executions and lets go of the program and its memory. Executing is an
// error afterwards; further calls do nothing.
func (e *Executable) Finalize() {
	e.running.Lock()
	defer e.running.Unlock()
	e.program = nil
	e.backend.executables.remove(weak.Make(e))
}

// Inputs returns the names and shapes of the parameters, in the order in which Execute takes them.
func (e *Executable) Inputs() ([]string, []shapes.Shape) {
	return slices.Clone(e.names), cloneShapes(e.inputs)
}

// Outputs returns the shapes of the outputs.
func (e *Executable) Outputs() []shapes.Shape { return cloneShapes(e.outputs) }

func cloneShapes(list []shapes.Shape) []shapes.Shape {
	clones := make([]shapes.Shape, len(list))
	for i, s := range list {
		clones[i] = s.Clone()
	}
	return clones
}

// call is what one execution needs for itself.
type call struct {
	in, out  []*Buffer
	donated  []*Buffer // those of in whose owner's hold is ours
	inData   []unsafe.Pointer
	outData  []unsafe.Pointer
	reusable []bool // inputs whose memory may be overwritten
	from     []int  // for each output the input whose memory it takes, or -1
}

// Execute computes the outputs. Donated inputs are finalized, whether it succeeds or not; an output
// may be given their memory. The other inputs are only read, and may be used by other executions at
// the same time; finalizing one meanwhile takes effect afterwards. There is one device, 0.
func (e *Executable) Execute(inputs []backends.Buffer, donate []bool, device backends.DeviceNum) ([]backends.Buffer, error) {
	e.running.RLock()
	defer e.running.RUnlock()
	e.backend.running.RLock()
	defer e.backend.running.RUnlock()
	if err := e.checkCall(inputs, donate, device); err != nil {
		e.backend.discard(inputs, donate)
		return nil, err
	}
	c, _ := e.calls.Get().(*call)
	if c == nil {
		n, m := len(e.inputs), len(e.outputs)
		c = &call{
			in: make([]*Buffer, 0, n), inData: make([]unsafe.Pointer, n), reusable: make([]bool, n),
			out: make([]*Buffer, m), outData: make([]unsafe.Pointer, m), from: make([]int, m),
		}
	}
	start := e.usage.begin()
	results, err := e.run(c, inputs, donate)
	if err == nil {
		e.usage.end(start)
	}
	for _, buf := range c.in {
		buf.release()
	}
	for _, buf := range c.donated {
		buf.release()
	}
	if err != nil {
		e.backend.discard(inputs, donate)
	}
	clear(c.in)
	clear(c.donated)
	c.in, c.donated = c.in[:0], c.donated[:0]
	clear(c.out)
	clear(c.inData)
	clear(c.outData)
	e.calls.Put(c)
	return results, err
}

// checkCall checks everything but the inputs.
func (e *Executable) checkCall(inputs []backends.Buffer, donate []bool, device backends.DeviceNum) error {
	switch {
	case e.backend.IsFinalized():
		return errors.Errorf("simd: Execute %q: the backend is finalized", e.name)
	case e.program == nil:
		return errors.Errorf("simd: Execute %q: the executable is finalized", e.name)
	case device != 0:
		return errors.Errorf("simd: Execute %q: device %d, want 0: there is one device", e.name, device)
	case len(inputs) != len(e.inputs):
		return errors.Errorf("simd: Execute %q: %d inputs, want %d", e.name, len(inputs), len(e.inputs))
	case len(donate) != 0 && len(donate) != len(inputs):
		return errors.Errorf("simd: Execute %q: %d marks for donation, want none or %d, one for each input", e.name, len(donate), len(inputs))
	}
	return nil
}

// run takes hold of the inputs, makes buffers for the outputs and executes the program. The caller
// releases c.in and c.donated.
func (e *Executable) run(c *call, inputs []backends.Buffer, donate []bool) ([]backends.Buffer, error) {
	for i, input := range inputs {
		buf, ok := input.(*Buffer)
		switch {
		case !ok || buf == nil:
			return nil, errors.Errorf("simd: Execute %q: input %d (%s) is %T, want a buffer of this backend", e.name, i, e.names[i], input)
		case buf.backend != e.backend:
			return nil, errors.Errorf("simd: Execute %q: input %d (%s) is a buffer of another backend", e.name, i, e.names[i])
		case buf.shape.DType != e.inputs[i].DType || !slices.Equal(buf.shape.Dimensions, e.inputs[i].Dimensions):
			return nil, errors.Errorf("simd: Execute %q: input %d (%s) is %s, want %s", e.name, i, e.names[i], buf.shape, e.inputs[i])
		case !buf.acquire():
			return nil, errors.Errorf("simd: Execute %q: input %d (%s) of shape %s is finalized already", e.name, i, e.names[i], buf.shape)
		}
		c.in = append(c.in, buf)
		c.inData[i] = buf.tensor.Data
		c.reusable[i] = false
	}
	for i, d := range donate {
		if !d {
			continue
		}
		buf := c.in[i]
		if !buf.dead.CompareAndSwap(false, true) {
			return nil, errors.Errorf("simd: Execute %q: input %d (%s) of shape %s is donated twice", e.name, i, e.names[i], buf.shape)
		}
		c.donated = append(c.donated, buf)
		// From here on nobody else can take hold of it. If nobody has, its memory is free to use.
		c.reusable[i] = buf.users.Load() == 2
	}
	e.program.plan.Place(c.reusable, c.from)
	for i, shape := range e.outputs {
		if k := c.from[i]; k >= 0 {
			c.outData[i] = c.inData[k]
			continue
		}
		c.out[i] = e.backend.newBuffer(shape)
		c.outData[i] = c.out[i].tensor.Data
	}
	if err := e.program.run(e.backend, e.name, c.inData, c.outData); err != nil {
		for _, buf := range c.out {
			if buf != nil {
				buf.finalize()
			}
		}
		return nil, errors.WithMessagef(err, "simd: Execute %q", e.name)
	}
	results := make([]backends.Buffer, len(e.outputs))
	for i, shape := range e.outputs {
		if k := c.from[i]; k >= 0 {
			results[i] = c.in[k].passOn(shape)
		} else {
			results[i] = c.out[i]
		}
	}
	return results, nil
}

// discard finalizes donated inputs of an execution that failed. Those that were not buffers or were
// finalized already are left alone.
func (b *Backend) discard(inputs []backends.Buffer, donate []bool) {
	for i, d := range donate {
		if !d || i >= len(inputs) {
			continue
		}
		if buf, ok := inputs[i].(*Buffer); ok && buf != nil {
			buf.finalize()
		}
	}
}
