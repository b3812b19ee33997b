package simd_test

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// few draws from numbers whose sums and products are exact in any order, infinities and NaN.
func few(s *sampler, t dtypes.DType, rare int, dims ...int) array {
	return build(t, dims, func([]int) val {
		if s.IntN(rare) == 0 {
			return val{f: []float64{math.Inf(1), math.Inf(-1), math.NaN()}[s.IntN(3)]}
		}
		return val{f: float64(s.IntN(5) - 2)}
	})
}

// Infinities and NaN in one row stay there: what pads a block must not touch them, nor be touched.
func TestInfinitiesAndNaNInSums(t *testing.T) {
	dot := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.Dot(in[0], in[1]) })
	transposed := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
		return b.DotGeneral(in[0], []int{0}, nil, in[1], []int{1}, nil)
	})
	for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.Float64, dtypes.BFloat16} {
		for k, d := range [][3]int{{1, 1, 1}, {3, 5, 7}, {17, 9, 33}, {70, 33, 50}, {6, 16, 257}} {
			s := newSampler(uint64(k), false)
			m, n, sum := d[0], d[1], d[2]
			x, y := few(s, dtype, 40, m, sum), few(s, dtype, 200, sum, n)
			want, _ := product(x, y, []int{1}, nil, []int{0}, nil)
			check(t, dot, tolerance{}, []array{want}, x, y)
			x, y = few(s, dtype, 40, sum, m), few(s, dtype, 200, n, sum)
			want, _ = product(x, y, []int{0}, nil, []int{1}, nil)
			check(t, transposed, tolerance{}, []array{want}, x, y)
		}
		for k, dims := range [][]int{{1}, {9}, {40, 33}, {33, 40}, {3, 700}, {700, 3}, {5, 6, 7}} {
			s := newSampler(uint64(k), false)
			x := few(s, dtype, 30, dims...)
			for a := range dims {
				for _, axes := range [][]int{{a}, nil} {
					over := func(method func(b backends.Builder, x backends.Op, axes ...int) (backends.Op, error)) program {
						return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return method(b, in[0], axes...) })
					}
					want, _ := sums.reduce(x, axes)
					check(t, over(backends.Builder.ReduceSum), tolerance{}, []array{want}, x)
					want, _ = maxima.reduce(x, axes)
					check(t, over(backends.Builder.ReduceMax), tolerance{}, []array{want}, x)
					want, _ = minima.reduce(x, axes)
					check(t, over(backends.Builder.ReduceMin), tolerance{}, []array{want}, x)
				}
			}
		}
	}
}

// Arrays that are shared among goroutines, not only those that one block holds.
func TestLargeArrays(t *testing.T) {
	if testing.Short() {
		t.Skip("large arrays take seconds")
	}
	s := newSampler(1, false)
	const m, n = 601, 517
	x, y, row, column := s.array(dtypes.Float32, m, n), s.array(dtypes.Float32, m, n), s.array(dtypes.Float32, 1, n), s.array(dtypes.Float32, m, 1)
	chain := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
		z, err := b.Mul(in[0], in[1])
		if err != nil {
			return nil, err
		}
		if z, err = b.Add(z, in[2]); err != nil {
			return nil, err
		}
		if z, err = b.Sub(z, in[3]); err != nil {
			return nil, err
		}
		return b.Tanh(z)
	})
	check(t, chain, tolerance{ulp: 4, abs: 16 * eps(dtypes.Float32)}, []array{build(dtypes.Float32, x.dims, func(idx []int) val {
		return val{f: math.Tanh(x.at(idx).f*y.at(idx).f + spread(row, idx).f - spread(column, idx).f)}
	})}, x, y, row, column)

	for _, axes := range [][]int{{0}, {1}, nil} {
		f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.ReduceSum(in[0], axes...) })
		want, tol := sums.reduce(x, axes)
		check(t, f, tol, []array{want}, x)
		f = one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.ReduceMax(in[0], axes...) })
		want, _ = maxima.reduce(x, axes)
		check(t, f, tolerance{}, []array{want}, x)
	}
	turn := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.Transpose(in[0], 1, 0) })
	check(t, turn, tolerance{}, []array{build(dtypes.Float32, []int{n, m}, func(idx []int) val {
		return x.at([]int{idx[1], idx[0]})
	})}, x)
	both := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.Concatenate(1, in...) })
	check(t, both, tolerance{}, []array{build(dtypes.Float32, []int{m, 2 * n}, func(idx []int) val {
		if idx[1] < n {
			return x.at(idx)
		}
		return y.at([]int{idx[0], idx[1] - n})
	})}, x, y)
	// Products of whole numbers are exact.
	whole := func(dtype dtypes.DType, dims ...int) array {
		return build(dtype, dims, func([]int) val { return val{f: float64(s.IntN(7) - 3)} })
	}
	dot := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.Dot(in[0], in[1]) })
	for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.Float64} {
		a, c := whole(dtype, 201, 333), whole(dtype, 333, 150)
		want := build(dtype, []int{201, 150}, func([]int) val { return val{} })
		for i := range 201 {
			for k := range 333 {
				for j := range 150 {
					want.v[i*150+j].f += a.v[i*333+k].f * c.v[k*150+j].f
				}
			}
		}
		check(t, dot, tolerance{}, []array{want}, a, c)
	}
	soft := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
		top, err := b.ReduceMax(in[0], 1)
		if err != nil {
			return nil, err
		}
		if top, err = b.Reshape(top, m, 1); err != nil {
			return nil, err
		}
		e, err := b.Sub(in[0], top)
		if err != nil {
			return nil, err
		}
		if e, err = b.Exp(e); err != nil {
			return nil, err
		}
		sum, err := b.ReduceSum(e, 1)
		if err != nil {
			return nil, err
		}
		if sum, err = b.Reshape(sum, m, 1); err != nil {
			return nil, err
		}
		return b.Div(e, sum)
	})
	want := build(dtypes.Float32, x.dims, func([]int) val { return val{} })
	for i := range m {
		line := x.v[i*n : (i+1)*n]
		top := slices.MaxFunc(line, func(a, b val) int { return signOf(dtypes.Float32, a, b) }).f
		sum := 0.0
		for _, v := range line {
			sum += math.Exp(v.f - top)
		}
		for j, v := range line {
			want.v[i*n+j].f = math.Exp(v.f-top) / sum
		}
	}
	check(t, soft, tolerance{ulp: 24}, []array{want}, x)
}
