package plan

import (
	"fmt"
	"slices"
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
	switch n.Op {
	case backends.OpTypeConcatenate, backends.OpTypeDynamicUpdateSlice:
		return true
	case backends.OpTypePad: // that cuts nothing and leaves no gaps
		for _, a := range n.Attr.(ir.Pad).Axes {
			if a.Start < 0 || a.End < 0 || a.Interior != 0 {
				return false
			}
		}
		return n.In[0].Shape.Size() > 0
	}
	return false
}

// nativeStep returns nil if there is nothing to do: the operands are where they should be.
func nativeStep(n *node) *step {
	switch n.Op {
	case backends.OpTypeConcatenate:
		return concatenateStep(n)
	case backends.OpTypePad:
		return padStep(n)
	}
	return updateStep(n)
}

// A move copies operand from to a part of the result.
type move struct {
	from     int
	dst, src tensor.Tensor
}

// movesStep copies what the moves say.
func movesStep(n *node, moves []move) *step {
	s := &step{kind: ir.Name(n.Op), about: n.String()}
	s.start = func(in, out []unsafe.Pointer) runner {
		return func(pool *par.Pool) {
			for i, m := range moves {
				m.src.Data, m.dst.Data = in[m.from], out[i]
				generic.Copy(pool, m.dst, m.src)
			}
		}
	}
	for _, o := range n.in {
		s.reads = append(s.reads, refTo(o))
	}
	return s
}

// concatenateStep copies every operand, whatever its layout, to its part of the result.
func concatenateStep(n *node) *step {
	var moves []move
	var writes []ref
	for i, o := range n.in {
		if o.size() == 0 || o.root.host == n && o.root.part == i {
			continue
		}
		region, _ := n.region(i)
		writes = append(writes, ref{n.array, region.offset * n.dtype().Size()})
		moves = append(moves, move{i, tensor.Tensor{DType: n.dtype(), Dims: region.dims, Strides: region.strides}, tensorOf(o)})
	}
	if len(moves) == 0 {
		return nil
	}
	s := movesStep(n, moves)
	s.writes = writes
	return s
}

// padStep copies the operand to its place and the value around it.
func padStep(n *node) *step {
	var moves []move
	var writes []ref
	size := n.dtype().Size()
	add := func(from, offset int, dims []int, src tensor.Tensor) {
		if tensor.Size(dims) > 0 {
			writes = append(writes, ref{n.array, offset * size})
			moves = append(moves, move{from, tensor.Tensor{DType: n.dtype(), Dims: slices.Clone(dims), Strides: n.mem.strides}, src})
		}
	}
	region, _ := n.region(0)
	if r := n.in[0].root; r.host != n || r.part != 0 {
		add(0, region.offset, region.dims, tensorOf(n.in[0]))
	}
	// The border in slabs: along each axis what lies before and behind, within the operand's extent on
	// the axes that came earlier.
	dims := slices.Clone(n.dims())
	offset := n.mem.offset
	for k, a := range n.Attr.(ir.Pad).Axes {
		inside := dims[k]
		value := func() tensor.Tensor {
			return tensor.Tensor{DType: n.dtype(), Dims: slices.Clone(dims), Strides: make([]int, len(dims))}
		}
		dims[k] = a.Start
		add(1, offset, dims, value())
		dims[k] = a.End
		add(1, offset+(inside-a.End)*n.mem.strides[k], dims, value())
		dims[k] = inside - a.Start - a.End
		offset += a.Start * n.mem.strides[k]
	}
	if len(moves) == 0 {
		return nil
	}
	s := movesStep(n, moves)
	s.writes = writes
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
	dense := n.in[0].mem.contiguous()
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
			if tensor.Size(update.Dims) == 0 {
				return // its place may be behind the end of the memory
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
