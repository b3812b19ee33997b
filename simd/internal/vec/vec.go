package vec

import (
	"fmt"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// Level is the instruction set in use: "avx512", "avx2", "neon" or "go". GODEBUG=cpu.avx512f=off and
// GODEBUG=cpu.avx2=off choose a lower one, the build tag noasm the lowest.
func Level() string { return current.name }

// Map returns the kernel of an elementwise operation, as [elem.Map] does.
func Map(op ir.Op, in, out dtypes.DType) elem.Kernel {
	if k := current.kernels[key{plain, op, in, out}]; k != nil {
		return k
	}
	var k elem.Kernel
	switch {
	case in == dtypes.Bool && out == dtypes.Bool:
		k = logic(op)
	case (in == dtypes.Float16 || in == dtypes.BFloat16) && out == elem.Result(op, in):
		k = half(op, in, out)
	}
	if k != nil {
		return k
	}
	return elem.Map(op, in, out)
}

// MapScalar is Map with one element for all in place of a block as operand number scalar, counted
// from 0. It returns nil if there is no such kernel: callers then fill a block with the element.
func MapScalar(op ir.Op, in, out dtypes.DType, scalar int) elem.Kernel {
	if scalar < 0 || scalar > 2 {
		panic(fmt.Errorf("vec.MapScalar: %s: got operand %d, want 0, 1 or 2", ir.Name(op), scalar))
	}
	if k := current.kernels[key{scalar0 + form(scalar), op, in, out}]; k != nil || scalar != 1 || !commutes(op) {
		return k
	}
	k := current.kernels[key{scalar0, op, in, out}]
	if k == nil {
		return nil
	}
	return func(dst, a, b, c unsafe.Pointer, n int) { k(dst, b, a, c, n) }
}

// commutes says whether the operands of an operation on integers may change places.
func commutes(op ir.Op) bool {
	switch op {
	case backends.OpTypeAdd, backends.OpTypeMul, backends.OpTypeMax, backends.OpTypeMin,
		backends.OpTypeBitwiseAnd, backends.OpTypeBitwiseOr, backends.OpTypeBitwiseXor:
		return true
	}
	return false
}

// Reduce returns the kernel that folds a block into an accumulator, as [elem.Reduce] does.
//
// Sums and products of floats have 8 vectors of partial results, to which the elements are dealt in
// turn, and blocks of more than 2,048 are folded in parts of that size: a partial result has at most 2048/64
// summands in float32. The order is a function of n alone.
func Reduce(op ir.Op, dtype dtypes.DType) elem.Reducer {
	if r := current.reducers[key{reduce, op, dtype, dtype}]; r != nil {
		if op == backends.OpTypeReduceSum || op == backends.OpTypeReduceProduct {
			return inBlocks(r, op, dtype)
		}
		return r
	}
	return elem.Reduce(op, dtype)
}

// longest is the number of elements that one call of an assembly sum gets.
const longest = 2048

// inBlocks folds long blocks in short ones and then the results of those, so that no partial result
// has many summands. It allocates memory for the results.
func inBlocks(r elem.Reducer, op ir.Op, dtype dtypes.DType) elem.Reducer {
	size := int(dtype.Memory())
	var fold elem.Reducer
	fold = func(acc, a unsafe.Pointer, n int) {
		if n <= longest {
			r(acc, a, n)
			return
		}
		blocks := (n + longest - 1) / longest
		parts := unsafe.Pointer(unsafe.SliceData(make([]uint64, blocks))) // elements have at most 8 bytes
		for i := range blocks {
			part := unsafe.Add(parts, i*size)
			elem.Identity(op, dtype, part)
			r(part, unsafe.Add(a, i*longest*size), min(longest, n-i*longest))
		}
		fold(acc, parts, blocks)
	}
	return fold
}

// A key is what kernels are found by.
type key struct {
	form    form
	op      ir.Op
	in, out dtypes.DType
}

// A form says which operands are single elements.
type form uint8

const (
	plain form = iota
	scalar0
	scalar1
	scalar2
	reduce
)

// A set is what there is for one instruction set.
type set struct {
	name     string
	kernels  map[key]elem.Kernel
	reducers map[key]elem.Reducer
	mulAdd   map[dtypes.DType]elem.Kernel
}

// fallback is the set without assembly.
var fallback = set{name: "go"}

// MulAdd returns the kernel of a·b + c, rounded once, or nil if there is none for the type.
func MulAdd(dtype dtypes.DType) elem.Kernel { return current.mulAdd[dtype] }
