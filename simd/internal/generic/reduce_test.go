package generic

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// reductionOps are all of them.
var reductionOps = []ir.Op{
	backends.OpTypeReduceSum, backends.OpTypeReduceProduct, backends.OpTypeReduceMax,
	backends.OpTypeReduceMin, backends.OpTypeReduceLogicalAnd, backends.OpTypeReduceLogicalOr,
	backends.OpTypeReduceLogicalXor, backends.OpTypeReduceBitwiseAnd, backends.OpTypeReduceBitwiseOr,
	backends.OpTypeReduceBitwiseXor,
}

// small fills a tensor with little integers, so that sums are exact in every type.
func small(t tensor.Tensor) {
	wide := fresh(dtypes.Int64, t.Dims)
	seed := uint64(12345)
	for i := range tensor.Flat[int64](wide) {
		seed = seed*6364136223846793005 + 1442695040888963407
		tensor.Flat[int64](wide)[i] = int64(seed >> 61) // 0 … 7
		if t.Size() > 30 && t.DType != dtypes.Bool && !t.DType.IsInt() && seed>>60&1 == 0 {
			tensor.Flat[int64](wide)[i] -= 8
		}
	}
	apply(nil, elem.Map(backends.OpTypeConvertDType, dtypes.Int64, t.DType), t, wide)
}

// evalNew evaluates one operation on new memory.
func evalNew(pool *par.Pool, op ir.Op, attr any, out dtypes.DType, dims []int, in ...tensor.Tensor) tensor.Tensor {
	result := fresh(out, dims)
	Eval(pool, &ir.Node{Op: op, Attr: attr, Shape: shapes.Make(out, dims...)}, in, result)
	return result
}

// naiveReduce is the definition: each element, in order, into its place.
func naiveReduce(op ir.Op, x tensor.Tensor, over []int) tensor.Tensor {
	folds := map[int]bool{}
	for _, a := range over {
		folds[a] = true
	}
	var dims []int
	for a, d := range x.Dims {
		if !folds[a] {
			dims = append(dims, d)
		}
	}
	wide := accumulator(op, x.DType)
	acc := fresh(wide, dims)
	for i := range acc.Size() {
		elem.Identity(op, wide, offsetOf(acc, i))
	}
	in := converted(nil, x, wide)
	k := elem.Map(elem.Binary(op), wide, wide)
	for i := range x.Size() {
		at, stride := 0, 1
		for a, rest := len(x.Dims)-1, i; a >= 0; a-- {
			if !folds[a] {
				at += rest % x.Dims[a] * stride
				stride *= x.Dims[a]
			}
			rest /= x.Dims[a]
		}
		p := offsetOf(acc, at)
		k(p, p, offsetOf(in, i), nil, 1)
	}
	return converted(nil, acc, x.DType)
}

func TestReduceAgainstDefinition(t *testing.T) {
	cases := []struct {
		reason string
		dims   []int
		axes   []int
	}{
		{"a scalar is its own sum", nil, nil},
		{"no elements give the identity", []int{3, 0, 2}, []int{1}},
		{"no results", []int{0, 4}, []int{1}},
		{"an axis of one element", []int{1, 5}, []int{0}},
		{"one short row", []int{7}, []int{0}},
		{"rows", []int{9, 33}, []int{1}},
		{"a row longer than a line", []int{1, 9001}, []int{1}},
		{"few columns are joined to lines", []int{303, 7}, []int{0}},
		{"fewer rows than a line holds", []int{5, 63}, []int{0}},
		{"columns as wide as not to be joined", []int{70, 64}, []int{0}},
		{"columns in pieces", []int{9, 1029}, []int{0}},
		{"outer and inner axes", []int{6, 10, 11}, []int{0, 2}},
		{"the middle axis", []int{4, 129, 5}, []int{1}},
		{"alternating", []int{3, 4, 5, 6, 7}, []int{1, 3}},
		{"alternating, the other way", []int{3, 4, 5, 6, 7}, []int{0, 2, 4}},
		{"all axes", []int{5, 13, 4}, []int{0, 1, 2}},
		{"many leaves", []int{5, 2, 20, 64}, []int{0, 2}},
	}
	pool := par.New(3)
	defer pool.Close()
	for _, c := range cases {
		for _, op := range reductionOps {
			for _, dtype := range allTypes {
				if elem.Reduce(op, dtype) == nil || (op == backends.OpTypeReduceProduct && !dtype.IsInt()) {
					continue // products of floats round: TestReduceProduct
				}
				x := fresh(dtype, c.dims)
				small(x)
				want := naiveReduce(op, x, c.axes)
				for _, p := range []*par.Pool{nil, pool} {
					got := evalNew(p, op, ir.Axes{Axes: c.axes}, dtype, want.Dims, x)
					if i := differ(got, want); i >= 0 {
						t.Errorf("%s: %s of %s%v over %v: element %d is %s, want %s", c.reason, ir.Name(op),
							dtype, c.dims, c.axes, i, show(got, i), show(want, i))
						break
					}
				}
			}
		}
	}
}

// TestReduceIsSplit reduces arrays that are long enough for parts.
func TestReduceIsSplit(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for _, c := range []struct{ dims, axes []int }{
		{[]int{1 << 18}, []int{0}},
		{[]int{1<<16 + 77, 3}, []int{0}},
		{[]int{1501, 130}, []int{0}},
		{[]int{20, 3, 9000}, []int{0, 2}},
	} {
		for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.Float64} {
			x := fresh(dtype, c.dims)
			small(x)
			want := naiveReduce(backends.OpTypeReduceSum, x, c.axes)
			got := evalNew(pool, backends.OpTypeReduceSum, ir.Axes{Axes: c.axes}, dtype, want.Dims, x)
			if i := differ(got, want); i >= 0 {
				t.Errorf("%s%v over %v: element %d is %s, want %s", dtype, c.dims, c.axes, i, show(got, i), show(want, i))
			}
		}
	}
}

// TestReduceIsTheSameForEveryPool compares the bits of sums that do round.
func TestReduceIsTheSameForEveryPool(t *testing.T) {
	all := pools(t)
	r := rand.New(rand.NewPCG(1, 2))
	for _, dtype := range []dtypes.DType{dtypes.Float16, dtypes.BFloat16, dtypes.Float32, dtypes.Float64, dtypes.Complex64, dtypes.Complex128} {
		for _, c := range []struct{ dims, axes, rest []int }{
			{[]int{200_000}, []int{0}, nil},
			{[]int{40_001, 5}, []int{0}, []int{5}},
			{[]int{1001, 200}, []int{0}, []int{200}},
			{[]int{1001, 200}, []int{1}, []int{1001}},
			{[]int{50, 40, 100}, []int{0, 2}, []int{40}},
		} {
			x := random(r, dtype, c.dims...)
			evalAll(t, all, backends.OpTypeReduceSum, ir.Axes{Axes: c.axes}, dtype, c.rest, x)
		}
	}
}

// TestReduceSumIsAccurate adds numbers whose sum in order would be off by hundreds of ulps.
func TestReduceSumIsAccurate(t *testing.T) {
	const n = 1 << 20
	for _, dtype := range []dtypes.DType{dtypes.Float16, dtypes.BFloat16, dtypes.Float32, dtypes.Float64, dtypes.Complex64, dtypes.Complex128} {
		for _, c := range []struct{ dims, axes []int }{{[]int{n}, []int{0}}, {[]int{n / 8, 8}, []int{0}}, {[]int{n / 256, 256}, []int{0}}} {
			x := fresh(dtype, c.dims)
			tenth := fresh(dtypes.Float64, nil)
			tensor.Flat[float64](tenth)[0] = 0.1
			one := converted(nil, tenth, dtype)
			Copy(nil, x, tensor.Tensor{DType: dtype, Dims: c.dims, Strides: make([]int, len(c.dims)), Data: one.Data})
			value := tensor.Flat[float64](converted(nil, one, dtypes.Float64))[0] // 0.1 rounded to the type
			got := evalNew(nil, backends.OpTypeReduceSum, ir.Axes{Axes: c.axes}, dtype, c.dims[1:], x)
			want := float64(n) / float64(got.Size()) * value // exact but for one rounding
			exact := fresh(dtypes.Float64, nil)
			tensor.Flat[float64](exact)[0] = want
			rounded := tensor.Flat[float64](converted(nil, converted(nil, exact, dtype), dtypes.Float64))[0]
			for i, v := range tensor.Flat[float64](converted(nil, got, dtypes.Float64)) {
				tolerance := 0.0 // accumulated with twice the bits and rounded once
				if dtype == dtypes.Float64 || dtype == dtypes.Complex128 {
					tolerance = 20 * 1.2e-16 * want // log2 n roundings
				}
				if d := v - rounded; d > tolerance || d < -tolerance {
					t.Errorf("%s%v: sum %d is %g, want %g", dtype, c.dims, i, v, rounded)
				}
			}
		}
	}
}

// TestReduceProduct multiplies ±1 and ±2, exact in all types.
func TestReduceProduct(t *testing.T) {
	for _, dtype := range allTypes {
		if dtype.IsInt() || dtype == dtypes.Bool {
			continue
		}
		x := fresh(dtypes.Float64, []int{9, 7})
		for i := range tensor.Flat[float64](x) {
			tensor.Flat[float64](x)[i] = []float64{1, -1, 2, -0.5, 1}[i%5]
		}
		y := converted(nil, x, dtype)
		for _, axes := range [][]int{{0}, {1}, {0, 1}} {
			want := naiveReduce(backends.OpTypeReduceProduct, y, axes)
			got := evalNew(nil, backends.OpTypeReduceProduct, ir.Axes{Axes: axes}, dtype, want.Dims, y)
			got, want = converted(nil, got, dtypes.Complex128), converted(nil, want, dtypes.Complex128)
			if i := differ(got, want); i >= 0 && tensor.Flat[complex128](got)[i] != tensor.Flat[complex128](want)[i] {
				t.Errorf("%s over %v: element %d is %s, want %s", dtype, axes, i, show(got, i), show(want, i))
			}
		}
	}
}

func TestReduceRejectsTypes(t *testing.T) {
	defer func() {
		if err, ok := recover().(error); !ok || err.Error() != "generic.Eval: ReduceMax is not defined for Complex64[2]" {
			t.Errorf("panic %v", err)
		}
	}()
	evalNew(nil, backends.OpTypeReduceMax, ir.Axes{Axes: []int{0}}, dtypes.Complex64, nil, fresh(dtypes.Complex64, []int{2}))
}

func BenchmarkReduce(b *testing.B) {
	for _, c := range []struct {
		name       string
		dims, axes []int
	}{
		{"all", []int{1 << 20}, []int{0}},
		{"rows", []int{1024, 1024}, []int{1}},
		{"short rows", []int{1 << 17, 8}, []int{1}},
		{"columns", []int{1024, 1024}, []int{0}},
		{"few columns", []int{1 << 17, 8}, []int{0}},
		{"middle", []int{64, 256, 64}, []int{1}},
	} {
		for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.Float64, dtypes.Int32, dtypes.BFloat16} {
			b.Run(fmt.Sprintf("%s/%s", c.name, dtype), func(b *testing.B) {
				x := fresh(dtype, c.dims)
				small(x)
				want := naiveReduce(backends.OpTypeReduceSum, x, c.axes)
				n := &ir.Node{Op: backends.OpTypeReduceSum, Attr: ir.Axes{Axes: c.axes}}
				b.SetBytes(int64(x.Size()))
				for b.Loop() {
					Eval(nil, n, []tensor.Tensor{x}, want)
				}
			})
		}
	}
}
