package loop

import (
	"cmp"
	"slices"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// An axis is a dimension of a task's box with the stride, in elements, of each operand: the inputs
// in the order of their nodes, then the results.
type axis struct {
	n    int
	s    []int
	over bool // results that reduce, reduce over it
}

// A layout is the box as it is walked: rows of columns. Kept rows come before reduced ones.
type layout struct {
	kept, reduced []axis // rows
	column        axis
	fold          bool // results that reduce, reduce over the columns
}

// axes lists the dimensions of extent other than 1.
func (t *task) axes() []axis {
	var list []axis
	for d, n := range t.dims {
		if n == 1 {
			continue
		}
		a := axis{n: n}
		for _, v := range t.nodes {
			if v.op == opInput {
				a.s = append(a.s, v.strides[d])
			}
		}
		for _, r := range t.results {
			a.s = append(a.s, r.strides[d])
			a.over = a.over || r.over[d]
		}
		list = append(list, a)
	}
	return list
}

func size(axes []axis) int {
	n := 1
	for _, a := range axes {
		n *= a.n
	}
	return n
}

// tidy sorts axes by how far apart their elements are, outermost first, and joins neighbours that
// every operand walks as if they were one.
func tidy(axes []axis) []axis {
	weight := func(a axis) (w int) {
		for _, s := range a.s {
			w += max(s, -s)
		}
		return w
	}
	slices.SortStableFunc(axes, func(a, b axis) int { return cmp.Compare(weight(b), weight(a)) })
	return join(axes)
}

// join joins neighbours that every operand walks as if they were one.
func join(axes []axis) []axis {
	var out []axis
next:
	for _, a := range axes {
		if k := len(out) - 1; k >= 0 {
			b := &out[k]
			for i := range a.s {
				if b.s[i] != a.s[i]*a.n {
					out = append(out, a)
					continue next
				}
			}
			b.n *= a.n
			b.s = a.s
			continue
		}
		out = append(out, a)
	}
	return out
}

// wholeRows lays out a task whose columns are given.
func (t *task) wholeRows() layout {
	var l layout
	l.column = axis{n: 1, s: make([]int, t.operands())}
	axes := t.axes()
	if n := len(axes); n > 0 && t.dims[len(t.dims)-1] != 1 {
		l.column, axes = axes[n-1], axes[:n-1]
	}
	for _, a := range axes {
		if a.over {
			l.reduced = append(l.reduced, a)
		} else {
			l.kept = append(l.kept, a)
		}
	}
	l.kept, l.reduced = tidy(l.kept), tidy(l.reduced)
	return l
}

// operands returns how many arrays a task touches.
func (t *task) operands() int {
	n := len(t.results)
	for _, v := range t.nodes {
		if v.op == opInput {
			n++
		}
	}
	return n
}

// anyRows lays out a task that may be walked in any order: the columns are the dimension that costs
// least.
func (t *task) anyRows(tune tuning) layout {
	var kept, reduced []axis
	for _, a := range t.axes() {
		if a.over {
			reduced = append(reduced, a)
		} else {
			kept = append(kept, a)
		}
	}
	kept, reduced = tidy(kept), tidy(reduced)
	l := layout{column: axis{n: 1, s: make([]int, t.operands())}}
	best, fold := -1, false
	cost := 0.0
	for i, a := range kept {
		if c := t.columnCost(tune, a, kept, reduced, i, -1); best < 0 || c <= cost {
			best, fold, cost = i, false, c
		}
	}
	for i, a := range reduced {
		if c := t.columnCost(tune, a, kept, reduced, -1, i); best < 0 || c <= cost {
			best, fold, cost = i, true, c
		}
	}
	switch {
	case best < 0:
	case fold:
		l.column, l.fold = reduced[best], true
		reduced = slices.Delete(reduced, best, best+1)
	default:
		l.column = kept[best]
		kept = slices.Delete(kept, best, best+1)
	}
	l.kept, l.reduced = join(kept), join(reduced)
	return l
}

// columnCost guesses the nanoseconds per element spent on moving data and on calls if a, the k-th
// kept or o-th reduced axis, is the columns.
func (t *task) columnCost(tune tuning, a axis, kept, reduced []axis, k, o int) float64 {
	calls := 0 // per block
	for _, n := range t.nodes {
		if n.op != opInput {
			calls++
		}
	}
	calls += len(t.results)
	rows := 1
	for i, b := range kept {
		if i != k {
			rows *= b.n
		}
	}
	for i, b := range reduced {
		if i != o {
			rows *= b.n
		}
	}
	moves := 0.0
	batch := a.n < tune.short && rows > 1
	inputs := len(a.s) - len(t.results)
	for i, s := range a.s {
		still := true // in all rows
		dense := s == 1
		step := a.n
		for j := len(reduced) - 1; j >= 0; j-- {
			if j != o {
				still = still && reduced[j].s[i] == 0
				dense = dense && reduced[j].s[i] == step
				step *= reduced[j].n
			}
		}
		for j := len(kept) - 1; j >= 0; j-- {
			if j != k {
				still = still && kept[j].s[i] == 0
				dense = dense && kept[j].s[i] == step
				step *= kept[j].n
			}
		}
		reduces := i >= inputs && t.results[i-inputs].reduce != backends.OpTypeInvalid
		switch {
		case reduces:
		case batch && s == 0 && !still:
			moves += 0.3 + 3/float64(a.n) // repeat row values
		case batch && !dense && !still:
			moves += 0.5 + 5/float64(a.n)
		case !batch && s != 0 && s != 1:
			moves += 1
		}
	}
	n := min(a.n, 1024)
	if batch {
		n = min(1024, a.n*rows)
	}
	if o >= 0 && len(reduced) == 1 && a.n < tune.short {
		moves += 5 / float64(a.n) // a fold for each row
	}
	return moves + 10*float64(calls)/float64(max(n, 1))
}

// weight tells what an operation costs, in nanoseconds per element of a block in cache.
func weight(op ir.Op, bytes int, fast bool) float64 {
	w := 0.06
	switch op {
	case backends.OpTypeExp, backends.OpTypeLog, backends.OpTypeTanh, backends.OpTypeErf, backends.OpTypeLogistic,
		backends.OpTypeExpm1, backends.OpTypeLog1p, backends.OpTypeSin, backends.OpTypeCos:
		w = 0.5
		if !fast {
			w = 10
		}
	case backends.OpTypePow, backends.OpTypeRem:
		w = 10
	case backends.OpTypeDiv, backends.OpTypeSqrt, backends.OpTypeRsqrt:
		w = 0.3
	}
	if !fast {
		w = max(w, 1)
	}
	if bytes >= 8 {
		w *= 2
	}
	return w
}
