package simd_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd"
)

// backend returns the backend with a configuration, one for all tests.
var backend = func() func(config string) backends.Backend {
	var mu sync.Mutex
	made := make(map[string]backends.Backend)
	return func(config string) backends.Backend {
		mu.Lock()
		defer mu.Unlock()
		b := made[config]
		if b == nil {
			var err error
			if b, err = simd.New(config); err != nil {
				panic(err)
			}
			made[config] = b
		}
		return b
	}
}()

// program adds operations to a builder.
type program func(b backends.Builder, in []backends.Op) ([]backends.Op, error)

// one makes a program of an operation with one result.
func one(f func(b backends.Builder, in []backends.Op) (backends.Op, error)) program {
	return func(b backends.Builder, in []backends.Op) ([]backends.Op, error) {
		op, err := f(b, in)
		return []backends.Op{op}, err
	}
}

// execute builds a program, with its inputs as parameters or constants, and runs it.
func execute(b backends.Backend, f program, constants bool, in ...array) (out []array, err error) {
	builder := b.Builder("test")
	var ops []backends.Op
	var buffers []backends.Buffer
	for i, a := range in {
		var op backends.Op
		if constants {
			op, err = builder.Constant(a.flat(), a.dims...)
		} else {
			op, err = builder.Parameter(fmt.Sprint("p", i), a.shape(), nil)
		}
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
		if !constants {
			buf, err := b.BufferFromFlatData(0, a.flat(), a.shape())
			if err != nil {
				return nil, err
			}
			buffers = append(buffers, buf)
		}
	}
	results, err := f(builder, ops)
	if err != nil {
		return nil, err
	}
	e, err := builder.Compile(results, nil)
	if err != nil {
		return nil, err
	}
	defer e.Finalize()
	outputs, err := e.Execute(buffers, nil, 0)
	if err != nil {
		return nil, err
	}
	for i, buf := range outputs {
		shape, err := b.BufferShape(buf)
		if err != nil {
			return nil, err
		}
		if !shape.Equal(e.Outputs()[i]) {
			return nil, fmt.Errorf("output %d has shape %s, was announced as %s", i, shape, e.Outputs()[i])
		}
		flat, err := b.BufferData(buf)
		if err != nil {
			return nil, err
		}
		out = append(out, read(shape, flat))
		if err := b.BufferFinalize(buf); err != nil {
			return nil, err
		}
	}
	for _, buf := range buffers {
		if err := b.BufferFinalize(buf); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// check runs a program in several ways and compares with what is wanted: compiled, with all passes
// off, and with constants for inputs. The compiled one must give the same bits for every parallelism.
func check(t *testing.T, f program, tol tolerance, want []array, in ...array) {
	t.Helper()
	var first []array
	for _, way := range []struct {
		config    string
		constants bool
	}{{"parallelism=1", false}, {"parallelism=3", false}, {"passes=off", false}, {"", true}} {
		got, err := execute(backend(way.config), f, way.constants, in...)
		if err != nil {
			t.Errorf("%v of %v: %v", way, in, err)
			return
		}
		if len(got) != len(want) {
			t.Errorf("%v of %v: %d results, want %d", way, in, len(got), len(want))
			return
		}
		for i := range got {
			if d := differ(got[i], want[i], tol); d != "" {
				t.Errorf("%v of %v, result %d: %s%s", way, in, i, d, operandsAt(in, d))
				return
			}
			if way.config == "parallelism=3" {
				if d := differ(got[i], first[i], tolerance{}); d != "" {
					t.Errorf("parallelism=3 and 1 of %v differ in result %d: %s", in, i, d)
				}
			}
		}
		if first == nil {
			first = got
		}
	}
}

// operandsAt lists the operands' elements at the place that differ names, where they have it.
func operandsAt(in []array, difference string) string {
	var k int
	if _, err := fmt.Sscanf(difference, "element %d", &k); err != nil {
		return ""
	}
	var s strings.Builder
	for _, a := range in {
		if k < len(a.v) {
			v := a.v[k]
			fmt.Fprintf(&s, "; operand %v %.9g %.9g %t", v.i, v.f, v.c, v.b)
		}
	}
	return s.String()
}

// A tally counts what like was asked to compare in one test, and what it could.
type tally struct{ asked, made int }

var comparisons = map[string]*tally{}

// like compares with the backend "go" where that has the operation for the type; any other failure of
// it is an error.
func like(t *testing.T, f program, tol tolerance, in ...array) {
	t.Helper()
	c := comparisons[t.Name()]
	if c == nil {
		c = &tally{}
		comparisons[t.Name()] = c
	}
	if slices.ContainsFunc(in, func(a array) bool { return sizeOf(a.dims) == 0 }) {
		return // go has trouble with arrays without elements
	}
	c.asked++
	want, err := onGo(f, in...)
	if err != nil {
		for _, lack := range []string{
			"not implemented", "not supported", "unsupported",
			"SliceOp: start index",            // the slice of nothing, at the end
			"Dot operands have invalid ranks", // a vector times a matrix
		} {
			if strings.Contains(err.Error(), lack) {
				return
			}
		}
		t.Errorf("of %v: the backend go: %v", in, err)
		return
	}
	c.made++
	got, err := execute(backend(""), f, false, in...)
	if err != nil {
		t.Errorf("of %v: %v, but the backend go can", in, err)
		return
	}
	for i := range got {
		if d := differ(got[i], want[i], tol); d != "" {
			t.Errorf("of %v, result %d, compared with the backend go: %s%s", in, i, d, operandsAt(in, d))
		}
	}
}

// onGo runs a program on the backend "go", whose panics are errors.
func onGo(f program, in ...array) (out []array, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return execute(referenceBackend(), f, false, in...)
}

// referenceBackend is the backend "go" with the simpler of its ways to multiply: the other reads
// beyond its buffers for float64.
var referenceBackend = sync.OnceValue(func() backends.Backend {
	b, err := simplego.New("dotgeneral_small,ops_sequential")
	if err != nil {
		panic(err)
	}
	return b
})

// fails checks that building is an error that mentions all words.
func fails(t *testing.T, what string, f program, words []string, in ...array) {
	t.Helper()
	_, err := execute(backend(""), f, false, in...)
	if err == nil {
		t.Errorf("%s: no error", what)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s: error %q does not mention %q", what, err, w)
		}
	}
}

var (
	boolType     = []dtypes.DType{dtypes.Bool}
	signedTypes  = []dtypes.DType{dtypes.Int8, dtypes.Int16, dtypes.Int32, dtypes.Int64}
	uintTypes    = []dtypes.DType{dtypes.Uint8, dtypes.Uint16, dtypes.Uint32, dtypes.Uint64}
	floatTypes   = []dtypes.DType{dtypes.Float32, dtypes.Float64, dtypes.Float16, dtypes.BFloat16}
	complexTypes = []dtypes.DType{dtypes.Complex64, dtypes.Complex128}
	intTypes     = slices.Concat(signedTypes, uintTypes)
	realTypes    = slices.Concat(intTypes, floatTypes)
	numberTypes  = slices.Concat(realTypes, complexTypes)
	allTypes     = slices.Concat(numberTypes, boolType)
)

// Shapes of ranks 0 to 6, with and without elements, around the widths of vectors and blocks.
var manyDims = [][]int{
	{}, {0}, {1}, {7}, {8}, {9}, {15}, {16}, {17}, {63}, {1023}, {1024}, {1025}, {3000},
	{3, 5}, {1, 1}, {33, 31}, {2, 0, 3}, {2, 3, 4}, {5, 1, 7}, {1, 2, 1, 3}, {2, 1, 3, 2, 1}, {2, 1, 2, 1, 2, 3},
}

// A few of them.
var fewDims = [][]int{{}, {17}, {2, 0, 3}, {3, 5, 2}, {1030}}
