package finite

import (
	"context"
	"errors"
	"testing"
)

func TestEach(t *testing.T) {
	got := make([]int, 20)
	calls := 0
	err := each(context.Background(), 20, func(done, total int) {
		calls++
		if done != calls || total != 20 {
			t.Errorf("progress %d of %d at call %d", done, total, calls)
		}
	}, func(_ context.Context, i int) error {
		got[i] = i * i
		return nil
	})
	if err != nil || calls != 20 {
		t.Fatal(err, calls)
	}
	for i, v := range got {
		if v != i*i {
			t.Errorf("slot %d holds %d", i, v)
		}
	}
	if err := each(context.Background(), 0, nil, nil); err != nil {
		t.Error("no jobs:", err)
	}
}

func TestEachFailure(t *testing.T) {
	broken := errors.New("broken")
	ran := make([]bool, 50)
	err := each(context.Background(), 50, nil, func(ctx context.Context, i int) error {
		ran[i] = true
		if i == 49 { // the first to start
			return broken
		}
		<-ctx.Done() // the failure must stop the others
		return ctx.Err()
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want the failure itself, not the cancellation that it caused", err)
	}
	if ran[0] {
		t.Error("jobs were started after the failure")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := each(ctx, 3, nil, func(context.Context, int) error { t.Error("started"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}
