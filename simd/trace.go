package simd

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/pkg/errors"
)

// tracer writes what every step took to a file in the trace event format, which Chrome's
// about:tracing and Perfetto read: a list of complete events, one a line. Executions that run at the
// same time are on tracks of their own. The list is not closed, which its readers allow, so that the
// file is good at any moment.
type tracer struct {
	mu    sync.Mutex
	file  *os.File
	start time.Time
	path  string
	users int    // backends
	busy  []bool // tracks
	err   error  // the first
	lost  bool   // a write failed; no more follow
}

// tracers are those in use, by path: backends that name the same file share it.
var tracers = struct {
	sync.Mutex
	open map[string]*tracer
}{open: make(map[string]*tracer)}

// event is one line. Times are in microseconds.
type event struct {
	Name  string         `json:"name"`
	Phase string         `json:"ph"`
	Time  float64        `json:"ts"`
	Took  float64        `json:"dur,omitempty"`
	PID   int            `json:"pid"`
	TID   int            `json:"tid"`
	Args  map[string]any `json:"args,omitempty"`
}

// openTracer returns the tracer to a file, which it empties unless it is in use.
func openTracer(path string) (*tracer, error) {
	if p, err := filepath.Abs(path); err == nil { // one file has one tracer
		path = p
	}
	tracers.Lock()
	defer tracers.Unlock()
	if t := tracers.open[path]; t != nil {
		t.users++
		return t, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, errors.Wrap(err, "simd: option trace")
	}
	if _, err := f.WriteString("[\n"); err != nil {
		f.Close()
		return nil, errors.Wrap(err, "simd: option trace")
	}
	t := &tracer{file: f, start: time.Now(), path: path, users: 1}
	tracers.open[path] = t
	return t, nil
}

// run executes a program and writes its events. Trouble with the file does not keep it from running.
func (t *tracer) run(b *Backend, p *program, name string, in, out []unsafe.Pointer) error {
	track := t.take()
	events := make([]event, 1, len(p.steps)+2)
	begin := time.Now()
	err := p.plan.Run(b.pool, in, out, func(i int, start time.Time, took time.Duration) {
		s := p.steps[i]
		args := map[string]any{"step": i, "about": s.About, "bytes": s.Bytes}
		if took > 0 {
			args["GB/s"] = float64(s.Bytes) / float64(took.Nanoseconds())
			if s.FLOP > 0 {
				args["GFLOP/s"] = s.FLOP / float64(took.Nanoseconds())
			}
		}
		events = append(events, event{Name: s.Kind, Phase: "X", Time: t.at(start), Took: micros(took), PID: 1, TID: track, Args: args})
	})
	events[0] = event{Name: name, Phase: "X", Time: t.at(begin), Took: micros(time.Since(begin)), PID: 1, TID: track}
	if p.traced.CompareAndSwap(false, true) {
		events[0].Args = map[string]any{"steps": strings.Split(strings.TrimSpace(p.plan.String()), "\n")}
	}
	events = append(events, event{Name: "memory", Phase: "C", Time: t.at(time.Now()), PID: 1, TID: track,
		Args: map[string]any{"in use": b.Memory().InUse}})
	t.give(track, events)
	return err
}

func micros(d time.Duration) float64          { return float64(d.Nanoseconds()) / 1000 }
func (t *tracer) at(moment time.Time) float64 { return micros(moment.Sub(t.start)) }

// take returns a track that no execution is on.
func (t *tracer) take() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, busy := range t.busy {
		if !busy {
			t.busy[i] = true
			return i + 1
		}
	}
	t.busy = append(t.busy, true)
	return len(t.busy)
}

// give frees a track and writes what was on it.
func (t *tracer) give(track int, events []event) {
	var lines []byte
	var failed error
	for _, e := range events {
		line, err := json.Marshal(e)
		if err != nil { // a number that JSON does not have
			failed = cmp.Or(failed, errors.Wrapf(err, "event %q", e.Name))
			continue
		}
		lines = append(append(lines, line...), ',', '\n')
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.busy[track-1] = false
	t.err = cmp.Or(t.err, failed)
	if !t.lost {
		_, err := t.file.Write(lines)
		t.err, t.lost = cmp.Or(t.err, err), err != nil
	}
}

// trouble is the first error, nil if there was none or there is no tracer.
func (t *tracer) trouble() error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return errors.Wrapf(t.err, "simd: option trace=%s: events are missing", t.path)
}

// close ends one backend's use, and the last the file. Then the first error is told: nobody waits for
// it, and a trace with holes must not pass for a whole one.
func (t *tracer) close() {
	tracers.Lock()
	defer tracers.Unlock()
	if t.users--; t.users > 0 {
		return
	}
	delete(tracers.open, t.path)
	t.mu.Lock()
	t.err = cmp.Or(t.err, t.file.Close())
	t.mu.Unlock()
	if err := t.trouble(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}
