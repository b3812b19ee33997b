package elem

import (
	"math"
	"math/big"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// A layout is a 16-bit float by its definition: the bits of its exponent and of its fraction.
type layout struct{ exponent, fraction int }

var layouts = map[dtypes.DType]layout{dtypes.Float16: {5, 10}, dtypes.BFloat16: {8, 7}}

// value is the number that bits stand for.
func (l layout) value(b uint16) float64 {
	bias := 1<<(l.exponent-1) - 1
	e, f := int(b>>l.fraction)&(1<<l.exponent-1), float64(b&(1<<l.fraction-1))
	scale := math.Ldexp(1, -l.fraction)
	v := 0.0
	switch e {
	case 1<<l.exponent - 1:
		if v = math.Inf(1); f != 0 {
			v = math.NaN()
		}
	case 0:
		v = math.Ldexp(f*scale, 1-bias)
	default:
		v = math.Ldexp(1+f*scale, e-bias)
	}
	if b>>15 != 0 {
		v = -v
	}
	return v
}

// round is the number of the layout nearest to x, the even one of two.
func (l layout) round(x float64) float64 {
	if x == 0 || x-x != 0 {
		return x
	}
	bias := 1<<(l.exponent-1) - 1
	_, e := math.Frexp(x)
	unit := math.Ldexp(1, max(e-1, 1-bias)-l.fraction)
	y := math.RoundToEven(x/unit) * unit
	if math.Abs(y) >= math.Ldexp(1, bias+1) {
		return math.Inf(int(math.Copysign(1, x)))
	}
	return math.Copysign(y, x)
}

// roundInt is round for integers, without float64 in between.
func (l layout) roundInt(x int64) float64 {
	exact := big.NewInt(x)
	drop := uint(max(exact.BitLen()-1-l.fraction, 0))
	kept := new(big.Int).Rsh(exact, drop) // rounds down
	rest := new(big.Int).Sub(exact, new(big.Int).Lsh(kept, drop))
	if twice := new(big.Int).Lsh(rest, 1); drop > 0 {
		tie := twice.Cmp(new(big.Int).Lsh(big.NewInt(1), drop))
		if tie > 0 || (tie == 0 && kept.Bit(0) == 1) {
			kept.Add(kept, big.NewInt(1))
		}
	}
	v, _ := new(big.Float).SetInt(kept.Lsh(kept, drop)).Float64()
	return l.round(v) // to infinity, if at all
}

// TestHalfUnary runs functions on all 65,536 numbers of both formats.
func TestHalfUnary(t *testing.T) {
	ops := map[backends.OpType]func(float64) float64{
		backends.OpTypeIdentity: func(x float64) float64 { return x },
		backends.OpTypeNeg:      func(x float64) float64 { return -x },
		backends.OpTypeAbs:      math.Abs,
		backends.OpTypeExp:      func(x float64) float64 { return float64(float32(math.Exp(x))) },
		backends.OpTypeTanh:     func(x float64) float64 { return float64(float32(math.Tanh(x))) },
		backends.OpTypeSqrt:     func(x float64) float64 { return float64(float32(math.Sqrt(x))) },
		backends.OpTypeFloor:    math.Floor,
		backends.OpTypeRound:    math.RoundToEven,
	}
	x := make([]uint16, 1<<16)
	for i := range x {
		x[i] = uint16(i)
	}
	for dtype, l := range layouts {
		for op, f := range ops {
			got := make([]uint16, len(x))
			Map(op, dtype, dtype)(unsafe.Pointer(&got[0]), unsafe.Pointer(&x[0]), nil, nil, len(x))
			for i, b := range got {
				v := l.value(uint16(i))
				if want := l.round(f(v)); !same(l.value(b), want) {
					t.Fatalf("%s(%g) of %s is %g, want %g", op, v, dtype, l.value(b), want)
				}
			}
		}
	}
}

// TestHalfArithmetic takes operands whose results fall between numbers, on ties and out of range.
func TestHalfArithmetic(t *testing.T) {
	ops := map[backends.OpType]func(x, y float32) float32{
		backends.OpTypeAdd: func(x, y float32) float32 { return x + y },
		backends.OpTypeSub: func(x, y float32) float32 { return x - y },
		backends.OpTypeMul: func(x, y float32) float32 { return x * y },
		backends.OpTypeDiv: func(x, y float32) float32 { return x / y },
	}
	for dtype, l := range layouts {
		for op, f := range ops {
			k := Map(op, dtype, dtype)
			for i := 0; i < 1<<16; i += 257 {
				for j := 0; j < 1<<16; j += 131 {
					a, b, got := uint16(i), uint16(j), uint16(0)
					k(unsafe.Pointer(&got), unsafe.Pointer(&a), unsafe.Pointer(&b), nil, 1)
					x, y := l.value(a), l.value(b)
					if want := l.round(float64(f(float32(x), float32(y)))); !same(l.value(got), want) {
						t.Fatalf("%s(%g, %g) of %s is %g, want %g", op, x, y, dtype, l.value(got), want)
					}
				}
			}
		}
	}
}

// TestHalfConversions goes to and from every real type, by way of values next to ties.
func TestHalfConversions(t *testing.T) {
	for dtype, l := range layouts {
		for i := range 1 << 16 {
			b := uint16(i)
			v := l.value(b)
			if got := read(dtype, unsafe.Pointer(&b)); !same(got, v) {
				t.Fatalf("%s %04x is %g, want %g", dtype, b, got, v)
			}
			if v-v != 0 {
				continue
			}
			// A tie with the next number, and what lies just beside it: as float64 it may be nearer to
			// the tie than any float32.
			tie := (v + l.value(b+1)) / 2
			if tie-tie != 0 {
				tie = v * (1 + math.Ldexp(1, -l.fraction-2))
			}
			for _, x := range []float64{v, tie, math.Nextafter(tie, inf), math.Nextafter(tie, -inf)} {
				var got uint16
				write(dtype, unsafe.Pointer(&got), x)
				if want := l.round(x); !same(l.value(got), want) {
					t.Fatalf("%g to %s is %g, want %g", x, dtype, l.value(got), want)
				}
				x32 := float32(x)
				convert(dtypes.Float32, dtype)(unsafe.Pointer(&got), unsafe.Pointer(&x32), nil, nil, 1)
				if want := l.round(float64(x32)); !same(l.value(got), want) {
					t.Fatalf("float32 %g to %s is %g, want %g", x32, dtype, l.value(got), want)
				}
			}
		}
		for _, x := range []int64{0, 1, -1, 2047, 2049, 2051, 65519, 65520, 1<<24 + 1, 1<<56 + 1<<48, 1<<56 + 1<<48 + 1,
			-(1<<56 + 1<<48 + 1), 1<<56 + 1<<48 - 1, 3<<55 + 1<<48, math.MaxInt64, math.MinInt64} {
			var got uint16
			convert(dtypes.Int64, dtype)(unsafe.Pointer(&got), unsafe.Pointer(&x), nil, nil, 1)
			want := l.roundInt(x)
			if !same(l.value(got), want) {
				t.Errorf("int64 %d to %s is %g, want %g", x, dtype, l.value(got), want)
			}
		}
	}
}
