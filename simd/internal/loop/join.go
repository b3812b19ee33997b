package loop

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// products joins a product that only one sum wants with it, over columns or over rows, and a·s with
// the addition that wants it where s is one factor. Chains have links for them.
func (e *emitter) products(uses []int) {
	made := map[int]int{} // value -> step
	var out []step
	for _, s := range e.steps {
		if p, k := e.productFor(&s, made, uses, out); k >= 0 {
			product := &out[p]
			if s.code == callBlock {
				v := &e.values[s.dst]
				a, factor := product.args[0], product.args[1]
				if e.values[product.dst].scalar == 0 {
					a, factor = factor, a
				}
				s.args = []int{a, factor, s.args[1-k]}
				v.op, v.args, v.scalar = opMulAdd, s.args, 1
			} else {
				s.args = product.args
			}
			s.joined = true
			product.code = gone
		}
		if s.dst >= 0 && s.code == callBlock {
			made[s.dst] = len(out)
		}
		out = append(out, s)
	}
	e.steps = slices.DeleteFunc(out, func(s step) bool { return s.code == gone })
}

// productFor returns the step of the product that step s can take over, and which operand it is, or -1.
func (e *emitter) productFor(s *step, made map[int]int, uses []int, steps []step) (int, int) {
	switch s.code {
	case callBlock:
		if v := &e.values[s.dst]; v.op != backends.OpTypeAdd || v.scalar >= 0 {
			return -1, -1
		}
	case reduceRows:
		if e.batch > 1 || e.values[s.dst].op != backends.OpTypeReduceSum {
			return -1, -1
		}
	case addBlock:
		if e.batch > 1 || e.task.results[s.x].reduce != backends.OpTypeReduceSum {
			return -1, -1
		}
	default:
		return -1, -1
	}
	for k, a := range s.args {
		p, ok := made[a]
		if !ok || uses[a] != 1 || steps[p].where != s.where || linkTable(e.values[a].dtype) == nil {
			continue
		}
		v := &e.values[a]
		if v.op == backends.OpTypeMul && v.into < 0 && (v.scalar >= 0) == (s.code == callBlock) {
			return p, k
		}
	}
	return -1, -1
}

// chains joins steps to chains where they can be.
func (e *emitter) chains() {
	if linkTable(dtypes.Float32) == nil || e.sumsOnly() {
		return
	}
	uses := make([]int, len(e.values))
	count := func() {
		clear(uses)
		for _, s := range e.steps {
			for _, a := range s.args {
				uses[a]++
			}
		}
	}
	count()
	e.products(uses)
	count()
	var out []step
	for i := 0; i < len(e.steps); {
		n := i
		for n < len(e.steps) && e.steps[n].where == e.steps[i].where && e.linkable(&e.steps[n], e.steps[i].args) {
			n++
		}
		if n == i {
			out = append(out, e.steps[i])
			i++
			continue
		}
		out = append(out, e.chainsOf(e.steps[i:n], uses)...)
		i = n
	}
	e.steps = out
}

// linkable reports whether a step can be part of a chain that also has operands like.
func (e *emitter) linkable(s *step, like []int) bool {
	if len(s.args) == 0 || len(like) == 0 {
		return false
	}
	dtype := e.values[like[0]].dtype
	if linkTable(dtype) == nil || slices.ContainsFunc(s.args, func(a int) bool { return e.values[a].dtype != dtype }) {
		return false
	}
	switch s.code {
	case callBlock:
		v := &e.values[s.dst]
		_, ok := e.linksOf(v, -1)
		return ok && v.dtype == dtype
	case reduceRows:
		return e.batch == 1 && (e.values[s.dst].op == backends.OpTypeReduceSum || e.isTop(s.dst))
	case addBlock:
		return e.task.results[s.x].reduce == backends.OpTypeReduceSum && e.batch == 1
	}
	return false
}

// chainsOf makes steps that are linkable into chains, in an order that keeps values in registers.
func (e *emitter) chainsOf(steps []step, uses []int) []step {
	left := slices.Clone(steps)
	var out []step
	for len(left) > 0 {
		b := chainBuilder{emitter: e, uses: uses, current: -1}
		b.dtype = e.values[left[0].args[0]].dtype
		b.table = linkTable(b.dtype)
		b.links = append(b.links, chainLink{op: linkBegin, value: -1})
		var last step
		n := 0
		for len(left) > 0 {
			k := b.next(left)
			if !b.fits(&left[k]) {
				break
			}
			b.take(&left[k])
			last = left[k]
			left = slices.Delete(left, k, k+1)
			n++
		}
		if n == 1 && !last.joined && !(last.code == reduceRows && e.isTop(last.dst)) {
			out = append(out, last)
			continue
		}
		b.leave()
		b.links = append(b.links, chainLink{op: linkLast, value: -1})
		for k := range b.sums {
			b.sums[k].link = len(b.links)
			if b.values[b.sums[k].value].op == backends.OpTypeReduceMax {
				b.links = append(b.links, chainLink{op: linkTopFinish, value: -1}, chainLink{op: linkLast, value: -1, top: true})
				continue
			}
			b.links = append(b.links, chainLink{op: linkFinish, value: -1}, chainLink{op: linkLast, value: -1, sum: k + 1})
		}
		b.links = append(b.links, chainLink{op: linkExit, value: -1})
		b.before()
		e.form.chains = append(e.form.chains, b.chain)
		out = append(out, step{op: op{code: callChain, x: len(e.form.chains) - 1}, dst: -1, dsts: b.dsts, args: b.args, where: last.where, phase: last.phase})
	}
	return out
}

// chainBuilder makes a chain of steps.
type chainBuilder struct {
	chain
	*emitter
	uses       []int
	current    int  // value in registers, -1
	computed   bool // by this chain, and not in memory
	left       int  // uses of it that are not in the chain yet
	dsts, args []int
	divisors   []int
	tops       bool // there is a maximum
}

// next chooses which step follows: first those that leave the value in registers as it is, then
// one that is its last use, then any other of its uses.
func (b *chainBuilder) next(left []step) int {
	best, rank := 0, 9
	for i := range left {
		s := &left[i]
		ready := !slices.ContainsFunc(left, func(t step) bool { return t.dst >= 0 && slices.Contains(s.args, t.dst) })
		r := 3
		switch {
		case !ready:
			continue
		case b.current < 0 || !slices.Contains(s.args, b.current):
		case s.code != callBlock:
			r = 0
		case b.left == 1:
			r = 1
		default:
			r = 2
		}
		if r < rank {
			best, rank = i, r
		}
	}
	return best
}

// fits reports whether the chain has room for a step.
func (b *chainBuilder) fits(s *step) bool {
	if s.code == reduceRows {
		return len(b.sums) < chainSums && !(b.tops && b.isTop(s.dst))
	}
	if s.code == callBlock {
		v := &b.values[s.dst]
		return v.op != backends.OpTypeDiv || v.scalar != 1 || len(b.divisors) < chainPairs || slices.Contains(b.divisors, v.args[1])
	}
	return true
}

// before puts before the loop what divisions by one number need, and where a maximum starts.
func (b *chainBuilder) before() {
	for k := range b.links {
		if l := &b.links[k]; l.op == linkDivScalar {
			l.pair = slices.Index(b.divisors, l.value) + 1
			l.value = -1
		}
	}
	var first []chainLink
	if b.tops {
		first = append(first, chainLink{op: linkTopBegin, value: -1, top: true})
	}
	for i, d := range b.divisors {
		first = append(first, chainLink{op: linkReciprocal, value: -1, pair: i + 1}, chainLink{op: linkLast, value: d})
	}
	b.links = append(first, b.links...)
	for k := range b.adds {
		b.adds[k] += len(first)
	}
	for k := range b.sums {
		b.sums[k].link += len(first)
	}
}

// take adds a step to the chain.
func (b *chainBuilder) take(s *step) {
	switch s.code {
	case callBlock:
		v := &b.values[s.dst]
		if v.op == backends.OpTypeDiv && v.scalar == 1 && !slices.Contains(b.divisors, v.args[1]) {
			b.divisors = append(b.divisors, v.args[1])
		}
		links, ok := b.linksOf(v, b.current)
		on := b.current
		if !ok {
			links, _ = b.linksOf(v, -1)
			on = -1 // every operand is read from memory, the current value too
		}
		for _, a := range s.args {
			if a == on {
				b.left--
			} else {
				b.args = append(b.args, a)
			}
		}
		b.leave()
		b.links = append(b.links, links...)
		b.current, b.computed, b.left = s.dst, true, b.uses[s.dst]
	case reduceRows:
		if b.isTop(s.dst) {
			b.load(s.args[0])
			b.links = append(b.links, chainLink{op: linkTop, value: -1, top: true})
			b.sums = append(b.sums, chainSum{value: s.dst, step: s.op})
			b.tops = true
			return
		}
		links := [3]linkOp{linkSum, linkSumSquare, linkSumProduct}
		b.add(s.args, links, chainLink{value: -1, sum: len(b.sums) + 1})
		b.sums = append(b.sums, chainSum{value: s.dst, step: s.op})
	case addBlock:
		if len(s.args) == 2 && s.args[0] == s.args[1] { // no link squares and adds to memory
			b.load(s.args[0])
			b.left--
			b.leave()
			b.links = append(b.links, chainLink{op: linkSquare, value: -1})
			b.adds = append(b.adds, len(b.links))
			b.links = append(b.links, chainLink{op: linkAddTo, value: -1, accum: s.x})
			b.current, b.computed = -1, false
			return
		}
		at := b.add(s.args, [3]linkOp{linkAddTo, linkLast, linkAddToProduct}, chainLink{value: -1, accum: s.x})
		b.adds = append(b.adds, at)
	}
}

// add adds a link for the sum of a value, its square or a product, and returns its place.
func (b *chainBuilder) add(args []int, ops [3]linkOp, l chainLink) int {
	on := args[len(args)-1]
	if args[0] == b.current {
		on = args[0]
	}
	b.load(on)
	at := len(b.links)
	switch {
	case len(args) == 1:
		l.op = ops[0]
		b.links = append(b.links, l)
	case args[0] == args[1]:
		b.left--
		l.op = ops[1]
		b.links = append(b.links, l)
	default:
		other := args[0] + args[1] - on
		l.op = ops[2]
		b.links = append(b.links, l, chainLink{op: linkLast, value: other})
		b.args = append(b.args, other)
	}
	return at
}

// load brings a value to the registers, for one use.
func (b *chainBuilder) load(v int) {
	if v == b.current {
		b.left--
		return
	}
	b.leave()
	b.links = append(b.links, chainLink{op: linkLoad, value: v})
	b.args = append(b.args, v)
	b.current, b.computed = v, false
}

// leave writes the current value to memory if something else wants it.
func (b *chainBuilder) leave() {
	if b.current >= 0 && b.computed && (b.left > 0 || b.values[b.current].into >= 0) {
		b.links = append(b.links, chainLink{op: linkStore, value: b.current})
		b.dsts = append(b.dsts, b.current)
	}
	b.computed = false
}
