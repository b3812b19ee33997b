package vec

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/x448/float16"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
)

var integerTypes = []dtypes.DType{dtypes.Int32, dtypes.Int64, dtypes.Uint32, dtypes.Uint64, dtypes.Int8, dtypes.Bool}

// fill makes n elements of a type, with numbers at the ends of its range among them.
func fill(rng *rand.Rand, dtype dtypes.DType, n int) []byte {
	size := int(dtype.Memory())
	out := block[byte](rng, n*size)[:n*size]
	for i := range n {
		p := unsafe.Pointer(&out[i*size])
		word := rng.Uint64()
		switch rng.IntN(4) {
		case 0:
			word = uint64(int64(rng.IntN(9) - 4))
		case 1:
			word = []uint64{math.MaxInt64, 1 << 63, math.MaxInt32, 1 << 31, 1<<31 - 128, math.MaxUint32, 1 << 53, 1<<53 + 1, 63, 64, 31, 32}[rng.IntN(12)]
		}
		switch dtype {
		case dtypes.Float32:
			e := edges[float32]()
			*(*float32)(p) = e[rng.IntN(len(e))]
			if rng.IntN(2) == 0 {
				*(*float32)(p) = float32(int64(word))
			}
			if rng.IntN(3) == 0 {
				*(*uint32)(p) = uint32(rng.Uint64())
			}
		case dtypes.Float64:
			e := edges[float64]()
			*(*float64)(p) = e[rng.IntN(len(e))]
			if rng.IntN(2) == 0 {
				*(*float64)(p) = float64(int64(word)) / 2
			}
			if rng.IntN(3) == 0 {
				*(*float64)(p) = float64(math.Float32frombits(uint32(rng.Uint64())))
			}
		case dtypes.Bool:
			out[i] = byte(word & 1)
		default:
			for j := range size {
				out[i*size+j] = byte(word >> (8 * j))
			}
		}
	}
	return out
}

// equalBytes compares elements by their bits, all NaN being equal.
func equalBytes(dtype dtypes.DType, got, want []byte) (int, bool) {
	size := int(dtype.Memory())
	for i := 0; i < len(want); i += size {
		x, y := got[i:i+size], want[i:i+size]
		if !bytes.Equal(x, y) && !(isNaN(dtype, x) && isNaN(dtype, y)) {
			return i / size, false
		}
	}
	return 0, true
}

func isNaN(dtype dtypes.DType, b []byte) bool {
	p := unsafe.Pointer(unsafe.SliceData(b))
	switch dtype {
	case dtypes.Float32:
		return *(*float32)(p) != *(*float32)(p)
	case dtypes.Float64:
		return *(*float64)(p) != *(*float64)(p)
	case dtypes.Float16:
		return float16.Frombits(*(*uint16)(p)).IsNaN()
	case dtypes.BFloat16:
		return *(*uint16)(p)&0x7fff > 0x7f80
	}
	return false
}

// Conversions, logic and arithmetic of integers give the bits that plain Go does.
func TestExactTypes(t *testing.T) {
	type row struct {
		op      ir.Op
		in, out dtypes.DType
	}
	var rows []row
	all := append(slices.Clone(integerTypes), dtypes.Float16, dtypes.BFloat16, dtypes.Float32, dtypes.Float64)
	for _, in := range all {
		for _, out := range all {
			rows = append(rows, row{backends.OpTypeConvertDType, in, out})
		}
	}
	for _, op := range []ir.Op{backends.OpTypeAdd, backends.OpTypeSub, backends.OpTypeMul, backends.OpTypeMax, backends.OpTypeMin,
		backends.OpTypeNeg, backends.OpTypeBitwiseAnd, backends.OpTypeBitwiseOr, backends.OpTypeBitwiseXor, backends.OpTypeBitwiseNot,
		backends.OpTypeShiftLeft, backends.OpTypeShiftRightLogical, backends.OpTypeShiftRightArithmetic,
		backends.OpTypeLogicalAnd, backends.OpTypeLogicalOr, backends.OpTypeLogicalXor, backends.OpTypeLogicalNot} {
		for _, in := range integerTypes {
			rows = append(rows, row{op, in, in})
		}
	}
	for _, op := range comparisonOps {
		for _, in := range append(slices.Clone(integerTypes), dtypes.Float16, dtypes.BFloat16) {
			rows = append(rows, row{op, in, dtypes.Bool})
		}
	}
	for _, op := range append(slices.Clone(binaryOps[:6]), unaryOps[:7]...) {
		for _, in := range []dtypes.DType{dtypes.Float16, dtypes.BFloat16} {
			rows = append(rows, row{op, in, in})
		}
	}
	each(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(13, 14))
		for _, r := range rows {
			k, e := Map(r.op, r.in, r.out), elem.Map(r.op, r.in, r.out)
			if e == nil {
				if k != nil {
					t.Errorf("%v %v to %v: there is a kernel, but none in plain Go", r.op, r.in, r.out)
				}
				continue
			}
			size := int(r.out.Memory())
			for _, n := range lengths() {
				a, b := fill(rng, r.in, n), fill(rng, r.in, n)
				what := fmt.Sprintf("%v %v to %v", r.op, r.in, r.out)
				try := func(k elem.Kernel, a, b, wholeA, wholeB []byte, what string) {
					got, want := block[byte](rng, n*size), make([]byte, n*size)
					k(ptr(got), ptr(a), ptr(b), nil, n)
					e(ptr(want), ptr(wholeA), ptr(wholeB), nil, n)
					if i, ok := equalBytes(r.out, got, want); !ok {
						in := int(r.in.Memory())
						t.Fatalf("%s: element %d of %d of (%x, %x) is %x, want %x", what, i, n,
							wholeA[i*in:(i+1)*in], wholeB[i*in:(i+1)*in], got[i*size:(i+1)*size], want[i*size:(i+1)*size])
					}
					if i := slices.IndexFunc(got[n*size:], func(b byte) bool { return b != 0 }); i >= 0 {
						t.Fatalf("%s: wrote byte %d behind %d elements", what, i, n)
					}
				}
				try(k, a, b, a, b, what)
				for s := range 2 {
					k := MapScalar(r.op, r.in, r.out, s)
					if k == nil || n == 0 {
						continue
					}
					x := [2][]byte{a, b}
					whole := x
					whole[s] = bytes.Repeat(x[s][:r.in.Memory()], n)
					try(k, x[0], x[1], whole[0], whole[1], fmt.Sprintf("%s with a scalar %d", what, s))
				}
			}
		}
	})
}

func TestFill(t *testing.T) {
	each(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(15, 16))
		for _, size := range []int{1, 2, 4, 8, 16} {
			value := make([]byte, size)
			for i := range value {
				value[i] = byte(i + 1)
			}
			for _, n := range lengths() {
				got := block[byte](rng, n*size)
				Fill(size)(ptr(got), ptr(value), n)
				if !bytes.Equal(got[:n*size], bytes.Repeat(value, n)) || !bytes.Equal(got[n*size:], make([]byte, 64)) {
					t.Fatalf("%d elements of %d bytes: %x", n, size, got)
				}
			}
		}
	})
}

func TestMulAdd(t *testing.T) {
	each(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(17, 18))
		k := MulAdd(dtypes.Float64)
		if k == nil {
			t.Skip("only in assembly")
		}
		for _, n := range lengths() {
			a, b, c, got := samples[float64](rng, n), samples[float64](rng, n), samples[float64](rng, n), block[float64](rng, n)
			k(ptr(got), ptr(a), ptr(b), ptr(c), n)
			want := make([]float64, n)
			for i := range want {
				want[i] = math.FMA(a[i], b[i], c[i])
			}
			check(t, "MulAdd", got, want, n)
		}
	})
}
