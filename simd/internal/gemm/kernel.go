package gemm

import (
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// A tile is the argument of a kernel: n tiles of C, one below the other, each a few rows by at most
// two vectors. Everything is counted in bytes. The generator knows the order of the fields.
type tile struct {
	k     int // terms of each sum, at least 1
	tiles int // at least 1
	a     unsafe.Pointer
	aRow  int // from row to row of A
	aK    int // from term to term
	aTile int // from tile to tile
	b     unsafe.Pointer
	bK    int
	c     unsafe.Pointer
	cRow  int
	cTile int
	add   int            // 1: C += A·B, 0: C = A·B
	mask  unsafe.Pointer // AVX2: ones for the numbers of the last vector that are there, then zeros
	bits  uint64         // AVX-512: a bit for each number of the row
	table unsafe.Pointer // *int: where the terms of a row of A are, instead of aK
	cols  int            // for plain Go
}

// Kinds of tiles: two whole vectors a row; the second, or the only one, with a mask.
const (
	whole = iota
	masked2
	masked1
	kinds
)

// A kernel computes tiles of up to rows × cols numbers.
type kernel struct {
	name       string
	bytes      int // of an element
	rows, cols int
	// By whether the terms of A are found in a table, by kind and by rows-1.
	tile   [2][kinds][]func(*tile)
	wide   func(*tile) // one row, 256 bytes a tile, side by side; nil if there is none
	copies *copies
}

// copies is what packs: each writes n rows at dst + i·step. The widths of strips are in bytes.
type copies struct {
	// strip copies width bytes from src + offs[i].
	strip64, strip32, strip16, strip8, strip4 func(dst unsafe.Pointer, step int, src unsafe.Pointer, offs *int, n int)
	// across copies eight strips that lie side by side to eight panels, which lie panel bytes apart: 24
	// and 48 bytes wide, as wide as the panels of AVX2's A. Nil where there is none.
	across24, across48 func(dst unsafe.Pointer, step, panel int, src unsafe.Pointer, offs *int, n int)
	// transpose copies element i of the contiguous lanes at src + lanes[…].
	// transpose8 and transpose6 may be nil; transpose6 writes up to eight bytes behind each row.
	transpose8, transpose6, transpose4, transpose2 func(dst unsafe.Pointer, step int, src unsafe.Pointer, lanes *int, n int)
	// dots4 computes c[r] = Σ x[i]·b[r][i] for four rows, dots1 for one.
	dots4, dots1 func(n int, x, b unsafe.Pointer, bRow int, c unsafe.Pointer, cRow int)
}

// Level names the best kernels of this machine: "avx512", "avx2" or "go".
func Level() string { return levels[len(levels)-1] }

// kernels lists what there is of a level, by name; kernel_amd64.go adds to it.
var kernels = map[string]map[dtypes.DType]*kernel{
	"go": {dtypes.Float32: plain[float32](), dtypes.Float64: plain[float64]()},
}

// levels are the names of kernels that this machine can run, the best last.
var levels = []string{"go"}

// vectorMask is 64 bytes of ones before 64 of zeros; a mask of n bytes starts n before the middle.
var vectorMask = func() (m [16]uint64) {
	for i := range 8 {
		m[i] = ^uint64(0)
	}
	return m
}()

// shape sets the masks for a row of cols numbers and returns the kind of tile.
func (k *kernel) shape(t *tile, cols int) int {
	t.cols = cols
	if cols == k.cols {
		t.bits = ^uint64(0)
		return whole
	}
	half := k.cols / 2
	kind, last := masked1, cols
	t.bits = 1<<cols - 1
	if cols > half {
		kind, last = masked2, cols-half
		// The upper vector's bits start at bit 16, whatever its length.
		t.bits = 0xffff | (1<<last-1)<<16
	}
	t.mask = unsafe.Add(unsafe.Pointer(&vectorMask), 64-last*k.bytes)
	return kind
}
