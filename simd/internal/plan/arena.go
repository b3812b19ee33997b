package plan

import (
	"runtime"
	"slices"
	"sync"
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// An arena is a piece of memory for the intermediate values of one run.
type arena struct {
	data unsafe.Pointer
	size int
	idle int // garbage collections since it was given back
}

// arenas are shared by all plans: one after the other they need about as much as the largest. Those
// that nobody wants for some garbage collections are left to the collector.
var arenas struct {
	sync.Mutex
	idle          []arena
	watched       bool
	current, peak int // bytes in use and idle
}

const (
	maxArenas = 16 // kept idle
	patience  = 3  // collections that an idle arena waits for a user
)

// takeArena returns memory of at least size bytes, the smallest that is kept or new.
func takeArena(size int) arena {
	if size == 0 {
		return arena{}
	}
	arenas.Lock()
	best := -1
	for i, a := range arenas.idle {
		if a.size >= size && (best < 0 || a.size < arenas.idle[best].size) {
			best = i
		}
	}
	if best >= 0 {
		a := arenas.idle[best]
		arenas.idle = slices.Delete(arenas.idle, best, best+1)
		arenas.Unlock()
		return a
	}
	arenas.current += size
	arenas.peak = max(arenas.peak, arenas.current)
	arenas.Unlock()
	return arena{data: tensor.Alloc(size), size: size}
}

// giveArena takes memory back. When there is too much, what has been idle longest is dropped.
func giveArena(a arena) {
	if a.size == 0 {
		return
	}
	a.idle = 0
	arenas.Lock()
	if len(arenas.idle) == maxArenas {
		arenas.current -= arenas.idle[0].size
		arenas.idle = slices.Delete(arenas.idle, 0, 1)
	}
	arenas.idle = append(arenas.idle, a)
	if !arenas.watched {
		arenas.watched = true
		watchArenas()
	}
	arenas.Unlock()
}

// watchArenas lets the next garbage collection count: something that is garbage at once is cleaned up
// by it.
func watchArenas() {
	garbage := new(struct{ p *int })
	runtime.AddCleanup(garbage, func(int) { ageArenas() }, 0)
}

// ageArenas drops what has been idle for too long.
func ageArenas() {
	arenas.Lock()
	defer arenas.Unlock()
	arenas.idle = slices.DeleteFunc(arenas.idle, func(a arena) bool {
		if a.idle+1 < patience {
			return false
		}
		arenas.current -= a.size
		return true
	})
	for i := range arenas.idle {
		arenas.idle[i].idle++
	}
	if arenas.watched = len(arenas.idle) > 0; arenas.watched {
		watchArenas()
	}
}

// Memory returns how many bytes all plans together hold for intermediate values, in use or kept for
// the next run, and the most they have held.
func Memory() (current, peak int) {
	arenas.Lock()
	defer arenas.Unlock()
	return arenas.current, arenas.peak
}
