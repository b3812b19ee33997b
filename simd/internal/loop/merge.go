package loop

import (
	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// ones gives the links of arithmetic on single numbers: for operands in memory, and for a first
// operand that the link before computed (0: none).
var ones = map[ir.Op][2]linkOp{
	backends.OpTypeAdd:   {linkOneAdd, linkOnAdd},
	backends.OpTypeSub:   {linkOneSub, linkOnSub},
	backends.OpTypeMul:   {linkOneMul, linkOnMul},
	backends.OpTypeDiv:   {linkOneDiv, linkOnDiv},
	backends.OpTypeNeg:   {linkOneNeg, linkOnNeg},
	backends.OpTypeSqrt:  {linkOneSqrt, linkOnSqrt},
	backends.OpTypeRsqrt: {linkOneRsqrt, linkBegin},
}

// merge joins chains that follow one another, with the arithmetic on the rows' values between them,
// to one: a call and what is around it cost as much as some hundred columns.
func (e *emitter) merge() {
	defer func() {
		for i := range e.form.chains {
			e.form.chains[i].findMoves(e)
			e.form.chains[i].joinMoves()
		}
	}()
	if e.many || e.batch > 1 {
		return
	}
	into := -1
	for p := range e.phases {
		ph := &e.phases[p]
		for k, list := range []*[]op{&ph.rows, &ph.blocks} {
			old := *list
			*list = nil
			for _, o := range old {
				switch {
				case o.code == callChain && into >= 0 && e.form.chains[into].dtype == e.form.chains[o.x].dtype:
					e.form.chains[into].append(&e.form.chains[o.x])
					continue
				case o.code == callChain && k == 1:
					into = o.x
				case o.code == callFloat && into >= 0 && e.form.chains[into].dtype == floatOf(o.size):
					e.form.chains[into].one(o)
					continue
				default:
					into = -1
				}
				*list = append(*list, o)
			}
		}
	}
}

// floatOf returns the type of callFloat's numbers.
func floatOf(size int) dtypes.DType {
	if size == 4 {
		return dtypes.Float32
	}
	return dtypes.Float64
}

// append moves the links of d to the end of c.
func (c *chain) append(d *chain) {
	at := len(c.links) - 1 // the exit is overwritten
	c.links = append(c.links[:at], d.links...)
	for _, k := range d.adds {
		c.adds = append(c.adds, at+k)
	}
	for _, s := range d.sums {
		s.link += at
		c.sums = append(c.sums, s)
	}
	c.last = d.last
	*d = chain{dtype: d.dtype, table: d.table}
}

// one adds arithmetic on numbers.
func (c *chain) one(o op) {
	at := len(c.links) - 1
	exit := c.links[at]
	ops, a, b := ones[o.arith], o.a, o.b
	if b == c.last && (o.arith == backends.OpTypeAdd || o.arith == backends.OpTypeMul) {
		a, b = b, a
	}
	list := []chainLink{{op: ops[0], value: -1, reg: o.d}}
	if a == c.last && c.last != 0 && ops[1] != linkBegin {
		list[0].op = ops[1]
	} else {
		list = append(list, chainLink{op: linkLast, value: -1, reg: a})
	}
	if b != 0 {
		list = append(list, chainLink{op: linkLast, value: -1, reg: b})
	}
	c.links = append(append(c.links[:at], list...), exit)
	c.last = o.d
}
