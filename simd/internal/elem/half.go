package elem

import (
	"math"
	"sync"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// A format is how a 16-bit float is read and written.
type format struct {
	decode func(d []float32, x []uint16)
	encode func(d []uint16, x []float32)
}

// formats holds float16 and bfloat16.
var formats = map[dtypes.DType]format{
	dtypes.Float16: {
		decode: func(d []float32, x []uint16) {
			x = x[:len(d)]
			for i := range d {
				d[i] = fromFloat16(x[i])
			}
		},
		encode: func(d []uint16, x []float32) {
			x = x[:len(d)]
			for i := range d {
				d[i] = toFloat16(math.Float32bits(x[i]))
			}
		},
	},
	dtypes.BFloat16: {
		decode: func(d []float32, x []uint16) {
			x = x[:len(d)]
			for i := range d {
				d[i] = math.Float32frombits(uint32(x[i]) << 16)
			}
		},
		encode: func(d []uint16, x []float32) {
			x = x[:len(d)]
			for i := range d {
				d[i] = bfloat(math.Float32bits(x[i]))
			}
		},
	},
}

// fromFloat16 shifts exponent and fraction to their places and corrects the exponent's bias, which is
// 112 less: by a product, which is exact and normalises denormals.
func fromFloat16(b uint16) float32 {
	sign, rest := uint32(b&0x8000)<<16, uint32(b&0x7fff)<<13
	if rest >= 0x1f<<23 { // infinity, NaN
		return math.Float32frombits(sign | rest | 0xff<<23)
	}
	return math.Float32frombits(sign | math.Float32bits(math.Float32frombits(rest)*0x1p112))
}

// toFloat16 rounds the bits of a float32 to those of the nearest float16, ties to even.
func toFloat16(b uint32) uint16 {
	sign, rest := uint16(b>>16)&0x8000, b&0x7fffffff
	switch {
	case rest > 0xff<<23: // NaN: keep what fits, and keep it one
		return sign | 0x7e00 | uint16(rest>>13)&0x3ff
	case rest >= 0x477ff000: // 65520, half way to 2^16
		return sign | 0x7c00
	case rest < 113<<23: // denormal: adding 0.5 leaves multiples of 2^-24, rounded, in the low bits
		return sign | uint16(math.Float32bits(math.Float32frombits(rest)+0.5))
	}
	return sign | uint16((rest-112<<23+0xfff+rest>>13&1)>>13)
}

// bfloat rounds the bits of a float32 to those of the nearest bfloat16, ties to even.
func bfloat(b uint32) uint16 {
	if b&0x7fffffff > 0x7f800000 { // NaN: cut, and keep it one
		return uint16(b>>16) | 0x40
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// halfBlock is how many elements are decoded at once.
const halfBlock = 256

// blocks holds buffers for decoded operands.
var blocks = sync.Pool{New: func() any { return new([3][halfBlock]float32) }}

// half returns the kernels of 16-bit floats: those of float32 between decoding and encoding.
func half(op backends.OpType, in dtypes.DType) Kernel {
	switch op {
	case backends.OpTypeReal, backends.OpTypeConj:
		return move(2)
	case backends.OpTypeImag:
		return unary(func(d, _ []uint16) { clear(d) })
	case backends.OpTypeComplex:
		return nil // there are no complex numbers of 16-bit parts
	}
	if op := totalOrder(op); op != backends.OpTypeInvalid {
		return total[int16](op)
	}
	result := Result(op, dtypes.Float32)
	k := Map(op, dtypes.Float32, result)
	if k == nil {
		return nil
	}
	f, predicate := formats[in], result == dtypes.Bool
	return func(dst, a, b, c unsafe.Pointer, n int) {
		buf := blocks.Get().(*[3][halfBlock]float32)
		defer blocks.Put(buf)
		for i := 0; i < n; i += halfBlock {
			m := min(halfBlock, n-i)
			var p [3]unsafe.Pointer
			for j, operand := range [3]unsafe.Pointer{a, b, c} {
				if operand != nil {
					f.decode(buf[j][:m], unsafe.Slice((*uint16)(unsafe.Add(operand, 2*i)), m))
					p[j] = unsafe.Pointer(&buf[j])
				}
			}
			if predicate {
				k(unsafe.Add(dst, i), p[0], p[1], p[2], m)
				continue
			}
			k(p[0], p[0], p[1], p[2], m)
			f.encode(unsafe.Slice((*uint16)(unsafe.Add(dst, 2*i)), m), buf[0][:m])
		}
	}
}
