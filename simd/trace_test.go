package simd

import (
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"
)

// said returns what f writes to the standard error.
func said(t *testing.T, f func()) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	defer func(f *os.File) { os.Stderr = f }(os.Stderr)
	os.Stderr = file
	f()
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// traced makes a backend with a trace and an executable.
func traced(t *testing.T) (*Backend, backends.Executable, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trace.json")
	b, err := New("trace=" + path)
	if err != nil {
		t.Fatal(err)
	}
	builder := b.Builder("traced")
	c, err := builder.Parameter("x", shapes.Make(dtypes.Float32, 3), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err = builder.Add(c, c)
	if err != nil {
		t.Fatal(err)
	}
	e, err := builder.Compile([]backends.Op{c}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b.(*Backend), e, path
}

func execute(t *testing.T, b *Backend, e backends.Executable) {
	t.Helper()
	x, _, err := b.NewSharedBuffer(0, shapes.Make(dtypes.Float32, 3))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Execute([]backends.Buffer{x}, nil, 0); err != nil {
		t.Fatal(err)
	}
}

func TestTroubleWithTheTraceIsTold(t *testing.T) {
	for _, c := range []struct {
		reason string
		harm   func(b *Backend)
		want   string
	}{
		{"no harm", func(b *Backend) {}, ""},
		{"the file cannot be written", func(b *Backend) { b.tracer.file.Close() }, "file already closed"},
		{"an event is no JSON", func(b *Backend) {
			b.tracer.give(b.tracer.take(), []event{{Name: "odd", Time: math.NaN()}})
		}, `event "odd"`},
	} {
		t.Run(c.reason, func(t *testing.T) {
			b, e, path := traced(t)
			execute(t, b, e)
			c.harm(b)
			execute(t, b, e)
			for _, text := range []string{Explain(e), b.Explain()} {
				if got := strings.Contains(text, "option trace="+path); got != (c.want != "") || !strings.Contains(text, c.want) {
					t.Errorf("explained as\n%swant %q in it", text, c.want)
				}
			}
			told := said(t, func() { b.Finalize(); b.Finalize() })
			if n := strings.Count(told, "\n"); !strings.Contains(told, c.want) || n != min(len(c.want), 1) {
				t.Errorf("told %q, want one line with %q", told, c.want)
			}
		})
	}
}

// The first execution's event has the steps, all have their time.
func TestTraceHasTheSteps(t *testing.T) {
	b, e, path := traced(t)
	execute(t, b, e)
	execute(t, b, e)
	b.Finalize()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), `"steps":[`); n != 1 {
		t.Errorf("steps are told %d times, want once, in\n%s", n, text)
	}
}

func TestADroppedBackendClosesItsTrace(t *testing.T) {
	file, path := func() (*os.File, string) {
		b, e, path := traced(t)
		execute(t, b, e)
		return b.tracer.file, path
	}()
	open := func() bool {
		tracers.Lock()
		defer tracers.Unlock()
		return tracers.open[path] != nil
	}
	for range 100 {
		if !open() {
			break
		}
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if open() {
		t.Error("the trace of a backend that is gone is open")
	}
	if err := file.Close(); err == nil {
		t.Error("its file was not closed")
	}
}

func TestKernelsAreNamed(t *testing.T) {
	for _, c := range []struct{ level, products, want string }{
		{"avx2", "avx2", "avx2 kernels"},
		{"neon", "go", "neon kernels, products of matrices by go"},
		{"go", "go", "go kernels"},
	} {
		if got := describe(c.level, c.products); got != c.want {
			t.Errorf("%s, %s: %q, want %q", c.level, c.products, got, c.want)
		}
	}
}

// Short executions are timed one in eight, and counted all.
func TestUsage(t *testing.T) {
	var u usage
	timed := 0
	for range 64 {
		start := u.begin()
		if !start.IsZero() {
			timed++
			start = time.Now().Add(-time.Microsecond)
		}
		u.end(start)
	}
	if calls, took := u.read(); calls != 64 || took < 64*time.Microsecond {
		t.Errorf("%d executions in %s, want 64 in 64 µs or more", calls, took)
	}
	if timed < 8 {
		t.Errorf("%d timed, want one in eight", timed)
	}
	u.last.Store(int64(time.Second))
	for range 16 {
		if u.begin().IsZero() {
			t.Error("after a long execution one was not timed")
		}
	}
}

// TestOneFileHasOneTracer: under any of its names, or the second backend would empty what the first writes.
func TestOneFileHasOneTracer(t *testing.T) {
	t.Chdir(t.TempDir())
	var list []*Backend
	for _, path := range []string{"trace.json", "./trace.json", filepath.Join(t.TempDir(), "other.json")} {
		b, err := New("trace=" + path)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Finalize()
		list = append(list, b.(*Backend))
	}
	if list[0].tracer != list[1].tracer || list[0].tracer == list[2].tracer {
		t.Error("want one tracer for the two names of a file, another for another file")
	}
}
