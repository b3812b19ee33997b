package graph

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/gomlx/gomlx/backends"
)

// The experiments behind the claims, each with its latest results: a claim's alternatives mostly
// change what is said about a run, and not the run.
var (
	studies  = newMemo(func(ctx context.Context, _ backends.Backend, c StudyConfig) (*Study, error) { return RunStudy(ctx, c) })
	networks = newMemo(RunNetworks)
	outputs  = newMemo(func(ctx context.Context, _ backends.Backend, c OutputsConfig) (*Outputs, error) {
		return RunOutputs(ctx, c)
	})
)

// memo keeps the latest results of one experiment. Runs are pure functions of configuration and
// backend, so a kept result is the result. Callers do not change it.
type memo[C, R any] struct {
	run func(context.Context, backends.Backend, C) (*R, error)

	busy  chan bool // holds one token while a caller looks or runs
	keys  []string
	value map[string]*R
}

// memoKeep is enough for all claims and their alternatives on one seed; a result is a few kilobytes.
const memoKeep = 8

func newMemo[C, R any](run func(context.Context, backends.Backend, C) (*R, error)) *memo[C, R] {
	return &memo[C, R]{run: run, busy: make(chan bool, 1), value: map[string]*R{}}
}

func (m *memo[C, R]) get(ctx context.Context, b backends.Backend, cfg C) (*R, error) {
	raw, err := json.Marshal(cfg)
	if err != nil {
		return nil, fmt.Errorf("graph: configuration: %w", err)
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
