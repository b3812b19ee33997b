package elem

import (
	"math"
	"sync"
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// convert returns the kernel of ConvertDType; all pairs of types have one. bool is read as bytes
// that are 0 or 1.
func convert(in, out dtypes.DType) Kernel {
	if in == out {
		return move(size(in))
	}
	switch in {
	case dtypes.Bool, dtypes.Uint8:
		return fromInt[uint8](out)
	case dtypes.Int8:
		return fromInt[int8](out)
	case dtypes.Int16:
		return fromInt[int16](out)
	case dtypes.Int32:
		return fromInt[int32](out)
	case dtypes.Int64:
		return fromInt[int64](out)
	case dtypes.Uint16:
		return fromInt[uint16](out)
	case dtypes.Uint32:
		return fromInt[uint32](out)
	case dtypes.Uint64:
		return fromInt[uint64](out)
	case dtypes.Float16, dtypes.BFloat16:
		return fromHalf(in, out)
	case dtypes.Float32:
		return fromFloat[float32](out)
	case dtypes.Float64:
		return fromFloat[float64](out)
	case dtypes.Complex64:
		return fromComplex[complex64, float32](in, out)
	case dtypes.Complex128:
		return fromComplex[complex128, float64](in, out)
	}
	return nil
}

// fromInt returns the kernels that convert integers: to other integers by wrapping.
func fromInt[S integer](out dtypes.DType) Kernel {
	switch out {
	case dtypes.Int8:
		return unary(cast[S, int8])
	case dtypes.Int16:
		return unary(cast[S, int16])
	case dtypes.Int32:
		return unary(cast[S, int32])
	case dtypes.Int64:
		return unary(cast[S, int64])
	case dtypes.Uint8:
		return unary(cast[S, uint8])
	case dtypes.Uint16:
		return unary(cast[S, uint16])
	case dtypes.Uint32:
		return unary(cast[S, uint32])
	case dtypes.Uint64:
		return unary(cast[S, uint64])
	case dtypes.Float16, dtypes.BFloat16:
		return toHalf(out, func(d []float32, x []S) {
			for i, v := range x {
				d[i] = oddFloat32(oddFloat64(v))
			}
		})
	}
	return fromReal[S](out)
}

// fromFloat returns the kernels that convert floats: to integers by truncating and saturating.
func fromFloat[S floating](out dtypes.DType) Kernel {
	switch out {
	case dtypes.Int8:
		return unary(saturate[S, int8])
	case dtypes.Int16:
		return unary(saturate[S, int16])
	case dtypes.Int32:
		return unary(saturate[S, int32])
	case dtypes.Int64:
		return unary(saturate[S, int64])
	case dtypes.Uint8:
		return unary(saturate[S, uint8])
	case dtypes.Uint16:
		return unary(saturate[S, uint16])
	case dtypes.Uint32:
		return unary(saturate[S, uint32])
	case dtypes.Uint64:
		return unary(saturate[S, uint64])
	case dtypes.Float16, dtypes.BFloat16:
		return toHalf(out, func(d []float32, x []S) {
			for i, v := range x {
				d[i] = oddFloat32(float64(v))
			}
		})
	}
	return fromReal[S](out)
}

// fromReal returns the kernels that convert integers and floats alike: to what rounds or holds them.
func fromReal[S integer | floating](out dtypes.DType) Kernel {
	switch out {
	case dtypes.Bool:
		return unary(nonzero[S])
	case dtypes.Float32:
		return unary(cast[S, float32])
	case dtypes.Float64:
		return unary(cast[S, float64])
	case dtypes.Complex64:
		return unary(widen[S, float32])
	case dtypes.Complex128:
		return unary(widen[S, float64])
	}
	return nil
}

// fromHalf decodes and converts what it has as float32.
func fromHalf(in, out dtypes.DType) Kernel {
	decode, next := formats[in].decode, convert(dtypes.Float32, out)
	if out == dtypes.Float32 {
		return unary(decode)
	}
	return through(next, 2, size(out), func(d *[halfBlock]float64, p unsafe.Pointer, n int) {
		decode(unsafe.Slice((*float32)(unsafe.Pointer(d)), n), unsafe.Slice((*uint16)(p), n))
	})
}

// fromComplex converts the real part; to bool and to complex it looks at both.
func fromComplex[S anyComplex, R floating](in, out dtypes.DType) Kernel {
	switch out {
	case dtypes.Bool:
		return unary(nonzero[S])
	case dtypes.Complex64:
		return each(func(z S) complex64 { return complex64(z) })
	case dtypes.Complex128:
		return each(func(z S) complex128 { return complex128(z) })
	}
	part := parts[R](0)
	if out == in.RealDType() {
		return part
	}
	return through(convert(in.RealDType(), out), size(in), size(out), func(d *[halfBlock]float64, p unsafe.Pointer, n int) {
		part(unsafe.Pointer(d), p, nil, nil, n)
	})
}

// wideBlocks holds buffers for elements of up to 8 bytes.
var wideBlocks = sync.Pool{New: func() any { return new([halfBlock]float64) }}

// through runs first and then k on blocks of at most halfBlock elements; in and out are the bytes of
// an element of the operand and of the result.
func through(k Kernel, in, out int, first func(d *[halfBlock]float64, p unsafe.Pointer, n int)) Kernel {
	if k == nil {
		return nil
	}
	return func(dst, a, _, _ unsafe.Pointer, n int) {
		buf := wideBlocks.Get().(*[halfBlock]float64)
		defer wideBlocks.Put(buf)
		for i := 0; i < n; i += halfBlock {
			m := min(halfBlock, n-i)
			first(buf, unsafe.Add(a, in*i), m)
			k(unsafe.Add(dst, out*i), unsafe.Pointer(buf), nil, nil, m)
		}
	}
}

// toHalf makes a kernel that encodes what f gives; f rounds to odd, so that the encoder's rounding is
// the only one that counts.
func toHalf[S any](out dtypes.DType, f func(d []float32, x []S)) Kernel {
	encode := formats[out].encode
	return unary(func(d []uint16, x []S) {
		buf := blocks.Get().(*[3][halfBlock]float32)
		defer blocks.Put(buf)
		for i := 0; i < len(d); i += halfBlock {
			m := min(halfBlock, len(d)-i)
			f(buf[0][:m], x[i:i+m])
			encode(d[i:i+m], buf[0][:m])
		}
	})
}

func cast[S ordinal, D ordinal](d []D, x []S) {
	x = x[:len(d)]
	for i := range d {
		d[i] = D(x[i])
	}
}

func widen[S ordinal, D floating](d [][2]D, x []S) {
	x = x[:len(d)]
	for i := range d {
		d[i] = [2]D{D(x[i]), 0}
	}
}

func nonzero[S number](d []bool, x []S) {
	x = x[:len(d)]
	for i := range d {
		d[i] = x[i] != 0
	}
}

// saturate truncates towards zero; what lies outside becomes the nearest bound, NaN 0.
func saturate[S floating, D integer](d []D, x []S) {
	x = x[:len(d)]
	lo, hi := bounds[D]()
	// As floats: lo is exact; hi of the wide types rounds up to the power of two beyond it, so that
	// every v below it converts.
	flo, fhi := float64(lo), float64(hi)
	for i := range d {
		switch v := float64(x[i]); {
		case v > flo && v < fhi: // first, as it is the rule
			d[i] = D(v)
		case v != v:
			d[i] = 0
		case v <= flo:
			d[i] = lo
		default:
			d[i] = hi
		}
	}
}

// bounds returns the least and the greatest integer of a type.
func bounds[T integer]() (lo, hi T) {
	if ^T(0) > 0 {
		return 0, ^T(0)
	}
	lo = T(1) << (8*unsafe.Sizeof(lo) - 1)
	return lo, ^lo
}

// oddFloat32 rounds to a float32 with an odd last bit unless x is one: rounding the result to fewer
// bits (two fewer at least) then gives what rounding x would.
func oddFloat32(x float64) float32 {
	y := float32(x)
	e := float64(y) - x
	if e == 0 || x-x != 0 || math.IsInf(float64(y), 0) {
		return y // beyond float32 is beyond the 16-bit types too, or rounds to infinity there
	}
	b := math.Float32bits(y)
	if b&1 == 0 { // an even neighbour: take the other one, which lies beyond x
		if (e > 0) == (x > 0) {
			b-- // y is too large in magnitude
		} else {
			b++
		}
	}
	return math.Float32frombits(b)
}

// oddFloat64 converts an integer to a float64 that rounds to 16-bit floats as the integer does: of
// long ones it keeps the upper 52 bits, made odd if there was anything below.
func oddFloat64[T integer](v T) float64 {
	w := float64(v)
	if math.Abs(w) <= 1<<53 {
		return w
	}
	const low = 1<<12 - 1
	x := uint64(v)
	if x&low != 0 {
		x = x&^low | (low + 1)
	}
	return float64(T(x))
}
