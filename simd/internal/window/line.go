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

// Bundle says how to pool where elements are no runs, or too short ones: how many of the outer planes,
// of so many elements of so many bytes, are to be transposed to be innermost in a buffer, so that they
// are the runs. 0 if that does not pay.
func Bundle(planes, elements, size int) int {
	const (
		run      = 128       // bytes, if that makes the buffer no larger than
		inCache  = 512 << 10 // with the result
		shortest = 32        // a vector of AVX2
		most     = 4 << 20   // where even the shortest runs need more than this, the cache helps no more
	)
	n := run / size
	for n*size > shortest && 2*n*elements*size > inCache {
		n /= 2
	}
	if planes < shortest/size || 2*n*elements*size > most {
		return 0
	}
	return n
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
