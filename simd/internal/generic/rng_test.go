package generic

import (
	"bytes"
	"math"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// randomBits draws an array and the state after it.
func randomBits(pool *par.Pool, state [3]uint64, dtype dtypes.DType, dims ...int) (out tensor.Tensor, next [3]uint64) {
	in := tensor.Of(dtypes.Uint64, []int{3}, unsafe.Pointer(&state))
	out = evalNew(pool, ir.OpRNGBits, nil, dtype, dims, in)
	after := evalNew(pool, ir.OpRNGState, ir.RNGState{Bytes: out.Size() * dtype.Size()}, dtypes.Uint64, []int{3}, in)
	return out, [3]uint64(tensor.Flat[uint64](after))
}

// TestRNGIsAFunctionOfPlace: the type, the length and the pool do not change an array's bytes, and
// two arrays one after the other are one longer array.
func TestRNGIsAFunctionOfPlace(t *testing.T) {
	pool := par.New(3)
	defer pool.Close()
	state := [3]uint64{0x0123456789abcdef, math.MaxUint64 - 3, 9} // the low half overflows on the way
	const n = 100_000
	whole, _ := randomBits(nil, state, dtypes.Uint8, n)
	want := tensor.Flat[byte](whole)
	for _, dtype := range allTypes {
		if dtype == dtypes.Bool {
			continue
		}
		got, _ := randomBits(pool, state, dtype, n/dtype.Size())
		if !bytes.Equal(unsafe.Slice((*byte)(got.Data), n/dtype.Size()*dtype.Size()), want[:n/dtype.Size()*dtype.Size()]) {
			t.Errorf("%s: bytes differ from those of uint8", dtype)
		}
	}
	for _, head := range []int{16, 16 * 37, 16 * 4096} {
		first, next := randomBits(pool, state, dtypes.Uint8, head)
		second, _ := randomBits(pool, next, dtypes.Uint8, n-head)
		if !bytes.Equal(append(bytes.Clone(tensor.Flat[byte](first)), tensor.Flat[byte](second)...), want) {
			t.Errorf("%d bytes and the rest differ from the whole", head)
		}
	}
	bools, _ := randomBits(nil, state, dtypes.Bool, n)
	for i, b := range tensor.Flat[byte](bools) {
		if b != want[i]&1 {
			t.Fatalf("bool %d is byte %d, want the lowest bit of %d", i, b, want[i])
		}
	}
}

// TestRNGLooksRandom bounds what would show a wrong index: the mean of the bits and the correlation
// between streams, within six standard deviations.
func TestRNGLooksRandom(t *testing.T) {
	const n = 1 << 16
	draw := func(state [3]uint64) []uint64 {
		out, _ := randomBits(nil, state, dtypes.Uint64, n)
		return tensor.Flat[uint64](out)
	}
	base := draw([3]uint64{1, 2, 3})
	split, next := randomBits(nil, [3]uint64{1, 2, 3}, dtypes.Uint64, 3) // as RNGStateSplit does
	for _, c := range []struct {
		reason string
		other  []uint64
	}{
		{"the bits themselves", make([]uint64, n)},
		{"next key", draw([3]uint64{2, 2, 3})},
		{"top bit of the key", draw([3]uint64{1 | 1<<63, 2, 3})},
		{"upper counter", draw([3]uint64{1, 2, 4})},
		{"after the array", draw([3]uint64{1, 2 + n/2, 3})},
		{"the split state", draw([3]uint64(tensor.Flat[uint64](split)))},
		{"the two halves of a split", draw(next)[1:]},
	} {
		ones := 0
		for i, v := range c.other {
			for x := v ^ base[i]; x != 0; x &= x - 1 {
				ones++
			}
		}
		total := float64(64 * len(c.other))
		if d := (float64(ones) - total/2) / math.Sqrt(total/4); math.Abs(d) > 6 {
			t.Errorf("%s: %d of %g bits set, %.1f standard deviations from half", c.reason, ones, total, d)
		}
	}
}

func BenchmarkRNG(b *testing.B) {
	// That of package philox.
	state := [3]uint64{1, 2, 3}
	in := []tensor.Tensor{tensor.Of(dtypes.Uint64, []int{3}, unsafe.Pointer(&state))}
	out := fresh(dtypes.Uint32, []int{1 << 20})
	n := &ir.Node{Op: ir.OpRNGBits, Shape: shapes.Make(dtypes.Uint32, 1<<20)}
	b.SetBytes(4 << 20)
	for b.Loop() {
		Eval(nil, n, in, out)
	}
}
