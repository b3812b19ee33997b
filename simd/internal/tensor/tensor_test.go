package tensor

import (
	"runtime"
	"slices"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

func TestAlloc(t *testing.T) {
	var all [][]byte
	for _, n := range []int{0, 1, 7, 63, 64, 65, 1000, 4096, 1 << 16, 1<<20 + 1} {
		p := Alloc(n)
		if p == nil || uintptr(p)%Align != 0 {
			t.Errorf("%d bytes at %p, want a multiple of %d", n, p, Align)
		}
		b := unsafe.Slice((*byte)(p), n)
		if i := slices.IndexFunc(b, func(x byte) bool { return x != 0 }); i >= 0 {
			t.Errorf("%d bytes: byte %d is %d, want 0", n, i, b[i])
		}
		for i := range b {
			b[i] = byte(len(all) + 1)
		}
		all = append(all, b)
	}
	// A pointer to an array's start keeps all of it.
	runtime.GC()
	for range 100 {
		Alloc(1000)
	}
	for k, b := range all {
		if i := slices.IndexFunc(b, func(x byte) bool { return x != byte(k+1) }); i >= 0 {
			t.Errorf("%d bytes: byte %d was overwritten", len(b), i)
		}
	}
}

func TestContiguous(t *testing.T) {
	for _, c := range []struct {
		reason        string
		dims, strides []int
		want          bool
	}{
		{"a scalar", nil, nil, true},
		{"rows one after the other", []int{2, 3}, []int{3, 1}, true},
		{"columns one after the other", []int{2, 3}, []int{1, 2}, false},
		{"a gap between rows", []int{2, 3}, []int{4, 1}, false},
		{"rows repeat", []int{2, 3}, []int{0, 1}, false},
		{"backwards", []int{3}, []int{-1}, false},
		{"an axis of dimension 1 may have any stride", []int{2, 1, 3}, []int{3, 77, 1}, true},
		{"no elements", []int{2, 0, 3}, []int{5, 5, 5}, true},
	} {
		x := Tensor{DType: dtypes.Float32, Dims: c.dims, Strides: c.strides}
		if got := x.Contiguous(); got != c.want {
			t.Errorf("%s: contiguous %t, want %t", c.reason, got, c.want)
		}
	}
}

func TestFlat(t *testing.T) {
	data := []float32{1, 2, 3, 4, 5, 6}
	x := Of(dtypes.Float32, []int{2, 3}, unsafe.Pointer(&data[0]))
	if got := Flat[float32](x); !slices.Equal(got, data) {
		t.Errorf("got %v, want %v", got, data)
	}
	if got := Flat[float32](Of(dtypes.Float32, []int{2, 0}, nil)); got != nil {
		t.Errorf("no elements: got %v", got)
	}
	defer func() {
		if err, ok := recover().(error); !ok {
			t.Errorf("a transposed view: panic with %v, want an error", err)
		}
	}()
	x.Strides = []int{1, 2}
	Flat[float32](x)
}
