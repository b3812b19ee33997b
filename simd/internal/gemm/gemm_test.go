package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/par"
)

// eachKernel runs f for every level that this machine has, and both types.
func eachKernel(t *testing.T, f func(t *testing.T, level string, dtype dtypes.DType)) {
	for _, level := range levels {
		for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.Float64} {
			t.Run(level+" "+dtype.String(), func(t *testing.T) { f(t, level, dtype) })
		}
	}
}

// array is memory for one operand: numbers of either type, with the element of indices zero at off.
type array struct {
	f32 []float32
	f64 []float64
	off int
}

func (x *array) pointer() unsafe.Pointer {
	if x.f32 != nil {
		return unsafe.Pointer(&x.f32[x.off])
	}
	return unsafe.Pointer(&x.f64[x.off])
}

func (x *array) at(i int) float64 {
	if x.f32 != nil {
		return float64(x.f32[x.off+i])
	}
	return x.f64[x.off+i]
}

func (x *array) set(i int, v float64) {
	if x.f32 != nil {
		x.f32[i] = float32(v)
	} else {
		x.f64[i] = v
	}
}

func (x *array) len() int { return max(len(x.f32), len(x.f64)) }

// span returns the smallest and largest offset of an array.
func span(p Problem, of func(Axis) int) (low, high int) {
	for _, list := range [][]Axis{p.Batch, p.M, p.N, p.K} {
		for _, x := range list {
			d := max(0, x.Size-1) * of(x)
			low, high = low+min(0, d), high+max(0, d)
		}
	}
	return
}

func newArray(r *rand.Rand, p Problem, of func(Axis) int) *array {
	low, high := span(p, of)
	x := &array{off: -low}
	if p.DType == dtypes.Float32 {
		x.f32 = make([]float32, high-low+1)
	} else {
		x.f64 = make([]float64, high-low+1)
	}
	for i := range x.len() {
		x.set(i, r.NormFloat64())
	}
	return x
}

func (x *array) clone() *array {
	return &array{append([]float32(nil), x.f32...), append([]float64(nil), x.f64...), x.off}
}

// walk calls f with the offsets of every combination of the axes' indices.
func walk(axes []Axis, f func(a, b, c int)) {
	if len(axes) == 0 {
		f(0, 0, 0)
		return
	}
	x := axes[0]
	for i := range x.Size {
		walk(axes[1:], func(a, b, c int) { f(a+i*x.A, b+i*x.B, c+i*x.C) })
	}
}

// verify compares C with sums in float64, and what lies between its elements with what was there.
func verify(t *testing.T, p Problem, a, b, c, before *array) {
	t.Helper()
	eps := 0x1p-24
	if p.DType == dtypes.Float64 {
		eps = 0x1p-53
	}
	touched := make([]bool, c.len())
	bad := 0
	walk(append(append(append([]Axis(nil), p.Batch...), p.M...), p.N...), func(ai, bi, ci int) {
		var sum, magnitude float64
		n := 0
		walk(p.K, func(ak, bk, _ int) {
			x := a.at(ai+ak) * b.at(bi+bk)
			sum += x
			magnitude += math.Abs(x)
			n++
		})
		touched[c.off+ci] = true
		got := c.at(ci)
		if !(math.Abs(got-sum) <= eps*float64(n+2)*magnitude) && bad < 3 {
			bad++
			t.Errorf("element at %d is %g, want %g: %+v", ci, got, sum, p)
		}
	})
	for i, is := range touched {
		if !is && c.at(i-c.off) != before.at(i-c.off) && bad < 3 {
			bad++
			t.Errorf("element at %d, which is not C's, was changed: %+v", i-c.off, p)
		}
	}
}

// check plans, runs and verifies a product, and that pools of other widths give the same.
func check(t *testing.T, r *rand.Rand, level string, p Problem, pools []*par.Pool) {
	t.Helper()
	plan, err := newPlan(p, level)
	if err != nil {
		t.Fatal(err)
	}
	a, b, c := newArray(r, p, ofA), newArray(r, p, ofB), newArray(r, p, ofC)
	before := c.clone()
	plan.Run(nil, a.pointer(), b.pointer(), c.pointer(), nil)
	verify(t, p, a, b, c, before)
	if t.Failed() {
		t.Fatal(plan)
	}
	for _, pool := range pools {
		other := before.clone()
		plan.Run(pool, a.pointer(), b.pointer(), other.pointer(), nil)
		for i := range c.len() {
			if x, y := c.at(i-c.off), other.at(i-c.off); math.Float64bits(x) != math.Float64bits(y) {
				t.Fatalf("pool of %d: element at %d is %g, alone %g: %s", pool.Width(), i-c.off, y, x, plan)
			}
		}
	}
}

// matrix is the product of two matrices, either of which may be stored transposed.
func matrix(dtype dtypes.DType, m, n, k int, transA, transB, transC bool) Problem {
	p := Problem{DType: dtype}
	am, ak, bk, bn, cm, cn := k, 1, n, 1, n, 1
	if transA {
		am, ak = 1, m
	}
	if transB {
		bk, bn = 1, k
	}
	if transC {
		cm, cn = 1, m
	}
	p.M = []Axis{{m, am, 0, cm}}
	p.N = []Axis{{n, 0, bn, cn}}
	p.K = []Axis{{k, ak, bk, 0}}
	return p
}

func somePools(t *testing.T) []*par.Pool {
	var pools []*par.Pool
	for _, width := range []int{2, 5} {
		p := par.New(width)
		t.Cleanup(p.Close)
		pools = append(pools, p)
	}
	return pools
}

func TestMatrices(t *testing.T) {
	pools := somePools(t)
	eachKernel(t, func(t *testing.T, level string, dtype dtypes.DType) {
		r := rand.New(rand.NewPCG(1, 2))
		k := kernels[level][dtype]
		sizes := [][3]int{
			{1, 1, 1}, {1, 1, 100}, {1, 70, 33}, {70, 1, 33}, {2, 300, 40}, {300, 2, 40}, {5, 7, 1}, {40, 50, 2},
			{k.rows, k.cols, 8}, {k.rows - 1, k.cols - 1, 9}, {k.rows + 1, k.cols + 1, 7},
			{2*k.rows + 1, 3*k.cols - 1, kcMax + 3}, {64, 64, 64}, {130, 200, 340}, {128, 10, 256},
		}
		for range 30 {
			sizes = append(sizes, [3]int{1 + r.IntN(60), 1 + r.IntN(60), 1 + r.IntN(60)})
		}
		for _, s := range sizes {
			for layout := range 8 {
				check(t, r, level, matrix(dtype, s[0], s[1], s[2], layout&1 != 0, layout&2 != 0, layout&4 != 0), pools)
			}
		}
	})
}

// randomProblem draws lists of axes with storage in a random order, gaps, reversals and repeats.
func randomProblem(r *rand.Rand, dtype dtypes.DType) Problem {
	p := Problem{DType: dtype}
	lists := []*[]Axis{&p.Batch, &p.M, &p.N, &p.K}
	for _, l := range lists {
		total := 1
		for range r.IntN(4) {
			n := []int{1, 2, 3, 5, 8, 17, 33}[r.IntN(7)]
			if total*n > 70 {
				continue
			}
			if r.IntN(40) == 0 {
				n = 0
			}
			total *= max(1, n)
			*l = append(*l, Axis{Size: n})
		}
	}
	// Each array's axes get strides in a random order.
	place := func(set func(x *Axis, stride int), in ...int) {
		var axes []*Axis
		for _, i := range in {
			for j := range *lists[i] {
				axes = append(axes, &(*lists[i])[j])
			}
		}
		if r.IntN(2) == 0 {
			r.Shuffle(len(axes), func(i, j int) { axes[i], axes[j] = axes[j], axes[i] })
		}
		unit := 1 + r.IntN(5)/4
		for i := len(axes) - 1; i >= 0; i-- {
			stride := unit
			unit *= max(1, axes[i].Size)
			if r.IntN(6) == 0 {
				unit += r.IntN(3)
			}
			if r.IntN(10) == 0 {
				stride = -stride
			}
			set(axes[i], stride)
		}
	}
	place(func(x *Axis, s int) { x.A = s }, 0, 1, 3)
	place(func(x *Axis, s int) { x.B = s }, 0, 2, 3)
	place(func(x *Axis, s int) { x.C = s }, 0, 1, 2)
	for _, l := range lists {
		for i := range *l {
			x := &(*l)[i]
			if l != &p.N && r.IntN(8) == 0 {
				x.A = 0
			}
			if l != &p.M && r.IntN(8) == 0 {
				x.B = 0
			}
		}
	}
	return p
}

func TestRandomAxes(t *testing.T) {
	pools := somePools(t)
	eachKernel(t, func(t *testing.T, level string, dtype dtypes.DType) {
		r := rand.New(rand.NewPCG(3, 4))
		for range 300 {
			check(t, r, level, randomProblem(r, dtype), pools[1:])
		}
	})
}

// A convolution's sums run over windows: axes of A that share memory.
func TestWindows(t *testing.T) {
	pools := somePools(t)
	eachKernel(t, func(t *testing.T, level string, dtype dtypes.DType) {
		r := rand.New(rand.NewPCG(5, 6))
		for _, ci := range []int{1, 3, 16} {
			const batch, side, window, co = 3, 11, 3, 20
			out := side - window + 1
			image, row := side*side*ci, side*ci
			forward := Problem{
				DType: dtype,
				M:     []Axis{{batch, image, 0, out * out * co}, {out, row, 0, out * co}, {out, ci, 0, co}},
				N:     []Axis{{co, 0, 1, 1}},
				K:     []Axis{{window, row, window * ci * co, 0}, {window, ci, ci * co, 0}, {ci, 1, co, 0}},
			}
			check(t, r, level, forward, pools)
			gradient := Problem{
				DType: dtype,
				M:     []Axis{{window, row, 0, window * ci * co}, {window, ci, 0, ci * co}, {ci, 1, 0, co}},
				N:     []Axis{{co, 0, 1, 1}},
				K:     []Axis{{batch, image, out * out * co, 0}, {out, row, out * co, 0}, {out, ci, co, 0}},
			}
			check(t, r, level, gradient, pools)
		}
	})
}

func bench(b *testing.B, p Problem, pool *par.Pool) {
	plan, err := New(p)
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	x, y, c := newArray(r, p, ofA), newArray(r, p, ofB), newArray(r, p, ofC)
	for b.Loop() {
		plan.Run(pool, x.pointer(), y.pointer(), c.pointer(), nil)
	}
	b.ReportMetric(plan.FLOP()*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

func BenchmarkMatrix(b *testing.B) {
	pool := par.New(2)
	defer pool.Close()
	for _, s := range [][3]int{{64, 64, 64}, {128, 128, 128}, {256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024}, {2048, 2048, 2048},
		{64, 784, 256}, {128, 784, 256}, {784, 128, 256}, {1024, 128, 512}, {1024, 512, 128}, {128, 256, 10}} {
		for width, pool := range []*par.Pool{nil, pool} {
			b.Run(fmt.Sprintf("f32/%dx%dx%d/%d", s[0], s[1], s[2], width+1), func(b *testing.B) {
				bench(b, matrix(dtypes.Float32, s[0], s[2], s[1], false, false, false), pool)
			})
		}
	}
}
