package vec

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// each runs a test for every set of kernels that this machine can run.
func each(t *testing.T, f func(t *testing.T)) {
	old := current
	defer func() { current = old }()
	for _, s := range sets() {
		current = s
		t.Run(s.name, f)
	}
}

var binaryOps = []ir.Op{backends.OpTypeAdd, backends.OpTypeSub, backends.OpTypeMul, backends.OpTypeDiv,
	backends.OpTypeMax, backends.OpTypeMin, backends.OpTypePow}

var unaryOps = []ir.Op{backends.OpTypeNeg, backends.OpTypeAbs, backends.OpTypeSign, backends.OpTypeFloor,
	backends.OpTypeCeil, backends.OpTypeRound, backends.OpTypeSqrt, backends.OpTypeRsqrt, backends.OpTypeExp,
	backends.OpTypeExpm1, backends.OpTypeLog, backends.OpTypeLog1p, backends.OpTypeTanh, backends.OpTypeLogistic,
	backends.OpTypeErf, backends.OpTypeSin, backends.OpTypeCos}

var comparisonOps = []ir.Op{backends.OpTypeEqual, backends.OpTypeNotEqual, backends.OpTypeLessThan,
	backends.OpTypeLessOrEqual, backends.OpTypeGreaterThan, backends.OpTypeGreaterOrEqual}

var testOps = []ir.Op{backends.OpTypeIsNaN, backends.OpTypeIsFinite}

// lengths surround the widths of vectors and of unrolled loops.
func lengths() []int {
	n := []int{1000, 1023, 1024, 1025}
	for i := range 71 {
		n = append(n, i)
	}
	return n
}

// A block is memory that begins at no particular alignment, with a guard behind.
func block[T any](rng *rand.Rand, n int) []T {
	at := rng.IntN(16)
	return make([]T, at+n+64)[at : at+n+64]
}

// one computes elements one call each: what a kernel must give at every place and length.
func one[T, U any](k elem.Kernel, a, b, c []T, n int) []U {
	out := make([]U, n)
	for i := range out {
		x := a[i : i+1]
		y, z := x, x
		if b != nil {
			y = b[i : i+1]
		}
		if c != nil {
			z = c[i : i+1]
		}
		k(ptr(out[i:]), ptr(x), ptr(y), ptr(z), 1)
	}
	return out
}

// check compares the first n elements by their bits and wants the guard behind to be untouched.
func check[T comparable](t *testing.T, what string, got, want []T, n int) {
	t.Helper()
	for i := range want {
		if got[i] != want[i] && !(got[i] != got[i] && want[i] != want[i]) {
			t.Fatalf("%s: element %d of %d is %v, want %v", what, i, n, got[i], want[i])
		}
	}
	var zero T
	for i := n; i < len(got); i++ {
		if got[i] != zero {
			t.Fatalf("%s: wrote element %d of %d", what, i, n)
		}
	}
}

// An element's result depends neither on its place, nor on the length, nor on whether the result
// overwrites an operand, nor on whether an operand that is the same everywhere is given once.
func TestPlace(t *testing.T) {
	each(t, func(t *testing.T) {
		testPlace[float32](t, dtypes.Float32)
		testPlace[float64](t, dtypes.Float64)
	})
}

func testPlace[T float](t *testing.T, dtype dtypes.DType) {
	rng := rand.New(rand.NewPCG(3, 4))
	all := samples[T](rng, 4000)
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	take := func(n int) []T {
		x := block[T](rng, n)[:n]
		copy(x, all[rng.IntN(len(all)-n):])
		return x
	}
	for _, n := range lengths() {
		a, b := take(n), take(n)
		for _, op := range unaryOps {
			k := Map(op, dtype, dtype)
			want := one[T, T](k, a, nil, nil, n)
			got := block[T](rng, n)
			k(ptr(got), ptr(a), nil, nil, n)
			check(t, fmt.Sprintf("%v %v", op, dtype), got, want, n)
			copy(got, a)
			k(ptr(got), ptr(got), nil, nil, n)
			check(t, fmt.Sprintf("%v %v in place", op, dtype), got, want, n)
		}
		for _, op := range binaryOps {
			k := Map(op, dtype, dtype)
			want := one[T, T](k, a, b, nil, n)
			got := block[T](rng, n)
			k(ptr(got), ptr(a), ptr(b), nil, n)
			check(t, fmt.Sprintf("%v %v", op, dtype), got, want, n)
			for i := range 2 {
				copy(got, [][]T{a, b}[i])
				x := [][]T{a, b}
				x[i] = got
				k(ptr(got), ptr(x[0]), ptr(x[1]), nil, n)
				check(t, fmt.Sprintf("%v %v over operand %d", op, dtype, i), got, want, n)
			}
			for i := range 2 {
				s := MapScalar(op, dtype, dtype, i)
				if s == nil || n == 0 {
					continue
				}
				x := [][]T{a, b}
				same := make([]T, n)
				for j := range same {
					same[j] = x[i][0]
				}
				x[i] = same
				want := one[T, T](k, x[0], x[1], nil, n)
				got := block[T](rng, n)
				x[i] = same[:1]
				s(ptr(got), ptr(x[0]), ptr(x[1]), nil, n)
				check(t, fmt.Sprintf("%v %v with a scalar %d", op, dtype, i), got, want, n)
			}
		}
		for _, op := range comparisonOps {
			k, e := Map(op, dtype, dtypes.Bool), elem.Map(op, dtype, dtypes.Bool)
			copy(b[n/2:], a[n/2:]) // some are equal
			want := one[T, bool](e, a, b, nil, n)
			got := block[bool](rng, n)
			k(ptr(got), ptr(a), ptr(b), nil, n)
			check(t, fmt.Sprintf("%v %v", op, dtype), got, want, n)
			for i := range 2 {
				s := MapScalar(op, dtype, dtypes.Bool, i)
				if s == nil || n == 0 {
					continue
				}
				x := [][]T{a, b}
				same := make([]T, n)
				for j := range same {
					same[j] = x[i][0]
				}
				x[i] = same
				want := one[T, bool](e, x[0], x[1], nil, n)
				got := block[bool](rng, n)
				s(ptr(got), ptr(x[0]), ptr(x[1]), nil, n)
				check(t, fmt.Sprintf("%v %v with a scalar %d", op, dtype, i), got, want, n)
			}
		}
		for _, op := range testOps {
			want := one[T, bool](elem.Map(op, dtype, dtypes.Bool), a, nil, nil, n)
			got := block[bool](rng, n)
			Map(op, dtype, dtypes.Bool)(ptr(got), ptr(a), nil, nil, n)
			check(t, fmt.Sprintf("%v %v", op, dtype), got, want, n)
		}
		testWhere(t, rng, dtype, a, b, n)
	}
}

func testWhere[T float](t *testing.T, rng *rand.Rand, dtype dtypes.DType, a, b []T, n int) {
	cond := block[bool](rng, n)[:n]
	for i := range cond {
		cond[i] = rng.IntN(2) == 0
	}
	choose := func(x, y func(i int) T) []T {
		want := make([]T, n)
		for i := range want {
			if want[i] = y(i); cond[i] {
				want[i] = x(i)
			}
		}
		return want
	}
	fromA, fromB := func(i int) T { return a[i] }, func(i int) T { return b[i] }
	got := block[T](rng, n)
	Map(backends.OpTypeWhere, dtype, dtype)(ptr(got), ptr(cond), ptr(a), ptr(b), n)
	check(t, fmt.Sprintf("Where %v", dtype), got, choose(fromA, fromB), n)
	if n == 0 {
		return
	}
	if k := MapScalar(backends.OpTypeWhere, dtype, dtype, 1); k != nil {
		got := block[T](rng, n)
		k(ptr(got), ptr(cond), ptr(a), ptr(b), n)
		check(t, fmt.Sprintf("Where %v with a scalar 1", dtype), got, choose(func(int) T { return a[0] }, fromB), n)
	}
	if k := MapScalar(backends.OpTypeWhere, dtype, dtype, 2); k != nil {
		got := block[T](rng, n)
		k(ptr(got), ptr(cond), ptr(a), ptr(b), n)
		check(t, fmt.Sprintf("Where %v with a scalar 2", dtype), got, choose(fromA, func(int) T { return b[0] }), n)
	}
}

// What rounds once, or not at all, gives the bits that plain Go does.
func TestExact(t *testing.T) {
	each(t, func(t *testing.T) {
		testExact[float32](t, dtypes.Float32)
		testExact[float64](t, dtypes.Float64)
	})
}

func testExact[T float](t *testing.T, dtype dtypes.DType) {
	rng := rand.New(rand.NewPCG(5, 6))
	e := edges[T]()
	var a, b []T
	for _, x := range e { // all pairs
		for _, y := range e {
			a, b = append(a, x), append(b, y)
		}
	}
	a, b = append(a, samples[T](rng, 5000)...), append(b, samples[T](rng, 5000)...)
	rng.Shuffle(len(b)-len(e)*len(e), func(i, j int) {
		i, j = i+len(e)*len(e), j+len(e)*len(e)
		b[i], b[j] = b[j], b[i]
	})
	got, want := make([]T, len(a)), make([]T, len(a))
	for _, op := range append(append([]ir.Op{}, binaryOps[:6]...), unaryOps[:7]...) {
		Map(op, dtype, dtype)(ptr(got), ptr(a), ptr(b), nil, len(a))
		elem.Map(op, dtype, dtype)(ptr(want), ptr(a), ptr(b), nil, len(a))
		for i := range got {
			if !same(got[i], want[i]) {
				t.Fatalf("%v %v (%v, %v) = %v, want %v", op, dtype, a[i], b[i], got[i], want[i])
			}
		}
	}
}
