//go:build amd64 && !noasm

package window

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// atEveryLevel runs a test with every instruction set that the machine has.
func atEveryLevel(t *testing.T, test func(t *testing.T)) {
	defer func(l level) { current = l }(current)
	for l, name := range []string{"go", "avx2", "avx512"} {
		if current = level(l); current > plain && current <= best() {
			t.Run(name, test)
		}
	}
}

type float interface{ float32 | float64 }

// A scene is a line within arrays, in elements.
type scene[T float] struct {
	x, sum, add                  []T
	taps                         []int
	windows, columns             int
	start, step, stepAdd, origin int // of the first window in x; from window to window; the first run of add
}

// draw makes a scene: few different values, so that there are equal ones, with zeros of both signs,
// infinities and NaN; runs that overlap, touch or lie apart.
func draw[T float](r *rand.Rand, columns int) scene[T] {
	s := scene[T]{columns: columns, windows: 1 + r.IntN(6), origin: r.IntN(5)}
	k := 1 + r.IntN(5)
	s.step = columns * (1 + r.IntN(3))
	s.stepAdd = columns + r.IntN(2)*3
	far := 0
	for range k {
		s.taps = append(s.taps, far)
		far += columns + r.IntN(2)*r.IntN(7)
	}
	s.start = r.IntN(9)
	s.x = make([]T, s.start+s.step*s.windows+far+columns+9)
	s.sum = make([]T, len(s.x))
	s.add = make([]T, s.origin+s.stepAdd*s.windows+columns+9)
	values := []T{0, T(math.Copysign(0, -1)), 1, 2, -1, T(math.Inf(1)), T(math.Inf(-1)), 3, 3, 3}
	if r.IntN(2) == 0 {
		values = append(values, T(math.NaN()))
	}
	for i := range s.x {
		s.x[i], s.sum[i] = values[r.IntN(len(values))], T(r.NormFloat64())
	}
	for i := range s.add {
		s.add[i] = T(r.NormFloat64())
	}
	return s
}

// line is what the functions get; dst is the array of sums, or of results, which lie as add does.
func (s *scene[T]) line(dst []T, at int) *Line {
	size := int(unsafe.Sizeof(s.x[0]))
	taps := make([]int, len(s.taps))
	for i, tap := range s.taps {
		taps[i] = tap * size
	}
	return &Line{Dst: unsafe.Pointer(&dst[at]), Src: unsafe.Pointer(&s.x[s.start]), Add: unsafe.Pointer(&s.add[s.origin]),
		Taps: &taps[0], Count: len(taps), Windows: s.windows, Columns: s.columns, StepSrc: s.step * size, StepDst: s.stepAdd * size}
}

func equal[T float](a, b T) bool {
	return a == b && math.Signbit(float64(a)) == math.Signbit(float64(b)) || a != a && b != b
}

func test[T float](t *testing.T, d dtypes.DType) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 600 {
		s := draw[T](r, 1+round%75)
		for _, op := range []backends.ReduceOpType{backends.ReduceOpMax, backends.ReduceOpMin, backends.ReduceOpSum} {
			got, want := make([]T, len(s.add)), make([]T, len(s.add))
			Reduce(op, d)(s.line(got, s.origin))
			for j := range s.windows {
				for c := range s.columns {
					acc := s.x[s.start+j*s.step+c]
					for _, tap := range s.taps[1:] {
						x := s.x[s.start+j*s.step+tap+c]
						switch op {
						case backends.ReduceOpMax:
							acc = max(acc, x)
						case backends.ReduceOpMin:
							acc = min(acc, x)
						default:
							acc += x
						}
					}
					want[s.origin+j*s.stepAdd+c] = acc
				}
			}
			compare(t, op.String(), s, got, want)
		}
		for _, op := range []backends.ReduceOpType{backends.ReduceOpMax, backends.ReduceOpMin} {
			got, want := append([]T(nil), s.sum...), append([]T(nil), s.sum...)
			Scatter(op, d)(s.line(got, s.start))
			for j := range s.windows {
				for c := range s.columns {
					at := s.start + j*s.step + c
					for _, tap := range s.taps[1:] {
						x := s.x[s.start+j*s.step+tap+c]
						if op == backends.ReduceOpMax && !(s.x[at] >= x) || op == backends.ReduceOpMin && !(s.x[at] <= x) {
							at = s.start + j*s.step + tap + c
						}
					}
					want[at] += s.add[s.origin+j*s.stepAdd+c]
				}
			}
			compare(t, "Scatter "+op.String(), s, got, want)
		}
	}
}

func compare[T float](t *testing.T, what string, s scene[T], got, want []T) {
	t.Helper()
	for i := range want {
		if !equal(got[i], want[i]) {
			t.Fatalf("%s of %d windows, %d columns, taps %v, step %d: element %d is %v, want %v",
				what, s.windows, s.columns, s.taps, s.step, i, got[i], want[i])
		}
	}
}

// TestDefinition compares with loops in Go: all widths, also what lies beside the results.
func TestDefinition(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		test[float32](t, dtypes.Float32)
		test[float64](t, dtypes.Float64)
	})
}

func TestOthersHaveNone(t *testing.T) {
	if Reduce(backends.ReduceOpProduct, dtypes.Float32) != nil || Reduce(backends.ReduceOpMax, dtypes.Int32) != nil ||
		Scatter(backends.ReduceOpSum, dtypes.Float32) != nil {
		t.Error("a function for what is not there")
	}
}

func TestWhole(t *testing.T) {
	for _, c := range []struct {
		reason      string
		dtype       dtypes.DType
		places, run int
		want        bool
	}{
		{"an image", dtypes.Float32, 4, 32, true},
		{"just long enough", dtypes.Float32, 9, 4, true},
		{"runs too short", dtypes.Float32, 9, 3, false},
		{"float64 are longer", dtypes.Float64, 9, 2, true},
		{"one place is no window", dtypes.Float32, 1, 32, false},
		{"a window too large", dtypes.Float32, 36, 32, false},
		{"no function", dtypes.Int32, 4, 32, false},
	} {
		if got := Whole(backends.ReduceOpMax, c.dtype, c.places, c.run); got != (c.want && current > plain) {
			t.Errorf("%s: %v", c.reason, got)
		}
	}
}

func TestBundle(t *testing.T) {
	for _, c := range []struct {
		reason                 string
		planes, elements, size int
		want                   int
	}{
		{"small planes", 64, 28 * 28, 4, 32},
		{"float64", 64, 28 * 28, 8, 16},
		{"larger planes", 64, 56 * 56, 4, 16},
		{"still larger ones", 64, 224 * 224, 4, 8},
		{"planes as large as the cache", 64, 1000 * 1000, 4, 0},
		{"too few", 7, 28 * 28, 4, 0},
		{"just enough", 8, 28 * 28, 4, 32},
	} {
		if got := Bundle(c.planes, c.elements, c.size); got != c.want {
			t.Errorf("%s: %d, want %d", c.reason, got, c.want)
		}
	}
}

func BenchmarkScatter(b *testing.B) {
	// 2×2 windows of a line of 14, 32 channels.
	x, dst, add := make([]float32, 2*28*32), make([]float32, 2*28*32), make([]float32, 14*32)
	taps := []int{0, 128, 28 * 128, 29 * 128}
	l := &Line{Dst: unsafe.Pointer(&dst[0]), Src: unsafe.Pointer(&x[0]), Add: unsafe.Pointer(&add[0]), Taps: &taps[0], Count: 4,
		Windows: 14, Columns: 32, StepSrc: 256, StepDst: 128}
	f := Scatter(backends.ReduceOpMax, dtypes.Float32)
	if f == nil {
		b.Skip("no assembly")
	}
	b.SetBytes(int64(4 * len(x)))
	for b.Loop() {
		f(l)
	}
}
