package generic

import (
	"math/cmplx"
	"reflect"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/shapeinference"
	"github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// build returns the function that calls the builder's method of an operation.
func build(op ir.Op, more ...any) func(b backends.Builder, in []backends.Op) (backends.Op, error) {
	return func(b backends.Builder, in []backends.Op) (backends.Op, error) {
		var args []reflect.Value
		for _, x := range in {
			args = append(args, reflect.ValueOf(x))
		}
		for _, x := range more {
			args = append(args, reflect.ValueOf(x))
		}
		out := reflect.ValueOf(b).MethodByName(op.String()).Call(args)
		err, _ := out[1].Interface().(error)
		return out[0].Interface(), err
	}
}

// compare holds a result to simplego's, whose functions are package math's: to some units in the
// last place, and exactly for integers.
func compare(t *testing.T, what string, got, want tensor.Tensor, ulps float64) {
	t.Helper()
	each(got.Dims, func(index []int) {
		g, w := get(got, index...), get(want, index...)
		if g == w || g != g && w != w || (!got.DType.IsInt() && cmplx.Abs(g-w) <= ulps*rounding(got.DType)*cmplx.Abs(w)) {
			return
		}
		t.Errorf("%s: element %v is %v, simplego's %v", what, index, g, w)
	})
}

// TestElementwiseAgainstSimplego runs all that it accepts on small numbers, other than 0 to divide by.
func TestElementwiseAgainstSimplego(t *testing.T) {
	count := 0
	for _, op := range ir.Elementwise() {
		for _, dtype := range allTypes {
			if !simplego.Capabilities.Operations[op] || !simplego.Capabilities.DTypes[dtype] || dtype == dtypes.BFloat16 {
				continue // its bfloat16 is cut, not rounded
			}
			dims := []int{3, 11}
			s := shapes.Make(dtype, dims...)
			operands := []tensor.Tensor{fresh(dtype, dims), fresh(dtype, dims)}
			for i, x := range operands {
				small(x)
				one := fresh(dtype, dims)
				apply(nil, elem.Map(backends.OpTypeConvertDType, dtypes.Int8, dtype), one, filledWith(1+int8(i), dims))
				if dtype != dtypes.Bool {
					apply(nil, elem.Map(backends.OpTypeAdd, dtype, dtype), x, x, one) // 1 … 9
				}
			}
			var err error
			out := s
			switch {
			case shapeinference.StandardUnaryOperations.Has(op):
				out, err = shapeinference.UnaryOp(op, s)
				operands = operands[:1]
			case shapeinference.StandardBinaryOperations.Has(op):
				out, err = shapeinference.BinaryOp(op, s, s)
			case shapeinference.ComparisonOperations.Has(op):
				out, err = shapeinference.ComparisonOp(op, s, s)
			default:
				continue
			}
			if err != nil || (dtype == dtypes.Bool && !shapeinference.BooleanOperations.Has(op)) {
				continue // it accepts arithmetic of bool, and then has no code for it
			}
			count++
			got := evalNew(nil, op, nil, out.DType, dims, operands...)
			compare(t, op.String()+" of "+dtype.String(), got, reference(t, build(op), operands...), 4)
		}
	}
	if count < 150 {
		t.Errorf("only %d operations and types were compared", count)
	}
}

// filledWith returns an array of one number.
func filledWith(v int8, dims []int) tensor.Tensor {
	x := fresh(dtypes.Int8, dims)
	for i := range tensor.Flat[int8](x) {
		tensor.Flat[int8](x)[i] = v
	}
	return x
}

// TestReduceAgainstSimplego runs all that it accepts over some axes.
func TestReduceAgainstSimplego(t *testing.T) {
	for _, op := range reductionOps {
		for _, dtype := range allTypes {
			if elem.Reduce(op, dtype) == nil || !simplego.Capabilities.DTypes[dtype] || dtype == dtypes.BFloat16 {
				continue
			}
			if logical := elem.Map(elem.Binary(op), dtypes.Int8, dtypes.Int8) == nil; logical != (dtype == dtypes.Bool) {
				continue
			}
			if op == backends.OpTypeReduceMax && dtype == dtypes.Int8 {
				continue // it panics: dtypes.Int8.LowestValue is an int16
			}
			x := fresh(dtype, []int{4, 3, 5})
			small(x)
			for _, c := range []struct{ axes, dims []int }{{[]int{1}, []int{4, 5}}, {[]int{0, 2}, []int{3}}, {[]int{0, 1, 2}, nil}} {
				got := evalNew(nil, op, ir.Axes{Axes: c.axes}, dtype, c.dims, x)
				more := make([]any, len(c.axes))
				for i, a := range c.axes {
					more[i] = a
				}
				compare(t, op.String()+" of "+dtype.String(), got, reference(t, build(op, more...), x), 40)
			}
		}
	}
}

// TestArgMinMaxAgainstSimplego takes NaN out of it.
func TestArgMinMaxAgainstSimplego(t *testing.T) {
	for _, dtype := range []dtypes.DType{dtypes.Int8, dtypes.Uint64, dtypes.Float32, dtypes.Float64} {
		x := fresh(dtype, []int{4, 7, 5})
		small(x)
		for axis, dims := range [][]int{{7, 5}, {4, 5}, {4, 7}} {
			for _, isMin := range []bool{false, true} {
				got := evalNew(nil, backends.OpTypeArgMinMax, ir.ArgMinMax{Axis: axis, IsMin: isMin}, dtypes.Int32, dims, x)
				compare(t, "ArgMinMax of "+dtype.String(), got, reference(t, build(backends.OpTypeArgMinMax, axis, dtypes.Int32, isMin), x), 0)
			}
		}
	}
}
