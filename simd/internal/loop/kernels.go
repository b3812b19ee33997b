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

// scalarKernel returns the kernel whose operand number k is one element, nil if there is none.
func scalarKernel(op ir.Op, in, out dtypes.DType, k int) elem.Kernel {
	return vec.MapScalar(op, in, out, k)
}

func reducer(op ir.Op, dtype dtypes.DType) elem.Reducer { return vec.Reduce(op, dtype) }

// isFast reports whether kernels for a type are written in assembly.
func isFast(dtype dtypes.DType) bool { return dtype == dtypes.Float32 || dtype == dtypes.Float64 }

// fills has vec's kernels by the size of elements.
var fills = [17]func(dst, v unsafe.Pointer, n int){1: vec.Fill(1), 2: vec.Fill(2), 4: vec.Fill(4), 8: vec.Fill(8), 16: vec.Fill(16)}

// fill writes n copies of an element.
func fill(dst, v unsafe.Pointer, n, size int) {
	if n >= 16 {
		fills[size](dst, v, n)
		return
	}
	switch size {
	case 1:
		fillSlice[uint8](dst, v, n)
	case 2:
		fillSlice[uint16](dst, v, n)
	case 4:
		fillSlice[uint32](dst, v, n)
	case 8:
		fillSlice[uint64](dst, v, n)
	case 16:
		fillSlice[[2]uint64](dst, v, n)
	}
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
	if n >= 16 {
		for j := range r {
			fills[size](unsafe.Add(dst, j*n*size), unsafe.Add(src, j*size), n)
		}
		return
	}
	switch size {
	case 1:
		repeatSlice[uint8](dst, src, r, n)
	case 2:
		repeatSlice[uint16](dst, src, r, n)
	case 4:
		repeatSlice[uint32](dst, src, r, n)
	case 8:
		repeatSlice[uint64](dst, src, r, n)
	case 16:
		repeatSlice[[2]uint64](dst, src, r, n)
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
	switch size {
	case 1:
		gatherSlice[uint8](dst, src, stride, n)
	case 2:
		gatherSlice[uint16](dst, src, stride, n)
	case 4:
		gatherSlice[uint32](dst, src, stride, n)
	case 8:
		gatherSlice[uint64](dst, src, stride, n)
	case 16:
		gatherSlice[[2]uint64](dst, src, stride, n)
	}
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
	switch size {
	case 1:
		scatterSlice[uint8](dst, stride, src, n)
	case 2:
		scatterSlice[uint16](dst, stride, src, n)
	case 4:
		scatterSlice[uint32](dst, stride, src, n)
	case 8:
		scatterSlice[uint64](dst, stride, src, n)
	case 16:
		scatterSlice[[2]uint64](dst, stride, src, n)
	}
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
