package simd

import (
	"math"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"
)

// mentions fails unless err is an error with all words.
func mentions(t *testing.T, reason string, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", reason)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s: error %q does not mention %q", reason, err, w)
		}
	}
}

// newLimited returns a builder on a backend that ends with the test.
func newLimited(t *testing.T, config string) *Builder {
	t.Helper()
	b, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Finalize)
	return b.Builder("limited").(*Builder)
}

func parameter(t *testing.T, b *Builder, dims ...int) backends.Op {
	t.Helper()
	x, err := b.Parameter("x", shapes.Make(dtypes.Float32, dims...), nil)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestArraysTooLargeToName: what is larger than any memory is an error where it is recorded, also where
// the number of its bytes overflows.
func TestArraysTooLargeToName(t *testing.T) {
	const big = 1 << 31
	b := newLimited(t, "")
	scalar, vector := parameter(t, b), parameter(t, b, 3)
	column, row := parameter(t, b, big, 1), parameter(t, b, 1, big)
	bytes := parameter(t, b, 1<<37)
	for _, c := range []struct {
		reason string
		f      func() (backends.Op, error)
		words  []string
	}{
		{"2^45 bytes", func() (backends.Op, error) {
			return b.BroadcastInDim(scalar, shapes.Make(dtypes.Float32, 1<<43), nil)
		}, []string{"BroadcastInDim", "[8796093022208]", "3.518e+13 bytes", "at most 1099511627776"}},
		{"2^64 bytes, which is 0", func() (backends.Op, error) { return b.Add(column, row) }, []string{"Add", "bytes"}},
		{"the same for booleans", func() (backends.Op, error) { return b.LessThan(column, row) }, []string{"LessThan", "bytes"}},
		{"and for the greater", func() (backends.Op, error) { return b.Max(column, row) }, []string{"Max", "bytes"}},
		{"a larger type", func() (backends.Op, error) { return b.ConvertDType(bytes, dtypes.Complex128) }, []string{"ConvertDType", "bytes"}},
		{"a product", func() (backends.Op, error) { return b.Dot(column, row) }, []string{"Dot", "bytes"}},
		{"a distance that overflows", func() (backends.Op, error) {
			return b.Pad(vector, scalar, backends.PadAxis{Interior: 1 << 62})
		}, []string{"Pad", "3 elements at a distance"}},
		{"the largest distance", func() (backends.Op, error) {
			return b.Pad(vector, scalar, backends.PadAxis{Interior: math.MaxInt})
		}, []string{"Pad", "3 elements at a distance"}},
		{"a padding that overflows", func() (backends.Op, error) {
			return b.Pad(vector, scalar, backends.PadAxis{Start: math.MaxInt, End: math.MaxInt})
		}, []string{"Pad", "padding", "want at most"}},
		{"a dilation that overflows", func() (backends.Op, error) {
			return b.ReduceWindow(vector, backends.ReduceOpSum, []int{2}, nil, []int{1 << 62}, nil, nil)
		}, []string{"ReduceWindow", "3 elements at a distance"}},
		{"a window's padding that overflows", func() (backends.Op, error) {
			return b.ReduceWindow(vector, backends.ReduceOpSum, []int{2}, nil, nil, nil, [][2]int{{math.MaxInt, math.MaxInt}})
		}, []string{"ReduceWindow", "padding", "want at most"}},
	} {
		_, err := c.f()
		mentions(t, c.reason, err, c.words...)
	}
}

// TestStridesBeyondTheEnd: a stride may be any number; then the first element is all there is.
func TestStridesBeyondTheEnd(t *testing.T) {
	b := newLimited(t, "")
	x := parameter(t, b, 7)
	y, err := b.Slice(x, []int{1}, []int{6}, []int{math.MaxInt})
	if err != nil {
		t.Fatal(err)
	}
	if shape, err := b.OpShape(y); err != nil || shape.Size() != 1 {
		t.Errorf("shape %s, %v, want one element", shape, err)
	}
}

// TestComputationsTooLargeToRun: what can never have the memory it needs is an error of Compile. What is
// large and never stored is none.
func TestComputationsTooLargeToRun(t *testing.T) {
	const most = mostBytes / 4 // elements of the largest array
	wide := func(b *Builder, x backends.Op) backends.Op {
		y, err := b.BroadcastInDim(x, shapes.Make(dtypes.Float32, most), nil)
		if err != nil {
			t.Fatal(err)
		}
		return y
	}
	t.Run("outputs", func(t *testing.T) {
		b := newLimited(t, "")
		x := parameter(t, b)
		y := wide(b, x)
		// Together larger than any machine's memory.
		_, err := b.Compile([]backends.Op{x, y, y, y, y, y, y, y, y}, nil)
		mentions(t, "eight outputs", err, `Compile "limited"`, "8.796e+12 bytes", "want at most", "output 1", "BroadcastInDim", y.(interface{ String() string }).String())
	})
	t.Run("never stored", func(t *testing.T) {
		b := newLimited(t, "")
		y, err := b.ReduceSum(wide(b, parameter(t, b)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Compile([]backends.Op{y}, nil); err != nil {
			t.Errorf("a broadcast that is summed: %v", err)
		}
	})
	t.Run("counting", func(t *testing.T) {
		if room() == mostBytes {
			t.Skip("this machine may have the memory")
		}
		b := newLimited(t, "")
		y, err := b.Iota(shapes.Make(dtypes.Float32, most), 0)
		if err != nil {
			t.Fatal(err)
		}
		if y, err = b.ReduceSum(y); err != nil {
			t.Fatal(err)
		}
		_, err = b.Compile([]backends.Op{y}, nil)
		mentions(t, "a long count", err, "Iota", "1099511627776 bytes", "want at most")
	})
	t.Run("buffers", func(t *testing.T) {
		if room() == mostBytes {
			t.Skip("this machine may have the memory")
		}
		_, _, err := newLimited(t, "").backend.NewSharedBuffer(0, shapes.Make(dtypes.Float32, most))
		mentions(t, "a buffer", err, "NewSharedBuffer", "1099511627776 bytes", "memory of this machine")
	})
}

// TestRoomForIntermediateValues compiles a program whose values are stored, and asks for less memory.
func TestRoomForIntermediateValues(t *testing.T) {
	b := newLimited(t, "passes=off")
	x := parameter(t, b, 100)
	y, err := b.Exp(x)
	if err != nil {
		t.Fatal(err)
	}
	if y, err = b.ReduceSum(y); err != nil {
		t.Fatal(err)
	}
	nodes := b.nodes(backends.OpTypeReduceSum, []backends.Op{y})
	e, err := b.Compile([]backends.Op{y}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := e.(*Executable).program.plan
	arena, _ := p.Arena()
	if err := programError(p, nodes, arena+4); err != nil {
		t.Errorf("just enough: %v", err)
	}
	mentions(t, "one byte too few", programError(p, nodes, arena+3), "for intermediate values", "want at most", "step 0", "Exp", "[100]")
}

func TestMemoryOfTheMachine(t *testing.T) {
	for _, c := range []struct {
		reason, text string
		want         int
	}{
		{"memory and swap", "MemTotal:  1000 kB\nMemFree:  10 kB\nSwapTotal:  24 kB\n", 1 << 20},
		{"no swap", "MemTotal:       1024 kB\nSwapTotal:             0 kB\n", 1 << 20},
		{"nothing known", "", mostBytes},
		{"another form", "MemTotal: much\n", mostBytes},
		{"a number that overflows", "MemTotal: 99999999999999999999 kB\n", mostBytes},
	} {
		if got := memoryOf([]byte(c.text)); got != c.want {
			t.Errorf("%s: %d bytes, want %d", c.reason, got, c.want)
		}
	}
	if r := room(); r < 1<<26 || r > mostBytes {
		t.Errorf("this machine has %d bytes, want 2^26 to 2^40", r)
	}
}
