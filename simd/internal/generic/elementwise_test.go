package generic

import (
	"encoding/binary"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/shapeinference"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// TestElementwiseIsKnown lists what GoMLX calls elementwise.
func TestElementwiseIsKnown(t *testing.T) {
	for op := range ir.OpEnd {
		if (shapeinference.StandardUnaryOperations.Has(op) || shapeinference.StandardBinaryOperations.Has(op) ||
			shapeinference.ComparisonOperations.Has(op)) && !known(op) {
			t.Errorf("%s has no evaluator", ir.Name(op))
		}
	}
	for _, op := range ir.Elementwise() {
		some := false
		for _, dtype := range allTypes {
			some = some || elem.Map(op, dtype, elem.Result(op, dtype)) != nil
		}
		if !some {
			t.Errorf("%s has no kernel for any type", ir.Name(op))
		}
	}
}

// TestElementwiseInChunks: arrays around the size of a chunk, on pools, are what one call of the
// kernel gives, for results and operands of different sizes.
func TestElementwiseInChunks(t *testing.T) {
	pool := par.New(3)
	defer pool.Close()
	for _, c := range []struct {
		op       ir.Op
		in       []dtypes.DType
		out      dtypes.DType
		selector int // the operand whose type counts
	}{
		{backends.OpTypeAdd, []dtypes.DType{dtypes.Int16, dtypes.Int16}, dtypes.Int16, 0},
		{backends.OpTypeLessThan, []dtypes.DType{dtypes.Float64, dtypes.Float64}, dtypes.Bool, 0},
		{backends.OpTypeWhere, []dtypes.DType{dtypes.Bool, dtypes.Float32, dtypes.Float32}, dtypes.Float32, 1},
		{backends.OpTypeClamp, []dtypes.DType{dtypes.BFloat16, dtypes.BFloat16, dtypes.BFloat16}, dtypes.BFloat16, 0},
		{backends.OpTypeConvertDType, []dtypes.DType{dtypes.Uint8}, dtypes.Complex128, 0},
		{backends.OpTypeComplex, []dtypes.DType{dtypes.Float32, dtypes.Float32}, dtypes.Complex64, 0},
		{backends.OpTypeAbs, []dtypes.DType{dtypes.Complex64}, dtypes.Float32, 0},
	} {
		for _, n := range []int{0, 1, chunk - 1, chunk, chunk + 1, 3*chunk + 7} {
			var in []tensor.Tensor
			var p [3]unsafe.Pointer
			for i, dtype := range c.in {
				x := fresh(dtype, []int{n})
				small(x)
				in, p[i] = append(in, x), x.Data
			}
			want := fresh(c.out, []int{n})
			elem.Map(c.op, c.in[c.selector], c.out)(want.Data, p[0], p[1], p[2], n)
			for _, pool := range []*par.Pool{nil, pool} {
				got := evalNew(pool, c.op, nil, c.out, []int{n}, in...)
				if i := differ(got, want); i >= 0 {
					t.Errorf("%s of %d %v: element %d is %s, want %s", c.op, n, c.in, i, show(got, i), show(want, i))
				}
			}
		}
	}
}

func TestElementwiseRejectsTypes(t *testing.T) {
	for _, c := range []struct {
		op   ir.Op
		in   dtypes.DType
		out  dtypes.DType
		want string
	}{
		{backends.OpTypeExp, dtypes.Int32, dtypes.Int32, "generic.Eval: Exp is not defined for Int32[2]"},
		{backends.OpTypeLessThan, dtypes.Complex64, dtypes.Bool, "generic.Eval: LessThan is not defined for Complex64[2]"},
		{backends.OpTypeBitcast, dtypes.Int8, dtypes.Bool, "generic.Eval: Bitcast is not defined for Int8[2]"},
	} {
		func() {
			defer func() {
				if err, ok := recover().(error); !ok || err.Error() != c.want {
					t.Errorf("panic %v, want %s", err, c.want)
				}
			}()
			x := fresh(c.in, []int{2})
			evalNew(nil, c.op, nil, c.out, []int{2}, x, x)
		}()
	}
}

// TestBitcast splits and joins elements, low bytes first.
func TestBitcast(t *testing.T) {
	x := fresh(dtypes.Uint32, []int{2})
	copy(tensor.Flat[uint32](x), []uint32{0xdeadbeef, 0x01020304})
	halves := evalNew(nil, backends.OpTypeBitcast, nil, dtypes.Uint16, []int{2, 2}, x)
	for i, want := range []uint16{0xbeef, 0xdead, 0x0304, 0x0102} {
		if got := tensor.Flat[uint16](halves)[i]; got != want {
			t.Errorf("half %d is %x, want %x", i, got, want)
		}
	}
	whole := evalNew(nil, backends.OpTypeBitcast, nil, dtypes.Uint64, nil, x)
	if got := tensor.Flat[uint64](whole)[0]; got != 0x01020304deadbeef {
		t.Errorf("both are %x", got)
	}
	for _, dtype := range allTypes {
		if dtype == dtypes.Bool {
			continue
		}
		big := fresh(dtype, []int{5, 16 / dtype.Size()})
		b := unsafe.Slice((*byte)(big.Data), 80)
		for i := range b {
			b[i] = byte(i)
		}
		got := evalNew(nil, backends.OpTypeBitcast, nil, dtypes.Complex128, []int{5}, big)
		back := evalNew(nil, backends.OpTypeBitcast, nil, dtype, big.Dims, got)
		if i := differ(back, big); i >= 0 {
			t.Errorf("%s to complex128 and back changes element %d", dtype, i)
		}
		if first := binary.LittleEndian.Uint64(unsafe.Slice((*byte)(got.Data), 8)); first != 0x0706050403020100 {
			t.Errorf("%s to complex128 starts with %x", dtype, first)
		}
	}
}

func BenchmarkElementwise(b *testing.B) {
	for _, c := range []struct {
		op    ir.Op
		dtype dtypes.DType
	}{
		{backends.OpTypeAdd, dtypes.Float32}, {backends.OpTypeAdd, dtypes.Int8}, {backends.OpTypeAdd, dtypes.BFloat16},
		{backends.OpTypeAdd, dtypes.Float16}, {backends.OpTypeMax, dtypes.Float32}, {backends.OpTypeExp, dtypes.Float32},
		{backends.OpTypeTanh, dtypes.Float32}, {backends.OpTypePow, dtypes.Float32}, {backends.OpTypeDiv, dtypes.Int32},
		{backends.OpTypeSin, dtypes.Float32}, {backends.OpTypeLog, dtypes.Float32},
	} {
		b.Run(ir.Name(c.op)+"/"+c.dtype.String(), func(b *testing.B) {
			x := fresh(c.dtype, []int{1 << 16})
			small(x)
			out := fresh(c.dtype, x.Dims)
			n := &ir.Node{Op: c.op}
			b.SetBytes(1 << 16)
			for b.Loop() {
				Eval(nil, n, []tensor.Tensor{x, x}, out)
			}
		})
	}
}
