package simd_test

import (
	"math/big"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"
)

// moveTests are the operations that only move elements.
var moveTests = map[string]func(t *testing.T){
	"Reshape":            testReshape,
	"Transpose":          testTranspose,
	"BroadcastInDim":     testBroadcastInDim,
	"Slice":              testSlice,
	"Concatenate":        testConcatenate,
	"Pad":                testPad,
	"Reverse":            testReverse,
	"Iota":               testIota,
	"DynamicSlice":       testDynamicSlice,
	"DynamicUpdateSlice": testDynamicUpdateSlice,
}

// One type of each size.
var sizes = []dtypes.DType{dtypes.Bool, dtypes.Int16, dtypes.Float32, dtypes.Float64, dtypes.Complex128}

// rows calls f with each type of another size and each of many dimensions.
func rows(dims [][]int, f func(s *sampler, dtype dtypes.DType, dims []int)) {
	for _, dtype := range sizes {
		for k, d := range dims {
			f(newSampler(uint64(k), false), dtype, d)
		}
	}
}

func testReshape(t *testing.T) {
	to := func(dims ...int) program {
		return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.Reshape(in[0], dims...) })
	}
	rows(manyDims, func(s *sampler, dtype dtypes.DType, dims []int) {
		x := s.array(dtype, dims...)
		n := sizeOf(dims)
		for _, d := range [][]int{{n}, {1, n, 1}, dims, append([]int{1}, dims...)} {
			check(t, to(d...), tolerance{}, []array{{t: dtype, dims: d, v: x.v}}, x)
		}
		if n%6 == 0 {
			check(t, to(n/6, 2, 3), tolerance{}, []array{{t: dtype, dims: []int{n / 6, 2, 3}, v: x.v}}, x)
		}
	})
	s := newSampler(1, false)
	fails(t, "other size", to(2, 4), []string{"Reshape", "6", "8"}, s.array(dtypes.Float32, 2, 3))
	fails(t, "negative", to(-1), []string{"Reshape", "negative"}, s.array(dtypes.Float32, 2, 3))
	fails(t, "overflow", to(1<<40, 1<<40), []string{"bytes"}, s.array(dtypes.Float32, 2, 3))
}

func testTranspose(t *testing.T) {
	by := func(p ...int) program {
		return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.Transpose(in[0], p...) })
	}
	rows(manyDims, func(s *sampler, dtype dtypes.DType, dims []int) {
		x := s.array(dtype, dims...)
		for range 3 {
			p := s.Perm(len(dims))
			to := make([]int, len(p))
			for i, a := range p {
				to[i] = dims[a]
			}
			check(t, by(p...), tolerance{}, []array{build(dtype, to, func(idx []int) val {
				from := make([]int, len(p))
				for i, a := range p {
					from[a] = idx[i]
				}
				return x.at(from)
			})}, x)
		}
	})
	x := newSampler(1, false).array(dtypes.Float32, 2, 3)
	fails(t, "too few", by(0), []string{"Transpose", "2"}, x)
	fails(t, "twice", by(0, 0), []string{"twice"}, x)
	fails(t, "no axis", by(0, 2), []string{"axis", "rank 2"}, x)
	like(t, by(1, 0), tolerance{}, x)
}

func testBroadcastInDim(t *testing.T) {
	to := func(axes []int, dims ...int) program {
		return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
			shape, err := b.OpShape(in[0])
			if err != nil {
				return nil, err
			}
			return b.BroadcastInDim(in[0], shapes.Make(shape.DType, dims...), axes)
		})
	}
	for _, row := range []struct{ from, axes, to []int }{
		{[]int{}, nil, []int{}},
		{[]int{}, nil, []int{3, 5}},
		{[]int{}, nil, []int{3, 0}},
		{[]int{3}, []int{0}, []int{3, 5}},
		{[]int{5}, []int{1}, []int{3, 5}},
		{[]int{1}, []int{1}, []int{3, 5}},
		{[]int{0}, []int{1}, []int{3, 0}},
		{[]int{1, 7}, []int{0, 2}, []int{3, 2, 7}},
		{[]int{2, 1, 3}, []int{1, 3, 5}, []int{2, 2, 2, 3, 1, 3}},
		{[]int{2, 3}, []int{1, 0}, []int{3, 2}}, // axes out of order: a transposition as well
		{[]int{2, 1, 3}, []int{2, 0, 1}, []int{4, 3, 2}},
		{[]int{1030}, []int{1}, []int{3, 1030}},
	} {
		for _, dtype := range sizes {
			x := newSampler(1, false).array(dtype, row.from...)
			f := to(row.axes, row.to...)
			check(t, f, tolerance{}, []array{build(dtype, row.to, func(idx []int) val {
				from := make([]int, len(row.from))
				for i, a := range row.axes {
					if row.from[i] != 1 {
						from[i] = idx[a]
					}
				}
				return x.at(from)
			})}, x)
			if slices.IsSorted(row.axes) && dtype == dtypes.Float32 {
				like(t, f, tolerance{}, x)
			}
		}
	}
	x := newSampler(1, false).array(dtypes.Float32, 2, 3)
	fails(t, "too few axes", to([]int{0}, 2, 3), []string{"BroadcastInDim", "axes"}, x)
	fails(t, "twice", to([]int{0, 0}, 2, 3), []string{"twice"}, x)
	fails(t, "no axis", to([]int{0, 2}, 2, 3), []string{"rank 2"}, x)
	fails(t, "other dimension", to([]int{0, 1}, 2, 4), []string{"axis 1", "4"}, x)
	fails(t, "other type", one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
		return b.BroadcastInDim(in[0], shapes.Make(dtypes.Int32, 2, 3), []int{0, 1})
	}), []string{"type"}, x)
}

func testSlice(t *testing.T) {
	cut := func(starts, limits, strides []int) program {
		return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
			return b.Slice(in[0], starts, limits, strides)
		})
	}
	rows(manyDims, func(s *sampler, dtype dtypes.DType, dims []int) {
		x := s.array(dtype, dims...)
		for n := range 4 {
			starts, limits, strides, to := make([]int, len(dims)), make([]int, len(dims)), make([]int, len(dims)), make([]int, len(dims))
			for i, d := range dims {
				starts[i] = s.IntN(d + 1)
				limits[i] = starts[i] + s.IntN(d-starts[i]+1)
				strides[i] = 1 + s.IntN(3)
				if n == 0 {
					strides[i] = 1
				}
				to[i] = (limits[i] - starts[i] + strides[i] - 1) / strides[i]
			}
			given := strides
			if n == 0 {
				given = nil
			}
			check(t, cut(starts, limits, given), tolerance{}, []array{build(dtype, to, func(idx []int) val {
				from := make([]int, len(idx))
				for i := range idx {
					from[i] = starts[i] + idx[i]*strides[i]
				}
				return x.at(from)
			})}, x)
			like(t, cut(starts, limits, strides), tolerance{}, x)
		}
	})
	x := newSampler(1, false).array(dtypes.Float32, 4)
	fails(t, "start below 0", cut([]int{-1}, []int{2}, nil), []string{"Slice", "-1"}, x)
	fails(t, "limit beyond", cut([]int{0}, []int{5}, nil), []string{"5", "4"}, x)
	fails(t, "limit before start", cut([]int{3}, []int{2}, nil), []string{"3", "2"}, x)
	fails(t, "stride 0", cut([]int{0}, []int{2}, []int{0}), []string{"stride 0"}, x)
	fails(t, "too many", cut([]int{0, 0}, []int{2, 2}, nil), []string{"each axis"}, x)
}

func testConcatenate(t *testing.T) {
	along := func(axis int) program {
		return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.Concatenate(axis, in...) })
	}
	for _, dtype := range sizes {
		for k, dims := range [][]int{{4}, {2, 3}, {3, 0, 2}, {2, 3, 1, 5}, {300, 5}, {1, 2, 1, 2, 3, 2}} {
			s := newSampler(uint64(k), false)
			for axis := range dims {
				for n := 1; n <= 4; n++ {
					var in []array
					to := slices.Clone(dims)
					to[axis] = 0
					for range n {
						d := slices.Clone(dims)
						d[axis] = s.IntN(5)
						to[axis] += d[axis]
						in = append(in, s.array(dtype, d...))
					}
					f := along(axis)
					check(t, f, tolerance{}, []array{build(dtype, to, func(idx []int) val {
						at := slices.Clone(idx)
						for _, x := range in {
							if at[axis] < x.dims[axis] {
								return x.at(at)
							}
							at[axis] -= x.dims[axis]
						}
						panic("beyond the end")
					})}, in...)
				}
			}
		}
	}
	s := newSampler(1, false)
	x := s.array(dtypes.Float32, 2, 3)
	like(t, along(1), tolerance{}, x, x)
	fails(t, "nothing", along(0), []string{"Concatenate", "no operands"})
	fails(t, "no axis", along(2), []string{"axis 2"}, x, x)
	fails(t, "scalars", along(0), []string{"rank 0"}, s.array(dtypes.Float32), s.array(dtypes.Float32))
	fails(t, "other dimension", along(0), []string{"axis 1"}, x, s.array(dtypes.Float32, 2, 4))
	fails(t, "other rank", along(0), []string{"rank"}, x, s.array(dtypes.Float32, 2))
	fails(t, "other type", along(0), []string{"type"}, x, s.array(dtypes.Float64, 2, 3))
}

func testPad(t *testing.T) {
	with := func(config ...backends.PadAxis) program {
		return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.Pad(in[0], in[1], config...) })
	}
	rows([][]int{{}, {1}, {5}, {0}, {4, 3}, {3, 0}, {2, 3, 4}, {1, 2, 1, 3}, {40, 33}, {2, 1, 2, 1, 2, 3}}, func(s *sampler, dtype dtypes.DType, dims []int) {
		x, fill := s.array(dtype, dims...), s.array(dtype)
		for range 4 {
			config := make([]backends.PadAxis, s.IntN(len(dims)+1))
			to := slices.Clone(dims)
			for i := range config {
				p := backends.PadAxis{Start: s.IntN(5) - 2, End: s.IntN(5) - 2, Interior: s.IntN(3)}
				d := dims[i] + max(dims[i]-1, 0)*p.Interior
				p.Start = max(p.Start, -d)
				p.End = max(p.End, -d-p.Start)
				config[i] = p
				to[i] = p.Start + d + p.End
			}
			check(t, with(config...), tolerance{}, []array{build(dtype, to, func(idx []int) val {
				from := slices.Clone(idx)
				for i, p := range config {
					from[i] -= p.Start
					if from[i] < 0 || from[i]%(p.Interior+1) != 0 || from[i]/(p.Interior+1) >= dims[i] {
						return fill.v[0]
					}
					from[i] /= p.Interior + 1
				}
				return x.at(from)
			})}, x, fill)
		}
	})
	s := newSampler(1, false)
	x, fill := s.array(dtypes.Float32, 2), s.array(dtypes.Float32)
	fails(t, "cuts too much", with(backends.PadAxis{Start: -1, End: -2}), []string{"Pad", "axis 0"}, x, fill)
	fails(t, "negative interior", with(backends.PadAxis{Interior: -1}), []string{"interior"}, x, fill)
	fails(t, "too many", with(backends.PadAxis{}, backends.PadAxis{}), []string{"2 axes"}, x, fill)
	fails(t, "fill is no scalar", with(backends.PadAxis{}), []string{"scalar"}, x, x)
	fails(t, "fill's type", with(backends.PadAxis{}), []string{"type"}, x, s.array(dtypes.Float64))
}

func testReverse(t *testing.T) {
	along := func(axes ...int) program {
		return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.Reverse(in[0], axes...) })
	}
	rows(manyDims, func(s *sampler, dtype dtypes.DType, dims []int) {
		x := s.array(dtype, dims...)
		for range 3 {
			axes := s.Perm(len(dims))[:s.IntN(len(dims)+1)]
			check(t, along(axes...), tolerance{}, []array{build(dtype, dims, func(idx []int) val {
				from := slices.Clone(idx)
				for _, a := range axes {
					from[a] = dims[a] - 1 - from[a]
				}
				return x.at(from)
			})}, x)
		}
	})
	x := newSampler(1, false).array(dtypes.Float32, 2, 3)
	fails(t, "no axis", along(2), []string{"Reverse", "axis 2"}, x)
	fails(t, "twice", along(1, -1), []string{"twice"}, x)
}

func testIota(t *testing.T) {
	for _, dtype := range numberTypes {
		for _, dims := range manyDims {
			for axis := range dims {
				f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
					return b.Iota(shapes.Make(dtype, dims...), axis)
				})
				check(t, f, tolerance{}, []array{build(dtype, dims, func(idx []int) val {
					k := idx[axis]
					return val{i: wrap(int64Or(dtype), big.NewInt(int64(k))), f: store(dtype, float64(k)), c: complex(float64(k), 0)}
				})})
			}
		}
	}
	bad := func(axis int, shape shapes.Shape) program {
		return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.Iota(shape, axis) })
	}
	fails(t, "no axis", bad(1, shapes.Make(dtypes.Int32, 3)), []string{"Iota", "axis 1"})
	fails(t, "scalar", bad(0, shapes.Make(dtypes.Int32)), []string{"scalar"})
	fails(t, "booleans", bad(0, shapes.Make(dtypes.Bool, 3)), []string{"Bool"})
	fails(t, "negative dimension", bad(0, shapes.Shape{DType: dtypes.Int32, Dimensions: []int{-3}}), []string{"negative"})
	fails(t, "no type", bad(0, shapes.Shape{Dimensions: []int{3}}), []string{"types"})
}

func int64Or(t dtypes.DType) dtypes.DType {
	if t.IsInt() {
		return t
	}
	return dtypes.Int64
}

// clampStart moves a place so that n elements from it lie within d.
func clampStart(i *big.Int, d, n int) int {
	if i.Sign() < 0 {
		return 0
	}
	if !i.IsInt64() || i.Int64() > int64(d-n) {
		return d - n
	}
	return int(i.Int64())
}

func testDynamicSlice(t *testing.T) {
	of := func(dims ...int) program {
		return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
			return b.DynamicSlice(in[0], in[1:], dims)
		})
	}
	rows([][]int{{}, {5}, {0}, {4, 33}, {3, 0}, {2, 3, 4}, {2, 1, 2, 1, 2, 3}}, func(s *sampler, dtype dtypes.DType, dims []int) {
		x := s.array(dtype, dims...)
		for n := range 6 {
			index := []dtypes.DType{dtypes.Int32, dtypes.Int64, dtypes.Uint8, dtypes.Int8, dtypes.Uint64, dtypes.Int32}[n]
			starts := (&sampler{s.Rand, n >= 3}).array(index, len(dims))
			to := make([]int, len(dims))
			for i, d := range dims {
				to[i] = s.IntN(d + 1)
			}
			in := []array{x}
			if n == 5 && len(dims) > 0 { // one array of all
				in = append(in, starts)
			} else {
				for _, v := range starts.v {
					in = append(in, array{t: index, dims: []int{}, v: []val{v}})
				}
			}
			check(t, of(to...), tolerance{}, []array{build(dtype, to, func(idx []int) val {
				from := slices.Clone(idx)
				for i := range from {
					from[i] += clampStart(starts.v[i].i, dims[i], to[i])
				}
				return x.at(from)
			})}, in...)
		}
	})
	s := newSampler(1, false)
	x, i := s.array(dtypes.Float32, 4), s.array(dtypes.Int32)
	fails(t, "too large", of(5), []string{"DynamicSlice", "5"}, x, i)
	fails(t, "no index", of(2), []string{"0 start indices"}, x)
	fails(t, "float index", of(2), []string{"Float32"}, x, s.array(dtypes.Float32))
	fails(t, "two dimensions", of(2, 2), []string{"each axis"}, x, i)
	fails(t, "array of wrong length", of(2), []string{"want 1"}, x, s.array(dtypes.Int32, 2))
}

func testDynamicUpdateSlice(t *testing.T) {
	f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
		return b.DynamicUpdateSlice(in[0], in[1], in[2:])
	})
	rows([][]int{{}, {5}, {0}, {4, 33}, {3, 0}, {2, 3, 4}, {2, 1, 2, 1, 2, 3}}, func(s *sampler, dtype dtypes.DType, dims []int) {
		x := s.array(dtype, dims...)
		for n := range 4 {
			starts := (&sampler{s.Rand, n >= 2}).array(dtypes.Int32, len(dims))
			of := make([]int, len(dims))
			at := make([]int, len(dims))
			for i, d := range dims {
				of[i] = s.IntN(d + 1)
				at[i] = clampStart(starts.v[i].i, d, of[i])
			}
			update := s.array(dtype, of...)
			in := []array{x, update}
			for _, v := range starts.v {
				in = append(in, array{t: dtypes.Int32, dims: []int{}, v: []val{v}})
			}
			check(t, f, tolerance{}, []array{build(dtype, dims, func(idx []int) val {
				from := slices.Clone(idx)
				for i := range from {
					from[i] -= at[i]
					if from[i] < 0 || from[i] >= of[i] {
						return x.at(idx)
					}
				}
				return update.at(from)
			})}, in...)
		}
	})
	s := newSampler(1, false)
	x, i := s.array(dtypes.Float32, 4), s.array(dtypes.Int32)
	fails(t, "too large", f, []string{"DynamicUpdateSlice", "larger"}, x, s.array(dtypes.Float32, 5), i)
	fails(t, "other rank", f, []string{"rank"}, x, s.array(dtypes.Float32), i)
	fails(t, "other type", f, []string{"type"}, x, s.array(dtypes.Float64, 2), i)
}
