package simd_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"
)

// A mixture is a random program of all types and of nearly all operations that give one exact answer,
// on arrays with and without elements, with NaN, infinities, zeros of both signs, denormal numbers and
// the limits of integers. Compiled, it must give the same bits as with all passes off, where every
// operation is evaluated by itself; those evaluations are compared with their definitions elsewhere
// (ops_test.go). What may differ by its documentation is left out, each where it would be drawn, with
// the cause; structure_test.go has the sums and products.
type mixture struct {
	*sampler
	b      backends.Builder
	values []backends.Op
	shapes []shapes.Shape
	trace  []string
}

// mixtureLimit bounds the elements of a value.
const mixtureLimit = 6000

// push adds a value if the builder allowed it, and reports whether it did: not every operation is for
// every type.
func (m *mixture) push(op backends.Op, err error, format string, args ...any) bool {
	if err != nil {
		return false
	}
	s, err := m.b.OpShape(op)
	if err != nil {
		panic(err)
	}
	if s.Size() > mixtureLimit {
		return false
	}
	m.values, m.shapes = append(m.values, op), append(m.shapes, s)
	m.trace = append(m.trace, fmt.Sprintf("%d: %s %s", len(m.values)-1, fmt.Sprintf(format, args...), s))
	return true
}

// pick returns the number of a value, of later ones more often.
func (m *mixture) pick() int {
	n := len(m.values)
	return n - 1 - min(m.IntN(n), m.IntN(n))
}

// find picks a value that fits, -1 if chance finds none.
func (m *mixture) find(fits func(shapes.Shape) bool) int {
	for range 16 {
		if i := m.pick(); fits(m.shapes[i]) {
			return i
		}
	}
	return -1
}

// mate picks a value of the shape of value i: one that there is, sometimes i itself, or a constant.
func (m *mixture) mate(i int) int {
	if m.IntN(6) == 0 {
		return i
	}
	if j := m.find(m.shapes[i].Equal); j >= 0 {
		return j
	}
	return m.splat(m.shapes[i])
}

// splat adds an array of equal elements, which the rewriter knows: neutral and absorbing ones are
// frequent.
func (m *mixture) splat(s shapes.Shape) int {
	one := build(s.DType, nil, func([]int) val {
		f := []float64{0, math.Copysign(0, -1), 1, -1, 2, 0.5, math.Inf(1), math.Inf(-1), math.NaN(), -2, 3, 4}
		return val{
			i: wrap(s.DType, big.NewInt(int64(m.IntN(7)-2))),
			f: f[m.IntN(len(f))],
			c: complex(f[m.IntN(len(f))], f[m.IntN(len(f))]),
			b: m.IntN(2) == 0,
		}
	})
	if !s.DType.IsInt() {
		one.v[0].i = nil
	}
	c, err := m.b.Constant(one.flat())
	if err == nil {
		c, err = m.b.BroadcastInDim(c, s, nil)
	}
	if !m.push(c, err, "all %v", one.flat()) {
		panic(fmt.Errorf("constant of %s: %w", s, err))
	}
	return len(m.values) - 1
}

// A sample is an argument of a program.
type sample struct {
	flat  any
	shape shapes.Shape
}

// parameters adds two to four parameters, and returns arguments for them.
func (m *mixture) parameters() (in []sample) {
	sizes := []int{1, 2, 3, 5, 7, 8, 9, 16, 17, 33, 65, 0}
	var dims []int
	for p := range 2 + m.IntN(3) {
		if p == 0 || m.IntN(2) == 0 {
			dims = make([]int, m.IntN(4))
			if p == 0 {
				dims = make([]int, 1+m.IntN(3))
			}
			for i := range dims {
				dims[i] = sizes[m.IntN(len(sizes)-m.IntN(2))]
			}
			if sizeOf(dims) > mixtureLimit/2 {
				dims = dims[:1]
			}
		}
		a := m.array(allTypes[m.IntN(len(allTypes))], dims...)
		if a.t.IsComplex() {
			for i := range a.v {
				a.v[i].c = complex(m.element(dtypes.Float32).f, m.element(dtypes.Float32).f)
			}
		}
		x, err := m.b.Parameter(fmt.Sprint("p", p), a.shape(), nil)
		if !m.push(x, err, "parameter") {
			panic(fmt.Errorf("parameter %s: %w", a.shape(), err))
		}
		in = append(in, sample{a.flat(), a.shape()})
	}
	return in
}

// A mixed is a compiled mixture with its arguments and the numbers of the values that it returns.
type mixed struct {
	backends.Executable
	in    []sample
	outs  []int
	trace []string
}

// mix compiles the program of a seed; a value may be returned twice.
func mix(backend backends.Backend, seed uint64) (*mixed, error) {
	s := &sampler{rand.New(rand.NewPCG(seed, 77)), true}
	m := &mixture{sampler: s, b: backend.Builder("mixture")}
	p := &mixed{in: m.parameters()}
	for range 4 + m.IntN(40) {
		m.step()
	}
	var ops []backends.Op
	for range 1 + m.IntN(4) {
		i := m.pick()
		p.outs, ops = append(p.outs, i), append(ops, m.values[i])
	}
	p.trace = m.trace
	var err error
	p.Executable, err = m.b.Compile(ops, nil)
	return p, err
}

// run executes a program once and returns its results. Inputs that are not donated must stay as they
// are, and no two results may share memory.
func (p *mixed) run(b backends.Backend, donated []bool) (out []any, err error) {
	var in []backends.Buffer
	for _, a := range p.in {
		buf, err := b.BufferFromFlatData(0, a.flat, a.shape)
		if err != nil {
			return nil, err
		}
		in = append(in, buf)
	}
	results, err := p.Execute(in, slices.Clone(donated), 0)
	if err != nil {
		return nil, err
	}
	memory := map[unsafe.Pointer]int{}
	for i, buf := range results {
		if s, err := b.BufferShape(buf); err != nil || !s.Equal(p.Outputs()[i]) {
			return nil, fmt.Errorf("result %d has shape %s, was announced as %s: %v", i, s, p.Outputs()[i], err)
		}
		flat, err := b.BufferData(buf)
		if err != nil {
			return nil, err
		}
		v := reflect.ValueOf(flat)
		out = append(out, reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v).Interface())
		if j, ok := memory[v.UnsafePointer()]; ok && v.Len() > 0 {
			return nil, fmt.Errorf("results %d and %d share memory", j, i)
		}
		memory[v.UnsafePointer()] = i
	}
	for i, buf := range in {
		if donated != nil && donated[i] {
			continue
		}
		flat, err := b.BufferData(buf)
		if err != nil {
			return nil, err
		}
		if k := unlike(p.in[i].shape.DType, flat, p.in[i].flat); k >= 0 {
			return nil, fmt.Errorf("input %d was not donated, yet its element %d changed", i, k)
		}
		if err := b.BufferFinalize(buf); err != nil {
			return nil, err
		}
	}
	for _, buf := range results {
		if err := b.BufferFinalize(buf); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// unlike returns the first element of which two arrays have not the same bits, -1 if there is none:
// one NaN is as good as another, and the bytes of booleans must be 0 or 1.
func unlike(t dtypes.DType, got, want any) int {
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	if g.Len() != w.Len() {
		return 0
	}
	a, b := read(shapes.Make(t, g.Len()), got), read(shapes.Make(t, g.Len()), want)
	same := func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) || x != x && y != y }
	for k, x := range a.v {
		y := b.v[k]
		ok := true
		switch {
		case t == dtypes.Bool:
			ok = x.b == y.b && *(*byte)(unsafe.Add(g.UnsafePointer(), k)) <= 1
		case t.IsInt():
			ok = x.i.Cmp(y.i) == 0
		case t.IsFloat():
			ok = same(x.f, y.f)
		default:
			ok = same(real(x.c), real(y.c)) && same(imag(x.c), imag(y.c))
		}
		if !ok {
			return k
		}
	}
	return -1
}

// checkMixture compares the program of a seed with itself without passes: on one and three goroutines,
// first on inputs that stay, then on inputs of which some are donated.
func checkMixture(t *testing.T, seed uint64) {
	t.Helper()
	off := backend("passes=off")
	reference, err := mix(off, seed)
	if err != nil {
		t.Errorf("seed %d: compiling without passes: %v\n%q", seed, err, reference.trace)
		return
	}
	defer reference.Finalize()
	want, err := reference.run(off, nil)
	if err != nil {
		t.Errorf("seed %d: without passes: %v\n%q", seed, err, reference.trace)
		return
	}
	r := rand.New(rand.NewPCG(seed, 78))
	donated := make([]bool, len(reference.in))
	for i := range donated {
		donated[i] = r.IntN(3) > 0
	}
	for _, config := range []string{"parallelism=1", "parallelism=3"} {
		b := backend(config)
		p, err := mix(b, seed)
		if err != nil {
			t.Errorf("seed %d: compiling with %s: %v\n%q", seed, config, err, p.trace)
			return
		}
		defer p.Finalize()
		for _, given := range [][]bool{nil, donated} {
			got, err := p.run(b, given)
			if err != nil {
				t.Errorf("seed %d, %s, donated %v: %v\n%q", seed, config, given, err, p.trace)
				return
			}
			for i := range got {
				if k := unlike(p.Outputs()[i].DType, got[i], want[i]); k >= 0 {
					t.Errorf("seed %d, %s, donated %v, result %d, which is value %d, element %d: got %v, without passes %v\n%q", seed, config, given, i, p.outs[i],
						k, reflect.ValueOf(got[i]).Index(k), reflect.ValueOf(want[i]).Index(k), p.trace)
					return
				}
			}
		}
	}
}

func TestMixtures(t *testing.T) {
	n := uint64(600)
	if testing.Short() {
		n = 100
	}
	for seed := range n {
		checkMixture(t, seed)
	}
}

func FuzzMixtures(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(checkMixture)
}
