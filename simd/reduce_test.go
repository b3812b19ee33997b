package simd_test

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// fold is a reduction: what it starts with and how it goes on.
type fold struct {
	start func(t dtypes.DType) val
	step  func(t dtypes.DType, acc, x val) val
	types []dtypes.DType
}

var (
	sums = fold{
		start: func(dtypes.DType) val { return val{i: new(big.Int)} },
		step: func(t dtypes.DType, a, x val) val {
			if t.IsInt() {
				return val{i: wrap(t, new(big.Int).Add(a.i, x.i))}
			}
			return val{f: a.f + x.f, c: a.c + x.c}
		},
		types: numberTypes,
	}
	products = fold{
		start: func(dtypes.DType) val { return val{i: big.NewInt(1), f: 1, c: 1} },
		step: func(t dtypes.DType, a, x val) val {
			if t.IsInt() {
				return val{i: wrap(t, new(big.Int).Mul(a.i, x.i))}
			}
			return val{f: a.f * x.f, c: a.c * x.c}
		},
		types: numberTypes,
	}
	maxima = fold{
		start: func(t dtypes.DType) val {
			if t.IsInt() {
				lo, _ := limits(t)
				return val{i: lo}
			}
			return val{f: math.Inf(-1)}
		},
		step: func(t dtypes.DType, a, x val) val {
			switch {
			case t == dtypes.Bool:
				return val{b: a.b || x.b}
			case t.IsFloat():
				return val{f: maxNaN(a.f, x.f)}
			case a.i.Cmp(x.i) > 0:
				return a
			}
			return x
		},
		types: slices.Concat(realTypes, boolType),
	}
	minima = fold{
		start: func(t dtypes.DType) val {
			if t.IsInt() {
				_, hi := limits(t)
				return val{i: hi}
			}
			return val{f: math.Inf(1), b: true}
		},
		step: func(t dtypes.DType, a, x val) val {
			switch {
			case t == dtypes.Bool:
				return val{b: a.b && x.b}
			case t.IsFloat():
				return val{f: minNaN(a.f, x.f)}
			case a.i.Cmp(x.i) < 0:
				return a
			}
			return x
		},
		types: slices.Concat(realTypes, boolType),
	}
)

// bitFold is a reduction of integers' bits.
func bitFold(start int64, f func(z, x, y *big.Int) *big.Int) fold {
	return fold{
		start: func(t dtypes.DType) val { return val{i: wrap(t, big.NewInt(start))} },
		step:  func(t dtypes.DType, a, x val) val { return val{i: wrap(t, f(new(big.Int), a.i, x.i))} },
		types: intTypes,
	}
}

// boolFold is a reduction of booleans.
func boolFold(start bool, f func(a, x bool) bool) fold {
	return fold{
		start: func(dtypes.DType) val { return val{b: start} },
		step:  func(_ dtypes.DType, a, x val) val { return val{b: f(a.b, x.b)} },
		types: boolType,
	}
}

// reduction makes the test of a reduction over axes.
func reduction(method func(b backends.Builder, x backends.Op, axes ...int) (backends.Op, error), d fold) func(t *testing.T) {
	return func(t *testing.T) {
		over := func(axes ...int) program {
			return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return method(b, in[0], axes...) })
		}
		for _, dtype := range allTypes {
			if !slices.Contains(d.types, dtype) {
				fails(t, dtype.String(), over(0), []string{"(" + dtype.String() + ")"}, newSampler(1, false).array(dtype, 2))
				continue
			}
			dims := [][]int{{}, {0}, {17}, {2, 0, 3}, {3, 5, 2}, {1030}}
			if dtype == dtypes.Float32 || dtype == dtypes.Bool || dtype == dtypes.Int32 {
				dims = append(slices.Clone(manyDims), []int{5000}, []int{2, 3000}, []int{300, 9}, []int{9, 300}, []int{20, 3, 40})
			}
			for k, dims := range dims {
				wild := d.types[0] != numberTypes[0] || len(d.types) != len(numberTypes) // sums of wild numbers prove little
				s := newSampler(uint64(k), wild)
				x := s.array(dtype, dims...)
				if len(d.types) == len(numberTypes) && d.start(dtype).f == 1 {
					x = nearOne(s, dtype, dims)
				}
				for n := range 4 {
					axes := s.Perm(len(dims))[:s.IntN(len(dims)+1)]
					if n == 0 {
						axes = nil
					}
					want, tol := d.reduce(x, axes)
					check(t, over(axes...), tol, []array{want}, x)
					if !wild && dtype != dtypes.BFloat16 && len(axes) > 0 {
						like(t, over(axes...), tolerance{ulp: 64 + 64*tol.ulp, abs: 64 * tol.abs}, x)
					}
				}
			}
		}
		x := newSampler(1, false).array(d.types[0], 2, 3)
		fails(t, "no axis", over(2), []string{"axis 2"}, x)
		fails(t, "twice", over(1, 1), []string{"twice"}, x)
	}
}

// nearOne draws numbers whose product is of order one.
func nearOne(s *sampler, t dtypes.DType, dims []int) array {
	if t.IsInt() {
		return s.array(t, dims...)
	}
	return build(t, dims, func([]int) val {
		f := store(t, 1+s.NormFloat64()/16)
		part := store(realPart(t), s.NormFloat64()/16)
		return val{f: f, c: complex(store(realPart(t), f), part)}
	})
}

// reduce computes a reduction, and how far from it a good one may be: half a unit for each level of a
// tree of sums, of the sum of absolute values.
func (d fold) reduce(x array, axes []int) (array, tolerance) {
	if len(axes) == 0 {
		for i := range x.dims {
			axes = append(axes, i)
		}
	}
	to := []int{}
	for i, n := range x.dims {
		if !slices.Contains(axes, i) {
			to = append(to, n)
		}
	}
	out := build(x.t, to, func([]int) val { return d.start(x.t) })
	size := make([]float64, len(out.v))
	each(x.dims, func(idx []int) {
		var at []int
		for i, k := range idx {
			if !slices.Contains(axes, i) {
				at = append(at, k)
			}
		}
		k := position(to, at)
		v := x.at(idx)
		out.v[k] = d.step(x.t, out.v[k], v)
		size[k] += math.Abs(v.f) + math.Abs(real(v.c)) + math.Abs(imag(v.c))
	})
	n := 1
	for _, a := range axes {
		n *= x.dims[a]
	}
	var tol tolerance
	if !isInt(x.t) && x.t != dtypes.Bool && len(d.types) == len(numberTypes) && n > 1 {
		levels := math.Log2(float64(n)) + 8 // eight: lanes are summed one after the other
		tol.ulp = levels
		if len(size) > 0 {
			tol.abs = slices.Max(size) * eps(x.t) / 2 * levels
		}
		if d.start(x.t).f == 1 { // a product's errors add up
			tol.ulp = float64(n)
		}
	}
	return out, tol
}

var reduceTests = map[string]func(t *testing.T){
	"ReduceSum":           reduction(backends.Builder.ReduceSum, sums),
	"ReduceProduct":       reduction(backends.Builder.ReduceProduct, products),
	"ReduceMax":           reduction(backends.Builder.ReduceMax, maxima),
	"ReduceMin":           reduction(backends.Builder.ReduceMin, minima),
	"ReduceBitwiseAnd":    reduction(backends.Builder.ReduceBitwiseAnd, bitFold(-1, (*big.Int).And)),
	"ReduceBitwiseOr":     reduction(backends.Builder.ReduceBitwiseOr, bitFold(0, (*big.Int).Or)),
	"ReduceBitwiseXor":    reduction(backends.Builder.ReduceBitwiseXor, bitFold(0, (*big.Int).Xor)),
	"ReduceLogicalAnd":    reduction(backends.Builder.ReduceLogicalAnd, boolFold(true, func(a, x bool) bool { return a && x })),
	"ReduceLogicalOr":     reduction(backends.Builder.ReduceLogicalOr, boolFold(false, func(a, x bool) bool { return a || x })),
	"ReduceLogicalXor":    reduction(backends.Builder.ReduceLogicalXor, boolFold(false, func(a, x bool) bool { return a != x })),
	"ArgMinMax":           testArgMinMax,
	"ReduceWindow":        testReduceWindow,
	"SelectAndScatterMax": selectAndScatter(backends.Builder.SelectAndScatterMax, func(s int) bool { return s > 0 }),
	"SelectAndScatterMin": selectAndScatter(backends.Builder.SelectAndScatterMin, func(s int) bool { return s < 0 }),
}

// sign of a - b, of numbers and booleans.
func signOf(t dtypes.DType, a, b val) int {
	switch {
	case t == dtypes.Bool:
		return number(a.b) - number(b.b)
	case t.IsInt():
		return a.i.Cmp(b.i)
	case a.f < b.f:
		return -1
	case a.f > b.f:
		return 1
	}
	return 0
}

func testArgMinMax(t *testing.T) {
	of := func(axis int, out dtypes.DType, isMin bool) program {
		return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
			return b.ArgMinMax(in[0], axis, out, isMin)
		})
	}
	for n, dtype := range slices.Concat(realTypes, boolType) {
		for k, dims := range [][]int{{1}, {17}, {1030}, {3, 5}, {0, 5}, {4, 33}, {2, 3, 4, 2}, {2, 1, 2, 1, 2, 3}} {
			for axis := range dims {
				if dims[axis] == 0 {
					continue
				}
				for _, wild := range []bool{false, true} {
					for _, isMin := range []bool{false, true} {
						x := newSampler(uint64(k), wild).array(dtype, dims...)
						out := intTypes[n%len(intTypes)]
						if dims[axis] > 127 {
							out = dtypes.Int32
						}
						to := slices.Delete(slices.Clone(dims), axis, axis+1)
						f := of(axis, out, isMin)
						check(t, f, tolerance{}, []array{build(out, to, func(idx []int) val {
							best := 0
							at := slices.Insert(slices.Clone(idx), axis, 0)
							top := x.at(at)
							for at[axis] = 1; at[axis] < dims[axis]; at[axis]++ {
								v := x.at(at)
								s := signOf(dtype, v, top)
								if isMin {
									s = -s
								}
								if top.f == top.f && (s > 0 || v.f != v.f) { // the first NaN stays
									best, top = at[axis], v
								}
							}
							return val{i: big.NewInt(int64(best))}
						})}, x)
						if !wild && dtype == dtypes.Float32 {
							like(t, f, tolerance{}, x)
						}
					}
				}
			}
		}
	}
	s := newSampler(1, false)
	fails(t, "no axis", of(1, dtypes.Int32, true), []string{"ArgMinMax", "axis 1"}, s.array(dtypes.Float32, 2))
	fails(t, "float indices", of(0, dtypes.Float32, true), []string{"Float32"}, s.array(dtypes.Float32, 2))
	fails(t, "complex", of(0, dtypes.Int32, true), []string{"Complex64"}, s.array(dtypes.Complex64, 2))
	fails(t, "nothing to choose from", of(0, dtypes.Int32, true), []string{"no elements"}, s.array(dtypes.Float32, 0, 2))
}

// window is a random window over dims.
type window struct {
	size, strides, base, dilation []int
	paddings                      [][2]int
	places                        []int
}

func randomWindow(s *sampler, dims []int, dilate bool) window {
	for {
		w := window{}
		ok := true
		for _, d := range dims {
			one := func(n int) int { return 1 + s.IntN(n) }
			size, stride, base, dilation := one(3), one(3), 1, 1
			if dilate {
				base, dilation = one(2), one(2)
			}
			p := [2]int{s.IntN(3), s.IntN(3)}
			room := p[0] + p[1] + max(0, (d-1)*base+1) - ((size-1)*dilation + 1)
			if d == 0 {
				room = p[0] + p[1] - ((size-1)*dilation + 1)
			}
			if room < 0 {
				ok = false
			}
			w.size, w.strides = append(w.size, size), append(w.strides, stride)
			w.base, w.dilation = append(w.base, base), append(w.dilation, dilation)
			w.paddings = append(w.paddings, p)
			w.places = append(w.places, room/stride+1)
		}
		if ok {
			return w
		}
	}
}

// under calls f with the index of each element under the window at a place.
func (w window) under(dims, place []int, f func(idx []int)) {
	each(w.size, func(k []int) {
		idx := make([]int, len(k))
		for i := range k {
			at := place[i]*w.strides[i] + k[i]*w.dilation[i] - w.paddings[i][0]
			if at < 0 || at%w.base[i] != 0 || at/w.base[i] >= dims[i] {
				return
			}
			idx[i] = at / w.base[i]
		}
		f(idx)
	})
}

func testReduceWindow(t *testing.T) {
	for _, op := range []struct {
		op backends.ReduceOpType
		d  fold
	}{{backends.ReduceOpSum, sums}, {backends.ReduceOpProduct, products}, {backends.ReduceOpMax, maxima}, {backends.ReduceOpMin, minima}} {
		for _, dtype := range op.d.types {
			for k, dims := range [][]int{{}, {5}, {40}, {6, 7}, {0, 3}, {4, 0}, {3, 0, 5}, {2, 4, 0, 3}, {2, 6, 7, 3}, {3, 2, 4, 1, 5}} {
				s := newSampler(uint64(k), false)
				for n := range 3 {
					x := s.array(dtype, dims...)
					w := randomWindow(s, dims, n > 0)
					base, dilation, paddings := w.base, w.dilation, w.paddings
					f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
						return b.ReduceWindow(in[0], op.op, w.size, w.strides, base, dilation, paddings)
					})
					size := 0.0
					want := build(dtype, w.places, func(place []int) val {
						acc, sum := op.d.start(dtype), 0.0
						w.under(dims, place, func(idx []int) {
							v := x.at(idx)
							acc = op.d.step(dtype, acc, v)
							sum += math.Abs(v.f) + math.Abs(real(v.c)) + math.Abs(imag(v.c))
						})
						size = max(size, sum)
						return acc
					})
					tol := tolerance{}
					if op.op == backends.ReduceOpSum || op.op == backends.ReduceOpProduct {
						tol = tolerance{ulp: 32, abs: 8 * eps(dtype) * size}
					}
					check(t, f, tol, []array{want}, x)
					if dtype == dtypes.Float32 && op.op != backends.ReduceOpMin && n == 0 {
						like(t, f, tolerance{ulp: 64, abs: 16 * eps(dtype) * size}, x)
					}
				}
			}
		}
	}
	// What nil stands for.
	x := newSampler(1, false).array(dtypes.Float32, 6)
	f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
		return b.ReduceWindow(in[0], backends.ReduceOpMax, []int{2}, nil, nil, nil, nil)
	})
	check(t, f, tolerance{}, []array{build(dtypes.Float32, []int{3}, func(idx []int) val {
		return val{f: math.Max(x.v[2*idx[0]].f, x.v[2*idx[0]+1].f)}
	})}, x)
	bad := func(op backends.ReduceOpType, size, strides, base, dilation []int, paddings [][2]int) program {
		return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
			return b.ReduceWindow(in[0], op, size, strides, base, dilation, paddings)
		})
	}
	sum := backends.ReduceOpSum
	fails(t, "no reduction", bad(backends.ReduceOpUndefined, []int{2}, nil, nil, nil, nil), []string{"ReduceWindow", "reduction"}, x)
	fails(t, "no window", bad(sum, nil, nil, nil, nil, nil), []string{"window dimension"}, x)
	fails(t, "window of nothing", bad(sum, []int{0}, nil, nil, nil, nil), []string{"window dimension 0"}, x)
	fails(t, "stride 0", bad(sum, []int{2}, []int{0}, nil, nil, nil), []string{"stride 0"}, x)
	fails(t, "dilation 0", bad(sum, []int{2}, nil, []int{0}, nil, nil), []string{"base dilation 0"}, x)
	fails(t, "two dilations", bad(sum, []int{2}, nil, nil, []int{1, 1}, nil), []string{"window dilation"}, x)
	fails(t, "negative padding", bad(sum, []int{2}, nil, nil, nil, [][2]int{{-1, 0}}), []string{"padding"}, x)
	fails(t, "window too large", bad(sum, []int{7}, nil, nil, nil, nil), []string{"7", "6"}, x)
	fails(t, "sum of booleans", bad(sum, []int{2}, nil, nil, nil, nil), []string{"Bool"}, newSampler(1, false).array(dtypes.Bool, 6))
}

func selectAndScatter(
	method func(b backends.Builder, x, source backends.Op, size, strides []int, paddings [][2]int) (backends.Op, error),
	better func(sign int) bool,
) func(t *testing.T) {
	return func(t *testing.T) {
		for _, dtype := range realTypes {
			for k, dims := range [][]int{{}, {5}, {40}, {6, 7}, {0, 3}, {2, 6, 7, 3}, {3, 2, 4, 1, 5}} {
				s := newSampler(uint64(k), false)
				for range 3 {
					w := randomWindow(s, dims, false)
					x, source := s.array(dtype, dims...), s.array(dtype, w.places...)
					want := build(dtype, dims, func([]int) val { return val{i: new(big.Int)} })
					size := make([]float64, len(want.v))
					each(w.places, func(place []int) {
						best := -1
						w.under(dims, place, func(idx []int) {
							if k := position(dims, idx); best < 0 || better(signOf(dtype, x.v[k], x.v[best])) {
								best = k
							}
						})
						if best >= 0 { // a window over padding alone selects nothing
							want.v[best] = sums.step(dtype, want.v[best], source.at(place))
							size[best] += math.Abs(source.at(place).f)
						}
					})
					f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
						return method(b, in[0], in[1], w.size, w.strides, w.paddings)
					})
					tol := tolerance{ulp: 4}
					if len(size) > 0 {
						tol.abs = 4 * eps(dtype) * slices.Max(size)
					}
					check(t, f, tol, []array{want}, x, source)
				}
			}
		}
		s := newSampler(1, false)
		x := s.array(dtypes.Float32, 6)
		f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
			return method(b, in[0], in[1], []int{2}, nil, nil)
		})
		fails(t, "source's dimensions", f, []string{"SelectAndScatter", "[3]"}, x, s.array(dtypes.Float32, 4))
		fails(t, "source's type", f, []string{"type"}, x, s.array(dtypes.Float64, 3))
		fails(t, "complex", f, []string{"Complex64"}, s.array(dtypes.Complex64, 6), s.array(dtypes.Complex64, 3))
	}
}
