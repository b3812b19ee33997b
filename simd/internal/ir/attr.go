package ir

import (
	"fmt"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// Parameters of operations. Axes are counted from 0 and never negative: the builder has resolved
// what GoMLX lets a user write. All lists have been checked against the shapes.
type (
	// Parameter is a program's input.
	Parameter struct {
		Index int
		Name  string
	}

	// Constant is a value known when the program is built, contiguous.
	Constant struct{ Value tensor.Tensor }

	// Axes are what the reductions (ReduceSum, …) and Reverse go over, in increasing order, at
	// least one unless the operand is a scalar.
	Axes struct{ Axes []int }

	// Permutation is Transpose's: axis i of the result is axis Axes[i] of the operand.
	Permutation struct{ Axes []int }

	// BroadcastInDim maps axis i of the operand, whose dimension is 1 or the result's, to axis
	// Axes[i] of the result.
	BroadcastInDim struct{ Axes []int }

	// Slice takes Starts[i], Starts[i]+Strides[i], … below Limits[i].
	Slice struct{ Starts, Limits, Strides []int }

	// Iota counts along Axis.
	Iota struct{ Axis int }

	// Concatenate joins the operands along Axis.
	Concatenate struct{ Axis int }

	// ArgMinMax gives the index along Axis of the least (or greatest) value; of the first, and NaN
	// counts as extreme.
	ArgMinMax struct {
		Axis  int
		IsMin bool
	}

	// Pad surrounds and spreads an array with a value, the second operand; one entry for each axis.
	// Start and End may be negative (they cut), Interior may not.
	Pad struct{ Axes []backends.PadAxis }

	// DynamicSlice cuts Sizes from the first operand at the scalars that follow.
	DynamicSlice struct{ Sizes []int }

	// FFT transforms the last len(Length) axes.
	FFT struct {
		Type   backends.FFTType
		Length []int
	}

	// Gather is GoMLX's, without the promises about sorting.
	Gather struct {
		IndexVectorAxis                                                 int
		OffsetOutputAxes, CollapsedSliceAxes, StartIndexMap, SliceSizes []int
	}

	// Scatter is GoMLX's, without the promises about sorting and repetition; operands are the array, the
	// indices and the updates.
	Scatter struct {
		IndexVectorAxis                                                int
		UpdateWindowAxes, InsertedWindowAxes, ScatterAxesToOperandAxes []int
	}

	// Window is what ReduceWindow and SelectAndScatter slide; every list has an entry for each axis.
	Window struct {
		Reduce                                        backends.ReduceOpType // ReduceWindow only
		Size, Strides, BaseDilations, WindowDilations []int
		Paddings                                      [][2]int
	}

	// DotGeneral contracts and aligns axes as GoMLX says; the result has the batch axes, then the
	// left operand's others, then the right's. Dot is built as DotGeneral.
	DotGeneral struct {
		LhsContracting, LhsBatch []int
		RhsContracting, RhsBatch []int
	}

	// Conv is a convolution; every list of spatial parameters has an entry for each spatial axis.
	Conv struct {
		Axes                               backends.ConvolveAxesConfig
		Strides                            []int
		Paddings                           [][2]int
		InputDilations, KernelDilations    []int
		ChannelGroupCount, BatchGroupCount int
	}

	// RNGState is the state after so many bytes of random bits were taken.
	RNGState struct{ Bytes int }
)

// A Contract is out[…] = Σ a[…]·b[…]: each index of the sum runs over some axis of each array that it
// occurs in. An index that out lacks is summed over. An index occurs in a or b or in both.
type Contract struct{ Indices []Index }

// An Index runs from 0 to Size-1.
type Index struct {
	Size      int
	A, B, Out Term
}

// A Term says that an index moves Step elements along Axis of an array: the array's position on that
// axis is the sum of Step·i over the indices with this axis. Axis is -1 where the index does not
// occur. Several indices may share an axis of a or b (a convolution's window and its place); every
// axis of out belongs to exactly one index, with Step 1.
type Term struct{ Axis, Step int }

// Absent is the term of an index that an array does not have.
var Absent = Term{Axis: -1}

// String lists a constant by its shape only: it may be large.
func (c Constant) String() string { return fmt.Sprintf("constant %v", c.Value.Dims) }
