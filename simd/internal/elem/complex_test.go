package elem

import (
	"math"
	"math/cmplx"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// points are numbers in all quadrants and of several sizes, on and beside the axes.
func points() []complex128 {
	var list []complex128
	for _, r := range []float64{1e-12, 1e-5, 0.3, 1, 1.7, 9, 40} {
		for k := range 16 {
			list = append(list, cmplx.Rect(r, math.Pi*float64(k)/8))
			list = append(list, cmplx.Rect(r, math.Pi*(float64(k)+0.3)/8))
		}
	}
	return list
}

// callComplex runs a kernel on complex numbers; complex64 by way of its nearest values.
func callComplex(op ir.Op, dtype dtypes.DType, operands ...complex128) complex128 {
	if dtype == dtypes.Complex64 {
		var cells [2]complex64
		for i, z := range operands {
			cells[i] = complex64(z)
		}
		var got complex64
		Map(op, dtype, dtype)(unsafe.Pointer(&got), unsafe.Pointer(&cells[0]), unsafe.Pointer(&cells[1]), nil, 1)
		return complex128(got)
	}
	var cells [2]complex128
	copy(cells[:], operands)
	var got complex128
	Map(op, dtype, dtype)(unsafe.Pointer(&got), unsafe.Pointer(&cells[0]), unsafe.Pointer(&cells[1]), nil, 1)
	return got
}

// TestComplexFunctions compares with formulas in real functions, to some units of the last place of
// the whole number.
func TestComplexFunctions(t *testing.T) {
	ops := map[ir.Op]func(z complex128) complex128{
		backends.OpTypeNeg:  func(z complex128) complex128 { return complex(-real(z), -imag(z)) },
		backends.OpTypeConj: func(z complex128) complex128 { return complex(real(z), -imag(z)) },
		backends.OpTypeSign: func(z complex128) complex128 {
			r := math.Hypot(real(z), imag(z))
			return complex(real(z)/r, imag(z)/r)
		},
		backends.OpTypeExp: func(z complex128) complex128 {
			return complex(math.Exp(real(z))*math.Cos(imag(z)), math.Exp(real(z))*math.Sin(imag(z)))
		},
		backends.OpTypeExpm1: func(z complex128) complex128 {
			if cmplx.Abs(z) < 1e-4 { // Taylor
				return z * (1 + z/2*(1+z/3*(1+z/4)))
			}
			return cmplx.Exp(z) - 1
		},
		backends.OpTypeLog: func(z complex128) complex128 {
			return complex(math.Log(math.Hypot(real(z), imag(z))), math.Atan2(imag(z), real(z)))
		},
		backends.OpTypeLog1p: func(z complex128) complex128 {
			if cmplx.Abs(z) < 1e-4 {
				return z * (1 - z/2 + z*z/3 - z*z*z/4)
			}
			return cmplx.Log(1 + z)
		},
		backends.OpTypeSqrt: func(z complex128) complex128 {
			return cmplx.Rect(math.Sqrt(cmplx.Abs(z)), cmplx.Phase(z)/2)
		},
		backends.OpTypeRsqrt: func(z complex128) complex128 {
			return cmplx.Rect(1/math.Sqrt(cmplx.Abs(z)), -cmplx.Phase(z)/2)
		},
		backends.OpTypeSin: func(z complex128) complex128 {
			return complex(math.Sin(real(z))*math.Cosh(imag(z)), math.Cos(real(z))*math.Sinh(imag(z)))
		},
		backends.OpTypeCos: func(z complex128) complex128 {
			return complex(math.Cos(real(z))*math.Cosh(imag(z)), -math.Sin(real(z))*math.Sinh(imag(z)))
		},
		backends.OpTypeTanh: func(z complex128) complex128 {
			d := math.Pow(math.Sinh(real(z)), 2) + math.Pow(math.Cos(imag(z)), 2)
			return complex(math.Sinh(real(z))*math.Cosh(real(z))/d, math.Sin(imag(z))*math.Cos(imag(z))/d)
		},
		backends.OpTypeLogistic: func(z complex128) complex128 {
			e := math.Exp(-real(z))
			return 1 / complex(1+e*math.Cos(imag(z)), -e*math.Sin(imag(z)))
		},
	}
	for op, f := range ops {
		for _, c := range []struct {
			dtype     dtypes.DType
			tolerance float64 // relative; the formulas lose some bits themselves
		}{{dtypes.Complex128, 1e-13}, {dtypes.Complex64, 1e-7}} {
			for _, z := range points() {
				if c.dtype == dtypes.Complex64 {
					z = complex128(complex64(z))
				}
				if op == backends.OpTypeLog && math.Abs(cmplx.Abs(z)-1) < 1e-6 {
					continue // log|z| loses all its bits in the formula too
				}
				if op == backends.OpTypeLog1p && cmplx.Abs(1+z) < 1e-4 {
					continue // next to the pole
				}
				if got, want := callComplex(op, c.dtype, z), f(z); !(cmplx.Abs(got-want) <= c.tolerance*cmplx.Abs(want)) {
					t.Errorf("%s(%g) of %s is %g, want %g", op, z, c.dtype, got, want)
				}
			}
		}
	}
}

func TestComplexArithmetic(t *testing.T) {
	ops := map[ir.Op]func(x, y complex128) complex128{
		backends.OpTypeAdd: func(x, y complex128) complex128 { return complex(real(x)+real(y), imag(x)+imag(y)) },
		backends.OpTypeSub: func(x, y complex128) complex128 { return complex(real(x)-real(y), imag(x)-imag(y)) },
		backends.OpTypeMul: func(x, y complex128) complex128 {
			return complex(real(x)*real(y)-imag(x)*imag(y), real(x)*imag(y)+imag(x)*real(y))
		},
		backends.OpTypeDiv: func(x, y complex128) complex128 {
			d := real(y)*real(y) + imag(y)*imag(y)
			return complex((real(x)*real(y)+imag(x)*imag(y))/d, (imag(x)*real(y)-real(x)*imag(y))/d)
		},
		backends.OpTypePow: func(x, y complex128) complex128 {
			l := complex(math.Log(cmplx.Abs(x)), cmplx.Phase(x))
			return cmplx.Exp(l * y)
		},
	}
	list := points()
	for op, f := range ops {
		for i, x := range list {
			y := list[(i*37+11)%len(list)]
			if op == backends.OpTypePow {
				y = complex(math.Mod(real(y), 3), math.Mod(imag(y), 3))
			}
			want := f(x, y)
			scale := cmplx.Abs(want)
			if op == backends.OpTypeAdd || op == backends.OpTypeSub {
				scale = 0 // the same operations
			}
			if got := callComplex(op, dtypes.Complex128, x, y); !(cmplx.Abs(got-want) <= 1e-13*scale) {
				t.Errorf("%s(%g, %g) is %g, want %g", op, x, y, got, want)
			}
			x64, y64 := complex128(complex64(x)), complex128(complex64(y))
			want = f(x64, y64)
			if got := callComplex(op, dtypes.Complex64, x64, y64); !(cmplx.Abs(got-want) <= 3e-7*max(cmplx.Abs(want), scale)) {
				t.Errorf("%s(%g, %g) of complex64 is %g, want %g", op, x64, y64, got, want)
			}
		}
	}
}

func TestComplexSpecialValues(t *testing.T) {
	cnan, cinf := complex(nan, nan), complex(inf, 0)
	for _, c := range []struct {
		reason  string
		op      ir.Op
		a, b    complex128
		want    complex128
		wantNaN bool
	}{
		{"sign of 0", backends.OpTypeSign, 0, 0, 0, false},
		{"anything to the 0", backends.OpTypePow, complex(3, -4), 0, 1, false},
		{"0 to the 0", backends.OpTypePow, 0, 0, 1, false},
		{"0 to a positive power", backends.OpTypePow, 0, complex(2, 1), 0, false},
		{"0 to an imaginary power", backends.OpTypePow, 0, 1i, 0, true},
		{"0 to NaN", backends.OpTypePow, 0, cnan, 0, true},
		{"NaN is passed on by exp", backends.OpTypeExp, cnan, 0, 0, true},
		{"NaN is passed on by log", backends.OpTypeLog, cnan, 0, 0, true},
		{"NaN is passed on by sqrt", backends.OpTypeSqrt, cnan, 0, 0, true},
		{"NaN is passed on by tanh", backends.OpTypeTanh, cnan, 0, 0, true},
		{"NaN is passed on by logistic", backends.OpTypeLogistic, cnan, 0, 0, true},
		{"NaN is passed on by expm1", backends.OpTypeExpm1, cnan, 0, 0, true},
		{"NaN is passed on by mul", backends.OpTypeMul, cnan, 2, 0, true},
		{"NaN is passed on by div", backends.OpTypeDiv, cnan, 2, 0, true},
		{"log of 0", backends.OpTypeLog, 0, 0, complex(-inf, 0), false},
		{"log of a negative number", backends.OpTypeLog, -1, 0, complex(0, math.Pi), false},
		{"exp of -infinity", backends.OpTypeExp, complex(-inf, 1), 0, 0, false},
		{"exp overflows", backends.OpTypeExp, complex(1e4, 0), 0, cinf, false},
		{"exp of a real number", backends.OpTypeExp, 1, 0, math.E, false},
		{"tanh far to the right", backends.OpTypeTanh, complex(1e4, 3), 0, 1, false},
		{"tanh far to the left", backends.OpTypeTanh, complex(-1e4, 3), 0, -1, false},
		{"logistic far to the right", backends.OpTypeLogistic, complex(1e4, 3), 0, 1, false},
		{"logistic far to the left", backends.OpTypeLogistic, complex(-1e4, 3), 0, 0, false},
		{"sqrt of a negative number", backends.OpTypeSqrt, -4, 0, 2i, false},
	} {
		for _, dtype := range complexTypes {
			got := callComplex(c.op, dtype, c.a, c.b)
			if isNaN := got != got; isNaN != c.wantNaN || (!isNaN && got != c.want && cmplx.Abs(got-c.want) > 1e-6) {
				t.Errorf("%s: %s(%g, %g) of %s is %g, want %g (NaN: %t)", c.reason, c.op, c.a, c.b, dtype, got, c.want, c.wantNaN)
			}
		}
	}
}

func TestComplexParts(t *testing.T) {
	z := []complex64{complex(3, -4), complex(float32(nan), float32(inf)), complex(-0.5, 0)}
	re, im := []float32{3, float32(nan), -0.5}, []float32{-4, float32(inf), 0}
	abs := []float32{5, float32(inf), 0.5} // infinity wins, as in hypot
	in := unsafe.Pointer(&z[0])
	for op, want := range map[ir.Op][]float32{backends.OpTypeReal: re, backends.OpTypeImag: im, backends.OpTypeAbs: abs} {
		got := make([]float32, 3)
		Map(op, dtypes.Complex64, dtypes.Float32)(unsafe.Pointer(&got[0]), in, nil, nil, 3)
		for i := range got {
			if !same(float64(got[i]), float64(want[i])) {
				t.Errorf("%s(%g) is %g, want %g", op, z[i], got[i], want[i])
			}
		}
	}
	for op, want := range map[ir.Op][3]bool{backends.OpTypeIsNaN: {false, true, false}, backends.OpTypeIsFinite: {true, false, true}} {
		var got [3]bool
		Map(op, dtypes.Complex64, dtypes.Bool)(unsafe.Pointer(&got), in, nil, nil, 3)
		if got != want {
			t.Errorf("%s of %g is %v, want %v", op, z, got, want)
		}
	}
	composed := make([]complex64, 3)
	Map(backends.OpTypeComplex, dtypes.Float32, dtypes.Complex64)(unsafe.Pointer(&composed[0]), unsafe.Pointer(&re[0]), unsafe.Pointer(&im[0]), nil, 3)
	for i := range z {
		if !same(float64(real(composed[i])), float64(re[i])) || !same(float64(imag(composed[i])), float64(im[i])) {
			t.Errorf("Complex(%g, %g) is %g", re[i], im[i], composed[i])
		}
	}
	other := []complex64{complex(3, -4), z[1], complex(-0.5, 1)}
	var equal, differ [3]bool
	Map(backends.OpTypeEqual, dtypes.Complex64, dtypes.Bool)(unsafe.Pointer(&equal), in, unsafe.Pointer(&other[0]), nil, 3)
	Map(backends.OpTypeNotEqual, dtypes.Complex64, dtypes.Bool)(unsafe.Pointer(&differ), in, unsafe.Pointer(&other[0]), nil, 3)
	if equal != [3]bool{true, false, false} || differ != [3]bool{false, true, true} {
		t.Errorf("Equal %v, NotEqual %v", equal, differ)
	}
}
