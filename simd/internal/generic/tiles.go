package generic

import (
	"fmt"
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/transpose"
)

// copyTiled copies p.n × q.n elements, p dense (or nearly) in dst and q in src: a transpose. It goes
// through squares whose lines stay in the first-level cache on both sides: 16 lines of 64 bytes are
// read while 16 are written.
func copyTiled(size int, dst, src unsafe.Pointer, p, q axis) {
	dense := p.dst == size && q.src == size
	switch size {
	case 1:
		tiles[uint8](dst, src, p, q, 64)
	case 2:
		tiles[uint16](dst, src, p, q, 32)
	case 4:
		if dense && transpose.Has(4) {
			denseTiles[uint32](dst, src, p, q, 32)
		} else if dense {
			tiles4(dst, src, p, q)
		} else {
			tiles[uint32](dst, src, p, q, 32)
		}
	case 8:
		if dense && transpose.Has(8) {
			denseTiles[uint64](dst, src, p, q, 32)
		} else {
			tiles[uint64](dst, src, p, q, 16)
		}
	case 16:
		tiles[[2]uint64](dst, src, p, q, 8)
	default:
		panic(fmt.Errorf("generic: elements of %d bytes, want 1, 2, 4, 8 or 16", size))
	}
}

// tiles transposes squares of the given side.
func tiles[T any](dst, src unsafe.Pointer, p, q axis, side int) {
	for j := 0; j < q.n; j += side {
		nj := min(side, q.n-j)
		for i := 0; i < p.n; i += side {
			ni := min(side, p.n-i)
			square[T](unsafe.Add(dst, j*q.dst+i*p.dst), unsafe.Add(src, j*q.src+i*p.src), ni, nj, p, q)
		}
	}
}

// square transposes ni × nj elements, four by four along q to use what it touches of a line.
func square[T any](dst, src unsafe.Pointer, ni, nj int, p, q axis) {
	j := 0
	for ; j+4 <= nj; j += 4 {
		d, s := j*q.dst, j*q.src
		for range ni {
			a := *(*T)(unsafe.Add(src, s))
			b := *(*T)(unsafe.Add(src, s+q.src))
			c := *(*T)(unsafe.Add(src, s+2*q.src))
			e := *(*T)(unsafe.Add(src, s+3*q.src))
			*(*T)(unsafe.Add(dst, d)) = a
			*(*T)(unsafe.Add(dst, d+q.dst)) = b
			*(*T)(unsafe.Add(dst, d+2*q.dst)) = c
			*(*T)(unsafe.Add(dst, d+3*q.dst)) = e
			d, s = d+p.dst, s+p.src
		}
	}
	for ; j < nj; j++ {
		stride[T](unsafe.Add(dst, j*q.dst), unsafe.Add(src, j*q.src), ni, p.dst, p.src)
	}
}

// denseTiles transposes squares of the given side by way of package transpose, and what it leaves.
func denseTiles[T any](dst, src unsafe.Pointer, p, q axis, side int) {
	var one T
	size := int(unsafe.Sizeof(one))
	for j := 0; j < q.n; j += side {
		nj := min(side, q.n-j)
		for i := 0; i < p.n; i += side {
			ni := min(side, p.n-i)
			d, s := unsafe.Add(dst, j*q.dst+i*size), unsafe.Add(src, j*size+i*p.src)
			r, c := transpose.Tiles(size, d, s, q.dst, p.src, ni, nj)
			if r < ni && c > 0 {
				square[T](unsafe.Add(d, r*size), unsafe.Add(s, r*p.src), ni-r, c, p, q)
			}
			if c < nj {
				square[T](unsafe.Add(d, c*q.dst), unsafe.Add(s, c*size), ni, nj-c, p, q)
			}
		}
	}
}

// tiles4 transposes elements of 4 bytes that are dense along p in dst and along q in src, moving two
// at a time: four words make a square of two by two.
func tiles4(dst, src unsafe.Pointer, p, q axis) {
	const side = 32
	for j := 0; j < q.n; j += side {
		nj := min(side, q.n-j)
		for i := 0; i < p.n; i += side {
			ni := min(side, p.n-i)
			jj := 0
			for ; jj+4 <= nj; jj += 4 {
				d, s := (j+jj)*q.dst+i*4, (j+jj)*4+i*p.src
				ii := 0
				for ; ii+2 <= ni; ii += 2 {
					a0, a1 := *(*uint64)(unsafe.Add(src, s)), *(*uint64)(unsafe.Add(src, s+8))
					s += p.src
					b0, b1 := *(*uint64)(unsafe.Add(src, s)), *(*uint64)(unsafe.Add(src, s+8))
					s += p.src
					*(*uint64)(unsafe.Add(dst, d)) = a0&0xffffffff | b0<<32
					*(*uint64)(unsafe.Add(dst, d+q.dst)) = a0>>32 | b0&^0xffffffff
					*(*uint64)(unsafe.Add(dst, d+2*q.dst)) = a1&0xffffffff | b1<<32
					*(*uint64)(unsafe.Add(dst, d+3*q.dst)) = a1>>32 | b1&^0xffffffff
					d += 8
				}
				if ii < ni {
					stride[uint32](unsafe.Add(dst, d), unsafe.Add(src, s), 4, q.dst, 4)
				}
			}
			for ; jj < nj; jj++ {
				stride[uint32](unsafe.Add(dst, (j+jj)*q.dst+i*4), unsafe.Add(src, (j+jj)*4+i*p.src), ni, 4, p.src)
			}
		}
	}
}
