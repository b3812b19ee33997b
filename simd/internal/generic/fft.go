package generic

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

func init() { register(backends.OpTypeFFT, fft) }

// fft transforms the last axes, in complex128 whatever the type of the data:
//
//	Forward:     X[k] = Σ x[j]·exp(-2πi·jk/n)
//	Inverse:     x[j] = 1/n Σ X[k]·exp(+2πi·jk/n)
//	ForwardReal: Forward of real numbers, of which elements 0 to n/2 of the last axis are kept
//	InverseReal: the real numbers whose ForwardReal is given
//
// over every transformed axis of length n. Where the operand's axis is longer than n (for
// InverseReal: than n/2+1) the rest is not looked at; where it is shorter, zeros follow.
// Cost: O(n log n) for every n, primes included.
func fft(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
	p := params[ir.FFT](n)
	if out.Size() == 0 {
		return
	}
	x := in[0]
	rank, k := len(x.Dims), len(p.Length)
	if k == 0 {
		copyFlat(pool, out, x)
		return
	}
	last := p.Length[k-1]
	dims := append([]int(nil), x.Dims...)
	scale := 1.0
	for i, l := range p.Length {
		dims[rank-k+i] = l
		scale /= float64(l)
	}
	inverse := p.Type == backends.FFTInverse || p.Type == backends.FFTInverseReal
	if !inverse {
		scale = 1
	}
	if p.Type == backends.FFTInverseReal {
		dims[rank-1] = last/2 + 1
	}
	work := complexCopy(pool, x, dims)
	if p.Type != backends.FFTInverseReal {
		transform(pool, work, rank-1, last, inverse)
	}
	if p.Type == backends.FFTForwardReal {
		half := append([]int(nil), dims...)
		half[rank-1] = last/2 + 1
		w := temp(dtypes.Complex128, half)
		Copy(pool, w, window(work, make([]int, rank), half))
		work = w
	}
	for a := rank - 2; a >= rank-k; a-- {
		transform(pool, work, a, p.Length[a-rank+k], inverse)
	}
	if p.Type == backends.FFTInverseReal {
		reals := temp(dtypes.Float64, out.Dims)
		transformReal(pool, reals, work, last, scale)
		convertTo(pool, out, reals)
		return
	}
	if scale != 1 {
		data := tensor.Flat[complex128](work)
		for i, v := range data {
			data[i] = complex(real(v)*scale, imag(v)*scale)
		}
	}
	convertTo(pool, out, work)
}

// complexCopy returns x as complex128, cut or followed by zeros to the dimensions wanted.
func complexCopy(pool *par.Pool, x tensor.Tensor, dims []int) tensor.Tensor {
	c := temp(dtypes.Complex128, x.Dims)
	if x.DType.IsComplex() {
		convertTo(pool, c, x)
	} else {
		r := temp(dtypes.Float64, x.Dims)
		convertTo(pool, r, x)
		for i, v := range tensor.Flat[float64](r) {
			tensor.Flat[complex128](c)[i] = complex(v, 0)
		}
	}
	if slices.Equal(dims, x.Dims) {
		return c
	}
	work := temp(dtypes.Complex128, dims) // zeros
	common := make([]int, len(dims))
	for i := range dims {
		common[i] = min(dims[i], x.Dims[i])
	}
	origin := make([]int, len(dims))
	Copy(pool, window(work, origin, common), window(c, origin, common))
	return work
}

// transform replaces the lines of t along an axis, of length n, by their transforms, unscaled.
func transform(pool *par.Pool, t tensor.Tensor, axis, n int, inverse bool) {
	f := fourierOf(n)
	inner := t.Strides[axis]
	outer := t.Size() / (n * inner)
	data := tensor.Flat[complex128](t)
	per := max(1, (4<<10)/n)
	lines := outer * inner
	pool.For((lines+per-1)/per, func(piece int) {
		line, scratch := make([]complex128, n), make([]complex128, f.scratch())
		for l := piece * per; l < min((piece+1)*per, lines); l++ {
			x := data[l/inner*n*inner+l%inner:]
			for i := range line {
				line[i] = x[i*inner]
			}
			if inverse { // the transform of the conjugate is the conjugate of the inverse
				conjugate(line)
			}
			f.forward(line, scratch)
			if inverse {
				conjugate(line)
			}
			for i, v := range line {
				x[i*inner] = v
			}
		}
	})
}

// transformReal computes lines of n real numbers from the first n/2+1 elements of their transforms.
func transformReal(pool *par.Pool, dst, src tensor.Tensor, n int, scale float64) {
	f := fourierOf(n)
	x, y := tensor.Flat[complex128](src), tensor.Flat[float64](dst)
	half := n/2 + 1
	lines := len(y) / n
	per := max(1, (4<<10)/n)
	pool.For((lines+per-1)/per, func(piece int) {
		line, scratch := make([]complex128, n), make([]complex128, f.scratch())
		for l := piece * per; l < min((piece+1)*per, lines); l++ {
			for k, v := range x[l*half : (l+1)*half] {
				// The conjugate goes in, as the result is real: forward gives the inverse.
				line[k] = complex(real(v), -imag(v))
				if k > 0 && k < n-k {
					line[n-k] = v
				}
			}
			f.forward(line, scratch)
			for i, v := range line {
				y[l*n+i] = real(v) * scale
			}
		}
	})
}

func conjugate(x []complex128) {
	for i, v := range x {
		x[i] = complex(real(v), -imag(v))
	}
}
