package plan

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// adam is a step of the optimizer for one parameter of the given dimensions: the parameter and two
// moments go in and come out.
func adam(b builder, grad *ir.Node, w, m, v *ir.Node) {
	m2 := b.add(b.scale(m, 0.9), b.scale(grad, 0.1))
	v2 := b.add(b.scale(v, 0.999), b.scale(b.mul(grad, grad), 0.001))
	step := b.div(m2, b.add(b.op(backends.OpTypeSqrt, b.op(backends.OpTypeAbs, v2)), b.number(1e-7, w.Shape.Dimensions...)))
	b.Outputs = append(b.Outputs, b.sub(w, b.scale(step, 0.01)), m2, v2)
}

// TestDonation has every output of an optimizer's step in the memory of what it replaces.
func TestDonation(t *testing.T) {
	b := newBuilder()
	w, m, v, x, grad := b.param(30, 20), b.param(30, 20), b.param(30, 20), b.param(8, 30), b.param(30, 20)
	adam(b, grad, w, m, v)
	b.Outputs = append(b.Outputs, x, w) // a parameter handed back, and one that was to be overwritten
	p := compile(t, b.Graph)
	from := make([]int, 5)
	p.Place([]bool{true, true, true, true, false}, from)
	if want := []int{1, 2, -1, 3, 0}; !slices.Equal(from, want) { // w is needed to the end
		t.Errorf("outputs lie in the arguments %v, want %v\n%s", from, want, p)
	}
	p.Place([]bool{false, true, false, false, false}, from)
	if want := []int{1, -1, -1, -1, -1}; !slices.Equal(from, want) {
		t.Errorf("with one donated: outputs lie in the arguments %v, want %v", from, want)
	}
	check(t, b.Graph, 0)

	b = newBuilder()
	w, m, v, grad = b.param(30, 20), b.param(30, 20), b.param(30, 20), b.param(30, 20)
	adam(b, grad, w, m, v)
	p = compile(t, b.Graph)
	from = from[:3]
	p.Place([]bool{true, true, true, false}, from)
	if want := []int{0, 1, 2}; !slices.Equal(from, want) {
		t.Errorf("outputs lie in the arguments %v, want %v\n%s", from, want, p)
	}
	check(t, b.Graph, 0)

	// The gradient lies where an output will be, which then needs no argument's memory.
	b = newBuilder()
	w, m, v, x, y := b.param(30, 20), b.param(30, 20), b.param(30, 20), b.param(8, 30), b.param(8, 20)
	adam(b, b.matmul(x, y, true, false), w, m, v)
	p = compile(t, b.Graph)
	p.Place([]bool{true, true, true, true, true}, from)
	if want := []int{0, -1, 1}; !slices.Equal(from, want) {
		t.Errorf("outputs lie in the arguments %v, want %v\n%s", from, want, p)
	}
	check(t, b.Graph, 0)
}

// TestOutputs has outputs that no step computes, or that are given twice.
func TestOutputs(t *testing.T) {
	b := newBuilder()
	x := b.param(4, 6)
	e := b.op(backends.OpTypeExp, x)
	c := b.number(3)
	b.Outputs = append(b.Outputs, e, e, x, x, c, b.transpose(e, 1, 0), b.transpose(x, 1, 0), b.reshape(e, 24), b.broadcast(c, []int{2, 3}))
	check(t, b.Graph, 0)

	b = newBuilder()
	b.param(3) // not used
	b.Outputs = append(b.Outputs, b.number(1, 2, 2))
	check(t, b.Graph, 1)

	b = newBuilder()
	empty := b.param(0, 3)
	b.Outputs = append(b.Outputs, b.op(backends.OpTypeNeg, empty), b.sum(empty, 0), b.sum(empty, 1), b.matmul(b.param(4, 0), empty, false, false))
	check(t, b.Graph, 0)
}

// TestInPlace has arrays written where others lay that nobody needs any more.
func TestInPlace(t *testing.T) {
	b := newBuilder()
	x := b.param(64, 64)
	y := b.matmul(x, x, false, false)
	for range 6 {
		y = b.matmul(b.softmax(y), x, false, false)
	}
	b.Outputs = append(b.Outputs, y)
	p := compile(t, b.Graph)
	if bytes, _ := p.Arena(); bytes != 2*64*64*4 {
		t.Errorf("the arena has %d bytes, want two arrays of %d\n%s", bytes, 64*64*4, p)
	}
	check(t, b.Graph, 13)

	b = newBuilder() // a row is written into an array again and again
	z := b.op(backends.OpTypeNeg, b.param(16, 8))
	for i := range int32(5) {
		z = b.Add(backends.OpTypeDynamicUpdateSlice, z.Shape, nil, z, b.param(1, 8), b.integer(3*i), b.integer(0))
	}
	b.Outputs = append(b.Outputs, z)
	p = compile(t, b.Graph)
	if bytes, _ := p.Arena(); bytes != 0 {
		t.Errorf("the arena has %d bytes, want none: all happens in the output's memory\n%s", bytes, p)
	}
	check(t, b.Graph, 6)
}

// TestWithin has products computed where a concatenation wants them.
func TestWithin(t *testing.T) {
	b := newBuilder()
	x, w := b.param(8, 32), b.param(32, 32)
	p1, p2 := b.matmul(x, w, false, false), b.matmul(x, w, false, true)
	c := b.Add(backends.OpTypeConcatenate, shape(dtypes.Float32, 8, 64), ir.Concatenate{Axis: 1}, p1, p2)
	pad := b.Add(backends.OpTypePad, shape(dtypes.Float32, 10, 64), ir.Pad{Axes: []backends.PadAxis{{Start: 1, End: 1}, {}}}, c, b.number(2))
	b.Outputs = append(b.Outputs, pad)
	check(t, b.Graph, 3) // two products and the border
}

// TestRecompute has a mask made anew where the gradient needs it.
func TestRecompute(t *testing.T) {
	b := newBuilder()
	x, w := b.param(64, 64), b.param(64, 64)
	h := b.add(b.matmul(x, w, false, false), b.down(b.param(64), []int{64, 64}))
	mask := b.convert(b.op(backends.OpTypeGreaterThan, h, b.number(0, 64, 64)), dtypes.Float32)
	y := b.matmul(b.mul(h, mask), w, false, false)
	g := b.mul(b.mul(b.matmul(y, w, false, true), mask), h)
	b.Outputs = append(b.Outputs, g)
	check(t, b.Graph, 0)
	with, without := compile(t, b.Graph), compile(t, b.Graph, "recompute")
	sum := func(p *Plan) (n int) {
		for _, s := range p.Steps() {
			n += s.Bytes
		}
		return n
	}
	if saved := sum(without) - sum(with); saved < 2*64*64*4-64 { // less a constant more
		t.Errorf("%d bytes moved, want two arrays of %d less than %d\n%s", sum(with), 64*64*4, sum(without), with)
	}
}

// TestManyAtOnce runs one plan from 16 goroutines.
func TestManyAtOnce(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	b := newBuilder()
	x, w, bias := b.param(33, 40), b.param(40, 50), b.param(50)
	h := b.op(backends.OpTypeTanh, b.add(b.matmul(x, w, false, false), b.down(bias, []int{33, 50})))
	b.Outputs = append(b.Outputs, b.softmax(h), b.sum(h, 0))
	p := compile(t, b.Graph)
	var want [16][][]byte
	for i := range want {
		want[i] = execute(t, p, b.Graph, nil, uint64(i), false)
	}
	var wait sync.WaitGroup
	for i := range want {
		wait.Go(func() {
			for range 30 {
				for k, got := range execute(t, p, b.Graph, pool, uint64(i), true) {
					if !slices.Equal(got, want[i][k]) {
						t.Errorf("goroutine %d: output %d differs", i, k)
					}
				}
			}
		})
	}
	wait.Wait()
}

// TestMemoryStays runs a plan 10,000 times: no allocation, no growth.
func TestMemoryStays(t *testing.T) {
	b := newBuilder()
	x := b.param(32, 32)
	b.Outputs = append(b.Outputs, b.matmul(b.softmax(b.matmul(x, x, false, false)), x, false, false))
	p := compile(t, b.Graph)
	r := rand.New(rand.NewPCG(1, 1))
	args := []unsafe.Pointer{filled(b.Params[0].Shape, r)}
	outs := []unsafe.Pointer{tensor.Alloc(4 * 32 * 32)}
	run := func() {
		if err := p.Run(nil, args, outs, nil); err != nil {
			t.Fatal(err)
		}
	}
	run()
	before, _ := Memory()
	var m0, m1 runtime.MemStats
	runtime.ReadMemStats(&m0)
	for range 10000 {
		run()
	}
	runtime.ReadMemStats(&m1)
	after, peak := Memory()
	if after > before || peak < after {
		t.Errorf("arenas hold %d bytes, %d before; peak %d", after, before, peak)
	}
	if n := (m1.TotalAlloc - m0.TotalAlloc) / 10000; n > 8192 { // the arena has 12 KiB; the race detector costs some
		t.Errorf("a run allocates %d bytes", n)
	}
}

// TestFramesForget looks for addresses of arguments and outputs in a frame that waits for the next run.
func TestFramesForget(t *testing.T) {
	b := newBuilder()
	x, i := b.param(8, 8), b.paramOf(dtypes.Int32, 8, 8)
	h := b.op(backends.OpTypeTanh, b.matmul(x, x, false, false))
	h = b.Add(backends.OpTypePad, shape(dtypes.Float32, 10, 8), ir.Pad{Axes: []backends.PadAxis{{Start: 1, End: 1}, {}}}, h, b.number(0))
	b.Outputs = append(b.Outputs, h, i, b.Add(backends.OpTypeArgMinMax, shape(dtypes.Int32, 8), ir.ArgMinMax{Axis: 1}, x))
	p := compile(t, b.Graph)
	gone := make(chan bool, 1)
	func() {
		args := []unsafe.Pointer{tensor.Alloc(256), tensor.Alloc(256)}
		outs := []unsafe.Pointer{tensor.Alloc(320), tensor.Alloc(256), tensor.Alloc(32)}
		runtime.AddCleanup((*[256]byte)(args[0]), func(c chan bool) { c <- true }, gone)
		if err := p.Run(nil, args, outs, nil); err != nil {
			t.Fatal(err)
		}
	}()
	for _, f := range p.frames.idle {
		for _, c := range f.calls {
			for _, q := range append(slices.Clone(c.in), c.out...) {
				if q != nil {
					t.Fatal("a step of an idle frame has an address")
				}
			}
		}
	}
	for range 100 {
		runtime.GC()
		select {
		case <-gone:
			return
		case <-time.After(time.Millisecond):
		}
	}
	t.Error("something holds the argument")
}

// TestMemoryGoesBack has an arena that nobody wants any more.
func TestMemoryGoesBack(t *testing.T) {
	a := takeArena(1 << 20)
	held, _ := Memory()
	giveArena(a)
	for range 100 {
		runtime.GC()
		time.Sleep(time.Millisecond) // for the cleanup's goroutine
		if now, _ := Memory(); now <= held-1<<20 {
			return
		}
	}
	t.Errorf("idle memory is kept after 100 collections")
}

// TestErrors has runs that fail: they say where, and keep nothing.
func TestErrors(t *testing.T) {
	b := newBuilder()
	x := b.param(3)
	bad := b.Add(backends.OpTypeGather, shape(dtypes.Float32, 3), nil, x, x) // without parameters
	b.Outputs = append(b.Outputs, b.op(backends.OpTypeNeg, bad))
	p := compile(t, b.Graph)
	args, outs := []unsafe.Pointer{tensor.Alloc(12)}, []unsafe.Pointer{tensor.Alloc(12)}
	before, _ := Memory()
	for range 3 {
		err := p.Run(nil, args, outs, nil)
		if err == nil || !strings.Contains(err.Error(), `graph "test", step 0`) {
			t.Fatalf("error %v, want one that names the step", err)
		}
	}
	if after, _ := Memory(); after > before+1<<16 {
		t.Errorf("arenas hold %d bytes, %d before the errors", after, before)
	}
	if err := p.Run(nil, args, nil, nil); err == nil || !strings.Contains(err.Error(), "want 1 and 1") {
		t.Errorf("error %v, want the numbers of arguments and outputs", err)
	}
	b.Nodes[1].In = []*ir.Node{b.Nodes[2], x}
	if _, err := Compile(b.Graph, Options{}); err == nil {
		t.Error("a graph whose node comes before its operand compiles")
	}
}

func TestTrace(t *testing.T) {
	b := newBuilder()
	x := b.param(8, 8)
	b.Outputs = append(b.Outputs, b.softmax(b.matmul(x, x, false, false)))
	p := compile(t, b.Graph)
	var steps []int
	args, outs := []unsafe.Pointer{tensor.Alloc(256)}, []unsafe.Pointer{tensor.Alloc(256)}
	if err := p.Run(nil, args, outs, func(i int, start time.Time, took time.Duration) { steps = append(steps, i) }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(steps, []int{0, 1}) {
		t.Errorf("steps %v were traced, want 0 and 1", steps)
	}
	for _, want := range []string{"test: 2 steps\n", "gemm", "ReduceMax Sub Exp ReduceSum Div→(Float32)[8 8]", "1 gemm, 1 loop\n", "for intermediate values at once"} {
		if !strings.Contains(p.String(), want) {
			t.Errorf("the description lacks %q:\n%s", want, p)
		}
	}
}
