package par_test

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/simd/internal/par"
)

func ExamplePool_For() {
	pool := par.New(4)
	defer pool.Close()
	squares := make([]int, 5)
	pool.For(len(squares), func(i int) { squares[i] = i * i })
	fmt.Println(squares)
	// Output: [0 1 4 9 16]
}

func TestForDoesEachPieceOnce(t *testing.T) {
	for _, width := range []int{0, 1, 2, 5} {
		pool := par.New(width)
		for _, n := range []int{-1, 0, 1, 2, 3, 1000} {
			counts := make([]atomic.Int32, max(n, 0))
			pool.For(n, func(i int) { counts[i].Add(1) })
			for i := range counts {
				if c := counts[i].Load(); c != 1 {
					t.Errorf("width %d: piece %d of %d ran %d times", width, i, n, c)
				}
			}
		}
		pool.Close()
	}
}

func TestWidth(t *testing.T) {
	var none *par.Pool
	var zero par.Pool
	if none.Width() != 1 || zero.Width() != 1 {
		t.Errorf("nil has width %d, the zero pool %d, want 1", none.Width(), zero.Width())
	}
	ran := 0
	none.For(3, func(int) { ran++ }) // on the caller: no race
	zero.For(3, func(int) { ran++ })
	if ran != 6 {
		t.Errorf("%d pieces ran, want 6", ran)
	}
	none.Close()
	if w := par.New(0).Width(); w != runtime.GOMAXPROCS(0) {
		t.Errorf("New(0) has width %d, want GOMAXPROCS = %d", w, runtime.GOMAXPROCS(0))
	}
}

func TestForWithinFor(t *testing.T) {
	pool := par.New(3)
	defer pool.Close()
	var sum atomic.Int64
	pool.For(20, func(i int) {
		pool.For(20, func(j int) { sum.Add(int64(i * j)) })
	})
	if sum.Load() != 190*190 {
		t.Errorf("sum = %d, want %d", sum.Load(), 190*190)
	}
}

func TestForFromManyGoroutines(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 200 {
				var n atomic.Int32
				pool.For(7, func(int) { n.Add(1) })
				if n.Load() != 7 {
					t.Errorf("%d of 7 pieces were done when For returned", n.Load())
				}
			}
		})
	}
	wg.Wait()
}

func TestPanicReachesTheCaller(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	want := errors.New("piece 3")
	for range 50 {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("recovered %v, want %v", got, want)
				}
			}()
			pool.For(10, func(i int) {
				if i == 3 {
					panic(want)
				}
			})
			t.Error("For returned")
		}()
	}
	done := 0
	pool.For(1, func(int) { done++ })
	if done != 1 {
		t.Error("the pool does not work after a panic")
	}
}

// TestABusyPoolDoesNotWait: while a helper is held, the caller does everything itself.
func TestABusyPoolDoesNotWait(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	var release, held, finished chan struct{}
	for both := false; !both; { // goroutines of the pool are in a piece: not before its helper runs
		release, held, finished = make(chan struct{}), make(chan struct{}, 2), make(chan struct{})
		go func(release, held, finished chan struct{}) {
			pool.For(2, func(int) { held <- struct{}{}; <-release })
			close(finished)
		}(release, held, finished)
		<-held
		select {
		case <-held:
			both = true
		case <-time.After(100 * time.Millisecond):
			close(release)
			<-finished
		}
	}
	done := make(chan struct{})
	go func() {
		pool.For(100, func(int) {})
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Error("For waits for a helper that is busy elsewhere")
	}
	close(release)
	<-finished
}

func TestCloseEndsTheHelpers(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		p := par.New(8)
		p.For(8, func(int) {})
		p.Close()
		p.Close()
	}
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines are left of %d before", runtime.NumGoroutine(), before)
}

func BenchmarkFor(b *testing.B) {
	for _, width := range []int{1, 2} {
		for _, span := range []time.Duration{0, 20 * time.Microsecond} {
			b.Run(fmt.Sprintf("width=%d/piece=%v", width, span), func(b *testing.B) {
				pool := par.New(width)
				defer pool.Close()
				f := func(int) {
					for start := time.Now(); time.Since(start) < span; {
					}
				}
				for b.Loop() {
					pool.For(4, f)
				}
			})
		}
	}
}
