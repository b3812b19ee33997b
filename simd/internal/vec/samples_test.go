package vec

import (
	"math"
	"math/rand/v2"
	"unsafe"
)

type float interface{ float32 | float64 }

// ptr points at the first element, or at nothing.
func ptr[T any](x []T) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(x)) }

// edges are numbers at which functions change their course.
func edges[T float]() []T {
	var out []T
	add := func(x ...float64) {
		for _, v := range x {
			out = append(out, T(v), T(-v))
		}
	}
	add(0, 1, 0.5, 2, 3, 4, 1.5, 2.5, 0.1, math.Inf(1), math.NaN(), math.Pi, math.Pi/2, math.Pi/4, 10, 100, 1e4, 1e7, 1e10, 1e30, 1e38, 1e300)
	add(0x1p-126, 0x1p-149, 0x1p-150, 1.5e-39, 1e-30, 1e-20, 1e-10, 1e-5, 0x1p-1022, 0x1p-1074, 3e-310, 0x1p127, 0x1p128, 0x1p1023)
	add(88, 88.7, 88.72283, 88.73, 89, 103.9, 103.97, 104, 87.3, 87.4, 709.78, 709.79, 710, 745, 745.1, 745.2, 708, 17.3, 9.01, 22, 0x1p23, 0x1p24, 0x1p52, 0x1p53, 0x1p30, 0x1p31)
	add(3.9, 3.92, 3.95, 5.9, 6, 0.25, 0.75, 1e-3, math.Sqrt2, math.Sqrt2/2, 0.34657359, 0.999999, 1.000001)
	one := T(1)
	switch p := any(&one).(type) {
	case *float32:
		for range 3 {
			*p = math.Nextafter32(*p, 2)
			out = append(out, T(*p), T(2-*p))
		}
		out = append(out, T(math.MaxFloat32), -T(math.MaxFloat32))
	case *float64:
		*p = math.Nextafter(*p, 2)
		out = append(out, T(*p), T(2-*p))
		m := math.MaxFloat64
		out = append(out, T(m), -T(m))
	}
	return out
}

// samples are n numbers: the edges first, then of all magnitudes and signs.
func samples[T float](rng *rand.Rand, n int) []T {
	x := make([]T, n)
	e := edges[T]()
	for i := range x {
		switch {
		case i < len(e):
			x[i] = e[i]
		case i%3 == 0:
			x[i] = T(rng.NormFloat64() * 3)
		case i%3 == 1:
			x[i] = T(rng.NormFloat64() * math.Exp2(rng.Float64()*20-10))
		default:
			x[i] = fromBits[T](rng.Uint64())
		}
	}
	return x
}

func fromBits[T float](b uint64) T {
	var x T
	switch p := any(&x).(type) {
	case *float32:
		*p = math.Float32frombits(uint32(b))
	case *float64:
		*p = math.Float64frombits(b)
	}
	return x
}

// order maps floats to integers in their order, a neighbour a step.
func order[T float](x T) int64 {
	switch v := any(x).(type) {
	case float32:
		b := int64(int32(math.Float32bits(v)))
		if b < 0 {
			b = math.MinInt32 - b
		}
		return b
	case float64:
		b := int64(math.Float64bits(v))
		if b < 0 {
			b = math.MinInt64 - b
		}
		return b
	}
	return 0
}

// ulps is the number of floats from got to want; 0 if both are NaN, very many if only one is.
func ulps[T float](got, want T) float64 {
	if got != got || want != want {
		if got != got && want != want {
			return 0
		}
		return math.Inf(1)
	}
	d := order(got) - order(want)
	if d < 0 {
		d = -d
	}
	return float64(uint64(d))
}

// same reports whether the bits are equal, or both are NaN.
func same[T float](got, want T) bool {
	if got != got || want != want {
		return got != got && want != want
	}
	return order(got) == order(want) && math.Signbit(float64(got)) == math.Signbit(float64(want))
}
