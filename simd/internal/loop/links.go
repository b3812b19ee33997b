package loop

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// arithmetic gives the links of an operation by which operand the value in registers is.
var arithmetic = map[ir.Op][2]linkOp{
	backends.OpTypeAdd: {linkAdd, linkAdd},
	backends.OpTypeSub: {linkSub, linkReverseSub},
	backends.OpTypeMul: {linkMul, linkMul},
	backends.OpTypeDiv: {linkDiv, linkReverseDiv},
}

// linksOf returns the links that compute value v with value current in registers (-1: none; then the
// first is a load), or false if there are none.
func (e *emitter) linksOf(v *emitted, current int) ([]chainLink, bool) {
	var list []chainLink
	start := func() bool { // something of v is in registers
		if current >= 0 {
			return slices.Contains(v.args, current)
		}
		for k, a := range v.args {
			if k != v.scalar {
				current = a
				list = append(list, chainLink{op: linkLoad, value: a})
				return true
			}
		}
		return false
	}
	switch {
	case v.op == opMulAdd && v.scalar < 0, v.op == backends.OpTypeNeg, v.op == backends.OpTypeSqrt,
		v.op == backends.OpTypeExp && v.dtype == dtypes.Float32:
		if !start() {
			return nil, false
		}
	}
	switch v.op {
	case backends.OpTypeNeg:
		return append(list, chainLink{op: linkNeg, value: -1}), true
	case backends.OpTypeSqrt:
		return append(list, chainLink{op: linkSqrt, value: -1}), true
	case backends.OpTypeExp:
		return append(list, chainLink{op: linkExp, value: -1}), v.dtype == dtypes.Float32
	case opMulAdd:
		a, b, c := v.args[0], v.args[1], v.args[2]
		if v.scalar >= 0 {
			return e.scaledSum(list, current, a, b, c)
		}
		n := 0
		for _, x := range v.args {
			if x == current {
				n++
			}
		}
		switch {
		case n != 1:
			return nil, false
		case c == current:
			return append(list, chainLink{op: linkAddProduct, value: a}, chainLink{op: linkLast, value: b}), true
		case b == current:
			a, b = b, a
		}
		return append(list, chainLink{op: linkMulAdd, value: b}, chainLink{op: linkLast, value: c}), true
	}
	ops, ok := arithmetic[v.op]
	if !ok || !start() {
		return nil, false
	}
	a, b := v.args[0], v.args[1]
	switch {
	case a == b:
		if v.op != backends.OpTypeMul {
			return nil, false
		}
		return append(list, chainLink{op: linkSquare, value: -1}), true
	case a == current:
		if v.scalar == 1 {
			ops[0]++
		}
		return append(list, chainLink{op: ops[0], value: b}), true
	default:
		if v.scalar == 0 {
			ops[1]++
		}
		return append(list, chainLink{op: ops[1], value: a}), true
	}
}

// scaledSum returns the links for a·s + c with one factor s.
func (e *emitter) scaledSum(list []chainLink, current, a, s, c int) ([]chainLink, bool) {
	switch {
	case current < 0:
		list = append(list, chainLink{op: linkLoad, value: c})
	case a == c:
		return nil, false
	case current == a:
		return append(list, chainLink{op: linkMulAddScalar, value: s}, chainLink{op: linkLast, value: c}), true
	case current != c:
		return nil, false
	}
	return append(list, chainLink{op: linkAddProductScalar, value: s}, chainLink{op: linkLast, value: a}), true
}

// isTop reports whether a value is a maximum over columns that is only subtracted from vectors of which
// only e to their power is wanted: then the sign of a maximum that is 0 does not matter.
func (e *emitter) isTop(value int) bool {
	if e.values[value].op != backends.OpTypeReduceMax || e.stored(value) {
		return false
	}
	for i := range e.values {
		v := &e.values[i]
		if !slices.Contains(v.args, value) {
			continue
		}
		if v.op != backends.OpTypeSub || v.kind != vector || v.args[0] == value || e.stored(i) {
			return false
		}
		for k := range e.values {
			if u := &e.values[k]; slices.Contains(u.args, i) && u.op != backends.OpTypeExp {
				return false
			}
		}
	}
	return true
}

// stored reports whether a value is a result.
func (e *emitter) stored(value int) bool {
	return slices.ContainsFunc(e.stores, func(s stored) bool { return s.value == value })
}
