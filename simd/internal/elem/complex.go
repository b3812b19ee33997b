package elem

import (
	"math"
	"math/cmplx"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
)

// complexFunctions lists the operations that are a function of one complex number. complex64 is
// computed in complex128 and rounded.
var complexFunctions = map[backends.OpType]func(complex128) complex128{
	backends.OpTypeConj:     cmplx.Conj,
	backends.OpTypeCos:      cmplx.Cos,
	backends.OpTypeExp:      complexExp,
	backends.OpTypeExpm1:    complexExpm1,
	backends.OpTypeLog:      complexLog,
	backends.OpTypeLog1p:    complexLog1p,
	backends.OpTypeLogistic: complexLogistic,
	backends.OpTypeRsqrt:    func(z complex128) complex128 { return 1 / cmplx.Sqrt(z) },
	backends.OpTypeSign:     complexSign,
	backends.OpTypeSin:      cmplx.Sin,
	backends.OpTypeSqrt:     cmplx.Sqrt,
	backends.OpTypeTanh:     complexTanh,
}

// complexKernel returns the kernels of complex numbers; R is the type of their parts.
func complexKernel[T anyComplex, R floating](op backends.OpType) Kernel {
	if f := complexFunctions[op]; f != nil {
		return each(func(z T) T { return T(f(complex128(z))) })
	}
	switch op {
	case backends.OpTypeDiv:
		return binary(quotient[T])
	case backends.OpTypePow:
		return each2(func(x, y T) T { return T(complexPow(complex128(x), complex128(y))) })
	case backends.OpTypeAbs:
		return each(func(z T) R { return R(cmplx.Abs(complex128(z))) })
	case backends.OpTypeReal:
		return parts[R](0)
	case backends.OpTypeImag:
		return parts[R](1)
	case backends.OpTypeIsNaN: // either part, unlike cmplx.IsNaN, which lets infinity win
		return unary(func(d []bool, z []T) {
			z = z[:len(d)]
			for i := range d {
				d[i] = z[i] != z[i]
			}
		})
	case backends.OpTypeIsFinite:
		return unary(func(d []bool, z []T) {
			z = z[:len(d)]
			for i := range d {
				d[i] = z[i]-z[i] == 0
			}
		})
	}
	return arithmetic[T](op)
}

// parts takes the real parts (0) or the imaginary ones (1) out of pairs.
func parts[R floating](part int) Kernel {
	return func(dst, a, _, _ unsafe.Pointer, n int) {
		if n <= 0 {
			return
		}
		d, pairs := unsafe.Slice((*R)(dst), n), unsafe.Slice((*[2]R)(a), n)
		for i := range d {
			d[i] = pairs[i][part]
		}
	}
}

// compose pairs real parts with imaginary ones.
func compose[T anyComplex, R floating]() Kernel {
	return func(dst, a, b, _ unsafe.Pointer, n int) {
		if n <= 0 {
			return
		}
		d := unsafe.Slice((*[2]R)(dst), n)
		re, im := unsafe.Slice((*R)(a), n), unsafe.Slice((*R)(b), n)
		for i := range d {
			d[i] = [2]R{re[i], im[i]}
		}
	}
}

// complexExp is exp(x)·(cos y + i·sin y); infinities and NaN are left to package cmplx.
func complexExp(z complex128) complex128 {
	x, y := real(z), imag(z)
	switch {
	case x-x != 0 || y-y != 0:
		return cmplx.Exp(z)
	case y == 0:
		return complex(exp(x), y)
	}
	e := exp(x)
	sin, cos := math.Sincos(y)
	return complex(e*cos, e*sin)
}

// complexExpm1 is exp(z)-1 without the cancellation near 0: with z = x+iy,
//
//	exp(x)·cos y - 1 = expm1(x)·cos y - 2·sin²(y/2).
func complexExpm1(z complex128) complex128 {
	x, y := real(z), imag(z)
	if y == 0 {
		return complex(math.Expm1(x), y)
	}
	if x-x != 0 || y-y != 0 {
		return complexExp(z) - 1
	}
	sin, cos := math.Sincos(y)
	half := math.Sin(y / 2)
	return complex(math.Expm1(x)*cos-2*half*half, exp(x)*sin)
}

// complexLog is log|z| + i·arg z.
func complexLog(z complex128) complex128 { return complex(log(cmplx.Abs(z)), cmplx.Phase(z)) }

// complexLog1p is log(1+z) without the cancellation near 0: the real part is
//
//	log|1+z| = log1p(x·(2+x) + y²)/2.
func complexLog1p(z complex128) complex128 {
	x, y := real(z), imag(z)
	if math.Abs(x) < 0.5 && math.Abs(y) < 0.5 {
		return complex(math.Log1p(x*(2+x)+y*y)/2, math.Atan2(y, 1+x))
	}
	return complexLog(1 + z)
}

// complexLogistic is 1/(1+exp(-z)), by the side on which exp does not overflow.
func complexLogistic(z complex128) complex128 {
	if real(z) < 0 {
		e := complexExp(z)
		return e / (1 + e)
	}
	return 1 / (1 + complexExp(-z))
}

// complexSign is z/|z|, and 0 at 0.
func complexSign(z complex128) complex128 {
	if z == 0 {
		return z
	}
	r := cmplx.Abs(z)
	return complex(real(z)/r, imag(z)/r)
}

// complexTanh is cmplx.Tanh, and ±1 where that one overflows.
func complexTanh(z complex128) complex128 {
	if x := real(z); math.Abs(x) > 22 && !math.IsInf(imag(z), 0) && !math.IsNaN(imag(z)) {
		// 1-tanh x is below half an ulp, and the imaginary part is 4·sin y·cos y·exp(-2|x|).
		sin, cos := math.Sincos(imag(z))
		return complex(math.Copysign(1, x), 4*sin*cos*exp(-2*math.Abs(x)))
	}
	return cmplx.Tanh(z)
}

// complexPow is exp(y·log x); 0 to a power with a positive real part is 0, with a negative one
// infinite, otherwise NaN; anything to 0 is 1.
func complexPow(x, y complex128) complex128 {
	if y == 0 {
		return 1
	}
	if r := real(y); x == 0 && !(r > 0) && !(r < 0) {
		return cmplx.NaN() // where cmplx.Pow panics
	}
	return cmplx.Pow(x, y)
}
