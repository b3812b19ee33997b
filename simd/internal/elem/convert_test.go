package elem

import (
	"math"
	"math/big"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// TestIntegersToIntegersWrap converts all samples of all integer types, bool included.
func TestIntegersToIntegersWrap(t *testing.T) {
	for _, in := range intTypes {
		for _, x := range ringOf(in).samples() {
			a := ringOf(in).store(x)
			for _, out := range intTypes {
				var got [8]byte
				convert(in, out)(unsafe.Pointer(&got), unsafe.Pointer(&a), nil, nil, 1)
				if got, want := ringOf(out).load(got), ringOf(out).wrap(x); got.Cmp(want) != 0 {
					t.Errorf("%s %d to %s is %d, want %d", in, x, out, got, want)
				}
			}
			var truth bool
			convert(in, dtypes.Bool)(unsafe.Pointer(&truth), unsafe.Pointer(&a), nil, nil, 1)
			if truth != (x.Sign() != 0) {
				t.Errorf("%s %d to bool is %t", in, x, truth)
			}
		}
		for truth, want := range map[bool]int64{false: 0, true: 1} {
			var got [8]byte
			convert(dtypes.Bool, in)(unsafe.Pointer(&got), unsafe.Pointer(&truth), nil, nil, 1)
			if v := ringOf(in).load(got); v.Int64() != want {
				t.Errorf("%t to %s is %d", truth, in, v)
			}
		}
	}
}

// TestIntegersToFloats rounds once to the nearest.
func TestIntegersToFloats(t *testing.T) {
	for _, in := range intTypes {
		for _, x := range ringOf(in).samples() {
			a := ringOf(in).store(x)
			exact := new(big.Float).SetInt(x)
			var f32 float32
			convert(in, dtypes.Float32)(unsafe.Pointer(&f32), unsafe.Pointer(&a), nil, nil, 1)
			if want, _ := exact.Float32(); f32 != want {
				t.Errorf("%s %d to float32 is %g, want %g", in, x, f32, want)
			}
			want, _ := exact.Float64()
			var f64 float64
			convert(in, dtypes.Float64)(unsafe.Pointer(&f64), unsafe.Pointer(&a), nil, nil, 1)
			if f64 != want {
				t.Errorf("%s %d to float64 is %g, want %g", in, x, f64, want)
			}
			var z complex128
			convert(in, dtypes.Complex128)(unsafe.Pointer(&z), unsafe.Pointer(&a), nil, nil, 1)
			if z != complex(want, 0) {
				t.Errorf("%s %d to complex128 is %g, want %g", in, x, z, want)
			}
		}
	}
}

// TestFloatsToIntegersSaturate truncates, and NaN gives 0.
func TestFloatsToIntegersSaturate(t *testing.T) {
	list := []float64{0, math.Copysign(0, -1), 0.5, -0.5, 0.99, -0.99, 1, -1, 1.5, -1.5, 2.999, -2.999, 126.9, 127, 127.5, 128,
		-127.5, -128, -128.5, -129, 255, 255.9, 256, 32767.5, 32768, -32768.5, 65535.5, 65536, 1e9, 2147483520, 2147483647.5, 2147483648,
		-2147483648, -2147483904, 4294967040, 4294967296, 1e18, 9223372036854774784, 9223371487098961920, 9223372036854775808, -9223372036854775808, 1e19,
		18446744073709549568, 18446742974197923840, 18446744073709551616, 1e30, -1e30, inf, -inf, nan}
	for _, in := range floatTypes {
		for _, x := range list {
			var a [8]byte
			write(in, unsafe.Pointer(&a), x)
			v := read(in, unsafe.Pointer(&a)) // what the type holds
			for _, out := range intTypes {
				var got [8]byte
				convert(in, out)(unsafe.Pointer(&got), unsafe.Pointer(&a), nil, nil, 1)
				r := ringOf(out)
				lo, hi := new(big.Int), new(big.Int).Lsh(big.NewInt(1), r.width)
				if r.signed {
					hi.Rsh(hi, 1)
					lo.Neg(hi)
				}
				hi.Sub(hi, big.NewInt(1))
				want := new(big.Int)
				switch {
				case v != v:
				case math.IsInf(v, 1):
					want = hi
				case math.IsInf(v, -1):
					want = lo
				default:
					bigF(v).Int(want)
					if want.Cmp(lo) < 0 {
						want = lo
					} else if want.Cmp(hi) > 0 {
						want = hi
					}
				}
				if got := r.load(got); got.Cmp(want) != 0 {
					t.Errorf("%s %g to %s is %d, want %d", in, v, out, got, want)
				}
			}
			var truth bool
			convert(in, dtypes.Bool)(unsafe.Pointer(&truth), unsafe.Pointer(&a), nil, nil, 1)
			if truth != (v != 0) {
				t.Errorf("%s %g to bool is %t", in, v, truth)
			}
		}
	}
}

func TestFloatsToFloats(t *testing.T) {
	for _, x := range []float64{0, math.Copysign(0, -1), 1, -1, 1 + 0x1p-24, 1 + 0x1p-24 + 0x1p-52, 1e-40, 1e-46, 3.4028235677973366e38, 1e39, inf, -inf, nan} {
		var got float32
		convert(dtypes.Float64, dtypes.Float32)(unsafe.Pointer(&got), unsafe.Pointer(&x), nil, nil, 1)
		if !same(float64(got), float64(float32(x))) {
			t.Errorf("float64 %g to float32 is %g, want %g", x, got, float32(x))
		}
		var back float64
		convert(dtypes.Float32, dtypes.Float64)(unsafe.Pointer(&back), unsafe.Pointer(&got), nil, nil, 1)
		if !same(back, float64(got)) {
			t.Errorf("float32 %g to float64 is %g", got, back)
		}
	}
}

// TestComplexConversions drops imaginary parts, except where truth is asked for.
func TestComplexConversions(t *testing.T) {
	z := []complex128{complex(-2.7, 3), complex(0, 5), 0, complex(nan, 0), complex(300, -inf)}
	z64 := make([]complex64, len(z))
	convert(dtypes.Complex128, dtypes.Complex64)(unsafe.Pointer(&z64[0]), unsafe.Pointer(&z[0]), nil, nil, len(z))
	for in, p := range map[dtypes.DType]unsafe.Pointer{dtypes.Complex64: unsafe.Pointer(&z64[0]), dtypes.Complex128: unsafe.Pointer(&z[0])} {
		var i8 [5]int8
		convert(in, dtypes.Int8)(unsafe.Pointer(&i8), p, nil, nil, 5)
		if i8 != [5]int8{-2, 0, 0, 0, 127} {
			t.Errorf("%s to int8 is %v", in, i8)
		}
		var truth [5]bool
		convert(in, dtypes.Bool)(unsafe.Pointer(&truth), p, nil, nil, 5)
		if truth != [5]bool{true, true, false, true, true} {
			t.Errorf("%s to bool is %v", in, truth)
		}
		for _, out := range floatTypes {
			var got [5]float64
			var cells [5 * 8]byte
			convert(in, out)(unsafe.Pointer(&cells), p, nil, nil, 5)
			convert(out, dtypes.Float64)(unsafe.Pointer(&got), unsafe.Pointer(&cells), nil, nil, 5)
			for i, v := range got {
				want := real(z[i])
				if d := v - want; !same(v, want) && !(math.Abs(d) < 0.01) {
					t.Errorf("%s %g to %s is %g", in, z[i], out, v)
				}
			}
		}
	}
	for _, in := range join(boolType, intTypes, floatTypes) {
		var a [8]byte
		write(in, unsafe.Pointer(&a), 1)
		var got complex64
		convert(in, dtypes.Complex64)(unsafe.Pointer(&got), unsafe.Pointer(&a), nil, nil, 1)
		if got != 1 {
			t.Errorf("1 of %s to complex64 is %g", in, got)
		}
	}
}
