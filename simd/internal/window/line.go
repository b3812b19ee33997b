package window

import (
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// Whole reports whether [Reduce] is the best way to reduce windows of so many places whose elements are
// dense runs: of larger windows, one axis after the other costs less; of shorter runs, other layouts.
func Whole(op backends.ReduceOpType, dtype dtypes.DType, places, run int) bool {
	const maxPlaces, minRun = 32, 16 // bytes
	return Reduce(op, dtype) != nil && places > 1 && places <= maxPlaces && run*dtype.Size() >= minRun
}

// A Line is some windows next to each other, each of several columns: dense runs of elements, all taps
// of which lie equally far from the first.
type Line struct {
	Dst     unsafe.Pointer // Reduce: results. Scatter: where the first window begins in what is added to
	Src     unsafe.Pointer // where the first window begins in the operand
	Add     unsafe.Pointer // Scatter: what is added, one run for each window
	Taps    *int           // bytes from where a window begins to each of its elements, in order
	Count   int            // taps, at least 1
	Windows int            // at least 1
	Columns int            // elements of a run
	StepSrc int            // bytes from window to window, in the operand and what is added to
	StepDst int            // bytes from window to window, in results and what is added
}
