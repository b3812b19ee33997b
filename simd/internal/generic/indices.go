package generic

import (
	"math"
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// An indexer turns the index vectors of Gather and Scatter into places in the operand.
type indexer struct {
	indices tensor.Tensor
	read    func(i int) int
	n       int // index vectors
	suffix  int // index vectors that lie between two components of one
	parts   []component
}

// component is one entry of an index vector: it moves along an axis of the operand.
type component struct {
	limit  int // the last start at which the window fits
	stride int // of the operand, in elements
}

// newIndexer reads vectors that lie along axis of the array of indices (one past its last axis if
// each index is a vector of its own). operandAxes gives the axis that each component moves along,
// size the extent of the window on every axis of the operand.
func newIndexer(n *ir.Node, indices, operand tensor.Tensor, axis int, operandAxes, size []int) *indexer {
	x := &indexer{indices: indices, read: readIndex(n, indices), n: 1, suffix: 1}
	for i, d := range indices.Dims {
		if i != axis {
			x.n *= d
		}
		if i > axis {
			x.suffix *= d
		}
	}
	for _, a := range operandAxes {
		x.parts = append(x.parts, component{operand.Dims[a] - size[a], operand.Strides[a]})
	}
	return x
}

// offsets writes to out where the windows of vectors lo, lo+1, … begin, in elements. Starts at which
// the window would not fit are moved to where it does if clamp is true; otherwise the offset is -1.
func (x *indexer) offsets(out []int, lo int, clamp bool) {
	if len(x.parts) == 1 && x.suffix == 1 { // the index of a row
		switch p := x.parts[0]; x.indices.DType {
		case dtypes.Int32:
			rowOffsets[int32](out, x.indices, lo, p, clamp)
			return
		case dtypes.Int64:
			rowOffsets[int64](out, x.indices, lo, p, clamp)
			return
		}
	}
	for i := range out {
		b := lo + i
		flat := b
		if x.suffix != 1 {
			flat = b/x.suffix*x.suffix*len(x.parts) + b%x.suffix
		} else {
			flat = b * len(x.parts)
		}
		o := 0
		for _, p := range x.parts {
			v := x.read(flat)
			flat += x.suffix
			if v < 0 || v > p.limit {
				if !clamp {
					o = -1
					break
				}
				v = min(max(v, 0), p.limit)
			}
			o += v * p.stride
		}
		out[i] = o
	}
}

// rowOffsets is offsets for vectors of one component.
func rowOffsets[T int32 | int64](out []int, indices tensor.Tensor, lo int, p component, clamp bool) {
	for i, v := range tensor.Flat[T](indices)[lo:][:len(out)] {
		switch o := int(v); {
		case uint(o) <= uint(p.limit):
			out[i] = o * p.stride
		case clamp:
			out[i] = min(max(o, 0), p.limit) * p.stride
		default:
			out[i] = -1
		}
	}
}

// readIndex returns a function that reads element i of t, an array of some integer type. Values
// beyond those of int become the largest.
func readIndex(n *ir.Node, t tensor.Tensor) func(i int) int {
	p := t.Data
	switch t.DType {
	case dtypes.Int8:
		return func(i int) int { return int(*(*int8)(unsafe.Add(p, i))) }
	case dtypes.Uint8:
		return func(i int) int { return int(*(*uint8)(unsafe.Add(p, i))) }
	case dtypes.Int16:
		return func(i int) int { return int(*(*int16)(unsafe.Add(p, 2*i))) }
	case dtypes.Uint16:
		return func(i int) int { return int(*(*uint16)(unsafe.Add(p, 2*i))) }
	case dtypes.Int32:
		return func(i int) int { return int(*(*int32)(unsafe.Add(p, 4*i))) }
	case dtypes.Uint32:
		return func(i int) int { return int(*(*uint32)(unsafe.Add(p, 4*i))) }
	case dtypes.Int64:
		return func(i int) int { return int(*(*int64)(unsafe.Add(p, 8*i))) }
	case dtypes.Uint64:
		return func(i int) int { return int(min(*(*uint64)(unsafe.Add(p, 8*i)), math.MaxInt64)) }
	}
	unsupported(n, t)
	return nil
}

// steps finds the place of the i-th element of a box of an array, counted in row-major order.
type steps []axis // n and src

// newSteps returns the steps through the axes that are listed.
func newSteps(t tensor.Tensor, axes []int) steps {
	var s steps
	for _, a := range axes {
		n, stride := t.Dims[a], t.Strides[a]
		if n == 1 {
			continue
		}
		if k := len(s) - 1; k >= 0 && s[k].src == stride*n {
			s[k] = axis{n: s[k].n * n, src: stride}
		} else {
			s = append(s, axis{n: n, src: stride})
		}
	}
	return s
}

// offset returns the place of element i, in elements.
func (s steps) offset(i int) int {
	o := 0
	for k := len(s) - 1; k > 0; k-- {
		o += i % s[k].n * s[k].src
		i /= s[k].n
	}
	if len(s) > 0 {
		o += i * s[0].src
	}
	return o
}

// without returns the axes below rank that are not listed.
func without(rank int, axes []int) []int {
	listed := make([]bool, rank)
	for _, a := range axes {
		listed[a] = true
	}
	rest := make([]int, 0, rank)
	for a := range rank {
		if !listed[a] {
			rest = append(rest, a)
		}
	}
	return rest
}
