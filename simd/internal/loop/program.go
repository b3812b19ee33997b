package loop

import (
	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// A Program computes elementwise operations and reductions over a box of indices in one pass, with
// its intermediate values in blocks that stay in cache. The last dimension of the box is called its
// columns, the others its rows. A value is one element for each place of the box (a vector), one for
// each row, or one for the whole program (a scalar); where a wider value meets a narrower one, the
// narrower is repeated.
//
// Values are numbered: first the inputs, then the instructions. A program is plain data; Compile
// checks it. Strides of dimensions of extent 1 mean nothing, here and in outputs.
//
// # Memory that is shared
//
// Inputs may share memory with one another in any way, outputs with none. An output may share memory
// with inputs if it is stored (no Reduce), its value is a vector (an element for each place of the
// box), and each such input starts at the same address and has the same element size and the same
// strides: then every element is read before it is overwritten. In a program without any reduction
// (neither instruction nor output) row values and scalars may share in the same way, too.
type Program struct {
	Dims    []int // extents, outermost first, at least one
	Inputs  []Input
	Instrs  []Instr
	Outputs []Output
}

// An Input is a strided view of an array: Strides has one entry for each dimension of the box, in
// elements; 0 repeats, and it may be negative. An input whose column stride is 0 is a row value, one
// whose strides are all 0 a scalar.
type Input struct {
	DType   dtypes.DType
	Strides []int
}

// An Instr computes one value: an elementwise operation of GoMLX, ConvertDType, Where, Clamp, or a
// reduction over the columns (ReduceSum, ReduceMax, ReduceMin, ReduceProduct, ReduceLogicalAnd, …),
// whose result is a row value. DType is the result's.
type Instr struct {
	Op    backends.OpType
	DType dtypes.DType
	Args  []int // values
}

// An Output is stored, or gathered over some dimensions. Strides has one entry for each dimension, in
// elements; no two places may be the same. Its type is the value's.
//
// Without Reduce the value is stored for each place of the box; a row value is stored once for each
// row if the column stride is 0 and repeated along the columns otherwise, and a value that has
// columns needs a column stride that is not 0.
//
// With Reduce (a Reduce… operation) the value is combined over those dimensions that are true in
// Over, whose Strides are 0. A row value whose column stride is 0 counts once for each row; Over's
// last entry is then false. Over's last entry may be true for vectors, and is the same as an
// instruction that reduces the columns. Results do not depend on the number of goroutines.
type Output struct {
	Value   int
	Strides []int
	Reduce  backends.OpType // OpTypeInvalid: store
	Over    []bool
}
