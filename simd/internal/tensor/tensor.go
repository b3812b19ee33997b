// Package tensor describes memory: where the elements of an array lie, of what type, and how far
// apart; and makes it ([Alloc]). It computes nothing.
package tensor

import (
	"fmt"
	"slices"
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// A Tensor is a view of an array: the element with indices i lies at Data + size·Σ i[k]·Strides[k].
// A stride may be 0 (the axis repeats one element) or negative (it runs backwards).
type Tensor struct {
	DType   dtypes.DType
	Dims    []int
	Strides []int          // in elements, one for each axis
	Data    unsafe.Pointer // the element whose indices are all zero
}

// Of returns the row-major tensor over data.
func Of(dtype dtypes.DType, dims []int, data unsafe.Pointer) Tensor {
	return Tensor{DType: dtype, Dims: dims, Strides: RowMajor(dims), Data: data}
}

// Size returns the number of elements of an array with these dimensions; 1 for a scalar.
func Size(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

// RowMajor returns the strides, in elements, of a dense array whose last axis is contiguous.
func RowMajor(dims []int) []int {
	strides := make([]int, len(dims))
	n := 1
	for i := len(dims) - 1; i >= 0; i-- {
		strides[i] = n
		n *= dims[i]
	}
	return strides
}

// Size returns the number of elements.
func (t Tensor) Size() int { return Size(t.Dims) }

// Contiguous reports whether the elements lie one after the other in row-major order. Axes of
// dimension 1 may have any stride, and an array without elements is contiguous.
func (t Tensor) Contiguous() bool {
	if slices.Contains(t.Dims, 0) {
		return true
	}
	n := 1
	for i := len(t.Dims) - 1; i >= 0; i-- {
		if t.Dims[i] != 1 && t.Strides[i] != n {
			return false
		}
		n *= t.Dims[i]
	}
	return true
}

// Flat returns the elements of a contiguous tensor. T must have the size of t's element type; it
// panics if t is not contiguous, which is a mistake of the caller.
func Flat[T any](t Tensor) []T {
	if !t.Contiguous() {
		panic(fmt.Errorf("tensor.Flat: %s%v with strides %v is not contiguous", t.DType, t.Dims, t.Strides))
	}
	n := t.Size()
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(t.Data), n)
}
