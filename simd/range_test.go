package simd_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"
)

// row makes an array of floats.
func row(values ...float64) array {
	return build(dtypes.Float32, []int{len(values)}, func(idx []int) val { return val{f: store(dtypes.Float32, values[idx[0]])} })
}

// Rewriting must not add or multiply in an order in which a finite result is infinite or NaN.
func TestEndsOfTheRange(t *testing.T) {
	inf := math.Inf(1)
	// over reduces f(x, every element of y) of two rows.
	over := func(f func(b backends.Builder, x, y backends.Op) (backends.Op, error)) program {
		return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
			s, err := b.OpShape(in[0])
			if err != nil {
				return nil, err
			}
			y, err := b.BroadcastInDim(in[1], s, []int{0})
			if err != nil {
				return nil, err
			}
			z, err := f(b, in[0], y)
			if err != nil {
				return nil, err
			}
			return b.ReduceSum(z, 1)
		})
	}
	constant := func(f func(b backends.Builder, x, y backends.Op) (backends.Op, error), c float32) program {
		return over(func(b backends.Builder, x, y backends.Op) (backends.Op, error) {
			s, err := b.OpShape(x)
			if err != nil {
				return nil, err
			}
			k, err := b.Constant([]float32{c}, 1)
			if err != nil {
				return nil, err
			}
			if k, err = b.BroadcastInDim(k, s, []int{0}); err != nil {
				return nil, err
			}
			return f(b, x, k)
		})
	}
	for _, r := range []struct {
		name string
		f    program
		x    []float64 // one line
		y    float64
		want float64
	}{
		{"masked by 0", over(backends.Builder.Mul), []float64{3e38, 3e38, 1, 1}, 0, 0},
		{"weighted", over(backends.Builder.Mul), []float64{2e38, 2e38, 2e38, 2e38}, 0.25, 2e38},
		{"divided", over(backends.Builder.Div), []float64{2e38, 2e38, 2e38, 2e38}, 4, 2e38},
		{"divided by infinity", over(backends.Builder.Div), []float64{3e38, 3e38, 1, 1}, inf, 0},
		{"one infinite weight", over(backends.Builder.Mul), []float64{1, 2, 3, 4}, inf, inf},
		{"a mean by a factor", constant(backends.Builder.Mul, 0.25), []float64{2e38, 2e38, 2e38, 2e38}, 1, 2e38},
		{"a mean by a divisor", constant(backends.Builder.Div, 4), []float64{2e38, 2e38, 2e38, 2e38}, 1, 2e38},
		{"terms that cancel", constant(backends.Builder.Mul, 4), []float64{4e37, -4e37, 4e37, -4e37}, 1, 0},
		{"a factor overflows", constant(backends.Builder.Mul, 4), []float64{2e38, 1, 1, 1}, 1, inf},
		{"denormal terms", constant(backends.Builder.Mul, 0.5), []float64{0x1p-148, 0x1p-148, 0x1p-148, 0x1p-148}, 1, 0x1p-147},
	} {
		t.Run(r.name, func(t *testing.T) {
			x := row(r.x...)
			x.dims = []int{1, len(r.x)}
			check(t, r.f, tolerance{ulp: 4}, []array{row(r.want)}, x, row(r.y))
		})
	}
}

// The zeros between the elements of a dilated input may meet an infinite kernel, or be left out: then
// there are fewer NaN. What is not NaN is the same.
func TestDilatedInputsAndInfiniteKernels(t *testing.T) {
	a := backends.ConvolveAxesConfig{
		InputSpatial: []int{1}, InputChannels: 2, KernelInputChannels: 1, KernelOutputChannels: 2,
		KernelSpatial: []int{0}, OutputSpatial: []int{1}, OutputChannels: 2,
	}
	for _, holes := range []int{1, 2, 3} {
		f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
			return b.ConvGeneral(in[0], in[1], a, []int{1}, [][2]int{{1, 1}}, []int{holes}, []int{1}, 1, 1)
		})
		x, k := row(1, 2, -3), row(math.Inf(1), 2)
		x.dims, k.dims = []int{1, 3, 1}, []int{2, 1, 1}
		want := []float64{2, math.Inf(1), math.Inf(1), math.Inf(-1)} // of elements without holes
		for _, config := range []string{"", "passes=-dilated", "passes=off"} {
			got, err := execute(backend(config), f, false, x, k)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range got[0].v {
				p := i - 1 // the first tap's place in the dilated input, the second's is p+1
				w := math.NaN()
				if p >= 0 && p%holes == 0 {
					w = want[1+p/holes]
				} else if (p+1)%holes == 0 && p+1 < 2*holes+1 && p >= 0 {
					w = 2 * x.v[(p+1)/holes].f // where the infinite tap is left out
				} else {
					continue
				}
				if !(v.f == w || math.IsNaN(v.f) && p%holes != 0) {
					t.Errorf("%d holes, %s, element %d: got %g, want %g", holes-1, config, i, v.f, w)
				}
			}
		}
	}
}

// |e^z| of complex z has half the size of e^z; where it was taken for e^z itself, memory beyond the
// result was written.
func TestModulusOfManyExponentials(t *testing.T) {
	const n = 1 << 20
	f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
		e, err := b.Exp(in[0])
		if err != nil {
			return nil, err
		}
		return b.Abs(e)
	})
	z := array{t: dtypes.Complex128, dims: []int{n}, v: make([]val, n)}
	for i := range z.v {
		z.v[i].c = complex(float64(i%7), float64(i))
	}
	for _, config := range []string{"", "passes=off"} {
		got, err := execute(backend(config), f, false, z)
		if err != nil {
			t.Fatal(err)
		}
		if want := shapes.Make(dtypes.Float64, n); !got[0].shape().Equal(want) {
			t.Fatalf("%q: got %s, want %s", config, got[0], want)
		}
		for i, v := range got[0].v {
			if u := ulps(dtypes.Float64, v.f, math.Exp(float64(i%7))); u > 8 {
				t.Fatalf("%q, element %d: got %g, want %g: %g ulp", config, i, v.f, math.Exp(float64(i%7)), u)
			}
		}
	}
}

// |0-x| of unsigned x is not x: 0-1 is the greatest number.
func TestModulusOfWrappedNegatives(t *testing.T) {
	f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
		zero, err := b.Constant([]uint8{0, 0, 0, 0}, 4)
		if err != nil {
			return nil, err
		}
		d, err := b.Sub(zero, in[0])
		if err != nil {
			return nil, err
		}
		return b.Abs(d)
	})
	s := newSampler(1, false)
	x := s.indices(dtypes.Uint8, 0, 255, 4)
	check(t, f, tolerance{}, []array{build(dtypes.Uint8, []int{4}, func(idx []int) val {
		return val{i: wrap(dtypes.Uint8, new(big.Int).Neg(x.at(idx).i))}
	})}, x)
}
