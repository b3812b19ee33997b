package loop

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// A temp is an array between two tasks, or a constant.
type temp struct {
	dtype    dtypes.DType
	elements int
	identity ir.Op // of this reduction, for a constant
}

// A splitter cuts a program into tasks that run one after the other.
type splitter struct {
	arrays int // numbers given so far
	temps  []temp
	tasks  []piecewise
}

// piecewise is a task and how it has to be run: with whole rows if something uses a reduction's
// result along the columns again, else freely: then nothing in it reduces but results.
type piecewise struct {
	*task
	whole bool
}

func (s *splitter) temp(t temp) int {
	s.temps = append(s.temps, t)
	s.arrays++
	return s.arrays - 1
}

// split cuts t. Tasks that only reduce come first, since those that store may overwrite inputs.
func (s *splitter) split(t *task) {
	if t.dims[len(t.dims)-1] == 0 {
		t = s.withoutColumns(t)
	}
	late := t.late()
	if t.needsWholeRows(late) {
		s.group(t, t.results, true)
		return
	}
	rank := len(t.dims)
	users := t.users()

	// The first tasks go over the whole box; reductions become results.
	var wide, narrow []result
	direct := map[int]bool{} // reductions whose only user is one result that takes their place
	for _, r := range t.results {
		n := t.nodes[r.value]
		switch {
		case ir.IsReduction(n.op) && users[r.value] == 1 && (r.reduce == backends.OpTypeInvalid || r.reduce == n.op):
			direct[r.value] = true
			r.value, r.reduce, r.over = n.args[0], n.op, slices.Clone(r.over)
			r.over[rank-1] = true
			wide = append(wide, r)
		case n.columns || r.strides[rank-1] != 0 || r.over[rank-1]:
			wide = append(wide, r)
		default:
			narrow = append(narrow, r)
		}
	}
	if len(narrow) == 0 {
		s.group(t, wide, false)
		return
	}

	// What is left has no columns: a task over the rows, which reads reductions from arrays.
	rest := &task{dims: t.dims, one: true, nodes: slices.Clone(t.nodes)}
	for v, n := range t.nodes {
		if !ir.IsReduction(n.op) || direct[v] {
			continue
		}
		rows := t.dims[:rank-1]
		strides := append(tensor.RowMajor(rows), 0)
		for d, extent := range rows {
			if extent == 1 {
				strides[d] = 0
			}
		}
		array := s.temp(temp{dtype: n.dtype, elements: tensor.Size(rows)})
		over := make([]bool, rank)
		over[rank-1] = true
		wide = append(wide, result{value: n.args[0], array: array, dtype: n.dtype, strides: strides, reduce: n.op, over: over})
		rest.nodes[v] = node{op: opInput, dtype: n.dtype, array: array, strides: strides}
	}
	s.group(t, wide, false)
	rest = rest.only(narrow)
	if rank > 1 {
		rest.dropColumns()
	} else {
		rest.dims = []int{1}
	}
	s.group(rest, rest.results, false)
}

// late tells which values depend on a reduction.
func (t *task) late() []bool {
	late := make([]bool, len(t.nodes))
	for v, n := range t.nodes {
		late[v] = ir.IsReduction(n.op)
		for _, a := range n.args {
			late[v] = late[v] || late[a]
		}
	}
	return late
}

// needsWholeRows reports whether a reduction's result is used along the columns.
func (t *task) needsWholeRows(late []bool) bool {
	for _, n := range t.nodes {
		for _, a := range n.args {
			if late[a] && (n.columns || ir.IsReduction(n.op)) {
				return true
			}
		}
	}
	for _, r := range t.results {
		if late[r.value] && r.strides[len(t.dims)-1] != 0 {
			return true
		}
	}
	return false
}

// users counts what uses each value.
func (t *task) users() []int {
	users := make([]int, len(t.nodes))
	for _, n := range t.nodes {
		for _, a := range n.args {
			users[a]++
		}
	}
	for _, r := range t.results {
		users[r.value]++
	}
	return users
}

// group adds tasks for results, one for each set of dimensions reduced over; stores go with the
// last.
func (s *splitter) group(t *task, results []result, whole bool) {
	var keys []string
	groups := map[string][]result{}
	var stores []result
	for _, r := range results {
		if r.reduce == backends.OpTypeInvalid {
			stores = append(stores, r)
			continue
		}
		key := fmt.Sprint(r.over)
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], r)
	}
	if len(keys) == 0 {
		if len(stores) > 0 {
			s.tasks = append(s.tasks, piecewise{t.only(stores), whole})
		}
		return
	}
	for i, key := range keys {
		g := groups[key]
		if i == len(keys)-1 {
			g = append(g, stores...)
		}
		s.tasks = append(s.tasks, piecewise{t.only(g), whole})
	}
}

// withoutColumns returns what a task does if it has no columns: its reductions are constants, and
// only values of rows are left.
func (s *splitter) withoutColumns(t *task) *task {
	last := len(t.dims) - 1
	out := &task{dims: t.dims, one: true, nodes: slices.Clone(t.nodes)}
	for v, n := range out.nodes {
		if ir.IsReduction(n.op) {
			array := s.temp(temp{dtype: n.dtype, elements: 1, identity: n.op})
			out.nodes[v] = node{op: opInput, dtype: n.dtype, array: array, strides: make([]int, len(t.dims))}
		}
		out.nodes[v].columns = out.hasColumns(&out.nodes[v])
	}
	var results []result
	for _, r := range t.results {
		if r.over[last] { // of nothing
			n := t.nodes[r.value]
			array := s.temp(temp{dtype: n.dtype, elements: 1, identity: r.reduce})
			r.value = out.add(node{op: opInput, dtype: n.dtype, array: array, strides: make([]int, len(t.dims))})
			r.over = slices.Clone(r.over)
			r.over[last] = false
			if !slices.Contains(r.over, true) && r.dtype == n.dtype {
				r.reduce = backends.OpTypeInvalid
			}
		}
		if r.strides[last] == 0 && !out.nodes[r.value].columns {
			results = append(results, r)
		}
	}
	out = out.only(results)
	if last > 0 {
		out.dropColumns()
	} else {
		out.dims = []int{1}
	}
	return out
}
