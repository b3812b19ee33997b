// Package keep remembers results: those that many figures of one explorer share, and those of
// experiments that several claims look at.
package keep

import (
	"context"
	"sync"
)

// Results remembers the latest results of a pure function by their key. The zero value is not ready;
// use New.
type Results[K comparable, V any] struct {
	compute func(ctx context.Context, key K) (V, error)
	most    int

	mu    sync.Mutex
	order []K
	entry map[K]*entry[V]
}

type entry[V any] struct {
	busy  chan bool // holds one token while a caller looks or computes
	done  bool
	value V
}

// New returns a store of at most the given number of results of compute.
func New[K comparable, V any](most int, compute func(ctx context.Context, key K) (V, error)) *Results[K, V] {
	return &Results[K, V]{compute: compute, most: max(most, 1), entry: map[K]*entry[V]{}}
}

// Get returns the kept result of the key or computes it. Callers that want the same result at once
// wait for one of them; different keys are computed side by side. Errors are not kept, so that a
// cancelled caller spoils nothing. Callers must not change the result.
func (r *Results[K, V]) Get(ctx context.Context, key K) (V, error) {
	r.mu.Lock()
	e := r.entry[key]
	if e == nil {
		if len(r.order) == r.most {
			delete(r.entry, r.order[0])
			r.order = r.order[1:]
		}
		e = &entry[V]{busy: make(chan bool, 1)}
		r.entry[key], r.order = e, append(r.order, key)
	}
	r.mu.Unlock()
	var zero V
	select {
	case e.busy <- true:
		defer func() { <-e.busy }()
	case <-ctx.Done():
		return zero, ctx.Err()
	}
	if e.done {
		return e.value, nil
	}
	if err := ctx.Err(); err != nil {
		return zero, err
	}
	v, err := r.compute(ctx, key)
	if err != nil {
		return zero, err
	}
	e.value, e.done = v, true
	return v, nil
}
