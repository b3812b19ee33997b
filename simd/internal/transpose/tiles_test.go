package transpose

import (
	"testing"
	"unsafe"
)

func test[T uint32 | uint64](t *testing.T) {
	size := int(unsafe.Sizeof(T(0)))
	side := 32 / size
	const ds, ss = 37, 35 // elements
	src, dst := make([]T, 33*ss), make([]T, 33*ds)
	for i := range src {
		src[i] = T(i) * 0x9E3779B9
	}
	for rows := range 33 {
		for columns := range 33 {
			clear(dst)
			r, c := Tiles(size, unsafe.Pointer(&dst[1]), unsafe.Pointer(&src[1]), ds*size, ss*size, rows, columns)
			wantR, wantC := rows/side*side, columns/side*side
			if words == nil || wantR == 0 || wantC == 0 {
				wantR, wantC = 0, 0
			}
			if r != wantR || c != wantC {
				t.Fatalf("%d × %d elements of %d bytes: did %d × %d, want %d × %d", rows, columns, size, r, c, wantR, wantC)
			}
			want := make([]T, len(dst))
			for i := range r {
				for j := range c {
					want[1+j*ds+i] = src[1+i*ss+j]
				}
			}
			for i := range dst {
				if dst[i] != want[i] {
					t.Fatalf("%d × %d elements of %d bytes: place %d is %x, want %x", rows, columns, size, i, dst[i], want[i])
				}
			}
		}
	}
}

// TestTiles looks at every shape, and at what lies beside the result.
func TestTiles(t *testing.T) {
	test[uint32](t)
	test[uint64](t)
}

func TestOtherSizes(t *testing.T) {
	var x [16]byte
	for _, size := range []int{1, 2, 16} {
		if r, c := Tiles(size, unsafe.Pointer(&x), unsafe.Pointer(&x), 16, 16, 1, 1); r != 0 || c != 0 {
			t.Errorf("elements of %d bytes: did %d × %d", size, r, c)
		}
	}
}

func BenchmarkTiles(b *testing.B) {
	var dst, src [32 * 32]uint32 // in cache: 25 GB/s read and written
	b.SetBytes(int64(unsafe.Sizeof(src)))
	for b.Loop() {
		Tiles(4, unsafe.Pointer(&dst), unsafe.Pointer(&src), 128, 128, 32, 32)
	}
}
