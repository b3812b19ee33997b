//go:build !noasm

package loop

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// TestDivisionByOneNumber looks at the error that the generator states, 0.5001 ulp and half the smallest
// number, and at the ends of the range.
func TestDivisionByOneNumber(t *testing.T) {
	if !hasChains {
		t.Skip("no AVX2")
	}
	t.Run("float32", func(t *testing.T) {
		testDivision[float32](t, dtypes.Float32, math.MaxFloat32, 0x1p-149, 0x1p-126, 24)
	})
	t.Run("float64", func(t *testing.T) {
		testDivision[float64](t, dtypes.Float64, math.MaxFloat64, 0x1p-1074, 0x1p-1022, 53)
	})
}

func testDivision[T float32 | float64](t *testing.T, dtype dtypes.DType, most, least, normal float64, digits int) {
	inf, nan := T(math.Inf(1)), T(math.NaN())
	r := rand.New(rand.NewPCG(1, 2))
	random := func(exponents float64) T {
		return T(math.Ldexp(1+r.Float64(), int(exponents*(r.Float64()-.5)))) * T(1-2*r.IntN(2))
	}
	zero := T(0)
	divisors := []T{1, -1, 3, 0.1, zero, -zero, inf, -inf, nan, T(most), T(least), T(normal), T(-most / 3), 0x1p63, 0x1p64, 0x1p65, 0x1p-63, 0x1p-64, 0x1p-65}
	for range 300 {
		divisors = append(divisors, random(100))
	}
	const n = 75 // vectors, and a part of one
	x, y := onHeap[T](n), onHeap[T](n)
	copy(x, []T{zero, -zero, 1, -1, inf, -inf, nan, T(most), -T(most), T(least), T(normal)})
	pair, sums, s := onHeap[lanes](1), onHeap[lanes](chainSums), onHeap[T](1)
	table := linkTable(dtype)
	step := func(op linkOp, p unsafe.Pointer) link { return link{table[op][0], table[op][1], uintptr(p)} }
	code := []link{
		step(linkReciprocal, unsafe.Pointer(&pair[0])), step(linkLast, unsafe.Pointer(&s[0])),
		step(linkBegin, unsafe.Pointer(&sums[0])), step(linkLoad, unsafe.Pointer(&x[0])), step(linkDivScalar, unsafe.Pointer(&pair[0])),
		step(linkStore, unsafe.Pointer(&y[0])), step(linkLast, nil), step(linkExit, nil),
	}
	for _, d := range divisors {
		s[0] = d
		for i := 11; i < n; i++ {
			x[i] = random(200)
		}
		runChain(dtype, &code[0], n)
		for i, got := range y {
			want := x[i] / d
			if got == want || got != got && want != want {
				if math.Signbit(float64(got)) != math.Signbit(float64(want)) && got == got {
					t.Errorf("%g/%g is %g, want %g", x[i], d, got, want)
				}
				continue
			}
			// Another neighbour is right only if the quotient lies half way, but for a ten thousandth.
			_, e := math.Frexp(float64(want))
			ulp := math.Ldexp(1, max(e-digits, int(math.Log2(least))))
			off := math.FMA(float64(got), float64(d), -float64(x[i])) / float64(d) / ulp
			if bound := 0.5001 + least/ulp/2; !(math.Abs(off) <= bound) {
				t.Errorf("%g/%g is %g, %.5f ulp off, want %g", x[i], d, got, off, want)
			}
		}
	}
}
