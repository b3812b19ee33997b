package generic

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// dft is the definition, over one line.
func dft(x []complex128, sign float64) []complex128 {
	y := make([]complex128, len(x))
	for k := range y {
		for j, v := range x {
			y[k] += v * cmplx.Exp(complex(0, sign*2*math.Pi*float64(j*k%len(x))/float64(len(x))))
		}
	}
	return y
}

func TestFourierLengths(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 10))
	lengths := []int{}
	for n := 1; n <= 64; n++ {
		lengths = append(lengths, n)
	}
	lengths = append(lengths, 97, 128, 143, 169, 240, 289, 509, 512, 1001, 1009) // products and primes
	for _, n := range lengths {
		x := make([]complex128, n)
		for i := range x {
			x[i] = complex(r.NormFloat64(), r.NormFloat64())
		}
		want := dft(x, -1)
		f := fourierOf(n)
		f.forward(x, make([]complex128, f.scratch()))
		worst := 0.
		for k := range x {
			worst = max(worst, cmplx.Abs(x[k]-want[k]))
		}
		// The definition's own error grows like n; that of a fast transform like log n.
		if limit := 4e-16 * float64(n+8) * math.Sqrt(float64(n)); worst > limit {
			t.Errorf("length %d: error %g, want at most %g", n, worst, limit)
		}
	}
}

// A pure wave has one coefficient, whatever the length: an error bound that does not come from a sum.
func TestFourierOfAWave(t *testing.T) {
	for _, n := range []int{1 << 16, 3 * 5 * 7 * 11 * 13, 65537} {
		x := make([]complex128, n)
		for j := range x {
			x[j] = cmplx.Conj(root(int(int64(j)*12345%int64(n)), n))
		}
		f := fourierOf(n)
		f.forward(x, make([]complex128, f.scratch()))
		for k, v := range x {
			want := complex128(0)
			if k == 12345%n {
				want = complex(float64(n), 0)
			}
			if cmplx.Abs(v-want) > 3e-15*float64(n) {
				t.Fatalf("length %d: element %d is %v, want %v", n, k, v, want)
			}
		}
	}
}

func TestFFT(t *testing.T) {
	pools := pools(t)
	types := []dtypes.DType{dtypes.Complex64, dtypes.Complex128}
	rounds(t, 300, types, func(t *testing.T, r *rand.Rand, i int, d dtypes.DType) {
		kind := []backends.FFTType{backends.FFTForward, backends.FFTInverse, backends.FFTForwardReal, backends.FFTInverseReal}[i/2%4]
		axes := 1 + r.IntN(3)
		full := make([]int, axes+r.IntN(3)) // dimensions with lines of the transform's length
		for a := range full {
			full[a] = 1 + r.IntN(9)
		}
		if r.IntN(15) == 0 && len(full) > axes {
			full[0] = 0
		}
		length := full[len(full)-axes:]
		half := slices.Clone(full)
		half[len(full)-1] = length[axes-1]/2 + 1
		realType := d.RealDType()
		fill := func(d dtypes.DType, dims []int) tensor.Tensor {
			x := temp(d, dims)
			for i := range x.Size() {
				put(x, i, complex(r.NormFloat64(), r.NormFloat64()))
			}
			return x
		}
		// spectrum transforms all axes of a box by definition.
		spectrum := func(x []complex128, sign float64) []complex128 {
			x = slices.Clone(x)
			box := tensor.RowMajor(full)
			for a := len(full) - axes; a < len(full); a++ {
				n, step := full[a], box[a]
				for i := range x {
					if i/step%n == 0 {
						line := make([]complex128, n)
						for j := range line {
							line[j] = x[i+j*step]
						}
						for j, v := range dft(line, sign) {
							x[i+j*step] = v
						}
					}
				}
			}
			return x
		}
		values := func(x tensor.Tensor) []complex128 {
			v := make([]complex128, x.Size())
			for i := range v {
				v[i] = at(x, i)
			}
			return v
		}
		p := ir.FFT{Type: kind, Length: length}
		dense := tensor.Tensor{Dims: full, Strides: tensor.RowMajor(full)}
		n := float64(tensor.Size(length))
		tolerance := 100 * math.Sqrt(n) // most of it the error of the definition
		switch kind {
		case backends.FFTForward, backends.FFTInverse:
			x := fill(d, full)
			sign, scale := -1., 1.
			if kind == backends.FFTInverse {
				sign, scale, tolerance = 1, 1/n, 20
			}
			want := spectrum(values(x), sign)
			y := evalAll(t, pools, backends.OpTypeFFT, p, d, full, x)
			check(t, y, tolerance, func(index []int) complex128 { return want[offset(y, index)] * complex(scale, 0) })
		case backends.FFTForwardReal:
			x := fill(realType, full)
			want := spectrum(values(x), -1)
			y := evalAll(t, pools, backends.OpTypeFFT, p, d, half, x)
			check(t, y, tolerance, func(index []int) complex128 { return want[offset(dense, index)] })
		case backends.FFTInverseReal: // undoes ForwardReal
			x := fill(realType, full)
			y := eval(nil, backends.OpTypeFFT, ir.FFT{Type: backends.FFTForwardReal, Length: length}, d, half, x)
			z := evalAll(t, pools, backends.OpTypeFFT, p, realType, full, y)
			check(t, z, 40, func(index []int) complex128 { return get(x, index...) })
		}
	})
}

// Lengths other than the operand's cut it, or have zeros follow.
func TestFFTOfAnotherLength(t *testing.T) {
	x := whole(dtypes.Float64, []int{3}, 1, 2, 3)
	for _, c := range []struct {
		name   string
		length int
		same   []float64
	}{
		{"shorter", 2, []float64{1, 2}},
		{"longer", 5, []float64{1, 2, 3, 0, 0}},
	} {
		p := ir.FFT{Type: backends.FFTForwardReal, Length: []int{c.length}}
		y := eval(nil, backends.OpTypeFFT, p, dtypes.Complex128, []int{c.length/2 + 1}, x)
		z := eval(nil, backends.OpTypeFFT, p, dtypes.Complex128, []int{c.length/2 + 1}, whole(dtypes.Float64, []int{c.length}, c.same...))
		same(t, c.name, y, z)
	}
}

// Floors on an idle machine, one thread: 30 ns an element, 70 for primes.
func BenchmarkFFT(b *testing.B) {
	for _, n := range []int{64, 1000, 1024, 1009, 1 << 16} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			pool := par.New(1)
			lines := max(1, 1<<14/n)
			x, y := temp(dtypes.Complex64, []int{lines, n}), temp(dtypes.Complex64, []int{lines, n})
			node := &ir.Node{Op: backends.OpTypeFFT, Attr: ir.FFT{Length: []int{n}}}
			for b.Loop() {
				Eval(pool, node, []tensor.Tensor{x}, y)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*lines*n), "ns/element")
		})
	}
}
