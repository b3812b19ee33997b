package keep

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

func TestResults(t *testing.T) {
	var calls atomic.Int64
	refuse := errors.New("no")
	r := New(2, func(_ context.Context, k int) (int, error) {
		calls.Add(1)
		if k < 0 {
			return 0, refuse
		}
		return k * k, nil
	})
	ctx := context.Background()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if v, err := r.Get(ctx, 3); v != 9 || err != nil {
				t.Errorf("Get(3) = %d, %v", v, err)
			}
		})
	}
	wg.Wait()
	if calls.Load() != 1 {
		t.Errorf("eight callers computed %d times, want once", calls.Load())
	}
	for range 2 {
		if _, err := r.Get(ctx, -1); !errors.Is(err, refuse) {
			t.Errorf("Get(-1): %v", err)
		}
	}
	if calls.Load() != 3 {
		t.Errorf("%d calls, want 3: an error is not kept", calls.Load())
	}
	if _, err := r.Get(ctx, 4); err != nil { // the third key drops the first
		t.Error(err)
	}
	if v, err := r.Get(ctx, 3); v != 9 || err != nil || calls.Load() != 5 {
		t.Errorf("after being dropped: %d, %v, %d calls", v, err, calls.Load())
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := r.Get(done, 7); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if v, err := r.Get(ctx, 7); v != 49 || err != nil {
		t.Errorf("after a cancelled caller: %d, %v", v, err)
	}
}
