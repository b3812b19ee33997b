package lesson

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime/metrics"
	"sync"
	"time"
)

// Trial is a reader's function with the exercise it answers.
type Trial struct {
	Number   string // of the exercise
	Function any    // of the type that the exercise's Code wants
	Code     *Code
}

// Event is a line that Judge writes: what is about to be tried, or a result.
type Event struct {
	Number string  `json:"number"`
	Name   string  `json:"name"`
	Input  string  `json:"input,omitempty"`
	Result *Result `json:"result,omitempty"`
}

// Result is what was found about one function.
type Result struct {
	Right          bool            `json:"right"`
	Properties     int             `json:"properties"`
	Inputs         int             `json:"inputs"`
	Counterexample *Counterexample `json:"counterexample,omitempty"`
}

// Limits of a reader's function.
type Limits struct {
	Call   time.Duration // one property on one input; 0 means 2 s
	Memory uint64        // of the whole program in bytes; 0 means 1 GiB
}

// Judge runs the checks and writes an Event a line: what the function is about to be given, so that
// a crash can be told, and the results. It is what the program around a reader's file calls. A
// function that does not return is left behind, its goroutine with it; one that takes too much memory
// ends everything. It reports whether all are right.
func Judge(w io.Writer, trials []Trial, c Checker, limits Limits) (bool, error) {
	if limits.Call == 0 {
		limits.Call = 2 * time.Second
	}
	if limits.Memory == 0 {
		limits.Memory = 1 << 30
	}
	right := true
	out := json.NewEncoder(w)
	for _, t := range trials {
		var mu sync.Mutex
		var input string
		var since time.Time
		var failed error
		left := false
		checker := c
		checker.Before = func(in string) {
			mu.Lock()
			defer mu.Unlock()
			if input, since = in, time.Now(); !left && failed == nil {
				failed = out.Encode(Event{Number: t.Number, Name: t.Code.Name, Input: in})
			}
		}
		done := make(chan *Counterexample, 1)
		go func() { done <- t.Code.Check(t.Function, &checker) }()
		watch := time.NewTicker(20 * time.Millisecond)
		result, stop := Result{}, false
		for waiting := true; waiting; {
			select {
			case found := <-done:
				result = Result{Right: found == nil, Properties: checker.Properties, Inputs: checker.Inputs, Counterexample: found}
				waiting = false
			case <-watch.C:
				mu.Lock()
				got := ""
				switch {
				case memory() > limits.Memory:
					got, stop = fmt.Sprintf("more than %d MiB of memory", limits.Memory>>20), true
				case !since.IsZero() && time.Since(since) > limits.Call:
					got = fmt.Sprintf("no answer within %v", limits.Call)
				}
				if got != "" {
					result.Counterexample = &Counterexample{Property: t.Code.Name + " returns", Input: input, Got: got, Want: "a value"}
					waiting, left = false, true
				}
				mu.Unlock()
			}
		}
		watch.Stop()
		mu.Lock()
		if failed == nil {
			failed = out.Encode(Event{Number: t.Number, Name: t.Code.Name, Result: &result})
		}
		err := failed
		mu.Unlock()
		if err != nil {
			return false, fmt.Errorf("lesson.Judge: %w", err)
		}
		right = right && result.Right
		if stop {
			break
		}
	}
	return right, nil
}

// memory is what the program holds from the operating system.
func memory() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}
