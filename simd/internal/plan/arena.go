package plan

import (
	"sync"
	"unsafe"
)

// An arena is a piece of memory for the intermediate values of one run.
type arena struct {
	data unsafe.Pointer
	size int
	idle int // the store's clock when it was given back
}

// arenas are shared by all plans: one after the other they need about as much as the largest. Those
// that nobody wanted for a while go back to the collector.
var arenas struct {
	sync.Mutex
	idle          []arena
	clock         int // counts takes
	current, peak int // bytes in use and idle
}

const (
	maxArenas = 16   // kept idle
	patience  = 2000 // takes that an idle arena waits for a user
)

// takeArena returns memory of at least size bytes: the smallest that is kept and not far too large.
func takeArena(size int) arena {
	if size == 0 {
		return arena{}
	}
	arenas.Lock()
	arenas.clock++
	best := -1
	for i, a := range arenas.idle {
		if a.size >= size && (best < 0 || a.size < arenas.idle[best].size) {
			best = i
		}
	}
	if best >= 0 {
		a := arenas.idle[best]
		last := len(arenas.idle) - 1
		arenas.idle[best] = arenas.idle[last]
		arenas.idle[last] = arena{}
		arenas.idle = arenas.idle[:last]
		arenas.Unlock()
		return a
	}
	arenas.current += size
	arenas.peak = max(arenas.peak, arenas.current)
	arenas.Unlock()
	return arena{data: newMemory(size), size: size}
}

// giveArena takes memory back. When there is too much, what has been idle longest is dropped.
func giveArena(a arena) {
	if a.size == 0 {
		return
	}
	arenas.Lock()
	a.idle = arenas.clock
	arenas.idle = append(arenas.idle, a)
	oldest := 0
	for i, b := range arenas.idle {
		if b.idle < arenas.idle[oldest].idle {
			oldest = i
		}
	}
	if len(arenas.idle) > maxArenas || arenas.clock-arenas.idle[oldest].idle > patience {
		last := len(arenas.idle) - 1
		arenas.current -= arenas.idle[oldest].size
		arenas.idle[oldest] = arenas.idle[last]
		arenas.idle[last] = arena{}
		arenas.idle = arenas.idle[:last]
	}
	arenas.Unlock()
}

// Memory returns how many bytes all plans together hold for intermediate values, in use or kept for
// the next run, and the most they have held.
func Memory() (current, peak int) {
	arenas.Lock()
	defer arenas.Unlock()
	return arenas.current, arenas.peak
}

// ReleaseMemory lets go of the memory that no run is using.
func ReleaseMemory() {
	arenas.Lock()
	for i, a := range arenas.idle {
		arenas.current -= a.size
		arenas.idle[i] = arena{}
	}
	arenas.idle = arenas.idle[:0]
	arenas.Unlock()
}
