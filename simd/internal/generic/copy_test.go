package generic

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// scattered returns a tensor whose axes lie in memory in any order, with gaps, some backwards, and
// (if repeats) some of stride 0; and the memory.
func scattered(r *rand.Rand, d dtypes.DType, dims []int, repeats bool) (tensor.Tensor, []byte) {
	strides := make([]int, len(dims))
	step, first := 1, 0
	for _, a := range r.Perm(len(dims)) {
		if repeats && r.IntN(5) == 0 {
			continue
		}
		strides[a] = step
		step *= max(1, dims[a])
		if r.IntN(3) == 0 {
			step += r.IntN(3)
		}
		if r.IntN(4) == 0 {
			first += strides[a] * max(0, dims[a]-1)
			strides[a] = -strides[a]
		}
	}
	size := d.Size()
	data := make([]byte, (step+2)*size)
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	return tensor.Tensor{DType: d, Dims: dims, Strides: strides, Data: unsafe.Pointer(&data[first*size])}, data
}

func TestCopy(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	sizes := []dtypes.DType{dtypes.Uint8, dtypes.Int16, dtypes.Float32, dtypes.Int64, dtypes.Complex128}
	pools := pools(t)
	for i := range 3000 {
		dims := someDims(r, r.IntN(7))
		if i%20 == 0 && len(dims) > 0 { // beyond the size of a tile
			dims[r.IntN(len(dims))] = 30 + r.IntN(100)
		}
		if i%100 == 0 { // beyond the size of a piece
			dims = []int{1 + r.IntN(700), 1 + r.IntN(700), 1 + r.IntN(3)}
		}
		d := sizes[i%len(sizes)]
		src, _ := scattered(r, d, dims, true)
		dst, memory := scattered(r, d, dims, false)
		want := slices.Clone(memory)
		size := d.Size()
		base := int(uintptr(dst.Data) - uintptr(unsafe.Pointer(&memory[0])))
		each(dims, func(index []int) {
			from, to := offset(src, index)*size, base+offset(dst, index)*size
			copy(want[to:to+size], unsafe.Slice((*byte)(unsafe.Add(src.Data, from)), size))
		})
		Copy(pools[i%3], dst, src)
		if !slices.Equal(memory, want) {
			t.Fatalf("copy of %s%v from strides %v to %v is wrong", d, dims, src.Strides, dst.Strides)
		}
	}
}

// Large layouts that are shared between processors along each kind of axis.
func TestCopyLarge(t *testing.T) {
	pool := par.New(4)
	defer pool.Close()
	for _, c := range []struct {
		name     string
		dims     []int
		dst, src []int
	}{
		{"one dense run", []int{1 << 18}, []int{1}, []int{1}},
		{"one element, repeated", []int{1<<18 + 7}, []int{1}, []int{0}},
		{"every other element", []int{1 << 18}, []int{1}, []int{2}},
		{"backwards", []int{1<<18 - 3}, []int{1}, []int{-1}},
		{"a transpose, tall", []int{1000, 301}, []int{301, 1}, []int{1, 1000}},
		{"a transpose, wide", []int{301, 1000}, []int{1000, 1}, []int{1, 301}},
		{"a transpose of few columns", []int{1 << 17, 3}, []int{3, 1}, []int{1, 1 << 17}},
		{"attention heads", []int{16, 8, 128, 32}, []int{8 * 128 * 32, 128 * 32, 32, 1}, []int{128 * 8 * 32, 32, 8 * 32, 1}},
		{"a column down many rows", []int{1 << 16, 5}, []int{5, 1}, []int{1, 0}},
		{"a row for many columns", []int{5, 1 << 16}, []int{1 << 16, 1}, []int{0, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := 1 << 20
			from, to := make([]uint32, n), make([]uint32, n)
			for i := range from {
				from[i] = uint32(i)
			}
			src := tensor.Tensor{DType: dtypes.Uint32, Dims: c.dims, Strides: c.src, Data: unsafe.Pointer(&from[n/2])}
			dst := tensor.Tensor{DType: dtypes.Uint32, Dims: c.dims, Strides: c.dst, Data: unsafe.Pointer(&to[0])}
			if slices.Min(c.src) >= 0 {
				src.Data = unsafe.Pointer(&from[0])
			}
			Copy(pool, dst, src)
			each(c.dims, func(index []int) {
				if g, w := to[offset(dst, index)], *(*uint32)(unsafe.Add(src.Data, 4*offset(src, index))); g != w {
					t.Fatalf("element %v is %d, want %d", index, g, w)
				}
			})
		})
	}
}

func TestCopyDoesNotAllocate(t *testing.T) {
	dst, src := temp(dtypes.Float32, []int{4, 5, 6, 7}), temp(dtypes.Float32, []int{4, 5, 6, 7})
	src.Strides = []int{1, 4, 20, 120}
	if n := testing.AllocsPerRun(100, func() { Copy(nil, dst, src) }); n != 0 {
		t.Errorf("a copy allocates %g times", n)
	}
}

func TestCopyWantsTheSameDimensions(t *testing.T) {
	defer func() {
		if _, ok := recover().(error); !ok {
			t.Error("no error")
		}
	}()
	Copy(nil, temp(dtypes.Float32, []int{2, 3}), temp(dtypes.Float32, []int{3, 2}))
}

// Floor on an idle machine (EPYC, one thread): 8 GB/s, reading and writing counted, where caches
// hold the arrays; transposes of 4 bytes 5 GB/s.
func BenchmarkCopy(b *testing.B) {
	for _, c := range []struct {
		name  string
		dtype dtypes.DType
		dims  []int
		perm  []int // of the source's strides; nil for as they are
	}{
		{"dense f32", dtypes.Float32, []int{1024, 1024}, nil},
		{"transpose f32 64", dtypes.Float32, []int{64, 64}, []int{1, 0}},
		{"transpose f32 1000", dtypes.Float32, []int{1000, 1000}, []int{1, 0}},
		{"transpose f32 1024", dtypes.Float32, []int{1024, 1024}, []int{1, 0}},
		{"transpose f64 1024", dtypes.Float64, []int{1024, 1024}, []int{1, 0}},
		{"transpose u8 1024", dtypes.Uint8, []int{1024, 1024}, []int{1, 0}},
		{"transpose u16 1024", dtypes.Int16, []int{1024, 1024}, []int{1, 0}},
		{"heads f32 16x64x4x32", dtypes.Float32, []int{16, 4, 64, 32}, []int{0, 2, 1, 3}},
		{"NCHW to NHWC f32 64x32x28x28", dtypes.Float32, []int{64, 28, 28, 32}, []int{0, 2, 3, 1}},
		{"NHWC to NCHW f32 64x28x28x3", dtypes.Float32, []int{64, 3, 28, 28}, []int{0, 3, 1, 2}},
	} {
		for _, width := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/threads=%d", c.name, width), func(b *testing.B) {
				pool := par.New(width)
				defer pool.Close()
				dst := temp(c.dtype, c.dims)
				src := temp(c.dtype, c.dims)
				if c.perm != nil { // axis i of dst is axis perm[i] of a dense source
					dims := make([]int, len(c.dims))
					for i, p := range c.perm {
						dims[p] = c.dims[i]
					}
					dense := tensor.RowMajor(dims)
					for i, p := range c.perm {
						src.Strides[i] = dense[p]
					}
				}
				b.SetBytes(int64(2 * dst.Size() * c.dtype.Size()))
				for b.Loop() {
					Copy(pool, dst, src)
				}
			})
		}
	}
}
