package finite

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/gomlx/gomlx/backends"
)

// memo keeps the latest results of one experiment, so that claims on several rows of the book that
// look at the same run, and the alternatives of each, train it once. Runs are pure functions of their
// configuration and the backend, so a kept result is the result.
type memo[C, R any] struct {
	run func(context.Context, backends.Backend, C) (*R, error)

	busy  chan bool // holds one token while a caller looks or runs
	keys  []string
	value map[string]*R
}

// memoKeep is how many results each experiment keeps: enough for all claims and their alternatives on
// one seed. A result is a few kilobytes.
const memoKeep = 16

func newMemo[C, R any](run func(context.Context, backends.Backend, C) (*R, error)) *memo[C, R] {
	return &memo[C, R]{run: run, busy: make(chan bool, 1), value: map[string]*R{}}
}

// get returns the kept result of the configuration or runs it. Progress callbacks are not part of the
// key: configurations mark them json:"-". Errors are not kept. Callers must not change the result.
func (m *memo[C, R]) get(ctx context.Context, b backends.Backend, cfg C) (*R, error) {
	raw, err := json.Marshal(cfg)
	if err != nil {
		return nil, fmt.Errorf("finite: configuration: %w", err)
	}
	key := fmt.Sprintf("%p %s %s", b, b.Name(), raw)
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
	if len(m.keys) == memoKeep {
		delete(m.value, m.keys[0])
		m.keys = m.keys[1:]
	}
	m.keys, m.value[key] = append(m.keys, key), r
	return r, nil
}
