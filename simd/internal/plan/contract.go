package plan

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/gemm"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/loop"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// isContract reports whether package gemm computes the contraction.
func isContract(n *ir.Node) bool {
	t := n.Shape.DType
	if t != dtypes.Float32 && t != dtypes.Float64 || n.In[0].Shape.DType != t || n.In[1].Shape.DType != t {
		return false
	}
	for _, i := range n.Attr.(ir.Contract).Indices {
		if i.Size == 0 {
			return false
		}
	}
	return n.Shape.Size() > 0
}

// problem states a contraction in strides. The views of its operands cost nothing: an index that
// moves along an axis moves by that axis's stride. a and b are the operands in the order in which the
// result's innermost axis is b's.
func problem(n *node) (p gemm.Problem, a, b *node) {
	p.DType = n.dtype()
	a, b = n.in[0], n.in[1]
	swapped := false
	stride := func(t ir.Term, v view) int {
		if t.Axis < 0 {
			return 0
		}
		return t.Step * v.strides[t.Axis]
	}
	indices := slices.Clone(n.Attr.(ir.Contract).Indices)
	slices.SortStableFunc(indices, func(a, b ir.Index) int { return cmp.Compare(a.Out.Axis, b.Out.Axis) })
	for _, i := range slices.Backward(indices) {
		if i.Size > 1 && i.Out.Axis >= 0 && (i.A.Axis < 0 || i.B.Axis < 0) {
			if i.B.Axis < 0 {
				a, b, swapped = b, a, true
			}
			break
		}
	}
	for _, i := range indices {
		if i.Size == 1 {
			continue
		}
		if swapped {
			i.A, i.B = i.B, i.A
		}
		x := gemm.Axis{Size: i.Size, A: stride(i.A, a.mem), B: stride(i.B, b.mem), C: stride(i.Out, n.mem)}
		switch {
		case i.Out.Axis < 0:
			p.K = append(p.K, x)
		case i.B.Axis < 0:
			p.M = append(p.M, x)
		case i.A.Axis < 0:
			p.N = append(p.N, x)
		default:
			p.Batch = append(p.Batch, x)
		}
	}
	return p, a, b
}

// extent is the product of axes' sizes.
func extent(axes []gemm.Axis) int {
	n := 1
	for _, a := range axes {
		n *= a.Size
	}
	return n
}

// An elementwise group becomes a product's epilogue if that spares a trip to memory and back that counts
// beside the product. BenchmarkEpilogue has both ways.
const (
	epilogueBytes = 16 << 20 // of the result, at least
	epilogueTerms = 128      // of its sums, at most
)

// epilogues makes groups of elementwise operations on a large product part of its step, which hands them
// rows of the result while these are in cache.
func (c *compiler) epilogues() {
	for _, n := range slices.Backward(c.nodes) {
		if !n.needed || n.kind != contract || n.unit.gemm != nil || n.bytes() < c.epilogue {
			continue
		}
		p, _, _ := problem(n)
		width := extent(p.N)
		if width == 1 || extent(p.K) > epilogueTerms {
			continue
		}
		for _, m := range n.users {
			u := m.unit
			if u.gemm == nil && c.follow(n, u, width) {
				break
			}
		}
	}
}

// follow makes group u the epilogue of contraction n if each of its places needs the element of the
// result at that place and no other.
func (c *compiler) follow(n *node, u *unit, width int) bool {
	if u.size != n.size() || u.cols != 0 {
		return false
	}
	for _, m := range u.nodes {
		if m.kind != pointful {
			return false
		}
		for _, o := range m.in {
			switch r := o.root; {
			case r == n:
				if !o.see.repeats(1) || o.dtype() != n.dtype() {
					return false
				}
			case r.unit != u && r.bytes() > n.bytes()/8:
				return false // comes from memory, and takes the product's place in the cache
			}
		}
	}
	if _, ok := united(append(slices.Clone(u.bounds), width), u.size, 0); !ok {
		return false
	}
	if n.unit.at > u.at || c.reaches(n.unit, u) {
		return false
	}
	g := u.group
	a := n.unit
	c.join(a, u)
	a.group, a.gemm = g, n
	return true
}

// gemmStep makes the steps of a contraction and of what follows it.
func (c *compiler) gemmStep(u *unit) error {
	n := u.nodes[0]
	if u.gemm != nil {
		n = u.gemm
	}
	prob, a, b := problem(n)
	kernel, err := c.kernels.product(prob)
	if err != nil {
		return fmt.Errorf("%s: %w", n, err)
	}
	s := &step{
		kind: "gemm", flop: kernel.FLOP(),
		about: fmt.Sprintf("%s %s", n.Shape, kernel),
	}
	c.memoryFor(n)
	s.reads = []ref{refTo(a), refTo(b)}
	if u.gemm != nil && c.withEpilogue(u, s, kernel, prob) {
		c.steps = append(c.steps, s)
		return nil
	}
	s.writes = []ref{refTo(n)}
	s.start = func(in, out []unsafe.Pointer) runner {
		return func(pool *par.Pool) { kernel.Run(pool, in[0], in[1], out[0], nil) }
	}
	c.steps = append(c.steps, s)
	if u.gemm == nil {
		return nil
	}
	rest := &unit{group: u.group} // what would not be an epilogue
	for _, m := range u.nodes {
		if m != n {
			m.unit = rest
			rest.nodes = append(rest.nodes, m)
		}
	}
	u.nodes, u.gemm = []*node{n}, nil
	return c.lowerUnit(rest)
}

// withEpilogue gives the step of a contraction the rest of its unit. It returns false if that cannot be
// done by rows of the result, a fixed distance apart in every operand.
func (c *compiler) withEpilogue(u *unit, s *step, kernel *gemm.Plan, prob gemm.Problem) bool {
	n := u.gemm
	width := extent(prob.N)
	block, last := kernel.Rows()
	if block == 0 || !rowMajor(prob) {
		return false
	}
	p, err := c.program(u, width)
	if err != nil {
		c.misfits = append(c.misfits, err)
		return false
	}
	if len(p.Dims) != 2 || p.Dims[1] != width {
		return false
	}
	apart := func(t dtypes.DType, strides []int) int { return strides[0] * t.Size() }
	var inStep, outStep []int
	for _, in := range p.Inputs {
		inStep = append(inStep, apart(in.DType, in.Strides))
	}
	for _, o := range p.Outputs {
		outStep = append(outStep, apart(p.typeOf(o.Value), o.Strides))
	}
	rows := func(n int) *loop.Kernel {
		q := p.Program
		q.Dims = []int{n, width}
		k, e := c.kernels.loop(q)
		err = cmp.Or(err, e)
		return k
	}
	whole, rest := rows(block), rows(last)
	if err != nil {
		c.misfits = append(c.misfits, err)
		return false
	}
	s.about += " then " + p.about(u)
	s.writes = p.writes
	s.reads = append(s.reads, p.reads...)
	// The product is written where it stays, where an output of the same layout will be, or to memory of
	// its own for the duration of the step.
	self := slices.IndexFunc(p.reads, func(r ref) bool { return r.array == n.array })
	at := -1 // place among the outputs
	if !n.leaves(u, u) {
		for _, o := range p.inPlace() {
			if o[1] == self {
				at = o[0]
			}
		}
	}
	if at < 0 {
		at = len(s.writes)
		s.writes = append(s.writes, refTo(n))
	}
	s.reads = slices.Delete(s.reads, 2+self, 3+self)
	inputs, outputs := len(p.Inputs), len(p.Outputs)
	s.start = func(in, out []unsafe.Pointer) runner {
		first := make([]unsafe.Pointer, inputs) // of the program's inputs
		places := sync.Pool{New: func() any {
			s := make([]unsafe.Pointer, inputs+outputs)
			return &s
		}}
		after := func(r0, r1 int) {
			at := places.Get().(*[]unsafe.Pointer)
			from, to := (*at)[:inputs], (*at)[inputs:]
			for i, p := range first {
				from[i] = unsafe.Add(p, r0*inStep[i])
			}
			for i, p := range out[:outputs] {
				to[i] = unsafe.Add(p, r0*outStep[i])
			}
			if r1-r0 == block {
				whole.Run(nil, from, to)
			} else {
				rest.Run(nil, from, to)
			}
			clear(*at)
			places.Put(at)
		}
		return func(pool *par.Pool) {
			copy(first, in[2:2+self])
			first[self] = out[at]
			copy(first[self+1:], in[2+self:])
			kernel.Run(pool, in[0], in[1], out[at], after)
			clear(first) // the frame outlives the memory
		}
	}
	return true
}

// rowMajor reports whether the result is [batch, m, n] in this order without gaps.
func rowMajor(p gemm.Problem) bool {
	var dims, strides []int
	for _, axes := range [][]gemm.Axis{p.Batch, p.M, p.N} {
		for _, a := range axes {
			dims = append(dims, a.Size)
			strides = append(strides, a.C)
		}
	}
	return tensor.Tensor{Dims: dims, Strides: strides}.Contiguous()
}
