package generic

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// wrapped returns v as an element of the type: integers wrap, the rest is rounded.
func wrapped(d dtypes.DType, v complex128) complex128 {
	from, e := temp(dtypes.Complex128, nil), temp(d, nil)
	switch {
	case d.IsInt():
		from = temp(dtypes.Int64, nil)
	case d == dtypes.Bool:
		return complex(min(1, real(v)), 0)
	}
	put(from, 0, v)
	convertTo(nil, e, from)
	return at(e, 0)
}

func TestDotGeneral(t *testing.T) {
	pools := pools(t)
	rounds(t, 900, every, func(t *testing.T, r *rand.Rand, i int, d dtypes.DType) {
		// Axes of both operands in any order.
		batch, shared := someDims(r, r.IntN(3)), someDims(r, r.IntN(3))
		left, right := someDims(r, r.IntN(3)), someDims(r, r.IntN(3))
		build := func(free []int) (dims, b, c, f []int) {
			all := slices.Concat(batch, shared, free)
			perm := r.Perm(len(all))
			dims = make([]int, len(all))
			for k, a := range perm {
				dims[a] = all[k]
			}
			nb, nc := len(batch), len(batch)+len(shared)
			return dims, perm[:nb], perm[nb:nc], slices.Sorted(slices.Values(perm[nc:]))
		}
		ad, ab, ac, af := build(left)
		bd, bb, bc, bf := build(right)
		a, b := random(r, d, ad...), random(r, d, bd...)
		dims := slices.Clone(batch)
		for _, x := range af {
			dims = append(dims, ad[x])
		}
		for _, x := range bf {
			dims = append(dims, bd[x])
		}
		p := ir.DotGeneral{LhsContracting: ac, LhsBatch: ab, RhsContracting: bc, RhsBatch: bb}
		y := evalAll(t, pools, backends.OpTypeDotGeneral, p, d, dims, a, b)
		check(t, y, 0, func(index []int) complex128 {
			ai, bi := make([]int, len(ad)), make([]int, len(bd))
			for k, x := range ab {
				ai[x], bi[bb[k]] = index[k], index[k]
			}
			for k, x := range af {
				ai[x] = index[len(batch)+k]
			}
			for k, x := range bf {
				bi[x] = index[len(batch)+len(af)+k]
			}
			var sum complex128
			each(shared, func(s []int) {
				for k, v := range s {
					ai[ac[k]], bi[bc[k]] = v, v
				}
				sum += get(a, ai...) * get(b, bi...)
			})
			return wrapped(d, sum)
		})
		if inGo(d) && filled(a, b) {
			same(t, fmt.Sprintf("%+v", p), y, reference(t, func(g backends.Builder, in []backends.Op) (backends.Op, error) {
				return g.DotGeneral(in[0], ac, ab, in[1], bc, bb)
			}, a, b))
		}
	})
}

// The blocks of the sum: sizes around them, with every type's own route.
func TestDotGeneralLarge(t *testing.T) {
	pools := pools(t)
	r := rand.New(rand.NewPCG(8, 8))
	for _, d := range []dtypes.DType{dtypes.Int8, dtypes.Int32, dtypes.Float16, dtypes.Float32, dtypes.Complex64} {
		for _, c := range [][3]int{{1, 257, 1}, {31, 256, 129}, {33, 300, 127}, {65, 3, 260}, {200, 513, 1}} {
			m, k, n := c[0], c[1], c[2]
			a, b := random(r, d, m, k), random(r, d, k, n)
			y := evalAll(t, pools, backends.OpTypeDot, nil, d, []int{m, n}, a, b)
			check(t, y, 0, func(index []int) complex128 {
				var sum complex128
				for j := range k {
					sum += get(a, index[0], j) * get(b, j, index[1])
				}
				return wrapped(d, sum)
			})
		}
	}
}

func TestContract(t *testing.T) {
	pools := pools(t)
	rounds(t, 900, every, func(t *testing.T, r *rand.Rand, i int, d dtypes.DType) {
		// Up to six indices; each occurs in a or b or both, and perhaps in out. Some share an axis.
		var c ir.Contract
		var ad, bd, od []int
		join := func(dims *[]int, n int) ir.Term {
			step := 1 + r.IntN(2)
			if len(*dims) > 0 && r.IntN(4) == 0 {
				a := r.IntN(len(*dims))
				(*dims)[a] += step * max(0, n-1)
				return ir.Term{Axis: a, Step: step}
			}
			*dims = append(*dims, 1+step*max(0, n-1))
			return ir.Term{Axis: len(*dims) - 1, Step: step}
		}
		for range r.IntN(6) {
			x := ir.Index{Size: 1 + r.IntN(4), A: ir.Absent, B: ir.Absent, Out: ir.Absent}
			if r.IntN(20) == 0 {
				x.Size = 0
			}
			kind := r.IntN(3)
			if kind != 0 {
				x.A = join(&ad, x.Size)
			}
			if kind != 1 {
				x.B = join(&bd, x.Size)
			}
			if r.IntN(2) == 0 {
				x.Out = ir.Term{Axis: len(od), Step: 1}
				od = append(od, x.Size)
			}
			c.Indices = append(c.Indices, x)
		}
		a, b := random(r, d, ad...), random(r, d, bd...)
		y := evalAll(t, pools, ir.OpContract, c, d, od, a, b)
		want := make([]complex128, tensor.Size(od))
		var sizes []int
		for _, x := range c.Indices {
			sizes = append(sizes, x.Size)
		}
		each(sizes, func(index []int) {
			ai, bi, oi := make([]int, len(ad)), make([]int, len(bd)), make([]int, len(od))
			for k, x := range c.Indices {
				for _, t := range []struct {
					at   []int
					term ir.Term
				}{{ai, x.A}, {bi, x.B}, {oi, x.Out}} {
					if t.term.Axis >= 0 {
						t.at[t.term.Axis] += t.term.Step * index[k]
					}
				}
			}
			want[offset(y, oi)] += get(a, ai...) * get(b, bi...)
		})
		check(t, y, 0, func(index []int) complex128 { return wrapped(d, want[offset(y, index)]) })
	})
}

func TestConvGeneral(t *testing.T) {
	pools := pools(t)
	rounds(t, 900, every[1:], func(t *testing.T, r *rand.Rand, i int, d dtypes.DType) {
		spatial := 1 + r.IntN(3)
		rank := spatial + 2
		p := ir.Conv{ChannelGroupCount: 1, BatchGroupCount: 1}
		batch, channels, out := 1+r.IntN(3), 1+r.IntN(3), 1+r.IntN(3)
		inChannels := channels
		switch r.IntN(3) {
		case 0:
			p.ChannelGroupCount = 1 + r.IntN(3)
			inChannels *= p.ChannelGroupCount
			out *= p.ChannelGroupCount
		case 1:
			p.BatchGroupCount = 1 + r.IntN(3)
			batch *= p.BatchGroupCount
			out *= p.BatchGroupCount
		}
		xp, kp, op := r.Perm(rank), r.Perm(rank), r.Perm(rank)
		xd, kd, od := make([]int, rank), make([]int, rank), make([]int, rank)
		p.Axes = backends.ConvolveAxesConfig{
			InputBatch: xp[0], InputChannels: xp[1], InputSpatial: xp[2:],
			KernelInputChannels: kp[0], KernelOutputChannels: kp[1], KernelSpatial: kp[2:],
			OutputBatch: op[0], OutputChannels: op[1], OutputSpatial: op[2:],
		}
		xd[xp[0]], xd[xp[1]], kd[kp[0]], kd[kp[1]] = batch, inChannels, channels, out
		od[op[0]], od[op[1]] = batch/p.BatchGroupCount, out
		window := make([]int, spatial)
		for s := range spatial {
			n, k := 1+r.IntN(5), 1+r.IntN(3)
			stride, dx, dk := 1+r.IntN(2), 1+r.IntN(2), 1+r.IntN(2)
			pad := [2]int{r.IntN(4) - 1, r.IntN(4) - 1}
			length := (n-1)*dx + 1 + pad[0] + pad[1]
			if extent := (k-1)*dk + 1; length < extent {
				pad[1] += extent - length
				length = extent
			}
			p.Strides, p.Paddings = append(p.Strides, stride), append(p.Paddings, pad)
			p.InputDilations, p.KernelDilations = append(p.InputDilations, dx), append(p.KernelDilations, dk)
			xd[xp[2+s]], kd[kp[2+s]], od[op[2+s]] = n, k, (length-(k-1)*dk-1)/stride+1
			window[s] = k
		}
		x, kernel := random(r, d, xd...), random(r, d, kd...)
		y := evalAll(t, pools, backends.OpTypeConvGeneral, p, d, od, x, kernel)
		perGroup := out / (p.ChannelGroupCount * p.BatchGroupCount)
		check(t, y, 0, func(index []int) complex128 {
			xi, ki := make([]int, rank), make([]int, rank)
			o := index[op[1]]
			group := o / perGroup
			var sum complex128
			for c := range channels {
				xi[xp[0]], xi[xp[1]] = index[op[0]], c
				if p.ChannelGroupCount > 1 {
					xi[xp[1]] += group * channels
				} else {
					xi[xp[0]] += group * (batch / p.BatchGroupCount)
				}
				ki[kp[0]], ki[kp[1]] = c, o
				each(window, func(k []int) {
					for s := range spatial {
						at := index[op[2+s]]*p.Strides[s] + k[s]*p.KernelDilations[s] - p.Paddings[s][0]
						if at < 0 || at%p.InputDilations[s] != 0 || at/p.InputDilations[s] >= xd[xp[2+s]] {
							return
						}
						xi[xp[2+s]], ki[kp[2+s]] = at/p.InputDilations[s], k[s]
					}
					sum += get(x, xi...) * get(kernel, ki...)
				})
			}
			return wrapped(d, sum)
		})
		// simplego takes batch groups to be as many as the channels of one, and its result to have its
		// axes where the input has them; and no negative padding.
		negative := slices.ContainsFunc(p.Paddings, func(p [2]int) bool { return p[0] < 0 || p[1] < 0 })
		if inGo(d) && p.BatchGroupCount == 1 && slices.Equal(xp, op) && !negative {
			same(t, fmt.Sprintf("%+v", p), y, reference(t, func(g backends.Builder, in []backends.Op) (backends.Op, error) {
				return g.ConvGeneral(in[0], in[1], p.Axes, p.Strides, p.Paddings, p.InputDilations, p.KernelDilations,
					p.ChannelGroupCount, p.BatchGroupCount)
			}, x, kernel))
		}
	})
}

func TestSumsAreRoundedOnce(t *testing.T) {
	for _, c := range []struct {
		name string
		d    dtypes.DType
		a    []float64
		want float64
	}{
		{"float32 keeps what float32 sums would lose", dtypes.Float32, []float64{1 << 24, 1, 1, -(1 << 24)}, 2},
		{"bfloat16 too", dtypes.BFloat16, []float64{256, 1, 1, -256}, 2},
		{"float16 overflows to infinity at the end only", dtypes.Float16, []float64{60000, 60000, -60000, 1}, 60000},
		{"NaN stays", dtypes.Float32, []float64{1, math.NaN(), 1, 1}, math.NaN()},
		{"infinities cancel to NaN", dtypes.Float64, []float64{math.Inf(1), math.Inf(-1), 0, 0}, math.NaN()},
		{"the largest integers wrap", dtypes.Uint64, []float64{1 << 63, 7, 1 << 63, 1}, 8},
		{"bytes wrap", dtypes.Int8, []float64{100, 100, 100, 1}, 45},
	} {
		t.Run(c.name, func(t *testing.T) {
			y := eval(nil, backends.OpTypeDot, nil, c.d, nil, whole(c.d, []int{4}, c.a...), whole(c.d, []int{4}, 1, 1, 1, 1))
			check(t, y, 0, func([]int) complex128 { return complex(c.want, 0) })
		})
	}
}

// Floor on an idle machine, one thread: 1 GFLOP/s (2 per term of the sum, MB/s mean MFLOP/s).
func BenchmarkDot(b *testing.B) {
	r := rand.New(rand.NewPCG(9, 9))
	for _, d := range []dtypes.DType{dtypes.Int8, dtypes.Int32, dtypes.Float32, dtypes.Complex64} {
		for _, width := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s 256/threads=%d", d, width), func(b *testing.B) {
				pool := par.New(width)
				defer pool.Close()
				x, y, z := random(r, d, 256, 256), random(r, d, 256, 256), temp(d, []int{256, 256})
				b.SetBytes(2 * 256 * 256 * 256)
				for b.Loop() {
					Eval(pool, &ir.Node{Op: backends.OpTypeDot}, []tensor.Tensor{x, y}, z)
				}
			})
		}
	}
}
