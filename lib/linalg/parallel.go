package linalg

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/lemma-ml/lemma/lib/linalg/internal/kernel"
	"gonum.org/v1/gonum/mat"
)

// defaultGrain is the number of rows a goroutine takes at a time when the caller names none: small
// enough to balance a triangle's short and long rows, large enough to keep a tile in cache.
const defaultGrain = 16

// Parallel calls f(lo, hi) for the consecutive blocks of grain indices that cover [0, n), on
// GOMAXPROCS goroutines, and returns when all are done. The last block may be shorter; grain ≤ 0
// means 16. The blocks depend on n and grain alone, so an f that writes only to places that belong
// to its block gives the same result for any GOMAXPROCS. Blocks are handed out in order, but run
// at once.
//
// A done context stops it before the next block and its error comes back. A panic in f is raised
// again in the caller, once the other goroutines have stopped.
func Parallel(ctx context.Context, n, grain int, f func(lo, hi int)) error {
	if n < 0 {
		return fmt.Errorf("linalg.Parallel: n=%d, want n ≥ 0", n)
	}
	if grain <= 0 {
		grain = defaultGrain
	}
	blocks := (n + grain - 1) / grain
	workers := min(runtime.GOMAXPROCS(0), blocks)
	var next atomic.Int64
	var once sync.Once
	var failure any
	work := func() {
		defer func() {
			if r := recover(); r != nil {
				once.Do(func() { failure = r })
				next.Store(int64(blocks)) // the others need not go on
			}
		}()
		for ctx.Err() == nil {
			b := int(next.Add(1)) - 1
			if b >= blocks {
				return
			}
			f(b*grain, min(n, (b+1)*grain))
		}
	}
	var wg sync.WaitGroup
	for range workers - 1 {
		wg.Go(work)
	}
	work() // the caller's goroutine is the last worker
	wg.Wait()
	if failure != nil {
		panic(failure)
	}
	return ctx.Err()
}

// newTeam starts helpers for about so many multiplications, or none where they would take longer to
// start than to do them: 200 000 take fifty microseconds.
func newTeam(ctx context.Context, work float64) *kernel.Team {
	if work < 200_000 {
		return kernel.Alone(ctx)
	}
	return kernel.NewTeam(ctx)
}

// FillSym builds the symmetric n×n matrix whose upper triangle f writes: f(i, row) must set
// row[k] to entry (i, i+k) for k = 0..n-1-i. Rows run at once on all processors, so f must be safe
// for that. Both triangles of the result's backing array are filled, and the memory is n² doubles.
func FillSym(ctx context.Context, n int, f func(i int, row []float64)) (*mat.SymDense, error) {
	if n < 1 {
		return nil, fmt.Errorf("linalg.FillSym: n=%d, want n ≥ 1", n)
	}
	data := make([]float64, n*n)
	err := Parallel(ctx, n, 0, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(i, data[i*n+i:(i+1)*n])
		}
	})
	if err == nil {
		err = mirror(ctx, data, n)
	}
	if err != nil {
		return nil, fmt.Errorf("linalg.FillSym: %w", err)
	}
	return mat.NewSymDense(n, data), nil
}

// mirror copies the upper triangle of the row-major n×n array into the lower one, by square tiles:
// a plain double loop would touch a new cache line for each entry it reads.
func mirror(ctx context.Context, data []float64, n int) error {
	const tile = 32
	return Parallel(ctx, n, tile, func(lo, hi int) {
		for j0 := 0; j0 < hi; j0 += tile {
			for i := lo; i < hi; i++ {
				for j := j0; j < min(j0+tile, i); j++ {
					data[i*n+j] = data[j*n+i]
				}
			}
		}
	})
}
