package simd_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/shapes"
	"github.com/gomlx/gomlx/pkg/core/tensors"

	"github.com/lemma-ml/lemma/simd"
)

// compile builds a program of parameters of the given shapes.
func compile(t testing.TB, b backends.Backend, f program, in ...shapes.Shape) backends.Executable {
	t.Helper()
	builder := b.Builder("test")
	var ops []backends.Op
	for i, s := range in {
		op, err := builder.Parameter(fmt.Sprint("p", i), s, nil)
		if err != nil {
			t.Fatal(err)
		}
		ops = append(ops, op)
	}
	out, err := f(builder, ops)
	if err != nil {
		t.Fatal(err)
	}
	e, err := builder.Compile(out, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// floats makes a buffer of numbers.
func floats(t testing.TB, b backends.Backend, x ...float32) backends.Buffer {
	t.Helper()
	buf, err := b.BufferFromFlatData(0, x, shapes.Make(dtypes.Float32, len(x)))
	if err != nil {
		t.Fatal(err)
	}
	return buf
}

// content returns a buffer's numbers.
func content(t testing.TB, b backends.Backend, buf backends.Buffer) []float32 {
	t.Helper()
	flat, err := b.BufferData(buf)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(flat.([]float32))
}

var three = shapes.Make(dtypes.Float32, 3)

func double(b backends.Builder, in []backends.Op) ([]backends.Op, error) {
	op, err := b.Add(in[0], in[0])
	return []backends.Op{op}, err
}

func TestOutputsMayRepeatAndBeInputsOrConstants(t *testing.T) {
	for _, config := range []string{"", "passes=off"} {
		b := newBackend(t, config)
		e := compile(t, b, func(b backends.Builder, in []backends.Op) ([]backends.Op, error) {
			c, err := b.Constant([]float32{7, 8, 9}, 3)
			if err != nil {
				return nil, err
			}
			y, err := b.Add(in[0], c)
			return []backends.Op{y, in[0], c, y, in[0], c}, err
		}, three)
		x := floats(t, b, 1, 2, 3)
		for _, donate := range [][]bool{nil, {false}, {true}} {
			out, err := e.Execute([]backends.Buffer{x}, donate, 0)
			if err != nil {
				t.Fatal(err)
			}
			want := [][]float32{{8, 10, 12}, {1, 2, 3}, {7, 8, 9}, {8, 10, 12}, {1, 2, 3}, {7, 8, 9}}
			for i, buf := range out {
				if got := content(t, b, buf); !slices.Equal(got, want[i]) {
					t.Errorf("%q, donated %v: output %d is %v, want %v", config, donate, i, got, want[i])
				}
				// Each is a buffer of its own: what is written to one does not show in another.
				flat, _ := b.BufferData(buf)
				flat.([]float32)[0] = -1
				if err := b.BufferFinalize(buf); err != nil {
					t.Error(err)
				}
			}
		}
		if err := b.BufferFinalize(x); err == nil {
			t.Error("the donated input was not finalized")
		}
		if m := b.Memory(); m.InUse != 0 {
			t.Errorf("in use at the end: %+v", m)
		}
	}
}

func TestDonatedInputsAreFinalizedOnce(t *testing.T) {
	b := newBackend(t, "")
	e := compile(t, b, double, three)
	add := compile(t, b, func(b backends.Builder, in []backends.Op) ([]backends.Op, error) {
		op, err := b.Add(in[0], in[1])
		return []backends.Op{op}, err
	}, three, three)
	finalized := func(what string, buf backends.Buffer) {
		t.Helper()
		if err := b.BufferFinalize(buf); err == nil {
			t.Errorf("%s: not finalized by the execution", what)
		}
	}

	x := floats(t, b, 1, 2, 3)
	flat, _ := b.BufferData(x)
	out, err := e.Execute([]backends.Buffer{x}, []bool{true}, 0)
	if err != nil {
		t.Fatal(err)
	}
	finalized("donated", x)
	data, _ := b.BufferData(out[0])
	if &flat.([]float32)[0] != &data.([]float32)[0] {
		t.Error("the output does not take the donated memory")
	}
	if got := content(t, b, out[0]); !slices.Equal(got, []float32{2, 4, 6}) {
		t.Error(got)
	}

	// Donated in one place and read in another: not overwritten while it is read.
	x = floats(t, b, 1, 2, 3)
	out2, err := add.Execute([]backends.Buffer{x, x}, []bool{true, false}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, b, out2[0]); !slices.Equal(got, []float32{2, 4, 6}) {
		t.Error(got)
	}
	finalized("donated and read", x)

	// Mistakes: what was donated is finalized all the same, what was not stays.
	x, y := floats(t, b, 1, 2, 3), floats(t, b, 1, 2)
	_, err = add.Execute([]backends.Buffer{x, y}, []bool{true, false}, 0)
	wantError(t, "shape", err, "input 1", "[2]", "[3]")
	finalized("error after it", x)
	_, err = add.Execute([]backends.Buffer{y, y}, []bool{true, true}, 0)
	wantError(t, "shape, donated twice", err, "input 0")
	finalized("error at it", y)
	x = floats(t, b, 1, 2, 3)
	_, err = add.Execute([]backends.Buffer{x, x}, []bool{true, true}, 0)
	wantError(t, "donated twice", err, "donated twice")
	finalized("donated twice", x)
	x = floats(t, b, 1, 2, 3)
	_, err = add.Execute([]backends.Buffer{x}, []bool{true}, 0)
	wantError(t, "too few", err, "1 inputs, want 2")
	finalized("too few", x)
	_, err = add.Execute([]backends.Buffer{x, x}, nil, 0)
	wantError(t, "finalized", err, "p0", "finalized")
	x = floats(t, b, 1, 2, 3)
	_, err = add.Execute([]backends.Buffer{x, nil}, []bool{true, false}, 0)
	wantError(t, "nil", err, "input 1", "<nil>")
	finalized("nil beside it", x)
	x = floats(t, b, 1, 2, 3)
	_, err = add.Execute([]backends.Buffer{x, x}, []bool{false}, 0)
	wantError(t, "too few marks", err, "marks")
	_, err = add.Execute([]backends.Buffer{x, x}, nil, 1)
	wantError(t, "device", err, "device 1")
	_, err = add.Execute([]backends.Buffer{x, floats(t, newBackend(t, ""), 1, 2, 3)}, nil, 0)
	wantError(t, "another backend's", err, "input 1", "another backend")
	if err := b.BufferFinalize(x); err != nil {
		t.Error("an input that was not donated is finalized: ", err)
	}
	for _, buf := range append(out, out2...) {
		if err := b.BufferFinalize(buf); err != nil {
			t.Error(err)
		}
	}
	if m := b.Memory(); m.InUse != 0 {
		t.Errorf("in use at the end: %+v", m)
	}
}

// A training step gives its variables away and gets them back, thousands of times.
func TestManyStepsTakeNoMoreMemory(t *testing.T) {
	b := newBackend(t, "")
	shape := shapes.Make(dtypes.Float32, 32, 32)
	e := compile(t, b, func(b backends.Builder, in []backends.Op) ([]backends.Op, error) {
		y, err := b.Dot(in[0], in[1])
		if err != nil {
			return nil, err
		}
		if y, err = b.Tanh(y); err != nil {
			return nil, err
		}
		s, err := b.ReduceSum(y)
		return []backends.Op{y, s}, err
	}, shape, shape)
	w, _, err := b.NewSharedBuffer(0, shape)
	if err != nil {
		t.Fatal(err)
	}
	x, _, err := b.NewSharedBuffer(0, shape)
	if err != nil {
		t.Fatal(err)
	}
	var after100 simd.Memory
	steps := 10000
	if testing.Short() {
		steps = 1000
	}
	for k := range steps {
		out, err := e.Execute([]backends.Buffer{x, w}, []bool{true, false}, 0)
		if err != nil {
			t.Fatal(err)
		}
		x = out[0]
		if err := b.BufferFinalize(out[1]); err != nil {
			t.Fatal(err)
		}
		if k == 99 {
			after100 = b.Memory()
		}
	}
	if m := b.Memory(); m.InUse != after100.InUse || m.Peak != after100.Peak {
		t.Errorf("after 100 steps %+v, after %d %+v", after100, steps, m)
	}
}

func TestManyGoroutinesExecute(t *testing.T) {
	b := newBackend(t, "parallelism=3")
	n := 300
	shape := shapes.Make(dtypes.Float32, n, 7)
	e := compile(t, b, func(b backends.Builder, in []backends.Op) ([]backends.Op, error) {
		y, err := b.Exp(in[0])
		if err != nil {
			return nil, err
		}
		s, err := b.ReduceSum(y, 0)
		if err != nil {
			return nil, err
		}
		z, err := b.DotGeneral(y, []int{0}, nil, in[0], []int{0}, nil)
		return []backends.Op{y, s, z}, err
	}, shape)
	x := newSampler(1, false).array(dtypes.Float32, n, 7)
	shared, err := b.BufferFromFlatData(0, x.flat(), shape)
	if err != nil {
		t.Fatal(err)
	}
	run := func(buf backends.Buffer, donate bool) (all []float32, err error) {
		out, err := e.Execute([]backends.Buffer{buf}, []bool{donate}, 0)
		if err != nil {
			return nil, err
		}
		for _, o := range out {
			flat, err := b.BufferData(o)
			if err != nil {
				return nil, err
			}
			all = append(all, flat.([]float32)...)
			if err := b.BufferFinalize(o); err != nil {
				return nil, err
			}
		}
		return all, nil
	}
	want, err := run(shared, false)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Go(func() {
			for range 30 {
				buf, donate := backends.Buffer(shared), g%2 == 0
				if donate {
					own, err := b.BufferFromFlatData(0, x.flat(), shape)
					if err != nil {
						t.Error(err)
						return
					}
					buf = own
				}
				got, err := run(buf, donate)
				if err != nil || !slices.Equal(got, want) {
					t.Errorf("goroutine %d: other results, %v", g, err)
					return
				}
			}
		})
	}
	wg.Wait()
	e.Finalize()
	e.Finalize()
	_, err = e.Execute([]backends.Buffer{shared}, nil, 0)
	wantError(t, "finalized executable", err, "finalized")
}

// Finalizing what an execution reads waits for it.
func TestFinalizeWhileExecuting(t *testing.T) {
	b := newBackend(t, "")
	shape := shapes.Make(dtypes.Float32, 1<<16)
	e := compile(t, b, func(b backends.Builder, in []backends.Op) (out []backends.Op, err error) {
		y := in[0]
		for range 20 {
			if y, err = b.Tanh(y); err != nil {
				return nil, err
			}
		}
		return []backends.Op{y}, nil
	}, shape)
	for range 20 {
		buf, _, err := b.NewSharedBuffer(0, shape)
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() {
			out, err := e.Execute([]backends.Buffer{buf}, nil, 0)
			if err == nil {
				err = b.BufferFinalize(out[0])
			} else {
				err = nil // finalized before it began
			}
			done <- err
		}()
		if err := b.BufferFinalize(buf); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if m := b.Memory(); m.InUse != 0 {
		t.Errorf("in use at the end: %+v", m)
	}
}

func TestInputsAndOutputs(t *testing.T) {
	b := newBackend(t, "")
	e := compile(t, b, double, three)
	names, in := e.Inputs()
	if len(names) != 1 || names[0] != "p0" || len(in) != 1 || !in[0].Equal(three) {
		t.Errorf("inputs %v %v", names, in)
	}
	if out := e.Outputs(); len(out) != 1 || !out[0].Equal(three) {
		t.Errorf("outputs %v", out)
	}
}

func TestUnusedInputsAreAskedForAllTheSame(t *testing.T) {
	b := newBackend(t, "")
	e := compile(t, b, func(b backends.Builder, in []backends.Op) ([]backends.Op, error) {
		return []backends.Op{in[1]}, nil
	}, three, three)
	x, y := floats(t, b, 1, 2, 3), floats(t, b, 4, 5, 6)
	out, err := e.Execute([]backends.Buffer{x, y}, []bool{true, true}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, b, out[0]); !slices.Equal(got, []float32{4, 5, 6}) {
		t.Error(got)
	}
	nothing := compile(t, b, func(backends.Builder, []backends.Op) ([]backends.Op, error) { return nil, nil })
	if out, err := nothing.Execute(nil, nil, 0); err != nil || len(out) != 0 {
		t.Error(out, err)
	}
}

func BenchmarkTrivialExecute(b *testing.B) {
	backend, err := simd.New("")
	if err != nil {
		b.Fatal(err)
	}
	e := compile(b, backend, double, three)
	x := floats(b, backend, 1, 2, 3)
	in := []backends.Buffer{x}
	b.ReportAllocs()
	for b.Loop() {
		out, err := e.Execute(in, nil, 0)
		if err != nil {
			b.Fatal(err)
		}
		if err := backend.BufferFinalize(out[0]); err != nil {
			b.Fatal(err)
		}
	}
}

// GoMLX's own share comes on top: it makes tensors, and looks for the graph of the arguments' shapes.
func BenchmarkTrivialExec(b *testing.B) {
	backend, err := simd.New("")
	if err != nil {
		b.Fatal(err)
	}
	exec := graph.MustNewExec(backend, func(x *graph.Node) *graph.Node { return graph.Add(x, x) })
	x := tensors.FromValue([]float32{1, 2, 3})
	b.ReportAllocs()
	for b.Loop() {
		exec.MustExec(x)[0].MustFinalizeAll()
	}
}

func TestExecutionMistakesAreErrors(t *testing.T) {
	b := newBackend(t, "")
	e := compile(t, b, func(b backends.Builder, in []backends.Op) ([]backends.Op, error) {
		op, err := b.Add(in[0], in[1])
		return []backends.Op{op}, err
	}, three, three)
	zeros := func(shape shapes.Shape) backends.Buffer {
		buf, _, err := b.NewSharedBuffer(0, shape)
		if err != nil {
			t.Fatal(err)
		}
		return buf
	}
	x, gone := zeros(three), zeros(three)
	if err := b.BufferFinalize(gone); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reason string
		in     []backends.Buffer
		donate []bool
		device backends.DeviceNum
		words  []string
	}{
		{"no inputs", nil, nil, 0, []string{"0 inputs, want 2"}},
		{"an input too many", []backends.Buffer{x, x, x}, nil, 0, []string{"3 inputs, want 2"}},
		{"another type", []backends.Buffer{x, zeros(shapes.Make(dtypes.Float64, 3))}, nil, 0, []string{"input 1 (p1)", "(Float64)[3]", "want (Float32)[3]"}},
		{"another rank", []backends.Buffer{zeros(shapes.Make(dtypes.Float32, 1, 3)), x}, nil, 0, []string{"input 0 (p0)", "(Float32)[1 3]", "want (Float32)[3]"}},
		{"another length", []backends.Buffer{x, zeros(shapes.Make(dtypes.Float32, 4))}, nil, 0, []string{"input 1 (p1)", "(Float32)[4]", "want (Float32)[3]"}},
		{"a scalar", []backends.Buffer{zeros(shapes.Make(dtypes.Float32)), x}, nil, 0, []string{"input 0 (p0)", "want (Float32)[3]"}},
		{"a finalized input", []backends.Buffer{x, gone}, nil, 0, []string{"input 1 (p1)", "(Float32)[3]", "finalized"}},
		{"a nil input", []backends.Buffer{nil, x}, nil, 0, []string{"input 0 (p0)", "<nil>", "want a buffer"}},
		{"a slice for a buffer", []backends.Buffer{x, []float32{1, 2, 3}}, nil, 0, []string{"input 1 (p1)", "[]float32", "want a buffer"}},
		{"a mark too few", []backends.Buffer{x, x}, []bool{false}, 0, []string{"1 marks", "want none or 2"}},
		{"marks without inputs", nil, []bool{true, true}, 0, []string{"0 inputs, want 2"}},
		{"no such device", []backends.Buffer{x, x}, nil, -1, []string{"device -1, want 0"}},
	} {
		_, err := e.Execute(c.in, c.donate, c.device)
		wantError(t, c.reason, err, append(c.words, `Execute "test"`)...)
	}
	e.Finalize()
	_, err := e.Execute([]backends.Buffer{x, x}, nil, 0)
	wantError(t, "finalized", err, `Execute "test"`, "the executable is finalized")
	if names, in := e.Inputs(); len(names) != 2 || len(in) != 2 || len(e.Outputs()) != 1 {
		t.Error("a finalized executable has no inputs and outputs")
	}
	if err := b.BufferFinalize(x); err != nil {
		t.Error("after all these errors: ", err)
	}
}

// TestManyExecutablesShareArenas: many programs, whose intermediate values have many sizes, on many
// goroutines hold no more than what runs at once and a few arenas kept for the next.
func TestManyExecutablesShareArenas(t *testing.T) {
	const programs, goroutines, kept = 40, 16, 16
	b := newBackend(t, "parallelism=2,passes=off") // every value in memory of its own
	var list []backends.Executable
	var inputs []backends.Buffer
	for i := range programs {
		shape := shapes.Make(dtypes.Float32, 100*(i+1))
		list = append(list, compile(t, b, func(b backends.Builder, in []backends.Op) ([]backends.Op, error) {
			y, err := b.Exp(in[0])
			if err != nil {
				return nil, err
			}
			if y, err = b.Add(y, in[0]); err != nil {
				return nil, err
			}
			return double(b, []backends.Op{y})
		}, shape))
		x, _, err := b.NewSharedBuffer(0, shape)
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, x)
	}
	const largest = 2*4*100*programs + 1024 // bytes of two values, and what rounding adds
	before := b.Memory().Arenas
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for k := range 4 * programs {
				i := (7*g + 11*k) % programs
				out, err := list[i].Execute(inputs[i:i+1], nil, 0)
				if err != nil {
					t.Error(err)
					return
				}
				for _, buf := range out {
					if err := b.BufferFinalize(buf); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	if m := b.Memory(); m.Arenas <= 0 || m.Arenas > before+kept*largest {
		t.Errorf("%d bytes in arenas, want at most the %d before and %d", m.Arenas, before, kept*largest)
	}
}
