package simd_test

import (
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd"
)

// wantError checks that an error mentions all words.
func wantError(t *testing.T, what string, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", what)
		return
	}
	for _, w := range append(words, "simd: ") {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s: error %q does not mention %q", what, err, w)
		}
	}
}

func newBackend(t *testing.T, config string) *simd.Backend {
	t.Helper()
	b, err := simd.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Finalize)
	return b.(*simd.Backend)
}

func TestBuffersHoldEveryType(t *testing.T) {
	b := newBackend(t, "")
	if !b.HasSharedBuffers() {
		t.Error("buffers are not shared")
	}
	for _, dtype := range allTypes {
		for _, dims := range [][]int{{}, {0}, {1}, {7}, {3, 5}, {2, 0}, {1030}} {
			x := newSampler(1, true).array(dtype, dims...)
			buf, err := b.BufferFromFlatData(0, x.flat(), x.shape())
			if err != nil {
				t.Fatal(err)
			}
			if shape, err := b.BufferShape(buf); err != nil || !shape.Equal(x.shape()) {
				t.Errorf("%s: shape %s, %v", x, shape, err)
			}
			if n, err := b.BufferDeviceNum(buf); n != 0 || err != nil {
				t.Errorf("%s: device %d, %v", x, n, err)
			}
			data, err := b.BufferData(buf)
			if err != nil {
				t.Fatal(err)
			}
			v := reflect.ValueOf(data)
			if p := uintptr(v.UnsafePointer()); p%64 != 0 {
				t.Errorf("%s lies at %x, want a multiple of 64", x, p)
			}
			if d := differ(read(x.shape(), data), x, tolerance{}); d != "" {
				t.Errorf("%s: %s", x, d)
			}
			flat := reflect.MakeSlice(v.Type(), v.Len(), v.Len()).Interface()
			if err := b.BufferToFlatData(buf, flat); err != nil {
				t.Fatal(err)
			}
			if d := differ(read(x.shape(), flat), x, tolerance{}); d != "" {
				t.Errorf("copy of %s: %s", x, d)
			}
			if err := b.BufferFinalize(buf); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestSharedBuffersAreZeroAndWritable(t *testing.T) {
	b := newBackend(t, "")
	for range 3 { // the second time from memory that was used
		buf, flat, err := b.NewSharedBuffer(0, shapes.Make(dtypes.Float32, 100))
		if err != nil {
			t.Fatal(err)
		}
		list := flat.([]float32)
		for i, x := range list {
			if x != 0 {
				t.Fatalf("element %d is %g, want 0", i, x)
			}
			list[i] = float32(i)
		}
		got := make([]float32, 100)
		if err := b.BufferToFlatData(buf, got); err != nil || !reflect.DeepEqual(got, list) {
			t.Errorf("%v, want %v, %v", got, list, err)
		}
		if err := b.BufferFinalize(buf); err != nil {
			t.Error(err)
		}
	}
}

func TestBufferMistakesAreErrors(t *testing.T) {
	b, other := newBackend(t, ""), newBackend(t, "")
	shape := shapes.Make(dtypes.Float32, 3)
	flat := []float32{1, 2, 3}
	buf, err := b.BufferFromFlatData(0, flat, shape)
	if err != nil {
		t.Fatal(err)
	}
	uses := func(b *simd.Backend, buf backends.Buffer) map[string]error {
		_, shapeErr := b.BufferShape(buf)
		_, deviceErr := b.BufferDeviceNum(buf)
		_, dataErr := b.BufferData(buf)
		return map[string]error{
			"BufferShape": shapeErr, "BufferDeviceNum": deviceErr, "BufferData": dataErr,
			"BufferToFlatData": b.BufferToFlatData(buf, flat), "BufferFinalize": b.BufferFinalize(buf),
		}
	}
	for what, err := range uses(other, buf) {
		wantError(t, what+" of another backend's", err, what, "another backend")
	}
	for what, err := range uses(b, nil) {
		wantError(t, what+" of nil", err, what, "<nil>")
	}
	for what, err := range uses(b, (*simd.Buffer)(nil)) {
		wantError(t, what+" of a nil buffer", err, what)
	}
	for what, err := range uses(b, "buffer") {
		wantError(t, what+" of a string", err, what, "string")
	}
	if err := b.BufferFinalize(buf); err != nil {
		t.Error(err)
	}
	for what, err := range uses(b, buf) {
		wantError(t, what+" after finalizing", err, what, "finalized")
	}

	_, err = b.BufferFromFlatData(1, flat, shape)
	wantError(t, "device 1", err, "device 1")
	_, err = b.BufferFromFlatData(0, []float64{1, 2, 3}, shape)
	wantError(t, "other type", err, "float64", "Float32")
	_, err = b.BufferFromFlatData(0, flat[:2], shape)
	wantError(t, "too short", err, "2 elements", "3")
	_, err = b.BufferFromFlatData(0, 1.5, shape)
	wantError(t, "no slice", err, "float64")
	_, err = b.BufferFromFlatData(0, nil, shape)
	wantError(t, "nil", err, "<nil>")
	_, _, err = b.NewSharedBuffer(0, shapes.Make(dtypes.F8E5M2, 3))
	wantError(t, "type that is not supported", err, "F8E5M2")
	_, _, err = b.NewSharedBuffer(0, shapes.Shape{DType: dtypes.Float32, Dimensions: []int{-1}})
	wantError(t, "negative dimension", err, "negative")
	for _, dims := range [][]int{{1 << 61}, {1 << 31, 1 << 31}, {1 << 47}, {0, 1 << 47}, {3, 1 << 62, 3, 1 << 62}, {math.MaxInt}} {
		shape := shapes.Shape{DType: dtypes.Float32, Dimensions: dims}
		_, _, err = b.NewSharedBuffer(0, shape)
		wantError(t, "too large", err, "NewSharedBuffer", shape.String(), "bytes")
		_, err = b.BufferFromFlatData(0, flat, shape)
		wantError(t, "too large", err, "BufferFromFlatData", shape.String(), "bytes")
		_, err = b.Builder("large").Parameter("x", shape, nil)
		wantError(t, "too large", err, "Parameter", shape.String(), "bytes")
	}
	_, _, err = b.NewSharedBuffer(0, shapes.Invalid())
	wantError(t, "no shape", err, "types")
	_, err = b.BufferCopyToDevice(buf, 0)
	wantError(t, "copy to a device", err, "BufferCopyToDevice")
}

func TestMemoryIsUsedAgainAndGivenBack(t *testing.T) {
	b := newBackend(t, "")
	shape := shapes.Make(dtypes.Float32, 1<<20)
	first, _, err := b.NewSharedBuffer(0, shape)
	if err != nil {
		t.Fatal(err)
	}
	if m := b.Memory(); m.InUse < 4<<20 || m.InUse > 5<<20 || m.Cached != 0 || m.Peak != m.InUse {
		t.Errorf("with one buffer of 4 MiB: %+v", m)
	}
	if err := b.BufferFinalize(first); err != nil {
		t.Fatal(err)
	}
	if m := b.Memory(); m.InUse != 0 || m.Cached < 4<<20 {
		t.Errorf("after finalizing: %+v", m)
	}
	// Nothing wants it: two collections, and the cleanups, which run on a goroutine of their own.
	for range 100 {
		runtime.GC()
		if b.Memory().Cached == 0 {
			break
		}
	}
	if m := b.Memory(); m.Cached != 0 || m.InUse != 0 {
		t.Errorf("after collections: %+v", m)
	}
	// A buffer that is dropped is garbage as well.
	if _, _, err := b.NewSharedBuffer(0, shape); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		runtime.GC()
		if b.Memory().InUse == 0 {
			break
		}
	}
	if m := b.Memory(); m.InUse != 0 {
		t.Errorf("after dropping a buffer: %+v", m)
	}
}

// countTo returns 0, 1, … n-1.
func countTo(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i)
	}
	return x
}

func TestFinalizedBackend(t *testing.T) {
	b, err := simd.New("")
	if err != nil {
		t.Fatal(err)
	}
	shape := shapes.Make(dtypes.Float32, 3)
	buf, _, err := b.NewSharedBuffer(0, shape)
	if err != nil {
		t.Fatal(err)
	}
	builder := b.Builder("late")
	x, err := builder.Parameter("x", shape, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := builder.Compile([]backends.Op{x}, nil)
	if err != nil {
		t.Fatal(err)
	}
	// A constant large enough to be computed by several goroutines, which Finalize ends.
	late := b.Builder("later")
	c, err := late.Constant(countTo(1<<14), 1<<14)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := late.Add(c, c)
	if err != nil {
		t.Fatal(err)
	}
	sin, err := late.Sin(sum)
	if err != nil {
		t.Fatal(err)
	}
	b.Finalize()
	b.Finalize()
	if !b.IsFinalized() {
		t.Error("not finalized")
	}
	_, err = late.Compile([]backends.Op{sin}, nil)
	wantError(t, "compilation", err, `Compile "later"`, "the backend is finalized")
	_, err = b.BufferFromFlatData(0, []float32{1, 2, 3}, shape)
	wantError(t, "buffer with a copy", err, "BufferFromFlatData", "finalized")
	_, _, err = b.NewSharedBuffer(0, shape)
	wantError(t, "new buffer", err, "finalized")
	_, err = e.Execute([]backends.Buffer{buf}, nil, 0)
	wantError(t, "execution", err, "Execute", "late", "finalized")
	// What was made before stays readable until it is finalized.
	if got := content(t, b, buf); !slices.Equal(got, make([]float32, 3)) {
		t.Error(got)
	}
	if err := b.BufferFinalize(buf); err != nil {
		t.Error(err)
	}
	e.Finalize()
}

// Finalizing a backend waits for what is compiled.
func TestFinalizeWhileCompiling(t *testing.T) {
	for i := range 40 {
		b, err := simd.New("")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		for range 2 {
			go func() {
				builder := b.Builder("racing")
				x, err := builder.Constant(countTo(1<<14), 1<<14)
				for range 8 {
					if err == nil {
						x, err = builder.Sin(x)
					}
				}
				if err == nil {
					_, err = builder.Compile([]backends.Op{x}, nil)
				}
				done <- err
			}()
		}
		time.Sleep(time.Duration(i) * 50 * time.Microsecond)
		b.Finalize()
		for range 2 {
			if err := <-done; err != nil && !strings.Contains(err.Error(), "the backend is finalized") {
				t.Error(err)
			}
		}
	}
}

func TestBuffersFromManyGoroutines(t *testing.T) {
	b := newBackend(t, "")
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for k := range 200 {
				n := 1 + (g*31+k*17)%500
				buf, flat, err := b.NewSharedBuffer(0, shapes.Make(dtypes.Int64, n))
				if err != nil {
					t.Error(err)
					return
				}
				list := flat.([]int64)
				for i := range list {
					list[i] = int64(g)
				}
				runtime.Gosched()
				for _, x := range list {
					if x != int64(g) {
						t.Errorf("goroutine %d reads %d", g, x)
						return
					}
				}
				if err := b.BufferFinalize(buf); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if m := b.Memory(); m.InUse != 0 {
		t.Errorf("in use at the end: %+v", m)
	}
}
