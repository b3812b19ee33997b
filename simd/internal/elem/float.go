package elem

import (
	"math"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
)

// functions lists the operations that are a function of one real number. float32 is computed in
// float64 and rounded.
var functions = map[backends.OpType]func(float64) float64{
	backends.OpTypeCos:      cos,
	backends.OpTypeErf:      math.Erf,
	backends.OpTypeExp:      exp,
	backends.OpTypeExpm1:    math.Expm1,
	backends.OpTypeLog:      log,
	backends.OpTypeLog1p:    math.Log1p,
	backends.OpTypeLogistic: logistic,
	backends.OpTypeSin:      sin,
	backends.OpTypeTanh:     math.Tanh,
}

// logistic is 1/(1+exp(-x)), in the form that does not overflow: far to the left it follows exp(x)
// through the denormals.
func logistic(x float64) float64 {
	if x < 0 {
		e := exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + exp(-x))
}

// float returns the kernels of float32 and float64; I is the signed integer of the same size, C the
// complex number of two of them.
func float[T floating, I signedInt, C anyComplex](op backends.OpType) Kernel {
	if f := functions[op]; f != nil {
		return each(func(x T) T { return T(f(float64(x))) })
	}
	switch op {
	case backends.OpTypeDiv:
		return binary(quotient[T])
	case backends.OpTypeRem:
		return each2(func(x, y T) T { return T(math.Mod(float64(x), float64(y))) }) // exact
	case backends.OpTypePow:
		f := pow
		if unsafe.Sizeof(T(0)) == 4 {
			f = shortPow
		}
		return each2(func(x, y T) T { return T(f(float64(x), float64(y))) })
	case backends.OpTypeAbs:
		return unary(absFloat[T])
	case backends.OpTypeSign:
		return unary(signFloat[T])
	case backends.OpTypeCeil:
		return unary(ceil[T])
	case backends.OpTypeFloor:
		return unary(floor[T])
	case backends.OpTypeRound:
		return unary(round[T])
	case backends.OpTypeSqrt:
		return unary(sqrt[T])
	case backends.OpTypeRsqrt:
		return unary(rsqrt[T])
	case backends.OpTypeIsNaN:
		return unary(isNaN[T])
	case backends.OpTypeIsFinite:
		return unary(isFinite[T])
	case backends.OpTypeReal, backends.OpTypeConj:
		return move(int(unsafe.Sizeof(T(0))))
	case backends.OpTypeImag:
		return unary(func(d, _ []T) { clear(d) })
	case backends.OpTypeComplex:
		return compose[C, T]()
	}
	if op := totalOrder(op); op != backends.OpTypeInvalid {
		return total[I](op)
	}
	return ordered[T](op)
}

// total compares floats by their bits, which it maps to integers of the same order: as they are for
// positive numbers, all but the sign flipped for negative ones.
func total[I signedInt](op backends.OpType) Kernel {
	const block = 128
	k := ordered[I](op)
	magnitude := ^I(0) << (8*unsafe.Sizeof(I(0)) - 1)
	magnitude = ^magnitude
	keys := func(d *[block]I, p unsafe.Pointer, n int) {
		for i, v := range unsafe.Slice((*I)(p), n) {
			if v < 0 {
				v ^= magnitude
			}
			d[i] = v
		}
	}
	return func(dst, a, b, _ unsafe.Pointer, n int) {
		var x, y [block]I
		w := unsafe.Sizeof(I(0))
		for i := 0; i < n; i += block {
			m := min(block, n-i)
			keys(&x, unsafe.Add(a, uintptr(i)*w), m)
			keys(&y, unsafe.Add(b, uintptr(i)*w), m)
			k(unsafe.Add(dst, i), unsafe.Pointer(&x), unsafe.Pointer(&y), nil, m)
		}
	}
}

func absFloat[T floating](d, x []T) {
	x = x[:len(d)]
	for i := range d {
		d[i] = T(math.Abs(float64(x[i])))
	}
}

// signFloat keeps NaN and the sign of zero.
func signFloat[T floating](d, x []T) {
	x = x[:len(d)]
	for i := range d {
		v := x[i]
		switch {
		case v > 0:
			v = 1
		case v < 0:
			v = -1
		}
		d[i] = v
	}
}

func ceil[T floating](d, x []T) {
	x = x[:len(d)]
	for i := range d {
		d[i] = T(math.Ceil(float64(x[i])))
	}
}

func floor[T floating](d, x []T) {
	x = x[:len(d)]
	for i := range d {
		d[i] = T(math.Floor(float64(x[i])))
	}
}

func round[T floating](d, x []T) {
	x = x[:len(d)]
	for i := range d {
		d[i] = T(math.RoundToEven(float64(x[i])))
	}
}

// sqrt of a float32 through float64 is correctly rounded: 53 bits are more than 2·24+2.
func sqrt[T floating](d, x []T) {
	x = x[:len(d)]
	for i := range d {
		d[i] = T(math.Sqrt(float64(x[i])))
	}
}

func rsqrt[T floating](d, x []T) {
	x = x[:len(d)]
	for i := range d {
		d[i] = T(1 / math.Sqrt(float64(x[i])))
	}
}

func isNaN[T floating](d []bool, x []T) {
	x = x[:len(d)]
	for i := range d {
		d[i] = x[i] != x[i]
	}
}

// isFinite holds where x-x is 0: it is NaN for NaN and the infinities.
func isFinite[T floating](d []bool, x []T) {
	x = x[:len(d)]
	for i := range d {
		d[i] = x[i]-x[i] == 0
	}
}
