package plan

import (
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/loop"
	"github.com/lemma-ml/lemma/simd/internal/par"
)

// A program is a group on its way to becoming a loop.Program.
type program struct {
	loop.Program
	group
	reads  []ref         // of the inputs
	writes []ref         // of the outputs
	bounds []int         // of the box: products of trailing extents
	value  map[*node]int // of what is computed in the group
	varies []bool        // by value: whether it differs along a row
}

// program builds the loop program of a unit. width, if not 0, is a row length that the program must
// have though nothing in the group asks for it.
func (c *compiler) program(u *unit, width int) (*program, error) {
	p := &program{group: u.group, value: map[*node]int{}}
	p.bounds = u.group.bounds
	cols := u.cols
	if width > 0 && width < u.size {
		bounds, ok := united(append(slices.Clone(p.bounds), width), u.size, 0)
		if !ok {
			return nil, fmt.Errorf("rows of %d do not fit", width)
		}
		p.bounds, cols = bounds, width
	}
	p.boxed()
	nodes := slices.DeleteFunc(slices.Clone(u.nodes), func(n *node) bool { return n == u.gemm })
	for _, n := range nodes { // inputs come first
		for _, o := range n.in {
			if r := o.root; r.unit == nil || r.unit != u || r == u.gemm {
				p.input(c, n, o)
			}
		}
	}
	for _, n := range nodes {
		if err := p.compute(c, u, n); err != nil {
			return nil, err
		}
	}
	for _, n := range nodes {
		if !n.leaves(u, u) {
			continue
		}
		p.store(c, n)
	}
	p.collapse(cols)
	if cols == 0 {
		p.split()
	}
	return p, p.settle()
}

// boxed sets the box's extents, as fine as the bounds say.
func (p *program) boxed() {
	last := 1
	for _, b := range p.bounds {
		if b > last {
			p.Dims = append(p.Dims, b/last)
		}
		last = b
	}
	if len(p.Dims) == 0 {
		p.Dims = []int{1}
	}
	slices.Reverse(p.Dims)
}

// over spreads a view's strides over the box; rows: the view has an element for each row.
func (p *program) over(dims, strides []int, rows bool) []int {
	d, s := merge(dims, strides)
	out := make([]int, len(p.Dims))
	lo := 1 // product of the box's extents inside dimension k
	inside := 1
	if rows {
		inside = p.cols
	}
	i := len(d) - 1
	for k := len(p.Dims) - 1; k >= 0; k-- {
		if i >= 0 && lo >= inside {
			out[k] = s[i] * (lo / inside)
		}
		lo *= p.Dims[k]
		for i >= 0 && lo >= inside*d[i] {
			inside *= d[i]
			i--
		}
	}
	return out
}

// input gives o, which n reads from memory, a place among the inputs.
func (p *program) input(c *compiler, n, o *node) int {
	strides := p.over(o.mem.dims, o.mem.strides, n.rows)
	c.arrayFor(o.root)
	from := refTo(o)
	for k, in := range p.Inputs {
		if p.reads[k] == from && in.DType == o.dtype() && slices.Equal(in.Strides, strides) {
			return k
		}
	}
	p.Inputs = append(p.Inputs, loop.Input{DType: o.dtype(), Strides: strides})
	p.reads = append(p.reads, from)
	return len(p.Inputs) - 1
}

// compute adds the instruction of a node.
func (p *program) compute(c *compiler, u *unit, n *node) error {
	args := make([]int, len(n.in))
	for i, o := range n.in {
		if r := o.root; r.unit == u && r != u.gemm {
			args[i] = p.value[r]
		} else {
			args[i] = p.input(c, n, o)
		}
	}
	if n.fold == outer || n.Op == backends.OpTypeIdentity {
		p.value[n] = args[0]
		return nil
	}
	p.value[n] = p.instr(n.Op, n.dtype(), args...)
	return nil
}

// instr adds an instruction and returns its value.
func (p *program) instr(op ir.Op, t dtypes.DType, args ...int) int {
	p.Instrs = append(p.Instrs, loop.Instr{Op: op, DType: t, Args: args})
	return len(p.Inputs) + len(p.Instrs) - 1
}

// store adds the output of a node.
func (p *program) store(c *compiler, n *node) {
	o := loop.Output{Value: p.value[n]}
	switch n.fold {
	case outer:
		o.Strides = p.over(n.in[0].see.dims, n.folded(), n.rows)
		o.Over = make([]bool, len(p.Dims))
		// A dimension with stride 0 is summed over, unless it lies within rows of which the operand
		// has one element each.
		lo := 1
		for k := len(p.Dims) - 1; k >= 0; k-- {
			o.Over[k] = o.Strides[k] == 0 && p.Dims[k] > 1 && !(n.rows && lo < p.cols)
			lo *= p.Dims[k]
		}
		if slices.Contains(o.Over, true) {
			o.Reduce = n.Op
		} else {
			o.Over = nil
		}
	case inner:
		o.Strides = p.over([]int{p.size / p.cols}, []int{1}, true)
	default:
		o.Strides = p.over(n.mem.dims, n.mem.strides, n.rows)
	}
	p.Outputs = append(p.Outputs, o)
	c.arrayFor(n)
	p.writes = append(p.writes, refTo(n))
}

// collapse joins neighbouring dimensions of the box that all views run through alike. The innermost
// cols places, if not 0, stay a dimension of their own.
func (p *program) collapse(cols int) {
	lo := 1
	for k := len(p.Dims) - 1; k > 0; k-- {
		lo *= p.Dims[k]
		if lo == cols || !p.alike(k) {
			continue
		}
		lo /= p.Dims[k]
		p.Dims[k] *= p.Dims[k-1]
		p.Dims = slices.Delete(p.Dims, k-1, k)
		for i := range p.Inputs {
			p.Inputs[i].Strides = slices.Delete(p.Inputs[i].Strides, k-1, k)
		}
		for i := range p.Outputs {
			o := &p.Outputs[i]
			o.Strides = slices.Delete(o.Strides, k-1, k)
			if o.Over != nil {
				o.Over = slices.Delete(o.Over, k-1, k)
			}
		}
	}
}

// alike reports whether dimensions k-1 and k can be one.
func (p *program) alike(k int) bool {
	joins := func(strides []int) bool { return strides[k-1] == strides[k]*p.Dims[k] }
	for _, in := range p.Inputs {
		if !joins(in.Strides) {
			return false
		}
	}
	for _, o := range p.Outputs {
		if !joins(o.Strides) || o.Over != nil && o.Over[k-1] != o.Over[k] {
			return false
		}
	}
	return true
}

// split cuts long columns that are summed over into rows, which can be shared among processors.
func (p *program) split() {
	const long, best = 8192, 2048
	last := len(p.Dims) - 1
	n := p.Dims[last]
	if n <= long || !slices.ContainsFunc(p.Outputs, func(o loop.Output) bool { return o.Over != nil && o.Over[last] }) {
		return
	}
	k := best
	for n%k != 0 {
		k--
	}
	if k < best/16 {
		return
	}
	p.Dims = append(p.Dims[:last], n/k, k)
	spread := func(s []int) []int { return append(s[:last], s[last]*k, s[last]) }
	for i := range p.Inputs {
		p.Inputs[i].Strides = spread(p.Inputs[i].Strides)
	}
	for i := range p.Outputs {
		o := &p.Outputs[i]
		o.Strides = spread(o.Strides)
		if o.Over != nil {
			o.Over = append(o.Over, o.Over[last])
		}
	}
}

// settle finds out which values differ along the columns. A sum over columns of what does not differ
// is not what loop takes for one.
func (p *program) settle() error {
	last := len(p.Dims) - 1
	for _, in := range p.Inputs {
		p.varies = append(p.varies, in.Strides[last] != 0)
	}
	for _, in := range p.Instrs {
		v := slices.ContainsFunc(in.Args, func(a int) bool { return p.varies[a] })
		if ir.IsReduction(in.Op) {
			if !v {
				return fmt.Errorf("%s of what is the same in all columns", ir.Name(in.Op))
			}
			v = false
		}
		p.varies = append(p.varies, v)
	}
	for _, o := range p.Outputs {
		if o.Over != nil && o.Over[last] && !p.varies[o.Value] {
			return fmt.Errorf("%s of what is the same in all columns", ir.Name(o.Reduce))
		}
	}
	return nil
}

// inPlace lists which outputs may lie where an input lies.
func (p *program) inPlace() (over [][2]int) {
	reduces := false
	for _, o := range p.Outputs {
		reduces = reduces || o.Reduce != backends.OpTypeInvalid
	}
	for _, in := range p.Instrs {
		reduces = reduces || ir.IsReduction(in.Op)
	}
	for i, o := range p.Outputs {
		if o.Reduce != backends.OpTypeInvalid {
			continue
		}
		if reduces && !p.varies[o.Value] {
			continue
		}
		size := p.typeOf(o.Value).Size()
		for k, in := range p.Inputs {
			if p.reads[k].offset == p.writes[i].offset && in.DType.Size() == size && slices.Equal(in.Strides, o.Strides) {
				over = append(over, [2]int{i, k})
			}
		}
	}
	return over
}

// typeOf returns the element type of a value.
func (p *program) typeOf(value int) dtypes.DType {
	if value < len(p.Inputs) {
		return p.Inputs[value].DType
	}
	return p.Instrs[value-len(p.Inputs)].DType
}

// loopStep makes the unit one step.
func (c *compiler) loopStep(u *unit) (*step, error) {
	p, err := c.program(u, 0)
	if err != nil {
		return nil, err
	}
	kernel, err := c.kernels.loop(p.Program)
	if err != nil {
		return nil, err
	}
	s := &step{kind: "loop", about: p.about(u), reads: p.reads, writes: p.writes, over: p.inPlace()}
	s.start = func(in, out []unsafe.Pointer) runner {
		return func(pool *par.Pool) { kernel.Run(pool, in, out) }
	}
	return s, nil
}

// about names what a unit computes: the places, the operations, what is stored.
func (p *program) about(u *unit) string {
	var b strings.Builder
	fmt.Fprint(&b, p.Dims)
	last, times := "", 0
	flush := func() {
		switch {
		case times > 1:
			fmt.Fprintf(&b, " %s×%d", last, times)
		case times == 1:
			b.WriteString(" " + last)
		}
		last, times = "", 0
	}
	for _, n := range u.nodes {
		if n == u.gemm {
			continue
		}
		name := ir.Name(n.Op)
		if n.leaves(u, u) {
			name += "→" + n.Shape.String()
		}
		if name != last {
			flush()
		}
		last = name
		times++
	}
	flush()
	return b.String()
}
