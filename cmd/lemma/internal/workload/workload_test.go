package workload_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/cmd/lemma/internal/workload"
	"github.com/lemma-ml/lemma/xla"
)

func TestEveryWorkloadRuns(t *testing.T) {
	backend := xla.MustOpen("simd")
	defer backend.Finalize()
	for _, w := range workload.All() {
		t.Run(w.Name, func(t *testing.T) {
			if testing.Short() && w.FLOP > 1e9 {
				t.Skip("a second of arithmetic: not with -short")
			}
			step, err := w.New(backend)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := step(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestCompare(t *testing.T) {
	backend := xla.MustOpen("simd")
	defer backend.Finalize()
	w := workload.All()[0]
	ctx, cancel := context.WithCancel(context.Background())
	r, err := workload.Compare(ctx, w, backend, nil, 1, 3, time.Millisecond)
	if err != nil || r.Seconds <= 0 || r.Rate <= 0 || r.Ratio != 0 {
		t.Errorf("alone: %+v, %v", r, err)
	}
	torch, err := workload.NewTorch(ctx, 1)
	if err != nil {
		t.Log("without PyTorch:", err)
	} else {
		defer torch.Close()
		for _, w := range workload.All() {
			if testing.Short() && w.FLOP > 1e9 {
				continue
			}
			if wall, cpu, err := torch.Run(w.Name, 1); err != nil || wall <= 0 || cpu < 0 {
				t.Errorf("PyTorch does not know %q: %v", w.Name, err)
			}
		}
		r, err := workload.Compare(ctx, w, backend, torch, 1, 3, time.Millisecond)
		if err != nil || r.Low > r.Ratio || r.Ratio > r.High || r.Ratio <= 0 {
			t.Errorf("beside PyTorch: %+v, %v", r, err)
		}
		if _, _, err := torch.Run("no such", 1); err == nil || !strings.Contains(err.Error(), "KeyError") {
			t.Errorf("an unknown workload: %v", err)
		}
	}
	cancel()
	if _, err := workload.Compare(ctx, w, backend, nil, 1, 3, time.Millisecond); err == nil {
		t.Error("a done context is no error")
	}
}
