package elem

import (
	le "encoding/binary"
	"math/big"
	"math/bits"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// An integer type as the tests see it: numbers modulo 2^width, in big integers.
type ring struct {
	dtype  dtypes.DType
	width  uint
	signed bool
}

func ringOf(t dtypes.DType) ring { return ring{t, uint(8 * size(t)), !t.IsUnsigned()} }

// wrap reduces x to the type's range.
func (r ring) wrap(x *big.Int) *big.Int {
	m := new(big.Int).Lsh(big.NewInt(1), r.width)
	x = new(big.Int).Mod(x, m)
	if r.signed && x.Bit(int(r.width)-1) == 1 {
		x.Sub(x, m)
	}
	return x
}

// pattern is x's bits as an unsigned number.
func (r ring) pattern(x *big.Int) *big.Int {
	return new(big.Int).Mod(x, new(big.Int).Lsh(big.NewInt(1), r.width))
}

func (r ring) store(x *big.Int) (cell [8]byte) {
	le.LittleEndian.PutUint64(cell[:], r.pattern(x).Uint64())
	return cell
}

func (r ring) load(cell [8]byte) *big.Int {
	return r.wrap(new(big.Int).SetUint64(le.LittleEndian.Uint64(cell[:])))
}

// samples lists many numbers of 8 bits, and the critical ones of wider types.
func (r ring) samples() []*big.Int {
	var list []*big.Int
	seen := map[string]bool{}
	add := func(x *big.Int) {
		if x = r.wrap(x); !seen[x.String()] {
			seen[x.String()] = true
			list = append(list, x)
		}
	}
	if r.width == 8 {
		for i := int64(0); i < 256; i += 3 {
			add(big.NewInt(i))
			add(big.NewInt(i / 16))
		}
	}
	for _, i := range []int64{0, 1, 2, 3, 5, 7, 10, 13, 100, 8, 16, 32, 64, 15, 31, 63, 128, 255} {
		add(big.NewInt(i))
		add(big.NewInt(-i))
	}
	for k := uint(4); k <= r.width; k += 5 {
		add(new(big.Int).Lsh(big.NewInt(3), k))
	}
	for d := range int64(3) { // around the bounds
		top := new(big.Int).Lsh(big.NewInt(1), r.width-1)
		add(new(big.Int).Add(top, big.NewInt(d-1)))
		add(new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), r.width), big.NewInt(d+1)))
	}
	add(new(big.Int).SetUint64(0x0123456789abcdef))
	add(new(big.Int).SetUint64(0xfedcba9876543210))
	return list
}

// integerOps are the definitions, in integers without bounds; results are wrapped afterwards.
var integerOps = map[ir.Op]func(r ring, x, y *big.Int) *big.Int{
	backends.OpTypeAdd:        func(_ ring, x, y *big.Int) *big.Int { return new(big.Int).Add(x, y) },
	backends.OpTypeSub:        func(_ ring, x, y *big.Int) *big.Int { return new(big.Int).Sub(x, y) },
	backends.OpTypeMul:        func(_ ring, x, y *big.Int) *big.Int { return new(big.Int).Mul(x, y) },
	backends.OpTypeBitwiseAnd: func(_ ring, x, y *big.Int) *big.Int { return new(big.Int).And(x, y) },
	backends.OpTypeBitwiseOr:  func(_ ring, x, y *big.Int) *big.Int { return new(big.Int).Or(x, y) },
	backends.OpTypeBitwiseXor: func(_ ring, x, y *big.Int) *big.Int { return new(big.Int).Xor(x, y) },
	backends.OpTypeBitwiseNot: func(_ ring, x, _ *big.Int) *big.Int { return new(big.Int).Not(x) },
	backends.OpTypeNeg:        func(_ ring, x, _ *big.Int) *big.Int { return new(big.Int).Neg(x) },
	backends.OpTypeAbs:        func(_ ring, x, _ *big.Int) *big.Int { return new(big.Int).Abs(x) },
	backends.OpTypeSign:       func(_ ring, x, _ *big.Int) *big.Int { return big.NewInt(int64(x.Sign())) },
	backends.OpTypeReal:       func(_ ring, x, _ *big.Int) *big.Int { return x },
	backends.OpTypeImag:       func(ring, *big.Int, *big.Int) *big.Int { return new(big.Int) },
	backends.OpTypeIdentity:   func(_ ring, x, _ *big.Int) *big.Int { return x },
	backends.OpTypeMax: func(_ ring, x, y *big.Int) *big.Int {
		if x.Cmp(y) > 0 {
			return x
		}
		return y
	},
	backends.OpTypeMin: func(_ ring, x, y *big.Int) *big.Int {
		if x.Cmp(y) < 0 {
			return x
		}
		return y
	},
	backends.OpTypeDiv: func(_ ring, x, y *big.Int) *big.Int {
		if y.Sign() == 0 {
			return big.NewInt(-1)
		}
		return new(big.Int).Quo(x, y)
	},
	backends.OpTypeRem: func(_ ring, x, y *big.Int) *big.Int {
		if y.Sign() == 0 {
			return x
		}
		return new(big.Int).Rem(x, y)
	},
	backends.OpTypePow: func(r ring, x, y *big.Int) *big.Int {
		if y.Sign() < 0 {
			switch {
			case x.IsInt64() && x.Int64() == 1:
				return x
			case x.IsInt64() && x.Int64() == -1:
				return big.NewInt(1 - 2*int64(y.Bit(0)))
			}
			return new(big.Int)
		}
		return new(big.Int).Exp(r.pattern(x), y, new(big.Int).Lsh(big.NewInt(1), r.width))
	},
	backends.OpTypeBitCount: func(r ring, x, _ *big.Int) *big.Int {
		return big.NewInt(int64(bits.OnesCount64(r.pattern(x).Uint64())))
	},
	backends.OpTypeClz: func(r ring, x, _ *big.Int) *big.Int {
		return big.NewInt(int64(r.width) - int64(r.pattern(x).BitLen()))
	},
	backends.OpTypeShiftLeft: func(r ring, x, y *big.Int) *big.Int {
		return new(big.Int).Lsh(x, r.count(y))
	},
	backends.OpTypeShiftRightLogical: func(r ring, x, y *big.Int) *big.Int {
		return new(big.Int).Rsh(r.pattern(x), r.count(y))
	},
	backends.OpTypeShiftRightArithmetic: func(r ring, x, y *big.Int) *big.Int {
		signed := ring{width: r.width, signed: true}
		return new(big.Int).Rsh(signed.wrap(x), r.count(y)) // rounds down, as copying the sign does
	},
}

// count is the number of places of a shift: the width for negative and greater counts.
func (r ring) count(y *big.Int) uint {
	if y.Sign() < 0 || y.Cmp(big.NewInt(int64(r.width))) > 0 {
		return r.width
	}
	return uint(y.Int64())
}

func TestIntegers(t *testing.T) {
	for _, dtype := range intTypes {
		r := ringOf(dtype)
		list := r.samples()
		for op, f := range integerOps {
			k := Map(op, dtype, dtype)
			errors := 0
			for _, x := range list {
				for j, y := range list {
					if accepted[op].operands == 1 && j > 0 {
						break
					}
					a, b := r.store(x), r.store(y)
					var dst [8]byte
					k(unsafe.Pointer(&dst), unsafe.Pointer(&a), unsafe.Pointer(&b), nil, 1)
					if got, want := r.load(dst), r.wrap(f(r, x, y)); got.Cmp(want) != 0 && errors < 5 {
						t.Errorf("%s(%d, %d) of %s is %d, want %d", op, x, y, dtype, got, want)
						errors++
					}
				}
			}
		}
	}
}

func TestIntegerComparisons(t *testing.T) {
	for _, dtype := range intTypes {
		r := ringOf(dtype)
		list := r.samples()
		for _, x := range list {
			a := r.store(x)
			for _, y := range list {
				b, c := r.store(y), x.Cmp(y)
				for op, want := range map[ir.Op]bool{
					backends.OpTypeEqual: c == 0, backends.OpTypeNotEqual: c != 0,
					backends.OpTypeLessThan: c < 0, backends.OpTypeLessOrEqual: c <= 0,
					backends.OpTypeGreaterThan: c > 0, backends.OpTypeGreaterOrEqual: c >= 0,
					backends.OpTypeLessThanTotalOrder: c < 0, backends.OpTypeGreaterOrEqualTotalOrder: c >= 0,
				} {
					if r.width == 8 && op == backends.OpTypeLessThanTotalOrder {
						continue // enough of them
					}
					var got bool
					Map(op, dtype, dtypes.Bool)(unsafe.Pointer(&got), unsafe.Pointer(&a), unsafe.Pointer(&b), nil, 1)
					if got != want {
						t.Fatalf("%s(%d, %d) of %s is %t", op, x, y, dtype, got)
					}
				}
			}
			var isNaN, isFinite bool
			Map(backends.OpTypeIsNaN, dtype, dtypes.Bool)(unsafe.Pointer(&isNaN), unsafe.Pointer(&a), nil, nil, 1)
			Map(backends.OpTypeIsFinite, dtype, dtypes.Bool)(unsafe.Pointer(&isFinite), unsafe.Pointer(&a), nil, nil, 1)
			if isNaN || !isFinite {
				t.Fatalf("%d of %s: IsNaN %t, IsFinite %t", x, dtype, isNaN, isFinite)
			}
		}
	}
}

// TestBool is the truth table of everything that bool has.
func TestBool(t *testing.T) {
	for _, c := range []struct {
		op   ir.Op
		want [4]uint8 // for (0,0), (0,1), (1,0), (1,1)
	}{
		{backends.OpTypeLogicalAnd, [4]uint8{0, 0, 0, 1}},
		{backends.OpTypeLogicalOr, [4]uint8{0, 1, 1, 1}},
		{backends.OpTypeLogicalXor, [4]uint8{0, 1, 1, 0}},
		{backends.OpTypeLogicalNot, [4]uint8{1, 1, 0, 0}},
		{backends.OpTypeBitwiseAnd, [4]uint8{0, 0, 0, 1}},
		{backends.OpTypeBitwiseOr, [4]uint8{0, 1, 1, 1}},
		{backends.OpTypeBitwiseXor, [4]uint8{0, 1, 1, 0}},
		{backends.OpTypeBitwiseNot, [4]uint8{1, 1, 0, 0}},
		{backends.OpTypeAdd, [4]uint8{0, 1, 1, 1}},
		{backends.OpTypeMul, [4]uint8{0, 0, 0, 1}},
		{backends.OpTypeMax, [4]uint8{0, 1, 1, 1}},
		{backends.OpTypeMin, [4]uint8{0, 0, 0, 1}},
		{backends.OpTypeEqual, [4]uint8{1, 0, 0, 1}},
		{backends.OpTypeNotEqual, [4]uint8{0, 1, 1, 0}},
		{backends.OpTypeLessThan, [4]uint8{0, 1, 0, 0}},
		{backends.OpTypeLessOrEqual, [4]uint8{1, 1, 0, 1}},
		{backends.OpTypeGreaterThan, [4]uint8{0, 0, 1, 0}},
		{backends.OpTypeGreaterOrEqual, [4]uint8{1, 0, 1, 1}},
		{backends.OpTypeLessThanTotalOrder, [4]uint8{0, 1, 0, 0}},
		{backends.OpTypeIdentity, [4]uint8{0, 0, 1, 1}},
	} {
		a, b, got := [4]uint8{0, 0, 1, 1}, [4]uint8{0, 1, 0, 1}, [4]uint8{}
		Map(c.op, dtypes.Bool, dtypes.Bool)(unsafe.Pointer(&got), unsafe.Pointer(&a), unsafe.Pointer(&b), nil, 4)
		if got != c.want {
			t.Errorf("%s is %v, want %v", c.op, got, c.want)
		}
	}
}

// TestWhere takes conditions of any non-zero byte for true.
func TestWhere(t *testing.T) {
	for _, dtype := range allTypes {
		s := size(dtype)
		cond := []byte{1, 0, 255, 0, 2}
		x, y, got := sample(dtype, 5), make([]byte, 5*s), make([]byte, 5*s)
		var want []byte
		for i, c := range cond {
			if c != 0 {
				want = append(want, x[i*s:(i+1)*s]...)
			} else {
				want = append(want, y[i*s:(i+1)*s]...)
			}
		}
		Map(backends.OpTypeWhere, dtype, dtype)(unsafe.Pointer(&got[0]), unsafe.Pointer(&cond[0]), unsafe.Pointer(&x[0]), unsafe.Pointer(&y[0]), 5)
		if string(got) != string(want) {
			t.Errorf("%s: %x, want %x", dtype, got, want)
		}
	}
}

func TestClampOfIntegers(t *testing.T) {
	for _, c := range []struct {
		reason          string
		lo, x, hi, want int8
	}{
		{"below", -3, -128, 5, -3}, {"inside", -3, 2, 5, 2}, {"above", -3, 127, 5, 5}, {"crossed bounds give the upper", 5, 0, -5, -5},
	} {
		var got int8
		Map(backends.OpTypeClamp, dtypes.Int8, dtypes.Int8)(unsafe.Pointer(&got), unsafe.Pointer(&c.lo), unsafe.Pointer(&c.x), unsafe.Pointer(&c.hi), 1)
		if got != c.want {
			t.Errorf("%s: %d, want %d", c.reason, got, c.want)
		}
	}
}
