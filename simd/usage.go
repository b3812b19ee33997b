package simd

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"weak"
)

// executables are those of a backend that are alive. They are held weakly: one that is just dropped is
// collected.
type executables struct {
	mu   sync.Mutex
	live map[weak.Pointer[Executable]]struct{}
}

func newExecutables() *executables {
	return &executables{live: make(map[weak.Pointer[Executable]]struct{})}
}

func (x *executables) add(e *Executable) {
	p := weak.Make(e)
	runtime.AddCleanup(e, x.remove, p)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.live[p] = struct{}{}
}

func (x *executables) remove(p weak.Pointer[Executable]) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.live, p)
}

func (x *executables) list() []*Executable {
	x.mu.Lock()
	defer x.mu.Unlock()
	var list []*Executable
	for p := range x.live {
		if e := p.Value(); e != nil {
			list = append(list, e)
		}
	}
	return list
}

// usage counts the executions of an executable that succeeded, and their time. To read the clock twice
// costs as much as a small execution's other chores: of executions shorter than quick only one in eight
// is timed, and the next are taken to be as long.
type usage struct{ calls, nanos, last atomic.Int64 }

const quick = 10 * time.Microsecond

// begin returns when an execution began, the zero time if it is not timed.
func (u *usage) begin() time.Time {
	if u.calls.Load()%8 != 0 && u.last.Load() < int64(quick) {
		return time.Time{}
	}
	return time.Now()
}

func (u *usage) end(start time.Time) {
	took := u.last.Load()
	if !start.IsZero() {
		took = int64(time.Since(start))
		u.last.Store(took)
	}
	u.nanos.Add(took)
	u.calls.Add(1)
}

func (u *usage) read() (calls int64, took time.Duration) {
	return u.calls.Load(), time.Duration(u.nanos.Load())
}
