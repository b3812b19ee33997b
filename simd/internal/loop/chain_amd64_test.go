//go:build !noasm

package loop

import (
	"math"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// TestLinks runs every link alone, on sizes around those of vectors and groups, against arithmetic
// on one element, and looks for what is written past the end.
func TestLinks(t *testing.T) {
	if !hasChains {
		t.Skip("no AVX2")
	}
	t.Run("float32", func(t *testing.T) { testLinks[float32](t, dtypes.Float32) })
	t.Run("float64", func(t *testing.T) { testLinks[float64](t, dtypes.Float64) })
}

func testLinks[T float32 | float64](t *testing.T, dtype dtypes.DType) {
	table := linkTable(dtype)
	sqrt := func(x T) T { return T(math.Sqrt(float64(x))) }
	for _, c := range []struct {
		name string
		op   linkOp
		want func(x, a, b T) T
	}{
		{"add", linkAdd, func(x, a, _ T) T { return x + a }},
		{"sub", linkSub, func(x, a, _ T) T { return x - a }},
		{"operand less value", linkReverseSub, func(x, a, _ T) T { return a - x }},
		{"mul", linkMul, func(x, a, _ T) T { return x * a }},
		{"div", linkDiv, func(x, a, _ T) T { return x / a }},
		{"operand by value", linkReverseDiv, func(x, a, _ T) T { return a / x }},
		{"square", linkSquare, func(x, _, _ T) T { return x * x }},
		{"neg", linkNeg, func(x, _, _ T) T { return -x }},
		{"sqrt", linkSqrt, func(x, _, _ T) T { return sqrt(x) }},
		{"value times operand plus operand", linkMulAdd, func(x, a, b T) T { return x*a + b }},
		{"value plus product", linkAddProduct, func(x, a, b T) T { return x + a*b }},
		{"value times one factor plus operand", linkMulAddScalar, func(x, a, b T) T { return x*a + b }},
		{"value plus product with one factor", linkAddProductScalar, func(x, a, b T) T { return x + a*b }},
	} {
		for n := range 140 {
			if n == 0 {
				continue
			}
			for scalar := range 2 {
				if scalar == 1 && (c.op < linkAdd || c.op > linkReverseDiv) {
					continue
				}
				x, a, b, y, acc := onHeap[T](n), onHeap[T](n), onHeap[T](n), onHeap[T](n+1), onHeap[T](n+1)
				acc2, y2 := onHeap[T](n+1), onHeap[T](n+1)
				var total [chainSums]T
				for i := range x {
					x[i], a[i], b[i] = T(i%13+1), T(i%7-3), T(i%5)
					if a[i] == 0 {
						a[i] = 2
					}
					acc[i] = T(i)
				}
				y[n], acc[n], acc2[n], y2[n] = 77, 78, 79, 80
				at := func(x []T) uintptr { return uintptr(unsafe.Pointer(&x[0])) }
				step := func(op linkOp, x []T) link { return link{table[op][0], table[op][1], at(x)} }
				pair, sums := onHeap[lanes](1), onHeap[lanes](chainSums)
				code := []link{{table[linkReciprocal][0], 0, uintptr(unsafe.Pointer(&pair[0]))}, step(linkLast, a)}
				second := step(c.op+linkOp(scalar), a)
				if c.op+linkOp(scalar) == linkDivScalar {
					second.operand = uintptr(unsafe.Pointer(&pair[0]))
				}
				code = append(code, link{table[linkBegin][0], 0, uintptr(unsafe.Pointer(&sums[0]))}, step(linkLoad, x), second)
				if c.op >= linkMulAdd {
					code = append(code, step(linkLast, b))
				}
				code = append(code, step(linkStore, y), step(linkAddTo, acc))
				lane := func(op linkOp, k int) link {
					return link{table[op][0], table[op][1], uintptr(unsafe.Pointer(&sums[k]))}
				}
				code = append(code, lane(linkSum, 3), lane(linkSumSquare, 1), lane(linkSumProduct, 4), step(linkLast, b))
				code = append(code, step(linkAddToProduct, acc2), step(linkLast, a), step(linkStoreProduct, y2), step(linkLast, b), step(linkLast, x), step(linkExit, x))
				runChain(dtype, &code[0], n)
				for i := range x {
					k := i
					if scalar == 1 || c.op == linkMulAddScalar || c.op == linkAddProductScalar {
						k = 0
					}
					want := c.want(x[i], a[k], b[i])
					if y[i] != want || acc[i] != T(i)+want {
						t.Fatalf("%s, n=%d, scalar %d: [%d] is %g and added %g, want %g", c.name, n, scalar, i, y[i], acc[i], want)
					}
					total[3] += want
					total[1] += want * want
					total[4] += want * b[i]
					if exact := want*a[i] + 0; acc2[i] != exact || y2[i] != want*b[i] {
						t.Fatalf("%s, n=%d: [%d] products %g and %g, want %g and %g", c.name, n, i, acc2[i], y2[i], exact, want*b[i])
					}
				}
				if y[n] != 77 || acc[n] != 78 || acc2[n] != 79 || y2[n] != 80 {
					t.Fatalf("%s, n=%d: wrote past the end", c.name, n)
				}
				for k, want := range total {
					var sum T
					for _, v := range unsafe.Slice((*T)(unsafe.Pointer(&sums[k])), 32/int(unsafe.Sizeof(sum))) {
						sum += v
					}
					if math.Abs(float64(sum-want)) > 1e-4*float64(n)*(1+math.Abs(float64(want))) {
						t.Fatalf("%s, n=%d: sum %d is %g, want %g", c.name, n, k, sum, want)
					}
				}
			}
		}
	}
}

// kept makes slices escape: links hold addresses, which must not change when a stack grows.
var kept any

func onHeap[T any](n int) []T {
	s := make([]T, n)
	kept = s
	return s
}
