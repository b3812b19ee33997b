package simd_test

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

var contractTests = map[string]func(t *testing.T){
	"Dot":         testDot,
	"DotGeneral":  testDotGeneral,
	"ConvGeneral": testConvGeneral,
	"Gather":      testGather,
	"ScatterSum":  scatter(backends.Builder.ScatterSum, sums),
	"ScatterMax":  scatter(backends.Builder.ScatterMax, maxima),
	"ScatterMin":  scatter(backends.Builder.ScatterMin, minima),
}

// accumulator adds up products of elements, and their absolute values.
type accumulator struct {
	t    dtypes.DType
	sum  val
	size float64
	n    int
}

func newAccumulator(t dtypes.DType) *accumulator {
	return &accumulator{t: t, sum: val{i: new(big.Int)}}
}

func (a *accumulator) add(x, y val) {
	a.n++
	if a.t.IsInt() {
		a.sum.i = wrap(a.t, a.sum.i.Add(a.sum.i, new(big.Int).Mul(x.i, y.i)))
		return
	}
	a.sum.f += x.f * y.f
	a.sum.c += x.c * y.c
	a.size += math.Abs(x.f*y.f) + math.Hypot(real(x.c), imag(x.c))*math.Hypot(real(y.c), imag(y.c))
}

// sloppy is how far a sum of n products of absolute sum size may be from the exact one: a rounding of
// each partial sum, all of one sign, would be n/2 units; they are not.
func sloppy(t dtypes.DType, size float64, n int) tolerance {
	e := eps(t)
	tol := tolerance{ulp: 2, abs: e * size * (4 + math.Sqrt(float64(n)))}
	if t.IsFloat16() { // summed in float32, rounded once
		tol = tolerance{ulp: 1, abs: eps(dtypes.Float32) * size * (4 + math.Sqrt(float64(n)))}
	}
	return tol
}

// product computes a DotGeneral.
func product(x, y array, lc, lb, rc, rb []int) (array, tolerance) {
	free := func(a array, contracted, batch []int) (axes []int) {
		for i := range a.dims {
			if !slices.Contains(contracted, i) && !slices.Contains(batch, i) {
				axes = append(axes, i)
			}
		}
		return axes
	}
	lf, rf := free(x, lc, lb), free(y, rc, rb)
	dims, sumDims := []int{}, []int{}
	for _, a := range lb {
		dims = append(dims, x.dims[a])
	}
	for _, a := range lf {
		dims = append(dims, x.dims[a])
	}
	for _, a := range rf {
		dims = append(dims, y.dims[a])
	}
	for _, a := range lc {
		sumDims = append(sumDims, x.dims[a])
	}
	size, n := 0.0, 0
	out := build(x.t, dims, func(idx []int) val {
		acc := newAccumulator(x.t)
		l, r := make([]int, len(x.dims)), make([]int, len(y.dims))
		for i := range lb {
			l[lb[i]], r[rb[i]] = idx[i], idx[i]
		}
		for i, a := range lf {
			l[a] = idx[len(lb)+i]
		}
		for i, a := range rf {
			r[a] = idx[len(lb)+len(lf)+i]
		}
		each(sumDims, func(k []int) {
			for i := range lc {
				l[lc[i]], r[rc[i]] = k[i], k[i]
			}
			acc.add(x.at(l), y.at(r))
		})
		size, n = max(size, acc.size), max(n, acc.n)
		return acc.sum
	})
	return out, sloppy(x.t, size, n)
}

func testDot(t *testing.T) {
	f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.Dot(in[0], in[1]) })
	for _, dtype := range numberTypes {
		for k, d := range [][2][]int{
			{{5}, {5}}, {{0}, {0}}, {{3, 5}, {5}}, {{5}, {5, 3}}, {{3, 5}, {5, 7}}, {{1, 1}, {1, 1}},
			{{0, 5}, {5, 7}}, {{3, 0}, {0, 7}}, {{17, 33}, {33, 9}}, {{33, 65}, {65, 31}},
		} {
			s := newSampler(uint64(k), false)
			x, y := s.array(dtype, d[0]...), s.array(dtype, d[1]...)
			want, tol := product(x, y, []int{len(d[0]) - 1}, nil, []int{0}, nil)
			check(t, f, tol, []array{want}, x, y)
			like(t, f, tolerance{ulp: 2 * tol.ulp, abs: 2 * tol.abs}, x, y)
		}
	}
	s := newSampler(1, false)
	fails(t, "sizes differ", f, []string{"Dot", "dimension"}, s.array(dtypes.Float32, 3, 4), s.array(dtypes.Float32, 3))
	fails(t, "three axes", f, []string{"matrices"}, s.array(dtypes.Float32, 3, 4, 5), s.array(dtypes.Float32, 5))
	fails(t, "scalar", f, []string{"matrices"}, s.array(dtypes.Float32), s.array(dtypes.Float32, 5))
	fails(t, "types differ", f, []string{"type"}, s.array(dtypes.Float32, 3), s.array(dtypes.Float64, 3))
	fails(t, "booleans", f, []string{"Bool"}, s.array(dtypes.Bool, 3), s.array(dtypes.Bool, 3))
}

func testDotGeneral(t *testing.T) {
	dot := func(lc, lb, rc, rb []int) program {
		return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
			return b.DotGeneral(in[0], slices.Clone(lc), slices.Clone(lb), in[1], slices.Clone(rc), slices.Clone(rb))
		})
	}
	for _, dtype := range numberTypes {
		for n := range 14 {
			s := newSampler(uint64(n), false)
			// Axes in any order: contracted, batch, and free ones of each side.
			var ld, rd []int
			var lc, lb, rc, rb []int
			nc, nb := s.IntN(3), s.IntN(3)
			ld, rd = make([]int, nc+nb+s.IntN(3)), make([]int, nc+nb+s.IntN(3))
			for i := range ld {
				ld[i] = 1 + s.IntN(5)
			}
			for i := range rd {
				rd[i] = 1 + s.IntN(5)
			}
			lp, rp := s.Perm(len(ld)), s.Perm(len(rd))
			for i := range nc + nb {
				d := 1 + s.IntN(6)
				if n == 13 {
					d = 0
				}
				ld[lp[i]], rd[rp[i]] = d, d
				if i < nc {
					lc, rc = append(lc, lp[i]), append(rc, rp[i])
				} else {
					lb, rb = append(lb, lp[i]), append(rb, rp[i])
				}
			}
			x, y := s.array(dtype, ld...), s.array(dtype, rd...)
			want, tol := product(x, y, lc, lb, rc, rb)
			f := dot(lc, lb, rc, rb)
			check(t, f, tol, []array{want}, x, y)
			like(t, f, tolerance{ulp: 2 * tol.ulp, abs: 2 * tol.abs}, x, y)
		}
	}
	for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.Float64, dtypes.Int32, dtypes.Complex64} {
		s := newSampler(1, false)
		x, y := s.array(dtype, 3, 40, 17), s.array(dtype, 17, 3, 50)
		want, tol := product(x, y, []int{2}, []int{0}, []int{0}, []int{1})
		check(t, dot([]int{2}, []int{0}, []int{0}, []int{1}), tol, []array{want}, x, y)
		check(t, dot([]int{-1}, []int{-3}, []int{-3}, []int{-2}), tol, []array{want}, x, y)
	}
	s := newSampler(1, false)
	x, y := s.array(dtypes.Float32, 3, 4), s.array(dtypes.Float32, 4, 3)
	fails(t, "sizes differ", dot([]int{1}, nil, []int{1}, nil), []string{"DotGeneral", "contracting"}, x, y)
	fails(t, "batch sizes differ", dot(nil, []int{0}, nil, []int{0}), []string{"batch"}, x, y)
	fails(t, "not as many", dot([]int{1}, nil, []int{0, 1}, nil), []string{"as many"}, x, y)
	fails(t, "no axis", dot([]int{2}, nil, []int{0}, nil), []string{"lhs contracting axis 2"}, x, y)
	fails(t, "twice", dot([]int{1, 1}, nil, []int{0, 0}, nil), []string{"twice"}, x, y)
	fails(t, "contracted and batch", dot([]int{1}, []int{1}, []int{0}, []int{0}), []string{"both"}, x, y)
}

// convolve computes a ConvGeneral by its definition.
func convolve(x, k array, a backends.ConvolveAxesConfig, dims []int, strides []int, paddings [][2]int, base, dilation []int, groups, batchGroups int) (array, tolerance) {
	spatial := make([]int, len(strides))
	for i := range spatial {
		spatial[i] = k.dims[a.KernelSpatial[i]]
	}
	kernelIn := k.dims[a.KernelInputChannels]
	channels := k.dims[a.KernelOutputChannels]
	size, n := 0.0, 0
	out := build(x.t, dims, func(idx []int) val {
		acc := newAccumulator(x.t)
		at, ker := make([]int, len(x.dims)), make([]int, len(k.dims))
		o := idx[a.OutputChannels]
		ker[a.KernelOutputChannels] = o
		at[a.InputBatch] = idx[a.OutputBatch]
		if batchGroups > 1 {
			at[a.InputBatch] += o / (channels / batchGroups) * (x.dims[a.InputBatch] / batchGroups)
		}
		first := 0 // input channel
		if groups > 1 {
			first = o / (channels / groups) * kernelIn
		}
		each(spatial, func(w []int) {
			for i := range w {
				p := idx[a.OutputSpatial[i]]*strides[i] + w[i]*dilation[i] - paddings[i][0]
				if p < 0 || p%base[i] != 0 || p/base[i] >= x.dims[a.InputSpatial[i]] {
					return
				}
				at[a.InputSpatial[i]], ker[a.KernelSpatial[i]] = p/base[i], w[i]
			}
			for c := range kernelIn {
				at[a.InputChannels], ker[a.KernelInputChannels] = first+c, c
				acc.add(x.at(at), k.at(ker))
			}
		})
		size, n = max(size, acc.size), max(n, acc.n)
		return acc.sum
	})
	return out, sloppy(x.t, size, n)
}

func testConvGeneral(t *testing.T) {
	for _, dtype := range numberTypes {
		rounds := 12
		if dtype == dtypes.Float32 {
			rounds = 40
		}
		for n := range rounds {
			s := newSampler(uint64(n), false)
			sp := s.IntN(4)
			if n%2 == 0 {
				sp = 2
			}
			rank := sp + 2
			axes := func() (int, int, []int) { p := s.Perm(rank); return p[0], p[1], p[2:] }
			var a backends.ConvolveAxesConfig
			a.InputBatch, a.InputChannels, a.InputSpatial = axes()
			a.KernelInputChannels, a.KernelOutputChannels, a.KernelSpatial = axes()
			a.OutputBatch, a.OutputChannels, a.OutputSpatial = axes()
			groups, batchGroups := 1, 1
			switch s.IntN(4) {
			case 0:
				groups = 2
			case 1:
				batchGroups = 2
			}
			batch, kernelIn, outCh := batchGroups*(1+s.IntN(3)), 1+s.IntN(4), groups*batchGroups*(1+s.IntN(4))
			switch n {
			case 5:
				batch = 0
			case 8:
				kernelIn = 0
			case 10:
				outCh = 0
			}
			xd, kd, od := make([]int, rank), make([]int, rank), make([]int, rank)
			xd[a.InputBatch], xd[a.InputChannels] = batch, kernelIn*groups
			kd[a.KernelInputChannels], kd[a.KernelOutputChannels] = kernelIn, outCh
			od[a.OutputBatch], od[a.OutputChannels] = batch/batchGroups, outCh
			strides, base, dilation, paddings := make([]int, sp), make([]int, sp), make([]int, sp), make([][2]int, sp)
			for i := range sp {
				for {
					d, k := 1+s.IntN(7), 1+s.IntN(3)
					switch { // an axis of nothing, and a kernel of nothing
					case n == 6 && i == 0:
						d = 0
					case n == 4 && i == 0:
						k = 0
					}
					strides[i], base[i], dilation[i] = 1+s.IntN(3), 1+s.IntN(2), 1+s.IntN(2)
					paddings[i] = [2]int{s.IntN(4) - 1, s.IntN(4) - 1}
					extent := max(0, (d-1)*base[i]+1)
					room := paddings[i][0] + paddings[i][1] + extent - max(0, (k-1)*dilation[i]+1)
					if room < 0 || paddings[i][0]+extent < 0 {
						continue
					}
					xd[a.InputSpatial[i]], kd[a.KernelSpatial[i]], od[a.OutputSpatial[i]] = d, k, room/strides[i]+1
					break
				}
			}
			x, k := s.array(dtype, xd...), s.array(dtype, kd...)
			f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
				return b.ConvGeneral(in[0], in[1], a, strides, paddings, base, dilation, groups, batchGroups)
			})
			want, tol := convolve(x, k, a, od, strides, paddings, base, dilation, groups, batchGroups)
			check(t, f, tol, []array{want}, x, k)
		}
	}
	testConvDefaults(t)
}

func testConvDefaults(t *testing.T) {
	a := backends.ConvolveAxesConfig{
		InputBatch: 0, InputSpatial: []int{1, 2}, InputChannels: 3,
		KernelSpatial: []int{0, 1}, KernelInputChannels: 2, KernelOutputChannels: 3,
		OutputBatch: 0, OutputSpatial: []int{1, 2}, OutputChannels: 3,
	}
	s := newSampler(1, false)
	x, k := s.array(dtypes.Float32, 2, 9, 8, 3), s.array(dtypes.Float32, 3, 3, 3, 16)
	conv := func(a backends.ConvolveAxesConfig, strides []int, paddings [][2]int, base, dilation []int, groups, batchGroups int) program {
		return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
			return b.ConvGeneral(in[0], in[1], a, strides, paddings, base, dilation, groups, batchGroups)
		})
	}
	ones := []int{1, 1}
	want, tol := convolve(x, k, a, []int{2, 7, 6, 16}, ones, make([][2]int, 2), ones, ones, 1, 1)
	check(t, conv(a, nil, nil, nil, nil, 1, 1), tol, []array{want}, x, k)
	like(t, conv(a, ones, make([][2]int, 2), ones, ones, 1, 1), tolerance{ulp: 2, abs: 2 * tol.abs}, x, k)
	want, tol = convolve(x, k, a, []int{2, 5, 4, 16}, []int{2, 2}, [][2]int{{1, 1}, {0, 1}}, ones, ones, 1, 1)
	like(t, conv(a, []int{2, 2}, [][2]int{{1, 1}, {0, 1}}, ones, ones, 1, 1), tolerance{ulp: 2, abs: 2 * tol.abs}, x, k)
	check(t, conv(a, []int{2, 2}, [][2]int{{1, 1}, {0, 1}}, ones, ones, 1, 1), tol, []array{want}, x, k)

	fails(t, "stride 0", conv(a, []int{0, 1}, nil, nil, nil, 1, 1), []string{"ConvGeneral", "stride 0"}, x, k)
	fails(t, "one padding", conv(a, nil, make([][2]int, 1), nil, nil, 1, 1), []string{"paddings"}, x, k)
	fails(t, "dilation 0", conv(a, nil, nil, nil, []int{1, 0}, 1, 1), []string{"kernel dilation 0"}, x, k)
	fails(t, "no groups", conv(a, nil, nil, nil, nil, 0, 1), []string{"0 channel groups"}, x, k)
	fails(t, "both groups", conv(a, nil, nil, nil, nil, 2, 2), []string{"one of them 1"}, x, k)
	fails(t, "channels", conv(a, nil, nil, nil, nil, 3, 1), []string{"channels"}, x, k)
	fails(t, "batch", conv(a, nil, nil, nil, nil, 1, 4), []string{"batch"}, x, k)
	fails(t, "kernel too large", conv(a, nil, nil, nil, []int{5, 1}, 1, 1), []string{"11", "9"}, x, k)
	fails(t, "rank", conv(a, nil, nil, nil, nil, 1, 1), []string{"rank"}, x, s.array(dtypes.Float32, 3, 3))
	fails(t, "types", conv(a, nil, nil, nil, nil, 1, 1), []string{"type"}, x, s.array(dtypes.Float64, 3, 3, 3, 16))
	b := a.Clone()
	b.OutputSpatial = []int{1, 1}
	fails(t, "axis twice", conv(b, nil, nil, nil, nil, 1, 1), []string{"output axis", "twice"}, x, k)
	b = a.Clone()
	b.KernelSpatial = []int{0}
	fails(t, "axis missing", conv(b, nil, nil, nil, nil, 1, 1), []string{"kernel spatial"}, x, k)
}

// indexing is a random way to address slices of an operand.
type indexing struct {
	vectorAxis           int
	toOperand, collapsed []int
	window               []int // axes of the batch-and-window array that belong to the window
	sizes                []int // of the slice on every axis of the operand
	batch                []int // dimensions of the indices without the vector axis
	full                 []int // dimensions of the batch-and-window array
	indices              array
}

func randomIndexing(s *sampler, dims []int) indexing {
	var g indexing
	rank := len(dims)
	g.toOperand = s.Perm(rank)[:s.IntN(rank+1)]
	for range s.IntN(3) {
		g.batch = append(g.batch, s.IntN(4))
	}
	for i, d := range dims {
		size := s.IntN(d + 1)
		if d > 0 && s.IntN(3) == 0 {
			size = 1
			g.collapsed = append(g.collapsed, i)
		}
		g.sizes = append(g.sizes, size)
	}
	total := len(g.batch) + rank - len(g.collapsed)
	g.window = append([]int{}, s.Perm(total)[:rank-len(g.collapsed)]...)
	slices.Sort(g.window)
	var windowDims []int
	for i, size := range g.sizes {
		if !slices.Contains(g.collapsed, i) {
			windowDims = append(windowDims, size)
		}
	}
	b, w := 0, 0
	for i := range total {
		if slices.Contains(g.window, i) {
			g.full = append(g.full, windowDims[w])
			w++
		} else {
			g.full = append(g.full, g.batch[b])
			b++
		}
	}
	if g.full == nil {
		g.full = []int{}
	}
	index := []dtypes.DType{dtypes.Int32, dtypes.Int64, dtypes.Int8}[s.IntN(3)]
	indexDims := slices.Clone(g.batch)
	g.vectorAxis = s.IntN(len(g.batch) + 1)
	if len(g.toOperand) == 1 && s.IntN(2) == 0 {
		g.vectorAxis = len(g.batch) // and no axis there
	} else {
		indexDims = slices.Insert(indexDims, g.vectorAxis, len(g.toOperand))
	}
	g.indices = s.indices(index, -2, 6, indexDims...)
	return g
}

// place returns where in the operand the slice of an element begins, and its place within the slice.
func (g *indexing) place(rank int, idx []int) (start []*big.Int, offset []int) {
	var batch []int
	offset = make([]int, rank)
	w := 0
	for i, k := range idx {
		if slices.Contains(g.window, i) {
			for slices.Contains(g.collapsed, w) {
				w++
			}
			offset[w] = k
			w++
		} else {
			batch = append(batch, k)
		}
	}
	start = make([]*big.Int, rank)
	for i := range start {
		start[i] = new(big.Int)
	}
	for k, a := range g.toOperand {
		at := batch
		if len(g.indices.dims) > len(g.batch) {
			at = slices.Insert(slices.Clone(batch), g.vectorAxis, k)
		}
		start[a] = g.indices.at(at).i
	}
	return start, offset
}

func testGather(t *testing.T) {
	for _, dtype := range sizes {
		for n := range 60 {
			s := newSampler(uint64(n), false)
			dims := [][]int{{5}, {4, 3}, {3, 4, 2}, {2, 3, 1, 4}, {3, 0}}[n%5]
			x := s.array(dtype, dims...)
			g := randomIndexing(s, dims)
			f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
				return b.Gather(in[0], in[1], g.vectorAxis, g.window, g.collapsed, g.toOperand, g.sizes, false)
			})
			want := build(dtype, g.full, func(idx []int) val {
				start, offset := g.place(len(dims), idx)
				at := make([]int, len(dims))
				for i := range at {
					at[i] = clampStart(start[i], dims[i], g.sizes[i]) + offset[i]
				}
				return x.at(at)
			})
			check(t, f, tolerance{}, []array{want}, x, g.indices)
		}
	}
	s := newSampler(1, false)
	x, i := s.array(dtypes.Float32, 5, 3), s.indices(dtypes.Int32, 0, 4, 4, 1)
	gather := func(vectorAxis int, offset, collapsed, toOperand, sizes []int) program {
		return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
			return b.Gather(in[0], in[1], vectorAxis, offset, collapsed, toOperand, sizes, false)
		})
	}
	like(t, gather(1, []int{1}, []int{0}, []int{0}, []int{1, 3}), tolerance{}, x, i)
	fails(t, "scalar", gather(1, nil, nil, []int{0}, nil), []string{"Gather", "scalar"}, s.array(dtypes.Float32), i)
	fails(t, "float indices", gather(1, []int{1}, []int{0}, []int{0}, []int{1, 3}), []string{"Float32"}, x, s.array(dtypes.Float32, 4, 1))
	fails(t, "vector axis", gather(3, []int{1}, []int{0}, []int{0}, []int{1, 3}), []string{"index vector axis 3"}, x, i)
	fails(t, "places", gather(1, []int{1}, []int{0}, []int{0, 1}, []int{1, 3}), []string{"operand axes"}, x, i)
	fails(t, "collapsed size", gather(1, []int{1}, []int{0}, []int{0}, []int{2, 3}), []string{"collapsed axis 0"}, x, i)
	fails(t, "size", gather(1, []int{1}, []int{0}, []int{0}, []int{1, 4}), []string{"slice size 4"}, x, i)
	fails(t, "sizes", gather(1, []int{1}, []int{0}, []int{0}, []int{1}), []string{"each axis"}, x, i)
	fails(t, "offset axes", gather(1, []int{1, 2}, []int{0}, []int{0}, []int{1, 3}), []string{"offset axes"}, x, i)
	fails(t, "offset axis", gather(1, []int{2}, []int{0}, []int{0}, []int{1, 3}), []string{"offset axis 2"}, x, i)
}

func scatter(
	method func(b backends.Builder, operand, indices, updates backends.Op, vectorAxis int, window, inserted, toOperand []int, sorted, unique bool) (backends.Op, error),
	d fold,
) func(t *testing.T) {
	return func(t *testing.T) {
		types := d.types
		if slices.Contains(types, dtypes.Bool) {
			types = realTypes
		}
		for _, dtype := range types {
			for n := range 40 {
				s := newSampler(uint64(n), false)
				dims := [][]int{{5}, {4, 3}, {3, 4, 2}, {2, 3, 1, 4}, {3, 0}}[n%5]
				x := s.array(dtype, dims...)
				g := randomIndexing(s, dims)
				updates := s.array(dtype, g.full...)
				f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
					return method(b, in[0], in[1], in[2], g.vectorAxis, g.window, g.collapsed, g.toOperand, false, false)
				})
				want := build(dtype, dims, x.at)
				size := 0.0
				each(g.full, func(idx []int) {
					start, offset := g.place(len(dims), idx)
					at := make([]int, len(dims))
					for i := range at {
						// The whole slice must lie within, or none of it counts.
						p := start[i].Int64()
						if p < 0 || p+int64(g.sizes[i]) > int64(dims[i]) {
							return
						}
						at[i] = int(p) + offset[i]
					}
					k := position(dims, at)
					u := updates.at(idx)
					want.v[k] = d.step(dtype, want.v[k], u)
					size += math.Abs(u.f)
				})
				tol := tolerance{}
				if len(d.types) == len(numberTypes) {
					tol = tolerance{ulp: 8, abs: 8 * eps(dtype) * (size + 4)}
				}
				check(t, f, tol, []array{want}, x, g.indices, updates)
			}
		}
		s := newSampler(1, false)
		x, i, u := s.array(dtypes.Float32, 5, 3), s.indices(dtypes.Int32, 0, 4, 4, 1), s.array(dtypes.Float32, 4, 3)
		f := func(vectorAxis int, window, inserted, toOperand []int) program {
			return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
				return method(b, in[0], in[1], in[2], vectorAxis, window, inserted, toOperand, false, false)
			})
		}
		like(t, f(1, []int{1}, []int{0}, []int{0}), tolerance{ulp: 8, abs: 8 * eps(dtypes.Float32)}, x, i, u)
		fails(t, "float indices", f(1, []int{1}, []int{0}, []int{0}), []string{"Float32"}, x, s.array(dtypes.Float32, 4, 1), u)
		fails(t, "updates' type", f(1, []int{1}, []int{0}, []int{0}), []string{"type"}, x, i, s.array(dtypes.Float64, 4, 3))
		fails(t, "updates' rank", f(1, []int{1}, []int{0}, []int{0}), []string{"updates"}, x, i, s.array(dtypes.Float32, 4, 3, 1))
		fails(t, "updates' number", f(1, []int{1}, []int{0}, []int{0}), []string{"want 4 on axis 0"}, x, i, s.array(dtypes.Float32, 3, 3))
		fails(t, "updates' size", f(1, []int{1}, []int{0}, []int{0}), []string{"at most 3"}, x, i, s.array(dtypes.Float32, 4, 4))
		fails(t, "window axes", f(1, []int{1}, nil, []int{0}), []string{"together the 2"}, x, i, u)
		fails(t, "window axis", f(1, []int{2}, []int{0}, []int{0}), []string{"window axis 2"}, x, i, u)
		fails(t, "places", f(1, []int{1}, []int{0}, []int{0, 1}), []string{"operand axes"}, x, i, u)
		fails(t, "vector axis", f(-1, []int{1}, []int{0}, []int{0}), []string{"index vector axis -1"}, x, i, u)
	}
}
