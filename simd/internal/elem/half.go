package elem

import (
	"math"
	"sync"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/x448/float16"
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
				d[i] = float16.Frombits(x[i]).Float32()
			}
		},
		encode: func(d []uint16, x []float32) {
			x = x[:len(d)]
			for i := range d {
				d[i] = float16.Fromfloat32(x[i]).Bits()
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
