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

var reductions = map[ir.Op][]dtypes.DType{
	backends.OpTypeReduceSum:        allTypes,
	backends.OpTypeReduceProduct:    allTypes,
	backends.OpTypeReduceMax:        join(boolType, intTypes, floatTypes),
	backends.OpTypeReduceMin:        join(boolType, intTypes, floatTypes),
	backends.OpTypeReduceLogicalAnd: boolType,
	backends.OpTypeReduceLogicalOr:  boolType,
	backends.OpTypeReduceLogicalXor: boolType,
	backends.OpTypeReduceBitwiseAnd: join(boolType, intTypes),
	backends.OpTypeReduceBitwiseOr:  join(boolType, intTypes),
	backends.OpTypeReduceBitwiseXor: join(boolType, intTypes),
}

// TestReduceTakesWhatTheTableSays, and each has an identity and a binary operation.
func TestReduceTakesWhatTheTableSays(t *testing.T) {
	for op := ir.Op(0); op < ir.OpEnd; op++ {
		want := map[dtypes.DType]bool{}
		for _, dtype := range reductions[op] {
			want[dtype] = true
		}
		for _, dtype := range allTypes {
			if got := Reduce(op, dtype) != nil; got != want[dtype] {
				t.Errorf("Reduce(%s, %s) is a reducer: %t", ir.Name(op), dtype, got)
			}
		}
		if (Binary(op) != backends.OpTypeInvalid) != (reductions[op] != nil) {
			t.Errorf("Binary(%s) is %s", ir.Name(op), Binary(op))
		}
	}
	defer func() {
		if err, ok := recover().(error); !ok || err.Error() != "elem.Identity: no ReduceMax of Complex64" {
			t.Errorf("panic %v", err)
		}
	}()
	Identity(backends.OpTypeReduceMax, dtypes.Complex64, unsafe.Pointer(new(complex64)))
}

// TestReduceIsRepeatedBinary: op(identity, x) is x, and a block is the elements one after the other;
// exactly for integers and for Max and Min, of random bits.
func TestReduceIsRepeatedBinary(t *testing.T) {
	for op, types := range reductions {
		for _, dtype := range types {
			s := size(dtype)
			r, k := Reduce(op, dtype), Map(Binary(op), dtype, dtype)
			for _, n := range []int{0, 1, 2, 3, 4, 5, 9, 64, 257, 600} {
				x := sample(dtype, n)
				if !dtype.IsInt() && dtype != dtypes.Bool && (op == backends.OpTypeReduceSum || op == backends.OpTypeReduceProduct) {
					for i := range n { // exact: ±1
						write(dtype, unsafe.Pointer(&x[i*s]), float64(1-i%3/2*2))
					}
				}
				var got, want [16]byte
				Identity(op, dtype, unsafe.Pointer(&got))
				want = got
				r(unsafe.Pointer(&got), unsafe.Pointer(unsafe.SliceData(x)), n)
				for i := range n {
					k(unsafe.Pointer(&want), unsafe.Pointer(&want), unsafe.Pointer(&x[i*s]), nil, 1)
				}
				if a, b := read(dtype, unsafe.Pointer(&got)), read(dtype, unsafe.Pointer(&want)); got != want && !(a != a && b != b) && !dtype.IsComplex() {
					t.Errorf("%s of %d %s is %x (%g), want %x (%g)", op, n, dtype, got, a, want, b)
				}
				if dtype.IsComplex() && read(dtype, unsafe.Pointer(&got)) != read(dtype, unsafe.Pointer(&want)) {
					t.Errorf("%s of %d %s is %x, want %x", op, n, dtype, got, want)
				}
			}
		}
	}
}

// TestReduceSumIsAccurate adds tenths.
func TestReduceSumIsAccurate(t *testing.T) {
	const n = 10_000
	for _, c := range []struct {
		dtype     dtypes.DType
		tolerance float64 // relative
	}{
		{dtypes.Float16, 0x1p-11}, {dtypes.BFloat16, 0x1p-8}, {dtypes.Float32, 0x1p-24}, // one rounding
		{dtypes.Float64, 14 * 0x1p-53}, {dtypes.Complex64, 14 * 0x1p-24}, {dtypes.Complex128, 14 * 0x1p-53}, // pairs
	} {
		s := size(c.dtype)
		x := make([]byte, n*s)
		var exact big.Float
		exact.SetPrec(200)
		for i := range n {
			write(c.dtype, unsafe.Pointer(&x[i*s]), 0.1*float64(i%7+1))
			exact.Add(&exact, bigF(read(c.dtype, unsafe.Pointer(&x[i*s]))))
		}
		var acc [16]byte
		Reduce(backends.OpTypeReduceSum, c.dtype)(unsafe.Pointer(&acc), unsafe.Pointer(&x[0]), n)
		want, _ := exact.Float64()
		if got := read(c.dtype, unsafe.Pointer(&acc)); math.Abs(got-want) > c.tolerance*want {
			t.Errorf("%s: sum is %g, want %g", c.dtype, got, want)
		}
	}
}

// TestReduceNaN wherever it stands.
func TestReduceNaN(t *testing.T) {
	for _, dtype := range floatTypes {
		for _, op := range []ir.Op{backends.OpTypeReduceMax, backends.OpTypeReduceMin, backends.OpTypeReduceSum, backends.OpTypeReduceProduct} {
			for at := range 9 {
				x := make([]byte, 9*8)
				for i := range 9 {
					v := float64(i)
					if i == at {
						v = nan
					}
					write(dtype, unsafe.Pointer(&x[i*size(dtype)]), v)
				}
				var acc [8]byte
				Identity(op, dtype, unsafe.Pointer(&acc))
				Reduce(op, dtype)(unsafe.Pointer(&acc), unsafe.Pointer(&x[0]), 9)
				if got := read(dtype, unsafe.Pointer(&acc)); got == got {
					t.Errorf("%s of %s with NaN at %d is %g", op, dtype, at, got)
				}
			}
		}
	}
}

func ExampleReduce() {
	x := []int8{3, -7, 5}
	var most int8
	Identity(backends.OpTypeReduceMax, dtypes.Int8, unsafe.Pointer(&most))
	fmt.Println("of nothing:", most)
	Reduce(backends.OpTypeReduceMax, dtypes.Int8)(unsafe.Pointer(&most), unsafe.Pointer(&x[0]), len(x))
	fmt.Println("of all:", most, "by", Binary(backends.OpTypeReduceMax))
	// Output:
	// of nothing: -128
	// of all: 5 by Max
}
