package simd_test

import (
	"fmt"
	"math"
	"math/bits"
	"math/cmplx"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"
)

var specialTests = map[string]func(t *testing.T){
	"BatchNormForInference": testBatchNormForInference,
	"BatchNormForTraining":  testBatchNormForTraining,
	"BatchNormGradient":     testBatchNormGradient,
	"FFT":                   testFFT,
	"RNGBitGenerator":       testRNGBitGenerator,
}

// features is an operand of batch normalisation with vectors along an axis.
type features struct {
	x    array
	axis int
	n    float64 // elements of each feature
}

// vector makes a vector of the features, drawn from lo to hi.
func (f features) vector(s *sampler, lo, hi float64) array {
	return build(f.x.t, []int{f.x.dims[f.axis]}, func([]int) val { return val{f: store(f.x.t, lo+(hi-lo)*s.Float64())} })
}

// sum adds g of each element to a sum of its feature.
func (f features) sum(g func(idx []int) float64) []float64 {
	sums := make([]float64, f.x.dims[f.axis])
	each(f.x.dims, func(idx []int) { sums[idx[f.axis]] += g(idx) })
	return sums
}

// batchNorms calls test with operands of all float types and some shapes, far from 0: a variance that
// cancels would show.
func batchNorms(test func(s *sampler, f features, tol tolerance)) {
	for _, dtype := range floatTypes {
		for k, dims := range [][]int{{5}, {40, 3}, {3, 40}, {2, 5, 4, 3}, {0, 3}, {2, 3, 4, 5, 2}} {
			for axis := range dims {
				s := newSampler(uint64(k), false)
				f := features{x: s.array(dtype, dims...), axis: axis}
				for i := range f.x.v {
					f.x.v[i].f = store(dtype, f.x.v[i].f+8)
				}
				f.n = float64(sizeOf(dims)) / float64(max(1, dims[axis]))
				test(s, f, tolerance{ulp: 1, abs: 256 * eps(dtype)})
			}
		}
	}
}

const epsilon = float32(1e-3)

func testBatchNormForInference(t *testing.T) {
	batchNorms(func(s *sampler, f features, tol tolerance) {
		scale, offset := f.vector(s, -2, 2), f.vector(s, -2, 2)
		mean, variance := f.vector(s, 7, 9), f.vector(s, 0.5, 4)
		p := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
			return b.BatchNormForInference(in[0], in[1], in[2], in[3], in[4], epsilon, f.axis)
		})
		check(t, p, tol, []array{build(f.x.t, f.x.dims, func(idx []int) val {
			k := idx[f.axis]
			return val{f: store(f.x.t, (f.x.at(idx).f-mean.v[k].f)/math.Sqrt(variance.v[k].f+float64(epsilon))*scale.v[k].f+offset.v[k].f)}
		})}, f.x, scale, offset, mean, variance)
	})
	s := newSampler(1, false)
	x, v, w := s.array(dtypes.Float32, 4, 3), s.array(dtypes.Float32, 3), s.array(dtypes.Float32, 4)
	along := func(axis int) program {
		return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
			return b.BatchNormForInference(in[0], in[1], in[2], in[3], in[4], epsilon, axis)
		})
	}
	fails(t, "no axis", along(2), []string{"BatchNormForInference", "feature axis 2"}, x, v, v, v, v)
	fails(t, "vectors", along(1), []string{"vectors of 3"}, x, v, w, v, v)
	fails(t, "types", along(1), []string{"type"}, x, v, v, v, s.array(dtypes.Float64, 3))
	i := s.array(dtypes.Int32, 3)
	fails(t, "integers", along(0), []string{"Int32"}, i, i, i, i, i)
}

// moments are the mean and variance of each feature.
func (f features) moments() (mean, variance []float64) {
	mean = f.sum(func(idx []int) float64 { return f.x.at(idx).f })
	for k := range mean {
		mean[k] /= f.n
	}
	variance = f.sum(func(idx []int) float64 { d := f.x.at(idx).f - mean[idx[f.axis]]; return d * d })
	for k := range variance {
		variance[k] /= f.n
	}
	return mean, variance
}

// vectorOf makes an array of numbers.
func vectorOf(t dtypes.DType, x []float64) array {
	return build(t, []int{len(x)}, func(idx []int) val { return val{f: x[idx[0]]} })
}

func testBatchNormForTraining(t *testing.T) {
	batchNorms(func(s *sampler, f features, tol tolerance) {
		scale, offset := f.vector(s, -2, 2), f.vector(s, -2, 2)
		mean, variance := f.moments()
		p := func(b backends.Builder, in []backends.Op) ([]backends.Op, error) {
			x, y, z, err := b.BatchNormForTraining(in[0], in[1], in[2], epsilon, f.axis)
			return []backends.Op{x, y, z}, err
		}
		check(t, p, tol, []array{build(f.x.t, f.x.dims, func(idx []int) val {
			k := idx[f.axis]
			return val{f: (f.x.at(idx).f-mean[k])/math.Sqrt(variance[k]+float64(epsilon))*scale.v[k].f + offset.v[k].f}
		}), vectorOf(f.x.t, mean), vectorOf(f.x.t, variance)}, f.x, scale, offset)
	})
}

func testBatchNormGradient(t *testing.T) {
	batchNorms(func(s *sampler, f features, tol tolerance) {
		scale, g := f.vector(s, -2, 2), s.array(f.x.t, f.x.dims...)
		m, v := f.moments()
		mean, variance := vectorOf(f.x.t, m), vectorOf(f.x.t, v)
		for k := range m { // what the operation gets is rounded
			m[k], v[k] = store(f.x.t, m[k]), store(f.x.t, v[k])
			mean.v[k].f, variance.v[k].f = m[k], v[k]
		}
		z := func(idx []int) float64 {
			k := idx[f.axis]
			return (f.x.at(idx).f - m[k]) / math.Sqrt(v[k]+float64(epsilon))
		}
		offset := f.sum(func(idx []int) float64 { return g.at(idx).f })
		slope := f.sum(func(idx []int) float64 { return g.at(idx).f * z(idx) })
		p := func(b backends.Builder, in []backends.Op) ([]backends.Op, error) {
			x, y, z, err := b.BatchNormGradient(in[0], in[1], in[2], in[3], in[4], epsilon, f.axis)
			return []backends.Op{x, y, z}, err
		}
		tol.abs *= 32 // small variances divide
		check(t, p, tol, []array{build(f.x.t, f.x.dims, func(idx []int) val {
			k := idx[f.axis]
			rest := g.at(idx).f - offset[k]/f.n - z(idx)*slope[k]/f.n
			return val{f: scale.v[k].f / math.Sqrt(v[k]+float64(epsilon)) * rest}
		}), vectorOf(f.x.t, slope), vectorOf(f.x.t, offset)}, f.x, scale, mean, variance, g)
	})
	s := newSampler(1, false)
	x, v := s.array(dtypes.Float32, 4, 3), s.array(dtypes.Float32, 3)
	fails(t, "gradient's shape", func(b backends.Builder, in []backends.Op) ([]backends.Op, error) {
		x, _, _, err := b.BatchNormGradient(in[0], in[1], in[2], in[3], in[4], epsilon, 1)
		return []backends.Op{x}, err
	}, []string{"BatchNormGradient", "gradient"}, x, v, v, v, v)
}

// dft sums x·exp(∓2πi·jk/n) along an axis.
func dft(x array, axis int, inverse bool) array {
	n := x.dims[axis]
	turn := -2 * math.Pi / float64(n)
	if inverse {
		turn = -turn
	}
	return build(x.t, x.dims, func(idx []int) val {
		at := slices.Clone(idx)
		var sum complex128
		for j := range n {
			at[axis] = j
			sum += x.at(at).c * cmplx.Rect(1, turn*float64(j*idx[axis]%n))
		}
		if inverse {
			sum /= complex(float64(n), 0)
		}
		return val{c: sum}
	})
}

func testFFT(t *testing.T) {
	fft := func(kind backends.FFTType, lengths ...int) program {
		return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.FFT(in[0], kind, lengths) })
	}
	for real, dtype := range map[dtypes.DType]dtypes.DType{dtypes.Float32: dtypes.Complex64, dtypes.Float64: dtypes.Complex128} {
		for k, dims := range [][]int{{1}, {2}, {3}, {7}, {8}, {12}, {97}, {128}, {210}, {3, 5}, {4, 16}, {2, 3, 4}, {0, 8}, {2, 2, 9, 6}} {
			s := newSampler(uint64(k), false)
			for n := 1; n <= min(3, len(dims)); n++ {
				lengths := dims[len(dims)-n:]
				if sizeOf(lengths) == 0 {
					break // lengths are at least 1
				}
				points := float64(sizeOf(lengths))
				tol := tolerance{ulp: 8, abs: 8 * eps(dtype) * math.Sqrt(points) * (1 + math.Log2(points))}
				x := s.array(dtype, dims...)
				forward, inverse := x, x
				for i := range n {
					forward, inverse = dft(forward, len(dims)-1-i, false), dft(inverse, len(dims)-1-i, true)
				}
				check(t, fft(backends.FFTForward, lengths...), tol, []array{forward}, x)
				check(t, fft(backends.FFTInverse, lengths...), tol, []array{inverse}, x)

				y := s.array(real, dims...)
				wide := build(dtype, dims, func(idx []int) val { return val{c: complex(y.at(idx).f, 0)} })
				for i := range n {
					wide = dft(wide, len(dims)-1-i, false)
				}
				last := lengths[n-1]
				half := slices.Clone(dims)
				half[len(dims)-1] = last/2 + 1
				spectrum := build(dtype, half, wide.at)
				check(t, fft(backends.FFTForwardReal, lengths...), tol, []array{spectrum}, y)
				for i := range spectrum.v { // as the backend gets it
					spectrum.v[i].c = complex(store(real, realOf(spectrum.v[i].c)), store(real, imag(spectrum.v[i].c)))
				}
				check(t, fft(backends.FFTInverseReal, lengths...), tolerance{ulp: 8, abs: tol.abs}, []array{y}, spectrum)
			}
		}
	}
	s := newSampler(1, false)
	c, f := s.array(dtypes.Complex64, 2, 8), s.array(dtypes.Float32, 2, 8)
	fails(t, "real operand", fft(backends.FFTForward, 8), []string{"FFT", "Float32"}, f)
	fails(t, "complex operand", fft(backends.FFTForwardReal, 8), []string{"Complex64"}, c)
	fails(t, "half", fft(backends.FFTForwardReal, 8), []string{"Float16"}, s.array(dtypes.Float16, 8))
	fails(t, "other length", fft(backends.FFTForward, 4), []string{"dimension 4"}, c)
	fails(t, "other length of reals", fft(backends.FFTForwardReal, 6), []string{"dimension 6"}, f)
	fails(t, "spectrum too long", fft(backends.FFTInverseReal, 8), []string{"dimension 5"}, c)
	fails(t, "no length", fft(backends.FFTForward), []string{"lengths"}, c)
	fails(t, "too many", fft(backends.FFTForward, 1, 2, 8), []string{"lengths"}, c)
	fails(t, "no type", fft(backends.FFTType(9), 8), []string{"type 9"}, c)
}

func realOf(c complex128) float64 { return real(c) }

func testRNGBitGenerator(t *testing.T) {
	draw := func(dtype dtypes.DType, dims ...int) program {
		return func(b backends.Builder, in []backends.Op) ([]backends.Op, error) {
			state, values, err := b.RNGBitGenerator(in[0], shapes.Make(dtype, dims...))
			return []backends.Op{state, values}, err
		}
	}
	state := newSampler(3, true).array(dtypes.Uint64, 3)
	var stream []byte // of the first call
	for _, dtype := range realTypes {
		for _, dims := range [][]int{{}, {0}, {1}, {7}, {33}, {2, 3, 5}, {20000}} {
			// The same in every way of computing it.
			want, err := execute(backend(""), draw(dtype, dims...), false, state)
			if err != nil {
				t.Fatal(err)
			}
			check(t, draw(dtype, dims...), tolerance{}, want, state)
			if n := sizeOf(dims); n > 0 && fmt.Sprint(want[0].v[0].i, want[0].v[1].i, want[0].v[2].i) == fmt.Sprint(state.v[0].i, state.v[1].i, state.v[2].i) {
				t.Errorf("%d of %s left the state as it was", n, dtype)
			}
			if dtype == dtypes.Uint8 && len(dims) == 1 && dims[0] == 20000 {
				for _, v := range want[1].v {
					stream = append(stream, byte(v.i.Uint64()))
				}
			}
		}
	}
	uniform(t, "one draw", stream)
	// Elements of other types are the same bits.
	wide, err := execute(backend(""), draw(dtypes.Uint32, 1000), false, state)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range wide[1].v {
		if w := fromBytes(dtypes.Uint32, stream[4*k:4*k+4]); v.i.Cmp(w.i) != 0 {
			t.Fatalf("uint32 number %d is %s, its bytes are %s", k, v.i, w.i)
		}
	}
	// Draws one after the other, and from states split off, do not repeat.
	seen := make(map[string]string)
	var all []byte
	for name, s := range map[string]array{"state": state, "next": wide[0], "split": split(t, state)} {
		out, err := execute(backend(""), draw(dtypes.Uint64, 500), false, s)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range out[1].v {
			if other := seen[v.i.String()]; other != "" {
				t.Errorf("%s repeats %s of %s", name, v.i, other)
			}
			seen[v.i.String()] = name
			all = append(all, bytesOf(dtypes.Uint64, v)...)
		}
	}
	uniform(t, "three draws", all)
	s := newSampler(1, false)
	fails(t, "state's type", draw(dtypes.Uint32, 3), []string{"RNGBitGenerator", "state"}, s.array(dtypes.Uint32, 3))
	fails(t, "state's size", draw(dtypes.Uint32, 3), []string{"state"}, s.array(dtypes.Uint64, 4))
	fails(t, "booleans", draw(dtypes.Bool, 3), []string{"Bool"}, state)
}

// split returns the second of the states that graph.RNGStateSplit makes: random bits.
func split(t *testing.T, state array) array {
	out, err := execute(backend(""), func(b backends.Builder, in []backends.Op) ([]backends.Op, error) {
		s, v, err := b.RNGBitGenerator(in[0], backends.RNGStateShape)
		return []backends.Op{s, v}, err
	}, false, state)
	if err != nil {
		t.Fatal(err)
	}
	return out[1]
}

// uniform checks by χ² that bytes are equally likely, and so are all bits and their neighbours'
// difference; limits are 5 standard deviations.
func uniform(t *testing.T, what string, data []byte) {
	var count [256]float64
	ones, changes := 0, 0
	for i, b := range data {
		count[b]++
		ones += bits.OnesCount8(b)
		if i > 0 {
			changes += bits.OnesCount8(b ^ data[i-1])
		}
	}
	n := float64(len(data))
	chi := 0.0
	for _, c := range count {
		chi += (c - n/256) * (c - n/256) / (n / 256)
	}
	if z := (chi - 255) / math.Sqrt(2*255); math.Abs(z) > 5 {
		t.Errorf("%s: bytes have χ² = %.0f, want about 255", what, chi)
	}
	for _, c := range []int{ones, changes} {
		if z := (float64(c) - 4*n) / math.Sqrt(2*n); math.Abs(z) > 5 {
			t.Errorf("%s: %d of %g bits are one, %d change from byte to byte", what, ones, 8*n, changes)
		}
	}
}
