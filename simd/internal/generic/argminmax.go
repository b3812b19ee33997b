package generic

import (
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

func init() {
	register(backends.OpTypeArgMinMax, argMinMax)
}

// argMinMax finds, along an axis, the first of the least or greatest elements, or the first NaN if
// there is one. Along an axis of no elements it gives 0.
func argMinMax(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
	x, p := in[0], params[ir.ArgMinMax](n)
	switch x.DType {
	case dtypes.Bool, dtypes.Uint8:
		extremes[uint8](pool, n, x, out, p)
	case dtypes.Int8:
		extremes[int8](pool, n, x, out, p)
	case dtypes.Int16:
		extremes[int16](pool, n, x, out, p)
	case dtypes.Int32:
		extremes[int32](pool, n, x, out, p)
	case dtypes.Int64:
		extremes[int64](pool, n, x, out, p)
	case dtypes.Uint16:
		extremes[uint16](pool, n, x, out, p)
	case dtypes.Uint32:
		extremes[uint32](pool, n, x, out, p)
	case dtypes.Uint64:
		extremes[uint64](pool, n, x, out, p)
	case dtypes.Float16, dtypes.BFloat16:
		extremes[float32](pool, n, converted(pool, x, dtypes.Float32), out, p)
	case dtypes.Float32:
		extremes[float32](pool, n, x, out, p)
	case dtypes.Float64:
		extremes[float64](pool, n, x, out, p)
	default:
		unsupported(n, x)
	}
}

// converted returns a copy of t as another type.
func converted(pool *par.Pool, t tensor.Tensor, to dtypes.DType) tensor.Tensor {
	c := fresh(to, t.Dims)
	apply(pool, elem.Map(backends.OpTypeConvertDType, t.DType, to), c, t)
	return c
}

// fresh returns a new zeroed tensor.
func fresh(dtype dtypes.DType, dims []int) tensor.Tensor {
	words := make([]complex128, tensor.Size(dims)*dtype.Size()/16+1) // aligned for every type
	return tensor.Of(dtype, dims, unsafe.Pointer(unsafe.SliceData(words)))
}

// extremes takes the array as [outer, size, inner] with the axis in the middle, and goes through
// blocks of inner, a line after the other, so that memory is read in order.
func extremes[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64](
	pool *par.Pool, n *ir.Node, x, out tensor.Tensor, p ir.ArgMinMax) {
	outer, size, inner := tensor.Size(x.Dims[:p.Axis]), x.Dims[p.Axis], tensor.Size(x.Dims[p.Axis+1:])
	if outer*inner == 0 {
		return
	}
	store := elem.Map(backends.OpTypeConvertDType, dtypes.Int64, out.DType)
	if store == nil || !out.DType.IsInt() {
		unsupported(n, out)
	}
	data := tensor.Flat[T](x)
	const width = 256
	blocks := (inner + width - 1) / width
	units := outer * blocks
	group := max(1, chunk/max(1, size*min(inner, width))) // units a piece
	pool.For((units+group-1)/group, func(piece int) {
		var best [width]T
		var index [width]int64
		for u := piece * group; u < min(units, (piece+1)*group); u++ {
			o, lo := u/blocks, u%blocks*width
			w := min(width, inner-lo)
			clear(index[:w])
			if size > 0 {
				first := data[o*size*inner+lo:]
				if inner == 1 {
					index[0] = extreme(first[:size], p.IsMin)
				} else {
					copy(best[:w], first)
					for i := 1; i < size; i++ {
						improve(best[:w], index[:w], first[i*inner:], int64(i), p.IsMin)
					}
				}
			}
			store(unsafe.Add(out.Data, (o*inner+lo)*out.DType.Size()), unsafe.Pointer(&index), nil, nil, w)
		}
	})
}

// extreme returns where the first extreme of a line is.
func extreme[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64](x []T, least bool) int64 {
	best, index := x[0], 0
	for i, v := range x {
		if best != best {
			break
		}
		if v != v || (least && v < best) || (!least && v > best) {
			best, index = v, i
		}
	}
	return int64(index)
}

// improve compares line i with the best so far.
func improve[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64](
	best []T, index []int64, x []T, i int64, least bool) {
	x, index = x[:len(best)], index[:len(best)]
	for j, b := range best {
		v := x[j]
		if (v != v && b == b) || (least && v < b) || (!least && v > b) {
			best[j], index[j] = v, i
		}
	}
}
