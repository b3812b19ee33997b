package elem

import (
	"fmt"
	"math"
	"math/big"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

var nan, inf = math.NaN(), math.Inf(1)

// TestSpecialValues runs on all float types, through the nearest value of the type.
func TestSpecialValues(t *testing.T) {
	zero := math.Copysign(0, -1)
	cases := []struct {
		reason  string
		op      ir.Op
		a, b, c float64
		want    float64
	}{
		{"NaN is passed on", backends.OpTypeExp, nan, 0, 0, nan},
		{"exp overflows to infinity", backends.OpTypeExp, 1e4, 0, 0, inf},
		{"exp underflows to 0", backends.OpTypeExp, -1e4, 0, 0, 0},
		{"exp of infinity", backends.OpTypeExp, inf, 0, 0, inf},
		{"exp of -infinity", backends.OpTypeExp, -inf, 0, 0, 0},
		{"expm1 keeps the sign of 0", backends.OpTypeExpm1, zero, 0, 0, zero},
		{"expm1 of -infinity", backends.OpTypeExpm1, -inf, 0, 0, -1},
		{"log of 0", backends.OpTypeLog, 0, 0, 0, -inf},
		{"log of -0", backends.OpTypeLog, zero, 0, 0, -inf},
		{"log of a negative number", backends.OpTypeLog, -1, 0, 0, nan},
		{"log of infinity", backends.OpTypeLog, inf, 0, 0, inf},
		{"log1p keeps the sign of 0", backends.OpTypeLog1p, zero, 0, 0, zero},
		{"log1p of -1", backends.OpTypeLog1p, -1, 0, 0, -inf},
		{"log1p below -1", backends.OpTypeLog1p, -2, 0, 0, nan},
		{"logistic of infinity", backends.OpTypeLogistic, inf, 0, 0, 1},
		{"logistic of -infinity", backends.OpTypeLogistic, -inf, 0, 0, 0},
		{"logistic of NaN", backends.OpTypeLogistic, nan, 0, 0, nan},
		{"tanh of infinity", backends.OpTypeTanh, inf, 0, 0, 1},
		{"tanh keeps the sign of 0", backends.OpTypeTanh, zero, 0, 0, zero},
		{"tanh of NaN", backends.OpTypeTanh, nan, 0, 0, nan},
		{"erf of -infinity", backends.OpTypeErf, -inf, 0, 0, -1},
		{"erf of NaN", backends.OpTypeErf, nan, 0, 0, nan},
		{"sin of infinity", backends.OpTypeSin, inf, 0, 0, nan},
		{"sin keeps the sign of 0", backends.OpTypeSin, zero, 0, 0, zero},
		{"cos of -infinity", backends.OpTypeCos, -inf, 0, 0, nan},
		{"sqrt of -0", backends.OpTypeSqrt, zero, 0, 0, zero},
		{"sqrt of a negative number", backends.OpTypeSqrt, -1, 0, 0, nan},
		{"rsqrt of 0", backends.OpTypeRsqrt, 0, 0, 0, inf},
		{"rsqrt of -0", backends.OpTypeRsqrt, zero, 0, 0, -inf},
		{"rsqrt of infinity", backends.OpTypeRsqrt, inf, 0, 0, 0},
		{"neg of 0", backends.OpTypeNeg, 0, 0, 0, zero},
		{"abs of -0", backends.OpTypeAbs, zero, 0, 0, 0},
		{"abs of -infinity", backends.OpTypeAbs, -inf, 0, 0, inf},
		{"sign of -0", backends.OpTypeSign, zero, 0, 0, zero},
		{"sign of NaN", backends.OpTypeSign, nan, 0, 0, nan},
		{"sign of -infinity", backends.OpTypeSign, -inf, 0, 0, -1},
		{"ceil to -0", backends.OpTypeCeil, -0.5, 0, 0, zero},
		{"floor of a negative number", backends.OpTypeFloor, -0.5, 0, 0, -1},
		{"floor of infinity", backends.OpTypeFloor, inf, 0, 0, inf},
		{"round half to even, down", backends.OpTypeRound, 2.5, 0, 0, 2},
		{"round half to even, up", backends.OpTypeRound, 3.5, 0, 0, 4},
		{"round half to even, to -0", backends.OpTypeRound, -0.5, 0, 0, zero},
		{"round of NaN", backends.OpTypeRound, nan, 0, 0, nan},
		{"infinities cancel", backends.OpTypeAdd, inf, -inf, 0, nan},
		{"-0 and 0", backends.OpTypeAdd, zero, 0, 0, 0},
		{"-0 and -0", backends.OpTypeAdd, zero, zero, 0, zero},
		{"infinities differ", backends.OpTypeSub, inf, inf, 0, nan},
		{"0 times infinity", backends.OpTypeMul, 0, inf, 0, nan},
		{"the sign of a product", backends.OpTypeMul, zero, 3, 0, zero},
		{"division by 0", backends.OpTypeDiv, -1, 0, 0, -inf},
		{"0 by 0", backends.OpTypeDiv, 0, 0, 0, nan},
		{"NaN wins max", backends.OpTypeMax, nan, 1, 0, nan},
		{"NaN wins max from the right", backends.OpTypeMax, inf, nan, 0, nan},
		{"0 is above -0", backends.OpTypeMax, zero, 0, 0, 0},
		{"NaN wins min", backends.OpTypeMin, nan, -inf, 0, nan},
		{"NaN wins min from the right", backends.OpTypeMin, -inf, nan, 0, nan},
		{"-0 is below 0", backends.OpTypeMin, 0, zero, 0, zero},
		{"clamp from below", backends.OpTypeClamp, -1, -2, 1, -1},
		{"clamp from above", backends.OpTypeClamp, -1, 2, 1, 1},
		{"clamp inside", backends.OpTypeClamp, -1, 0.5, 1, 0.5},
		{"clamp of NaN", backends.OpTypeClamp, -1, nan, 1, nan},
		{"clamp with NaN below", backends.OpTypeClamp, nan, 0, 1, nan},
		{"clamp with NaN above", backends.OpTypeClamp, -1, 0, nan, nan},
		{"clamp with crossed bounds gives the upper", backends.OpTypeClamp, 2, 0, 1, 1},
		{"rem has the sign of the dividend", backends.OpTypeRem, -7, 3, 0, -1},
		{"rem ignores the sign of the divisor", backends.OpTypeRem, 7, -3, 0, 1},
		{"rem by 0", backends.OpTypeRem, 1, 0, 0, nan},
		{"rem of infinity", backends.OpTypeRem, inf, 2, 0, nan},
		{"rem by infinity", backends.OpTypeRem, -2, inf, 0, -2},
		{"rem keeps the sign of 0", backends.OpTypeRem, -6, 3, 0, zero},
		{"anything to the 0", backends.OpTypePow, nan, 0, 0, 1},
		{"1 to anything", backends.OpTypePow, 1, nan, 0, 1},
		{"NaN to the 1", backends.OpTypePow, nan, 1, 0, nan},
		{"a cube root of a negative number", backends.OpTypePow, -8, 1. / 3, 0, nan},
		{"an odd power of a negative number", backends.OpTypePow, -2, 3, 0, -8},
		{"0 to a negative odd power", backends.OpTypePow, zero, -1, 0, -inf},
		{"-1 to infinity", backends.OpTypePow, -1, inf, 0, 1},
		{"pow overflows", backends.OpTypePow, 10, 1000, 0, inf},
		{"real of a real number", backends.OpTypeReal, -3, 0, 0, -3},
		{"imag of a real number", backends.OpTypeImag, nan, 0, 0, 0},
		{"conj of a real number", backends.OpTypeConj, -3, 0, 0, -3},
	}
	for _, dtype := range floatTypes {
		for _, c := range cases {
			got := call(c.op, dtype, c.a, c.b, c.c)
			if !same(got, c.want) {
				t.Errorf("%s: %s(%g, %g, %g) of %s is %g, want %g", c.reason, c.op, c.a, c.b, c.c, dtype, got, c.want)
			}
		}
	}
}

// call runs a kernel with operands and result of one type on one number.
func call(op ir.Op, dtype dtypes.DType, operands ...float64) float64 {
	var cells [4][16]byte
	for i, x := range operands {
		write(dtype, unsafe.Pointer(&cells[i]), x)
	}
	Map(op, dtype, dtype)(unsafe.Pointer(&cells[3]), unsafe.Pointer(&cells[0]), unsafe.Pointer(&cells[1]), unsafe.Pointer(&cells[2]), 1)
	return read(dtype, unsafe.Pointer(&cells[3]))
}

// read converts an element to float64.
func read(dtype dtypes.DType, p unsafe.Pointer) float64 {
	var v float64
	convert(dtype, dtypes.Float64)(unsafe.Pointer(&v), p, nil, nil, 1)
	return v
}

// same holds for equal numbers of equal sign, and for any two NaN.
func same(x, y float64) bool {
	return (x != x && y != y) || (x == y && math.Signbit(x) == math.Signbit(y))
}

// TestDenormalsAreKept multiplies and adds the least numbers of each type.
func TestDenormalsAreKept(t *testing.T) {
	for _, c := range []struct {
		dtype dtypes.DType
		least float64
	}{
		{dtypes.Float16, 0x1p-24}, {dtypes.BFloat16, 0x1p-133}, {dtypes.Float32, 0x1p-149}, {dtypes.Float64, 0x1p-1074},
	} {
		for _, r := range []struct {
			op   ir.Op
			b    float64
			want float64
		}{
			{backends.OpTypeAdd, 2 * c.least, 3 * c.least},
			{backends.OpTypeMul, 5, 5 * c.least},
			{backends.OpTypeMul, 0.5, 0}, // half to even
			{backends.OpTypeMul, 0.75, c.least},
			{backends.OpTypeMax, 0, c.least},
		} {
			if got := call(r.op, c.dtype, c.least, r.b); got != r.want {
				t.Errorf("%s: %s(%g, %g) is %g, want %g", c.dtype, r.op, c.least, r.b, got, r.want)
			}
		}
	}
	if got := call(backends.OpTypeExp, dtypes.Float32, -103); got != 0x1p-149 {
		t.Errorf("exp(-103) of float32 is %g, want the least denormal", got)
	}
	if got, want := call(backends.OpTypeExp, dtypes.Float64, -745), 0x1p-1074; got != want {
		t.Errorf("exp(-745) of float64 is %g, want %g", got, want)
	}
}

// TestArithmeticRoundsOnce compares with 300 bits, rounded to the type.
func TestArithmeticRoundsOnce(t *testing.T) {
	ops := []struct {
		op ir.Op
		f  func(x, y *big.Float) *big.Float
	}{
		{backends.OpTypeAdd, bigAdd}, {backends.OpTypeSub, bigSub}, {backends.OpTypeMul, bigMul}, {backends.OpTypeDiv, bigDiv},
	}
	list := arguments64(-1e30, 1e30, 40)
	for _, o := range ops {
		for _, a := range list {
			for _, b := range list {
				if b == 0 && o.op == backends.OpTypeDiv {
					continue
				}
				if got := call(o.op, dtypes.Float64, a, b); got != 0 && !math.IsInf(got, 0) {
					if want, _ := o.f(bigF(a), bigF(b)).Float64(); got != want {
						t.Errorf("%s(%g, %g) of float64 is %g, want %g", o.op, a, b, got, want)
					}
				}
				x, y := float32(a), float32(b)
				if y == 0 {
					continue
				}
				if want, _ := o.f(bigF(float64(x)), bigF(float64(y))).Float32(); float32(call(o.op, dtypes.Float32, a, b)) != want {
					t.Errorf("%s(%g, %g) of float32 is not %g", o.op, x, y, want)
				}
			}
		}
	}
}

// TestTotalOrder compares all pairs of a list in increasing order.
func TestTotalOrder(t *testing.T) {
	lists := map[dtypes.DType][]uint64{ // bits
		dtypes.Float16:  {0xffff, 0xfe00, 0xfc01, 0xfc00, 0xfbff, 0xbc00, 0x8001, 0x8000, 0, 1, 0x3c00, 0x7bff, 0x7c00, 0x7c01, 0x7e00, 0x7fff},
		dtypes.BFloat16: {0xffff, 0xffc0, 0xff80, 0xff7f, 0xbf80, 0x8001, 0x8000, 0, 1, 0x3f80, 0x7f7f, 0x7f80, 0x7fc0, 0x7fff},
		dtypes.Float32:  {0xffffffff, 0xffc00000, 0xff800000, 0xff7fffff, 0xbf800000, 0x80000001, 0x80000000, 0, 1, 0x3f800000, 0x7f800000, 0x7fc00000, 0x7fffffff},
		dtypes.Float64: {1<<64 - 1, 0xfff8 << 48, 0xfff << 52, 0xfff<<52 - 1, 0xbff << 52, 1<<63 + 1, 1 << 63, 0, 1,
			0x3ff << 52, 0x7ff << 52, 0x7ff8 << 48, 1<<63 - 1},
	}
	for dtype, list := range lists {
		for i := range list {
			for j := range list {
				for op, want := range map[ir.Op]bool{
					backends.OpTypeEqualTotalOrder: i == j, backends.OpTypeNotEqualTotalOrder: i != j,
					backends.OpTypeLessThanTotalOrder: i < j, backends.OpTypeLessOrEqualTotalOrder: i <= j,
					backends.OpTypeGreaterThanTotalOrder: i > j, backends.OpTypeGreaterOrEqualTotalOrder: i >= j,
				} {
					var got bool // little-endian: the low bytes are the element
					Map(op, dtype, dtypes.Bool)(unsafe.Pointer(&got), unsafe.Pointer(&list[i]), unsafe.Pointer(&list[j]), nil, 1)
					if got != want {
						t.Errorf("%s of %s %x and %x is %t", op, dtype, list[i], list[j], got)
					}
				}
			}
		}
	}
}

// TestComparisons has NaN unequal to all and unordered, and ±0 equal.
func TestComparisons(t *testing.T) {
	list := []float64{-inf, -1, math.Copysign(0, -1), 0, 2, inf, nan}
	for _, dtype := range floatTypes {
		for _, x := range list {
			for _, y := range list {
				for op, want := range map[ir.Op]bool{
					backends.OpTypeEqual: x == y, backends.OpTypeNotEqual: x != y, backends.OpTypeLessThan: x < y,
					backends.OpTypeLessOrEqual: x <= y, backends.OpTypeGreaterThan: x > y, backends.OpTypeGreaterOrEqual: x >= y,
				} {
					if got := test(op, dtype, x, y); got != want {
						t.Errorf("%s(%g, %g) of %s is %t", op, x, y, dtype, got)
					}
				}
			}
			if got := test(backends.OpTypeIsNaN, dtype, x); got != (x != x) {
				t.Errorf("IsNaN(%g) of %s is %t", x, dtype, got)
			}
			if got := test(backends.OpTypeIsFinite, dtype, x); got != (x-x == 0) {
				t.Errorf("IsFinite(%g) of %s is %t", x, dtype, got)
			}
		}
	}
}

// test runs a predicate on one number.
func test(op ir.Op, dtype dtypes.DType, operands ...float64) bool {
	var cells [3][16]byte
	for i, x := range operands {
		write(dtype, unsafe.Pointer(&cells[i]), x)
	}
	var got bool
	Map(op, dtype, dtypes.Bool)(unsafe.Pointer(&got), unsafe.Pointer(&cells[0]), unsafe.Pointer(&cells[1]), nil, 1)
	return got
}

func ExampleMap() {
	x := []float32{-1, 0, 2}
	y := make([]float32, 3)
	exp := Map(backends.OpTypeExp, dtypes.Float32, dtypes.Float32)
	exp(unsafe.Pointer(&y[0]), unsafe.Pointer(&x[0]), nil, nil, len(x))
	fmt.Println(y)
	fmt.Println(Map(backends.OpTypeExp, dtypes.Int32, dtypes.Int32) == nil)
	// Output:
	// [0.36787945 1 7.389056]
	// true
}
