package loop

import (
	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// A Program computes elementwise operations and reductions over a box of indices in one pass, with
// its intermediate values in blocks that stay in cache. The last dimension of the box is called its
// columns, the others its rows. A value is one element for each place of the box (a vector), one for
// each row, or one for the whole program (a scalar).
//
// Values are numbered: first the inputs, then the instructions. A program is plain data; Compile
// checks it.
type Program struct {
	Dims    []int // extents, outermost first, at least one
	Inputs  []Input
	Instrs  []Instr
	Outputs []Output
}

// An Input is a strided view of an array: Strides has one entry for each dimension of the box, in
// elements; 0 repeats. An input whose column stride is 0 is a row value, one whose strides are all 0
// a scalar.
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

// An Output is stored, or gathered over some dimensions of rows. Strides has one entry for each
// dimension, in elements. With Reduce (a Reduce… operation) the value is combined over those
// dimensions that are true in Over, where Strides are 0; over the columns only instructions reduce,
// so Over's last entry is false unless the value is a row value (which has no columns: its column
// stride is 0 and Over's last entry false). Results do not depend on the number of goroutines.
type Output struct {
	Value   int
	Strides []int
	Reduce  backends.OpType // OpTypeInvalid: store
	Over    []bool
}
