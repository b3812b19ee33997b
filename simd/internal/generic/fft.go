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
	points := 1
	for i, l := range p.Length {
		dims[rank-k+i] = l
		points *= l
	}
	inverse, scale := false, 1.0
	if p.Type == backends.FFTInverse || p.Type == backends.FFTInverseReal {
		inverse, scale = true, 1/float64(points)
	}
	if p.Type == backends.FFTInverseReal {
		dims[rank-1] = last/2 + 1
	}
	work := complexCopy(pool, x, dims)
	a := rank - 1 // the axis to transform next
	switch p.Type {
	case backends.FFTForwardReal:
		transform(pool, work, a, last, false, 1)
		dims[a] = last/2 + 1
		half := temp(dtypes.Complex128, dims)
		Copy(pool, half, boxOf(work, make([]int, rank), dims))
		work = half
		a--
	case backends.FFTInverseReal: // the real axis comes last
		a--
	}
	for ; a >= rank-k; a-- {
		factor := 1.0
		if a == rank-k && p.Type == backends.FFTInverse {
			factor = scale
		}
		transform(pool, work, a, p.Length[a-rank+k], inverse, factor)
	}
	if p.Type == backends.FFTInverseReal {
		reals := temp(dtypes.Float64, out.Dims)
		transformReal(pool, reals, work, last, scale)
		work = reals
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
	Copy(pool, boxOf(work, origin, common), boxOf(c, origin, common))
	return work
}

// transform replaces the lines of t along an axis, of length n, by scale times their transforms.
func transform(pool *par.Pool, t tensor.Tensor, axis, n int, inverse bool, scale float64) {
	f := fourierOf(n)
	inner := t.Strides[axis]
	data := tensor.Flat[complex128](t)
	lines := t.Size() / n
	per := max(1, (4<<10)/n)
	// The transform of the conjugate is the conjugate of the inverse.
	sign := 1.0
	if inverse {
		sign = -1
	}
	pool.For((lines+per-1)/per, func(piece int) {
		line, scratch := make([]complex128, n), make([]complex128, f.scratch())
		for l := piece * per; l < min((piece+1)*per, lines); l++ {
			x := data[l/inner*n*inner+l%inner:]
			for i := range line {
				v := x[i*inner]
				line[i] = complex(real(v), sign*imag(v))
			}
			f.forward(line, scratch)
			for i, v := range line {
				x[i*inner] = complex(scale*real(v), scale*sign*imag(v))
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
