package loop

import (
	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/vec"
)

// An emitter generates a form's code. Values are its own list: the task's nodes, and repeats where a
// kernel wants a block and its operand is narrower.
type emitter struct {
	*form
	careful bool // write outputs only after the last read
	values  []emitted
	at      []int       // of task nodes
	repeats map[int]int // by the value repeated
	stores  []stored
	steps   []step // in the order of execution
}

// emitted is a value with its code to be.
type emitted struct {
	node
	kind   kind
	phase  int  // in which it is computed; that of a reduction is the one before it can be used
	place  int  // of an input, -1
	scalar int  // which operand the kernel takes as one element, -1
	once   bool // computed once a piece
	into   int  // result that it is written to directly, -1

	first, last int // steps
	wide        bool
	reg         int
}

// stored is a result with the value, wide enough, that goes there.
type stored struct {
	value  int
	result int // index of task.results
	code   opcode
}

// step is an op before registers are known.
type step struct {
	op
	dst   int   // value defined, -1
	dsts  []int // of a chain: values that it writes
	args  []int
	where *[]op
	phase int

	joined bool // with a product: only chains can do it
}

// emit generates the code.
func (e *emitter) emit() {
	e.repeats = map[int]int{}
	e.insert()
	e.results()
	e.phasesOf()
	e.schedule()
	e.chains()
	sums := e.sumsOnly()
	e.allocate()
	if sums {
		e.noteSums()
	}
	e.findHazards()
	e.merge()
	e.makeTwin()
}

// insert copies the task's nodes, repeating operands where it must.
func (e *emitter) insert() {
	place := 0
	for _, n := range e.task.nodes {
		v := emitted{node: n, place: -1, scalar: -1, into: -1}
		v.args = nil
		for _, a := range n.args {
			v.args = append(v.args, e.at[a])
		}
		switch {
		case n.op == opInput:
			v.place = place
			p := &e.places[place]
			v.kind = p.kind
			v.once = v.kind == vector && !e.many && p.still() && !e.inPlace(p)
			place++
		case ir.IsReduction(n.op):
			v.kind = row
			v.args[0] = e.widen(v.args[0], vector)
		default:
			for _, a := range v.args {
				v.kind = max(v.kind, e.values[a].kind)
			}
			e.match(&v)
		}
		e.values = append(e.values, v)
		e.at = append(e.at, len(e.values)-1)
	}
}

// inPlace reports whether kernels can work on a vector operand where it is.
func (e *emitter) inPlace(p *place) bool {
	return p.ahead > 0 || p.column == p.size && (e.batch == 1 || p.dense(e.columns))
}

// match makes an instruction's operands as wide as its kernel wants them.
func (e *emitter) match(v *emitted) {
	if v.kind == scalar || v.kind == row && e.batch == 1 {
		return // one element each
	}
	narrow, last := 0, 0
	for k, a := range v.args {
		if e.values[a].kind < v.kind {
			narrow, last = narrow+1, k
		}
	}
	if narrow == 0 {
		return
	}
	single := e.values[v.args[last]].kind == scalar || e.batch == 1
	in, out := e.types(v)
	if narrow == 1 && single && vec.MapScalar(v.op, in, out, last) != nil {
		v.scalar = last
		return
	}
	for k, a := range v.args {
		v.args[k] = e.widen(a, v.kind)
	}
}

// widen returns a value of kind k that repeats value a.
func (e *emitter) widen(a int, k kind) int {
	if e.values[a].kind >= k {
		return a
	}
	key := a*3 + int(k)
	if r, ok := e.repeats[key]; ok {
		return r
	}
	v := emitted{node: node{op: opRepeat, dtype: e.values[a].dtype, args: []int{a}}, kind: k, place: -1, scalar: -1, into: -1}
	v.once = e.values[a].kind == scalar
	e.values = append(e.values, v)
	e.repeats[key] = len(e.values) - 1
	return len(e.values) - 1
}

// results decides how each result leaves.
func (e *emitter) results() {
	for i, r := range e.task.results {
		v := e.at[r.value]
		p := &e.places[e.inputs+i]
		s := stored{result: i}
		reduces := r.reduce != backends.OpTypeInvalid
		switch {
		case reduces && e.layout.fold:
			s.code = addFold
		case reduces && p.column != 0:
			s.code = addBlock
		case reduces:
			s.code = addRows
		case p.column != 0:
			s.code = storeBlock
		default:
			s.code = storeRows
		}
		level := row
		if s.code == addFold || s.code == addBlock || s.code == storeBlock {
			level = vector
		}
		if level == vector || e.batch > 1 {
			v = e.widen(v, level)
		}
		if e.careful && !reduces && e.values[v].op == opInput { // another output may overwrite it
			c := emitted{node: node{op: backends.OpTypeIdentity, dtype: e.values[v].dtype, args: []int{v}}, kind: level, place: -1, scalar: -1, into: -1}
			e.values = append(e.values, c)
			v = len(e.values) - 1
		}
		s.value = v
		e.stores = append(e.stores, s)
	}
	for _, s := range e.stores { // in place
		v := &e.values[s.value]
		p := &e.places[e.inputs+s.result]
		if e.careful || v.into >= 0 || v.op == opInput || v.once || v.op == opRepeat && e.many {
			continue
		}
		if s.code == storeBlock && v.kind == vector && e.inPlace(p) ||
			s.code == storeRows && v.kind == row && (e.batch == 1 || p.dense(1)) {
			v.into = s.result
		}
	}
}

// call is the op that computes a value.
func (e *emitter) call(v *emitted, code opcode) op {
	in, out := e.types(v)
	o := op{code: code}
	if code == callRows && e.batch == 1 && isFloatOp(v) {
		return op{code: callFloat, arith: v.op}
	}
	if v.scalar >= 0 {
		o.kernel = vec.MapScalar(v.op, in, out, v.scalar)
	} else {
		o.kernel = mapKernel(v.op, in, out)
	}
	return o
}

// push appends a step.
func (e *emitter) push(where *[]op, p int, o op, dst int, args ...int) {
	if dst >= 0 {
		o.size = e.values[dst].dtype.Size()
	} else {
		o.size = e.values[args[0]].dtype.Size()
	}
	e.steps = append(e.steps, step{op: o, dst: dst, args: args, where: where, phase: p})
}

// types returns the types with which a value's kernel is asked for.
func (e *emitter) types(v *emitted) (in, out dtypes.DType) {
	return operandType(v.op, v.args, func(a int) dtypes.DType { return e.values[a].dtype }), v.dtype
}
