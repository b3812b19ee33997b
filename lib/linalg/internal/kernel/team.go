package kernel

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// A Team does pieces of work on all processors. Its goroutines stay awake for a while between two
// calls of [Team.Run]: a reduction makes thousands of calls of a few microseconds each, and to start
// or wake a goroutine costs as much. One goroutine calls Run; pieces do not call it again.
type Team struct {
	ctx     context.Context
	helpers int
	current atomic.Pointer[work]
	asleep  atomic.Int32
	wake    chan struct{}
	closed  atomic.Bool
	wg      sync.WaitGroup
}

// work is one call of Run: n pieces, handed out by next, finished when done reaches n.
type work struct {
	n          int64
	f          func(i int)
	next, done atomic.Int64
}

// spins is how often a helper looks for work, about a tenth of a microsecond apart, before it yields
// its processor; after yields more looks it sleeps.
const spins, yields = 1000, 100

// maxHelpers keeps a large machine from spending longer on waking helpers than they work.
const maxHelpers = 31

// NewTeam starts GOMAXPROCS-1 helpers of the caller, at most 31. [Team.Close] ends them.
func NewTeam(ctx context.Context) *Team {
	t := &Team{ctx: ctx, helpers: min(runtime.GOMAXPROCS(0)-1, maxHelpers)}
	t.wake = make(chan struct{}, t.helpers)
	for range t.helpers {
		t.wg.Go(t.help)
	}
	return t
}

// Alone returns a team without helpers: the caller does all the work, in order.
func Alone(ctx context.Context) *Team { return &Team{ctx: ctx} }

// Close ends the helpers and returns when they are gone.
func (t *Team) Close() {
	if t.helpers > 0 {
		t.closed.Store(true)
		close(t.wake)
		t.wg.Wait()
	}
}

// Context is what the team was made with.
func (t *Team) Context() context.Context { return t.ctx }

// Err is the context's error. Once it is not nil, Run leaves pieces out.
func (t *Team) Err() error { return t.ctx.Err() }

// Run calls f(0), …, f(n-1), each once, and returns when all have returned. They run at once in no
// particular order, so each must write to places of its own. When the context is done the rest is
// left out: look at [Team.Err] before using a result.
func (t *Team) Run(n int, f func(i int)) {
	if t.helpers == 0 || n == 1 {
		for i := 0; i < n && t.ctx.Err() == nil; i++ {
			f(i)
		}
		return
	}
	if n <= 0 {
		return
	}
	w := &work{n: int64(n), f: f}
	t.current.Store(w)
	for range min(int(t.asleep.Load()), n-1) {
		select {
		case t.wake <- struct{}{}:
		default: // a token for each helper lies there already
		}
	}
	t.do(w)
	for look := 0; w.done.Load() < w.n; look++ {
		rest(look)
	}
}

// do takes pieces until there are none.
func (t *Team) do(w *work) {
	for {
		i := w.next.Add(1) - 1
		if i >= w.n {
			return
		}
		if t.ctx.Err() == nil {
			w.f(int(i))
		}
		w.done.Add(1)
	}
}

// help is the life of one helper.
func (t *Team) help() {
	var last *work
	for look := 0; !t.closed.Load(); look++ {
		if w := t.current.Load(); w != last {
			t.do(w)
			last, look = w, 0
			continue
		}
		if look < spins+yields {
			rest(look)
			continue
		}
		// Say so first and look again after: Run stores its work first and counts sleepers after, so
		// one of the two sees the other.
		t.asleep.Add(1)
		if t.current.Load() == last && !t.closed.Load() {
			<-t.wake
		}
		t.asleep.Add(-1)
		look = 0
	}
}

// rest passes the time until the next look: briefly at first, then by letting others run.
func rest(look int) {
	if look < spins {
		pause()
	} else {
		runtime.Gosched()
	}
}
