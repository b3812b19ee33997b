package generic

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// rounds runs a test of random shapes over all types in turn.
func rounds(t *testing.T, n int, types []dtypes.DType, f func(t *testing.T, r *rand.Rand, i int, d dtypes.DType)) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(n), 7))
	for i := range n {
		f(t, r, i, types[i%len(types)])
		if t.Failed() {
			return
		}
	}
}

// inGo has the types of simplego's tests here: those it handles everywhere.
func inGo(d dtypes.DType) bool {
	switch d {
	case dtypes.Int32, dtypes.Int64, dtypes.Uint8, dtypes.Float32, dtypes.Float64:
		return true
	}
	return false
}

// filled reports whether all tensors have elements: simplego fails on some that have none.
func filled(ts ...tensor.Tensor) bool {
	for _, t := range ts {
		if t.Size() == 0 {
			return false
		}
	}
	return true
}

func TestTransposeAndReshape(t *testing.T) {
	pools := pools(t)
	rounds(t, 600, every, func(t *testing.T, r *rand.Rand, i int, d dtypes.DType) {
		x := random(r, d, someDims(r, r.IntN(7))...)
		perm := r.Perm(len(x.Dims))
		dims := make([]int, len(perm))
		for k, a := range perm {
			dims[k] = x.Dims[a]
		}
		y := evalAll(t, pools, backends.OpTypeTranspose, ir.Permutation{Axes: perm}, d, dims, x)
		check(t, y, 0, func(index []int) complex128 {
			from := make([]int, len(index))
			for k, a := range perm {
				from[a] = index[k]
			}
			return get(x, from...)
		})
		if inGo(d) && filled(y) {
			same(t, "transpose", y, reference(t, func(b backends.Builder, in []backends.Op) (backends.Op, error) {
				return b.Transpose(in[0], perm...)
			}, x))
		}
		flat := evalAll(t, pools, backends.OpTypeReshape, nil, d, []int{x.Size()}, x)
		same(t, "reshape", x, flat)
		same(t, "identity", x, evalAll(t, pools, backends.OpTypeIdentity, nil, d, x.Dims, x))
	})
}

func TestBroadcast(t *testing.T) {
	pools := pools(t)
	rounds(t, 600, every, func(t *testing.T, r *rand.Rand, i int, d dtypes.DType) {
		dims := someDims(r, r.IntN(7))
		// In dim: some axes of the result, in order, of their dimension or 1.
		var axes, small []int
		for a, n := range dims {
			switch r.IntN(3) {
			case 0:
				axes, small = append(axes, a), append(small, n)
			case 1:
				axes, small = append(axes, a), append(small, 1)
			}
		}
		x := random(r, d, small...)
		y := evalAll(t, pools, backends.OpTypeBroadcastInDim, ir.BroadcastInDim{Axes: axes}, d, dims, x)
		check(t, y, 0, func(index []int) complex128 {
			from := make([]int, len(axes))
			for k, a := range axes {
				from[k] = min(index[a], small[k]-1)
			}
			return get(x, from...)
		})
		if inGo(d) && filled(y) {
			same(t, "broadcast in dim", y, reference(t, func(b backends.Builder, in []backends.Op) (backends.Op, error) {
				return b.BroadcastInDim(in[0], shapes.Make(d, dims...), axes)
			}, x))
		}
		// New axes in front.
		k := r.IntN(len(dims) + 1)
		x = random(r, d, dims[k:]...)
		y = evalAll(t, pools, backends.OpTypeBroadcast, nil, d, dims, x)
		check(t, y, 0, func(index []int) complex128 { return get(x, index[k:]...) })
	})
}

func TestSlice(t *testing.T) {
	pools := pools(t)
	rounds(t, 600, every, func(t *testing.T, r *rand.Rand, i int, d dtypes.DType) {
		x := random(r, d, someDims(r, r.IntN(6))...)
		var p ir.Slice
		var dims []int
		for _, n := range x.Dims {
			start, stride := r.IntN(n+1), 1+r.IntN(3)
			limit := start + r.IntN(n-start+1)
			p.Starts, p.Limits, p.Strides = append(p.Starts, start), append(p.Limits, limit), append(p.Strides, stride)
			dims = append(dims, (limit-start+stride-1)/stride)
		}
		y := evalAll(t, pools, backends.OpTypeSlice, p, d, dims, x)
		check(t, y, 0, func(index []int) complex128 {
			from := make([]int, len(index))
			for a := range from {
				from[a] = p.Starts[a] + index[a]*p.Strides[a]
			}
			return get(x, from...)
		})
		if inGo(d) && filled(y) && len(dims) > 0 {
			same(t, "slice", y, reference(t, func(b backends.Builder, in []backends.Op) (backends.Op, error) {
				return b.Slice(in[0], p.Starts, p.Limits, p.Strides)
			}, x))
		}
	})
}

func TestReverse(t *testing.T) {
	pools := pools(t)
	rounds(t, 300, every, func(t *testing.T, r *rand.Rand, i int, d dtypes.DType) {
		x := random(r, d, someDims(r, 1+r.IntN(5))...)
		var axes []int
		for a := range x.Dims {
			if r.IntN(2) == 0 {
				axes = append(axes, a)
			}
		}
		y := evalAll(t, pools, backends.OpTypeReverse, ir.Axes{Axes: axes}, d, x.Dims, x)
		check(t, y, 0, func(index []int) complex128 {
			from := slices.Clone(index)
			for _, a := range axes {
				from[a] = x.Dims[a] - 1 - index[a]
			}
			return get(x, from...)
		})
	})
}

func TestConcatenate(t *testing.T) {
	pools := pools(t)
	rounds(t, 400, every, func(t *testing.T, r *rand.Rand, i int, d dtypes.DType) {
		dims := someDims(r, 1+r.IntN(5))
		axis := r.IntN(len(dims))
		var in []tensor.Tensor
		var from []int // which operand each place of the axis comes from
		for k := range 1 + r.IntN(4) {
			dims[axis] = r.IntN(4)
			in = append(in, random(r, d, dims...))
			for range dims[axis] {
				from = append(from, k)
			}
		}
		dims[axis] = len(from)
		y := evalAll(t, pools, backends.OpTypeConcatenate, ir.Concatenate{Axis: axis}, d, dims, in...)
		check(t, y, 0, func(index []int) complex128 {
			k := from[index[axis]]
			at := slices.Clone(index)
			at[axis] -= slices.Index(from, k)
			return get(in[k], at...)
		})
		if inGo(d) && filled(in...) {
			same(t, "concatenate", y, reference(t, func(b backends.Builder, in []backends.Op) (backends.Op, error) {
				return b.Concatenate(axis, in...)
			}, in...))
		}
	})
}

func TestPad(t *testing.T) {
	pools := pools(t)
	rounds(t, 900, every, func(t *testing.T, r *rand.Rand, i int, d dtypes.DType) {
		x, value := random(r, d, someDims(r, r.IntN(5))...), random(r, d)
		var p ir.Pad
		var dims []int
		for _, n := range x.Dims {
			a := backends.PadAxis{Start: r.IntN(9) - 4, End: r.IntN(9) - 4, Interior: r.IntN(3)}
			length := a.Start + a.End + n + max(0, n-1)*a.Interior
			if length < 0 {
				a.End -= length
				length = 0
			}
			p.Axes, dims = append(p.Axes, a), append(dims, length)
		}
		y := evalAll(t, pools, backends.OpTypePad, p, d, dims, x, value)
		check(t, y, 0, func(index []int) complex128 {
			from := make([]int, len(index))
			for a, k := range index {
				k -= p.Axes[a].Start
				step := p.Axes[a].Interior + 1
				if k < 0 || k%step != 0 || k/step >= x.Dims[a] {
					return at(value, 0)
				}
				from[a] = k / step
			}
			return get(x, from...)
		})
	})
}

func TestIota(t *testing.T) {
	pools := pools(t)
	rounds(t, 300, every, func(t *testing.T, r *rand.Rand, i int, d dtypes.DType) {
		dims := someDims(r, 1+r.IntN(5))
		axis := r.IntN(len(dims))
		y := evalAll(t, pools, backends.OpTypeIota, ir.Iota{Axis: axis}, d, dims)
		check(t, y, 0, func(index []int) complex128 {
			if d == dtypes.Bool {
				return complex(float64(min(1, index[axis])), 0)
			}
			return complex(float64(index[axis]), 0)
		})
		if inGo(d) && filled(y) {
			same(t, "iota", y, reference(t, func(b backends.Builder, in []backends.Op) (backends.Op, error) {
				return b.Iota(shapes.Make(d, dims...), axis)
			}))
		}
	})
	// Counts beyond the type wrap.
	y := eval(nil, backends.OpTypeIota, ir.Iota{}, dtypes.Int8, []int{300})
	if at(y, 127) != 127 || at(y, 128) != -128 || at(y, 299) != 43 {
		t.Errorf("int8 counts to %v, %v, …, %v", at(y, 127), at(y, 128), at(y, 299))
	}
}

func TestDynamicSlice(t *testing.T) {
	pools := pools(t)
	rounds(t, 600, every, func(t *testing.T, r *rand.Rand, i int, d dtypes.DType) {
		x := random(r, d, someDims(r, r.IntN(5))...)
		dims, starts := make([]int, len(x.Dims)), make([]int, len(x.Dims))
		scalars := make([]tensor.Tensor, len(dims))
		for a, n := range x.Dims {
			dims[a] = r.IntN(n + 1)
			di := integers[r.IntN(len(integers))]
			s := random(r, di) // negative ones and ones beyond the end too
			scalars[a] = s
			starts[a] = min(max(int(real(at(s, 0))), 0), n-dims[a])
		}
		y := evalAll(t, pools, backends.OpTypeDynamicSlice, ir.DynamicSlice{Sizes: dims}, d, dims,
			append([]tensor.Tensor{x}, scalars...)...)
		check(t, y, 0, func(index []int) complex128 {
			from := make([]int, len(index))
			for a := range from {
				from[a] = starts[a] + index[a]
			}
			return get(x, from...)
		})
		u := random(r, d, dims...)
		y = evalAll(t, pools, backends.OpTypeDynamicUpdateSlice, nil, d, x.Dims,
			append([]tensor.Tensor{x, u}, scalars...)...)
		check(t, y, 0, func(index []int) complex128 {
			from := make([]int, len(index))
			for a := range from {
				from[a] = index[a] - starts[a]
				if from[a] < 0 || from[a] >= dims[a] {
					return get(x, index...)
				}
			}
			return get(u, from...)
		})
	})
}
