package simd_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd"
)

// A program that has only a graph.Exec finds its executable in what the backend explains.
func ExampleBackend_Explain() {
	backend, err := backends.NewWithConfig("simd:parallelism=1")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer backend.Finalize()
	exec := graph.MustNewExec(backend, func(x *graph.Node) *graph.Node {
		return graph.ReduceAllSum(graph.Tanh(x))
	}).WithName("norm")
	for range 3 {
		exec.MustExec([]float32{1, 2, 3})
	}
	text := backend.(*simd.Backend).Explain() // fmt.Print(text) shows it all
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, ",")
		if strings.HasSuffix(line, "inputs") || strings.HasSuffix(line, "executions") {
			fmt.Println(line)
		}
	}
	// Output:
	// norm#0: 1 inputs
	// 3 executions
}

func TestBackendExplains(t *testing.T) {
	b := newBackend(t, "")
	if s := b.Explain(); !strings.Contains(s, "0 executables, 0 executions") {
		t.Errorf("nothing compiled: %s", s)
	}
	big := shapes.Make(dtypes.Float32, 300, 300)
	build := func(name string, shape shapes.Shape, op func(b backends.Builder, x backends.Op) (backends.Op, error)) backends.Executable {
		builder := b.Builder(name)
		x, err := builder.Parameter("x", shape, nil)
		if err != nil {
			t.Fatal(err)
		}
		y, err := op(builder, x)
		if err != nil {
			t.Fatal(err)
		}
		e, err := builder.Compile([]backends.Op{y}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	run := func(e backends.Executable, shape shapes.Shape, times int) {
		x, _, err := b.NewSharedBuffer(0, shape)
		if err != nil {
			t.Fatal(err)
		}
		for range times {
			if _, err := e.Execute([]backends.Buffer{x}, nil, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	idle := build("idle", three, func(b backends.Builder, x backends.Op) (backends.Op, error) { return b.Neg(x) })
	light := build("light", three, func(b backends.Builder, x backends.Op) (backends.Op, error) { return b.Add(x, x) })
	heavy := build("heavy", big, func(b backends.Builder, x backends.Op) (backends.Op, error) { return b.Dot(x, x) })
	run(light, three, 20)
	run(heavy, big, 20)
	if _, err := light.Execute(nil, nil, 0); err == nil {
		t.Error("an execution without inputs")
	}
	s := b.Explain()
	if !strings.Contains(s, "3 executables, 40 executions, ") || strings.Count(s, "\n20 executions, ") != 2 {
		t.Errorf("other numbers of executions in\n%s", s)
	}
	if h, l, i := strings.Index(s, "\nheavy: "), strings.Index(s, "\nlight: "), strings.Index(s, "\nidle: "); h < 0 || l < h || i < l {
		t.Errorf("heavy at %d, light at %d, idle at %d, want that order in\n%s", h, l, i, s)
	}
	if !strings.Contains(s, simd.Explain(heavy)) {
		t.Errorf("what is said of one executable is not in\n%s", s)
	}
	heavy.Finalize()
	if s := b.Explain(); strings.Contains(s, "heavy") || !strings.Contains(s, "2 executables") {
		t.Errorf("finalized, and still in\n%s", s)
	}
	runtime.KeepAlive(idle)
	runtime.KeepAlive(light)
	idle, light = nil, nil
	for range 20 {
		runtime.GC()
	}
	if s := b.Explain(); !strings.Contains(s, " 0 executables") {
		t.Errorf("dropped, and still in\n%s", s)
	}
}
