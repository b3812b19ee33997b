package loop

import (
	"testing"

	"github.com/gomlx/gomlx/backends"
)

// TestSimplified counts what is left: nodes along the columns, reductions, and how many of these
// follow one another.
func TestSimplified(t *testing.T) {
	const r, c = 4, 512
	for _, x := range []struct {
		name                    string
		build                   func(b *builder)
		vectors, sums, sequence int
	}{
		{"the same product twice", func(b *builder) {
			x, y, s := b.in(c, 1), b.in(c, 1), b.in(1, 0)
			p := b.do(mul, s, x)
			b.out(b.do(add, b.do(add, y, p), p), c, 1)
		}, 2, 0, 0},
		{"the sum is wanted elsewhere", func(b *builder) {
			x, y, s := b.in(c, 1), b.in(c, 1), b.in(1, 0)
			p := b.do(mul, s, x)
			q := b.do(add, y, p)
			b.out(b.do(add, q, p), c, 1)
			b.out(q, c, 1)
		}, 3, 0, 0},
		{"a sum of terms that wait", func(b *builder) {
			x, y := b.in(c, 1), b.in(c, 1)
			s := b.do(sumOp, x)
			v := b.do(add, b.do(mul, s, y), b.do(div, x, s))
			b.out(b.do(sub, v, b.do(sumOp, v)), c, 1)
		}, 4, 2, 1},
		{"a term that is not scaled", func(b *builder) {
			x, y := b.in(c, 1), b.in(c, 1)
			s := b.do(sumOp, x)
			v := b.do(add, b.do(mul, s, y), x)
			b.out(b.do(sub, v, b.do(sumOp, v)), c, 1)
		}, 3, 2, 2},
		{"terms that wait for nothing", func(b *builder) {
			x, y, s := b.in(c, 1), b.in(c, 1), b.in(1, 0)
			v := b.do(add, b.do(mul, s, y), b.do(div, x, s))
			b.out(b.do(sub, v, b.do(sumOp, v)), c, 1)
		}, 4, 1, 1},
		{"a common divisor", func(b *builder) {
			x, y, s, m := b.in(c, 1), b.in(c, 1), b.in(1, 0), b.in(1, 0)
			b.out(b.do(div, y, s), c, 1)
			b.out(b.do(mul, b.do(add, b.do(div, x, s), m), y), c, 1)
		}, 3, 0, 0},
		{"divisors that differ", func(b *builder) {
			x, y, s, m := b.in(c, 1), b.in(c, 1), b.in(1, 0), b.in(1, 0)
			b.out(b.do(div, y, m), c, 1)
			b.out(b.do(mul, b.do(add, b.do(div, x, s), m), y), c, 1)
		}, 4, 0, 0},
		{"quotients of a softmax", func(b *builder) {
			x, v, one := b.in(c, 1), b.in(c, 1), b.in(0, 0)
			e := b.do(exp, x)
			s := b.do(sumOp, e)
			b.out(b.do(div, e, s), c, 1)
			b.out(b.do(sumOp, b.do(mul, v, b.do(mul, e, b.do(div, one, b.do(mul, s, s))))), 1, 0)
		}, 3, 2, 2},
		{"quotients of a normalisation", func(b *builder) {
			x, v, one, n := b.in(c, 1), b.in(c, 1), b.in(0, 0), b.in(0, 0)
			s := b.do(backends.OpTypeSqrt, b.do(add, b.do(mul, b.do(sumOp, b.do(mul, x, x)), n), one))
			b.out(b.do(div, x, s), c, 1)
			b.out(b.do(sumOp, b.do(mul, v, b.do(mul, x, b.do(div, one, b.do(mul, s, s))))), 1, 0)
		}, 3, 2, 2},
		{"quotients of any size", func(b *builder) {
			x, v, one, s := b.in(c, 1), b.in(c, 1), b.in(0, 0), b.in(1, 0)
			b.out(b.do(div, x, s), c, 1)
			b.out(b.do(sumOp, b.do(mul, v, b.do(mul, x, b.do(div, one, b.do(mul, s, s))))), 1, 0)
		}, 3, 1, 1},
	} {
		t.Run(x.name, func(t *testing.T) {
			b := &builder{Program{Dims: []int{r, c}}}
			x.build(b)
			s := simplifier{task: lower(b.Program).simplified()}
			vectors, sums, sequence := 0, 0, 0
			for v, n := range s.nodes {
				switch {
				case n.op == sumOp:
					sums++
				case n.op != opInput && n.columns:
					vectors++
				}
				sequence = max(sequence, s.level(v))
			}
			if vectors != x.vectors || sums != x.sums || sequence != x.sequence {
				t.Errorf("%d operations along columns, %d sums, %d in sequence, want %d, %d, %d", vectors, sums, sequence, x.vectors, x.sums, x.sequence)
			}
		})
	}
}
