package loop

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// Operations that only the compiler knows.
const (
	opInput  ir.Op = backends.OpTypeParameter
	opRepeat ir.Op = ir.OpEnd + iota // the operand, repeated along rows or columns to a block
	opMulAdd                         // a·b + c
)

// A node is a value while a program is compiled.
type node struct {
	op      ir.Op
	dtype   dtypes.DType
	args    []int
	array   int   // opInput: which array
	strides []int // opInput: in elements, 0 where the extent is 1
	columns bool  // differs along the columns
}

// A result is an output while a program is compiled. over has an entry for each dimension; with
// reduce invalid all are false.
type result struct {
	value   int
	array   int
	dtype   dtypes.DType // as stored; the value may be of a wider type
	strides []int
	reduce  ir.Op
	over    []bool
}

// A task is a program on its way to code: a box, values and what is done with them. Arrays are
// numbered: the program's inputs, its outputs, then those that tasks of one program pass on.
type task struct {
	dims    []int
	nodes   []node
	results []result
	one     bool // the program has one column
}

// lower turns a checked program into a task: views without meaning are made plain, 16-bit sums are
// widened, and what is computed twice is computed once. If there is only one column, reductions
// over columns do nothing, and that dimension is left out.
func lower(p Program) *task {
	one := p.Dims[len(p.Dims)-1] == 1
	if one && len(p.Dims) > 1 {
		p = p.withoutLast()
	}
	rank := len(p.Dims)
	t := &task{dims: slices.Clone(p.Dims), one: one}
	plain := func(strides []int) []int {
		s := slices.Clone(strides)
		for d, n := range p.Dims {
			if n == 1 {
				s[d] = 0
			}
		}
		return s
	}
	value := make([]int, 0, len(p.Inputs)+len(p.Instrs)) // program's value -> node
	for i, in := range p.Inputs {
		value = append(value, t.add(node{op: opInput, dtype: in.DType, array: i, strides: plain(in.Strides)}))
	}
	seen := map[instrKey]int{}
	for _, in := range p.Instrs {
		args := make([]int, len(in.Args))
		for k, a := range in.Args {
			args[k] = value[a]
		}
		value = append(value, t.instr(seen, in.Op, in.DType, args))
	}
	for i, o := range p.Outputs {
		r := result{value: value[o.Value], array: len(p.Inputs) + i, strides: plain(o.Strides), reduce: o.Reduce, over: make([]bool, rank)}
		r.dtype = t.nodes[r.value].dtype
		some := false
		for d, n := range p.Dims {
			r.over[d] = o.Reduce != backends.OpTypeInvalid && o.Over[d] && n != 1
			some = some || r.over[d]
		}
		if !some {
			r.reduce = backends.OpTypeInvalid
		}
		if wide := accumulator(r.reduce, r.dtype); wide != r.dtype {
			r.value = t.instr(seen, backends.OpTypeConvertDType, wide, []int{r.value})
		}
		if r.over[rank-1] && !t.one { // the same as an instruction
			r.value = t.instr(seen, r.reduce, t.nodes[r.value].dtype, []int{r.value})
			r.over[rank-1] = false
			if !slices.Contains(r.over, true) {
				r.reduce = backends.OpTypeInvalid
				if r.dtype != t.nodes[r.value].dtype {
					r.value = t.instr(seen, backends.OpTypeConvertDType, r.dtype, []int{r.value})
				}
			}
		}
		t.results = append(t.results, r)
	}
	return t
}

// withoutLast returns the program without its last dimension.
func (p Program) withoutLast() Program {
	last := len(p.Dims) - 1
	q := Program{Dims: p.Dims[:last], Instrs: p.Instrs}
	for _, in := range p.Inputs {
		q.Inputs = append(q.Inputs, Input{in.DType, in.Strides[:last]})
	}
	for _, o := range p.Outputs {
		o.Strides = o.Strides[:last]
		if len(o.Over) > 0 {
			o.Over = o.Over[:last]
		}
		q.Outputs = append(q.Outputs, o)
	}
	return q
}

// accumulator returns the type in which a reduction of dtype is added up.
func accumulator(reduce ir.Op, dtype dtypes.DType) dtypes.DType {
	if (reduce == backends.OpTypeReduceSum || reduce == backends.OpTypeReduceProduct) && dtype.IsFloat16() {
		return dtypes.Float32
	}
	return dtype
}

type instrKey struct {
	op      ir.Op
	dtype   dtypes.DType
	a, b, c int
}

func (t *task) add(n node) int {
	n.columns = t.hasColumns(&n)
	t.nodes = append(t.nodes, n)
	return len(t.nodes) - 1
}

// instr adds an instruction, or finds it among those seen.
func (t *task) instr(seen map[instrKey]int, op ir.Op, dtype dtypes.DType, args []int) int {
	a := t.nodes[args[0]]
	switch {
	case op == backends.OpTypeIdentity,
		(op == backends.OpTypeConvertDType || op == backends.OpTypeBitcast) && a.dtype == dtype,
		ir.IsReduction(op) && t.one:
		return args[0]
	case ir.IsReduction(op) && accumulator(op, dtype) != dtype:
		wide := accumulator(op, dtype)
		x := t.instr(seen, backends.OpTypeConvertDType, wide, args)
		x = t.instr(seen, op, wide, []int{x})
		return t.instr(seen, backends.OpTypeConvertDType, dtype, []int{x})
	case op == backends.OpTypeClamp && !t.nodes[args[0]].columns && !t.nodes[args[2]].columns:
		x := t.instr(seen, backends.OpTypeMax, dtype, []int{args[1], args[0]})
		return t.instr(seen, backends.OpTypeMin, dtype, []int{x, args[2]})
	}
	key := instrKey{op, dtype, args[0], -1, -1}
	if len(args) > 1 {
		key.b = args[1]
	}
	if len(args) > 2 {
		key.c = args[2]
	}
	if v, ok := seen[key]; ok {
		return v
	}
	v := t.add(node{op: op, dtype: dtype, args: args})
	seen[key] = v
	return v
}

// hasColumns reports whether a value differs along the columns, given its operands.
func (t *task) hasColumns(n *node) bool {
	switch {
	case n.op == opInput:
		return n.strides[len(n.strides)-1] != 0
	case ir.IsReduction(n.op):
		return false
	}
	for _, a := range n.args {
		if t.nodes[a].columns {
			return true
		}
	}
	return false
}

// dropColumns removes the last dimension of a box that has others. No instruction reduces it.
func (t *task) dropColumns() {
	last := len(t.dims) - 1
	t.dims = t.dims[:last]
	for i := range t.nodes {
		n := &t.nodes[i]
		if n.op == opInput {
			n.strides = n.strides[:last]
		}
		n.columns = t.hasColumns(n)
	}
	for i := range t.results {
		r := &t.results[i]
		r.strides, r.over = r.strides[:last], r.over[:last]
	}
}

// only returns the task with these results and the nodes that they need.
func (t *task) only(results []result) *task {
	need := make([]bool, len(t.nodes))
	for _, r := range results {
		need[r.value] = true
	}
	for v := len(t.nodes) - 1; v >= 0; v-- {
		if need[v] {
			for _, a := range t.nodes[v].args {
				need[a] = true
			}
		}
	}
	out := &task{dims: t.dims}
	at := make([]int, len(t.nodes))
	for v, n := range t.nodes {
		if !need[v] {
			continue
		}
		n.args = slices.Clone(n.args)
		for k, a := range n.args {
			n.args[k] = at[a]
		}
		at[v] = out.add(n)
	}
	for _, r := range results {
		r.value = at[r.value]
		out.results = append(out.results, r)
	}
	return out
}
