package keep

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/gomlx/gomlx/backends"
)

// Runs keeps the latest results of one experiment, so that claims that look at the same run, and
// their alternatives, train it once. An experiment is a pure function of its configuration and the
// backend, so a kept result is the result.
type Runs[C, R any] struct {
	run func(context.Context, backends.Backend, C) (*R, error)

	busy  chan bool // holds one token while a caller looks or runs
	keys  []string
	value map[string]*R
}

// mostRuns is how many results each experiment keeps: enough for all claims and their alternatives on
// one seed. A result is a few kilobytes.
const mostRuns = 16

// NewRuns returns an empty store for the experiment.
func NewRuns[C, R any](run func(context.Context, backends.Backend, C) (*R, error)) *Runs[C, R] {
	return &Runs[C, R]{run: run, busy: make(chan bool, 1), value: map[string]*R{}}
}

// OnHost is NewRuns for an experiment that needs no backend; its callers pass nil.
func OnHost[C, R any](run func(context.Context, C) (*R, error)) *Runs[C, R] {
	return NewRuns(func(ctx context.Context, _ backends.Backend, cfg C) (*R, error) { return run(ctx, cfg) })
}

// Get returns the kept result of the configuration or runs it, one run of the experiment at a time.
// Progress callbacks are not part of the key: configurations mark them json:"-". Errors are not kept.
// Callers must not change the result.
func (m *Runs[C, R]) Get(ctx context.Context, b backends.Backend, cfg C) (*R, error) {
	raw, err := json.Marshal(cfg)
	if err != nil {
		return nil, fmt.Errorf("configuration %T: %w", cfg, err)
	}
	key := string(raw)
	if b != nil {
		key = fmt.Sprintf("%p %s %s", b, b.Name(), raw)
	}
	// Held while running: two claims that want one run wait for it instead of doubling it.
	select {
	case m.busy <- true:
		defer func() { <-m.busy }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if r := m.value[key]; r != nil {
		return r, nil
	}
	r, err := m.run(ctx, b, cfg)
	if err != nil {
		return nil, err
	}
	if len(m.keys) == mostRuns {
		delete(m.value, m.keys[0])
		m.keys = m.keys[1:]
	}
	m.keys, m.value[key] = append(m.keys, key), r
	return r, nil
}
