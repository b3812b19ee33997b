package simd

import (
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/plan"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// Memory says how many bytes are held.
type Memory struct {
	InUse  int64 // in this backend's buffers
	Peak   int64 // the largest InUse so far
	Cached int64 // free, kept for the next buffer of about the same size until a garbage collection finds it unused

	Arenas     int64 // for the intermediate values of executions, of all backends of the process
	ArenasPeak int64 // the largest Arenas so far
}

// Size classes are quarters of octaves, so that at most a fifth of a block is unused; the smallest
// has minBlock bytes.
const (
	minBlock   = 64
	classSteps = 4
	numClasses = 64 * classSteps
)

// block is a piece of memory for one buffer. What is free waits in a pool for its size; a
// sync.Pool gives memory back that was not used between two garbage collections.
type block struct {
	data  unsafe.Pointer // aligned
	class int
	stat  *blockStat
}

// blockStat outlives its block, to count it out when the garbage collector has taken it.
type blockStat struct {
	memory *counters
	bytes  int64
	cached atomic.Bool
}

// counters are apart from memory so that cleanups do not keep the pools alive.
type counters struct{ inUse, cached, peak atomic.Int64 }

// memory hands out blocks.
type memory struct {
	counters *counters
	free     [numClasses]sync.Pool
}

func newMemory() *memory { return &memory{counters: new(counters)} }

// sizeClass returns the smallest class whose blocks hold n bytes, and its size.
func sizeClass(n int) (class, size int) {
	if n <= minBlock {
		return 0, minBlock
	}
	// n is in (2^k, 2^(k+1)], which is cut into four parts.
	k := bits.Len(uint(n-1)) - 1
	step := 1 << k / classSteps
	part := (n - 1<<k + step - 1) / step // 1…4
	return (k-6)*classSteps + part, 1<<k + part*step
}

// get returns a block of at least n bytes, whose content is arbitrary.
func (m *memory) get(n int) *block {
	class, size := sizeClass(n)
	c := m.counters
	if b, _ := m.free[class].Get().(*block); b != nil {
		b.stat.cached.Store(false)
		c.cached.Add(-b.stat.bytes)
		c.use(b.stat.bytes)
		return b
	}
	b := &block{data: tensor.Alloc(size), class: class, stat: &blockStat{memory: c, bytes: int64(size)}}
	runtime.AddCleanup(b, (*blockStat).gone, b.stat)
	c.use(int64(size))
	return b
}

// put takes a block back. Nothing may use its memory any more.
func (m *memory) put(b *block) {
	b.stat.cached.Store(true)
	m.counters.inUse.Add(-b.stat.bytes)
	m.counters.cached.Add(b.stat.bytes)
	m.free[b.class].Put(b)
}

// use counts bytes that are in use from now on.
func (c *counters) use(bytes int64) {
	now := c.inUse.Add(bytes)
	for {
		peak := c.peak.Load()
		if now <= peak || c.peak.CompareAndSwap(peak, now) {
			return
		}
	}
}

// gone counts out a block that the garbage collector took: a free one, or one whose buffer was
// dropped without being finalized.
func (s *blockStat) gone() {
	if s.cached.Load() {
		s.memory.cached.Add(-s.bytes)
	} else {
		s.memory.inUse.Add(-s.bytes)
	}
}

// drop leaves all free blocks to the garbage collector.
func (m *memory) drop() {
	for i := range m.free {
		for m.free[i].Get() != nil {
		}
	}
}

func (m *memory) read() Memory {
	c := m.counters
	arenas, peak := plan.Memory()
	return Memory{
		InUse: c.inUse.Load(), Peak: c.peak.Load(), Cached: c.cached.Load(),
		Arenas: int64(arenas), ArenasPeak: int64(peak),
	}
}
