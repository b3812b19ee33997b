// Package par shares loops among processors. Nobody spins: a helper without work sleeps, and a
// caller that finds no helper awake does all the work itself, so that a busy machine costs waiting
// for nobody.
package par

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A Pool runs the pieces of a loop on up to Width goroutines: the caller's and those of its helpers.
// Its zero value, and nil, run everything on the caller. It may be used by many goroutines at once;
// they share the helpers.
type Pool struct {
	width  int
	jobs   chan *job
	asleep atomic.Int64 // helpers that wait for a job
	stop   sync.Once
}

// job is one call of For: n pieces handed out by next, finished when done reaches n.
type job struct {
	n        int64
	f        func(i int)
	next     atomic.Int64
	done     atomic.Int64
	finished sync.WaitGroup
	fault    atomic.Pointer[fault]
}

// fault is what a piece panicked with.
type fault struct{ value any }

// New returns a pool of the given width; 0 or less means GOMAXPROCS. Close ends its helpers.
func New(width int) *Pool {
	if width <= 0 {
		width = runtime.GOMAXPROCS(0)
	}
	p := &Pool{width: width}
	if width == 1 {
		return p
	}
	p.jobs = make(chan *job, width-1)
	for range width - 1 {
		go p.help()
	}
	return p
}

// help works on jobs until the pool is closed.
func (p *Pool) help() {
	for {
		p.asleep.Add(1)
		j, more := <-p.jobs
		p.asleep.Add(-1)
		if !more {
			return
		}
		j.work()
	}
}

// Width returns how many goroutines may run pieces at once, at least 1.
func (p *Pool) Width() int {
	if p == nil || p.width < 1 {
		return 1
	}
	return p.width
}

// Close ends the helpers. No For may run or follow.
func (p *Pool) Close() {
	if p != nil && p.jobs != nil {
		p.stop.Do(func() { close(p.jobs) })
	}
}

// For calls f(0), …, f(n-1), each once, in no particular order, and returns when all have returned.
// What f computes must not depend on which goroutine runs it; then results are the same for every
// width. A panic in f is raised again in the caller. A piece should take some microseconds at
// least: to wake a helper costs as much. For may be called from within a piece; the inner call is
// served by the caller and by whoever is idle.
func (p *Pool) For(n int, f func(i int)) {
	if n <= 0 {
		return
	}
	width := min(p.Width(), n)
	if width == 1 {
		for i := range n {
			f(i)
		}
		return
	}
	j := &job{n: int64(n), f: f}
	j.finished.Add(1)
	wakes := p.asleep.Load() > 0
invite:
	for range width - 1 {
		select {
		case p.jobs <- j: // for a helper that sleeps, or for one that comes back while pieces are left
		default:
			break invite // enough work waits for them
		}
	}
	if wakes {
		// The helper woken last is next on this processor, and for 50 to 100 µs Go's scheduler lets
		// nobody else have it. So let it run here, and go on where a processor is free: 7 µs.
		runtime.Gosched()
	}
	j.work()
	j.finished.Wait()
	if f := j.fault.Load(); f != nil {
		panic(f.value)
	}
}

// work takes pieces until none is left. After a panic the remaining pieces are left out.
func (j *job) work() {
	defer func() {
		if v := recover(); v != nil {
			j.fault.CompareAndSwap(nil, &fault{v})
			j.finish(1 + max(0, j.n-j.next.Swap(j.n)))
		}
	}()
	for {
		i := j.next.Add(1) - 1
		if i >= j.n {
			return
		}
		j.f(int(i))
		j.finish(1)
	}
}

// finish counts pieces that are done or left out.
func (j *job) finish(pieces int64) {
	if j.done.Add(pieces) == j.n {
		j.finished.Done()
	}
}
