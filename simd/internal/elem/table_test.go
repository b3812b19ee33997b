package elem

import (
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/shapeinference"
	"github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// The types by family.
var (
	signedTypes   = []dtypes.DType{dtypes.Int8, dtypes.Int16, dtypes.Int32, dtypes.Int64}
	unsignedTypes = []dtypes.DType{dtypes.Uint8, dtypes.Uint16, dtypes.Uint32, dtypes.Uint64}
	intTypes      = append(append([]dtypes.DType{}, signedTypes...), unsignedTypes...)
	halfTypes     = []dtypes.DType{dtypes.Float16, dtypes.BFloat16}
	floatTypes    = append([]dtypes.DType{dtypes.Float32, dtypes.Float64}, halfTypes...)
	complexTypes  = []dtypes.DType{dtypes.Complex64, dtypes.Complex128}
	boolType      = []dtypes.DType{dtypes.Bool}
	allTypes      = join(boolType, intTypes, floatTypes, complexTypes)
)

func join(lists ...[]dtypes.DType) []dtypes.DType {
	var all []dtypes.DType
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// accepted says which types each operation takes, the conversions aside, and how many operands.
var accepted = map[ir.Op]struct {
	operands int
	types    []dtypes.DType
}{
	backends.OpTypeIdentity:                 {1, allTypes},
	backends.OpTypeWhere:                    {3, allTypes},
	backends.OpTypeClamp:                    {3, join(boolType, intTypes, floatTypes)},
	backends.OpTypeAdd:                      {2, allTypes},
	backends.OpTypeSub:                      {2, join(intTypes, floatTypes, complexTypes)},
	backends.OpTypeMul:                      {2, allTypes},
	backends.OpTypeDiv:                      {2, join(intTypes, floatTypes, complexTypes)},
	backends.OpTypeRem:                      {2, join(intTypes, floatTypes)},
	backends.OpTypePow:                      {2, join(intTypes, floatTypes, complexTypes)},
	backends.OpTypeMax:                      {2, join(boolType, intTypes, floatTypes)},
	backends.OpTypeMin:                      {2, join(boolType, intTypes, floatTypes)},
	backends.OpTypeNeg:                      {1, join(intTypes, floatTypes, complexTypes)},
	backends.OpTypeAbs:                      {1, join(intTypes, floatTypes, complexTypes)},
	backends.OpTypeSign:                     {1, join(intTypes, floatTypes, complexTypes)},
	backends.OpTypeEqual:                    {2, allTypes},
	backends.OpTypeNotEqual:                 {2, allTypes},
	backends.OpTypeLessThan:                 {2, join(boolType, intTypes, floatTypes)},
	backends.OpTypeLessOrEqual:              {2, join(boolType, intTypes, floatTypes)},
	backends.OpTypeGreaterThan:              {2, join(boolType, intTypes, floatTypes)},
	backends.OpTypeGreaterOrEqual:           {2, join(boolType, intTypes, floatTypes)},
	backends.OpTypeEqualTotalOrder:          {2, join(boolType, intTypes, floatTypes)},
	backends.OpTypeNotEqualTotalOrder:       {2, join(boolType, intTypes, floatTypes)},
	backends.OpTypeLessThanTotalOrder:       {2, join(boolType, intTypes, floatTypes)},
	backends.OpTypeLessOrEqualTotalOrder:    {2, join(boolType, intTypes, floatTypes)},
	backends.OpTypeGreaterThanTotalOrder:    {2, join(boolType, intTypes, floatTypes)},
	backends.OpTypeGreaterOrEqualTotalOrder: {2, join(boolType, intTypes, floatTypes)},
	backends.OpTypeIsNaN:                    {1, join(intTypes, floatTypes, complexTypes)},
	backends.OpTypeIsFinite:                 {1, join(intTypes, floatTypes, complexTypes)},
	backends.OpTypeBitwiseAnd:               {2, join(boolType, intTypes)},
	backends.OpTypeBitwiseOr:                {2, join(boolType, intTypes)},
	backends.OpTypeBitwiseXor:               {2, join(boolType, intTypes)},
	backends.OpTypeBitwiseNot:               {1, join(boolType, intTypes)},
	backends.OpTypeBitCount:                 {1, intTypes},
	backends.OpTypeClz:                      {1, intTypes},
	backends.OpTypeShiftLeft:                {2, intTypes},
	backends.OpTypeShiftRightArithmetic:     {2, intTypes},
	backends.OpTypeShiftRightLogical:        {2, intTypes},
	backends.OpTypeLogicalAnd:               {2, boolType},
	backends.OpTypeLogicalOr:                {2, boolType},
	backends.OpTypeLogicalXor:               {2, boolType},
	backends.OpTypeLogicalNot:               {1, boolType},
	backends.OpTypeCeil:                     {1, floatTypes},
	backends.OpTypeFloor:                    {1, floatTypes},
	backends.OpTypeRound:                    {1, floatTypes},
	backends.OpTypeSqrt:                     {1, join(floatTypes, complexTypes)},
	backends.OpTypeRsqrt:                    {1, join(floatTypes, complexTypes)},
	backends.OpTypeExp:                      {1, join(floatTypes, complexTypes)},
	backends.OpTypeExpm1:                    {1, join(floatTypes, complexTypes)},
	backends.OpTypeLog:                      {1, join(floatTypes, complexTypes)},
	backends.OpTypeLog1p:                    {1, join(floatTypes, complexTypes)},
	backends.OpTypeLogistic:                 {1, join(floatTypes, complexTypes)},
	backends.OpTypeSin:                      {1, join(floatTypes, complexTypes)},
	backends.OpTypeCos:                      {1, join(floatTypes, complexTypes)},
	backends.OpTypeTanh:                     {1, join(floatTypes, complexTypes)},
	backends.OpTypeErf:                      {1, floatTypes},
	backends.OpTypeComplex:                  {2, []dtypes.DType{dtypes.Float32, dtypes.Float64}},
	backends.OpTypeConj:                     {1, join(floatTypes, complexTypes)},
	backends.OpTypeReal:                     {1, join(intTypes, floatTypes, complexTypes)},
	backends.OpTypeImag:                     {1, join(intTypes, floatTypes, complexTypes)},
}

// TestMapTakesWhatTheTableSays pins for every operation and pair of types whether there is a kernel.
func TestMapTakesWhatTheTableSays(t *testing.T) {
	for op := ir.Op(0); op < ir.OpEnd; op++ {
		if op == backends.OpTypeConvertDType || op == backends.OpTypeBitcast {
			continue
		}
		want := map[dtypes.DType]bool{}
		for _, in := range accepted[op].types {
			want[in] = true
		}
		for _, in := range append(allTypes, dtypes.InvalidDType, dtypes.F8E5M2, dtypes.S4) {
			for _, out := range allTypes {
				if got := Map(op, in, out) != nil; got != (want[in] && out == Result(op, in)) {
					t.Errorf("Map(%s, %s, %s) is a kernel: %t, want %t", ir.Name(op), in, out, got, !got)
				}
			}
		}
	}
	for _, in := range allTypes {
		for _, out := range allTypes {
			if Map(backends.OpTypeConvertDType, in, out) == nil {
				t.Errorf("no conversion of %s to %s", in, out)
			}
			want := size(in) == size(out) && (out != dtypes.Bool || in == dtypes.Bool)
			if got := Map(backends.OpTypeBitcast, in, out) != nil; got != want {
				t.Errorf("a bitcast of %s to %s: %t, want %t", in, out, got, want)
			}
		}
		if Map(backends.OpTypeConvertDType, in, dtypes.S4) != nil || Map(backends.OpTypeConvertDType, dtypes.S4, in) != nil {
			t.Errorf("a conversion between %s and a type that there is not", in)
		}
	}
}

// TestMapIsComplete asks for every operation and type that GoMLX's shape rules and its pure Go
// backend accept, and for the types that this backend has beyond.
func TestMapIsComplete(t *testing.T) {
	unaryOps, binaryOps := shapeinference.StandardUnaryOperations, shapeinference.StandardBinaryOperations
	count := 0
	for op := range simplego.Capabilities.Operations {
		for dtype := range simplego.Capabilities.DTypes {
			s := shapes.Make(dtype, 3)
			out, err := s, error(nil)
			switch {
			case unaryOps.Has(op):
				out, err = shapeinference.UnaryOp(op, s)
			case binaryOps.Has(op):
				out, err = shapeinference.BinaryOp(op, s, s)
			case shapeinference.ComparisonOperations.Has(op):
				out, err = shapeinference.ComparisonOp(op, s, s)
			case op == backends.OpTypeWhere, op == backends.OpTypeIdentity, op == backends.OpTypeConvertDType:
			default:
				continue
			}
			if err != nil {
				continue
			}
			count++
			if Map(op, dtype, out.DType) == nil {
				t.Errorf("no %s of %s to %s", op, dtype, out.DType)
			}
		}
	}
	if count < 300 {
		t.Errorf("%d pairs of operation and type, want more: the rules were not asked", count)
	}
}

// TestKernelsStayInTheirBlocks runs every kernel at sizes around those of its loops, with the result
// apart from the operands and in place of each, and looks beyond the end.
func TestKernelsStayInTheirBlocks(t *testing.T) {
	const most = 2*halfBlock + 5
	for op, a := range accepted {
		for _, in := range a.types {
			out := Result(op, in)
			k := Map(op, in, out)
			types := [3]dtypes.DType{in, in, in}
			if op == backends.OpTypeWhere {
				types[0] = dtypes.Bool
			}
			var operands [3][]byte
			for j := range a.operands {
				operands[j] = sample(types[j], most+1)
			}
			call := func(dst []byte, ops [3][]byte, n int) {
				var p [3]unsafe.Pointer
				for j := range a.operands {
					p[j] = unsafe.Pointer(unsafe.SliceData(ops[j]))
				}
				k(unsafe.Pointer(unsafe.SliceData(dst)), p[0], p[1], p[2], n)
			}
			want := make([]byte, most*size(out))
			for i := range most {
				one := operands
				for j := range a.operands {
					one[j] = operands[j][i*size(types[j]):]
				}
				call(want[i*size(out):], one, 1)
			}
			for _, n := range []int{0, 1, 2, 3, 7, 127, 128, 129, halfBlock - 1, halfBlock, halfBlock + 1, most} {
				for place := -1; place < a.operands; place++ {
					if place >= 0 && size(types[place]) != size(out) {
						continue
					}
					ops := operands
					dst := make([]byte, (most+1)*size(out))
					if place >= 0 {
						dst = append([]byte{}, operands[place]...)
						ops[place] = dst
					}
					rest := append([]byte{}, dst[n*size(out):]...)
					call(dst, ops, n)
					if string(dst[:n*size(out)]) != string(want[:n*size(out)]) {
						t.Errorf("%s of %s: %d elements with the result in operand %d differ from one by one", op, in, n, place)
					}
					if string(dst[n*size(out):]) != string(rest) {
						t.Errorf("%s of %s: %d elements with the result in operand %d wrote beyond the end", op, in, n, place)
					}
				}
			}
		}
	}
}

// sample returns n elements with all sorts of bits.
func sample(dtype dtypes.DType, n int) []byte {
	b := make([]byte, n*size(dtype))
	seed := uint64(7)
	for i := range b {
		seed = seed*6364136223846793005 + 1442695040888963407
		b[i] = byte(seed >> 56)
		if dtype == dtypes.Bool {
			b[i] &= 1
		}
	}
	return b
}
