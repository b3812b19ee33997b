package loop

import (
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/vec"
)

// value is room for one element of any type.
type value [16]byte

// identity returns the neutral element of a reduction.
func identity(reduce ir.Op, dtype dtypes.DType) (v value) {
	elem.Identity(reduce, dtype, unsafe.Pointer(&v))
	return v
}

// mapKernel returns the kernel of a node of the compiler.
func mapKernel(op ir.Op, in, out dtypes.DType) elem.Kernel {
	if op == opMulAdd {
		return vec.MulAdd(out)
	}
	return vec.Map(op, in, out)
}

// isFast reports whether kernels for a type are written in assembly.
func isFast(dtype dtypes.DType) bool { return dtype == dtypes.Float32 || dtype == dtypes.Float64 }

// mover moves elements of one size.
type mover struct {
	long    func(dst, v unsafe.Pointer, n int) // fill, where n is large
	fill    func(dst, v unsafe.Pointer, n int)
	repeat  func(dst, src unsafe.Pointer, r, n int)
	gather  func(dst, src unsafe.Pointer, stride, n int)
	scatter func(dst unsafe.Pointer, stride int, src unsafe.Pointer, n int)
	patch   func(dst unsafe.Pointer, next int, src unsafe.Pointer, step, column, rows, columns int)
}

// movers has a mover for each size of elements in bytes.
var movers = [17]*mover{1: moverOf[uint8](), 2: moverOf[uint16](), 4: moverOf[uint32](), 8: moverOf[uint64](), 16: moverOf[[2]uint64]()}

func moverOf[T any]() *mover {
	return &mover{vec.Fill(int(unsafe.Sizeof(*new(T)))), fillSlice[T], repeatSlice[T], gatherSlice[T], scatterSlice[T], patchOf[T]}
}

// long is the number of elements from which vec's kernels fill faster than a loop.
const long = 16

// fill writes n copies of an element.
func fill(dst, v unsafe.Pointer, n, size int) {
	if n >= long {
		movers[size].long(dst, v, n)
		return
	}
	movers[size].fill(dst, v, n)
}

func fillSlice[T any](dst, v unsafe.Pointer, n int) {
	x := *(*T)(v)
	s := unsafe.Slice((*T)(dst), n)
	for i := range s {
		s[i] = x
	}
}

// repeatRows writes each of r elements n times.
func repeatRows(dst, src unsafe.Pointer, r, n, size int) {
	if n < long {
		movers[size].repeat(dst, src, r, n)
		return
	}
	for j := range r {
		movers[size].long(unsafe.Add(dst, j*n*size), unsafe.Add(src, j*size), n)
	}
}

func repeatSlice[T any](dst, src unsafe.Pointer, r, n int) {
	d := unsafe.Slice((*T)(dst), r*n)
	for j, x := range unsafe.Slice((*T)(src), r) {
		row := d[j*n : j*n+n]
		for i := range row {
			row[i] = x
		}
	}
}

// gather copies n elements that lie stride bytes apart to a dense block.
func gather(dst, src unsafe.Pointer, stride, n, size int) {
	if stride == size {
		move(dst, src, n*size)
		return
	}
	movers[size].gather(dst, src, stride, n)
}

func gatherSlice[T any](dst, src unsafe.Pointer, stride, n int) {
	d := unsafe.Slice((*T)(dst), n)
	for i := range d {
		d[i] = *(*T)(unsafe.Add(src, i*stride))
	}
}

// scatter copies a dense block to n elements that lie stride bytes apart.
func scatter(dst unsafe.Pointer, stride int, src unsafe.Pointer, n, size int) {
	if stride == size {
		move(dst, src, n*size)
		return
	}
	movers[size].scatter(dst, stride, src, n)
}

func scatterSlice[T any](dst unsafe.Pointer, stride int, src unsafe.Pointer, n int) {
	for i, x := range unsafe.Slice((*T)(src), n) {
		*(*T)(unsafe.Add(dst, i*stride)) = x
	}
}

// move copies bytes; the blocks may be the same.
func move(dst, src unsafe.Pointer, bytes int) {
	if dst != src {
		copy(unsafe.Slice((*byte)(dst), bytes), unsafe.Slice((*byte)(src), bytes))
	}
}
