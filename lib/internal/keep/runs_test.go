package keep

import (
	"context"
	"errors"
	"testing"

	"github.com/gomlx/gomlx/backends"
	_ "github.com/lemma-ml/lemma/simd"
)

func TestRuns(t *testing.T) {
	type cfg struct{ A int }
	runs := 0
	m := NewRuns(func(_ context.Context, _ backends.Backend, c cfg) (*int, error) {
		runs++
		if c.A < 0 {
			return nil, errors.New("negative")
		}
		return &c.A, nil
	})
	b, err := backends.NewWithConfig("simd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Finalize)
	for _, a := range []int{1, 2, 1, 2, -1, -1} {
		v, err := m.Get(context.Background(), b, cfg{a})
		if (err != nil) != (a < 0) || err == nil && *v != a {
			t.Fatalf("%d: got %v, %v", a, v, err)
		}
	}
	if runs != 4 { // 1, 2 and the failure twice
		t.Errorf("%d runs, want 4: results are kept, errors are not", runs)
	}
	for a := range 3 * mostRuns {
		if _, err := m.Get(context.Background(), b, cfg{a}); err != nil {
			t.Fatal(err)
		}
	}
	if len(m.value) != mostRuns || len(m.keys) != mostRuns {
		t.Errorf("%d results kept, want %d", len(m.value), mostRuns)
	}
	m.busy <- true // somebody is running
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.Get(ctx, b, cfg{100}); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for another run: got %v, want the cancellation", err)
	}
}
