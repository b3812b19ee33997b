package conv

import (
	"context"
	"encoding/json"
	"fmt"
)

// memo keeps the latest results of an experiment, so that claims, their alternatives and the explorer
// that look at one run compute it once. Runs are pure functions of their configuration, so that a kept
// result is the result; callers do not change it.
type memo[C, R any] struct {
	run   func(context.Context, C) (*R, error)
	busy  chan bool // holds one token while a caller looks or runs
	keys  []string
	value map[string]*R
}

// memoKeep is how many results an experiment keeps.
const memoKeep = 8

func newMemo[C, R any](run func(context.Context, C) (*R, error)) *memo[C, R] {
	return &memo[C, R]{run: run, busy: make(chan bool, 1), value: map[string]*R{}}
}

// get returns the kept result of the configuration or runs it. Errors are not kept.
func (m *memo[C, R]) get(ctx context.Context, cfg C) (*R, error) {
	key, err := json.Marshal(cfg)
	if err != nil {
		return nil, fmt.Errorf("conv: configuration: %w", err)
	}
	// Held while running: two that want one run wait for it instead of doubling it.
	select {
	case m.busy <- true:
		defer func() { <-m.busy }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if r := m.value[string(key)]; r != nil {
		return r, nil
	}
	r, err := m.run(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if len(m.keys) == memoKeep {
		delete(m.value, m.keys[0])
		m.keys = m.keys[1:]
	}
	m.keys, m.value[string(key)] = append(m.keys, string(key)), r
	return r, nil
}

// The experiments behind claims and explorers, each with its latest results.
var (
	lattices = newMemo(RunLattice)
	networks = newMemo(func(ctx context.Context, cfg NetworkConfig) (*Networks, error) {
		two, err := firstDigits(2)
		if err != nil {
			return nil, err
		}
		return RunNetworks(ctx, two, cfg)
	})
)

// firstDigits returns the first n digits.
func firstDigits(n int) (*Images, error) {
	all, _, err := Digits()
	if err != nil {
		return nil, err
	}
	return all.Slice(0, n)
}
