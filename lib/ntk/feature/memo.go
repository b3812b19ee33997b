package feature

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/gomlx/gomlx/backends"
)

// runs keeps the latest results of Run, so that the two claims that look at the dial, and the
// alternatives that change what is said about it, train it once. A run is a pure function of its
// configuration and backend, so a kept result is the result. Callers do not change it.
var runs = memo{busy: make(chan bool, 1), value: map[string]*Result{}}

type memo struct {
	busy  chan bool // holds one token while a caller looks or runs
	keys  []string
	value map[string]*Result
}

// memoKeep is enough for both claims and their alternatives on one seed; a result is a few kilobytes.
const memoKeep = 12

func (m *memo) get(ctx context.Context, b backends.Backend, cfg Config) (*Result, error) {
	raw, err := json.Marshal(cfg.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("feature: configuration: %w", err)
	}
	key := fmt.Sprintf("%p %s", b, raw)
	// Held while running: a second caller waits for the run instead of doubling it.
	select {
	case m.busy <- true:
		defer func() { <-m.busy }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if r := m.value[key]; r != nil {
		return r, nil
	}
	r, err := Run(ctx, b, cfg)
	if err != nil {
		return nil, err
	}
	if len(m.keys) == memoKeep {
		delete(m.value, m.keys[0])
		m.keys = m.keys[1:]
	}
	m.keys, m.value[key] = append(m.keys, key), r
	return r, nil
}
