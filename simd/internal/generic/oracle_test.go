package generic

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"
	"github.com/x448/float16"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// Tests of this package that are about moving and combining elements compare Eval with a definition
// written over indices, whose values are complex numbers: they hold every value that the tests use of
// every type exactly.

// every has the types that elements may have.
var every = []dtypes.DType{
	dtypes.Bool, dtypes.Int8, dtypes.Int16, dtypes.Int32, dtypes.Int64,
	dtypes.Uint8, dtypes.Uint16, dtypes.Uint32, dtypes.Uint64,
	dtypes.Float16, dtypes.BFloat16, dtypes.Float32, dtypes.Float64, dtypes.Complex64, dtypes.Complex128,
}

// ordered has those of them that sum, and have a greatest.
var ordered = every[1:13]

// indices has the types of indices.
var integers = every[1:9]

// at returns element i of t.
func at(t tensor.Tensor, i int) complex128 {
	p := unsafe.Add(t.Data, i*t.DType.Size())
	real := func(x float64) complex128 { return complex(x, 0) }
	switch t.DType {
	case dtypes.Bool, dtypes.Uint8:
		return real(float64(*(*uint8)(p)))
	case dtypes.Int8:
		return real(float64(*(*int8)(p)))
	case dtypes.Int16:
		return real(float64(*(*int16)(p)))
	case dtypes.Uint16:
		return real(float64(*(*uint16)(p)))
	case dtypes.Int32:
		return real(float64(*(*int32)(p)))
	case dtypes.Uint32:
		return real(float64(*(*uint32)(p)))
	case dtypes.Int64:
		return real(float64(*(*int64)(p)))
	case dtypes.Uint64:
		return real(float64(*(*uint64)(p)))
	case dtypes.Float16:
		return real(float64(float16.Frombits(*(*uint16)(p)).Float32()))
	case dtypes.BFloat16:
		return real(float64(math.Float32frombits(uint32(*(*uint16)(p)) << 16)))
	case dtypes.Float32:
		return real(float64(*(*float32)(p)))
	case dtypes.Float64:
		return real(*(*float64)(p))
	case dtypes.Complex64:
		return complex128(*(*complex64)(p))
	case dtypes.Complex128:
		return *(*complex128)(p)
	}
	panic(t.DType)
}

// put sets element i of t; the value must be one of t's type.
func put(t tensor.Tensor, i int, v complex128) {
	p := unsafe.Add(t.Data, i*t.DType.Size())
	x := real(v)
	switch t.DType {
	case dtypes.Bool, dtypes.Uint8:
		*(*uint8)(p) = uint8(x)
	case dtypes.Int8:
		*(*int8)(p) = int8(x)
	case dtypes.Int16:
		*(*int16)(p) = int16(x)
	case dtypes.Uint16:
		*(*uint16)(p) = uint16(x)
	case dtypes.Int32:
		*(*int32)(p) = int32(x)
	case dtypes.Uint32:
		*(*uint32)(p) = uint32(x)
	case dtypes.Int64:
		*(*int64)(p) = int64(x)
	case dtypes.Uint64:
		*(*uint64)(p) = uint64(x)
	case dtypes.Float16:
		*(*uint16)(p) = float16.Fromfloat32(float32(x)).Bits()
	case dtypes.BFloat16:
		*(*uint16)(p) = uint16(math.Float32bits(float32(x)) >> 16)
	case dtypes.Float32:
		*(*float32)(p) = float32(x)
	case dtypes.Float64:
		*(*float64)(p) = x
	case dtypes.Complex64:
		*(*complex64)(p) = complex64(v)
	case dtypes.Complex128:
		*(*complex128)(p) = v
	default:
		panic(t.DType)
	}
}

// get returns the element of a contiguous tensor with these indices.
func get(t tensor.Tensor, index ...int) complex128 { return at(t, offset(t, index)) }

// random returns a tensor of small whole numbers; unsigned ones where the type wants them.
func random(r *rand.Rand, d dtypes.DType, dims ...int) tensor.Tensor {
	t := temp(d, slices.Clone(dims))
	for i := range t.Size() {
		switch {
		case d == dtypes.Bool:
			put(t, i, complex(float64(r.IntN(2)), 0))
		case d.IsUnsigned():
			put(t, i, complex(float64(r.IntN(12)), 0))
		case d.IsComplex():
			put(t, i, complex(float64(r.IntN(25)-12), float64(r.IntN(25)-12)))
		default:
			put(t, i, complex(float64(r.IntN(25)-12), 0))
		}
	}
	return t
}

// whole returns a tensor with the given values.
func whole(d dtypes.DType, dims []int, values ...float64) tensor.Tensor {
	t := temp(d, dims)
	for i, v := range values {
		put(t, i, complex(v, 0))
	}
	return t
}

// someDims draws rank dimensions from 0 (seldom) to 5.
func someDims(r *rand.Rand, rank int) []int {
	dims := make([]int, rank)
	for i := range dims {
		dims[i] = 1 + r.IntN(5)
		if r.IntN(25) == 0 {
			dims[i] = 0
		}
	}
	return dims
}

// each calls f with all indices of a box, in row-major order.
func each(dims []int, f func(index []int)) {
	if slices.Contains(dims, 0) {
		return
	}
	index := make([]int, len(dims))
	for {
		f(index)
		a := len(dims) - 1
		for ; a >= 0; a-- {
			if index[a]++; index[a] < dims[a] {
				break
			}
			index[a] = 0
		}
		if a < 0 {
			return
		}
	}
}

// eval runs an operation; the memory of the result starts with rubbish.
func eval(pool *par.Pool, op ir.Op, attr any, d dtypes.DType, dims []int, in ...tensor.Tensor) tensor.Tensor {
	out := temp(d, dims)
	bytes := unsafe.Slice((*byte)(out.Data), out.Size()*d.Size())
	for i := range bytes {
		bytes[i] = 0xa5
	}
	g := &ir.Graph{}
	n := g.Add(op, shapes.Make(d, dims...), attr)
	Eval(pool, n, in, out)
	return out
}

// check compares a result with its definition, exactly if tolerance is 0; else to that many times
// the rounding of the result's type.
func check(t *testing.T, got tensor.Tensor, tolerance float64, want func(index []int) complex128) {
	t.Helper()
	wrong := 0
	each(got.Dims, func(index []int) {
		g, w := get(got, index...), want(index)
		if g == w || g != g && w != w {
			return
		}
		if d := math.Hypot(real(g-w), imag(g-w)); tolerance > 0 && d <= tolerance*rounding(got.DType) {
			return
		}
		if wrong++; wrong <= 3 {
			t.Errorf("element %v is %v, want %v", index, g, w)
		}
	})
	if wrong > 3 {
		t.Errorf("%d of %d elements are wrong", wrong, got.Size())
	}
}

// rounding is half a unit in the last place of 1.
func rounding(d dtypes.DType) float64 {
	switch d {
	case dtypes.Float16:
		return 1. / (1 << 11)
	case dtypes.BFloat16:
		return 1. / (1 << 8)
	case dtypes.Float32, dtypes.Complex64:
		return 1. / (1 << 24)
	}
	return 1. / (1 << 53)
}

// same compares bit by bit.
func same(t *testing.T, what string, a, b tensor.Tensor) {
	t.Helper()
	n := a.Size() * a.DType.Size()
	if !slices.Equal(unsafe.Slice((*byte)(a.Data), n), unsafe.Slice((*byte)(b.Data), n)) {
		t.Errorf("%s: results differ", what)
	}
}

// pools are those that results must not depend on.
func pools(t testing.TB) []*par.Pool {
	p := []*par.Pool{nil, par.New(2), par.New(5)}
	t.Cleanup(func() {
		for _, p := range p[1:] {
			p.Close()
		}
	})
	return p
}

// evalAll runs an operation on all pools and wants the same bits from each.
func evalAll(t *testing.T, pools []*par.Pool, op ir.Op, attr any, d dtypes.DType, dims []int, in ...tensor.Tensor) tensor.Tensor {
	t.Helper()
	out := eval(pools[0], op, attr, d, dims, in...)
	for _, p := range pools[1:] {
		same(t, fmt.Sprintf("%s with a pool of %d", ir.Name(op), p.Width()), out, eval(p, op, attr, d, dims, in...))
	}
	return out
}

// reference runs an operation of GoMLX's Go backend.
func reference(t *testing.T, build func(b backends.Builder, in []backends.Op) (backends.Op, error), in ...tensor.Tensor) tensor.Tensor {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("simplego: %v", err)
		}
	}
	back, err := simplego.New("ops_sequential,dotgeneral_small")
	must(err)
	defer back.Finalize()
	b := back.Builder("reference")
	var ops []backends.Op
	var args []backends.Buffer
	for i, x := range in {
		shape := shapes.Make(x.DType, x.Dims...)
		op, err := b.Parameter(fmt.Sprint("x", i), shape, nil)
		must(err)
		flat := reflect.MakeSlice(reflect.SliceOf(x.DType.GoType()), x.Size(), x.Size())
		n := x.Size() * x.DType.Size()
		if n > 0 {
			copy(unsafe.Slice((*byte)(flat.UnsafePointer()), n), unsafe.Slice((*byte)(x.Data), n))
		}
		buf, err := back.BufferFromFlatData(0, flat.Interface(), shape)
		must(err)
		ops, args = append(ops, op), append(args, buf)
	}
	y, err := build(b, ops)
	must(err)
	exec, err := b.Compile([]backends.Op{y}, nil)
	must(err)
	outs, err := exec.Execute(args, make([]bool, len(args)), 0)
	must(err)
	shape, err := back.BufferShape(outs[0])
	must(err)
	flat := reflect.MakeSlice(reflect.SliceOf(shape.DType.GoType()), shape.Size(), shape.Size())
	must(back.BufferToFlatData(outs[0], flat.Interface()))
	out := temp(shape.DType, shape.Dimensions)
	if n := out.Size() * out.DType.Size(); n > 0 {
		copy(unsafe.Slice((*byte)(out.Data), n), unsafe.Slice((*byte)(flat.UnsafePointer()), n))
	}
	return out
}
