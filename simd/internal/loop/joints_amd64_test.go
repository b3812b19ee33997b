//go:build !noasm

package loop

import (
	"math"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// TestJoints compares operations that are joined with loads and stores to the same one after the other.
func TestJoints(t *testing.T) {
	if !hasChains {
		t.Skip("no AVX2")
	}
	t.Run("float32", func(t *testing.T) { testJoints[float32](t, dtypes.Float32) })
	t.Run("float64", func(t *testing.T) { testJoints[float64](t, dtypes.Float64) })
}

func testJoints[T float32 | float64](t *testing.T, dtype dtypes.DType) {
	table := linkTable(dtype)
	size := int(unsafe.Sizeof(T(0)))
	for op := linkSquare; op <= linkExp; op++ {
		if op == linkExp && dtype != dtypes.Float32 {
			continue
		}
		for _, n := range []int{1, 3, 8, 31, 64, 75, 130} {
			x, a, y, z := onHeap[T](n), onHeap[T](n), onHeap[T](n+1), onHeap[T](n+1)
			sums, pair := onHeap[lanes](chainSums), onHeap[lanes](1)
			for i := range x {
				x[i], a[i] = T(i%13)/4+1, T(i%7)/3-2.1
			}
			run := func(joint linkOp, y []T) [chainSums]lanes {
				step := func(op linkOp, p unsafe.Pointer) link { return link{table[op][0], table[op][1], uintptr(p)} }
				operand := unsafe.Pointer(&a[0])
				switch op {
				case linkSum, linkSumSquare, linkSumProduct, linkTop:
					operand = unsafe.Pointer(&sums[1])
				case linkDivScalar:
					operand = unsafe.Pointer(&pair[0])
				}
				y[n] = 77
				code := []link{step(linkReciprocal, unsafe.Pointer(&pair[0])), step(linkLast, unsafe.Pointer(&a[0])),
					step(linkBegin, unsafe.Pointer(&sums[0])), step(linkLoad, unsafe.Pointer(&x[0])), step(op, operand)}
				if op.places() == 2 {
					code = append(code, step(linkLast, unsafe.Pointer(&a[0])))
				}
				code = append(code, step(linkStore, unsafe.Pointer(&y[0])), step(linkLast, nil), step(linkExit, nil))
				at := 4
				if joint&1 != 0 {
					at = 3
				}
				if joint > 0 {
					pair := table[op+joint*linkEnd]
					code[at].wide, code[at].narrow = pair[0], pair[1]
				}
				runChain(dtype, &code[0], n)
				return [chainSums]lanes(sums)
			}
			want := run(0, y)
			for joint := linkOp(1); joint < 4; joint++ {
				clear(z)
				got := run(joint, z)
				if got != want {
					t.Fatalf("operation %d, n=%d, joint %d: sums %v, want %v", op, n, joint, got, want)
				}
				for i := range y {
					if z[i] != y[i] && (z[i] == z[i] || y[i] == y[i]) {
						t.Fatalf("operation %d of %d bytes, n=%d, joint %d: [%d] is %g, want %g", op, size, n, joint, i, z[i], y[i])
					}
				}
			}
		}
	}
}

// TestTop looks for the maximum of numbers with infinities and NaN at every place.
func TestTop(t *testing.T) {
	if !hasChains {
		t.Skip("no AVX2")
	}
	t.Run("float32", func(t *testing.T) { testTop[float32](t, dtypes.Float32) })
	t.Run("float64", func(t *testing.T) { testTop[float64](t, dtypes.Float64) })
}

func testTop[T float32 | float64](t *testing.T, dtype dtypes.DType) {
	table := linkTable(dtype)
	step := func(op linkOp, p unsafe.Pointer) link { return link{table[op][0], table[op][1], uintptr(p)} }
	inf, nan := T(math.Inf(1)), T(math.NaN())
	for _, n := range []int{1, 2, 7, 8, 9, 63, 64, 65, 131} {
		x, y, top, sums := onHeap[T](n), onHeap[T](1), onHeap[lanes](1), onHeap[lanes](chainSums)
		lanes := unsafe.Pointer(&top[0])
		code := []link{step(linkTopBegin, lanes), step(linkBegin, unsafe.Pointer(&sums[0])), step(linkLoad, unsafe.Pointer(&x[0])),
			step(linkTop, lanes), step(linkLast, nil), step(linkTopFinish, unsafe.Pointer(&y[0])), step(linkLast, lanes), step(linkExit, nil)}
		for at := range n {
			for _, c := range []struct{ rest, one, want T }{
				{-5, -3, -3}, {-5, inf, inf}, {-5, nan, nan}, {inf, nan, nan}, {-inf, -7, -7}, {-inf, -inf, -inf}, {nan, inf, nan}, {-2, 0, 0},
			} {
				for i := range x {
					x[i] = c.rest
				}
				x[at] = c.one
				want := c.want
				if n == 1 {
					want = c.one
				}
				runChain(dtype, &code[0], n)
				if y[0] != want && (y[0] == y[0] || want == want) {
					t.Fatalf("n=%d, %g at %d among %g: got %g, want %g", n, c.one, at, c.rest, y[0], want)
				}
			}
		}
	}
}

// TestExpLink compares e^x in a chain with e^x in float64.
func TestExpLink(t *testing.T) {
	if !hasChains {
		t.Skip("no AVX2")
	}
	table := linkTable(f32)
	const n = 4096 + 75
	x, y, sums := onHeap[float32](n), onHeap[float32](n), onHeap[lanes](chainSums)
	for i := range x {
		x[i] = -110 + 205*float32(i)/n
	}
	inf := float32(math.Inf(1))
	copy(x, []float32{0, float32(math.Copysign(0, -1)), inf, -inf, float32(math.NaN()), 1e-40, 1e30, -1e30, 88.72, 88.73, -87.4, -103.9, -104.1})
	step := func(op linkOp, p unsafe.Pointer) link { return link{table[op][0], table[op][1], uintptr(p)} }
	code := []link{step(linkBegin, unsafe.Pointer(&sums[0])), step(linkLoad, unsafe.Pointer(&x[0])), step(linkExp, nil),
		step(linkStore, unsafe.Pointer(&y[0])), step(linkLast, nil), step(linkExit, nil)}
	runChain(f32, &code[0], n)
	for i, got := range y {
		exact := math.Exp(float64(x[i]))
		if want := float32(exact); math.IsInf(float64(want), 0) || want == 0 || want != want {
			if got != want && got == got {
				t.Errorf("e^%g is %g, want %g", x[i], got, want)
			}
			continue
		}
		ulp := max(math.Ldexp(1, math.Ilogb(exact)-23), 0x1p-149)
		if off := math.Abs(float64(got)-exact) / ulp; !(off < 4) {
			t.Errorf("e^%g is %g, want %g: off by %.2g ulp", x[i], got, exact, off)
		}
	}
}
