package main

import (
	"io"
	"sync"

	"github.com/lemma-ml/lemma/widgets"
)

// tally adds up the progress of several pieces of work that run at the same time, for one display.
type tally struct {
	mu    sync.Mutex
	meter *widgets.Progress
	parts []int
}

func newTally(w io.Writer, label string, total int) *tally {
	return &tally{meter: widgets.NewProgress(w, label, total)}
}

// part returns the callback of one piece of work: how many of its own steps are done, and what it is
// about. It may be called from any goroutine.
func (t *tally) part() func(done int, note string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := len(t.parts)
	t.parts = append(t.parts, 0)
	return func(done int, note string) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.parts[i] = done
		sum := 0
		for _, n := range t.parts {
			sum += n
		}
		t.meter.Set(sum, note)
	}
}

// Done ends the display.
func (t *tally) Done() { t.meter.Done() }
