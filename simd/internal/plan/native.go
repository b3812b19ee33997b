package plan

import (
	"fmt"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/generic"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// isNative reports whether nativeStep has a way to compute the operation that takes views, or works
// in place, where package generic would want copies.
func isNative(n *ir.Node) bool {
	return n.Op == backends.OpTypeConcatenate || n.Op == backends.OpTypeDynamicUpdateSlice
}

func nativeStep(n *node) *step {
	if n.Op == backends.OpTypeConcatenate {
		return concatenateStep(n)
	}
	return updateStep(n)
}

// concatenateStep copies every operand, whatever its layout, to its part of the result.
func concatenateStep(n *node) *step {
	s := &step{kind: ir.Name(n.Op), about: n.String()}
	axis := n.Attr.(ir.Concatenate).Axis
	strides := tensor.RowMajor(n.dims())
	var parts, targets []tensor.Tensor
	at := 0
	for _, o := range n.in {
		if o.size() > 0 {
			t := refTo(n)
			t.offset = at * strides[axis] * n.dtype().Size()
			s.reads = append(s.reads, refTo(o))
			s.writes = append(s.writes, t)
			parts = append(parts, tensorOf(o))
			targets = append(targets, tensor.Tensor{DType: n.dtype(), Dims: o.dims(), Strides: strides})
		}
		at += o.dims()[axis]
	}
	s.start = func(in, out []unsafe.Pointer) runner {
		return func(pool *par.Pool) {
			for i, src := range parts {
				dst := targets[i]
				src.Data, dst.Data = in[i], out[i]
				generic.Copy(pool, dst, src)
			}
		}
	}
	return s
}

// updateStep is DynamicUpdateSlice. Where the array's memory is free to take, only the part that
// changes is written.
func updateStep(n *node) *step {
	s := &step{kind: ir.Name(n.Op), about: n.String(), writes: []ref{refTo(n)}}
	for _, o := range n.in {
		s.reads = append(s.reads, refTo(o))
	}
	array, update := tensorOf(n.in[0]), tensorOf(n.in[1])
	dense := n.in[0].see.contiguous()
	if dense {
		s.over = [][2]int{{0, 0}}
	}
	result := tensorOf(n)
	read := make([]func(unsafe.Pointer) int, len(n.in)-2)
	for i, o := range n.in[2:] {
		read[i] = index(o.dtype())
	}
	size := n.dtype().Size()
	s.start = func(in, out []unsafe.Pointer) runner {
		return func(pool *par.Pool) {
			array, update, result := array, update, result
			array.Data, update.Data, result.Data = in[0], in[1], out[0]
			if !dense || in[0] != out[0] {
				generic.Copy(pool, result, array)
			}
			result.Dims = update.Dims
			for i, f := range read {
				at := min(max(f(in[2+i]), 0), array.Dims[i]-update.Dims[i])
				result.Data = unsafe.Add(result.Data, at*result.Strides[i]*size)
			}
			generic.Copy(pool, result, update)
		}
	}
	return s
}

// index returns the reader of an integer of the given type.
func index(t dtypes.DType) func(p unsafe.Pointer) int {
	switch t {
	case dtypes.Int8:
		return func(p unsafe.Pointer) int { return int(*(*int8)(p)) }
	case dtypes.Int16:
		return func(p unsafe.Pointer) int { return int(*(*int16)(p)) }
	case dtypes.Int32:
		return func(p unsafe.Pointer) int { return int(*(*int32)(p)) }
	case dtypes.Int64:
		return func(p unsafe.Pointer) int { return int(*(*int64)(p)) }
	case dtypes.Uint8:
		return func(p unsafe.Pointer) int { return int(*(*uint8)(p)) }
	case dtypes.Uint16:
		return func(p unsafe.Pointer) int { return int(*(*uint16)(p)) }
	case dtypes.Uint32:
		return func(p unsafe.Pointer) int { return int(*(*uint32)(p)) }
	case dtypes.Uint64:
		return func(p unsafe.Pointer) int { return int(min(*(*uint64)(p), 1<<62)) }
	}
	panic(fmt.Errorf("plan: an index of type %s, want an integer", t))
}
