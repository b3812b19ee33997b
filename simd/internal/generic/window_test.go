package generic

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// randomWindow draws a window over an array of the given dimensions and the dimensions of its places.
func randomWindow(r *rand.Rand, dims []int, dilate bool) (ir.Window, []int) {
	var w ir.Window
	var places []int
	for _, n := range dims {
		size, stride, base, dilation, pad := 1, 1, 1, 1, [2]int{}
		if r.IntN(3) > 0 {
			size, stride = 1+r.IntN(4), 1+r.IntN(3)
			pad = [2]int{r.IntN(3), r.IntN(3)}
			if dilate {
				base, dilation = 1+r.IntN(2)*r.IntN(3), 1+r.IntN(3)
			}
		}
		length := pad[0] + pad[1] + (n-1)*base + 1
		extent := (size-1)*dilation + 1
		if length < extent {
			pad[1] += extent - length
			length = extent
		}
		w.Size, w.Strides, w.Paddings = append(w.Size, size), append(w.Strides, stride), append(w.Paddings, pad)
		w.BaseDilations, w.WindowDilations = append(w.BaseDilations, base), append(w.WindowDilations, dilation)
		places = append(places, (length-extent)/stride+1)
	}
	return w, places
}

// manyPlanes makes the first axis long and leaves it alone: enough for windows to be done in bundles.
func manyPlanes(r *rand.Rand, dims []int, w *ir.Window, places []int) {
	dims[0] = 8 + r.IntN(50)
	w.Size[0], w.Strides[0], w.BaseDilations[0], w.WindowDilations[0], w.Paddings[0] = 1, 1, 1, 1, [2]int{}
	places[0] = dims[0]
}

// covered calls f with the indices of the operand that the window covers at a place, in order.
func covered(w ir.Window, dims, place []int, f func(index []int)) {
	index := make([]int, len(dims))
	each(w.Size, func(k []int) {
		for a := range index {
			at := place[a]*w.Strides[a] + k[a]*w.WindowDilations[a] - w.Paddings[a][0]
			if at < 0 || at%w.BaseDilations[a] != 0 || at/w.BaseDilations[a] >= dims[a] {
				return
			}
			index[a] = at / w.BaseDilations[a]
		}
		f(index)
	})
}

func TestReduceWindow(t *testing.T) {
	pools := pools(t)
	kinds := []backends.ReduceOpType{backends.ReduceOpSum, backends.ReduceOpMax, backends.ReduceOpMin, backends.ReduceOpProduct}
	rounds(t, 1200, ordered, func(t *testing.T, r *rand.Rand, i int, d dtypes.DType) {
		dims := make([]int, r.IntN(5))
		for a := range dims {
			dims[a] = 1 + r.IntN(6)
		}
		if len(dims) > 0 && r.IntN(4) == 0 { // rows longer than 16, which are not collected
			dims[len(dims)-1] = 16 + r.IntN(8)
		}
		w, places := randomWindow(r, dims, r.IntN(2) == 0)
		w.Reduce = kinds[i/len(ordered)%4]
		if len(dims) > 1 && d.IsFloat() && r.IntN(4) == 0 {
			manyPlanes(r, dims, &w, places)
		}
		x := random(r, d, dims...)
		if w.Reduce == backends.ReduceOpProduct { // exact in every type
			for k := range x.Size() {
				put(x, k, []complex128{1, 1, 2}[r.IntN(3)])
			}
			for tensor.Size(w.Size) > 6 {
				w, places = randomWindow(r, dims, false)
				w.Reduce = backends.ReduceOpProduct
			}
		}
		y := evalAll(t, pools, backends.OpTypeReduceWindow, w, d, places, x)
		check(t, y, 0, func(place []int) complex128 {
			some := false
			sum, product, least, most := 0., 1., math.Inf(1), math.Inf(-1)
			covered(w, dims, place, func(index []int) {
				v := real(get(x, index...))
				some = true
				sum, product, least, most = sum+v, product*v, min(least, v), max(most, v)
			})
			result := map[backends.ReduceOpType]float64{backends.ReduceOpSum: sum, backends.ReduceOpProduct: product,
				backends.ReduceOpMin: least, backends.ReduceOpMax: most}[w.Reduce]
			if math.IsInf(result, 0) && !some && d.IsInt() { // the extremes of integers
				return get(y, place...)
			}
			return wrapped(d, complex(result, 0))
		})
		if inGo(d) && !t.Failed() {
			same(t, fmt.Sprintf("%+v", w), y, reference(t, func(b backends.Builder, in []backends.Op) (backends.Op, error) {
				return b.ReduceWindow(in[0], w.Reduce, w.Size, w.Strides, w.BaseDilations, w.WindowDilations, w.Paddings)
			}, x))
		}
	})
}

// Windows longer than a few elements are done in another way: see sliding.long.
func TestReduceWindowLong(t *testing.T) {
	pools := pools(t)
	rounds(t, 60, []dtypes.DType{dtypes.Int32, dtypes.Float32, dtypes.Float64}, func(t *testing.T, r *rand.Rand, i int, d dtypes.DType) {
		n, inner := 1+r.IntN(200), []int{1, 3, 33, 300}[r.IntN(4)]
		switch {
		case inner == 1: // long ones only, as calls for single elements cost most
			n *= 3
		case inner > 3:
			n = 1 + r.IntN(20)
		}
		size := 5 + r.IntN(n+20)
		pad := [2]int{r.IntN(size), 0}
		if i%3 == 0 { // a cumulative sum
			size, pad[0] = n, n-1
		}
		pad[1] = max(0, size-n-pad[0]) + r.IntN(3)
		w := ir.Window{Reduce: []backends.ReduceOpType{backends.ReduceOpSum, backends.ReduceOpMax}[i%2],
			Size: []int{1, size, 1}, Strides: []int{1, 1, 1}, BaseDilations: []int{1, 1, 1}, WindowDilations: []int{1, 1, 1},
			Paddings: [][2]int{{}, pad, {}}}
		dims := []int{1 + r.IntN(3), n, inner}
		places := []int{dims[0], n + pad[0] + pad[1] - size + 1, inner}
		x := random(r, d, dims...)
		y := evalAll(t, pools, backends.OpTypeReduceWindow, w, d, places, x)
		check(t, y, 0, func(place []int) complex128 {
			lo, hi := max(0, place[1]-pad[0]), min(n, place[1]-pad[0]+size)
			sum, most := 0., math.Inf(-1)
			for k := lo; k < hi; k++ {
				v := real(get(x, place[0], k, place[2]))
				sum, most = sum+v, max(most, v)
			}
			switch {
			case w.Reduce == backends.ReduceOpSum:
				return complex(sum, 0)
			case lo >= hi && d == dtypes.Int32:
				return math.MinInt32
			}
			return complex(most, 0)
		})
	})
}

// plain is a window that slides over one axis.
func plain(reduce backends.ReduceOpType, size, stride int, pad [2]int) ir.Window {
	return ir.Window{Reduce: reduce, Size: []int{size}, Strides: []int{stride}, BaseDilations: []int{1},
		WindowDilations: []int{1}, Paddings: [][2]int{pad}}
}

func TestReduceWindowEdges(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name string
		w    ir.Window
		d    dtypes.DType
		x    []float64
		want []float64
	}{
		{"NaN is the greatest", plain(backends.ReduceOpMax, 2, 1, [2]int{}), dtypes.Float32, []float64{1, nan, 2, 3}, []float64{nan, nan, 3}},
		{"and the least", plain(backends.ReduceOpMin, 2, 1, [2]int{}), dtypes.Float32, []float64{1, nan, 2, 3}, []float64{nan, nan, 2}},
		{"padding alone has no greatest", plain(backends.ReduceOpMax, 1, 1, [2]int{1, 1}), dtypes.Float32, []float64{5}, []float64{-inf, 5, -inf}},
		{"of integers the least number", plain(backends.ReduceOpMax, 1, 1, [2]int{1, 0}), dtypes.Int8, []float64{5}, []float64{-128, 5}},
		{"sums of bytes wrap", plain(backends.ReduceOpSum, 2, 2, [2]int{}), dtypes.Uint8, []float64{200, 100}, []float64{44}},
		{"16-bit sums are rounded once", plain(backends.ReduceOpSum, 5, 5, [2]int{}), dtypes.Float16, []float64{2048, 1, 1, 1, 1}, []float64{2052}},
		{"a sum to here", plain(backends.ReduceOpSum, 4, 1, [2]int{3, 0}), dtypes.Int32, []float64{1, 2, 3, 4}, []float64{1, 3, 6, 10}},
	} {
		t.Run(c.name, func(t *testing.T) {
			y := eval(nil, backends.OpTypeReduceWindow, c.w, c.d, []int{len(c.want)}, whole(c.d, []int{len(c.x)}, c.x...))
			check(t, y, 0, func(index []int) complex128 { return complex(c.want[index[0]], 0) })
		})
	}
}

func TestSelectAndScatter(t *testing.T) {
	pools := pools(t)
	ops := []ir.Op{backends.OpTypeSelectAndScatterMax, backends.OpTypeSelectAndScatterMin, backends.OpTypeSelectAndScatterSum}
	rounds(t, 1200, ordered, func(t *testing.T, r *rand.Rand, i int, d dtypes.DType) {
		dims := make([]int, r.IntN(5))
		for a := range dims {
			dims[a] = 1 + r.IntN(6)
		}
		w, places := randomWindow(r, dims, false)
		if len(dims) > 1 && d.IsFloat() && r.IntN(3) == 0 {
			manyPlanes(r, dims, &w, places)
		}
		op := ops[i%3]
		x, source := random(r, d, dims...), random(r, d, places...)
		for k := range x.Size() { // many equal ones
			put(x, k, complex(float64(r.IntN(4)), 0))
			if d.IsFloat() && r.IntN(20) == 0 {
				put(x, k, complex(math.NaN(), 0))
			}
		}
		for k := range source.Size() { // sums that int8 holds
			put(source, k, complex(float64(r.IntN(2)), 0))
		}
		want := make([]float64, x.Size())
		each(places, func(place []int) {
			best, v := -1, 0.
			covered(w, dims, place, func(index []int) {
				k := offset(x, index)
				u := real(at(x, k))
				switch {
				case op == backends.OpTypeSelectAndScatterSum:
					want[k] += real(get(source, place...))
				case best < 0, op == backends.OpTypeSelectAndScatterMax && !(v >= u), op == backends.OpTypeSelectAndScatterMin && !(v <= u):
					best, v = k, u
				}
			})
			if best >= 0 {
				want[best] += real(get(source, place...))
			}
		})
		y := evalAll(t, pools, op, w, d, dims, x, source)
		check(t, y, 0, func(index []int) complex128 { return complex(want[offset(x, index)], 0) })
	})
}

func TestSelectAndScatterEdges(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name         string
		op           ir.Op
		w            ir.Window
		x, src, want []float64
	}{
		{"the first of equals", backends.OpTypeSelectAndScatterMax, plain(0, 3, 3, [2]int{}), []float64{1, 1, 1}, []float64{5}, []float64{5, 0, 0}},
		{"the first least", backends.OpTypeSelectAndScatterMin, plain(0, 3, 3, [2]int{}), []float64{2, 1, 1}, []float64{5}, []float64{0, 5, 0}},
		{"a NaN at the end is selected", backends.OpTypeSelectAndScatterMax, plain(0, 3, 3, [2]int{}), []float64{3, 1, nan}, []float64{5}, []float64{0, 0, 5}},
		{"and given up for what follows", backends.OpTypeSelectAndScatterMax, plain(0, 3, 3, [2]int{}), []float64{3, nan, 1}, []float64{5}, []float64{0, 0, 5}},
		{"windows that overlap add", backends.OpTypeSelectAndScatterMax, plain(0, 2, 1, [2]int{}), []float64{1, 9, 1}, []float64{5, 7}, []float64{0, 12, 0}},
		{"padding is not selected", backends.OpTypeSelectAndScatterMax, plain(0, 2, 2, [2]int{1, 1}), []float64{-1, -2}, []float64{5, 7}, []float64{5, 7}},
		{"a window of padding alone selects nothing", backends.OpTypeSelectAndScatterMax, plain(0, 1, 1, [2]int{1, 1}), []float64{1}, []float64{5, 6, 7}, []float64{6}},
		{"a sum selects everything", backends.OpTypeSelectAndScatterSum, plain(0, 2, 1, [2]int{}), []float64{1, 9, 1}, []float64{5, 7}, []float64{5, 12, 7}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := dtypes.Float32
			y := eval(nil, c.op, c.w, d, []int{len(c.x)}, whole(d, []int{len(c.x)}, c.x...), whole(d, []int{len(c.src)}, c.src...))
			check(t, y, 0, func(index []int) complex128 { return complex(c.want[index[0]], 0) })
			// Channels go the same way, whatever their number.
			w := c.w
			for _, channels := range []int{2, 40} {
				w.Size, w.Strides = []int{c.w.Size[0], 1}, []int{c.w.Strides[0], 1}
				w.Paddings = [][2]int{c.w.Paddings[0], {}}
				spread := func(v []float64) tensor.Tensor {
					x := temp(d, []int{len(v), channels})
					for i := range x.Size() {
						put(x, i, complex(v[i/channels], 0))
					}
					return x
				}
				y := eval(nil, c.op, w, d, []int{len(c.x), channels}, spread(c.x), spread(c.src))
				check(t, y, 0, func(index []int) complex128 { return complex(c.want[index[0]], 0) })
			}
		})
	}
}

// pool2D returns a window of size × size with stride, over axes a and a+1 of four.
func pool2D(a, size, stride int) ir.Window {
	w := ir.Window{Reduce: backends.ReduceOpMax, Size: []int{1, 1, 1, 1}, Strides: []int{1, 1, 1, 1},
		BaseDilations: []int{1, 1, 1, 1}, WindowDilations: []int{1, 1, 1, 1}, Paddings: make([][2]int, 4)}
	w.Size[a], w.Size[a+1], w.Strides[a], w.Strides[a+1] = size, size, stride, stride
	return w
}

// Large enough to be shared between processors.
func TestPoolingLarge(t *testing.T) {
	pools := pools(t)
	r := rand.New(rand.NewPCG(5, 5))
	for _, c := range []struct {
		name string
		dims []int
		axis int
		size int
	}{
		{"channels last, many images", []int{32, 28, 28, 16}, 1, 2},
		{"channels first, many images", []int{32, 16, 28, 28}, 2, 2},
		{"one image, many channels", []int{1, 64, 64, 64}, 1, 3},
		{"one plane", []int{1, 1, 300, 300}, 2, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := pool2D(c.axis, c.size, 2)
			places := append([]int(nil), c.dims...)
			for a := c.axis; a < c.axis+2; a++ {
				places[a] = (c.dims[a]-c.size)/2 + 1
			}
			x := random(r, dtypes.Float32, c.dims...)
			for range x.Size() / 100 {
				put(x, r.IntN(x.Size()), complex([]float64{math.NaN(), math.Inf(1), math.Inf(-1)}[r.IntN(3)], 0))
			}
			most := evalAll(t, pools, backends.OpTypeReduceWindow, w, dtypes.Float32, places, x)
			check(t, most, 0, func(place []int) complex128 {
				m := math.Inf(-1)
				covered(w, c.dims, place, func(index []int) { m = max(m, real(get(x, index...))) })
				return complex(m, 0)
			})
			src := temp(dtypes.Float32, places)
			for i := range src.Size() {
				put(src, i, complex(r.NormFloat64(), 0))
			}
			y := evalAll(t, pools, backends.OpTypeSelectAndScatterMax, w, dtypes.Float32, c.dims, x, src)
			want := make([]float32, x.Size())
			each(places, func(place []int) {
				best, v := -1, 0.
				covered(w, c.dims, place, func(index []int) {
					if k := offset(x, index); best < 0 || !(v >= real(at(x, k))) {
						best, v = k, real(at(x, k))
					}
				})
				want[best] += float32(real(get(src, place...)))
			})
			check(t, y, 0, func(index []int) complex128 { return complex(float64(want[offset(y, index)]), 0) })
		})
	}
}

// Floors on a quiet machine (EPYC, one thread), of what is read and written: ReduceWindow 25 GB/s,
// SelectAndScatterMax 14 GB/s with channels last; 16 and 7 GB/s with channels first.
func BenchmarkPooling(b *testing.B) {
	for _, c := range []struct {
		name string
		dims []int
		axis int
	}{
		{"NHWC 64x28x28x32", []int{64, 28, 28, 32}, 1},
		{"NCHW 64x32x28x28", []int{64, 32, 28, 28}, 2},
	} {
		w := pool2D(c.axis, 2, 2)
		places := append([]int(nil), c.dims...)
		places[c.axis] /= 2
		places[c.axis+1] /= 2
		r := rand.New(rand.NewPCG(6, 6))
		x := random(r, dtypes.Float32, c.dims...)
		for i := range x.Size() {
			put(x, i, complex(r.NormFloat64(), 0))
		}
		y, z := temp(dtypes.Float32, places), temp(dtypes.Float32, c.dims)
		for _, width := range []int{1, 2} {
			pool := par.New(width)
			for _, op := range []ir.Op{backends.OpTypeReduceWindow, backends.OpTypeSelectAndScatterMax} {
				b.Run(fmt.Sprintf("%s/%s/threads=%d", ir.Name(op), c.name, width), func(b *testing.B) {
					b.SetBytes(int64(4 * (x.Size() + y.Size())))
					for b.Loop() {
						if op == backends.OpTypeReduceWindow {
							Eval(pool, &ir.Node{Op: op, Attr: w}, []tensor.Tensor{x}, y)
						} else {
							Eval(pool, &ir.Node{Op: op, Attr: w}, []tensor.Tensor{x, y}, z)
						}
					}
				})
			}
			pool.Close()
		}
	}
}
