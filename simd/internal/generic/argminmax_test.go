package generic

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

func TestArgMinMaxOfRows(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		reason     string
		row        []float64
		least, top int64
	}{
		{"one element", []float64{4}, 0, 0},
		{"the first of equals", []float64{1, 0, 0, 1}, 1, 0},
		{"increasing", []float64{-2, -1, 5}, 0, 2},
		{"NaN counts as extreme", []float64{-inf, nan, inf}, 1, 1},
		{"NaN at the start", []float64{nan, -inf, inf}, 0, 0},
		{"the first NaN", []float64{0, nan, -inf, nan}, 1, 1},
		{"infinities", []float64{0, inf, -inf, inf}, 2, 1},
		{"-0 equals 0", []float64{0, math.Copysign(0, -1)}, 0, 0},
	} {
		for _, dtype := range []dtypes.DType{dtypes.Float16, dtypes.BFloat16, dtypes.Float32, dtypes.Float64} {
			for isMin, want := range map[bool]int64{true: c.least, false: c.top} {
				wide := fresh(dtypes.Float64, []int{len(c.row)})
				copy(tensor.Flat[float64](wide), c.row)
				x := converted(nil, wide, dtype)
				got := evalNew(nil, backends.OpTypeArgMinMax, ir.ArgMinMax{IsMin: isMin}, dtypes.Int64, nil, x)
				if v := tensor.Flat[int64](got)[0]; v != want {
					t.Errorf("%s: %s %v, least %t: %d, want %d", c.reason, dtype, c.row, isMin, v, want)
				}
				// Along another axis than the last the comparisons are made line by line.
				x.Dims, x.Strides = []int{len(c.row), 1, 1}, []int{1, 1, 1}
				two := fresh(dtype, []int{len(c.row), 2})
				x.Dims, x.Strides = two.Dims, []int{1, 0}
				Copy(nil, two, x)
				got = evalNew(nil, backends.OpTypeArgMinMax, ir.ArgMinMax{IsMin: isMin}, dtypes.Int64, []int{2}, two)
				if v := tensor.Flat[int64](got); v[0] != want || v[1] != want {
					t.Errorf("%s: %s %v, least %t, in columns: %d, want %d", c.reason, dtype, c.row, isMin, v, want)
				}
			}
		}
	}
}

// TestArgMinMaxAgainstDefinition goes over all types of operand and result, and shapes in which the
// axis is first, in the middle and last.
func TestArgMinMaxAgainstDefinition(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for _, dtype := range allTypes {
		if dtype.IsComplex() {
			continue
		}
		for _, dims := range [][]int{{7}, {3, 5}, {5, 300}, {4, 6, 5}, {2, 0, 3}, {0, 3, 2}, {3, 1, 2}, {120, 9, 70}} {
			x := fresh(dtype, dims)
			small(x)
			wide := tensor.Flat[float64](converted(nil, x, dtypes.Float64)) // exact: they are small
			for axis := range dims {
				rest := append(append([]int{}, dims[:axis]...), dims[axis+1:]...)
				inner := tensor.Size(dims[axis+1:])
				for _, isMin := range []bool{true, false} {
					want := fresh(dtypes.Int64, rest)
					for i := range want.Size() {
						at := i/inner*inner*dims[axis] + i%inner
						best := 0
						for k := range dims[axis] {
							v, b := wide[at+k*inner], wide[at+best*inner]
							if (isMin && v < b) || (!isMin && v > b) {
								best = k
							}
						}
						tensor.Flat[int64](want)[i] = int64(best)
					}
					for _, out := range []dtypes.DType{dtypes.Int32, dtypes.Uint8, dtypes.Int64} {
						got := evalNew(pool, backends.OpTypeArgMinMax, ir.ArgMinMax{Axis: axis, IsMin: isMin}, out, rest, x)
						if i := differ(converted(nil, got, dtypes.Int64), want); i >= 0 {
							t.Errorf("%s%v along %d, least %t, as %s: result %d is %s, want %s", dtype, dims, axis, isMin, out, i, show(got, i), show(want, i))
						}
					}
				}
			}
		}
	}
}
