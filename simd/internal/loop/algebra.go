package loop

import (
	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// simplified returns a task that computes the same with less work along the columns:
//
//	(a + s·x) + s·x       a + 2s·x
//	(x/s + r)·y           (x + r·s)·(y/s)   if y/s is wanted anyway
//	Σ y·(x·(r/s²))        (r/s)·Σ y·(x/s)   if x/s is wanted anyway, and a softmax or normalised
//	Σ (r·x + s·y + …)     r·Σx + s·Σy + …   if r, s wait for a reduction that x, y do not wait for
//
// where r and s have no columns. The first rounds less, the second as often, the third less often; its
// quotients are at most the square root of how many there are, so that the sum stays finite. In the last,
// which saves a walk over the row, every term was rounded before, so the error keeps its bound: the sum
// of |r·x|, |s·y|, …, times half an ulp, times a logarithm.
func (t *task) simplified() *task {
	s := simplifier{task: &task{dims: t.dims, one: t.one}, seen: map[instrKey]int{}}
	users := t.users()
	at := make([]int, len(t.nodes))
	for v, n := range t.nodes {
		if n.op == opInput {
			at[v] = s.add(n)
			continue
		}
		args := make([]int, len(n.args))
		for k, a := range n.args {
			args[k] = at[a]
		}
		at[v] = -1
		if isFast(n.dtype) {
			switch n.op {
			case backends.OpTypeAdd:
				at[v] = s.twice(args, users[n.args[0]] == 1, users[n.args[1]] == 1)
			case backends.OpTypeMul:
				at[v] = s.commonDivisor(args, users[n.args[0]] == 1, users[n.args[1]] == 1)
			case backends.OpTypeReduceSum:
				if at[v] = s.sumOfQuotients(n.dtype, args[0]); at[v] < 0 {
					at[v] = s.sumOfTerms(n.dtype, args[0])
				}
			}
		}
		if at[v] < 0 {
			at[v] = s.instr(s.seen, n.op, n.dtype, args)
		}
	}
	results := make([]result, len(t.results))
	for i, r := range t.results {
		r.value = at[r.value]
		results[i] = r
	}
	out := s.only(results)
	out.one = t.one
	return out
}

// simplifier makes a new task.
type simplifier struct {
	*task
	seen map[instrKey]int
}

// twice finds an addition of s·x to a sum that has it already, or returns -1. single tells which
// operands have no other user.
func (s *simplifier) twice(args []int, single ...bool) int {
	for k, p := range args {
		q := args[1-k]
		inner, product := s.nodes[p], s.nodes[q]
		if !single[k] || inner.op != backends.OpTypeAdd || product.op != backends.OpTypeMul {
			continue
		}
		other := inner.args[0]
		switch {
		case inner.args[0] == inner.args[1]:
			continue
		case inner.args[0] == q:
			other = inner.args[1]
		case inner.args[1] != q:
			continue
		}
		factor, x, ok := s.scaled(product)
		if !ok {
			continue
		}
		two := s.instr(s.seen, backends.OpTypeAdd, inner.dtype, []int{factor, factor})
		scaled := s.instr(s.seen, backends.OpTypeMul, inner.dtype, []int{two, x})
		return s.instr(s.seen, backends.OpTypeAdd, inner.dtype, []int{other, scaled})
	}
	return -1
}

// commonDivisor finds (x/s + r)·y where y/s has been computed, or returns -1.
func (s *simplifier) commonDivisor(args []int, single ...bool) int {
	for k, p := range args {
		y, sum := args[1-k], s.nodes[p]
		if !single[k] || sum.op != backends.OpTypeAdd {
			continue
		}
		quotient, r := sum.args[0], sum.args[1]
		if s.nodes[r].columns {
			quotient, r = r, quotient
		}
		q := s.nodes[quotient]
		if q.op != backends.OpTypeDiv || !q.columns || s.nodes[q.args[1]].columns || s.nodes[r].columns {
			continue
		}
		x, divisor := q.args[0], q.args[1]
		other, ok := s.seen[instrKey{backends.OpTypeDiv, sum.dtype, y, divisor, -1}]
		if !ok {
			continue
		}
		shift := s.instr(s.seen, backends.OpTypeMul, sum.dtype, []int{r, divisor})
		shifted := s.instr(s.seen, backends.OpTypeAdd, sum.dtype, []int{x, shift})
		return s.instr(s.seen, backends.OpTypeMul, sum.dtype, []int{shifted, other})
	}
	return -1
}

// sumOfQuotients finds the sum of vector v = y·(x·(r/s²)) where x/s has been computed, as in the gradients
// of softmax and of normalisation, or returns -1.
func (s *simplifier) sumOfQuotients(dtype dtypes.DType, v int) int {
	if s.nodes[v].op != backends.OpTypeMul {
		return -1
	}
	for k, p := range s.nodes[v].args {
		y, product := s.nodes[v].args[1-k], s.nodes[p]
		if product.op != backends.OpTypeMul {
			continue
		}
		factor, x, ok := s.scaled(product)
		if !ok || s.nodes[factor].op != backends.OpTypeDiv {
			continue
		}
		r, square := s.nodes[factor].args[0], s.nodes[s.nodes[factor].args[1]]
		if square.op != backends.OpTypeMul || square.args[0] != square.args[1] {
			continue
		}
		divisor := square.args[0]
		quotient, ok := s.seen[instrKey{backends.OpTypeDiv, dtype, x, divisor, -1}]
		if !ok || !s.normalises(divisor, x) {
			continue
		}
		terms := s.instr(s.seen, backends.OpTypeMul, dtype, []int{y, quotient})
		sum := s.instr(s.seen, backends.OpTypeReduceSum, dtype, []int{terms})
		return s.instr(s.seen, backends.OpTypeMul, dtype, []int{sum, s.instr(s.seen, backends.OpTypeDiv, dtype, []int{r, divisor})})
	}
	return -1
}

// normalises reports whether a divisor is the sum of x = eᶻ, or the root of something made by additions
// and multiplications without columns from the sum of the squares of x.
func (s *simplifier) normalises(divisor, x int) bool {
	d := s.nodes[divisor]
	if d.op == backends.OpTypeReduceSum {
		return d.args[0] == x && s.nodes[x].op == backends.OpTypeExp
	}
	if d.op != backends.OpTypeSqrt {
		return false
	}
	square, ok := s.seen[instrKey{backends.OpTypeMul, d.dtype, x, x, -1}]
	if !ok {
		return false
	}
	sum, ok := s.seen[instrKey{backends.OpTypeReduceSum, d.dtype, square, -1, -1}]
	return ok && s.madeFrom(d.args[0], sum)
}

// madeFrom reports whether additions and multiplications make value v from sum.
func (s *simplifier) madeFrom(v, sum int) bool {
	switch n := s.nodes[v]; {
	case v == sum:
		return true
	case n.op == backends.OpTypeAdd || n.op == backends.OpTypeMul:
		return s.madeFrom(n.args[0], sum) || s.madeFrom(n.args[1], sum)
	case n.op == backends.OpTypeDiv:
		return s.madeFrom(n.args[0], sum)
	}
	return false
}

// scaled takes a product of a factor without columns and a vector apart.
func (s *simplifier) scaled(n node) (factor, x int, ok bool) {
	a, b := n.args[0], n.args[1]
	if s.nodes[a].columns {
		a, b = b, a
	}
	return a, b, !s.nodes[a].columns && s.nodes[b].columns
}

// term is a vector times a factor, or by it, in a sum.
type term struct {
	x, factor  int
	by         bool // divided
	subtracted bool
}

// maxTerms bounds how many sums may take the place of one.
const maxTerms = 3

// terms takes a sum apart, or reports that something in it is not scaled.
func (s *simplifier) terms(v int, subtracted bool, list []term) ([]term, bool) {
	n := s.nodes[v]
	switch n.op {
	case backends.OpTypeAdd, backends.OpTypeSub:
		list, ok := s.terms(n.args[0], subtracted, list)
		if !ok || len(list) == maxTerms {
			return nil, false
		}
		return s.terms(n.args[1], subtracted != (n.op == backends.OpTypeSub), list)
	case backends.OpTypeNeg:
		return s.terms(n.args[0], !subtracted, list)
	case backends.OpTypeMul:
		factor, x, ok := s.scaled(n)
		return append(list, term{x: x, factor: factor, subtracted: subtracted}), ok
	case backends.OpTypeDiv:
		x, factor := n.args[0], n.args[1]
		return append(list, term{x: x, factor: factor, by: true, subtracted: subtracted}), s.nodes[x].columns && !s.nodes[factor].columns
	}
	return nil, false
}

// sumOfTerms computes the sum of vector v from sums that can be had earlier, or returns -1.
func (s *simplifier) sumOfTerms(dtype dtypes.DType, v int) int {
	if !s.nodes[v].columns {
		return -1
	}
	list, ok := s.terms(v, false, nil)
	if !ok {
		return -1
	}
	before := 0
	for _, t := range list {
		before = max(before, s.level(t.x))
	}
	if before >= s.level(v) {
		return -1
	}
	total := -1
	for _, t := range list {
		x := s.instr(s.seen, backends.OpTypeReduceSum, dtype, []int{t.x})
		op := backends.OpTypeMul
		if t.by {
			op = backends.OpTypeDiv
		}
		x = s.instr(s.seen, op, dtype, []int{x, t.factor})
		switch {
		case total >= 0 && t.subtracted:
			total = s.instr(s.seen, backends.OpTypeSub, dtype, []int{total, x})
		case total >= 0:
			total = s.instr(s.seen, backends.OpTypeAdd, dtype, []int{total, x})
		case t.subtracted:
			total = s.instr(s.seen, backends.OpTypeNeg, dtype, []int{x})
		default:
			total = x
		}
	}
	return total
}

// level returns how many reductions follow one another on the longest way to a value.
func (s *simplifier) level(v int) int {
	levels := make([]int, v+1)
	for i, n := range s.nodes[:v+1] {
		for _, a := range n.args {
			levels[i] = max(levels[i], levels[a])
		}
		if ir.IsReduction(n.op) {
			levels[i]++
		}
	}
	return levels[v]
}
